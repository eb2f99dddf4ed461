//! What the worker asks of the extraction room, in one place. Runs off the network threads.

use jiff::Timestamp;
use url::Url;

use super::{drafts, error::CrawlError, sitemap};
use crate::{
    domain::{EntryDraft, Extracted, ExtractedComment, FeedEntry, SourceKind},
    extract::{
        feed::{self, FeedLimits},
        page::{self, PageLimits},
    },
};

/// An answer to be read.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) url: Url,
    pub(super) content_type: Option<String>,
}

/// What a source said.
#[derive(Debug, Default)]
pub(super) struct SourceContent {
    pub(super) title: Option<String>,
    pub(super) site_url: Option<String>,
    pub(super) language: Option<String>,
    pub(super) ttl_minutes: Option<u32>,
    pub(super) repairs: Vec<String>,
    pub(super) entries: Vec<EntryDraft>,
    /// When its entries appeared.
    pub(super) dates: Vec<Timestamp>,
    /// Sitemaps that an index names, newest first.
    pub(super) sitemaps: Vec<Url>,
}

/// Reads the body of a source of the given kind; at most `max_entries` of its entries.
pub(super) fn source(
    kind: SourceKind,
    answer: &Answer,
    max_entries: usize,
    now: Timestamp,
) -> Result<SourceContent, CrawlError> {
    match kind {
        SourceKind::Feed => feed_source(answer, max_entries, now),
        SourceKind::Sitemap => sitemap_source(answer, max_entries, now),
        SourceKind::Page => page_source(answer, now),
    }
}

/// Reads an article's page.
pub(super) fn article(answer: &Answer) -> Result<Extracted, CrawlError> {
    if let Some(content_type) = answer.content_type.as_deref().filter(|kind| !may_be_page(kind)) {
        return Err(CrawlError::NotAPage { content_type: content_type.to_owned() });
    }
    let content_type = answer.content_type.as_deref();
    page::extract(&answer.body, Some(&answer.url), content_type, &PageLimits::default())
        .map_err(|error| unreadable(error.code(), &error))
}

/// Reads a comment feed.
pub(super) fn comment_feed(answer: &Answer) -> Result<Vec<ExtractedComment>, CrawlError> {
    let parsed = parse_feed(answer)?;
    Ok(feed::comments_from_feed(&parsed))
}

fn parse_feed(answer: &Answer) -> Result<crate::domain::ParsedFeed, CrawlError> {
    let content_type = answer.content_type.as_deref();
    feed::parse(&answer.body, Some(&answer.url), content_type, &FeedLimits::default())
        .map_err(|error| unreadable(error.code(), &error))
}

fn feed_source(
    answer: &Answer,
    max_entries: usize,
    now: Timestamp,
) -> Result<SourceContent, CrawlError> {
    let parsed = parse_feed(answer)?;
    let content = SourceContent {
        title: parsed.title,
        site_url: parsed.link,
        language: parsed.language,
        ttl_minutes: parsed.ttl_minutes,
        repairs: parsed.repairs,
        ..SourceContent::default()
    };
    Ok(with_items(content, parsed.entries, answer, max_entries, now))
}

fn sitemap_source(
    answer: &Answer,
    max_entries: usize,
    now: Timestamp,
) -> Result<SourceContent, CrawlError> {
    let parsed = sitemap::parse(&answer.body).map_err(|error| unreadable(error.code(), &error))?;
    let mut content = SourceContent { repairs: parsed.repairs, ..SourceContent::default() };
    match parsed.sitemap {
        sitemap::Sitemap::Index(mut children) => {
            children.sort_by_key(|child| std::cmp::Reverse(child.lastmod));
            content.sitemaps = children.into_iter().map(|child| child.url).collect();
            Ok(content)
        }
        sitemap::Sitemap::Pages(pages) => {
            let pages = sitemap::select(pages, None, max_entries);
            let items = pages.into_iter().map(drafts::item_of).collect();
            Ok(with_items(content, items, answer, max_entries, now))
        }
    }
}

/// A watched page is one entry, which changes when its text does.
fn page_source(answer: &Answer, now: Timestamp) -> Result<SourceContent, CrawlError> {
    let extracted = article(answer)?;
    let item = FeedEntry {
        id: answer.url.to_string(),
        link: Some(answer.url.to_string()),
        title: extracted.title.clone(),
        published: extracted.published,
        content: Some(extracted.html),
        ..FeedEntry::default()
    };
    let content = SourceContent {
        title: extracted.title,
        language: extracted.language,
        ..SourceContent::default()
    };
    Ok(with_items(content, vec![item], answer, 1, now))
}

fn with_items(
    mut content: SourceContent,
    items: Vec<FeedEntry>,
    answer: &Answer,
    max_entries: usize,
    now: Timestamp,
) -> SourceContent {
    content.dates = items.iter().filter_map(drafts::date_of).collect();
    let (entries, total) = drafts::from_items(items, &answer.url, max_entries, now);
    if total > entries.len() {
        content.repairs.push(format!("only {} of {total} entries were read", entries.len()));
    }
    content.entries = entries;
    content
}

fn may_be_page(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.is_empty() || kind.contains("html") || kind.contains("xml") || kind == "text/plain"
}

fn unreadable(code: &'static str, error: &dyn std::fmt::Display) -> CrawlError {
    CrawlError::Unreadable { code, message: error.to_string() }
}
