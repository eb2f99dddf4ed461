//! Words and phrases that speak for an attack, and where an article says them.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::place;
use crate::{domain::Attack, enrich::Reading};

static TABLE: &str = include_str!("../../../data/taxonomy/attack_cues.tsv");

/// The cues of `data/taxonomy/attack_cues.tsv`.
#[derive(Debug)]
pub(super) struct Cues {
    patterns: AhoCorasick,
    cues: Vec<Cue>,
}

#[derive(Debug, Clone, Copy)]
struct Cue {
    /// Place in `Attack::ALL`.
    attack: usize,
    weight: f32,
    /// Written with a star: the word may go on.
    open: bool,
}

/// A cue found in an article.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    /// Number of the cue in the table.
    pub cue: usize,
    /// Place in `Attack::ALL`.
    pub attack: usize,
    pub weight: f32,
    /// Index of the sentence.
    pub sentence: usize,
}

impl Cues {
    pub(super) fn embedded() -> &'static Cues {
        static CUES: LazyLock<Cues> = LazyLock::new(|| Cues::read(TABLE));
        &CUES
    }

    fn read(table: &str) -> Cues {
        let mut phrases = Vec::new();
        let mut cues = Vec::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let (Some(tag), Some(weight), Some(phrase)) =
                (cells.next(), cells.next(), cells.next())
            else {
                continue;
            };
            let attack = Attack::from_name(tag).expect("a known attack in the table of cues");
            let weight = weight.parse().expect("a weight in the table of cues");
            phrases.push(phrase.trim_end_matches('*'));
            cues.push(Cue { attack: place(attack), weight, open: phrase.ends_with('*') });
        }
        let patterns = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&phrases)
            .expect("a short list of phrases");
        Cues { patterns, cues }
    }

    /// All cues of an article that are not denied, in order.
    pub(super) fn find(&self, reading: &Reading) -> Vec<Hit> {
        let lower = lower_case(&reading.text);
        let mut hits = Vec::new();
        for found in self.patterns.find_iter(&lower) {
            let number = found.pattern().as_usize();
            let cue = self.cues[number];
            if !stands_alone(&lower, found.start(), found.end(), cue.open) {
                continue;
            }
            let sentence = reading.sentence_at(found.start());
            let from = reading.sentences.get(sentence).map_or(0, |one| one.span.start);
            if is_denied(lower.get(from..found.start()).unwrap_or_default()) {
                continue;
            }
            hits.push(Hit { cue: number, attack: cue.attack, weight: cue.weight, sentence });
        }
        hits
    }
}

/// Lower case of the same length in bytes, so that places stay: letters whose lower case is longer or shorter stay.
fn lower_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut lower = String::with_capacity(text.len());
    for letter in text.chars() {
        let mut folded = letter.to_lowercase();
        match (folded.next(), folded.next()) {
            (Some(one), None) if one.len_utf8() == letter.len_utf8() => lower.push(one),
            _ => lower.push(letter),
        }
    }
    lower
}

/// Whether a match is a word or phrase of its own. Scripts without spaces have no such bounds.
fn stands_alone(text: &str, start: usize, end: usize, open: bool) -> bool {
    if !text[start..end].is_ascii() && !text[start..end].chars().any(|c| c.is_lowercase()) {
        return true;
    }
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let bound = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
    bound(before) && (open || bound(after))
}

/// Words that deny what follows within a few words.
const DENIALS: [&str; 12] = [
    "not ",
    "no ",
    "never ",
    "without ",
    "isn't ",
    "wasn't ",
    "nor ",
    "denied ",
    "denies ",
    "ruled out ",
    "rather than ",
    "instead of ",
];
/// How far before a cue a denial reaches, in bytes.
const DENIAL_REACH: usize = 28;

fn is_denied(before: &str) -> bool {
    let from = before.len().saturating_sub(DENIAL_REACH);
    let from = (from..=before.len()).find(|at| before.is_char_boundary(*at)).unwrap_or(0);
    let near = &before[from..];
    // A comma or conjunction ends what is denied.
    let near = near.rsplit([',', ';', ':']).next().unwrap_or(near);
    let near = near.rsplit(" but ").next().unwrap_or(near);
    DENIALS.iter().any(|denial| {
        near.match_indices(denial).any(|(at, _)| {
            at == 0 && from == 0 || near[..at].ends_with(|c: char| !c.is_alphanumeric())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Attack> {
        let hits = Cues::embedded().find(&Reading::of("", text));
        hits.into_iter().map(|hit| Attack::ALL[hit.attack]).collect()
    }

    #[test]
    fn cues_are_whole_words() {
        assert_eq!(found("They patched it."), [Attack::Patch]);
        assert_eq!(found("A dispatched reworm."), []);
        assert_eq!(found("Phishers phished."), [Attack::Phishing; 2]);
        assert_eq!(found("新種のランサムウェアです"), [Attack::Ransomware]);
    }

    #[test]
    fn a_denial_reaches_a_few_words() {
        assert_eq!(found("It was not a ransomware case."), []);
        assert_eq!(found("Not us, says the ransomware crew."), [Attack::Ransomware]);
        assert_eq!(found("Notable ransomware."), [Attack::Ransomware]);
    }

    #[test]
    fn places_stay_when_letters_change_their_length() {
        assert_eq!(lower_case("İSTANBUL Ransomware").len(), "İSTANBUL Ransomware".len());
    }
}
