//! What a page says about feeds.

use std::sync::LazyLock;

use scraper::{ElementRef, Html, Selector};
use url::Url;

use crate::extract::xml_text::clean;

/// Announced feeds that are looked at.
const MAX_ANNOUNCED: usize = 8;
/// Linked addresses that are looked at.
const MAX_LINKED: usize = 5;
/// Bytes of a page that are read for links; they stand in its head or its foot.
const MAX_PAGE: usize = 2 << 20;

/// Addresses in a page that may be feeds, in page order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    /// By `<link rel="alternate">` with the type of a feed.
    pub announced: Vec<Announced>,
    /// What the page calls itself.
    pub title: Option<String>,
    /// By an ordinary link whose address or text looks like a feed's.
    pub linked: Vec<Url>,
}

/// A feed that a page announces.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Announced {
    pub url: Url,
    pub title: Option<String>,
}

static TITLE: LazyLock<Selector> = LazyLock::new(|| selector("head > title"));
static BASE: LazyLock<Selector> = LazyLock::new(|| selector("base[href]"));
static LINKS: LazyLock<Selector> = LazyLock::new(|| selector("link[rel][href]"));
static ANCHORS: LazyLock<Selector> = LazyLock::new(|| selector("a[href]"));

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a valid selector")
}

impl Links {
    /// Reads a page that came from `url`.
    pub fn find(html: &str, url: &Url) -> Self {
        let mut end = html.len().min(MAX_PAGE);
        while !html.is_char_boundary(end) {
            end -= 1;
        }
        let page = Html::parse_document(&html[..end]);
        let base = page.select(&BASE).next().and_then(|base| base.attr("href"));
        let base = base.and_then(|base| url.join(base).ok()).unwrap_or_else(|| url.clone());
        let title =
            page.select(&TITLE).next().map(|title| clean(&title.text().collect::<String>()));
        let mut links = Self { title: title.filter(|title| !title.is_empty()), ..Self::default() };
        for link in page.select(&LINKS).filter(announces_feed) {
            let Some(url) = target(&link, &base) else { continue };
            let title = link.attr("title").map(str::trim).filter(|title| !title.is_empty());
            if !links.announced.iter().any(|known| known.url == url) {
                links.announced.push(Announced { url, title: title.map(str::to_owned) });
            }
        }
        // Those for comments last, so that a limit never costs the main feed.
        links.announced.sort_by_key(|link| {
            is_comment_feed(&link.url, link.title.as_deref().unwrap_or_default())
        });
        links.announced.truncate(MAX_ANNOUNCED);
        for anchor in page.select(&ANCHORS) {
            let Some(url) = target(&anchor, &base) else { continue };
            let text: String = anchor.text().take(4).collect();
            if (looks_like_feed_address(&url) || is_feed_word(&text))
                && !links.linked.contains(&url)
                && links.linked.len() < MAX_LINKED
            {
                links.linked.push(url);
            }
        }
        links
    }
}

fn announces_feed(link: &ElementRef<'_>) -> bool {
    let has = |name: &str, wanted: &str| {
        let value = link.attr(name).unwrap_or_default();
        value.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(wanted))
    };
    let kind = link.attr("type").unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_feed_type = matches!(
        kind,
        "application/rss+xml"
            | "application/atom+xml"
            | "application/rdf+xml"
            | "application/feed+json"
            | "application/json"
            | "application/xml"
            | "text/xml"
    );
    // Content systems announce their programming interface as JSON, too.
    let is_interface = kind == "application/json" && !link.attr("href").is_some_and(names_feed);
    (has("rel", "alternate") || has("rel", "feed")) && is_feed_type && !is_interface
}

fn names_feed(address: &str) -> bool {
    address.to_ascii_lowercase().contains("feed")
}

fn target(element: &ElementRef<'_>, base: &Url) -> Option<Url> {
    let href = element.attr("href")?.trim();
    let href = href.strip_prefix("feed:").unwrap_or(href);
    let mut url = base.join(href).ok()?;
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn looks_like_feed_address(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    let last = path.rsplit('/').next().unwrap_or_default();
    matches!(last, "feed" | "feeds" | "rss" | "rss2" | "atom" | "feed.json")
        || [".rss", ".rdf", ".atom"].iter().any(|end| last.ends_with(end))
        || (last.ends_with(".xml") && !last.contains("sitemap"))
        || path.ends_with("/feeds/posts/default")
}

fn is_feed_word(text: &str) -> bool {
    let word = text.trim().to_ascii_lowercase();
    matches!(
        word.as_str(),
        "rss" | "atom" | "feed" | "rss feed" | "rss-feed" | "atom feed" | "json feed"
    )
}

/// Whether address or title say that a feed carries comments.
pub(super) fn is_comment_feed(url: &Url, title: &str) -> bool {
    /// "Comment" in the languages of blogs.
    const WORDS: &[&str] =
        &["comment", "kommentar", "coment", "commento", "reactie", "コメント", "评论"];
    let title = title.to_lowercase();
    url.path().split('/').any(|part| part.eq_ignore_ascii_case("comments"))
        || WORDS.iter().any(|word| title.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<html><head><base href="/blog/">
        <link rel="alternate" type="application/rss+xml" title="Blog &raquo; Comments Feed" href="comments/feed/">
        <link rel="alternate" type="application/rss+xml; charset=utf-8" title="Blog" href="feed/">
        <link rel="ALTERNATE" type="application/atom+xml" href="https://feeds.ex.net/blog">
        <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
        <link rel="alternate" hreflang="de" href="/de/">
        <link rel="stylesheet" type="text/css" href="s.css">
        </head><body><a href="/sitemap.xml">Sitemap</a> <a href="/news.rdf#top">News</a>
        <a href="/x">RSS</a> <a href="mailto:feed">feed</a> <a href="/feeding-cats">cats</a></body></html>"#;

    #[test]
    fn announced_and_linked_feeds_are_found_in_order() {
        let url = Url::parse("https://ex.org/a/b").expect("test address");
        let links = Links::find(PAGE, &url);
        let announced: Vec<_> = links.announced.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(
            announced,
            [
                "https://ex.org/blog/feed/",
                "https://feeds.ex.net/blog",
                "https://ex.org/blog/comments/feed/",
            ]
        );
        assert_eq!(links.announced[0].title.as_deref(), Some("Blog"));
        let linked: Vec<_> = links.linked.iter().map(Url::as_str).collect();
        assert_eq!(linked, ["https://ex.org/news.rdf", "https://ex.org/x"]);
    }

    #[test]
    fn comment_feeds_are_known_by_address_or_title() {
        let url = |text: &str| Url::parse(text).expect("test address");
        assert!(is_comment_feed(&url("http://a/comments/feed/"), ""));
        assert!(is_comment_feed(&url("http://a/feed"), "Kommentare zu: X"));
        assert!(!is_comment_feed(&url("http://a/feed"), "News"));
    }
}
