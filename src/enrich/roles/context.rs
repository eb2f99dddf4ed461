//! Countries and sectors of the victims, from what stands in and beside their names.

use std::collections::BTreeMap;

use super::{
    organisations::Organisation,
    places, sectors,
    words::{Class, Words},
};

/// Where the victims are and what they do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Setting {
    pub countries: Vec<String>,
    pub sectors: Vec<String>,
}

pub(super) fn of(words: &Words, victims: &[&Organisation]) -> Setting {
    let _ = (places::MAX_WORDS, Class::ALL, words.len());
    let mut countries: BTreeMap<&str, f32> = BTreeMap::new();
    let mut found: BTreeMap<&str, f32> = BTreeMap::new();
    for victim in victims {
        let name = victim.fullest.text(words);
        if let Some(known) = sectors::organisation(name) {
            *countries.entry(known.country).or_default() += 1.0;
            *found.entry(known.sector).or_default() += 1.0;
        }
        for word in &victim.key {
            if let Some(sector) = sectors::of_word(word) {
                *found.entry(sector).or_default() += 1.0;
            }
        }
    }
    let keys = |tally: BTreeMap<&str, f32>| tally.into_keys().map(str::to_owned).collect();
    Setting { countries: keys(countries), sectors: keys(found) }
}
