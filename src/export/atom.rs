//! Atom 1.0 (RFC 4287), paged (RFC 5005).

use super::{
    feed::{Feed, Post},
    text::rfc3339,
    xml::Document,
};

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";

/// Writes the feed.
pub fn write(feed: &Feed) -> Vec<u8> {
    let mut document = Document::new(0);
    document.open("feed", &[("xmlns", NAMESPACE)]);
    document.text("id", &feed.id);
    document.text("title", &feed.title);
    document.text("subtitle", &feed.description);
    document.text("updated", &rfc3339(feed.updated().unwrap_or_default()));
    let links = [
        ("self", "application/atom+xml", Some(&feed.self_url)),
        ("alternate", "text/html", Some(&feed.home_url)),
        ("next", "application/atom+xml", feed.next_url.as_ref()),
    ];
    for (rel, kind, href) in links {
        if let Some(href) = href {
            document.empty("link", &[("rel", rel), ("type", kind), ("href", href)]);
        }
    }
    document.text("generator", "siftwire");
    for post in &feed.posts {
        entry(&mut document, post);
    }
    document.close("feed");
    document.into_bytes()
}

fn entry(document: &mut Document, post: &Post) {
    match post.language.as_deref() {
        Some(language) => document.open("entry", &[("xml:lang", language)]),
        None => document.open("entry", &[]),
    }
    document.text("id", &post.id);
    document.text("title", post.shown_title());
    document.empty("link", &[("rel", "alternate"), ("href", &post.url)]);
    for (title, url) in &post.related {
        document.empty("link", &[("rel", "related"), ("title", title), ("href", url)]);
    }
    document.text("published", &rfc3339(post.published));
    document.text("updated", &rfc3339(post.updated));
    if post.authors.is_empty() {
        author(document, &post.source);
    }
    for name in &post.authors {
        author(document, name);
    }
    for tag in &post.tags {
        document.empty("category", &[("term", tag)]);
    }
    if let Some(summary) = &post.summary {
        document.text("summary", summary);
    }
    document.close("entry");
}

fn author(document: &mut Document, name: &str) {
    document.open("author", &[]);
    document.text("name", name);
    document.close("author");
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
