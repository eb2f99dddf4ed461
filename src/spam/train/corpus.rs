//! A corpus: labelled comments as numbers, with what the augmenter makes of them.

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;

use super::{Example, Labelled, Reader, augment};

/// Labelled comments, read and augmented.
#[derive(Debug)]
pub struct Corpus {
    pub examples: Vec<Example>,
    /// Digest of ids, labels and texts.
    pub digest: String,
}

impl Corpus {
    /// Reads the comments. What is made from one carries its group, so a split never parts them.
    /// A comment that comes twice, by source and id, is taken once.
    pub fn new(mut comments: Vec<Labelled>, seed: u64) -> Corpus {
        let mut seen = HashSet::new();
        comments.retain(|c| {
            c.comment.id.is_empty() || seen.insert((c.source.clone(), c.comment.id.clone()))
        });
        let examples = comments
            .par_iter()
            .enumerate()
            .map_init(Reader::default, |reader, (at, comment)| {
                let variants = augment::variants(comment, seed ^ at as u64);
                let read = |(n, variant)| reader.read(variant, n > 0);
                variants.iter().enumerate().map(read).collect::<Vec<Example>>()
            })
            .flatten_iter()
            .collect();
        Corpus { examples, digest: digest(&comments) }
    }

    pub fn all(&self) -> Vec<&Example> {
        self.examples.iter().collect()
    }

    /// Number of comments the augmenter made.
    pub fn made(&self) -> usize {
        self.examples.iter().filter(|e| e.made).count()
    }

    pub fn sources(&self) -> BTreeSet<&str> {
        self.examples.iter().map(|e| e.source.as_str()).collect()
    }
}

fn digest(comments: &[Labelled]) -> String {
    let mut hasher = blake3::Hasher::new();
    for labelled in comments {
        for part in [&labelled.comment.id, &labelled.comment.content] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(&[labelled.label as u8]);
    }
    hasher.finalize().to_hex().to_string()
}
