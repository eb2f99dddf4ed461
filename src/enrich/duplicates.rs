//! Syndicated copies: which articles repeat the text of another.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{Reading, incidents::Signature, reading::Shape};
use crate::domain::ArticleId;

/// Smallest values kept of an article.
const MINIMA: usize = 64;
/// Words in a row that make a shingle.
const RUN: usize = 4;
/// Articles with fewer shingles are too short to be called copies.
const FEWEST_SHINGLES: u32 = 12;
/// Share of common shingles from which a text repeats another.
const COPY: f32 = 0.6;
/// Words read of one article.
const MOST_WORDS: usize = 4_000;

/// The smallest hashes of an article's runs of words (bottom-k MinHash), by which the share of common runs can be told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sketch {
    /// Ascending, at most [`MINIMA`].
    minima: Vec<u64>,
    /// Distinct runs of the article.
    shingles: u32,
}

impl Sketch {
    /// Sketch of an article's body.
    pub fn of(reading: &Reading) -> Sketch {
        let words: Vec<u64> = (0..reading.tokens.len())
            .filter(|at| reading.tokens[*at].shape != Shape::Mark)
            .filter(|at| !reading.in_title(reading.tokens[*at].span.start))
            .take(MOST_WORDS)
            .map(|at| xxh3_64(reading.word(at).to_lowercase().as_bytes()))
            .collect();
        let mut minima: Vec<u64> = words.windows(RUN).map(mix).collect();
        minima.sort_unstable();
        minima.dedup();
        let shingles = minima.len() as u32;
        minima.truncate(MINIMA);
        Sketch { minima, shingles }
    }

    /// Estimate of the share of runs that two articles have in common, 0 to 1.
    pub fn similarity(&self, other: &Sketch) -> f32 {
        let (mut i, mut j, mut seen, mut common) = (0, 0, 0, 0);
        while i < self.minima.len() && j < other.minima.len() && seen < MINIMA {
            match self.minima[i].cmp(&other.minima[j]) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    common += 1;
                    i += 1;
                    j += 1;
                }
            }
            seen += 1;
        }
        if seen == 0 { 0.0 } else { common as f32 / seen as f32 }
    }

    /// The smallest hashes: copies share the first of them most likely.
    pub(super) fn bands(&self) -> impl Iterator<Item = u64> {
        self.minima.iter().copied().take(4)
    }

    /// One number for the sketch: equal texts have equal ones, and so do texts whose smallest hashes agree.
    pub fn fingerprint(&self) -> u64 {
        mix(&self.minima)
    }
}

fn mix(run: &[u64]) -> u64 {
    run.iter().fold(0x9E37_79B9_7F4A_7C15, |sum: u64, word| {
        let sum = (sum.rotate_left(23) ^ word).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        sum ^ (sum >> 32)
    })
}

/// The article among `others` whose text this one repeats: the most alike, and of equals the first.
pub fn duplicate_of(article: &Signature, others: &[(ArticleId, Signature)]) -> Option<ArticleId> {
    let sketch = article.sketch();
    if sketch.shingles < FEWEST_SHINGLES {
        return None;
    }
    let mut best: Option<(f32, ArticleId)> = None;
    for (id, other) in others {
        let similarity = sketch.similarity(other.sketch());
        if similarity >= COPY && best.is_none_or(|(most, _)| similarity > most) {
            best = Some((similarity, *id));
        }
    }
    best.map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::Enrichment;

    const WIRE: &str = "Grenwold Clinic sent patients home on Monday after attackers had locked its records. \
        A spokesperson said that two wards would open again within days. The police are looking into it. \
        Nobody has been hurt so far, and surgery that cannot wait is done in a neighbouring town. \
        The attackers asked for two million in bitcoin, which the clinic does not intend to pay.";

    fn signature(text: &str) -> Signature {
        let reading = Reading::of("Told", text);
        Signature::of(&reading, &Enrichment::default(), Timestamp::UNIX_EPOCH, 0)
    }

    #[test]
    fn a_copy_with_an_added_line_is_a_copy() {
        let copy = signature(&format!("{WIRE} Reporting by our own staff."));
        let others = [
            (
                ArticleId(3),
                signature(
                    "Something else happened in Quillsay on the same day, and it takes a good many words to tell it all.",
                ),
            ),
            (ArticleId(4), signature(WIRE)),
        ];
        assert_eq!(duplicate_of(&copy, &others), Some(ArticleId(4)));
        assert_eq!(signature(WIRE).fingerprint(), others[1].1.fingerprint());
    }

    #[test]
    fn another_report_of_the_same_is_no_copy() {
        let own = signature(
            "Attackers locked the records of Grenwold Clinic, which sent patients home on Monday. Two wards open again soon, and the police look into it.",
        );
        assert_eq!(duplicate_of(&own, &[(ArticleId(4), signature(WIRE))]), None);
    }

    #[test]
    fn short_texts_are_no_copies() {
        assert_eq!(
            duplicate_of(&signature("Read more."), &[(ArticleId(1), signature("Read more."))]),
            None
        );
    }
}
