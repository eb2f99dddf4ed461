//! What the model sees of an article: its words, pairs of words, and cues, hashed.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::{
    Scores,
    cues::{Cues, Hit},
    hints::Hints,
};
use crate::{
    domain::Attack,
    enrich::{Reading, reading::Shape},
};

/// A change of what is hashed, or how, makes models unreadable: raise it.
pub(super) const VERSION: u32 = 1;

/// Letters of a word's beginning that stand for all its forms.
const STEM: usize = 6;
/// Tokens looked at; the rest of a long article repeats what stands before.
const MAX_TOKENS: usize = 4_000;
/// Sentences after the title that make the beginning of an article.
const LEAD: usize = 3;
/// A word this frequent counts once more.
const OFTEN: usize = 3;

/// Kinds of features; each is hashed apart from the others.
#[derive(Clone, Copy)]
enum Space {
    Word = 1,
    Stem,
    Pair,
    Title,
    Lead,
    Often,
    Cue,
    Length,
}

/// The features of an article.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// Hashes, sorted, each once.
    pub(super) hashes: Vec<u32>,
    /// Words by sentence, for evidence.
    pub(super) words: Vec<(u32, usize)>,
    pub(super) hits: Vec<Hit>,
    /// What the cues say: see [`cue_sums`].
    pub(super) cues: Scores,
    /// The same for the title alone.
    pub(super) title_cues: Scores,
    /// The same for title and first sentences.
    pub(super) lead_cues: Scores,
    pub(super) hints: Hints,
    pub(super) form: Form,
    /// Logarithm of the text's length in bytes, to base 2.
    size: f32,
}

/// Articles and bare summaries are judged by different judges: they speak differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// With a headline.
    #[default]
    Article,
    /// Without one.
    Summary,
}

/// What the judge of an attack weighs: see [`Features::columns`].
pub(super) const COLUMNS: usize = 13;
/// One judge's view of an article.
pub(super) type Columns = [f32; COLUMNS];

impl Features {
    pub(super) fn of(reading: &Reading, cues: &Cues, hints: Hints) -> Features {
        let has_title = reading.title_end > 0;
        let size = reading.text.len().max(1).ilog2() as f32;
        let hits = cues.find(reading);
        let lead = usize::from(has_title) + LEAD;
        let mut features = Features {
            cues: cue_sums(&hits, |_| true),
            title_cues: cue_sums(&hits, |hit| has_title && hit.sentence == 0),
            lead_cues: cue_sums(&hits, |hit| hit.sentence < lead),
            hits,
            hints,
            form: if has_title { Form::Article } else { Form::Summary },
            size,
            ..Features::default()
        };
        features.add_words(reading);
        features.add_cues();
        features.add(Space::Length, u64::from(reading.text.len().max(1).ilog2()));
        features.hashes.sort_unstable();
        features.hashes.dedup();
        features
    }

    /// What the judge of an attack weighs beside a constant: what words (`sum`), cues and names say of it.
    pub(super) fn columns(&self, attack: usize, sum: f32) -> Columns {
        let cues = self.cues[attack].min(8.0) / 4.0;
        let all: f32 = self.cues.iter().sum();
        let Hints { brands, malware, actors, cves, exploited } = self.hints;
        let some = |count: u8| f32::from(count.min(2)) / 2.0;
        [
            cues,
            self.title_cues[attack].min(4.0) / 2.0,
            self.lead_cues[attack].min(6.0) / 3.0,
            if all > 0.0 { self.cues[attack] / all } else { 0.0 },
            some(brands),
            some(malware),
            some(actors),
            some(cves),
            some(exploited),
            (self.size - 9.0) / 4.0,
            f32::from(u8::from(self.cues[attack] == 0.0)),
            (self.cues[attack] * self.lead_cues[attack]).min(16.0) / 16.0,
            sum,
        ]
    }

    fn add(&mut self, space: Space, value: u64) -> u32 {
        let hash = hashed(space, value);
        self.hashes.push(hash);
        hash
    }

    fn add_words(&mut self, reading: &Reading) {
        let mut lower = String::new();
        let mut previous: Option<(usize, u64)> = None;
        let mut words = Vec::with_capacity(reading.tokens.len().min(MAX_TOKENS));
        let lead = if reading.title_end > 0 { 1..=LEAD } else { 0..=LEAD - 1 };
        for token in reading.tokens.iter().take(MAX_TOKENS) {
            if token.shape == Shape::Mark {
                continue;
            }
            let word = word_hash(reading.at(token.span), token.shape, &mut lower);
            let stem = stem_hash(&lower);
            words.push(word);
            let hash = self.add(Space::Word, word);
            self.words.push((hash, token.sentence));
            if stem != word {
                let hash = self.add(Space::Stem, stem);
                self.words.push((hash, token.sentence));
            }
            if reading.in_title(token.span.start) {
                self.add(Space::Title, stem);
            } else if lead.contains(&token.sentence) {
                self.add(Space::Lead, stem);
            }
            if let Some((sentence, before)) = previous
                && sentence == token.sentence
            {
                self.add(Space::Pair, stem ^ u64::rotate_left(before, 17));
            }
            previous = Some((token.sentence, stem));
        }
        words.sort_unstable();
        for run in words.chunk_by(|a, b| a == b).filter(|run| run.len() >= OFTEN) {
            self.add(Space::Often, run[0]);
        }
    }

    fn add_cues(&mut self) {
        let steps = |sum: f32| sum.ceil().clamp(0.0, 8.0) as u64;
        for attack in 0..Attack::ALL.len() {
            let place = attack as u64;
            // Each step reached is a feature, so that more is never less.
            for step in 1..=steps(self.cues[attack]) {
                self.add(Space::Cue, place << 16 | step);
            }
            for step in 1..=steps(self.title_cues[attack]).min(3) {
                self.add(Space::Cue, place << 16 | 1 << 8 | step);
            }
            for step in 1..=steps(self.lead_cues[attack]).min(4) {
                self.add(Space::Cue, place << 16 | 2 << 8 | step);
            }
        }
    }
}

/// Sum of the weights of the cues of each attack, each cue once and the second time half.
pub(super) fn cue_sums(hits: &[Hit], wanted: impl Fn(&Hit) -> bool) -> Scores {
    let mut sums = Scores::default();
    let mut seen: Vec<(usize, u8)> = Vec::new();
    for hit in hits.iter().filter(|hit| wanted(hit)) {
        let times = match seen.iter_mut().find(|(cue, _)| *cue == hit.cue) {
            Some((_, times)) => {
                *times = times.saturating_add(1);
                *times
            }
            None => {
                seen.push((hit.cue, 1));
                1
            }
        };
        sums[hit.attack] += match times {
            1 => hit.weight,
            2 => hit.weight / 2.0,
            _ => 0.0,
        };
    }
    sums
}

fn hashed(space: Space, value: u64) -> u32 {
    let mixed = (value ^ (space as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as u32
}

/// Hash of a word in lower case, which is left in `lower`. All numbers are one word.
fn word_hash(word: &str, shape: Shape, lower: &mut String) -> u64 {
    lower.clear();
    match shape {
        Shape::Number => lower.push('#'),
        Shape::Lower | Shape::Caseless => lower.push_str(word),
        _ if word.is_ascii() => {
            lower.push_str(word);
            lower.make_ascii_lowercase();
        }
        _ => lower.extend(word.chars().flat_map(char::to_lowercase)),
    }
    xxh3_64(lower.as_bytes())
}

/// Hash of a word's beginning; the word's own hash where it is no longer than that.
fn stem_hash(lower: &str) -> u64 {
    match lower.char_indices().nth(STEM) {
        Some((end, _)) => xxh3_64_with_seed(&lower.as_bytes()[..end], 7),
        None => xxh3_64(lower.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_feature() {
        let mut lower = String::new();
        let mut stem = |word: &str| {
            word_hash(word, Shape::Lower, &mut lower);
            stem_hash(&lower)
        };
        assert_eq!(stem("encrypted"), stem("encrypting"));
        assert_ne!(stem("encrypted"), stem("decrypted"));
    }

    #[test]
    fn more_cues_are_never_fewer_features() {
        let of =
            |text: &str| Features::of(&Reading::of("", text), Cues::embedded(), Hints::default());
        let (one, two) = (of("Malware."), of("Malware, a trojan."));
        assert!(two.cues.iter().zip(one.cues).all(|(more, less)| *more >= less));
    }
}
