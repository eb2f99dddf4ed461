//! Comments in data that comes with a page: schema.org JSON-LD, Discourse's preloaded topic.

use scraper::Node;
use serde_json::Value;

use super::page::Page;
use crate::{
    domain::ExtractedComment,
    extract::{dates, sanitise::plain_text},
};

/// Data larger than this is not read, in bytes.
const MAX_DATA: usize = 8 << 20;
/// Values looked at in one page.
const MAX_VALUES: usize = 100_000;

/// What the data of a page says of its comments.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub comments: Vec<ExtractedComment>,
    pub count: Option<u32>,
    /// It calls the page a discussion or a question.
    pub is_thread: bool,
    pub discourse: bool,
}

/// Reads all data of the page.
pub(super) fn read(page: &Page<'_>) -> Data {
    let mut data = Data::default();
    for element in &page.elements {
        let tag = element.tag;
        if tag.name() == "script" && tag.attr("type").is_some_and(|kind| kind.contains("ld+json")) {
            let text = element.node.children().find_map(|node| match node.value() {
                Node::Text(text) => Some(&**text),
                _ => None,
            });
            if let Some(value) = text.and_then(parse) {
                linked_data(&value, &mut data);
            }
        } else if let Some(value) = tag.attr("data-preloaded").and_then(parse) {
            discourse(&value, &mut data);
        }
    }
    data
}

fn parse(text: &str) -> Option<Value> {
    (text.len() <= MAX_DATA).then(|| serde_json::from_str(text).ok()).flatten()
}

fn linked_data(root: &Value, data: &mut Data) {
    let mut open: Vec<(&Value, Option<String>)> = vec![(root, None)];
    let mut seen = 0;
    while let Some((value, parent)) = open.pop() {
        seen += 1;
        if seen > MAX_VALUES {
            return;
        }
        match value {
            Value::Array(values) => {
                open.extend(values.iter().rev().map(|value| (value, parent.clone())))
            }
            Value::Object(_) => {
                data.is_thread |=
                    ["DiscussionForumPosting", "QAPage"].iter().any(|kind| is_a(value, kind));
                data.count = data.count.or_else(|| count(&value["commentCount"]));
                let mut around = None;
                if (is_a(value, "Comment") || is_a(value, "UserComments"))
                    && let Some(comment) = linked_comment(value, parent.clone())
                {
                    around = Some(comment.id.clone());
                    data.comments.push(comment);
                }
                for name in ["comment", "@graph", "mainEntity", "mainEntityOfPage"] {
                    open.push((&value[name], around.clone()));
                }
            }
            _ => {}
        }
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match &value["@type"] {
        Value::String(name) => name == kind,
        Value::Array(names) => names.iter().any(|name| name == kind),
        _ => false,
    }
}

fn linked_comment(value: &Value, parent: Option<String>) -> Option<ExtractedComment> {
    let text = plain_text(value["text"].as_str().or_else(|| value["commentText"].as_str())?);
    let author = &value["author"];
    let name = author["name"].as_str().or_else(|| author.as_str());
    let date = ["dateCreated", "datePublished", "commentTime"]
        .iter()
        .find_map(|name| value[*name].as_str());
    let url = value["url"].as_str().or_else(|| value["@id"].as_str());
    let answered =
        value["parentItem"]["@id"].as_str().or_else(|| value["parentItem"]["url"].as_str());
    let id = match url {
        Some(url) => fragment_or_all(url),
        None => format!(
            "x{:016x}",
            xxhash_rust::xxh3::xxh3_64(format!("{name:?} {date:?} {text}").as_bytes())
        ),
    };
    (!text.is_empty()).then(|| ExtractedComment {
        id,
        parent: answered.map(fragment_or_all).or(parent),
        author: name.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned),
        author_url: author["url"].as_str().map(str::to_owned),
        published: date.and_then(dates::parse).map(|date| date.timestamp),
        text,
    })
}

fn fragment_or_all(url: &str) -> String {
    url.split_once('#').map_or(url, |(_, fragment)| fragment).to_owned()
}

fn count(value: &Value) -> Option<u32> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    u32::try_from(number).ok()
}

/// Discourse keeps the first posts of a topic as JSON texts in JSON.
fn discourse(preloaded: &Value, data: &mut Data) {
    let Some(topic) = preloaded.as_object().into_iter().flatten().find_map(|(name, value)| {
        name.starts_with("topic_").then(|| parse(value.as_str()?)).flatten()
    }) else {
        return;
    };
    let Some(posts) = topic["post_stream"]["posts"].as_array() else {
        return;
    };
    data.discourse = true;
    data.is_thread = true;
    data.count = count(&topic["posts_count"]).map(|posts| posts.saturating_sub(1)).or(data.count);
    // The first post is the topic itself.
    data.comments =
        posts.iter().filter(|post| post["post_number"] != 1).filter_map(discourse_post).collect();
}

fn discourse_post(post: &Value) -> Option<ExtractedComment> {
    let text = plain_text(post["cooked"].as_str()?);
    let number = post["post_number"].as_u64()?;
    let answered = post["reply_to_post_number"].as_u64().filter(|&answered| answered > 1);
    (!text.is_empty()).then(|| ExtractedComment {
        id: format!("post_{number}"),
        parent: answered.map(|answered| format!("post_{answered}")),
        author: post["username"].as_str().map(str::to_owned),
        author_url: None,
        published: post["created_at"].as_str().and_then(dates::parse).map(|date| date.timestamp),
        text,
    })
}
