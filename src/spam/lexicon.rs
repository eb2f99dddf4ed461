//! Words by what they do: claims, actors, ways to get in touch, praise, doubt. Data in `data/comments/lexicon.txt`.

use std::{collections::BTreeMap, sync::LazyLock};

use daachorse::DoubleArrayAhoCorasick;

use super::normalise::fold_phrase;

pub(super) const SOURCE: &str = include_str!("../../data/comments/lexicon.txt");

macro_rules! classes {
    ($($variant:ident = $name:literal, $words:literal;)*) => {
        /// What a word or phrase does in a comment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Class { $($variant),* }

        impl Class {
            pub const ALL: &'static [Class] = &[$(Class::$variant),*];

            /// The section of the lexicon it is read from.
            pub fn name(self) -> &'static str {
                match self { $(Class::$variant => $name),* }
            }

            /// What the class stands for, for the moderator.
            pub fn words(self) -> &'static str {
                match self { $(Class::$variant => $words),* }
            }
        }
    };
}

classes! {
    Profit = "profit", "a claim of gains";
    Invest = "invest", "talk of trading and coins";
    Mentor = "mentor", "somebody who trades for others";
    Title = "title", "a person with a title";
    Testimonial = "testimonial", "a testimonial";
    Recovery = "recovery", "recovery of lost money";
    Hacker = "hacker", "hacking for hire";
    Loan = "loan", "a loan offer";
    Spell = "spell", "spells and miracle cures";
    Pharma = "pharma", "pills and slimming";
    Gambling = "gambling", "gambling";
    Adult = "adult", "adult content";
    Essay = "essay", "essay writing";
    Support = "support", "a support line";
    Praise = "praise", "general praise";
    Job = "job", "a job offer";
    Giveaway = "giveaway", "a giveaway";
    Documents = "documents", "documents for sale";
    Replica = "replica", "replica goods";
    Download = "download", "downloads";
    SeoService = "seo_service", "search engine services";
    Commerce = "commerce", "selling words";
    SelfPromo = "self_promo", "promotes a channel or page";
    ReachOut = "reach_out", "asks to get in touch";
    Channel = "channel", "names a messenger";
    PhoneCue = "phone_cue", "words beside a phone number";
    Freemail = "freemail", "names a free-mail provider";
    Urgency = "urgency", "urgency";
    Guarantee = "guarantee", "guarantees";
    Skeptic = "skeptic", "doubt and warnings";
    Question = "question", "a question";
    Technical = "technical", "technical terms";
    Correction = "correction", "takes part in the discussion";
}

/// A phrase found in a text: its class and place, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub class: Class,
    pub start: usize,
    pub end: usize,
}

/// All phrases in one automaton. A double array keeps it small enough for the processor's caches.
pub struct Lexicon {
    /// Finds texts; their value is a place in `meanings`.
    automaton: DoubleArrayAhoCorasick<u32>,
    /// What each text means.
    meanings: Vec<Vec<Phrase>>,
}

#[derive(Debug, Clone, Copy)]
struct Phrase {
    class: Class,
    /// The word may go on after the phrase.
    open: bool,
    /// Scripts without spaces have no word boundaries to check.
    bounded: bool,
}

impl Phrase {
    /// Whether the phrase may stand in `text` from `start` to `end`.
    fn fits(self, text: &[u8], start: usize, end: usize) -> bool {
        let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| is_word(*byte));
        let begins_inside = start > 0 && goes_on(text.get(start - 1));
        !self.bounded || (!begins_inside && (self.open || !goes_on(text.get(end))))
    }
}

/// A text with more hits than this is read no further.
const MAX_HITS: usize = 1_024;

impl Lexicon {
    /// The lexicon that ships with the program.
    pub fn embedded() -> &'static Lexicon {
        static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(SOURCE));
        &LEXICON
    }

    fn parse(source: &str) -> Lexicon {
        let mut phrases: BTreeMap<String, Vec<Phrase>> = BTreeMap::new();
        let mut class = None;
        for line in source.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                class = Class::ALL.iter().copied().find(|c| c.name() == name);
                continue;
            }
            let Some(class) = class else { continue };
            for written in line.split('|').map(str::trim).filter(|p| !p.is_empty()) {
                let text = fold_phrase(written.trim_end_matches('*'));
                let phrase = Phrase {
                    class,
                    open: written.ends_with('*'),
                    bounded: text.chars().next().is_some_and(has_word_boundaries),
                };
                phrases.entry(text).or_default().push(phrase);
            }
        }
        let automaton = DoubleArrayAhoCorasick::new(phrases.keys())
            .expect("the lexicon is small enough for an automaton");
        Lexicon { automaton, meanings: phrases.into_values().collect() }
    }

    /// Finds phrases in normalised text; overlapping ones too. `hits` is cleared first.
    pub fn find(&self, text: &str, hits: &mut Vec<Hit>) {
        hits.clear();
        let bytes = text.as_bytes();
        for found in self.automaton.find_overlapping_iter(bytes) {
            let (start, end) = (found.start(), found.end());
            let meanings = &self.meanings[found.value() as usize];
            let fitting = meanings.iter().filter(|phrase| phrase.fits(bytes, start, end));
            hits.extend(fitting.map(|phrase| Hit { class: phrase.class, start, end }));
            if hits.len() >= MAX_HITS {
                return;
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn has_word_boundaries(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '\u{0370}'..='\u{052F}' | '\u{0600}'..='\u{06FF}' | '\u{0900}'..='\u{097F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<&'static str> {
        let mut hits = Vec::new();
        Lexicon::embedded().find(text, &mut hits);
        hits.iter().map(|h| h.class.name()).collect()
    }

    #[test]
    fn every_class_has_phrases() {
        for class in Class::ALL {
            assert!(SOURCE.contains(&format!("[{}]", class.name())), "{}", class.name());
        }
    }

    #[test]
    fn whole_words_only() {
        assert!(classes("a spell caster").contains(&"spell"));
        assert!(!classes("misspelled").contains(&"spell"));
        assert!(classes("заработок").contains(&"profit"));
        assert!(classes("副業で").contains(&"profit"));
    }
}
