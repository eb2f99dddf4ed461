//! Fetching one source: from its address to a report for the store.

use std::{collections::HashSet, time::Duration};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    client::{Accept, BodyShare, FetchError, FetchRequest, Fetched},
    error::CrawlError,
    fetcher::Fetcher,
    read::{self, Answer, SourceContent},
    schedule::{self, Bounds, Signals},
};
use crate::{
    config::CrawlConfig,
    domain::{Health, HealthState, Source, SourceKind},
    store::FetchReport,
};

/// Sitemaps of one index that are read in one go.
const MAX_SITEMAPS: usize = 200;
/// Characters of an error that are kept.
const MAX_ERROR: usize = 500;

/// What came of a source.
#[derive(Debug)]
pub(super) struct SourceDone {
    pub(super) report: FetchReport,
    /// `ok`, `not-modified`, or the code of the error; for metrics.
    pub(super) outcome: String,
    /// Held until the report is written.
    pub(super) share: BodyShare,
}

/// A fetch that worked.
struct Visit {
    answer: Fetched,
    body_bytes: u64,
    body_hash: Option<String>,
    /// `None` where nothing changed since last time.
    content: Option<SourceContent>,
}

/// Fetches a source. Whatever happens is in the report.
pub(super) async fn run(
    fetcher: &Fetcher,
    source: &Source,
    pause: &mut Option<Duration>,
) -> SourceDone {
    match visit(fetcher, source, pause).await {
        Ok(visit) => success(source, visit, &fetcher.config, Timestamp::now()),
        Err(error) => failure(source, &error, &fetcher.config, Timestamp::now()),
    }
}

async fn visit(
    fetcher: &Fetcher,
    source: &Source,
    pause: &mut Option<Duration>,
) -> Result<Visit, CrawlError> {
    let mut answer =
        fetcher.get(request_for(source, fetcher)?, source.respect_robots, pause).await?;
    let health = &source.health;
    if answer.not_modified {
        let (body_bytes, body_hash) = (health.body_bytes, health.body_hash.clone());
        return Ok(Visit { answer, body_bytes, body_hash, content: None });
    }
    let body = std::mem::take(&mut answer.body);
    let body_bytes = body.len() as u64;
    let body_hash = blake3::hash(&body).to_hex()[..32].to_owned();
    if health.body_hash.as_ref() == Some(&body_hash) {
        return Ok(Visit { answer, body_bytes, body_hash: Some(body_hash), content: None });
    }
    let page = Answer {
        body,
        url: answer.final_url.clone(),
        content_type: answer.headers.content_type.clone(),
    };
    let mut content = read_source(fetcher, source.kind, page).await?;
    if content.sitemaps.is_empty() {
        return Ok(Visit {
            answer,
            body_bytes,
            body_hash: Some(body_hash),
            content: Some(content),
        });
    }
    read_index(fetcher, source, &mut content, pause).await;
    // An index stays the same while its sitemaps change: it is read whole each time.
    (answer.headers.etag, answer.headers.last_modified) = (None, None);
    Ok(Visit { answer, body_bytes, body_hash: None, content: Some(content) })
}

fn request_for(source: &Source, fetcher: &Fetcher) -> Result<FetchRequest, CrawlError> {
    let url = Url::parse(&source.url).map_err(|error| FetchError::BadUrl(error.to_string()))?;
    let (accept, max_bytes) = match source.kind {
        SourceKind::Feed => (Accept::Feed, fetcher.config.max_feed_bytes),
        SourceKind::Sitemap => (Accept::Any, fetcher.config.max_feed_bytes),
        SourceKind::Page => (Accept::Page, fetcher.config.max_page_bytes),
    };
    let mut request = FetchRequest::new(url, accept, max_bytes);
    request.etag.clone_from(&source.health.etag);
    request.last_modified.clone_from(&source.health.last_modified);
    Ok(request)
}

async fn read_source(
    fetcher: &Fetcher,
    kind: SourceKind,
    answer: Answer,
) -> Result<SourceContent, CrawlError> {
    let max_entries = fetcher.config.max_entries as usize;
    fetcher.compute(move || read::source(kind, &answer, max_entries, Timestamp::now())).await?
}

/// Reads the sitemaps of an index, and of indexes in it, until there are entries enough. One that fails is
/// named among the repairs and does not stop the others.
async fn read_index(
    fetcher: &Fetcher,
    source: &Source,
    content: &mut SourceContent,
    pause: &mut Option<Duration>,
) {
    let mut queue: Vec<Url> = content.sitemaps.drain(..).rev().collect();
    let mut seen: HashSet<Url> = queue.iter().cloned().collect();
    for _ in 0..MAX_SITEMAPS {
        let room = (fetcher.config.max_entries as usize).saturating_sub(content.entries.len());
        let Some(url) = queue.pop().filter(|_| room > 0) else { return };
        tokio::time::sleep(super::politeness::pause(&fetcher.config, &url)).await;
        match read_sitemap(fetcher, source, url.clone(), pause).await {
            Ok(mut part) => {
                part.entries.truncate(room);
                content.entries.append(&mut part.entries);
                content.dates.append(&mut part.dates);
                part.sitemaps.retain(|url| seen.len() < MAX_SITEMAPS && seen.insert(url.clone()));
                queue.extend(part.sitemaps.into_iter().rev());
            }
            Err(error) => content.repairs.push(format!("sitemap {url}: {error}")),
        }
    }
}

async fn read_sitemap(
    fetcher: &Fetcher,
    source: &Source,
    url: Url,
    pause: &mut Option<Duration>,
) -> Result<SourceContent, CrawlError> {
    let request = FetchRequest::new(url, Accept::Any, fetcher.config.max_feed_bytes);
    let answer = fetcher.get(request, source.respect_robots, pause).await?;
    let page = Answer {
        body: answer.body,
        url: answer.final_url,
        content_type: answer.headers.content_type,
    };
    read_source(fetcher, SourceKind::Sitemap, page).await
}

fn success(source: &Source, visit: Visit, config: &CrawlConfig, now: Timestamp) -> SourceDone {
    let Visit { answer, body_bytes, body_hash, content } = visit;
    let outcome = if content.is_some() { "ok" } else { "not-modified" };
    let interval_s = interval(source, &answer, content.as_ref(), config, now);
    let mut health = Health {
        http_status: Some(answer.status),
        error_code: None,
        error: None,
        failures: 0,
        last_attempt: Some(now),
        last_success: Some(now),
        next_try: Some(now + SignedDuration::from_secs(interval_s.into())),
        interval_s,
        body_bytes,
        body_hash,
        ..source.health.clone()
    };
    if !answer.not_modified || answer.headers.etag.is_some() {
        health.etag = answer.headers.etag;
    }
    if !answer.not_modified || answer.headers.last_modified.is_some() {
        health.last_modified = answer.headers.last_modified;
    }
    let content = match content {
        Some(content) => {
            health.repairs.clone_from(&content.repairs);
            health.entries = content.entries.len() as u32;
            health.newest_entry = content.dates.iter().max().copied();
            content
        }
        None => SourceContent::default(),
    };
    health.state =
        if health.repairs.is_empty() { HealthState::Well } else { HealthState::Repaired };
    SourceDone {
        report: FetchReport {
            source_id: source.id,
            health,
            moved_to: answer.permanent_url.map(String::from),
            disable: false,
            title: content.title,
            site_url: content.site_url,
            language: content.language,
            entries: content.entries,
        },
        outcome: outcome.to_owned(),
        share: answer.share,
    }
}

fn interval(
    source: &Source,
    answer: &Fetched,
    content: Option<&SourceContent>,
    config: &CrawlConfig,
    now: Timestamp,
) -> u32 {
    let headers = answer.headers.clone();
    let Some(content) = content else {
        let signals = Signals { headers, ..Signals::default() };
        return schedule::after_no_change(&signals, source.health.interval_s, bounds(config));
    };
    let signals = Signals { headers, ttl_minutes: content.ttl_minutes, published: &content.dates };
    schedule::after_change(&signals, bounds(config), now)
}

/// The report on a source that could not be read.
pub(super) fn failure(
    source: &Source,
    error: &CrawlError,
    config: &CrawlConfig,
    now: Timestamp,
) -> SourceDone {
    let gone = error.status() == Some(410);
    let failures = source.health.failures.saturating_add(1);
    let dice = rand::random::<f64>();
    let next_try =
        schedule::after_failure(error.retry_after(), failures, dice, bounds(config), now);
    let mut message = error.to_string();
    message.truncate(message.floor_char_boundary(MAX_ERROR));
    let mut health = Health {
        state: if gone { HealthState::Gone } else { HealthState::Failing },
        http_status: error.status(),
        error_code: Some(error.code().to_owned()),
        error: Some(message),
        failures,
        last_attempt: Some(now),
        next_try: (!gone).then_some(next_try),
        ..source.health.clone()
    };
    if matches!(error, CrawlError::Unreadable { .. } | CrawlError::Crashed | CrawlError::TooSlow) {
        // What could not be read is asked for whole next time.
        (health.etag, health.last_modified, health.body_hash) = (None, None, None);
    }
    SourceDone {
        report: FetchReport {
            source_id: source.id,
            health,
            moved_to: None,
            disable: gone,
            title: None,
            site_url: None,
            language: None,
            entries: Vec::new(),
        },
        outcome: error.code().to_owned(),
        share: BodyShare::default(),
    }
}

fn bounds(config: &CrawlConfig) -> Bounds {
    Bounds { min_s: config.min_interval_s, max_s: config.max_interval_s }
}
