//! Rows as SQLite gives them, and their way to domain types.

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::FromRow;

use crate::{
    domain::{
        Article, ArticleId, ArticleKind, ArticleSummary, Change, ChangeKind, Comment, CommentId,
        Entry, EntryId, EntryState, Health, HealthState, PageFetch, Revision, Sequence, Source,
        SourceId, SourceKind,
    },
    store::{Result, StoreError},
};

/// Seconds to a time. A number no calendar knows is named, not hidden.
pub(super) fn time(seconds: i64) -> Result<Timestamp> {
    Timestamp::from_second(seconds).map_err(|_| corrupt("time", seconds))
}

pub(super) fn time_or_none(seconds: Option<i64>) -> Result<Option<Timestamp>> {
    seconds.map(time).transpose()
}

pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("lists and items of text are valid JSON")
}

pub(super) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| corrupt(what, text))
}

pub(super) fn named<T>(
    what: &'static str,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T> {
    read(name).ok_or_else(|| corrupt(what, name))
}

pub(super) fn corrupt(what: &'static str, value: impl ToString) -> StoreError {
    let value: String = value.to_string().chars().take(120).collect();
    StoreError::Corrupt { what, value }
}

/// A count that SQLite gives as a signed number.
pub(super) fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

pub(super) fn small(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[derive(FromRow)]
pub(super) struct SourceRow {
    id: i64,
    url: String,
    title: String,
    site_url: Option<String>,
    kind: String,
    groups: String,
    language: Option<String>,
    enabled: i64,
    respect_robots: i64,
    fetch_pages: String,
    added: i64,
    state: String,
    http_status: Option<i64>,
    error_code: Option<String>,
    error: Option<String>,
    repairs: String,
    failures: i64,
    last_attempt: Option<i64>,
    last_success: Option<i64>,
    next_try: i64,
    interval_s: i64,
    etag: Option<String>,
    last_modified: Option<String>,
    body_bytes: i64,
    body_hash: Option<String>,
    entries: i64,
    newest_entry: Option<i64>,
}

impl TryFrom<SourceRow> for Source {
    type Error = StoreError;

    fn try_from(row: SourceRow) -> Result<Self> {
        Ok(Self {
            id: SourceId(row.id),
            url: row.url,
            title: row.title,
            site_url: row.site_url,
            kind: named("source kind", &row.kind, SourceKind::from_name)?,
            groups: from_json("source groups", &row.groups)?,
            language: row.language,
            enabled: row.enabled != 0,
            respect_robots: row.respect_robots != 0,
            fetch_pages: named("page choice", &row.fetch_pages, PageFetch::from_name)?,
            added: time(row.added)?,
            health: Health {
                state: named("source state", &row.state, HealthState::from_name)?,
                http_status: row.http_status.and_then(|status| u16::try_from(status).ok()),
                error_code: row.error_code,
                error: row.error,
                repairs: from_json("source repairs", &row.repairs)?,
                failures: small(row.failures),
                last_attempt: time_or_none(row.last_attempt)?,
                last_success: time_or_none(row.last_success)?,
                next_try: Some(time(row.next_try)?),
                interval_s: small(row.interval_s),
                etag: row.etag,
                last_modified: row.last_modified,
                body_bytes: count(row.body_bytes),
                body_hash: row.body_hash,
                entries: small(row.entries),
                newest_entry: time_or_none(row.newest_entry)?,
            },
        })
    }
}

#[derive(FromRow)]
pub(super) struct EntryRow {
    id: i64,
    source_id: i64,
    key: String,
    url: String,
    state: String,
    attempts: i64,
    error: Option<String>,
    article_id: Option<i64>,
    item: String,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self> {
        Ok(Self {
            id: EntryId(row.id),
            source_id: SourceId(row.source_id),
            key: row.key,
            url: row.url,
            state: named("entry state", &row.state, EntryState::from_name)?,
            attempts: small(row.attempts),
            error: row.error,
            article_id: row.article_id.map(ArticleId),
            item: from_json("entry", &row.item)?,
        })
    }
}

#[derive(FromRow)]
pub(super) struct ArticleRow {
    id: i64,
    source_id: i64,
    source: String,
    url: String,
    title: String,
    published: i64,
    published_stated: i64,
    modified: Option<i64>,
    first_seen: i64,
    last_changed: i64,
    language: Option<String>,
    kind: String,
    comment_provider: Option<String>,
    comment_count: i64,
    confidence: f64,
    revision: i64,
    authors: String,
    tags: String,
    site_name: Option<String>,
    description: Option<String>,
    image: Option<String>,
    text: String,
    html: String,
}

impl TryFrom<ArticleRow> for Article {
    type Error = StoreError;

    fn try_from(row: ArticleRow) -> Result<Self> {
        Ok(Self {
            id: ArticleId(row.id),
            source_id: SourceId(row.source_id),
            source: row.source,
            url: row.url,
            title: row.title,
            authors: from_json("article authors", &row.authors)?,
            published: time(row.published)?,
            published_stated: row.published_stated != 0,
            modified: time_or_none(row.modified)?,
            first_seen: time(row.first_seen)?,
            last_changed: time(row.last_changed)?,
            language: row.language,
            site_name: row.site_name,
            description: row.description,
            image: row.image,
            tags: from_json("article tags", &row.tags)?,
            kind: named("article kind", &row.kind, ArticleKind::from_name)?,
            text: row.text,
            html: row.html,
            comment_provider: row.comment_provider,
            comment_count: small(row.comment_count),
            confidence: row.confidence as f32,
            revision: small(row.revision),
        })
    }
}

#[derive(FromRow)]
pub(super) struct SummaryRow {
    id: i64,
    source_id: i64,
    source: String,
    url: String,
    title: String,
    description: Option<String>,
    published: i64,
    language: Option<String>,
    comment_count: i64,
}

impl TryFrom<SummaryRow> for ArticleSummary {
    type Error = StoreError;

    fn try_from(row: SummaryRow) -> Result<Self> {
        Ok(Self {
            id: ArticleId(row.id),
            source_id: SourceId(row.source_id),
            source: row.source,
            url: row.url,
            title: row.title,
            description: row.description,
            published: time(row.published)?,
            language: row.language,
            comment_count: small(row.comment_count),
        })
    }
}

#[derive(FromRow)]
pub(super) struct RevisionRow {
    revision: i64,
    seen: i64,
    title: String,
    text: String,
}

impl TryFrom<RevisionRow> for Revision {
    type Error = StoreError;

    fn try_from(row: RevisionRow) -> Result<Self> {
        Ok(Self {
            revision: small(row.revision),
            seen: time(row.seen)?,
            title: row.title,
            text: row.text,
        })
    }
}

#[derive(FromRow)]
pub(super) struct CommentRow {
    id: i64,
    article_id: i64,
    key: String,
    parent_key: Option<String>,
    author: Option<String>,
    author_url: Option<String>,
    published: Option<i64>,
    first_seen: i64,
    text: String,
}

impl TryFrom<CommentRow> for Comment {
    type Error = StoreError;

    fn try_from(row: CommentRow) -> Result<Self> {
        Ok(Self {
            id: CommentId(row.id),
            article_id: ArticleId(row.article_id),
            key: row.key,
            parent_key: row.parent_key,
            author: row.author,
            author_url: row.author_url,
            published: time_or_none(row.published)?,
            first_seen: time(row.first_seen)?,
            text: row.text,
        })
    }
}

#[derive(FromRow)]
pub(super) struct ChangeRow {
    sequence: i64,
    kind: String,
    article_id: i64,
}

impl TryFrom<ChangeRow> for Change {
    type Error = StoreError;

    fn try_from(row: ChangeRow) -> Result<Self> {
        Ok(Self {
            sequence: Sequence(row.sequence),
            kind: named("change kind", &row.kind, ChangeKind::from_name)?,
            article_id: ArticleId(row.article_id),
        })
    }
}

/// Rows to domain types; the first one that cannot be read ends it.
pub(super) fn read_all<R, T>(rows: Vec<R>) -> Result<Vec<T>>
where
    T: TryFrom<R, Error = StoreError>,
{
    rows.into_iter().map(T::try_from).collect()
}
