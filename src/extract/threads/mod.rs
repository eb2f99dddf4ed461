//! Reader comments in a page: who, when, what, in answer to whom.
//!
//! One walk notes what the names of each element say ([`words`], [`page`]); elements that are comments are chosen
//! ([`items`]) and read ([`fields`]). There is no rule per site: the words are those that systems of all kinds
//! use, in several languages.

mod author;
mod fields;
mod items;
mod page;
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
    let mut items = items::find(&page);
    items.truncate(MAX_COMMENTS);
    let mut threads = Threads::default();
    let inner = inner_items(&items);
    let mut ids: Vec<String> = Vec::with_capacity(items.len());
    let mut taken: HashMap<String, usize> = HashMap::new();
    for (place, item) in items.iter().enumerate() {
        let nested: Vec<usize> = inner[place].iter().map(|&at| items[at].index).collect();
        let region = fields::Region::new(&page, item.index, &nested);
        let (author, author_url) = region.author(url);
        let published = region.published();
        let text = region.text();
        let id = item
            .id
            .clone()
            .unwrap_or_else(|| made_up_id(&mut taken, author.as_deref(), published, &text));
        ids.push(id.clone());
        threads.nodes.insert(page.elements[item.index].node.id());
        if item.ping || text.is_empty() {
            continue;
        }
        let parent = item.within.map(|outer| ids[outer].clone());
        threads.comments.push(ExtractedComment { id, parent, author, author_url, published, text });
    }
    threads
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
