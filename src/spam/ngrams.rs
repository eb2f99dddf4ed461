//! Hashed words, word pairs and letter sequences of a comment.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{analysis::Analysis, contacts::Kind, lexicon::Class};

/// Bits of the feature space.
pub const BITS: u32 = 19;
/// Size of the feature space.
pub const SPACE: usize = 1 << BITS;
/// Seed of every feature hash; part of the model file.
pub const SEED: u64 = 0x5157_4952_4531;

/// The first indices belong to pairs of things noticed ([`Ngrams::push_items`]); hashes fall above them.
pub const PAIRED: usize = ITEMS * ITEMS;
/// Kinds of things that can be paired: classes, contacts, habits of writing.
const ITEMS: usize = 64;
const CONTACT_ITEMS: usize = Class::ALL.len();
const HABIT_ITEMS: usize = CONTACT_ITEMS + 9;

/// Features of one comment stop here.
const MAX_FEATURES: usize = 6_000;
const MAX_WORD: usize = 32;

const WORD: u64 = 1;
const PAIR: u64 = 2;
const LETTERS: u64 = 3;
const DISGUISED: u64 = 4;
const SHAPE: u64 = 5;

/// The distinct features of a comment, and the buffers that find them.
#[derive(Debug)]
pub struct Ngrams {
    pub features: Vec<u32>,
    seen: Vec<u64>,
}

impl Default for Ngrams {
    fn default() -> Self {
        Ngrams { features: Vec::new(), seen: vec![0; SPACE / 64] }
    }
}

impl Ngrams {
    /// Reads the features of a comment; those of the one before are forgotten.
    pub fn read(&mut self, analysis: &Analysis) {
        for feature in self.features.drain(..) {
            self.seen[feature as usize / 64] = 0;
        }
        self.push_items(analysis);
        let text = &analysis.view.text;
        let mut previous: Option<&str> = None;
        let mut previous_shape = Shape::Start;
        for word in words(text) {
            self.push(WORD, word.as_bytes(), 0);
            if let Some(previous) = previous {
                self.push_pair(PAIR, previous, word);
            }
            let shape = Shape::of(word);
            if shape != Shape::Word || previous_shape != Shape::Word {
                // Numbers and addresses differ each time; what they stand beside does not.
                let left = if previous_shape == Shape::Word {
                    previous.unwrap_or("")
                } else {
                    previous_shape.name()
                };
                let right = if shape == Shape::Word { word } else { shape.name() };
                self.push_pair(SHAPE, left, right);
            }
            self.push_letters(word);
            previous = Some(word);
            previous_shape = shape;
            if self.features.len() >= MAX_FEATURES {
                break;
            }
        }
        for contact in &analysis.contacts {
            if matches!(contact.kind, Kind::Link) {
                let host = &text[contact.start..contact.end];
                self.push(SHAPE, host.as_bytes(), 1);
            }
        }
        for word in &analysis.view.disguised {
            self.push(DISGUISED, word.as_bytes(), 0);
        }
    }

    /// Pairs of things noticed: a claim with a contact says what neither says alone.
    fn push_items(&mut self, analysis: &Analysis) {
        let mut items = [0u8; ITEMS];
        let mut count = 0;
        for item in (0..ITEMS as u8).filter(|item| has_item(analysis, usize::from(*item))) {
            items[count] = item;
            count += 1;
        }
        for (at, first) in items[..count].iter().enumerate() {
            for second in &items[at..count] {
                self.insert(u32::from(*first) * ITEMS as u32 + u32::from(*second));
            }
        }
    }

    fn push(&mut self, namespace: u64, bytes: &[u8], salt: u64) {
        let hash = xxh3_64_with_seed(bytes, SEED ^ (namespace << 8) ^ salt);
        self.insert(above_pairs((hash >> (64 - BITS)) as u32));
    }

    fn insert(&mut self, feature: u32) {
        let (slot, bit) = (feature as usize / 64, 1u64 << (feature % 64));
        if self.seen[slot] & bit == 0 {
            self.seen[slot] |= bit;
            self.features.push(feature);
        }
    }

    fn push_pair(&mut self, namespace: u64, left: &str, right: &str) {
        let salt = xxh3_64_with_seed(left.as_bytes(), SEED);
        self.push(namespace, right.as_bytes(), salt << 16);
    }

    /// Sequences of two to five letters, the word's borders included.
    fn push_letters(&mut self, word: &str) {
        let mut padded = [b' '; MAX_WORD + 2];
        let cut = word.floor_char_boundary(MAX_WORD);
        padded[1..=cut].copy_from_slice(&word.as_bytes()[..cut]);
        let padded = &padded[..cut + 2];
        for start in 0..padded.len() {
            if !is_letter_start(padded[start]) {
                continue;
            }
            let mut hash = SEED ^ LETTERS;
            let mut letters = 0;
            for (at, &byte) in padded.iter().enumerate().skip(start) {
                if is_letter_start(byte) && at > start {
                    letters += 1;
                    if letters >= 2 {
                        self.insert(above_pairs(spread(hash)));
                    }
                    if letters == 5 {
                        break;
                    }
                }
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                hash ^= hash >> 29;
            }
            if (1..5).contains(&letters) {
                self.insert(above_pairs(spread(hash)));
            }
        }
    }
}

/// The word whose own feature weighs most.
pub fn strongest_word(text: &str, weight: impl Fn(u32) -> i32) -> Option<&str> {
    let feature = |word: &str| {
        above_pairs((xxh3_64_with_seed(word.as_bytes(), SEED ^ (WORD << 8)) >> (64 - BITS)) as u32)
    };
    let weighed = words(text).map(|word| (weight(feature(word)), word));
    weighed.filter(|w| w.0 > 0).max_by_key(|w| w.0).map(|w| w.1)
}

/// The upper bits of one more round of mixing.
fn spread(hash: u64) -> u32 {
    (hash.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> (64 - BITS)) as u32
}

/// Folds the few hashes that would fall among the pairs into the space above them.
fn above_pairs(feature: u32) -> u32 {
    if (feature as usize) < PAIRED { feature + PAIRED as u32 } else { feature }
}

fn has_item(analysis: &Analysis, item: usize) -> bool {
    if let Some(class) = Class::ALL.get(item) {
        return analysis.claims.of(*class) > 0;
    }
    if item < HABIT_ITEMS {
        return analysis.contacts.iter().any(|c| c.kind as usize == item - CONTACT_ITEMS);
    }
    let view = &analysis.view;
    match item - HABIT_ITEMS {
        0 => view.words <= 4,
        1 => (5..=15).contains(&view.words),
        2 => view.words > 60,
        3 => view.emoji > 0,
        4 => view.undone.total() > 0,
        5 => view.letters > 8 && view.capitals * 2 > view.letters,
        6 => view.other_script * 2 > view.letters,
        7 => !view.links.is_empty(),
        8 => analysis.amounts > 0,
        9 => analysis.first_person > 0,
        10 => analysis.third_person > 0,
        11 => view.text.contains('?'),
        12 => view.text.contains('!'),
        13 => view.text.trim_end().contains('\n'),
        14 => analysis.quoted_claims > 0,
        15 => view.digits > 0,
        _ => false,
    }
}

fn is_letter_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// What a word is when its letters do not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Start,
    Word,
    Number,
    Amount,
    Handle,
    Mail,
}

impl Shape {
    fn of(word: &str) -> Shape {
        let bytes = word.as_bytes();
        let digits = bytes.iter().any(u8::is_ascii_digit);
        match bytes[0] {
            b'@' => Shape::Handle,
            b'$' => Shape::Amount,
            _ if memchr::memchr(b'@', bytes).is_some() => Shape::Mail,
            _ if digits => Shape::Number,
            _ => Shape::Word,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Shape::Start => "<start>",
            Shape::Word => "<word>",
            Shape::Number => "<number>",
            Shape::Amount => "<amount>",
            Shape::Handle => "<handle>",
            Shape::Mail => "<mail>",
        }
    }
}

/// Words with the signs that make handles, amounts and addresses; emoji and ideographs come out as they are.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '@' | '$' | '%' | '\'' | '_')
    })
    .filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spam::CommentInput;

    fn features(content: &str) -> Vec<u32> {
        let mut analysis = Analysis::default();
        analysis.read(&CommentInput { content: content.into(), ..CommentInput::default() });
        let mut ngrams = Ngrams::default();
        ngrams.read(&analysis);
        ngrams.features.clone()
    }

    #[test]
    fn features_are_distinct_and_in_range() {
        let mut found = features("the more the merrier, the more the merrier ☕ 日本語 ünïcödé");
        let all = found.len();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), all);
        assert!(found.iter().all(|f| (*f as usize) < SPACE));
    }

    #[test]
    fn buffers_do_not_leak_into_the_next_comment() {
        let mut analysis = Analysis::default();
        let mut ngrams = Ngrams::default();
        for content in ["first comment", "second one", "first comment"] {
            analysis.read(&CommentInput { content: content.into(), ..CommentInput::default() });
            ngrams.read(&analysis);
        }
        assert_eq!(ngrams.features, features("first comment"));
    }
}
