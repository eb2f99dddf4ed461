//! Which country a word points to.

use std::{collections::HashMap, sync::LazyLock};

const SOURCE: &str = include_str!("../../../data/roles/places.txt");

/// A country code, and whether the words are the country itself or its adjective rather than a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    pub whole: bool,
}

/// Words of a place name at most.
pub(super) const MAX_WORDS: usize = 3;

static PLACES: LazyLock<HashMap<&'static str, Place>> = LazyLock::new(read);

fn read() -> HashMap<&'static str, Place> {
    let mut places = HashMap::new();
    for line in SOURCE.lines().filter(|line| !line.starts_with('#')) {
        let Some((country, names)) = line.split_once(": ") else { continue };
        let (whole, parts) = names.split_once(';').unwrap_or((names, ""));
        for (names, whole) in [(whole, true), (parts, false)] {
            for name in names.split('|').map(str::trim).filter(|name| !name.is_empty()) {
                places.entry(name).or_insert(Place { country, whole });
            }
        }
    }
    places
}

/// The place that words in lower case name.
pub(super) fn find(words: &str) -> Option<Place> {
    PLACES.get(words).copied()
}

pub(super) fn is_place(words: &str) -> bool {
    PLACES.contains_key(words)
}
