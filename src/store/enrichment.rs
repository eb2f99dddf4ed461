//! What the desk found in articles: enrichments, the subjects they name, and what still waits to be read.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use super::{IncidentState, Result};
use crate::domain::{
    ArticleId, ArticleSummary, Coverage, Enrichment, IncidentId, RoundupMention, SourceId, Subject,
    SubjectCount, SubjectKind,
};

/// Keeps what was recognised in articles.
#[async_trait]
pub trait EnrichmentStore: Send + Sync {
    // The desk's queue.

    /// Says what reads articles now. Where that is something else than before, all articles wait to be read
    /// again.
    async fn set_recognisers(&self, fingerprint: &str) -> Result<DeskState>;
    /// Makes all articles wait to be read again. Answers how many that are.
    async fn read_all_again(&self) -> Result<u64>;
    /// Where the desk stands.
    async fn desk_state(&self) -> Result<DeskState>;
    /// How far the desk has come.
    async fn desk_progress(&self) -> Result<DeskProgress>;
    /// Up to `limit` articles that wait to be read: first those never read, then those read the longest ago;
    /// in order of publication.
    async fn waiting_articles(&self, limit: u32) -> Result<Vec<WaitingArticle>>;
    /// Writes a batch whole: enrichments, subjects, indicators, incidents, coverage, and a line in the change
    /// log for each article. An article that changed meanwhile is left out and goes on waiting. `false`, and
    /// nothing written, if somebody changed incidents since `batch.turn`: read again what the batch rests on.
    async fn save_desk_batch(&self, batch: &DeskBatch) -> Result<bool>;

    // What was found.

    /// What was recognised in these articles; those not read yet are left out. In the order of `ids`.
    async fn enrichments(&self, ids: &[ArticleId]) -> Result<Vec<Enriched>>;
    /// Articles that repeat the text of this one, oldest first.
    async fn copies_of(&self, id: ArticleId, limit: u32) -> Result<Vec<ArticleSummary>>;

    // Subjects.

    /// The subject with this address, or `None`.
    async fn subject(&self, kind: SubjectKind, slug: &str) -> Result<Option<Subject>>;
    /// How much was written about a subject.
    async fn subject_numbers(
        &self,
        kind: SubjectKind,
        slug: &str,
        now: Timestamp,
    ) -> Result<SubjectNumbers>;
    /// Articles about a subject published in each of `buckets` equal spans that end at `until`.
    async fn subject_timeline(
        &self,
        kind: SubjectKind,
        slug: &str,
        until: Timestamp,
        span_s: i64,
        buckets: u32,
    ) -> Result<Vec<u64>>;
    /// Newest first, starting after `before`.
    async fn articles_about(
        &self,
        kind: SubjectKind,
        slug: &str,
        limit: u32,
        before: Option<(Timestamp, ArticleId)>,
    ) -> Result<Vec<ArticleSummary>>;
    /// Subjects named together with this one in its newest articles, most often first.
    async fn related_subjects(&self, kind: SubjectKind, slug: &str) -> Result<Vec<SubjectCount>>;
    /// Subjects of some kinds most often named between two times, at most `limit` of each kind.
    async fn top_subjects(
        &self,
        kinds: &[SubjectKind],
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<SubjectCount>>;
    /// Subjects whose slug begins with `prefix`, most often named first.
    async fn subjects_beginning(&self, prefix: &str, limit: u32) -> Result<Vec<SubjectCount>>;
}

/// Where the desk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeskState {
    /// Articles read for an earlier one wait to be read again.
    pub edition: u32,
    /// Goes up with every change to incidents.
    pub turn: i64,
    /// Highest number of an incident so far.
    pub last_incident: IncidentId,
}

/// How far the desk has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DeskProgress {
    pub articles: u64,
    /// Never read, or changed since.
    pub unread: u64,
    /// Read by earlier recognisers.
    pub outdated: u64,
}

/// An article that waits to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingArticle {
    pub id: ArticleId,
    pub revision: u32,
    pub source_id: SourceId,
    pub url: String,
    pub title: String,
    pub text: String,
    pub published: Timestamp,
    /// The edition it was read for; 0 if its text was never read.
    pub edition: u32,
    /// Where it was put earlier.
    pub coverage: Option<Coverage>,
}

/// A batch of the desk's work.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskBatch {
    /// What the batch rests on.
    pub turn: i64,
    pub edition: u32,
    /// When the articles were read.
    pub read: Timestamp,
    pub articles: Vec<EnrichedArticle>,
    /// What round-ups among the articles recall.
    pub mentions: Vec<RoundupMention>,
    /// Incidents that are new or whose state changed.
    pub incidents: Vec<IncidentState>,
}

/// An article that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrichedArticle {
    pub id: ArticleId,
    /// The revision that was read.
    pub revision: u32,
    pub published: Timestamp,
    pub enrichment: Enrichment,
    /// What grouping remembers of it.
    pub signature: Vec<u8>,
    /// Equal texts have equal ones.
    pub fingerprint: i64,
    pub duplicate_of: Option<ArticleId>,
    /// Its place; `None` if it tells of no single incident.
    pub placed: Option<Placed>,
}

/// Where an article was put, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub incident: IncidentId,
    pub reasons: Vec<String>,
}

/// What was recognised in an article, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Enriched {
    pub article_id: ArticleId,
    pub enrichment: Enrichment,
    /// What grouping remembers of it.
    pub signature: Vec<u8>,
    pub duplicate_of: Option<ArticleId>,
    pub incident: Option<IncidentId>,
    /// When what was recognised last became something else; 1970 where that was not noted.
    pub changed: Timestamp,
}

/// How much was written about a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubjectNumbers {
    pub articles: u64,
    /// Within the last 30 days.
    pub articles_30d: u64,
    /// Within the 30 days before those.
    pub articles_60d: u64,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
}
