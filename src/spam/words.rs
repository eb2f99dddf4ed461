//! Adds up a model's cells over the features of a comment. Most words of a comment were met in one before: what
//! their letter sequences add up to is remembered.

use super::{
    model::{Model, Sum, Sums},
    ngrams::{Part, Sink, letters},
};

/// What the letter sequences of recent words add up to, at a place given by the word's hash.
#[derive(Debug)]
pub(super) struct WordCache(Vec<(u64, Sum)>);

/// Words remembered: 256 kB, which stays near the processor.
const WORDS: usize = 1 << 14;

impl Default for WordCache {
    fn default() -> Self {
        WordCache(vec![(0, Sum::default()); WORDS])
    }
}

/// Sums over the features of one comment.
pub(super) struct CellSums<'a> {
    pub model: &'a Model,
    /// Of the filter the model belongs to; the cache may have served another one before.
    pub id: u64,
    pub cache: &'a mut WordCache,
    pub sums: Sums,
}

impl Sink for CellSums<'_> {
    fn put(&mut self, part: Part, feature: u32) {
        self.sums.0[part as usize].add(self.model.cells[feature as usize]);
    }

    fn put_letters(&mut self, word: &str, hash: u64) {
        let key = hash ^ self.id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let remembered = &mut self.cache.0[key as usize % WORDS];
        if remembered.0 != key {
            let mut sum = Sum::default();
            letters(word, |feature| sum.add(self.model.cells[feature as usize]));
            *remembered = (key, sum);
        }
        self.sums.0[Part::Letters as usize].add_sum(remembered.1);
    }
}
