//! The named things of an article, with how prominently it names them.

use serde::{Deserialize, Serialize};

use super::words;
use crate::{
    domain::{Enrichment, Entity, EntityKind, IndicatorRole},
    enrich::Reading,
};

/// Facts kept of one article.
const MOST_FACTS: usize = 48;
/// Indicators kept of one article.
const MOST_INDICATORS: usize = 32;

/// Something with a name in an article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Fact {
    pub kind: EntityKind,
    pub name: String,
    /// Its words with what each says, ascending by hash.
    pub words: Vec<words::Term>,
    /// The letters by which it may be shortened, such as `jlr`.
    pub initials: u32,
    /// It is itself such a short form.
    pub short: bool,
    /// How prominent it is in the article, 0 to 1; 1 in the title.
    pub salience: f32,
}

/// The facts of an article.
pub(super) fn of(reading: &Reading, enrichment: &Enrichment) -> Vec<Fact> {
    let entities = enrichment.entities.iter().filter(|entity| !is_brand(entity, enrichment));
    entities.take(MOST_FACTS).map(|entity| fact(reading, entity)).collect()
}

/// A gang's locker says no more than the gang's name.
fn is_brand(entity: &Entity, enrichment: &Enrichment) -> bool {
    let mut actors = enrichment.of_kind(EntityKind::Actor);
    entity.kind == EntityKind::Malware && actors.any(|actor| actor.name == entity.name)
}

fn fact(reading: &Reading, entity: &Entity) -> Fact {
    Fact { salience: salience(reading, entity), ..of_name(entity) }
}

/// The fact as far as its name tells.
pub(super) fn of_name(entity: &Entity) -> Fact {
    let name = entity.id.as_deref().filter(|_| is_identity(entity.kind)).unwrap_or(&entity.name);
    let (initials, short) = initials(&entity.name);
    Fact {
        kind: entity.kind,
        name: entity.name.clone(),
        words: words_of(name),
        initials,
        short,
        salience: 0.0,
    }
}

/// Kinds whose id says more than the name.
fn is_identity(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::Actor | EntityKind::Malware | EntityKind::Cve)
}

fn words_of(name: &str) -> Vec<words::Term> {
    let parts =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
    let mut terms: Vec<words::Term> = parts
        .map(|part| {
            let hash = words::hash(&words::stem(part));
            words::Term { hash, weight: words::weight(hash).max(0.5) }
        })
        .collect();
    terms.sort_unstable_by_key(|term| term.hash);
    terms.dedup_by_key(|term| term.hash);
    terms
}

/// Hash of the initials of a name of several words, or of a name that is itself an abbreviation (then `true`); 0 for
/// other names.
fn initials(name: &str) -> (u32, bool) {
    let parts: Vec<&str> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let upper = |part: &&str| part.chars().all(|letter| !letter.is_lowercase());
    let short = parts.iter().all(upper);
    let letters: String = match parts.as_slice() {
        [] => return (0, false),
        [one] if !(2..=5).contains(&one.len()) || !short => return (0, false),
        many if short => many.concat().to_lowercase(),
        many => many
            .iter()
            .filter_map(|part| part.chars().next())
            .flat_map(char::to_lowercase)
            .collect(),
    };
    if letters.chars().count() < 2 { (0, false) } else { (words::hash(&letters), short) }
}

/// 1 in the title, less the later it first stands, more the more often.
fn salience(reading: &Reading, entity: &Entity) -> f32 {
    let Some(first) = entity.spans.iter().map(|span| span.start).min() else { return 0.3 };
    if reading.in_title(first) {
        return 1.0;
    }
    let body = (reading.text.len() - reading.title_end).max(1) as f32;
    let depth = (first - reading.title_end) as f32 / body;
    let often = (entity.spans.len() as f32 - 1.0).min(3.0) * 0.15;
    (0.8 - 0.6 * depth + often).clamp(0.1, 0.9)
}

/// Hashes of the malicious indicators.
pub(super) fn indicators(enrichment: &Enrichment) -> Vec<u32> {
    let mut hashes: Vec<u32> = enrichment
        .indicators
        .iter()
        .filter(|indicator| indicator.role == IndicatorRole::Malicious)
        .take(MOST_INDICATORS)
        .map(|indicator| words::hash(&indicator.value))
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Whether both are written in Latin letters, or neither: only then can two different names contradict each other.
pub(super) fn comparable(a: &Fact, b: &Fact) -> bool {
    a.name.is_ascii() == b.name.is_ascii()
}

/// Whether two names may be of the same thing: one holds what is particular about the other, or abbreviates it.
pub(super) fn same(a: &Fact, b: &Fact) -> bool {
    if a.short != b.short && a.initials != 0 && a.initials == b.initials {
        return true;
    }
    let sum = |terms: &[words::Term]| terms.iter().map(|term| term.weight).sum::<f32>();
    let shared: f32 = a
        .words
        .iter()
        .filter(|term| b.words.binary_search_by_key(&term.hash, |other| other.hash).is_ok())
        .map(|term| term.weight)
        .sum();
    shared > 0.0 && shared >= 0.7 * sum(&a.words).min(sum(&b.words))
}
