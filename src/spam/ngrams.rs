//! Hashed words, word pairs and letter sequences of a comment.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{analysis::Analysis, contacts::Kind, lexicon::Class};

/// Bits of the feature space.
pub const BITS: u32 = 20;
/// Size of the feature space.
pub const SPACE: usize = 1 << BITS;
/// Seed of every feature hash; part of the model file.
pub const SEED: u64 = 0x5157_4952_4533;

/// The first indices belong to pairs of things noticed ([`Reader::put_items`]); hashes fall above them.
pub const PAIRED: usize = ITEMS * ITEMS;
/// Kinds of things that can be paired: classes, contacts, habits of writing.
const ITEMS: usize = 64;
const CONTACT_ITEMS: usize = Class::ALL.len();
const HABIT_ITEMS: usize = CONTACT_ITEMS + 9;

/// Words of one comment that are looked at.
const MAX_WORDS: usize = 2_000;
/// Longer words, which scripts without spaces have, are read in pieces of this many bytes.
const MAX_PIECE: usize = 32;
const MAX_PIECES: usize = 16;

const WORD: u64 = 1;
const PAIR: u64 = 2;
const LETTERS: u64 = 3;
const DISGUISED: u64 = 4;
const SHAPE: u64 = 5;
const HOST: u64 = 6;

/// Features of one kind. Each part is brought to its own length, so that the many letters do not drown the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Part {
    /// Pairs of things noticed.
    Things,
    /// Words, word pairs, and what stands beside numbers and addresses.
    Words,
    /// Letter sequences.
    Letters,
}

/// Number of [`Part`]s.
pub const PARTS: usize = 3;

/// Takes the features of a comment as they are found.
pub trait Sink {
    fn put(&mut self, part: Part, feature: u32);
    /// The letter sequences of a word, to be had from [`letters`]; `hash` stands for the word.
    fn put_letters(&mut self, word: &str, hash: u64);
}

/// The features of a comment, part by part. Letter sequences come once for each word they stand in.
#[derive(Debug, Clone, Default)]
pub struct Features(pub [Vec<u32>; PARTS]);

impl Sink for Features {
    fn put(&mut self, part: Part, feature: u32) {
        self.0[part as usize].push(feature);
    }

    fn put_letters(&mut self, word: &str, _hash: u64) {
        letters(word, |feature| self.0[Part::Letters as usize].push(feature));
    }
}

/// Finds the distinct features of comments.
#[derive(Debug)]
pub struct Ngrams {
    found: Vec<u32>,
    seen: Vec<u64>,
}

impl Default for Ngrams {
    fn default() -> Self {
        Ngrams { found: Vec::new(), seen: vec![0; SPACE / 64] }
    }
}

impl Ngrams {
    /// Gives the features of a comment to `sink`.
    pub fn read(&mut self, analysis: &Analysis, sink: &mut impl Sink) {
        for feature in self.found.drain(..) {
            self.seen[feature as usize / 64] = 0;
        }
        put_items(analysis, sink);
        self.put_words(&analysis.view.text, sink);
        for contact in analysis.contacts.iter().filter(|c| c.kind == Kind::Link) {
            let host = &analysis.view.text[contact.start..contact.end];
            self.put_new(HOST, hash(host), sink);
        }
        for word in &analysis.view.disguised {
            self.put_new(DISGUISED, hash(word), sink);
        }
    }

    fn put_words(&mut self, text: &str, sink: &mut impl Sink) {
        let (mut previous, mut previous_shape) = (0, Shape::Start);
        for word in words(text).take(MAX_WORDS) {
            let hash = hash(word);
            let shape = Shape::of(word);
            if self.put_new(WORD, hash, sink) {
                sink.put_letters(word, hash);
            }
            if previous_shape != Shape::Start {
                self.put_new(PAIR, pair(previous, hash), sink);
            }
            if shape != Shape::Word || previous_shape != Shape::Word {
                // Numbers and addresses differ each time; what they stand beside does not.
                let left = previous_shape.hash_or(previous);
                self.put_new(SHAPE, pair(left, shape.hash_or(hash)), sink);
            }
            (previous, previous_shape) = (hash, shape);
        }
    }

    /// Puts a feature of the words unless it was put before; tells whether it was new.
    fn put_new(&mut self, namespace: u64, hash: u64, sink: &mut impl Sink) -> bool {
        let feature = feature(namespace, hash);
        let (slot, bit) = (feature as usize / 64, 1u64 << (feature % 64));
        let new = self.seen[slot] & bit == 0;
        if new {
            self.seen[slot] |= bit;
            self.found.push(feature);
            sink.put(Part::Words, feature);
        }
        new
    }
}

/// Pairs of things noticed: a claim with a contact says what neither says alone.
fn put_items(analysis: &Analysis, sink: &mut impl Sink) {
    let mut items = [0u8; ITEMS];
    let mut count = 0;
    for item in (0..ITEMS as u8).filter(|item| has_item(analysis, usize::from(*item))) {
        items[count] = item;
        count += 1;
    }
    for (at, first) in items[..count].iter().enumerate() {
        for second in &items[at..count] {
            sink.put(Part::Things, u32::from(*first) * ITEMS as u32 + u32::from(*second));
        }
    }
}

/// Sequences of two to five letters, the word's borders included.
pub fn letters(word: &str, mut put: impl FnMut(u32)) {
    let mut rest = word;
    for _ in 0..MAX_PIECES {
        let cut = rest.floor_char_boundary(MAX_PIECE);
        piece_letters(&rest[..cut], &mut put);
        rest = &rest[cut..];
        if rest.is_empty() {
            return;
        }
    }
}

fn piece_letters(piece: &str, put: &mut impl FnMut(u32)) {
    let mut padded = [b' '; MAX_PIECE + 2];
    padded[1..=piece.len()].copy_from_slice(piece.as_bytes());
    let padded = &padded[..piece.len() + 2];
    for start in (0..padded.len()).filter(|at| is_letter_start(padded[*at])) {
        let mut hash = SEED ^ LETTERS;
        let mut letters = 0;
        for (at, &byte) in padded.iter().enumerate().skip(start) {
            if is_letter_start(byte) && at > start {
                letters += 1;
                if letters >= 2 {
                    put(above_pairs(spread(hash)));
                }
                if letters == 5 {
                    break;
                }
            }
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            hash ^= hash >> 29;
        }
        if (1..5).contains(&letters) {
            put(above_pairs(spread(hash)));
        }
    }
}

/// The word whose own feature weighs most.
pub fn strongest_word(text: &str, weight: impl Fn(u32) -> i32) -> Option<&str> {
    let weighed = words(text).map(|word| (weight(feature(WORD, hash(word))), word));
    weighed.filter(|w| w.0 > 0).max_by_key(|w| w.0).map(|w| w.1)
}

fn hash(text: &str) -> u64 {
    xxh3_64_with_seed(text.as_bytes(), SEED)
}

fn pair(left: u64, right: u64) -> u64 {
    left.rotate_left(23).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ right
}

fn feature(namespace: u64, hash: u64) -> u32 {
    above_pairs(spread(hash ^ namespace.wrapping_mul(0xA24B_AED4_963E_E407)))
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
        11 => analysis.asks,
        12 => has_byte(&view.text, b'!'),
        13 => has_byte(view.text.trim_end(), b'\n'),
        14 => analysis.quoted_claims > 0,
        15 => view.digits > 0,
        16 => view.names > 0,
        17 => view.names > 0 && analysis.third_person > 0,
        18 => view.names > 0 && analysis.amounts > 0,
        _ => false,
    }
}

fn has_byte(text: &str, byte: u8) -> bool {
    memchr::memchr(byte, text.as_bytes()).is_some()
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

    /// The hash of a plain word is its own; the others share one for their shape.
    fn hash_or(self, word: u64) -> u64 {
        if self == Shape::Word { word } else { self as u64 + 1 }
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

    fn features(content: &str) -> Features {
        let mut analysis = Analysis::default();
        analysis.read(&CommentInput { content: content.into(), ..CommentInput::default() });
        let mut features = Features::default();
        Ngrams::default().read(&analysis, &mut features);
        features
    }

    #[test]
    fn features_are_in_range_and_words_distinct() {
        let Features(parts) =
            features("the more the merrier, the more the merrier ☕ 日本語 ünïcödé");
        assert!(parts.iter().flatten().all(|f| (*f as usize) < SPACE));
        let mut words = parts[Part::Words as usize].clone();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }

    #[test]
    fn buffers_do_not_leak_into_the_next_comment() {
        let mut analysis = Analysis::default();
        let mut ngrams = Ngrams::default();
        let mut last = Features::default();
        for content in ["first comment", "second one", "first comment"] {
            analysis.read(&CommentInput { content: content.into(), ..CommentInput::default() });
            last = Features::default();
            ngrams.read(&analysis, &mut last);
        }
        assert_eq!(last.0, features("first comment").0);
    }

    #[test]
    fn long_runs_of_ideographs_are_read_to_their_end() {
        let count = |text: &str| features(text).0[Part::Letters as usize].len();
        assert!(count(&"日本語".repeat(20)) > 2 * count(&"日本語".repeat(5)));
    }
}
