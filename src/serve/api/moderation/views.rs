//! Comments, verdicts and decisions as the API tells them.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{CheckedComment, CommentState, Decision, NamedSignal, Site, SitePolicy},
    moderation::Checked,
    store::Decided,
};

/// One reason of a verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Signal)]
pub(in crate::serve::api) struct SignalView {
    pub name: String,
    /// What it adds to the log-odds of the score; negative speaks for the comment.
    pub weight: f32,
    /// In words, with the matched text. Written by strangers: escape it.
    pub evidence: String,
}

impl From<NamedSignal> for SignalView {
    fn from(signal: NamedSignal) -> Self {
        Self { name: signal.name, weight: signal.weight, evidence: signal.evidence }
    }
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckResult)]
pub(in crate::serve::api) struct CheckView {
    /// The id that was sent along.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Names the check; the same for the same content.
    #[schema(value_type = String)]
    pub guid: String,
    /// Number of the comment for decisions; none for a test.
    pub comment: Option<i64>,
    /// `ham`, `unsure` or `spam`.
    pub verdict: &'static str,
    /// Probability of spam, 0 to 1.
    pub score: f32,
    /// Strongest first; their weights add up to the log-odds of the score.
    pub signals: Vec<SignalView>,
    /// `unsure`, `spam`, `approved` or `deleted`.
    pub state: &'static str,
    /// Give it with a decision, so that nobody is overruled unseen.
    pub version: u32,
    /// Spam beyond doubt.
    pub blatant: bool,
}

impl CheckView {
    pub fn new(id: String, checked: Checked) -> Self {
        Self {
            id,
            guid: checked.guid.to_string(),
            comment: checked.id.map(|id| id.0),
            verdict: checked.outcome.as_str(),
            score: checked.score,
            signals: checked.signals.into_iter().map(Into::into).collect(),
            state: checked.state.as_str(),
            version: checked.version,
            blatant: checked.is_blatant,
        }
    }
}

/// A comment in the queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckedComment)]
pub(in crate::serve::api) struct CommentView {
    pub id: i64,
    #[schema(value_type = String)]
    pub guid: String,
    pub site: i64,
    /// Number of the article, for a crawled comment.
    pub article: Option<i64>,
    pub author: String,
    pub author_url: String,
    /// Names the author without telling who it is.
    pub author_key: Option<String>,
    /// Where the site's policy keeps it.
    pub mail: Option<String>,
    /// Where the site's policy keeps it.
    pub ip: Option<String>,
    pub host: Option<String>,
    pub kind: String,
    pub permalink: String,
    pub context: String,
    pub language: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub written: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub received: Timestamp,
    /// Written by a stranger: escape it.
    pub content: String,
    /// `ham`, `unsure` or `spam`.
    pub verdict: &'static str,
    pub score: f32,
    pub signals: Vec<SignalView>,
    /// Comments with nearly the same text share it.
    pub campaign: Option<String>,
    /// `unsure`, `spam`, `approved` or `deleted`.
    pub state: &'static str,
    pub version: u32,
    /// The decision in force; none where the verdict is.
    pub decision: Option<i64>,
}

impl From<CheckedComment> for CommentView {
    fn from(comment: CheckedComment) -> Self {
        Self {
            id: comment.id.0,
            guid: comment.guid.to_string(),
            site: comment.site.0,
            article: comment.article.map(|id| id.0),
            author: comment.author,
            author_url: comment.author_url,
            author_key: comment.author_key.map(|key| hex(&key)),
            mail: comment.mail,
            ip: comment.ip,
            host: comment.host,
            kind: comment.kind,
            permalink: comment.permalink,
            context: comment.context,
            language: comment.language,
            written: comment.written,
            received: comment.received,
            content: comment.content,
            verdict: comment.verdict.as_str(),
            score: comment.score,
            signals: comment.signals.into_iter().map(Into::into).collect(),
            campaign: comment.campaign.map(|campaign| format!("{campaign:016x}")),
            state: comment.state.as_str(),
            version: comment.version,
            decision: comment.decision.map(|id| id.0),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A comment with its history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentWithHistory)]
pub(in crate::serve::api) struct HistoryView {
    pub comment: CommentView,
    /// Newest first.
    pub decisions: Vec<DecisionView>,
}

/// A part of a queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(in crate::serve::api) struct QueueView {
    pub comments: Vec<CommentView>,
    /// Give it as `cursor` for the next part; absent in the last.
    pub next_cursor: Option<String>,
}

/// A line of the journal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
pub(in crate::serve::api) struct DecisionView {
    pub id: i64,
    pub comment: i64,
    pub site: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub actor: String,
    /// `page`, `api`, `akismet` or `import`.
    pub via: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub reason: Option<String>,
    /// Decisions taken together share the number of the first.
    pub batch: i64,
    /// The comment's version afterwards.
    pub version: u32,
    pub undoes: Option<i64>,
    pub undone_by: Option<i64>,
}

impl From<Decision> for DecisionView {
    fn from(decision: Decision) -> Self {
        Self {
            id: decision.id.0,
            comment: decision.comment.0,
            site: decision.site.0,
            at: decision.at,
            actor: decision.actor,
            via: decision.via.as_str(),
            from: decision.from.as_str(),
            to: decision.to.as_str(),
            reason: decision.reason,
            batch: decision.batch.0,
            version: decision.version,
            undoes: decision.undoes.map(|id| id.0),
            undone_by: decision.undone_by.map(|id| id.0),
        }
    }
}

/// The journal, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Journal)]
pub(in crate::serve::api) struct JournalView {
    pub decisions: Vec<DecisionView>,
}

/// What became of a decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecisionResult)]
pub(in crate::serve::api) struct DecidedView {
    /// `done`; `already`: somebody had decided just so, or the request came before; `stale`: somebody changed
    /// the comment since; `missing`: there is no such comment.
    pub result: &'static str,
    /// The line in the journal, if it is done.
    pub decision: Option<DecisionView>,
    /// Where the comment stands.
    pub state: Option<&'static str>,
    pub version: Option<u32>,
}

impl From<Decided> for DecidedView {
    fn from(decided: Decided) -> Self {
        let standing = |result, state: CommentState, version| Self {
            result,
            decision: None,
            state: Some(state.as_str()),
            version: Some(version),
        };
        match decided {
            Decided::Done(decision) => Self {
                result: "done",
                state: Some(decision.to.as_str()),
                version: Some(decision.version),
                decision: Some(decision.into()),
            },
            Decided::Already { state, version } => standing("already", state, version),
            Decided::Stale { state, version } => standing("stale", state, version),
            Decided::Missing => {
                Self { result: "missing", decision: None, state: None, version: None }
            }
        }
    }
}

/// What became of several decisions, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecisionResults)]
pub(in crate::serve::api) struct DecidedList {
    pub results: Vec<DecidedView>,
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
pub(in crate::serve::api) struct SiteView {
    pub id: i64,
    pub url: String,
    pub name: String,
    /// Number of the source, where comments are crawled.
    pub source: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// See the guide for moderators.
    #[schema(value_type = Object)]
    pub policy: SitePolicy,
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        Self {
            id: site.id.0,
            url: site.url,
            name: site.name,
            source: site.source.map(|id| id.0),
            created: site.created,
            policy: site.policy,
        }
    }
}

/// All sites.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteList)]
pub(in crate::serve::api) struct SiteListView {
    pub sites: Vec<SiteView>,
}

/// How many comments were removed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erased)]
pub(in crate::serve::api) struct ErasedView {
    pub comments: u64,
}
