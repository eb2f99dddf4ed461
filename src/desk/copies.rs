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

/// For each arrival the article it repeats, if any: one of the same incident, or, where it tells of none, one with the
/// same text. Always an original, never a copy.
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
    let mut originals = Originals::default();
    let arriving: HashSet<ArticleId> = arrivals.iter().map(|arrival| arrival.id).collect();
    known
        .into_iter()
        .filter(|one| !arriving.contains(&one.article_id))
        .for_each(|one| originals.add(one));
    let mut copies = Vec::with_capacity(arrivals.len());
    for ((arrival, placed), fingerprint) in arrivals.iter().zip(placed).zip(fingerprints) {
        let incident = placed.as_ref().map(|placed| placed.incident);
        let original = originals.original_of(arrival.signature, incident, fingerprint);
        if original.is_none() {
            originals.put(arrival.id, incident, fingerprint, arrival.signature.clone());
        }
        copies.push(original);
    }
    Ok(copies)
}

/// Articles that are no copies themselves.
#[derive(Default)]
pub(super) struct Originals {
    by_incident: HashMap<IncidentId, Vec<(ArticleId, Signature)>>,
    /// Those that tell of no incident, by fingerprint.
    others: HashMap<i64, Vec<(ArticleId, Signature)>>,
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

    /// Remembers an article that repeats no other.
    pub(super) fn put(
        &mut self,
        id: ArticleId,
        incident: Option<IncidentId>,
        fingerprint: i64,
        signature: Signature,
    ) {
        let originals = match incident {
            Some(incident) => self.by_incident.entry(incident).or_default(),
            None => self.others.entry(fingerprint).or_default(),
        };
        if originals.len() >= PER_INCIDENT as usize {
            originals.remove(0);
        }
        originals.push((id, signature));
    }

    /// The article that this one repeats.
    pub(super) fn original_of(
        &self,
        signature: &Signature,
        incident: Option<IncidentId>,
        fingerprint: i64,
    ) -> Option<ArticleId> {
        let originals = match incident {
            Some(incident) => self.by_incident.get(&incident),
            None => self.others.get(&fingerprint),
        };
        duplicate_of(signature, originals?)
    }
}
