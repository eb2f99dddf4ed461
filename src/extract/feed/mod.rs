//! Feeds, sound and broken: RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0, CDF, JSON Feed.
//!
//! The bytes are decoded first. [`scanner`] then reads anything with entries in it and says what it mended; where
//! it leaves a gap in a feed, feed-rs ([`strict`]) is asked too. [`build`] makes addresses absolute, reads dates
//! and makes HTML safe.

mod build;
mod capture;
mod comments;
mod entities;
mod fields;
mod json;
mod markup;
mod names;
mod plain;
mod raw;
mod repairs;
mod scanner;
mod strict;

use std::rc::Rc;

use thiserror::Error;
use url::Url;

pub use comments::comments_from_feed;
use repairs::Repairs;

use super::charset::{Decoded, decode_xml};
use crate::domain::ParsedFeed;

/// How far into a body a feed's root is looked for when sniffing.
const SNIFF_WINDOW: usize = 4096;

/// Bounds of what one feed may cost. All but the first cut the feed short and are named in its repairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedLimits {
    /// Bytes of the feed, unpacked.
    pub max_bytes: usize,
    pub max_entries: usize,
    /// Elements within elements.
    pub max_depth: usize,
    /// Attributes of an element; also links, authors, categories and enclosures of an entry.
    pub max_attributes: usize,
    /// Bytes that entities declared by the feed may make.
    pub max_entity_bytes: usize,
    /// Bytes of one text.
    pub max_text_bytes: usize,
}

impl Default for FeedLimits {
    fn default() -> Self {
        Self {
            max_bytes: 16 << 20,
            max_entries: 2_000,
            max_depth: 128,
            max_attributes: 128,
            max_entity_bytes: 1 << 20,
            max_text_bytes: 4 << 20,
        }
    }
}

/// Why bytes could not be read as a feed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FeedError {
    #[error(
        "feed of {bytes} bytes is larger than the limit of {limit}; raise crawl.max_feed_bytes"
    )]
    TooLarge { bytes: usize, limit: usize },
    #[error("nothing in the feed: the answer is empty")]
    Empty,
    #[error("not a feed but {found}; give the address of its RSS, Atom or JSON feed")]
    NotAFeed { found: &'static str },
}

impl FeedError {
    /// Stable name of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "feed-too-large",
            Self::Empty => "feed-empty",
            Self::NotAFeed { .. } => "not-a-feed",
        }
    }
}

/// Reads a feed. `url` is where it came from, for relative links; `content_type` the HTTP header of that name.
///
/// # Errors
/// If it is no feed at all, or larger than the limit. Everything else is repaired as far as possible and told in
/// [`ParsedFeed::repairs`].
pub fn parse(
    bytes: &[u8],
    url: Option<&Url>,
    content_type: Option<&str>,
    limits: &FeedLimits,
) -> Result<ParsedFeed, FeedError> {
    if bytes.len() > limits.max_bytes {
        return Err(FeedError::TooLarge { bytes: bytes.len(), limit: limits.max_bytes });
    }
    let Decoded { text, repairs, .. } = decode_xml(bytes, content_type);
    let mut repairs = Repairs::from(repairs);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.is_empty() {
        return Err(FeedError::Empty);
    }
    let base = url.cloned().map(Rc::new);
    if start.starts_with(['{', '[']) {
        return match json::read(start, &base, limits, &mut repairs) {
            Some(raw) => Ok(build::build(raw, &base, repairs)),
            None => Err(FeedError::NotAFeed { found: "other JSON" }),
        };
    }
    let scan = scanner::scan(start, base.clone(), limits, &mut repairs);
    if let Some(found) = not_a_feed(&scan) {
        return Err(FeedError::NotAFeed { found });
    }
    note_leading_junk(start, &mut repairs);
    let sound = repairs.is_empty();
    let mut feed = build::build(scan.feed, &base, repairs);
    if sound || feed.entries.is_empty() {
        strict::fill_gaps(&mut feed, start, url);
    }
    Ok(feed)
}

/// Whether bytes are likely a feed, by their beginning and how they were served.
pub fn looks_like_feed(bytes: &[u8], content_type: Option<&str>) -> bool {
    let head = decode_xml(&bytes[..bytes.len().min(SNIFF_WINDOW)], content_type).text;
    let head = head.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if head.starts_with('{') {
        let served_as_feed = content_type.is_some_and(|kind| kind.contains("feed+json"));
        return served_as_feed || head.contains("jsonfeed.org/version");
    }
    let mut rest = head.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            let Some(end) = comment.find("-->") else { return false };
            rest = &comment[end..];
        } else if !rest.starts_with(['!', '?']) {
            let name =
                rest.split(|c: char| !c.is_alphanumeric() && c != ':').next().unwrap_or_default();
            let (_, local) = names::split(name);
            return matches!(local, "rss" | "feed" | "rdf" | "channel");
        }
    }
    false
}

/// What else the text is, if it has no feed in it.
fn not_a_feed(scan: &scanner::Scan<'_>) -> Option<&'static str> {
    let local = |name: Option<&str>| name.map(|name| names::split(name).1.to_ascii_lowercase());
    let first = local(scan.first);
    let found = match first.as_deref() {
        None => "plain text",
        Some("html") => "an HTML page",
        Some("urlset" | "sitemapindex") => "a sitemap",
        Some("opml") => "an OPML list",
        Some(_) => "something else",
    };
    match local(scan.root).as_deref() {
        None => Some(found),
        // A page may use such names for elements of its own.
        Some("item" | "entry" | "channel") if first.as_deref() == Some("html") => Some(found),
        Some(_) => None,
    }
}

fn note_leading_junk(text: &str, repairs: &mut Repairs) {
    if !text.starts_with('<') {
        repairs.note("text before the feed");
    }
}
