//! Puts articles into incidents, one after the other in order of publication. What is known of incidents is looked up
//! by keys, so that an article costs the same however many incidents there are.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use jiff::{Timestamp, ToSpan as _};

use super::{
    DeskError,
    read::{Section, pack, unpack},
};
use crate::{
    domain::{ArticleId, IncidentId, RoundupMention},
    enrich::incidents::{Assignment, Group, Signature, assign, recalled},
    store::{DeskState, IncidentState, Placed, Store},
};

/// Incidents that an article is compared with: those that share most keys with it.
const MOST_CANDIDATES: usize = 24;
/// Incidents looked up under one key, most recent first.
const PER_KEY: u32 = 40;
/// Incidents remembered under one key, the earliest forgotten first: those looked up and some of the batch at hand.
const MOST_UNDER_KEY: usize = 64;
/// Incidents are looked up this long before an article, and after it for articles that come late.
const DAYS_BEFORE: i64 = 180;
const DAYS_AFTER: i64 = 60;
const HOURS_A_DAY: i64 = 24;
/// Groups kept between batches.
const MOST_KEPT: usize = 2_000;

/// An article on its way into an incident.
pub(super) struct Arrival<'a> {
    pub id: ArticleId,
    pub published: Timestamp,
    pub signature: &'a Signature,
    /// Of a round-up, the parts that tell of one incident each.
    pub sections: &'a [Section],
    pub place: Place,
    /// Why it was where it was before.
    pub reasons: Vec<String>,
}

/// What is known of an article's place before it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing: any incident may be its own.
    Open,
    /// A moderator put it there.
    Fixed(IncidentId),
    /// It is there already.
    Kept(IncidentId),
    /// All articles are placed again, and it was there before: its incident goes on under the same number if it
    /// is the first to arrive.
    Again(Option<IncidentId>),
}

/// Where an article was put, and what it recalls.
pub(super) struct Placement {
    /// `None` if it tells of no single incident.
    pub placed: Option<Placed>,
    pub mentions: Vec<RoundupMention>,
}

/// Incidents in memory.
#[derive(Default)]
pub(super) struct Groups {
    known: HashMap<IncidentId, Known>,
    by_key: HashMap<i64, Vec<IncidentId>>,
}

/// What is known of an incident.
#[derive(Default)]
struct Known {
    group: Group,
    edition: u32,
    /// Keys that came with articles of this batch.
    keys: Vec<(i64, Timestamp)>,
    changed: bool,
    fresh: bool,
}

impl Groups {
    /// Puts an article into an incident that is known, or into the new one `new`. `None` if it tells of no single
    /// incident.
    pub(super) fn add(
        &mut self,
        signature: &Signature,
        published: Timestamp,
        new: IncidentId,
    ) -> Option<Placed> {
        let keys = keys_of(signature);
        let candidates = self.candidates(&keys, None);
        let placed = match self.assign(signature, &candidates) {
            Assignment::Join { incident, reasons, .. } => Placed { incident, reasons },
            Assignment::New => Placed { incident: new, reasons: Vec::new() },
            Assignment::None => return None,
        };
        self.join(placed.incident, signature, &keys, published);
        Some(placed)
    }

    /// Known incidents that share most keys with an article; with `edition`, of those of that edition alone.
    fn candidates(&self, keys: &[i64], edition: Option<u32>) -> Vec<IncidentId> {
        let fits = |id: &IncidentId| {
            let known = self.known.get(id);
            known.is_some_and(|known| edition.is_none_or(|edition| known.edition == edition))
        };
        self.sharing(keys, fits)
    }

    /// The incidents that share most keys, among those that fit.
    fn sharing(&self, keys: &[i64], fits: impl Fn(&IncidentId) -> bool) -> Vec<IncidentId> {
        let mut shared: HashMap<IncidentId, usize> = HashMap::new();
        for id in keys.iter().filter_map(|key| self.by_key.get(key)).flatten() {
            *shared.entry(*id).or_default() += 1;
        }
        let mut ranked: Vec<(IncidentId, usize)> =
            shared.into_iter().filter(|(id, _)| fits(id)).collect();
        ranked.sort_unstable_by_key(|(id, count)| std::cmp::Reverse((*count, *id)));
        ranked.truncate(MOST_CANDIDATES);
        ranked.into_iter().map(|(id, _)| id).collect()
    }

    /// Where an article belongs. What may not open an incident is never [`Assignment::New`].
    fn assign(&mut self, signature: &Signature, candidates: &[IncidentId]) -> Assignment {
        match self.with_groups(candidates, |groups| assign(signature, groups)) {
            Assignment::New if !signature.may_open() => Assignment::None,
            assignment => assignment,
        }
    }

    fn recalled(&mut self, section: &Signature, edition: Option<u32>) -> Vec<IncidentId> {
        let candidates = self.candidates(&keys_of(section), edition);
        self.with_groups(&candidates, |groups| recalled(section, groups))
    }

    /// Asks something of groups. They are taken out and put back, which costs less than copies.
    fn with_groups<T>(
        &mut self,
        ids: &[IncidentId],
        ask: impl FnOnce(&[(IncidentId, Group)]) -> T,
    ) -> T {
        let groups: Vec<(IncidentId, Group)> = ids
            .iter()
            .filter_map(|id| Some((*id, std::mem::take(&mut self.known.get_mut(id)?.group))))
            .collect();
        let answer = ask(&groups);
        for (id, group) in groups {
            if let Some(known) = self.known.get_mut(&id) {
                known.group = group;
            }
        }
        answer
    }

    /// Adds an article to an incident, which begins with it if it is not known.
    fn join(&mut self, id: IncidentId, signature: &Signature, keys: &[i64], published: Timestamp) {
        let known = self.known.entry(id).or_default();
        known.group.add(signature);
        self.note_keys(id, keys, published);
    }

    fn note_keys(&mut self, id: IncidentId, keys: &[i64], published: Timestamp) {
        let known = self.known.entry(id).or_default();
        known.changed = true;
        known.keys.extend(keys.iter().map(|key| (*key, published)));
        for key in keys {
            let incidents = self.by_key.entry(*key).or_default();
            if incidents.contains(&id) {
                continue;
            }
            if incidents.len() >= MOST_UNDER_KEY {
                incidents.remove(0);
            }
            incidents.push(id);
        }
    }

    fn is_outdated(&self, id: IncidentId, edition: u32) -> bool {
        self.known.get(&id).is_some_and(|known| known.edition < edition)
    }

    /// Begins an incident again from nothing, under the same number.
    fn begin(&mut self, id: IncidentId, edition: u32) {
        let known = Known { edition, fresh: true, ..Known::default() };
        self.known.insert(id, known);
    }
}

/// Incidents of the store, as far as they matter for the articles at hand.
pub(super) struct Shelf {
    store: Arc<dyn Store>,
    groups: Groups,
    state: Option<DeskState>,
    /// Whether something was placed that is not in the store.
    unsaved: bool,
}

impl Shelf {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, groups: Groups::default(), state: None, unsaved: false }
    }

    /// Begins a batch. What was kept from earlier ones is forgotten if somebody else changed incidents since.
    pub(super) fn open(&mut self, state: DeskState) {
        let same_turn = self.state.is_some_and(|kept| kept.turn == state.turn);
        if !same_turn || self.unsaved || self.groups.known.len() > MOST_KEPT {
            self.forget();
        }
        self.groups.by_key.clear();
        self.state = Some(state);
    }

    /// Ends a batch that is in the store now.
    pub(super) fn close(&mut self, turn: i64) {
        self.unsaved = false;
        if let Some(state) = &mut self.state {
            state.turn = turn;
        }
        for known in self.groups.known.values_mut() {
            known.changed = false;
            known.fresh = false;
            known.keys.clear();
        }
    }

    /// Forgets what is kept of incidents.
    pub(super) fn forget(&mut self) {
        self.groups = Groups::default();
        self.unsaved = false;
        self.state = None;
    }

    /// Whether what is kept of incidents rests on this turn of the store.
    pub(super) fn rests_on(&self, turn: i64) -> bool {
        self.state.is_some_and(|state| state.turn == turn)
    }

    /// Places articles, in their order.
    pub(super) async fn place(
        &mut self,
        arrivals: &[Arrival<'_>],
    ) -> Result<Vec<Placement>, DeskError> {
        let keys: Vec<Vec<i64>> =
            arrivals.iter().map(|arrival| keys_of(arrival.signature)).collect();
        let sections = arrivals.iter().flat_map(|arrival| arrival.sections);
        let of_sections: Vec<Vec<i64>> =
            sections.map(|section| keys_of(&section.signature)).collect();
        let all: Vec<&Vec<i64>> = keys.iter().chain(&of_sections).collect();
        self.look_up(arrivals, &all).await?;
        self.load(arrivals, &all).await?;
        self.unsaved = true;
        let mut placements = Vec::with_capacity(arrivals.len());
        for (arrival, keys) in arrivals.iter().zip(&keys) {
            let placed = self.place_one(arrival, keys);
            placements.push(Placement { placed, mentions: self.mentions(arrival) });
        }
        Ok(placements)
    }

    /// The incidents that the sections of a round-up recall, each once, where it is first recalled.
    fn mentions(&mut self, arrival: &Arrival<'_>) -> Vec<RoundupMention> {
        let only = match arrival.place {
            Place::Again(_) => Some(self.edition()),
            _ => None,
        };
        let mut mentions: Vec<RoundupMention> = Vec::new();
        for section in arrival.sections {
            for incident_id in self.groups.recalled(&section.signature, only) {
                if mentions.iter().all(|mention| mention.incident_id != incident_id) {
                    let article_id = arrival.id;
                    mentions.push(RoundupMention {
                        article_id,
                        incident_id,
                        section: section.span,
                    });
                }
            }
        }
        mentions
    }

    /// Asks the store which incidents are known under the keys of the batch.
    async fn look_up(
        &mut self,
        arrivals: &[Arrival<'_>],
        keys: &[&Vec<i64>],
    ) -> Result<(), DeskError> {
        let times = arrivals.iter().map(|arrival| arrival.published);
        let (Some(first), Some(last)) = (times.clone().min(), times.max()) else { return Ok(()) };
        let from = first.checked_sub((DAYS_BEFORE * HOURS_A_DAY).hours()).unwrap_or(Timestamp::MIN);
        let until = last.checked_add((DAYS_AFTER * HOURS_A_DAY).hours()).unwrap_or(Timestamp::MAX);
        let all: BTreeSet<i64> = keys.iter().copied().flatten().copied().collect();
        let all: Vec<i64> = all.into_iter().collect();
        for (key, incident) in self.store.incident_keys(&all, from, until, PER_KEY).await? {
            self.groups.by_key.entry(key).or_default().push(incident);
        }
        Ok(())
    }

    /// Reads the incidents that may be needed and are not kept.
    async fn load(
        &mut self,
        arrivals: &[Arrival<'_>],
        keys: &[&Vec<i64>],
    ) -> Result<(), DeskError> {
        let mut wanted: HashSet<IncidentId> = HashSet::new();
        keys.iter().for_each(|keys| wanted.extend(self.groups.sharing(keys, |_| true)));
        for arrival in arrivals {
            match arrival.place {
                Place::Fixed(id) | Place::Kept(id) | Place::Again(Some(id)) => {
                    wanted.insert(id);
                }
                Place::Open | Place::Again(None) => {}
            }
        }
        wanted.retain(|id| !self.groups.known.contains_key(id));
        let wanted: Vec<IncidentId> = wanted.into_iter().collect();
        for state in self.store.incident_states(&wanted).await? {
            let group = unpack(&state.state).unwrap_or_default();
            let known = Known { group, edition: state.edition, ..Known::default() };
            self.groups.known.insert(state.id, known);
        }
        Ok(())
    }

    fn place_one(&mut self, arrival: &Arrival<'_>, keys: &[i64]) -> Option<Placed> {
        let edition = self.edition();
        let stays = |incident| Some(Placed { incident, reasons: arrival.reasons.clone() });
        let (own, only) = match arrival.place {
            Place::Kept(id) => {
                self.groups.note_keys(id, keys, arrival.published);
                return stays(id);
            }
            Place::Fixed(id) => {
                if self.groups.is_outdated(id, edition) {
                    self.groups.begin(id, edition);
                }
                self.groups.join(id, arrival.signature, keys, arrival.published);
                return stays(id);
            }
            Place::Open => (None, None),
            Place::Again(own) => (own, Some(edition)),
        };
        let candidates = self.groups.candidates(keys, only);
        let placed = match self.groups.assign(arrival.signature, &candidates) {
            Assignment::Join { incident, reasons, .. } => Placed { incident, reasons },
            Assignment::New => Placed { incident: self.new_incident(own), reasons: Vec::new() },
            Assignment::None => return None,
        };
        self.groups.join(placed.incident, arrival.signature, keys, arrival.published);
        Some(placed)
    }

    /// An incident for an article that is the first to tell of it: the one it was in before, if that has not been
    /// begun again by another.
    fn new_incident(&mut self, own: Option<IncidentId>) -> IncidentId {
        let edition = self.edition();
        let own = own.filter(|id| self.groups.is_outdated(*id, edition));
        let id = own.unwrap_or_else(|| self.next_number());
        self.groups.begin(id, edition);
        id
    }

    fn edition(&self) -> u32 {
        self.state.map_or(0, |state| state.edition)
    }

    fn next_number(&mut self) -> IncidentId {
        let Some(state) = &mut self.state else { return IncidentId(1) };
        state.last_incident = IncidentId(state.last_incident.0 + 1);
        state.last_incident
    }

    /// What this batch changed.
    pub(super) fn changed(&self) -> Vec<IncidentState> {
        let changed = self.groups.known.iter().filter(|(_, known)| known.changed);
        let mut states: Vec<IncidentState> = changed
            .map(|(id, known)| IncidentState {
                id: *id,
                edition: known.edition,
                state: pack(&known.group),
                keys: known.keys.clone(),
                fresh: known.fresh,
            })
            .collect();
        states.sort_unstable_by_key(|state| state.id);
        states
    }
}

/// The keys under which an article looks for its incident, as the store keeps them.
pub(super) fn keys_of(signature: &Signature) -> Vec<i64> {
    signature.keys().into_iter().map(u64::cast_signed).collect()
}
