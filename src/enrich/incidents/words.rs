//! The words of an article as weighted terms: how much a word says depends on how rare it is in the news.

use std::{collections::HashMap, sync::LazyLock};

use xxhash_rust::xxh3::xxh3_64;

/// Weights of words, from `models/enrich/words.bin`: rows of a hash (4 bytes, little-endian, ascending) and a
/// weight (1 byte, in steps of 1/16).
static WEIGHTS: LazyLock<HashMap<u32, f32>> = LazyLock::new(|| {
    let table = include_bytes!("../../../models/enrich/words.bin");
    table.chunks_exact(5).map(|row| (hash_in(row), f32::from(row[4]) / STEPS)).collect()
});

/// Steps per unit of weight in the table.
pub(super) const STEPS: f32 = 16.0;

/// Weight of a word that the table does not know: rarer than all it knows.
pub(super) const UNKNOWN: f32 = 9.0;

fn hash_in(row: &[u8]) -> u32 {
    u32::from_le_bytes([row[0], row[1], row[2], row[3]])
}

/// A term and how much it says of the article.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Term {
    pub hash: u32,
    pub weight: f32,
}

/// The hash that stands for a word in signatures and in the table.
pub(super) fn hash(word: &str) -> u32 {
    xxh3_64(word.as_bytes()) as u32
}

/// How much a word says: the logarithm of how rare it is, 0 for the commonest.
pub(super) fn weight(hash: u32) -> f32 {
    WEIGHTS.get(&hash).copied().unwrap_or(UNKNOWN)
}

/// The word under which the forms of a word are counted: lower case, without a plural's end.
pub(super) fn stem(word: &str) -> String {
    let lower = word.to_lowercase();
    match lower.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        _ => lower,
    }
}
