//! Distance between a comment and the article it stands under.

use super::{CommentInput, analysis::Analysis, signals::Signal};

/// Shorter words are grammar more often than topic.
const MIN_WORD: usize = 5;
const MAX_TOPIC_WORDS: usize = 48;

/// Sets the signals of closeness. Distance is not a signal of its own: thanks are off-topic too.
pub(super) fn signals(
    input: &CommentInput,
    analysis: &Analysis,
    set: &mut impl FnMut(Signal, f32),
) {
    if input.context.is_empty() && input.context_text.is_empty() {
        return;
    }
    let starts = WordStarts::of(&analysis.view.text);
    let shared = shared_words(&input.context, &analysis.view.text, &starts);
    let rare = shared_words(&input.context_text, &analysis.view.text, &starts);
    set(Signal::OnTopic, (shared as f32).ln_1p());
    set(Signal::SharesRare, (rare as f32).ln_1p());
}

/// Bytes of the article's text that are looked at.
const MAX_TOPIC: usize = 2_048;

/// How many different longer words of the article's text stand in the comment.
fn shared_words(topic: &str, comment: &str, starts: &WordStarts) -> usize {
    let mut found: Vec<String> = Vec::new();
    let words = topic[..topic.floor_char_boundary(MAX_TOPIC)]
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.len() >= MIN_WORD && starts.may_have(w));
    for word in words {
        let word = word.to_lowercase();
        let long = word.chars().count() >= MIN_WORD;
        if long && !found.contains(&word) && comment.contains(&word) {
            found.push(word);
        }
        if found.len() == MAX_TOPIC_WORDS {
            break;
        }
    }
    found.len()
}

/// The first letters of a comment's words, as a small Bloom filter: most words of an article are not in it, and
/// need no search.
struct WordStarts([u64; 8]);

impl WordStarts {
    fn of(text: &str) -> WordStarts {
        let mut starts = WordStarts([0; 8]);
        for word in text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()) {
            if let Some((slot, bit)) = place(word) {
                starts.0[slot] |= bit;
            }
        }
        starts
    }

    fn may_have(&self, word: &str) -> bool {
        place(word).is_some_and(|(slot, bit)| self.0[slot] & bit != 0)
    }
}

/// The place of a word's first bytes, in lower case as far as they are ASCII.
fn place(word: &str) -> Option<(usize, u64)> {
    let start: &[u8; 4] = word.as_bytes().first_chunk()?;
    // Other letters change their bytes with their case, so all words that start with one share a place.
    let start = if start.is_ascii() { start.map(|b| b.to_ascii_lowercase()) } else { [0; 4] };
    let hash = u32::from_le_bytes(start).wrapping_mul(0x9E37_79B9);
    Some(((hash >> 29) as usize, 1 << (hash >> 23 & 63)))
}
