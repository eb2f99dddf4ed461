//! Where in a comment the reasons of its verdict stand. The filter quotes what it read, which is folded: lower
//! case, no accents, no disguise. So the comment is folded letter by letter, and each letter knows its place.

use std::ops::Range;

use serde::Serialize;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_security::skeleton;

/// What a reason quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quote<'a> {
    /// Number in the list of reasons, from 1.
    pub number: usize,
    /// Speaks for spam.
    pub spam: bool,
    pub text: &'a str,
}

/// A run of the comment's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    pub text: String,
    /// Whether a reason points here, and which way the strongest one speaks.
    pub mark: Option<&'static str>,
    /// Reasons that end here.
    pub numbers: Vec<usize>,
}

/// Quotations shorter than this, in letters, would mark half the comment.
const SHORTEST: usize = 2;

/// The comment as paragraphs, cut where reasons begin and end.
pub(super) fn mark(content: &str, quotes: &[Quote<'_>]) -> Vec<Vec<Piece>> {
    let folded = Folded::of(content);
    let found: Vec<(Range<usize>, &Quote<'_>)> =
        quotes.iter().filter_map(|quote| Some((folded.find(quote.text)?, quote))).collect();
    let mut paragraphs = Vec::new();
    let mut at = 0;
    for line in content.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim_end();
        if bare.is_empty() {
            continue;
        }
        paragraphs.push(pieces(content, start..start + bare.len(), &found));
    }
    paragraphs
}

fn pieces(content: &str, line: Range<usize>, found: &[(Range<usize>, &Quote<'_>)]) -> Vec<Piece> {
    let mut cuts = vec![line.start, line.end];
    let ends = found.iter().flat_map(|(range, _)| [range.start, range.end]);
    cuts.extend(ends.filter(|cut| line.contains(cut)));
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces = Vec::new();
    for pair in cuts.windows(2) {
        let here = pair[0]..pair[1];
        let covering =
            || found.iter().filter(|(range, _)| range.start < here.end && here.start < range.end);
        let strongest = covering().map(|(_, quote)| *quote).min_by_key(|quote| quote.number);
        let ending = covering().filter(|(range, _)| range.end == here.end);
        pieces.push(Piece {
            text: content[here.clone()].to_owned(),
            mark: strongest.map(|quote| if quote.spam { "spam" } else { "ham" }),
            numbers: ending.map(|(_, quote)| quote.number).collect(),
        });
    }
    pieces
}

/// Folded letters, each with the bytes it comes from.
struct Folded {
    letters: Vec<(char, Range<usize>)>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut letters = Vec::with_capacity(text.len());
        for (at, letter) in text.char_indices() {
            let place = at..at + letter.len_utf8();
            for folded in fold(letter) {
                letters.push((folded, place.clone()));
            }
        }
        Self { letters }
    }

    /// The first place where the quotation stands, in bytes of the text. Spaces and signs do not count, since
    /// disguise lives on them.
    fn find(&self, quote: &str) -> Option<Range<usize>> {
        let wanted: Vec<char> = quote.trim_end_matches('…').chars().flat_map(fold).collect();
        if wanted.len() < SHORTEST {
            return None;
        }
        let fits = |window: &[(char, Range<usize>)]| {
            window.iter().map(|(letter, _)| letter).eq(wanted.iter())
        };
        let window = self.letters.windows(wanted.len()).find(|window| fits(window))?;
        Some(window[0].1.start..window[window.len() - 1].1.end)
    }
}

/// A letter or digit without case, accent and disguise; nothing for anything else.
fn fold(letter: char) -> Vec<char> {
    if letter.is_ascii() {
        let plain = letter.to_ascii_lowercase();
        return if plain.is_ascii_alphanumeric() { vec![undigit(plain)] } else { Vec::new() };
    }
    let plain = letter.nfkd().filter(|part| !is_combining_mark(*part));
    let lower = plain.flat_map(char::to_lowercase);
    lower.flat_map(plain_look).filter(|part| part.is_alphanumeric()).map(undigit).collect()
}

/// The Latin letter that a letter of another script looks like. Latin letters stay as they are: for the
/// skeleton even an m is two letters.
fn plain_look(letter: char) -> Vec<char> {
    if letter.is_ascii() {
        return vec![letter];
    }
    skeleton(letter.encode_utf8(&mut [0; 4])).flat_map(char::to_lowercase).collect()
}

/// Digits that stand for letters, as those letters.
fn undigit(letter: char) -> char {
    match letter {
        '0' => 'o',
        '1' | 'i' => 'l',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quote(number: usize, spam: bool, text: &str) -> Quote<'_> {
        Quote { number, spam, text }
    }

    /// Marked text as `[text|numbers]`.
    fn told(content: &str, quotes: &[Quote<'_>]) -> String {
        let paragraphs = mark(content, quotes).into_iter().map(|pieces| {
            let pieces = pieces.into_iter().map(|piece| match piece.mark {
                Some(_) => format!("[{}|{:?}]", piece.text, piece.numbers),
                None => piece.text,
            });
            pieces.collect::<String>()
        });
        paragraphs.collect::<Vec<_>>().join("¶")
    }

    #[test]
    fn reasons_are_found_where_they_stand() {
        assert_eq!(
            told("Thanks. Write to Bob@Mail.example now", &[quote(2, true, "bob@mail.example")]),
            "Thanks. Write to [Bob@Mail.example|[2]] now"
        );
        assert_eq!(told("nothing here", &[quote(1, true, "elsewhere")]), "nothing here");
        assert_eq!(told("a b", &[quote(1, true, "!"), quote(2, true, "")]), "a b");
    }

    #[test]
    fn disguise_does_not_hide_them() {
        for (content, evidence, marked) in [
            ("I N V E S T now", "invest", "[I N V E S T|[1]] now"),
            ("call ⅯаrkFix", "markfix", "call [ⅯаrkFix|[1]]"),
            ("rec0ver y0ur c0ins", "recover your", "[rec0ver y0ur|[1]] c0ins"),
            ("mark (at) mail . example", "mark(at)mail.example", "[mark (at) mail . example|[1]]"),
            ("Größe", "grosse", "Größe"),
            ("Crème brûlée", "creme brulee", "[Crème brûlée|[1]]"),
        ] {
            assert_eq!(told(content, &[quote(1, true, evidence)]), marked, "{content}");
        }
    }

    #[test]
    fn reasons_that_overlap_share_the_text() {
        let quotes = [quote(1, true, "write to bob"), quote(2, false, "to bob now")];
        assert_eq!(told("Write to Bob now!", &quotes), "[Write |[]][to Bob|[1]][ now|[2]]!");
    }

    #[test]
    fn a_reason_may_run_over_lines() {
        let quotes = [quote(1, true, "one two")];
        assert_eq!(told("x one\n\ntwo y", &quotes), "x [one|[]]¶[two|[1]] y");
    }

    proptest! {
        #[test]
        fn no_text_is_lost_or_moved(content in "\\PC{0,80}(\n\\PC{0,40})?", evidence in "\\PC{0,12}") {
            let quotes = [quote(1, true, &evidence)];
            let told: Vec<String> = mark(&content, &quotes)
                .into_iter()
                .map(|pieces| pieces.into_iter().map(|piece| piece.text).collect())
                .collect();
            let lines: Vec<String> =
                content.split('\n').map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect();
            prop_assert_eq!(told, lines);
        }
    }
}
