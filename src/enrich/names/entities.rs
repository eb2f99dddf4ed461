//! Named places gathered into entities.

use std::collections::HashMap;

use super::{candidates::Candidate, cues::Cue, features::Page};
use crate::{
    domain::{Entity, EntityKind, Span},
    enrich::taxonomy::{Kind, Known},
};

/// Entities kept of one article.
const MAX_ENTITIES: usize = 500;
/// Places kept of one entity.
const MAX_PLACES: usize = 200;

/// What a name stands for at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Malware,
    Actor,
}

/// Entities as they are found.
pub struct Entities<'a> {
    page: &'a Page<'a>,
    /// Whether the article speaks of encryption: then a gang's name is also its locker's.
    encrypted: bool,
    found: Vec<Entity>,
    /// Kind and name in lower case to place in `found`.
    index: HashMap<(EntityKind, String), usize>,
}

impl<'a> Entities<'a> {
    pub fn new(page: &'a Page<'a>) -> Entities<'a> {
        let encrypted = page.speaks_of_encryption();
        Entities { page, encrypted, found: Vec::new(), index: HashMap::new() }
    }

    /// Adds a place that names malware or an actor.
    pub fn add_name(&mut self, candidate: &Candidate, role: Role) {
        let page = self.page;
        let known = |kinds: &[Kind]| -> Option<&'a Known> {
            let mention = &page.mentions[candidate.mention?];
            let mut all = mention.known.iter().map(|index| page.taxonomy.known(*index));
            all.find(|known| kinds.contains(&known.kind))
        };
        let brand = known(&[Kind::Brand]);
        let actor = known(&[Kind::Actor]);
        let malware = known(&[Kind::Malware]);
        let gang = page.has_cue(candidate, Cue::Gang) || page.has_cue(candidate, Cue::Deed);
        let acts = match (brand, actor, malware) {
            (Some(_), ..) => gang || role == Role::Actor,
            (None, Some(_), Some(_)) => role == Role::Actor,
            (None, Some(_), None) => true,
            (None, None, Some(_)) => false,
            (None, None, None) => role == Role::Actor,
        };
        if acts {
            self.add_known(EntityKind::Actor, candidate, actor.or(brand));
        }
        if !acts || (brand.is_some() && self.encrypted) {
            self.add_known(EntityKind::Malware, candidate, brand.or(malware));
        }
    }

    fn add_known(&mut self, kind: EntityKind, candidate: &Candidate, known: Option<&Known>) {
        let name = known.map_or_else(|| self.page.reading.at(candidate.span), |known| &known.name);
        self.add(kind, name.to_owned(), known.and_then(|known| known.id.clone()), candidate.span);
    }

    /// Adds a place of an entity.
    pub fn add(&mut self, kind: EntityKind, name: String, id: Option<String>, span: Span) {
        let key = (kind, name.to_lowercase());
        if let Some(at) = self.index.get(&key) {
            let spans = &mut self.found[*at].spans;
            if spans.len() < MAX_PLACES {
                spans.push(span);
            }
            return;
        }
        if self.found.len() >= MAX_ENTITIES {
            return;
        }
        self.index.insert(key, self.found.len());
        let known_exploited =
            kind == EntityKind::Cve && self.page.taxonomy.exploited(&name).is_some();
        let (spans, evidence) = (vec![span], span);
        self.found.push(Entity { kind, name, id, spans, evidence, known_exploited });
    }

    /// The entities, each with the sentence that shows it best.
    pub fn into_vec(mut self) -> Vec<Entity> {
        for entity in &mut self.found {
            entity.evidence = best_sentence(self.page, &entity.spans);
        }
        self.found
    }
}

/// The sentence with most cues among those of `spans`; of equals the first, a sentence of the body before the title.
fn best_sentence(page: &Page<'_>, spans: &[Span]) -> Span {
    let reading = page.reading;
    let worth = |sentence: usize| {
        let cues = page.cues_in(sentence);
        let body = !reading.in_title(reading.sentences[sentence].span.start);
        2 * cues + usize::from(body)
    };
    let sentences = spans.iter().map(|span| reading.sentence_at(span.start));
    let best = sentences.rev().max_by_key(|sentence| (worth(*sentence), usize::MAX - sentence));
    best.map_or(spans[0], |sentence| reading.sentences[sentence].span)
}
