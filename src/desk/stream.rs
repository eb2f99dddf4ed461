//! Incidents and copies among articles that are not in a store.

use jiff::Timestamp;

use super::{copies::Originals, grouping::Groups};
use crate::{
    domain::{ArticleId, IncidentId},
    enrich::incidents::Signature,
};

/// Groups articles as they come. An incident is known by the number of its first article.
#[derive(Default)]
pub struct Stream {
    groups: Groups,
    originals: Originals,
}

/// Where an article belongs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamPlace {
    /// The first article of its incident, which may be itself; `None` if it tells of no single incident.
    pub first: Option<ArticleId>,
    /// The article whose text it repeats.
    pub duplicate_of: Option<ArticleId>,
}

impl Stream {
    /// Places the next article. Articles are to come in order of publication.
    pub fn add(
        &mut self,
        id: ArticleId,
        published: Timestamp,
        signature: &Signature,
    ) -> StreamPlace {
        let placed = self.groups.add(signature, published, IncidentId(id.0));
        let incident = placed.map(|placed| placed.incident);
        let fingerprint = signature.fingerprint().cast_signed();
        let duplicate_of = self.originals.original_of(signature, incident, fingerprint);
        if duplicate_of.is_none() {
            self.originals.put(id, incident, fingerprint, signature.clone());
        }
        StreamPlace { first: incident.map(|incident| ArticleId(incident.0)), duplicate_of }
    }
}
