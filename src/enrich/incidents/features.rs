//! How an article and an incident compare, in numbers for the model and in words for the reader.

use super::{
    Group, Signature,
    facts::{self, Fact},
    group::GroupFact,
    terms::cosine,
};
use crate::domain::EntityKind;

/// Number of features.
pub(super) const COUNT: usize = NAMES.len();

/// Names of the features, in order.
pub(super) const NAMES: [&str; 18] = [
    "words",
    "title",
    "title in words",
    "names",
    "victim shared",
    "victim conflicts",
    "cve shared",
    "cve conflicts",
    "malware shared",
    "actor shared",
    "vendor shared",
    "indicator shared",
    "numbers shared",
    "gap",
    "victim shared, gap",
    "attacks",
    "language differs",
    "language differs, names",
];

const DAY: f32 = 86_400.0;

/// How an article and an incident compare.
#[derive(Debug, Clone, Default)]
pub(super) struct Comparison<'a> {
    pub values: [f32; COUNT],
    pub days: f32,
    pub victim: Shared<'a>,
    pub cve: Shared<'a>,
    pub malware: Shared<'a>,
    pub actor: Shared<'a>,
    pub vendor: Shared<'a>,
    pub indicators: usize,
    pub numbers: usize,
}

/// What an article and an incident share of one kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shared<'a> {
    /// How prominent the shared ones are in both, 0 to 1.
    pub strength: f32,
    /// Both name some and share none.
    pub conflict: f32,
    /// The most prominent.
    pub fact: Option<&'a Fact>,
}

/// Compares an article with an incident.
pub(super) fn compare<'a>(article: &'a Signature, group: &'a Group) -> Comparison<'a> {
    let mut one = Comparison {
        days: days_apart(article, group),
        victim: shared(article, group, EntityKind::Victim),
        cve: shared(article, group, EntityKind::Cve),
        malware: shared(article, group, EntityKind::Malware),
        actor: shared(article, group, EntityKind::Actor),
        vendor: vendor(article, group),
        indicators: common(&article.indicators, &group.indicators),
        numbers: common(&article.numbers, &group.numbers),
        values: [0.0; COUNT],
    };
    let names = cosine(&article.names, &group.names);
    let gap = one.days.ln_1p() / 4.0;
    let foreign = f32::from(article.language.as_ref().is_some_and(|language| {
        !group.languages.is_empty() && !group.languages.contains(language)
    }));
    one.values = [
        cosine(&article.words, &group.words),
        cosine(&article.title, &group.title),
        (cosine(&article.title, &group.words) + cosine(&article.words, &group.title)) / 2.0,
        names,
        one.victim.strength,
        one.victim.conflict,
        one.cve.strength,
        one.cve.conflict,
        one.malware.strength,
        one.actor.strength,
        one.vendor.strength,
        f32::from(one.indicators > 0),
        (one.numbers as f32).ln_1p(),
        gap,
        gap * one.victim.strength,
        attacks(article, group),
        foreign,
        foreign * names,
    ];
    one
}

fn days_apart(article: &Signature, group: &Group) -> f32 {
    let before = (group.first - article.published).max(0);
    let after = (article.published - group.last).max(0);
    before.max(after) as f32 / DAY
}

fn vendor<'a>(article: &'a Signature, group: &'a Group) -> Shared<'a> {
    let vendor = shared(article, group, EntityKind::Vendor);
    let product = shared(article, group, EntityKind::Product);
    if product.strength > vendor.strength { product } else { vendor }
}

fn shared<'a>(article: &'a Signature, group: &'a Group, kind: EntityKind) -> Shared<'a> {
    let mut best = Shared::default();
    let mut most: f32 = 0.0;
    let (mut in_article, mut in_group) = (false, false);
    for known in group.facts_of(kind) {
        in_group = true;
        for fact in article.facts_of(kind) {
            in_article = true;
            if !facts::same(fact, &known.fact) {
                continue;
            }
            let strength = (fact.salience * prominence(known, group)).sqrt();
            if strength > most {
                most = strength;
                best = Shared { strength, conflict: 0.0, fact: Some(&known.fact) };
            }
        }
    }
    if in_article && in_group && best.fact.is_none() {
        best.conflict = 1.0;
    }
    best
}

/// How prominent a fact is in an incident's coverage, 0 to 1.
fn prominence(known: &GroupFact, group: &Group) -> f32 {
    (known.salience / group.articles.max(1) as f32).min(1.0)
}

fn common(a: &[u32], b: &[u32]) -> usize {
    a.iter().filter(|mark| b.binary_search(mark).is_ok()).count()
}

/// Share of the article's and the incident's attacks that agree, 0 to 1.
fn attacks(article: &Signature, group: &Group) -> f32 {
    let known = group
        .attacks
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .fold(0_u32, |mask, (at, _)| mask | 1 << at);
    let all = (known | article.attacks).count_ones();
    let both = (known & article.attacks).count_ones();
    if all == 0 { 0.5 } else { both as f32 / all as f32 }
}
