//! What the filter and the moderators know: sites, checked comments, the journal of decisions, counts.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::Result;
use crate::domain::{
    ArticleId, CheckedComment, CheckedId, Comment, CommentId, CommentState, Decision, DecisionId,
    DecisionVia, NamedSignal, Outcome, Pseudonym, Site, SiteId, SitePolicy, SourceId,
};

/// A site to be stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewSite {
    /// Address without trailing slash.
    pub url: String,
    pub name: String,
    pub source: Option<SourceId>,
    pub policy: SitePolicy,
}

/// A checked comment on its way into the store; the fields are those of [`CheckedComment`].
#[derive(Debug, Clone, PartialEq)]
pub struct CheckDraft {
    pub guid: Uuid,
    pub site: SiteId,
    pub crawled: Option<CommentId>,
    pub article: Option<ArticleId>,
    pub author: String,
    pub author_key: Option<Pseudonym>,
    pub mail: Option<String>,
    pub mail_key: Option<Pseudonym>,
    pub ip: Option<String>,
    pub ip_key: Option<Pseudonym>,
    pub author_url: String,
    pub host: Option<String>,
    pub kind: String,
    pub permalink: String,
    pub context: String,
    pub language: Option<String>,
    pub written: Option<Timestamp>,
    pub received: Timestamp,
    pub content: String,
    pub verdict: Outcome,
    pub score: f32,
    pub signals: Vec<NamedSignal>,
    pub fingerprint: Option<u64>,
    pub campaign: Option<u64>,
    /// Whether the check counts in the site's figures; a recheck does not.
    pub counts: bool,
}

/// What storing a check did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckSaved {
    pub id: CheckedId,
    /// Where the comment stands now: a decision outlives later checks.
    pub state: CommentState,
    pub version: u32,
    /// Whether the comment was not known before.
    pub new: bool,
    /// Whether somebody decided on it.
    pub decided: bool,
}

/// Which comments of a queue are wanted. Empty fields want all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueFilter {
    pub site: Option<SiteId>,
    pub state: Option<CommentState>,
    /// Name of a signal among the reasons.
    pub reason: Option<String>,
    pub campaign: Option<u64>,
    pub author: Option<Pseudonym>,
    pub host: Option<String>,
    pub language: Option<String>,
    pub article: Option<ArticleId>,
    /// Words that stand in the comment, the author's name or address, in any case.
    pub text: Option<String>,
    /// Only comments with an entry in this span (inclusive start, exclusive end).
    pub received: Option<(Timestamp, Timestamp)>,
}

/// The order of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueOrder {
    #[default]
    Newest,
    Oldest,
    /// Those nearest to an even chance first.
    LeastCertain,
}

/// Where a page of a queue ends: the next one starts behind it. Comments that come or go in between do not
/// shift it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueueCursor {
    pub id: CheckedId,
    /// The last comment's score.
    pub score: f32,
}

/// How many comments stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StateCounts {
    pub unsure: u64,
    pub spam: u64,
    pub approved: u64,
    pub deleted: u64,
}

impl StateCounts {
    pub fn of(&self, state: CommentState) -> u64 {
        match state {
            CommentState::Unsure => self.unsure,
            CommentState::Spam => self.spam,
            CommentState::Approved => self.approved,
            CommentState::Deleted => self.deleted,
        }
    }

    /// Where the count of a state stands.
    pub fn of_mut(&mut self, state: CommentState) -> &mut u64 {
        match state {
            CommentState::Unsure => &mut self.unsure,
            CommentState::Spam => &mut self.spam,
            CommentState::Approved => &mut self.approved,
            CommentState::Deleted => &mut self.deleted,
        }
    }
}

/// What was asked and found on a day, or in a longer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Figures {
    /// Days since 1970 UTC; the first one of a longer time.
    pub day: i64,
    /// Requests to the API.
    pub calls: u64,
    /// Verdicts.
    pub ham: u64,
    pub unsure: u64,
    pub spam: u64,
    /// Spam that a moderator had to name.
    pub missed_spam: u64,
    /// Spam that was none.
    pub false_positives: u64,
}

/// What is known of an author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AuthorRecord {
    pub states: StateCounts,
    /// Sites the author's comments came from.
    pub sites: u64,
    #[serde(skip)]
    pub first_seen: Option<Timestamp>,
}

/// Comments with nearly the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CampaignCount {
    pub campaign: u64,
    pub comments: u64,
    /// The newest of them.
    pub newest: CheckedId,
}

/// A decision to be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionDraft {
    pub comment: CheckedId,
    /// The version the moderator has seen; `None` decides whatever happened since.
    pub seen: Option<u32>,
    pub to: CommentState,
    pub actor: String,
    pub via: DecisionVia,
    pub reason: Option<String>,
    /// A name for this decision; asked again with the same name, nothing is decided twice.
    pub request: Option<String>,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// It is in the journal.
    Done(Decision),
    /// It was in the journal already: the same request, or somebody has decided just so.
    Already { state: CommentState, version: u32 },
    /// Somebody else changed the comment; nothing was done.
    Stale { state: CommentState, version: u32 },
    /// There is no such comment.
    Missing,
}

/// A text somebody decided on, to learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    pub decision: DecisionId,
    pub comment: CheckedComment,
    pub spam: bool,
}

/// A crawled comment that was not judged yet, with what is known of its article.
#[derive(Debug, Clone, PartialEq)]
pub struct Unjudged {
    pub comment: Comment,
    pub source: SourceId,
    pub source_title: String,
    pub source_url: String,
    pub article_url: String,
    pub article_title: String,
    /// The beginning of the article's text.
    pub article_text: String,
}

/// What was removed for its age or for its author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Removed {
    pub comments: u64,
}

/// Keeps sites, checked comments, the journal of decisions and the counts.
#[async_trait]
pub trait ModerationStore: Send + Sync {
    /// The key for digests of addresses and names; made at the first call, the same ever after.
    async fn moderation_key(&self) -> Result<[u8; 32]>;

    // Sites.

    /// The site with this address or source, added if there is none. A known site is left as it is.
    async fn ensure_site(&self, site: &NewSite, now: Timestamp) -> Result<Site>;
    /// The site, or `None`.
    async fn site(&self, id: SiteId) -> Result<Option<Site>>;
    /// The site with this address, or `None`.
    async fn site_by_url(&self, url: &str) -> Result<Option<Site>>;
    /// All sites, by name.
    async fn sites(&self) -> Result<Vec<Site>>;
    /// Changes name and policy.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](super::StoreError::NotFound) where there is no such site.
    async fn edit_site(&self, id: SiteId, name: &str, policy: &SitePolicy) -> Result<()>;

    // Checked comments.

    /// Stores checks; one transaction for the whole slice, answers in the same order. A comment that is known
    /// (by its guid) takes the new verdict, and the state that goes with it unless somebody decided.
    async fn save_checks(&self, checks: &[CheckDraft]) -> Result<Vec<CheckSaved>>;
    /// The comment, or `None`.
    async fn checked(&self, id: CheckedId) -> Result<Option<CheckedComment>>;
    /// The comment with this guid, or `None`.
    async fn checked_by_guid(&self, guid: Uuid) -> Result<Option<CheckedComment>>;
    /// Up to `limit` comments of a queue, starting behind `after`.
    async fn queue(
        &self,
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Vec<CheckedComment>>;
    /// Up to `limit` ids of a queue, newest first, for a decision on all of them.
    async fn queue_ids(&self, filter: &QueueFilter, limit: u32) -> Result<Vec<CheckedId>>;
    /// How many comments of a site, or of all, stand where.
    async fn state_counts(&self, site: Option<SiteId>) -> Result<StateCounts>;
    /// Campaigns among the comments of a state with at least two comments, largest first. Looks at the newest
    /// few thousand.
    async fn campaigns(
        &self,
        site: Option<SiteId>,
        state: CommentState,
        limit: u32,
    ) -> Result<Vec<CampaignCount>>;
    /// The record of an author.
    async fn author_record(&self, author: &Pseudonym) -> Result<AuthorRecord>;
    /// Up to `limit` earlier comments with nearly the same text, newest first.
    async fn similar(&self, id: CheckedId, limit: u32) -> Result<Vec<CheckedComment>>;
    /// Fingerprints of the newest comments with their campaigns, oldest first.
    async fn recent_campaigns(&self, limit: u32) -> Result<Vec<(u64, u64)>>;

    // Decisions.

    /// Takes decisions: all in one transaction, those that are stale or name no comment left out. Answers in the same
    /// order. Those of one call are one batch.
    async fn decide(&self, drafts: &[DecisionDraft], now: Timestamp) -> Result<Vec<Decided>>;
    /// Takes a decision back: the comment returns to where it stood. Undoing an undo puts it in force again.
    async fn undo(
        &self,
        id: DecisionId,
        actor: &str,
        via: DecisionVia,
        now: Timestamp,
    ) -> Result<Decided>;
    /// Takes back all decisions of a batch, newest first.
    async fn undo_batch(
        &self,
        batch: DecisionId,
        actor: &str,
        via: DecisionVia,
        now: Timestamp,
    ) -> Result<Vec<Decided>>;
    /// The decision, or `None`.
    async fn decision(&self, id: DecisionId) -> Result<Option<Decision>>;
    /// The decisions on a comment, newest first.
    async fn decisions_on(&self, id: CheckedId) -> Result<Vec<Decision>>;
    /// Up to `limit` lines of the journal before line `before`, newest first.
    async fn journal(
        &self,
        site: Option<SiteId>,
        before: Option<DecisionId>,
        limit: u32,
    ) -> Result<Vec<Decision>>;
    /// The newest `limit` texts of a site, or of all sites, whose decision teaches something; oldest first.
    async fn lessons(&self, site: Option<SiteId>, limit: u32) -> Result<Vec<Lesson>>;

    // Figures.

    /// Figures of a site, or of all, for each of `days` days up to `until`; days without any are all zero.
    async fn figures(
        &self,
        site: Option<SiteId>,
        until: Timestamp,
        days: u32,
    ) -> Result<Vec<Figures>>;
    /// Figures of each site over the days from `first` to `last` (since 1970 UTC), inclusive.
    async fn site_figures(&self, first: i64, last: i64) -> Result<Vec<(SiteId, Figures)>>;
    /// Counts a request to the API that stored nothing.
    async fn count_call(&self, site: SiteId, now: Timestamp) -> Result<()>;

    // Privacy.

    /// Removes spam and deleted comments of a site that were received before `before`, a few hundred at once, and
    /// the addresses of all that old. What was learnt from decisions stays.
    async fn expire(&self, site: SiteId, before: Timestamp) -> Result<Removed>;
    /// Removes every comment of an author, on one site or on all.
    async fn erase_author(&self, author: &Pseudonym, site: Option<SiteId>) -> Result<Removed>;

    // Crawled comments.

    /// Up to `limit` crawled comments that were not judged yet, oldest first.
    async fn unjudged(&self, limit: u32) -> Result<Vec<Unjudged>>;
    /// The comments of an article that readers may see, in the order of their page.
    async fn public_comments(&self, id: ArticleId) -> Result<PublicComments>;
}

/// What readers see of an article's comments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicComments {
    pub comments: Vec<Comment>,
    /// Comments held back as spam or deleted.
    pub hidden: u64,
    /// Comments that wait for a moderator, or for the filter.
    pub waiting: u64,
}
