//! Articles made from a seed: vocabulary by Zipf's law, lengths log-normal, dates over five years.

use jiff::{Timestamp, ToSpan as _};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use siftwire::{
    domain::{
        Article, ArticleId, ArticleKind, Attack, AttackTag, Enrichment, Entity, EntityKind,
        IncidentId, SourceId, Span,
    },
    store::Enriched,
};

const SEED: u64 = 0x5EED;
const WORDS: usize = 200_000;
/// The most frequent words (the, of, and) are not inflected.
const FUNCTION_WORDS: usize = 150;
const SOURCES: usize = 400;
const AUTHORS: usize = 2_000;
/// Half of the articles are shorter, in words.
const MEDIAN_WORDS: f64 = 450.0;
/// Spread of the logarithm of the length.
const LENGTH_SPREAD: f64 = 0.7;
const MAX_WORDS: f64 = 8_000.0;
const YEARS_S: i64 = 5 * 365 * 86_400;

const ONSETS: &[&str] = &[
    "b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p",
    "pl", "pr", "qu", "r", "s", "sc", "sh", "sp", "st", "str", "t", "th", "tr", "v", "w", "z",
];
const NUCLEI: &[&str] = &["a", "e", "i", "o", "u", "ai", "ea", "ee", "io", "ou"];
const CODAS: &[&str] = &["", "", "n", "r", "l", "s", "t", "ck", "nd", "st", "x", "m"];
/// Endings as English has them, so that stemming has its usual work.
const ENDINGS: &[&str] = &["", "", "", "", "s", "s", "ed", "ing", "er", "ly", "ness", "ation"];

/// What articles are made of.
pub struct Corpus {
    words: Vec<String>,
    /// Share of all text that a word and those before it make up.
    cumulative: Vec<f64>,
    now: Timestamp,
}

impl Corpus {
    pub fn new(now: Timestamp) -> Self {
        let mut random = SmallRng::seed_from_u64(SEED);
        let mut seen = std::collections::HashSet::new();
        let mut words = Vec::with_capacity(WORDS);
        while words.len() < WORDS {
            // Frequent words are short, as in any language.
            let syllables = 1 + (words.len() / 400).checked_ilog2().unwrap_or(0) / 3;
            let word = make_word(&mut random, syllables, words.len() >= FUNCTION_WORDS);
            if seen.insert(word.clone()) {
                words.push(word);
            }
        }
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = (0..WORDS)
            .map(|rank| {
                // Zipf-Mandelbrot: the very first words are less frequent than 1/rank would have them.
                sum += 1.0 / (rank as f64 + 2.7);
                sum
            })
            .collect();
        cumulative.iter_mut().for_each(|share| *share /= sum);
        Self { words, cumulative, now }
    }

    /// What was found in the article with this number.
    pub fn enriched(&self, number: u64) -> Enriched {
        let mut random = SmallRng::seed_from_u64(SEED ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let here = Span { start: 0, end: 1 };
        let attack = Attack::ALL[skewed(&mut random, Attack::ALL.len())];
        let kinds = [
            (EntityKind::Victim, 50_000),
            (EntityKind::Vendor, 500),
            (EntityKind::Product, 2_000),
            (EntityKind::Malware, 3_000),
            (EntityKind::Actor, 500),
            (EntityKind::Cve, 20_000),
        ];
        let entities = kinds.map(|(kind, names)| Entity {
            kind,
            name: format!("{} {}", kind.as_str(), self.words[skewed(&mut random, names)]),
            id: None,
            spans: vec![here],
            evidence: here,
            known_exploited: false,
        });
        let enrichment = Enrichment {
            attacks: vec![AttackTag { attack, score: 0.9, evidence: vec![here] }],
            main_attack: Some(attack),
            entities: entities.into(),
            countries: vec!["JP".to_owned()],
            sectors: vec!["healthcare".to_owned()],
            ..Enrichment::default()
        };
        Enriched {
            article_id: ArticleId(number as i64),
            enrichment,
            signature: Vec::new(),
            duplicate_of: None,
            incident: Some(IncidentId(number as i64 / 4 + 1)),
            changed: Timestamp::UNIX_EPOCH,
        }
    }

    /// The article with this number, always the same.
    pub fn article(&self, number: u64) -> Article {
        let mut random = SmallRng::seed_from_u64(SEED ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let source = skewed(&mut random, SOURCES);
        let age_s = random.random_range(0..YEARS_S);
        let published = self.now - age_s.seconds();
        let title = self.sentence(&mut random, 9);
        let text = self.body(&mut random);
        Article {
            id: ArticleId(number as i64),
            source_id: SourceId(source as i64),
            source: format!("Source {source}"),
            url: format!(
                "https://www.source-{source}.example/{number}/{}",
                title.replace(' ', "-")
            ),
            title,
            authors: vec![format!(
                "{} {}",
                self.words[skewed(&mut random, AUTHORS)],
                self.words[AUTHORS + skewed(&mut random, AUTHORS)]
            )],
            published,
            published_stated: true,
            modified: None,
            first_seen: published,
            last_changed: published,
            language: Some("en".to_owned()),
            site_name: None,
            description: None,
            image: None,
            tags: vec![self.words[skewed(&mut random, 500)].clone()],
            kind: ArticleKind::Article,
            text,
            html: String::new(),
            comment_provider: None,
            comment_count: 0,
            confidence: 1.0,
            revision: 1,
        }
    }

    /// Pairs of words from ranges of frequency rank.
    pub fn word_pairs(
        &self,
        first: std::ops::Range<usize>,
        second: std::ops::Range<usize>,
        count: usize,
    ) -> Vec<String> {
        let mut random = SmallRng::seed_from_u64(SEED + 1);
        let mut pair = || {
            let (first, second) =
                (random.random_range(first.clone()), random.random_range(second.clone()));
            format!("{} {}", self.words[first], self.words[second])
        };
        (0..count).map(|_| pair()).collect()
    }

    /// Pairs of words as they come in text, without the fifty words that say nothing.
    pub fn typical_pairs(&self, count: usize) -> Vec<String> {
        let mut random = SmallRng::seed_from_u64(SEED + 2);
        let mut word = || loop {
            let rank = self.rank(&mut random);
            if rank >= 50 {
                return &self.words[rank];
            }
        };
        (0..count).map(|_| format!("{} {}", word(), word())).collect()
    }

    fn rank(&self, random: &mut SmallRng) -> usize {
        let share: f64 = random.random();
        self.cumulative.partition_point(|&upto| upto < share).min(WORDS - 1)
    }

    fn sentence(&self, random: &mut SmallRng, words: usize) -> String {
        let mut text = String::with_capacity(words * 8);
        for place in 0..words {
            if place > 0 {
                text.push(' ');
            }
            text.push_str(&self.words[self.rank(random)]);
        }
        text
    }

    fn body(&self, random: &mut SmallRng) -> String {
        let length = (MEDIAN_WORDS * (normal(random) * LENGTH_SPREAD).exp()).clamp(20.0, MAX_WORDS);
        let mut left = length as usize;
        let mut text = String::with_capacity(left * 8);
        while left > 0 {
            let words = random.random_range(6..24).min(left);
            left -= words;
            text.push_str(&self.sentence(random, words));
            if random.random_ratio(1, 40) {
                text.push_str(&format!(" CVE-2026-{}", random.random_range(1000..60_000)));
            }
            text.push_str(if random.random_ratio(1, 5) { ".\n\n" } else { ". " });
        }
        text
    }
}

fn make_word(random: &mut SmallRng, syllables: u32, inflected: bool) -> String {
    let mut pick = |list: &[&'static str]| list[random.random_range(0..list.len())];
    let mut word = String::new();
    for _ in 0..syllables {
        word.push_str(pick(ONSETS));
        word.push_str(pick(NUCLEI));
        word.push_str(pick(CODAS));
    }
    if inflected {
        word.push_str(pick(ENDINGS));
    }
    word
}

/// A number below `limit`, small ones far more often.
fn skewed(random: &mut SmallRng, limit: usize) -> usize {
    let share: f64 = random.random();
    ((limit as f64).powf(share) as usize).saturating_sub(1).min(limit - 1)
}

/// Standard normal, by Box and Muller.
fn normal(random: &mut SmallRng) -> f64 {
    let (radius, angle): (f64, f64) = (random.random_range(f64::EPSILON..1.0), random.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
