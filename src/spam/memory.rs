//! Texts seen before: a campaign is recognised at its second sighting, numbers, names and handles changed or not.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Shorter texts are too common to be remembered.
const MIN_WORDS: usize = 8;
/// Fingerprints at most this many bits apart are the same text.
const SAME: u32 = 5;
/// Log-odds of a text seen before. A text that moderators decided both ways counts for neither.
const SEEN_AS_SPAM: f32 = 3.0;
const SEEN_AS_HAM: f32 = -3.0;

/// SimHash of a normalised text over triples of words; what changes from copy to copy (numbers, addresses,
/// handles) is masked. `None` if the text is too short to tell.
pub fn fingerprint(text: &str) -> Option<u64> {
    let mut votes = Votes::default();
    let mut previous = [0u64; 2];
    let mut words = 0;
    let separator = |c: char| {
        c.is_whitespace() || matches!(c, ',' | '.' | '!' | '?' | ':' | ';' | '"' | '(' | ')')
    };
    for word in text.split(separator).filter(|w| !w.is_empty()).take(MAX_WORDS) {
        let hash = xxh3_64(mask(word).as_bytes());
        words += 1;
        if words >= 3 {
            let triple = previous[0].rotate_left(21) ^ previous[1].rotate_left(7) ^ hash;
            votes.add(triple.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        }
        previous = [previous[1], hash];
    }
    (words >= MIN_WORDS).then(|| votes.majority())
}

/// Words of a text that its fingerprint is made of.
const MAX_WORDS: usize = 400;

/// Counts, for each of 64 bits, the numbers in which it is set. The counters lie across: bit `n` of plane `p` is
/// binary digit `p` of the counter of bit `n`, so that one addition serves all of them.
#[derive(Default)]
struct Votes {
    planes: [u64; PLANES],
    cast: u64,
}

/// Digits enough to count [`MAX_WORDS`].
const PLANES: usize = 9;

impl Votes {
    fn add(&mut self, number: u64) {
        self.cast += 1;
        let mut carry = number;
        for plane in &mut self.planes {
            let both = *plane & carry;
            *plane ^= carry;
            carry = both;
            if carry == 0 {
                return;
            }
        }
    }

    /// The bits that are set in more than half of the numbers.
    fn majority(&self) -> u64 {
        let half = self.cast / 2;
        let (mut more, mut equal) = (0, u64::MAX);
        for (digit, plane) in self.planes.iter().enumerate().rev() {
            let wanted = if half >> digit & 1 == 1 { u64::MAX } else { 0 };
            more |= equal & plane & !wanted;
            equal &= !(plane ^ wanted);
        }
        more
    }
}

fn mask(word: &str) -> &str {
    let varies = word.bytes().any(|b| b.is_ascii_digit() || matches!(b, b'@' | b'/' | b'_' | b'#'));
    if varies { "<varies>" } else { word }
}

/// Fingerprints of decided texts.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// How often each was spam and how often not.
    decided: FxHashMap<u64, [u32; 2]>,
    /// Fingerprints by each quarter of their bits: those at most three bits apart share one at least, those a
    /// little further apart nearly always.
    quarters: FxHashMap<(u8, u16), Vec<u64>>,
}

/// A quarter shared by more texts than this says nothing.
const MAX_SHARED: usize = 64;

impl Memory {
    /// A memory of spam.
    pub fn of_spam(fingerprints: &[u64]) -> Memory {
        let mut memory = Memory::default();
        for print in fingerprints {
            memory.remember(*print, true);
        }
        memory
    }

    /// Remembers a decision.
    pub fn remember(&mut self, print: u64, spam: bool) {
        let new = !self.decided.contains_key(&print);
        self.decided.entry(print).or_default()[usize::from(!spam)] += 1;
        if new {
            for key in quarters(print) {
                let shared = self.quarters.entry(key).or_default();
                if shared.len() < MAX_SHARED {
                    shared.push(print);
                }
            }
        }
    }

    /// Takes a decision back.
    pub fn forget(&mut self, print: u64, spam: bool) {
        if let Some(counts) = self.decided.get_mut(&print) {
            counts[usize::from(!spam)] = counts[usize::from(!spam)].saturating_sub(1);
        }
    }

    /// Log-odds that the decisions on this text, or one hardly different, add.
    pub fn evidence(&self, print: u64) -> f32 {
        if self.decided.is_empty() {
            return 0.0;
        }
        let near = quarters(print)
            .into_iter()
            .filter_map(|key| self.quarters.get(&key))
            .flatten()
            .filter(|other| (*other ^ print).count_ones() <= SAME);
        let (mut spam, mut ham) = (0, 0);
        for other in near {
            let [s, h] = self.decided[other];
            spam += s;
            ham += h;
        }
        match spam.cmp(&ham) {
            std::cmp::Ordering::Greater => SEEN_AS_SPAM,
            std::cmp::Ordering::Less => SEEN_AS_HAM,
            std::cmp::Ordering::Equal => 0.0,
        }
    }
}

fn quarters(print: u64) -> [(u8, u16); 4] {
    [0, 1, 2, 3].map(|n| (n, (print >> (16 * n)) as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str =
        "i made $4,200 in a week with the help of mrs kara write to her at kara77@mail.example now";
    const SECOND: &str =
        "i made $9,150 in a week with the help of mrs kara write to her at kara12@mail.example now";

    #[test]
    fn the_second_sighting_counts() {
        let mut memory = Memory::default();
        assert_eq!(memory.evidence(fingerprint(FIRST).unwrap()), 0.0);
        memory.remember(fingerprint(FIRST).unwrap(), true);
        assert_eq!(memory.evidence(fingerprint(SECOND).unwrap()), SEEN_AS_SPAM);
        let other = "thank you for the article i will try the second key at home this evening";
        assert_eq!(memory.evidence(fingerprint(other).unwrap()), 0.0);
    }

    #[test]
    fn a_decision_can_be_taken_back() {
        let mut memory = Memory::default();
        let print = fingerprint(FIRST).unwrap();
        memory.remember(print, true);
        memory.remember(print, false);
        assert_eq!(memory.evidence(print), 0.0);
        memory.forget(print, true);
        assert_eq!(memory.evidence(print), SEEN_AS_HAM);
    }

    #[test]
    fn the_majority_of_each_bit_wins() {
        let mut votes = Votes::default();
        for number in [0b1100, 0b1010, 0b1001, 0b0110] {
            votes.add(number);
        }
        assert_eq!(votes.majority(), 0b1000);
        votes.add(0b0100);
        assert_eq!(votes.majority(), 0b1100);
    }

    #[test]
    fn short_texts_are_not_remembered() {
        assert_eq!(fingerprint("nice post thank you"), None);
    }
}
