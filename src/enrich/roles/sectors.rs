//! Sectors of organisations, from their names and from what stands beside them; and what is known of well-known ones.

use std::{collections::HashMap, sync::LazyLock};

const WORDS: &str = include_str!("../../../data/roles/sectors.txt");
const ORGANISATIONS: &str = include_str!("../../../data/roles/organisations.tsv");

/// What is known of an organisation whatever the article says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    pub sector: &'static str,
}

static BY_WORD: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
    let sectors = lines.filter_map(|line| line.split_once(": "));
    // A word that stands under several sectors belongs to the first.
    let mut words = HashMap::new();
    for (sector, members) in sectors {
        for word in members.split_whitespace() {
            words.entry(word).or_insert(sector);
        }
    }
    words
});

static KNOWN: LazyLock<HashMap<String, Known>> = LazyLock::new(|| {
    let lines = ORGANISATIONS.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let (name, country, sector) = (cells.next()?, cells.next()?, cells.next()?);
            Some((name.to_lowercase(), Known { country, sector }))
        })
        .collect()
});

/// The sector that a word in lower case points to.
pub(super) fn of_word(word: &str) -> Option<&'static str> {
    BY_WORD.get(word).copied()
}

/// What is known of an organisation by its name.
pub(super) fn organisation(name: &str) -> Option<Known> {
    KNOWN.get(&name.to_lowercase()).copied()
}
