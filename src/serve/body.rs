//! Crawled HTML made fit for our page. The text was sanitised when it was stored; here it is written
//! anew from a short list of elements, so that nothing else can reach a reader even if that failed.
//! Pictures become links: a reader's browser asks nothing of the publisher unless the reader does.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use scraper::{Html, Node, node::Element};
use url::Url;

/// Elements written as they are, without their attributes.
const KEPT: &[&str] = &[
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "del",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "q",
    "s",
    "samp",
    "small",
    "strong",
    "sub",
    "sup",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "var",
];
/// Elements of [`KEPT`] that find their own writing direction.
const DIRECTED: &[&str] = &["blockquote", "dd", "figcaption", "li", "p"];
/// Elements of [`KEPT`] that have no end.
const VOID: &[&str] = &["br", "hr"];
/// Elements whose content is not text to read.
const SKIPPED: &[&str] = &[
    "head", "iframe", "math", "noscript", "object", "script", "style", "svg", "template", "title",
];
const SCROLLING_TABLE: &str = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" \
    aria-label=\"Table\"><table class=\"data\">";
const SCROLLING_CODE: &str =
    "<pre class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Code\">";
/// Elements written; the rest of a page that is larger is left out.
const MAX_ELEMENTS: usize = 20_000;

/// A name to be underlined, under one of its spellings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub spelling: String,
    /// Kind of entity.
    pub kind: &'static str,
    pub href: String,
}

/// Finds names in text.
#[derive(Default)]
struct Underline<'a> {
    names: &'a [Name],
    finder: Option<AhoCorasick>,
}

impl<'a> Underline<'a> {
    fn new(names: &'a [Name]) -> Self {
        let spellings = names.iter().map(|name| name.spelling.as_str());
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(spellings);
        Self { names, finder: finder.ok().filter(|_| !names.is_empty()) }
    }

    /// Writes text with its names as links to their pages.
    fn write(&self, out: &mut String, text: &str) {
        let mut from = 0;
        let found = self.finder.iter().flat_map(|finder| finder.find_iter(text));
        for found in found.filter(|found| stands_alone(text, found.range())) {
            let name = &self.names[found.pattern().as_usize()];
            escape_into(out, &text[from..found.start()]);
            out.push_str("<a class=\"ent\" data-ent=\"");
            out.push_str(name.kind);
            out.push_str("\" href=\"");
            escape_into(out, &name.href);
            out.push_str("\">");
            escape_into(out, &text[found.range()]);
            out.push_str("</a>");
            from = found.end();
        }
        escape_into(out, &text[from..]);
    }
}

/// Whether a match is no part of a longer word.
fn stands_alone(text: &str, range: Range<usize>) -> bool {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// Rewrites `html` for an article page: known elements only, headings below our `h1`, tables and code in
/// regions that scroll, links that tell the other side nothing, pictures as links,
/// `names` underlined.
pub(super) fn readable(html: &str, names: &[Name]) -> String {
    let document = Html::parse_fragment(html);
    let mut writer = Writer { names: Underline::new(names), ..Writer::default() };
    let mut node = document.tree.root();
    // Not recursive: pages may be nested as deep as they like.
    loop {
        writer.enter(node.value());
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            writer.leave(node.value());
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => return writer.out,
            }
        }
    }
}

#[derive(Default)]
struct Writer<'a> {
    out: String,
    names: Underline<'a>,
    elements: usize,
    /// How many elements of [`SKIPPED`] are open.
    skipping: usize,
    /// How many links are open.
    links: usize,
    /// The open elements, each as it was written; `None` for one that was not.
    open: Vec<Option<&'static str>>,
    /// Level of the last heading, so that none is skipped.
    heading: u8,
}

impl Writer<'_> {
    fn enter(&mut self, node: &Node) {
        match node {
            Node::Text(text) if self.skipping == 0 && self.elements < MAX_ELEMENTS => {
                match self.links {
                    0 => self.names.write(&mut self.out, text),
                    _ => escape_into(&mut self.out, text),
                }
            }
            Node::Element(element) => self.open(element),
            _ => {}
        }
    }

    fn leave(&mut self, node: &Node) {
        if let Node::Element(element) = node {
            self.close(element.name());
        }
    }

    fn open(&mut self, element: &Element) {
        let name = element.name();
        self.skipping += usize::from(SKIPPED.contains(&name));
        let written = if self.skipping > 0 || self.elements >= MAX_ELEMENTS {
            None
        } else {
            self.elements += 1;
            self.start(name, element)
        };
        self.links += usize::from(name == "a");
        self.open.push(written);
    }

    fn close(&mut self, name: &str) {
        self.skipping -= usize::from(SKIPPED.contains(&name));
        self.links -= usize::from(name == "a");
        match self.open.pop().flatten() {
            Some("table") => self.out.push_str("</table></div>"),
            Some(written) => {
                self.out.push_str("</");
                self.out.push_str(written);
                self.out.push('>');
            }
            None => {}
        }
    }

    /// Writes the start of an element and gives its name, or nothing for elements that are passed through.
    fn start(&mut self, name: &str, element: &Element) -> Option<&'static str> {
        match name {
            "a" => self.start_link(element),
            "img" => {
                self.picture(element);
                None
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Some(self.start_heading(name)),
            "table" => {
                self.out.push_str(SCROLLING_TABLE);
                Some("table")
            }
            "pre" => {
                self.out.push_str(SCROLLING_CODE);
                Some("pre")
            }
            _ => self.start_plain(name),
        }
    }

    fn start_plain(&mut self, name: &str) -> Option<&'static str> {
        let kept = KEPT.iter().copied().find(|kept| *kept == name)?;
        self.out.push('<');
        self.out.push_str(kept);
        if DIRECTED.contains(&kept) {
            self.out.push_str(" dir=\"auto\"");
        }
        self.out.push('>');
        (!VOID.contains(&kept)).then_some(kept)
    }

    /// Below our own `h1`, and never more than one level below the heading before.
    fn start_heading(&mut self, name: &str) -> &'static str {
        let asked = name.as_bytes()[1] - b'0';
        self.heading = asked.clamp(2, self.heading.max(1) + 1).min(6);
        let written = ["h2", "h3", "h4", "h5", "h6"][usize::from(self.heading) - 2];
        self.out.push('<');
        self.out.push_str(written);
        self.out.push_str(" dir=\"auto\">");
        written
    }

    fn start_link(&mut self, element: &Element) -> Option<&'static str> {
        let address = element.attr("href").and_then(web_address)?;
        self.link_tag(&address, "");
        Some("a")
    }

    fn link_tag(&mut self, address: &str, class: &str) {
        self.out.push_str("<a");
        self.out.push_str(class);
        self.out.push_str(" href=\"");
        escape_into(&mut self.out, address);
        self.out.push_str("\" rel=\"noopener noreferrer nofollow ugc\">");
    }

    /// A link to the picture; inside another link, or without an address, its description alone.
    fn picture(&mut self, element: &Element) {
        let described = element.attr("alt").map(str::trim).filter(|text| !text.is_empty());
        let address = element.attr("src").and_then(web_address).filter(|_| self.links == 0);
        let end = match (&address, described) {
            (Some(address), _) => {
                self.link_tag(address, " class=\"picture\"");
                "</a>"
            }
            (None, Some(_)) => {
                self.out.push_str("<span class=\"picture\">");
                "</span>"
            }
            (None, None) => return,
        };
        self.out.push_str("Picture: ");
        escape_into(&mut self.out, described.unwrap_or("without description"));
        self.out.push_str(end);
    }
}

/// An absolute http, https or mailto address, else nothing.
fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https" | "mailto").then(|| url.into())
}

/// `text` as it may stand between tags and in quoted attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}

fn escape_into(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_text_is_left_out() {
        let html = "<p onclick=x style=y>a<script>alert(1)</script><b class=z>b</b></p><form><input>c</form>";
        assert_eq!(readable(html, &[]), "<p dir=\"auto\">a<b>b</b></p>c");
    }

    #[test]
    fn pictures_become_links() {
        assert_eq!(
            readable("<img src='https://ex.org/a.png?x=1&y=2' alt='A \"map\"'>", &[]),
            "<a class=\"picture\" href=\"https://ex.org/a.png?x=1&amp;y=2\" \
             rel=\"noopener noreferrer nofollow ugc\">Picture: A &quot;map&quot;</a>"
        );
        assert_eq!(
            readable(
                "<a href='https://ex.org/'><img src='https://ex.org/a.png' alt='map'></a>",
                &[]
            ),
            "<a href=\"https://ex.org/\" rel=\"noopener noreferrer nofollow ugc\">\
             <span class=\"picture\">Picture: map</span></a>"
        );
        assert_eq!(readable("<img src='data:image/png;base64,AA'>", &[]), "");
    }

    #[test]
    fn only_web_addresses_are_linked() {
        for address in
            ["javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x", "/relative"]
        {
            let html = format!("<a href=\"{address}\">x</a>");
            assert_eq!(readable(&html, &[]), "x", "{address}");
        }
    }

    #[test]
    fn headings_start_below_the_page_and_skip_no_level() {
        let html = "<h1>a</h1><h4>b</h4><h6>c</h6><h2>d</h2>";
        let levels: Vec<_> = readable(html, &[]).match_indices("<h").map(|(at, _)| at).collect();
        assert_eq!(levels.len(), 4);
        assert!(
            readable(html, &[]).starts_with("<h2 dir=\"auto\">a</h2><h3 dir=\"auto\">b</h3><h4")
        );
    }

    #[test]
    fn deep_nesting_is_read() {
        let html = format!("{}x{}", "<blockquote>".repeat(5_000), "</blockquote>".repeat(5_000));
        assert!(readable(&html, &[]).contains('x'));
    }

    proptest! {
        #[test]
        fn nothing_but_known_tags_comes_out(html in "[<>/a-z \"'=:&;!-]{0,200}") {
            let out = readable(&html, &[]);
            for (at, _) in out.match_indices('<') {
                let name: String = out[at + 1..]
                    .trim_start_matches('/')
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                let ours = ["a", "div", "span", "table", "pre", "h2", "h3", "h4", "h5", "h6"];
                prop_assert!(KEPT.contains(&name.as_str()) || ours.contains(&name.as_str()), "{out}");
            }
        }
    }

    #[test]
    fn names_are_underlined_where_they_stand_alone_and_not_within_links() {
        let name = |spelling: &str| Name {
            spelling: spelling.to_owned(),
            kind: "victim",
            href: "/victims/a&b".to_owned(),
        };
        let names = [name("Canon"), name("Canon Medical")];
        let link = |text: &str| {
            format!("<a class=\"ent\" data-ent=\"victim\" href=\"/victims/a&amp;b\">{text}</a>")
        };
        assert_eq!(
            readable("Canonical, Canon & Canon Medical", &names),
            format!("Canonical, {} &amp; {}", link("Canon"), link("Canon Medical"))
        );
        let linked = readable("<a href=\"https://ex.org/\">Canon</a>", &names);
        assert!(!linked.contains("ent"), "{linked}");
    }
}
