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

/// The first place named within a run of Japanese.
pub(super) fn within(run: &str) -> Option<Place> {
    const NAMES: [(&str, &str); 9] = [
        ("米国", "US"),
        ("英国", "GB"),
        ("中国", "CN"),
        ("韓国", "KR"),
        ("北朝鮮", "KP"),
        ("ドイツ", "DE"),
        ("県", "JP"),
        ("東京", "JP"),
        ("大阪", "JP"),
    ];
    NAMES
        .into_iter()
        .find(|(name, _)| run.contains(name))
        .map(|(_, country)| Place { country, whole: true })
}
