//! Phrases in a text and what each speaks for.

use aho_corasick::{AhoCorasick, MatchKind};

/// Phrases of `N` kinds with weights.
pub(super) struct Phrases<const N: usize> {
    automaton: AhoCorasick,
    /// Kind and weight of each phrase.
    says: Vec<(usize, f32)>,
}

impl<const N: usize> Phrases<N> {
    /// Lists of phrases: kind (below `N`), weight, phrases in lower case.
    pub fn new(lists: &[(usize, f32, &[&str])]) -> Phrases<N> {
        let says =
            lists.iter().flat_map(|(kind, weight, list)| list.iter().map(|_| (*kind, *weight)));
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(lists.iter().flat_map(|(.., list)| list.iter()))
            .expect("a few short phrases");
        Phrases { automaton, says: says.collect() }
    }

    /// Weights of the phrases in a text, by kind. A phrase counts where it begins and ends with words; the second
    /// time for half, and no more.
    pub fn weigh(&self, text: &str) -> [f32; N] {
        let mut seen = vec![0_u8; self.says.len()];
        let mut sums = [0.0; N];
        for found in self.automaton.find_iter(text) {
            let at = found.pattern().as_usize();
            if seen[at] == 2 || !is_whole(text, found.start(), found.end()) {
                continue;
            }
            let (kind, weight) = self.says[at];
            sums[kind] += if seen[at] == 0 { weight } else { weight / 2.0 };
            seen[at] += 1;
        }
        sums
    }
}

/// Whether a match begins and ends where words do.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let before = letter(text[..start].chars().next_back()) && letter(text[start..].chars().next());
    let after = letter(text[end..].chars().next()) && letter(text[..end].chars().next_back());
    !before && !after
}

/// The longest beginning of a text that is at most `most` bytes.
pub(super) fn head(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words_and_count_little_more_than_once() {
        let phrases: Phrases<2> = Phrases::new(&[(0, 1.0, &["fine"]), (1, 2.0, &["no link"])]);
        assert_eq!(phrases.weigh("Fine, fine, fine. Refined. No link."), [1.5, 2.0]);
        assert_eq!(phrases.weigh("définefine"), [0.0, 0.0]);
        assert_eq!(head("aé", 2), "a");
    }
}
