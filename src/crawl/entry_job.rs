//! Fetching one entry: from its address to an article for the store.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    client::{Accept, BodyShare, FetchError, FetchRequest},
    drafts,
    error::CrawlError,
    fetcher::Fetcher,
    merge::{self, Page},
    read::{self, Answer},
    schedule,
};
use crate::{
    domain::{Entry, EntryId, ExtractedComment, PageFetch, Source, SourceId},
    store::ArticleWrite,
};

/// Tries before an entry is given up, or stored with the feed's text alone.
const TRIES: u32 = 3;
/// Longest time before an entry is tried again.
const MAX_RETRY_S: u32 = 6 * 3_600;

/// What came of an entry.
#[derive(Debug)]
pub(super) struct EntryDone {
    pub(super) id: EntryId,
    pub(super) source_id: SourceId,
    pub(super) url: String,
    pub(super) result: Result<ArticleWrite, EntryFailure>,
    /// Held until the article is written.
    pub(super) share: BodyShare,
}

/// Why there is no article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntryFailure {
    pub(super) code: String,
    pub(super) message: String,
    /// When it is tried again; `None`: given up.
    pub(super) retry_at: Option<Timestamp>,
}

/// Fetches an entry.
pub(super) async fn run(
    fetcher: &Fetcher,
    entry: &Entry,
    source: &Source,
    pause: &mut Option<Duration>,
) -> EntryDone {
    let mut share = BodyShare::default();
    let result = article(fetcher, entry, source, pause, &mut share).await;
    match result {
        Ok(write) => done(entry, Ok(write), share),
        Err(error) => failed(entry, &error, Timestamp::now()),
    }
}

/// The outcome of an entry that gave no article.
pub(super) fn failed(entry: &Entry, error: &CrawlError, now: Timestamp) -> EntryDone {
    done(entry, Err(failure(entry, error, now)), BodyShare::default())
}

fn done(entry: &Entry, result: Result<ArticleWrite, EntryFailure>, share: BodyShare) -> EntryDone {
    let Entry { id, source_id, url, .. } = entry;
    EntryDone { id: *id, source_id: *source_id, url: url.clone(), result, share }
}

async fn article(
    fetcher: &Fetcher,
    entry: &Entry,
    source: &Source,
    pause: &mut Option<Duration>,
    share: &mut BodyShare,
) -> Result<ArticleWrite, CrawlError> {
    let url = Url::parse(&entry.url).map_err(|error| FetchError::BadUrl(error.to_string()))?;
    if source.fetch_pages == PageFetch::Never || drafts::is_part(&url) {
        return from_feed(fetcher, entry, source, pause).await;
    }
    match page(fetcher, &url, source, pause, share).await {
        Ok(page) => from_page(fetcher, entry, source, page, pause).await,
        Err(error) if will_retry(entry, &error) => Err(error),
        Err(error) => from_feed(fetcher, entry, source, pause).await.map_err(|_| error),
    }
}

async fn page(
    fetcher: &Fetcher,
    url: &Url,
    source: &Source,
    pause: &mut Option<Duration>,
    share: &mut BodyShare,
) -> Result<Page, CrawlError> {
    let request = FetchRequest::new(url.clone(), Accept::Page, fetcher.config.max_page_bytes);
    let fetched = fetcher.get(request, source.respect_robots, pause).await?;
    *share = fetched.share;
    if merge::leads_home(url, &fetched.final_url) {
        return Err(CrawlError::LedHome);
    }
    let answer = Answer {
        body: fetched.body,
        url: fetched.final_url.clone(),
        content_type: fetched.headers.content_type,
    };
    let extracted = fetcher.compute(move || read::article(&answer)).await??;
    Ok(Page { url: fetched.final_url, extracted })
}

async fn from_page(
    fetcher: &Fetcher,
    entry: &Entry,
    source: &Source,
    mut page: Page,
    pause: &mut Option<Duration>,
) -> Result<ArticleWrite, CrawlError> {
    let mut found = std::mem::take(&mut page.extracted.comments);
    if found.is_empty() {
        found = comments_from_feed(fetcher, entry, source, pause).await;
    }
    let article = merge::with_page(entry, source, page, Timestamp::now());
    if article.text.trim().is_empty() {
        return Err(CrawlError::NoText);
    }
    let comments = merge::comments(found);
    Ok(ArticleWrite { entry: Some(entry.id), article, comments })
}

async fn from_feed(
    fetcher: &Fetcher,
    entry: &Entry,
    source: &Source,
    pause: &mut Option<Duration>,
) -> Result<ArticleWrite, CrawlError> {
    let article = merge::from_feed(entry, source, Timestamp::now()).ok_or(CrawlError::NoText)?;
    let found = comments_from_feed(fetcher, entry, source, pause).await;
    let comments = merge::comments(found);
    Ok(ArticleWrite { entry: Some(entry.id), article, comments })
}

/// The comments that the entry's own comment feed has. An article does not fail for its comments.
async fn comments_from_feed(
    fetcher: &Fetcher,
    entry: &Entry,
    source: &Source,
    pause: &mut Option<Duration>,
) -> Vec<ExtractedComment> {
    let item = &entry.item;
    let Some(address) = item.comments_feed.as_deref().filter(|_| item.comment_count != Some(0))
    else {
        return Vec::new();
    };
    let found = read_comment_feed(fetcher, address, source, pause).await;
    found.unwrap_or_else(|error| {
        tracing::debug!(code = error.code(), %error, feed = address, "comments not read");
        Vec::new()
    })
}

async fn read_comment_feed(
    fetcher: &Fetcher,
    address: &str,
    source: &Source,
    pause: &mut Option<Duration>,
) -> Result<Vec<ExtractedComment>, CrawlError> {
    let url = Url::parse(address).map_err(|error| FetchError::BadUrl(error.to_string()))?;
    tokio::time::sleep(super::politeness::pause(&fetcher.config, &url)).await;
    let request = FetchRequest::new(url, Accept::Feed, fetcher.config.max_feed_bytes);
    let fetched = fetcher.get(request, source.respect_robots, pause).await?;
    let answer = Answer {
        body: fetched.body,
        url: fetched.final_url,
        content_type: fetched.headers.content_type,
    };
    fetcher.compute(move || read::comment_feed(&answer)).await?
}

fn will_retry(entry: &Entry, error: &CrawlError) -> bool {
    error.is_temporary() && entry.attempts < TRIES
}

fn failure(entry: &Entry, error: &CrawlError, now: Timestamp) -> EntryFailure {
    let retry_at = will_retry(entry, error).then(|| {
        let backoff = schedule::backoff_s(entry.attempts, rand::random(), MAX_RETRY_S);
        let asked = error.retry_after().and_then(|value| schedule::retry_after(value, now));
        let seconds = asked.map_or(backoff.into(), |wait| wait.as_secs().min(MAX_RETRY_S.into()));
        now + SignedDuration::from_secs(seconds as i64)
    });
    EntryFailure { code: error.code().to_owned(), message: error.to_string(), retry_at }
}
