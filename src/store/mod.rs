//! The truth. One trait, and back-ends that keep it; all SQL lives below this folder.
//!
//! Every write that a follower must see appends to the change log in the same transaction
//! (see [`Store::changes_since`]), so the search index can be thrown away and rebuilt.

mod accounts;
mod alerts;
mod collections;
mod enrichment;
mod error;
mod incidents;
mod isso;
mod moderation;
mod reader_state;
mod saved_searches;
mod sqlite;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    Article, ArticleDraft, ArticleId, ArticleKey, ArticleSummary, Change, Comment, CommentDraft,
    Entry, EntryDraft, EntryId, Health, HealthState, NewSource, Revision, Sequence, Source,
    SourceEdit, SourceId,
};

pub use accounts::{
    AccountStore, AuditDraft, AuditEntry, Digest, NewSession, NewToken, Role, Session, SessionId,
    Token, TokenId, User, UserEdit, UserId,
};
pub use alerts::{
    AlertRound, AlertStore, Message, MessageId, MessageState, NewAlert, Outgoing, Told,
};
pub use collections::{
    Collected, CollectedFilter, Collection, CollectionId, CollectionStore, KnownObject, StixBatch,
    StixVersion, VersionFilter, WantedCollection,
};
pub use enrichment::{
    DeskBatch, DeskProgress, DeskState, Enriched, EnrichedArticle, EnrichmentStore, Placed,
    SubjectNumbers, WaitingArticle,
};
pub use error::StoreError;
pub use incidents::{
    CopyCandidate, CoverageTick, FoundIncident, IncidentAction, IncidentDecision, IncidentState,
    IncidentStore, OwedIncident,
};
pub use isso::{IssoComment, IssoMode};
pub use moderation::{
    AuthorRecord, CampaignCount, CheckDraft, CheckSaved, Decided, DecisionDraft, Figures, Lesson,
    ModerationStore, NewSite, PublicComments, QueueCursor, QueueFilter, QueueOrder, Removed,
    StateCounts, Unjudged,
};
pub use reader_state::{
    AppKey, AppPassword, AppPasswordId, MarkEdit, NewAppPassword, ReaderItem, ReaderList,
    ReaderMark, ReaderStateStore, UnreadCount,
};
pub use saved_searches::{
    FeedToken, FeedTokenId, NewFeedToken, NewSavedSearch, SavedSearchEdit, SavedSearchStore,
};
pub use sqlite::{IssoFile, SqliteStore};

/// Result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Keeps sources, entries, articles, comments and the change log; the supertraits keep the rest.
///
/// All calls may be made from many tasks at once. A call is one transaction: it happens whole or not at all.
#[async_trait]
pub trait Store:
    AccountStore
    + AlertStore
    + CollectionStore
    + EnrichmentStore
    + IncidentStore
    + ModerationStore
    + ReaderStateStore
    + SavedSearchStore
    + Send
    + Sync
{
    // Sources.

    /// Watches a source. A known address is left as it is and answered with `false`.
    async fn add_source(&self, source: &NewSource, now: Timestamp) -> Result<(SourceId, bool)>;
    /// The source, or `None`.
    async fn source(&self, id: SourceId) -> Result<Option<Source>>;
    /// The source with this address, or `None`.
    async fn source_by_url(&self, url: &str) -> Result<Option<Source>>;
    /// All sources, by title.
    async fn sources(&self) -> Result<Vec<Source>>;
    /// Changes the fields that `edit` names. Enabling a source makes it due at once.
    async fn edit_source(&self, id: SourceId, edit: &SourceEdit) -> Result<()>;
    /// Stops watching; articles that were read stay. `false` if there is no such source.
    async fn remove_source(&self, id: SourceId) -> Result<bool>;
    /// Makes sources due now: those named, or all where `ids` is empty.
    async fn make_due(&self, ids: &[SourceId], now: Timestamp) -> Result<()>;
    /// Takes up to `limit` enabled sources whose time has come, longest overdue first, and keeps them
    /// from other claims until `lease_until`. With `only`, takes from those alone.
    async fn claim_sources(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
        only: &[SourceId],
    ) -> Result<Vec<Source>>;
    /// Writes what came of fetching sources, with the entries found, and ends the claims. One transaction
    /// for the whole slice; answers in the same order.
    async fn record_fetches(
        &self,
        reports: &[FetchReport],
        now: Timestamp,
    ) -> Result<Vec<FetchWritten>>;
    /// The soonest time at which a source or an entry is due, if any.
    async fn next_due(&self) -> Result<Option<Timestamp>>;

    // Entries.

    /// Takes up to `limit` pending entries whose time has come, oldest first, and keeps them from other
    /// claims until `lease_until`. With `only`, takes those of these sources alone; passes over those of `except`,
    /// so that a source with a long history does not stand before the others.
    async fn claim_entries(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
        only: &[SourceId],
        except: &[SourceId],
    ) -> Result<Vec<Entry>>;
    /// Notes that an entry could not be read; with `retry_at` it is tried again, else given up.
    async fn fail_entry(&self, id: EntryId, error: &str, retry_at: Option<Timestamp>)
    -> Result<()>;
    /// Gives back claims of a crawl that ended, so that the next one need not wait for the leases.
    async fn release_claims(&self) -> Result<()>;
    /// Entries that wait, per state.
    async fn entry_counts(&self) -> Result<EntryCounts>;

    // Articles.

    /// Stores articles with their comments, marks their entries done and appends to the change log. One
    /// transaction for the whole slice; answers in the same order. A draft whose key is known becomes a
    /// revision if text, title or date differ, and is left alone otherwise; comments are added, never removed.
    async fn save_articles(
        &self,
        writes: &[ArticleWrite],
        now: Timestamp,
    ) -> Result<Vec<SavedArticle>>;
    /// The article, or `None`.
    async fn article(&self, id: ArticleId) -> Result<Option<Article>>;
    /// The article with this identity, or `None`.
    async fn article_by_key(&self, key: &ArticleKey) -> Result<Option<Article>>;
    /// The articles that exist among `ids`, in the order of `ids`.
    async fn articles(&self, ids: &[ArticleId]) -> Result<Vec<Article>>;
    /// Newest first by publication, starting after `before` (for paging), of one source or of all.
    async fn latest_articles(
        &self,
        limit: u32,
        before: Option<(Timestamp, ArticleId)>,
        source: Option<SourceId>,
    ) -> Result<Vec<ArticleSummary>>;
    /// Removes an article with its comments and revisions. `false` if there is none.
    async fn remove_article(&self, id: ArticleId) -> Result<bool>;
    /// Earlier states, newest first.
    async fn revisions(&self, id: ArticleId) -> Result<Vec<Revision>>;
    /// Comments in the order of their page; `parent_key` says what answers what.
    async fn comments(&self, id: ArticleId) -> Result<Vec<Comment>>;

    // Change log.

    /// Up to `limit` changes after `after`, in order. Never shows a change while one with a lower number may still appear.
    async fn changes_since(&self, after: Sequence, limit: u32) -> Result<Vec<Change>>;
    /// The newest change.
    async fn last_sequence(&self) -> Result<Sequence>;
    /// Up to `limit` article ids above `after`, ascending: for rebuilding an index.
    async fn article_ids(&self, after: ArticleId, limit: u32) -> Result<Vec<ArticleId>>;

    // robots.txt, kept so that a restart need not ask again.

    /// What was last read of a host's robots.txt. `origin` is `scheme://host[:port]`.
    async fn robots(&self, origin: &str) -> Result<Option<StoredRobots>>;
    /// Remembers a host's robots.txt.
    async fn save_robots(&self, origin: &str, robots: &StoredRobots) -> Result<()>;

    // The whole.

    /// Sources in each state of health; states that no source is in are left out.
    async fn source_counts(&self) -> Result<Vec<(HealthState, u64)>>;
    /// Counts for the front page and metrics.
    async fn counts(&self) -> Result<Counts>;
    /// Articles first seen in each of `buckets` equal spans that end at `until`.
    async fn article_histogram(
        &self,
        until: Timestamp,
        span_s: i64,
        buckets: u32,
    ) -> Result<Vec<u64>>;
    /// Fails if the store cannot answer. Cheap: for readiness probes.
    async fn check(&self) -> Result<()>;
    /// Reads the whole store and fails at the first damage. May take minutes on a large one.
    async fn verify(&self) -> Result<()>;
    /// Writes a consistent copy to `path`, which must not exist.
    async fn backup(&self, path: &std::path::Path) -> Result<()>;
}

/// What came of fetching one source.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchReport {
    pub source_id: SourceId,
    pub health: Health,
    /// The source's new address after a permanent redirect.
    pub moved_to: Option<String>,
    /// `true` after 410: not asked again.
    pub disable: bool,
    /// Title, site and language the feed gives itself; used where ours are empty.
    pub title: Option<String>,
    pub site_url: Option<String>,
    pub language: Option<String>,
    pub entries: Vec<EntryDraft>,
}

/// What recording a fetch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FetchWritten {
    /// Entries never seen before.
    pub new: u32,
    /// Known entries whose digest changed.
    pub changed: u32,
}

/// An article on its way into the store.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleWrite {
    /// The entry it came from, to be marked done.
    pub entry: Option<EntryId>,
    pub article: ArticleDraft,
    pub comments: Vec<CommentDraft>,
}

/// What storing an article did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedArticle {
    pub id: ArticleId,
    pub outcome: SaveOutcome,
    /// Comments not known before.
    pub new_comments: u32,
}

/// New, revised or the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveOutcome {
    New,
    Revised,
    Unchanged,
}

/// Entries per state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct EntryCounts {
    pub pending: u64,
    pub done: u64,
    pub failed: u64,
}

/// The store in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub sources: u64,
    /// Sources whose last fetch worked.
    pub sources_well: u64,
    pub articles: u64,
    pub comments: u64,
    /// When the newest article was first seen.
    pub last_article: Option<Timestamp>,
    pub sequence: Sequence,
}

/// A host's robots.txt as it was last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRobots {
    /// HTTP status of the answer; 0 if the host did not answer.
    pub status: u16,
    pub body: String,
    pub fetched: Timestamp,
    pub expires: Timestamp,
}
