//! Phrases in a text and what each speaks for.

use aho_corasick::{AhoCorasick, MatchKind};

/// Phrases of `N` kinds with weights.
pub(super) struct Phrases<const N: usize> {
    automaton: AhoCorasick,
    says: Vec<Saying>,
}

/// What a phrase speaks for.
#[derive(Clone, Copy)]
struct Saying {
    kind: usize,
    weight: f32,
    /// Written with a star: its last word may go on.
    open: bool,
}

impl<const N: usize> Phrases<N> {
    /// Lists of phrases: kind (below `N`), weight, phrases in lower case; with a star at its end a phrase may go on.
    pub fn new(lists: &[(usize, f32, &[&str])]) -> Phrases<N> {
        let says = lists.iter().flat_map(|(kind, weight, list)| {
            let open = list.iter().map(|phrase| phrase.ends_with('*'));
            open.map(|open| Saying { kind: *kind, weight: *weight, open })
        });
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(
                lists
                    .iter()
                    .flat_map(|(.., list)| list.iter())
                    .map(|one| one.trim_end_matches('*')),
            )
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
            let Saying { kind, weight, open } = self.says[at];
            if seen[at] == 2 || !is_whole(text, found.start(), found.end(), open) {
                continue;
            }
            sums[kind] += if seen[at] == 0 { weight } else { weight / 2.0 };
            seen[at] += 1;
        }
        sums
    }
}

/// Whether a match begins and, unless it is `open`, ends where words do. Scripts without spaces have no such bounds.
fn is_whole(text: &str, start: usize, end: usize, open: bool) -> bool {
    let caseless = |letter: char| !letter.is_ascii() && !letter.is_lowercase();
    if text[start..end].contains(caseless) {
        return true;
    }
    let letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let before = letter(text[..start].chars().next_back()) && letter(text[start..].chars().next());
    let after = letter(text[end..].chars().next()) && letter(text[..end].chars().next_back());
    !before && (open || !after)
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

    #[test]
    fn a_star_lets_a_word_go_on_and_scripts_without_spaces_have_no_bounds() {
        let phrases: Phrases<1> = Phrases::new(&[(0, 1.0, &["hack*", "脆弱性"])]);
        assert_eq!(phrases.weigh("Hackers. Shack."), [1.0]);
        assert_eq!(phrases.weigh("新たな脆弱性が"), [1.0]);
    }
}
