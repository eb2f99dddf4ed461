//! Reader comments in a page: who, when, what, in answer to whom.
//!
//! One walk notes what the names of each element say ([`words`], [`page`]); elements that are comments are chosen
//! ([`items`]) and read ([`fields`]). There is no rule per site: the words are those that systems of all kinds
//! use, in several languages.

mod author;
mod boxes;
mod fields;
mod forum;
mod items;
mod json;
mod nesting;
mod page;
mod remote;
mod words;

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::Html;
use url::Url;
use xxhash_rust::xxh3::xxh3_64;

use crate::domain::ExtractedComment;
use page::Page;

/// Comments kept of one page.
const MAX_COMMENTS: usize = 10_000;

/// The comments of a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Threads {
    /// In page order.
    pub comments: Vec<ExtractedComment>,
    /// The system that serves the comments: `wordpress`, `blogger`, `disqus` ...
    pub provider: Option<String>,
    /// Subtrees that are no part of the article: comments, forms for them, their headings.
    pub nodes: HashSet<NodeId>,
    /// Whether the page is a forum thread: its posts are the content, the first one is the text.
    pub is_thread_page: bool,
    /// How many comments the page says it has, here or with a remote provider.
    pub declared_count: Option<u32>,
}

/// Finds the comments of a page. `url` makes addresses absolute.
///
/// At most 10,000 comments and 200,000 elements are read. Time is linear in the size of the page.
pub fn find(document: &Html, url: Option<&Url>) -> Threads {
    let page = Page::read(document);
    let data = json::read(&page);
    let mut items = items::find(&page);
    items.truncate(MAX_COMMENTS);
    let is_thread_page = data.is_thread || forum::is_thread(&page);
    let opening = if is_thread_page { forum::opening_post(&page, &items) } else { None };
    let mut comments = read_items(&page, &items, opening, url);
    if comments.is_empty() {
        comments = data.comments;
        comments.truncate(MAX_COMMENTS);
    }
    let local = || if data.discourse { Some("discourse") } else { remote::local(&page) };
    let provider = match remote::remote(&page) {
        Some(remote) if comments.is_empty() => Some(remote),
        remote => {
            if comments.is_empty() {
                None
            } else {
                local().or(remote)
            }
        }
    };
    Threads {
        nodes: boxes::find(&page, &items, opening),
        provider: provider.map(str::to_owned),
        is_thread_page,
        declared_count: data.count.or_else(|| boxes::declared_count(&page)),
        comments,
    }
}

/// Reads the chosen elements. The opening post of a forum thread is no comment.
fn read_items(
    page: &Page<'_>,
    items: &[items::Item],
    opening: Option<usize>,
    url: Option<&Url>,
) -> Vec<ExtractedComment> {
    let inner = inner_items(items);
    let parents = nesting::parents(page, items);
    let mut ids: Vec<Option<String>> = Vec::with_capacity(items.len());
    let mut taken: HashMap<String, usize> = HashMap::new();
    let mut comments = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let nested: Vec<usize> = inner[place].iter().map(|&at| items[at].index).collect();
        let region = fields::Region::new(page, item.index, &nested);
        let text = region.text();
        if item.ping || opening == Some(place) || !says_something(&text) {
            ids.push(None);
            continue;
        }
        let (author, author_url) = region.author(url);
        let published = region.published();
        let id = item
            .id
            .clone()
            .unwrap_or_else(|| made_up_id(&mut taken, author.as_deref(), published, &text));
        ids.push(Some(id.clone()));
        let parent = parents[place].and_then(|outer| ids.get(outer).cloned().flatten());
        comments.push(ExtractedComment { id, parent, author, author_url, published, text });
    }
    comments
}

/// A number alone is a count or a vote.
fn says_something(text: &str) -> bool {
    text.chars().any(|c| !c.is_ascii_digit() && !c.is_ascii_punctuation() && !c.is_whitespace())
}

/// For each comment, the outermost comments within.
fn inner_items(items: &[items::Item]) -> Vec<Vec<usize>> {
    let mut inner = vec![Vec::new(); items.len()];
    for (place, item) in items.iter().enumerate() {
        if let Some(outer) = item.within {
            inner[outer].push(place);
        }
    }
    inner
}

/// The same on every read of the same page.
fn made_up_id(
    taken: &mut HashMap<String, usize>,
    author: Option<&str>,
    published: Option<jiff::Timestamp>,
    text: &str,
) -> String {
    let seconds = published.map(jiff::Timestamp::as_second);
    let digest = xxh3_64(format!("{author:?} {seconds:?} {text}").as_bytes());
    let id = format!("x{digest:016x}");
    let times = taken.entry(id.clone()).or_insert(0);
    *times += 1;
    if *times == 1 { id } else { format!("{id}-{times}") }
}
