use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    facts::Fact,
    stance::{self, Stance},
    standing::{self, Standing},
    terms::Terms,
    times::Times,
    topic,
    words::Term,
};
use crate::{
    domain::{Attack, Enrichment, EntityKind},
    enrich::{Reading, duplicates::Sketch},
};

/// Score from which an attack is sure, whatever else an article says.
const SURE: f32 = 0.55;

/// What clustering needs of one article: 1 to 3 kB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// Seconds since 1970.
    pub(super) published: i64,
    pub(super) source: u64,
    pub(super) language: Option<String>,
    pub(super) words: Vec<Term>,
    pub(super) title: Vec<Term>,
    pub(super) names: Vec<Term>,
    /// Ascending.
    pub(super) numbers: Vec<u32>,
    /// Years it speaks of, ascending.
    pub(super) years: Vec<u16>,
    /// Months it speaks of, since the year 0, ascending.
    pub(super) months: Vec<u32>,
    pub(super) facts: Vec<Fact>,
    /// It is about the security of computers and data: its names are to be trusted.
    pub(super) security: bool,
    /// An incident may begin with it.
    pub(super) opens: bool,
    /// Malicious indicators, ascending.
    pub(super) indicators: Vec<u32>,
    /// Bit per attack, in the order of [`Attack::ALL`].
    pub(super) attacks: u32,
    pub(super) main_attack: Option<Attack>,
    pub(super) standing: Standing,
    pub(super) stance: Stance,
    pub(super) sketch: Sketch,
}

impl Signature {
    /// Signature of an article by `source`.
    pub fn of(
        reading: &Reading,
        enrichment: &Enrichment,
        published: Timestamp,
        source: u64,
    ) -> Signature {
        let terms = Terms::of(reading);
        let times = Times::of(reading, published);
        let security = topic::is_security(reading, enrichment);
        Signature {
            published: published.as_second(),
            source,
            language: enrichment.language.clone(),
            words: terms.words,
            title: terms.title,
            names: terms.names,
            numbers: terms.numbers,
            years: times.years,
            months: times.months,
            facts: super::facts::of(reading, enrichment),
            security,
            opens: opens(enrichment, security),
            indicators: super::facts::indicators(enrichment),
            attacks: mask(enrichment),
            main_attack: enrichment.main_attack,
            standing: standing::of(reading, enrichment),
            stance: stance::of(reading, enrichment),
            sketch: Sketch::of(reading),
        }
    }

    /// Whether an incident may begin with it: it tells of an attack, a victim or a flaw, and that is no chance.
    pub fn may_open(&self) -> bool {
        self.opens
    }

    /// Blocking keys: articles that could belong together share at least one. Mostly 30 to 60.
    pub fn keys(&self) -> Vec<u64> {
        super::keys::of(self)
    }

    /// Near-duplicate fingerprint: equal texts have equal ones.
    pub fn fingerprint(&self) -> u64 {
        self.sketch.fingerprint()
    }

    pub(in crate::enrich) fn sketch(&self) -> &Sketch {
        &self.sketch
    }

    pub(super) fn facts_of(&self, kind: EntityKind) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.kind == kind)
    }
}

/// Whether something happened: an attack that is sure, or in security news any attack, victim or flaw.
fn opens(enrichment: &Enrichment, security: bool) -> bool {
    let named = |kind| enrichment.of_kind(kind).next().is_some();
    let surest = enrichment.attacks.first().map_or(0.0, |tag| tag.score);
    let something = surest > 0.0 || named(EntityKind::Victim) || named(EntityKind::Cve);
    surest >= SURE || (security && something)
}

fn mask(enrichment: &Enrichment) -> u32 {
    enrichment.attacks.iter().fold(0, |mask, tag| mask | bit(tag.attack))
}

/// The bit of an attack in a signature.
pub(super) fn bit(attack: Attack) -> u32 {
    1 << (attack as u32)
}
