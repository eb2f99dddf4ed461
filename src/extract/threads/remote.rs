//! Which system serves the comments of a page.

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

/// The service that comments come from by script, if the page has one.
pub(super) fn remote(page: &Page<'_>) -> Option<&'static str> {
    page.elements.iter().find_map(|element| {
        let tag = element.tag;
        let named = tag.id().into_iter().chain(tag.classes().take(8));
        let source = (tag.name() == "script").then(|| tag.attr("src")).flatten();
        let own = std::iter::once(tag.name()).filter(|name| name.contains(['-', ':']));
        let mut marks = named.chain(source).chain(own);
        marks.find_map(|mark| of(REMOTE, mark))
    })
}

/// The system that made the page.
pub(super) fn local(page: &Page<'_>) -> Option<&'static str> {
    let generator = page.elements.iter().find_map(|element| {
        let tag = element.tag;
        let is_generator = tag.name() == "meta"
            && tag.attr("name").is_some_and(|name| name.eq_ignore_ascii_case("generator"));
        is_generator.then(|| of(LOCAL, &tag.attr("content")?.to_ascii_lowercase())).flatten()
    });
    generator.or_else(|| {
        page.elements.iter().find_map(|element| {
            let tag = element.tag;
            let file = match tag.name() {
                "link" => tag.attr("href"),
                "script" | "img" => tag.attr("src"),
                _ => None,
            };
            of(LOCAL, file?)
        })
    })
}

fn of(table: &[(&'static str, &[&str])], mark: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(_, marks)| marks.iter().any(|known| mark.contains(known)))
        .map(|(name, _)| *name)
}
