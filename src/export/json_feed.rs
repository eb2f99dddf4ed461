//! JSON Feed 1.1 (jsonfeed.org/version/1.1).

use serde::Serialize;

use super::{
    feed::{Feed, Post},
    text::rfc3339,
};

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    description: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<&'a str>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    /// Required, and the summary is all we give.
    content_text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    /// An extension: the coverage of an incident.
    #[serde(rename = "_siftwire", skip_serializing_if = "Option::is_none")]
    extension: Option<Extension<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Extension<'a> {
    about: &'static str,
    coverage: Vec<Covered<'a>>,
}

#[derive(Serialize)]
struct Covered<'a> {
    title: &'a str,
    url: &'a str,
}

/// Writes the feed.
pub fn write(feed: &Feed) -> Vec<u8> {
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        description: &feed.description,
        home_page_url: &feed.home_url,
        feed_url: &feed.self_url,
        next_url: feed.next_url.as_deref(),
        items: feed.posts.iter().map(item).collect(),
    };
    serde_json::to_vec(&document).expect("plain data can be written as JSON")
}

fn item(post: &Post) -> Item<'_> {
    let summary = post.summary.as_deref();
    let authors = match post.authors.is_empty() {
        true => vec![Author { name: &post.source }],
        false => post.authors.iter().map(|name| Author { name }).collect(),
    };
    Item {
        id: &post.id,
        url: &post.url,
        title: post.shown_title(),
        content_text: summary.unwrap_or_else(|| post.shown_title()),
        summary,
        date_published: rfc3339(post.published),
        date_modified: rfc3339(post.updated),
        authors,
        language: post.language.as_deref(),
        tags: &post.tags,
        extension: extension(post),
    }
}

fn extension(post: &Post) -> Option<Extension<'_>> {
    let covered = post.related.iter().map(|(title, url)| Covered { title, url });
    (!post.related.is_empty()).then(|| Extension {
        about: "Articles that cover the incident",
        coverage: covered.collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::export::samples;

    #[test]
    fn a_feed_is_written_as_the_standard_has_it() {
        let feed: Value = serde_json::from_slice(&write(&samples::feed())).expect("JSON");
        insta::assert_json_snapshot!(feed);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(title in any::<String>(), summary in any::<String>()) {
            let bytes = write(&samples::feed_with(&title, &summary));
            let feed: Value = serde_json::from_slice(&bytes).expect("JSON");
            let item = &feed["items"][0];
            prop_assert!(item["id"].is_string() && item["content_text"].is_string());
            if !title.trim().is_empty() {
                prop_assert_eq!(item["title"].as_str(), Some(title.as_str()));
            }
        }
    }
}
