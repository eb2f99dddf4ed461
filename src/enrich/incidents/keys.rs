//! Blocking keys: what two articles of one incident are likely to have in common.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Signature, facts::Fact, words::Term};
use crate::domain::EntityKind;

/// Days of a time bucket; each article looks into two.
const BUCKET_DAYS: i64 = 28;
const DAY: i64 = 86_400;
/// The weightiest words and names that serve as keys.
const WORDS: usize = 10;
const NAMES: usize = 6;

/// The keys of an article. Rare things are keys by themselves, commoner ones with the time.
pub(super) fn of(article: &Signature) -> Vec<u64> {
    let mut keys = Vec::with_capacity(64);
    article.facts.iter().for_each(|fact| add_fact(article, fact, &mut keys));
    keys.extend(article.indicators.iter().map(|hash| key(20, *hash, 0)));
    keys.extend(heaviest(&article.names, NAMES).flat_map(|hash| timed(article, 21, hash)));
    keys.extend(heaviest(&article.words, WORDS).flat_map(|hash| timed(article, 22, hash)));
    keys.extend(article.sketch().bands().map(|band| xxh3_64_with_seed(&band.to_le_bytes(), 23)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Victims and flaws are keys at any time, by the whole name, its heaviest word and its initials; other things with
/// the time.
fn add_fact(article: &Signature, fact: &Fact, keys: &mut Vec<u64>) {
    let kind = fact.kind as u32;
    let whole = fact.words.iter().fold(0_u32, |sum, term| sum.rotate_left(5) ^ term.hash);
    let heaviest = heaviest(&fact.words, 1).next().unwrap_or(whole);
    match fact.kind {
        EntityKind::Technique => {}
        EntityKind::Victim | EntityKind::Cve => {
            keys.extend([key(kind, whole, 0), key(kind, heaviest, 0)]);
            if fact.initials != 0 {
                keys.push(key(24, fact.initials, 0));
            }
        }
        _ => keys.extend(timed(article, kind, whole)),
    }
}

fn heaviest(terms: &[Term], most: usize) -> impl Iterator<Item = u32> {
    let mut terms: Vec<Term> = terms.to_vec();
    terms.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then(a.hash.cmp(&b.hash)));
    terms.into_iter().take(most).map(|term| term.hash)
}

/// The key in the article's time bucket and in the nearer of its neighbours.
fn timed(article: &Signature, kind: u32, hash: u32) -> [u64; 2] {
    let half = article.published.div_euclid(BUCKET_DAYS * DAY / 2);
    [key(kind, hash, half.div_euclid(2) * 2), key(kind, hash, (half + 1).div_euclid(2) * 2 - 1)]
}

fn key(kind: u32, hash: u32, bucket: i64) -> u64 {
    let parts = ((u64::from(kind)) << 32) | u64::from(hash);
    xxh3_64_with_seed(&parts.to_le_bytes(), bucket as u64)
}
