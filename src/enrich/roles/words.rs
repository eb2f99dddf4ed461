//! What words say about who an organisation is in an article, by class.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use crate::enrich::Reading;

/// The lexicon; part of the model, since features are computed with it.
pub(super) const SOURCE: &str = include_str!("../../../data/roles/words.txt");

/// A class of words. The order is that of the bits in [`Classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Articles, prepositions and the like: no name begins with one in running text.
    Function,
    /// Months, days, time zones.
    Calendar,
    /// Stands before or after the name of a person.
    Title,
    /// Ends the name of an organisation, or begins it before "of".
    Head,
    /// Legal form.
    Legal,
    /// Given name of a person.
    Given,
    Malware,
    /// Those who attack.
    Gang,
    Hit,
    Suffer,
    Disclose,
    Research,
    Authority,
    Flaw,
    Product,
    /// What victims have: customers, networks, records.
    Victimpart,
    /// Speaks of what happened before.
    Recall,
    Thirdparty,
    /// What an organisation is called instead of its name: "the retailer".
    Role,
    /// Opens a list of examples.
    List,
    /// The claim of an attacker.
    Possible,
    /// Ends a name in a headline whose words all have capitals.
    Headverb,
    /// Goes on with "of": "University of".
    Ofhead,
}

impl Class {
    pub(super) const ALL: [(Self, &'static str); 23] = [
        (Self::Function, "function"),
        (Self::Calendar, "calendar"),
        (Self::Title, "title"),
        (Self::Head, "head"),
        (Self::Legal, "legal"),
        (Self::Given, "given"),
        (Self::Malware, "malware"),
        (Self::Gang, "gang"),
        (Self::Hit, "hit"),
        (Self::Suffer, "suffer"),
        (Self::Disclose, "disclose"),
        (Self::Research, "research"),
        (Self::Authority, "authority"),
        (Self::Flaw, "flaw"),
        (Self::Product, "product"),
        (Self::Victimpart, "victimpart"),
        (Self::Recall, "recall"),
        (Self::Thirdparty, "thirdparty"),
        (Self::Role, "role"),
        (Self::List, "list"),
        (Self::Possible, "possible"),
        (Self::Headverb, "headverb"),
        (Self::Ofhead, "ofhead"),
    ];
}

/// The classes of one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Classes(u32);

impl Classes {
    pub(super) fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u32) != 0
    }

    pub(super) fn any(self, classes: &[Class]) -> bool {
        classes.iter().any(|class| self.has(*class))
    }

    /// Names of the classes, in their order.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        Class::ALL.into_iter().filter(move |(class, _)| self.has(*class)).map(|(_, name)| name)
    }
}

static LEXICON: LazyLock<HashMap<&'static str, Classes>> = LazyLock::new(|| read(SOURCE));

fn read(source: &'static str) -> HashMap<&'static str, Classes> {
    let mut words: HashMap<&str, Classes> = HashMap::new();
    let mut bit = 0;
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let class = Class::ALL.iter().find(|(_, known)| *known == name);
            bit = class.map_or(0, |(class, _)| 1 << *class as u32);
            continue;
        }
        for word in line.split_whitespace() {
            words.entry(word).or_default().0 |= bit;
        }
    }
    words
}

/// The classes of a word in lower case.
pub(super) fn classes_of(word: &str) -> Classes {
    LEXICON.get(word).copied().unwrap_or_default()
}

/// The tokens of an article in lower case, with their classes.
pub(super) struct Words<'r> {
    pub(super) reading: &'r Reading,
    lower: Vec<Cow<'r, str>>,
    classes: Vec<Classes>,
}

impl<'r> Words<'r> {
    pub(super) fn of(reading: &'r Reading) -> Self {
        let lower: Vec<Cow<str>> =
            (0..reading.tokens.len()).map(|at| lower_case(reading.word(at))).collect();
        let classes = lower.iter().map(|word| classes_of(word)).collect();
        Self { reading, lower, classes }
    }

    pub(super) fn len(&self) -> usize {
        self.lower.len()
    }

    /// The token in lower case; nothing outside the article.
    pub(super) fn lower(&self, at: usize) -> &str {
        self.lower.get(at).map_or("", |word| word)
    }

    /// The token as it is written; nothing outside the article.
    pub(super) fn word(&self, at: usize) -> &'r str {
        if at < self.len() { self.reading.word(at) } else { "" }
    }

    pub(super) fn classes(&self, at: usize) -> Classes {
        self.classes.get(at).copied().unwrap_or_default()
    }

    pub(super) fn has(&self, at: usize, class: Class) -> bool {
        self.classes(at).has(class)
    }

    /// Whether nothing stands between the token and the next.
    pub(super) fn glued(&self, at: usize) -> bool {
        let tokens = &self.reading.tokens;
        at + 1 < tokens.len() && tokens[at].span.end == tokens[at + 1].span.start
    }
}

fn lower_case(word: &str) -> Cow<'_, str> {
    if word.chars().any(char::is_uppercase) {
        Cow::Owned(word.to_lowercase())
    } else {
        Cow::Borrowed(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_the_lexicon_is_known_and_has_words() {
        for line in SOURCE.lines().filter(|line| line.starts_with('[')) {
            let name = line.trim_matches(['[', ']']);
            assert!(Class::ALL.iter().any(|(_, known)| *known == name), "{name}");
        }
        for (class, name) in Class::ALL {
            assert!(LEXICON.values().any(|classes| classes.has(class)), "{name}");
        }
    }

    #[test]
    fn classes_stand_in_the_order_of_their_bits() {
        for (at, (class, _)) in Class::ALL.iter().enumerate() {
            assert_eq!(*class as usize, at);
        }
    }
}
