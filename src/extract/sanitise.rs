//! Foreign HTML to HTML that is safe to show, and to plain text.

mod plain;
mod tag;
mod tame;

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use ammonia::{Builder, UrlRelative};
use url::Url;

pub use plain::{BlockText, is_block, plain_text};
pub use tame::tame;
use tame::tame_with_pictures;

/// Elements that survive. All others are unwrapped: their content stays.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Elements that go with all they hold.
const DROPPED_WHOLE: &[&str] = &[
    "applet", "audio", "button", "canvas", "embed", "form", "frameset", "iframe", "math",
    "noembed", "noframes", "noscript", "object", "script", "select", "style", "svg", "template",
    "textarea", "title", "video", "xmp",
];

const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "title"]),
    ("img", &["src", "alt", "title", "width", "height"]),
    ("ol", &["start", "reversed"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("time", &["datetime"]),
    ("blockquote", &["cite"]),
    ("q", &["cite"]),
];

thread_local! {
    /// One builder a thread, since only the base address differs between calls.
    static BUILDER: RefCell<Builder<'static>> = RefCell::new(builder());
}

fn builder() -> Builder<'static> {
    let attributes: HashMap<_, HashSet<_>> =
        ATTRIBUTES.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(DROPPED_WHOLE.iter().copied().collect())
        .tag_attributes(attributes)
        .generic_attributes(["dir", "lang"].into_iter().collect())
        .url_schemes(["http", "https", "mailto"].into_iter().collect())
        .link_rel(Some("noopener noreferrer nofollow ugc"));
    builder
}

/// The safe part of an HTML fragment: text, structure, links (`http`, `https`, `mailto`) and pictures (`http`, `https`).
///
/// Addresses become absolute with `base`; relative ones go where there is none. Links say
/// `rel="noopener noreferrer nofollow ugc"`. Pictures that load late are given their real address, tracking
/// pixels go. Time and memory are linear in the input, which is cut where it passes the limits of [`tame`].
pub fn sanitise(html: &str, base: Option<&Url>) -> String {
    let tamed = tame_with_pictures(html);
    BUILDER.with_borrow_mut(|builder| {
        builder.url_relative(match base {
            Some(base) => UrlRelative::RewriteWithBase(base.clone()),
            None => UrlRelative::Deny,
        });
        builder.clean(&tamed).to_string()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(html: &str) -> String {
        sanitise(html, Url::parse("https://ex.org/blog/post").ok().as_ref())
    }

    #[test]
    fn active_content_goes_and_text_stays() {
        assert_eq!(
            clean(
                "<p onclick=x() style='color:red' class=a id=b>Hi <script>alert(1)</script>there</p>"
            ),
            "<p>Hi there</p>"
        );
        assert_eq!(clean("<iframe src=https://x.org>fallback</iframe>a"), "a");
        assert_eq!(clean("<article><p>a</p></article>"), "<p>a</p>");
        assert_eq!(clean("<noscript><img src=/a.png></noscript>a"), "a");
    }

    #[test]
    fn links_are_absolute_marked_and_of_safe_schemes() {
        let rel = "rel=\"noopener noreferrer nofollow ugc\"";
        assert_eq!(
            clean("<a href='../x?a=1&amp;b=2' target=_blank>x</a>"),
            format!("<a href=\"https://ex.org/x?a=1&amp;b=2\" {rel}>x</a>")
        );
        for bad in ["javascript:alert(1)", "JaVa\tscript:x", "data:text/html,x", "vbscript:x"] {
            assert!(!clean(&format!("<a href='{bad}'>x</a>")).contains("href"), "{bad}");
        }
        assert!(clean("<a href='mailto:a@ex.org'>x</a>").contains("mailto:a@ex.org"));
        assert!(!sanitise("<a href=/x>x</a>", None).contains("href"));
    }

    #[test]
    fn pictures_keep_their_real_address() {
        assert_eq!(clean("<img src=/a.png alt=A>"), r#"<img src="https://ex.org/a.png" alt="A">"#);
        assert_eq!(
            clean(
                r#"<img src="data:image/gif;base64,R0l" data-src="//cdn.ex.org/a.jpg" alt='say "hi"'>"#
            ),
            r#"<img src="https://cdn.ex.org/a.jpg" alt="say &quot;hi&quot;">"#
        );
        assert_eq!(
            clean("<img srcset='/s.jpg 100w, /l.jpg 900w' alt=x>"),
            r#"<img src="https://ex.org/l.jpg" alt="x">"#
        );
        assert_eq!(clean("a<img src='data:image/png;base64,xx'>"), "a");
        assert_eq!(clean("a<img src='mailto:x@ex.org'>"), "a");
    }

    #[test]
    fn tracking_pixels_go() {
        for pixel in [
            "<img src=https://t.ex/p width=1 height=1>",
            "<img src='https://t.ex/p' width='1px' height=\"0\" alt=''>",
            "<img src=https://t.ex/p style='width: 1px; height: 1px'>",
            "<IMG SRC=https://t.ex/p STYLE='display:none'>",
            "<img src=https://pixel.wp.com/b.gif?x=1>",
        ] {
            assert_eq!(clean(pixel), "", "{pixel}");
        }
        assert!(clean("<img src=/rule.png width=1 height=200>").contains("rule.png"));
    }

    #[test]
    fn hostile_nesting_costs_linear_time() {
        let many = 100_000;
        for open in
            ["<div>", "<b>", "<font a=1>", "<table>", "<svg>", "<rt>", "<svg><td>", "<p><b>x</p>"]
        {
            let html = open.repeat(many) + "end";
            assert!(clean(&html).len() < 30 * html.len(), "{open}");
        }
        let fonts: String = (0..many).map(|n| format!("<div><i a={n}>x</div>")).collect();
        assert!(clean(&fonts).len() < 20 * fonts.len());
        let attributes: String = (0..many).map(|n| format!(" a{n}")).collect();
        assert_eq!(clean(&format!("<p{attributes}>a")), "a");
    }

    #[test]
    fn long_text_is_parted_without_a_trace() {
        let text = "é&amp; «x» ".repeat(5_000);
        assert_eq!(clean(&format!("<p>{text}</p>")), format!("<p>{text}</p>"));
    }

    proptest! {
        #[test]
        fn whatever_comes_nothing_active_leaves(html in r#"(<(/?(a|img|p|b|svg|math|style|script|noscript|table|td|template|title|xmp|select))( (href|src|onerror|style|data-src|srcset)=["']?[a-z:/,"' ]{0,12}["']?)?[ />]|[a-z<&;"' -]{0,8}){0,30}"#) {
            let safe = clean(&html);
            let again = scraper::Html::parse_fragment(&safe);
            for node in again.tree.nodes().filter_map(|node| node.value().as_element()) {
                let scaffold = matches!(node.name(), "html" | "head" | "body");
                prop_assert!(scaffold || TAGS.contains(&node.name()), "{}", node.name());
                prop_assert!(!node.attrs().any(|(name, _)| name.starts_with("on") || name == "style"));
            }
            plain_text(&html);
        }
    }
}
