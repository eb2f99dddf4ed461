//! Which system serves the comments of a page.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::page::Page;

/// Marks of services that load comments by script: a part of an address, an id, a class or an element's name.
const REMOTE: &[(&str, &[&str])] = &[
    ("disqus", &["disqus_thread", "disqus.com/embed.js", "disqus.com/count.js", "disqus-comments"]),
    (
        "openweb",
        &["spotim-launcher", "spot.im/launcher", "data-spotim-module", "openweb.com", "spotim"],
    ),
    ("viafoura", &["viafoura", "vf-comments", "vf-conversations"]),
    ("livefyre", &["livefyre"]),
    ("facebook", &["fb-comments", "fb:comments"]),
    (
        "coral",
        &[
            "coral_thread",
            "coral-comments",
            "coralproject",
            "coral_talk",
            ".coral.coralproject.net",
        ],
    ),
    ("giscus", &["giscus"]),
    ("utterances", &["utteranc.es", "utterances"]),
    ("hyvor", &["hyvor-talk", "talk.hyvor.com"]),
    ("isso", &["isso-thread", "/embed.min.js#isso"]),
    ("commento", &["commento"]),
    ("cusdis", &["cusdis"]),
    ("remark42", &["remark42"]),
    ("intensedebate", &["intensedebate", "idc-container"]),
    ("hypercomments", &["hypercomments"]),
    ("vuukle", &["vuukle"]),
    ("insticator", &["insticator-commenting", "insticator-unit-commenting"]),
    ("graphcomment", &["graphcomment"]),
    ("cackle", &["cackle.me", "mc-container"]),
    ("waline", &["waline"]),
    ("twikoo", &["twikoo"]),
    ("gitalk", &["gitalk"]),
    ("staticman", &["staticman"]),
];
/// Marks of systems that write comments into the page, in `meta name=generator` and in addresses of their files.
const LOCAL: &[(&str, &[&str])] = &[
    ("discourse", &["discourse"]),
    ("wordpress", &["wordpress", "wp-content/", "wp-includes/"]),
    ("blogger", &["blogger"]),
    ("drupal", &["drupal", "/sites/default/files/", "/core/misc/"]),
    ("typo3", &["typo3"]),
    ("ghost", &["ghost"]),
    ("substack", &["substackcdn.com"]),
    ("xenforo", &["xenforo"]),
    ("phpbb", &["phpbb"]),
    ("joomla", &["joomla"]),
];

static REMOTE_MARKS: LazyLock<Option<Marks>> = LazyLock::new(|| Marks::new(REMOTE));
static LOCAL_MARKS: LazyLock<Option<Marks>> = LazyLock::new(|| Marks::new(LOCAL));

/// Finds any mark of a table in one pass.
struct Marks {
    finder: AhoCorasick,
    names: Vec<&'static str>,
}

impl Marks {
    fn new(table: &[(&'static str, &[&str])]) -> Option<Self> {
        let names = table.iter().flat_map(|(name, marks)| marks.iter().map(|_| *name)).collect();
        let marks = table.iter().flat_map(|(_, marks)| *marks);
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(marks).ok()?;
        Some(Self { finder, names })
    }

    fn of(&self, text: &str) -> Option<&'static str> {
        self.names.get(self.finder.find(text)?.pattern().as_usize()).copied()
    }
}

/// The service that comments come from by script, if the page has one.
pub(super) fn remote(page: &Page<'_>) -> Option<&'static str> {
    let marks = REMOTE_MARKS.as_ref()?;
    page.elements.iter().find_map(|element| {
        let tag = element.tag;
        let own = Some(tag.name()).filter(|name| name.contains(['-', ':']));
        let source = tag.attr("src").filter(|_| tag.name() == "script");
        [tag.id(), tag.attr("class"), source, own]
            .into_iter()
            .flatten()
            .find_map(|text| marks.of(text))
    })
}

/// The system that made the page.
pub(super) fn local(page: &Page<'_>) -> Option<&'static str> {
    let marks = LOCAL_MARKS.as_ref()?;
    let generator = page.elements.iter().find_map(|element| {
        let tag = element.tag;
        let is_generator = tag.name() == "meta"
            && tag.attr("name").is_some_and(|name| name.eq_ignore_ascii_case("generator"));
        is_generator.then(|| marks.of(tag.attr("content")?)).flatten()
    });
    generator.or_else(|| {
        page.elements.iter().find_map(|element| {
            let file = match element.tag.name() {
                "link" => element.tag.attr("href"),
                "script" | "img" => element.tag.attr("src"),
                _ => None,
            };
            marks.of(file?)
        })
    })
}
