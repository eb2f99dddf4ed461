//! What TAXII collections hold: versions of STIX objects, in the order in which they came.

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use super::Result;
use crate::domain::{ArticleId, IncidentId, SearchView, Sequence};

/// STIX types by their number in the store, from 1. New ones are added at the end.
const KINDS: &[&str] = &[
    "report",
    "grouping",
    "indicator",
    "relationship",
    "identity",
    "malware",
    "intrusion-set",
    "vulnerability",
    "attack-pattern",
    "location",
    "tool",
    "software",
    "infrastructure",
    "campaign",
    "incident",
    "observed-data",
    "note",
    "marking-definition",
    "extension-definition",
    "domain-name",
    "url",
    "ipv4-addr",
    "ipv6-addr",
    "email-addr",
    "file",
    "cryptocurrency-wallet",
    "sighting",
    "threat-actor",
];

/// Number of a STIX type; `None` for one that is never written.
pub(super) fn kind_number(kind: &str) -> Option<i64> {
    KINDS.iter().position(|known| *known == kind).map(|at| at as i64 + 1)
}

/// The type of a STIX object, as its id begins.
pub(super) fn kind_of(stix_id: &str) -> &str {
    stix_id.split_once("--").map_or("", |(kind, _)| kind)
}

/// Number of a collection in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionId(pub i64);

/// A collection there should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedCollection {
    pub uuid: Uuid,
    /// In canonical form; empty for everything.
    pub query: String,
    pub view: SearchView,
    /// The one STIX type it takes.
    pub only: Option<&'static str>,
}

/// A collection that is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    pub id: CollectionId,
    pub query: String,
    pub view: SearchView,
    /// Articles up to this one have been looked through; `None` when all that were there before have.
    pub filled_to: Option<ArticleId>,
}

/// What is known of an object: its newest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownObject {
    pub stix_id: String,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub revoked: bool,
    /// Of its content.
    pub digest: i64,
}

/// A version of an object to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StixVersion {
    pub stix_id: String,
    pub created: Timestamp,
    /// To the millisecond, as the body says it.
    pub modified: Timestamp,
    pub revoked: bool,
    /// Of its content.
    pub digest: i64,
    /// The object as JSON.
    pub body: String,
}

/// What a part of the change log, or incidents told anew, did to the objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StixBatch {
    /// Where the follower stood before.
    pub after: Sequence,
    /// Where it stands now.
    pub sequence: Sequence,
    /// In the order in which they are to be read: what is referred to comes first.
    pub versions: Vec<StixVersion>,
    /// The objects of each article that changed; none for one that was removed.
    pub articles: Vec<(ArticleId, Vec<String>)>,
    /// The object of each incident that was told.
    pub incidents: Vec<(IncidentId, String)>,
    /// Incidents that are done, whether or not there was anything to tell.
    pub told: Vec<IncidentId>,
    /// Of the articles that changed those that each collection's query finds.
    pub found: Vec<(CollectionId, Vec<ArticleId>)>,
}

/// Which versions of objects are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectedFilter {
    /// Added after this.
    pub after: Timestamp,
    pub ids: Option<Vec<String>>,
    /// STIX types.
    pub kinds: Option<Vec<String>>,
    pub versions: VersionFilter,
}

/// Which versions of an object are asked for; those that any part names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionFilter {
    pub all: bool,
    pub first: bool,
    pub last: bool,
    pub at: Vec<Timestamp>,
}

/// A version of an object in a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// When it came into the collection, to the microsecond; no two are the same.
    pub added: Timestamp,
    pub stix_id: String,
    pub version: Timestamp,
    /// The object as JSON; empty where only the manifest was asked for.
    pub body: String,
}

/// Keeps STIX objects and what collections hold of them.
#[async_trait]
pub trait CollectionStore: Send + Sync {
    // For the follower. There is one at a time.

    /// The last change that was applied.
    async fn collected_sequence(&self) -> Result<Sequence>;
    /// Makes the collections those that are wanted, and gives them in that order. One whose query or view is
    /// another now is emptied, to be filled anew.
    async fn set_collections(&self, wanted: &[WantedCollection]) -> Result<Vec<Collection>>;
    /// What is known of these objects; others are left out.
    async fn known_objects(&self, stix_ids: &[String]) -> Result<Vec<KnownObject>>;
    /// The objects that nothing but these articles speaks of.
    async fn objects_only_of(&self, articles: &[ArticleId]) -> Result<Vec<String>>;
    /// Objects of these types among `stix_ids` with their newest bodies.
    async fn newest_bodies(&self, stix_ids: &[String]) -> Result<Vec<(String, String)>>;
    /// Up to `limit` incidents that wait for their grouping, and are told by now.
    async fn waiting_groupings(&self, limit: u32) -> Result<Vec<IncidentId>>;
    /// Keeps versions and puts them into the collections whose queries find them, and into those that hold an earlier
    /// version. `false`, and nothing written, if the follower stood elsewhere.
    async fn save_stix(&self, batch: &StixBatch, now: Timestamp) -> Result<bool>;
    /// Puts the objects of articles that a collection's query finds into it, and notes how far it is filled.
    async fn fill_collection(
        &self,
        id: CollectionId,
        found: &[ArticleId],
        filled_to: Option<ArticleId>,
        now: Timestamp,
    ) -> Result<()>;

    // For readers.

    /// Up to `limit` versions of objects in a collection, in the order in which they came. Bodies only `with_bodies`.
    async fn collected(
        &self,
        uuid: Uuid,
        filter: &CollectedFilter,
        limit: u32,
        with_bodies: bool,
    ) -> Result<Vec<Collected>>;
    /// When the latest object came into a collection.
    async fn last_collected(&self, uuid: Uuid) -> Result<Option<Timestamp>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_numbers() {
        assert_eq!(kind_number(kind_of("report--1")), Some(1));
        assert_eq!(kind_number(kind_of("indicator--1")), Some(3));
        assert_eq!(kind_number(kind_of("nonsense")), None);
    }
}
