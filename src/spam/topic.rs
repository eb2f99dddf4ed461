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
    let shared = shared_words(&input.context, &analysis.view.text);
    let rare = shared_words(&input.context_text, &analysis.view.text);
    set(Signal::OnTopic, (shared as f32).ln_1p());
    set(Signal::SharesRare, (rare as f32).ln_1p());
}

/// How many different longer words of the article's text stand in the comment.
fn shared_words(topic: &str, comment: &str) -> usize {
    if topic.is_empty() || comment.is_empty() {
        return 0;
    }
    let topic = topic[..topic.floor_char_boundary(2_048)].to_lowercase();
    let mut words: Vec<&str> = topic
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.chars().count() >= MIN_WORD)
        .take(MAX_TOPIC_WORDS)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
        .iter()
        .filter(|w| memchr::memmem::find(comment.as_bytes(), w.as_bytes()).is_some())
        .count()
}
