//! Which articles of a batch repeat the text of another.

use std::collections::{HashMap, HashSet};

use super::{Arrival, DeskError, read::unpack};
use crate::{
    domain::{ArticleId, IncidentId},
    enrich::{duplicates::duplicate_of, incidents::Signature},
    store::{CopyCandidate, Placed, Store},
};

/// Articles of an incident that a new one is compared with, newest first.
const PER_INCIDENT: u32 = 40;

/// For each arrival the article it repeats, if any: one of the same incident, or one with the very same text. Always
/// an original, never a copy.
pub(super) async fn find(
    store: &dyn Store,
    arrivals: &[Arrival<'_>],
    placed: &[Option<Placed>],
) -> Result<Vec<Option<ArticleId>>, DeskError> {
    let incidents: HashSet<IncidentId> =
        placed.iter().flatten().map(|placed| placed.incident).collect();
    let incidents: Vec<IncidentId> = incidents.into_iter().collect();
    let fingerprints: Vec<i64> =
        arrivals.iter().map(|arrival| arrival.signature.fingerprint() as i64).collect();
    let known = store.copy_candidates(&incidents, &fingerprints, PER_INCIDENT).await?;
    let mut shelf = Originals::default();
    let arriving: HashSet<ArticleId> = arrivals.iter().map(|arrival| arrival.id).collect();
    known
        .into_iter()
        .filter(|one| !arriving.contains(&one.article_id))
        .for_each(|one| shelf.add(one));
    let mut copies = Vec::with_capacity(arrivals.len());
    for ((arrival, placed), fingerprint) in arrivals.iter().zip(placed).zip(fingerprints) {
        let incident = placed.as_ref().map(|placed| placed.incident);
        let original = shelf.original_of(arrival, incident, fingerprint);
        if original.is_none() {
            shelf.put(arrival.id, incident, fingerprint, arrival.signature.clone());
        }
        copies.push(original);
    }
    Ok(copies)
}

/// Articles that are no copies themselves.
#[derive(Default)]
struct Originals {
    by_incident: HashMap<IncidentId, Vec<(ArticleId, Signature)>>,
    by_fingerprint: HashMap<i64, Vec<(ArticleId, Signature)>>,
}

impl Originals {
    fn add(&mut self, one: CopyCandidate) {
        if one.duplicate_of.is_some() {
            return;
        }
        if let Some(signature) = unpack(&one.signature) {
            self.put(one.article_id, one.incident, one.fingerprint, signature);
        }
    }

    fn put(
        &mut self,
        id: ArticleId,
        incident: Option<IncidentId>,
        fingerprint: i64,
        signature: Signature,
    ) {
        if let Some(incident) = incident {
            self.by_incident.entry(incident).or_default().push((id, signature.clone()));
        }
        self.by_fingerprint.entry(fingerprint).or_default().push((id, signature));
    }

    fn original_of(
        &self,
        arrival: &Arrival<'_>,
        incident: Option<IncidentId>,
        fingerprint: i64,
    ) -> Option<ArticleId> {
        let same_incident = incident.and_then(|incident| self.by_incident.get(&incident));
        let same_text = self.by_fingerprint.get(&fingerprint);
        [same_incident, same_text]
            .into_iter()
            .flatten()
            .find_map(|others| duplicate_of(arrival.signature, others))
    }
}
