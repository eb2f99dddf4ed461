//! RSS 2.0 (rssboard.org/rss-specification), with the authors of Dublin Core.

use jiff::Timestamp;

use super::{
    feed::{Feed, Post},
    xml::Document,
};

const NAMESPACES: &[(&str, &str)] = &[
    ("version", "2.0"),
    ("xmlns:atom", "http://www.w3.org/2005/Atom"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
];

/// Writes the feed.
pub fn write(feed: &Feed) -> Vec<u8> {
    let mut document = Document::new(0);
    document.open("rss", NAMESPACES);
    document.open("channel", &[]);
    document.text("title", &feed.title);
    document.text("link", &feed.home_url);
    document.text("description", &feed.description);
    let link = |document: &mut Document, rel, href: &str| {
        let attributes = [("href", href), ("rel", rel), ("type", "application/rss+xml")];
        document.empty("atom:link", &attributes);
    };
    link(&mut document, "self", &feed.self_url);
    if let Some(next) = &feed.next_url {
        link(&mut document, "next", next);
    }
    if let Some(updated) = feed.updated() {
        document.text("lastBuildDate", &rfc822(updated));
    }
    document.text("generator", "siftwire");
    for post in &feed.posts {
        item(&mut document, post);
    }
    document.close("channel");
    document.close("rss");
    document.into_bytes()
}

fn item(document: &mut Document, post: &Post) {
    document.open("item", &[]);
    document.text("title", post.shown_title());
    document.text("link", &post.url);
    document.text_with("guid", &[("isPermaLink", "true")], &post.id);
    document.text("pubDate", &rfc822(post.published));
    for author in &post.authors {
        document.text("dc:creator", author);
    }
    if post.authors.is_empty() {
        document.text("dc:creator", &post.source);
    }
    if let Some(language) = &post.language {
        document.text("dc:language", language);
    }
    for tag in &post.tags {
        document.text("category", tag);
    }
    if let Some(summary) = &post.summary {
        // Readers take a description as HTML: what is text here must be text there.
        document.text("description", &as_html(summary));
    }
    document.close("item");
}

/// Text as HTML that shows it.
fn as_html(text: &str) -> String {
    quick_xml::escape::minimal_escape(text).into_owned()
}

/// RFC 822 with a four-digit year, as RSS wants it.
fn rfc822(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::export::samples;

    #[test]
    fn a_feed_is_written_as_the_standard_has_it() {
        insta::assert_snapshot!(samples::text(write(&samples::feed())));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(title in "\\PC{1,60}", summary in any::<String>()) {
            let bytes = write(&samples::feed_with(&title, &summary));
            let read = feed_rs::parser::parse(bytes.as_slice()).expect("a feed");
            let found = read.entries[0].title.as_ref().map_or("", |title| title.content.as_str());
            if !title.trim().is_empty() {
                prop_assert_eq!(samples::letters(found), samples::letters(&title));
            }
        }
    }
}
