//! Incidents, which articles cover them, and what moderators decided about that.

use async_trait::async_trait;
use jiff::Timestamp;

use super::Result;
use crate::domain::{
    ArticleId, Coverage, Incident, IncidentId, RoundupMention, SourceId, SubjectKind,
};

/// Keeps incidents and their coverage.
#[async_trait]
pub trait IncidentStore: Send + Sync {
    // For the desk.

    /// Which incidents are known under which of `keys`: of each key the `per_key` most recent ones that were seen
    /// between the two times.
    async fn incident_keys(
        &self,
        keys: &[i64],
        from: Timestamp,
        until: Timestamp,
        per_key: u32,
    ) -> Result<Vec<(i64, IncidentId)>>;
    /// The states of incidents; merged ones are left out.
    async fn incident_states(&self, ids: &[IncidentId]) -> Result<Vec<IncidentState>>;
    /// Articles that others may repeat: those with one of these fingerprints, and the newest `per_incident` of
    /// these incidents.
    async fn copy_candidates(
        &self,
        incidents: &[IncidentId],
        fingerprints: &[i64],
        per_incident: u32,
    ) -> Result<Vec<CopyCandidate>>;
    /// Up to `limit` incidents whose coverage changed since they were told, most recently covered first.
    async fn owed_incidents(&self, limit: u32) -> Result<Vec<OwedIncident>>;
    /// Writes incidents as they are told now, with a new state where `rebuilt` gives one. `false`, and nothing
    /// written, if somebody changed incidents since `turn`.
    async fn save_told(
        &self,
        turn: i64,
        told: &[Incident],
        rebuilt: &[IncidentState],
    ) -> Result<bool>;

    // For readers.

    /// The incident, or where it went.
    async fn incident(&self, id: IncidentId) -> Result<FoundIncident>;
    /// The incidents that exist among `ids`, in the order of `ids`. Merged ones are left out.
    async fn incidents(&self, ids: &[IncidentId]) -> Result<Vec<Incident>>;
    /// Most recently covered first, starting after `before`.
    async fn latest_incidents(
        &self,
        limit: u32,
        before: Option<(Timestamp, IncidentId)>,
    ) -> Result<Vec<Incident>>;
    /// Most recently covered first, of those that the newest articles about a subject tell of.
    async fn incidents_about(
        &self,
        kind: SubjectKind,
        slug: &str,
        limit: u32,
    ) -> Result<Vec<Incident>>;
    /// The coverage of an incident, oldest first: the first `limit` articles.
    async fn coverage(&self, id: IncidentId, limit: u32) -> Result<Vec<Coverage>>;
    /// When, and by which source, each article of some incidents was published; oldest first, at most `limit`
    /// of each incident.
    async fn coverage_ticks(&self, ids: &[IncidentId], limit: u32) -> Result<Vec<CoverageTick>>;

    /// Round-ups that mention an incident, or one that was merged into it, newest first.
    async fn roundups_of(&self, id: IncidentId, limit: u32) -> Result<Vec<RoundupMention>>;
    /// The incidents that a round-up mentions, in its order.
    async fn mentioned_in(&self, id: ArticleId) -> Result<Vec<RoundupMention>>;

    // For moderators.

    /// Moves articles of an incident into a new one, and keeps both apart from now on. `None` if the articles are
    /// not all in the incident, or if none would be left.
    async fn split_incident(
        &self,
        id: IncidentId,
        articles: &[ArticleId],
        who: &str,
        now: Timestamp,
    ) -> Result<Option<IncidentId>>;
    /// Moves all articles of `from` into `into`, where its address leads from now on. `false` if one of them does
    /// not exist, or both are the same.
    async fn merge_incidents(
        &self,
        from: IncidentId,
        into: IncidentId,
        who: &str,
        now: Timestamp,
    ) -> Result<bool>;
    /// Undoes the newest decision about an incident that can be undone. `false` if there is none.
    async fn undo_decision(&self, decision: i64, who: &str, now: Timestamp) -> Result<bool>;
    /// What was decided about an incident, newest first.
    async fn incident_decisions(&self, id: IncidentId) -> Result<Vec<IncidentDecision>>;
}

/// What grouping remembers of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentState {
    pub id: IncidentId,
    /// The edition its state was built in.
    pub edition: u32,
    pub state: Vec<u8>,
    /// Keys under which it is to be found from now on, with the time of the newest article that gave them; none
    /// when read.
    pub keys: Vec<(i64, Timestamp)>,
    /// Whether `keys` replace the earlier ones.
    pub fresh: bool,
}

/// An incident whose coverage changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwedIncident {
    pub id: IncidentId,
    pub edition: u32,
    /// Whether its state must be rebuilt from its coverage.
    pub rebuild: bool,
    /// Articles that cover it.
    pub articles: u32,
    pub last_seen: Timestamp,
}

/// An article that others may repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyCandidate {
    pub article_id: ArticleId,
    pub incident: Option<IncidentId>,
    pub duplicate_of: Option<ArticleId>,
    pub fingerprint: i64,
    pub signature: Vec<u8>,
}

/// What stands at an incident's address.
#[derive(Debug, Clone, PartialEq)]
pub enum FoundIncident {
    Here(Box<Incident>),
    /// It was merged, or all its articles moved there.
    Moved(IncidentId),
    Nowhere,
}

/// One article on an incident's wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoverageTick {
    pub incident_id: IncidentId,
    pub article_id: ArticleId,
    pub source_id: SourceId,
    pub published: Timestamp,
}

/// What a moderator decided about incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentDecision {
    pub id: i64,
    pub made: Timestamp,
    pub who: String,
    pub action: IncidentAction,
    /// The incident that was split, or that others were merged into.
    pub incident: IncidentId,
    /// The incident split off, or the one merged.
    pub other: IncidentId,
    /// Articles that were moved.
    pub articles: Vec<ArticleId>,
}

/// Split or merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentAction {
    Split,
    Merge,
}

impl IncidentAction {
    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Merge => "merge",
        }
    }

    /// Reads what [`IncidentAction::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Split, Self::Merge].into_iter().find(|action| action.as_str() == name)
    }
}
