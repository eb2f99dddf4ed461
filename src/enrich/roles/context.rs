//! Countries and sectors of the victims, from what stands in and beside their names.

use std::collections::HashMap;

use super::{
    japanese,
    organisations::Organisation,
    places::{self, Place},
    sectors,
    words::{Class, Words},
};
use crate::enrich::reading::Shape;

/// Victims and mentions of each that are looked at.
const MAX_VICTIMS: usize = 12;
const MAX_MENTIONS: usize = 12;
/// Tokens beside a mention that describe it.
const BESIDE: usize = 8;
/// What a country or sector must reach to be given, and its share of the strongest.
const LEAST: f32 = 0.9;
const SHARE: f32 = 0.45;

/// Where the victims are and what they do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Setting {
    /// ISO 3166-1 alpha-2, surest first.
    pub countries: Vec<String>,
    /// Surest first.
    pub sectors: Vec<String>,
}

/// The setting of the victims; nothing where there are none.
pub(super) fn of(words: &Words, victims: &[&Organisation]) -> Setting {
    let places = places_in(words);
    let mut setting = Setting::default();
    for victim in victims.iter().take(MAX_VICTIMS) {
        let countries = countries_of(words, &places, victim);
        extend(&mut setting.countries, countries.chosen(2));
        extend(&mut setting.sectors, sectors_of(words, victim).chosen(1));
    }
    setting
}

fn extend(list: &mut Vec<String>, more: Vec<&'static str>) {
    for one in more {
        if !list.iter().any(|known| known == one) {
            list.push(one.to_owned());
        }
    }
}

/// Support for each of some choices.
#[derive(Default)]
struct Tally(HashMap<&'static str, f32>);

impl Tally {
    fn add(&mut self, choice: &'static str, weight: f32) {
        *self.0.entry(choice).or_default() += weight;
    }

    /// The strongest, at most `most`.
    fn chosen(self, most: usize) -> Vec<&'static str> {
        let mut ranked: Vec<(&str, f32)> = self.0.into_iter().collect();
        ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(other.0)));
        let best = ranked.first().map_or(0.0, |(_, weight)| *weight);
        let enough = |weight: f32| weight >= LEAST && weight >= SHARE * best;
        ranked
            .into_iter()
            .filter(|(_, weight)| enough(*weight))
            .take(most)
            .map(|(one, _)| one)
            .collect()
    }
}

/// A place that an article names.
#[derive(Debug, Clone, Copy)]
struct Found {
    first: usize,
    end: usize,
    place: Place,
    /// Said of those who attack: "Russian hackers", "pro-Russia".
    hostile: bool,
}

fn places_in(words: &Words) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut buffer = String::new();
    while at < words.len() {
        let place = place_at(words, at, &mut buffer);
        let Some((end, place)) = place else {
            at += 1;
            continue;
        };
        let hostile = is_hostile(words, at, end);
        found.push(Found { first: at, end, place, hostile });
        at = end;
    }
    found
}

/// The longest place name that begins at a token, and where it ends.
fn place_at(words: &Words, at: usize, buffer: &mut String) -> Option<(usize, Place)> {
    let shape = words.reading.tokens[at].shape;
    if shape == Shape::Caseless || shape == Shape::Mixed {
        return japanese::is_written_in(words.word(at))
            .then(|| places::within(words.word(at)))?
            .map(|place| (at + 1, place));
    }
    let lower = words.lower(at);
    if shape == Shape::Lower {
        // Adjectives of other languages: "españolas", "britische".
        let place = (lower.len() >= 6).then(|| places::find(lower)).flatten()?;
        return place.whole.then_some((at + 1, place));
    }
    if !shape.is_capitalised() {
        return None;
    }
    if words.word(at) == "U" && words.word(at + 1) == "." && matches!(words.word(at + 2), "S" | "K")
    {
        let country = if words.word(at + 2) == "S" { "us" } else { "uk" };
        return places::find(country).map(|place| (at + 3, place));
    }
    if lower.len() == 2 && shape != Shape::Upper {
        return None;
    }
    (1..=places::MAX_WORDS).rev().find_map(|count| {
        buffer.clear();
        for step in 0..count {
            if step > 0 {
                buffer.push_str(if words.lower(at + step) == "." { "" } else { " " });
            }
            buffer.push_str(words.lower(at + step));
        }
        places::find(buffer).map(|place| (at + count, place))
    })
}

fn is_hostile(words: &Words, first: usize, end: usize) -> bool {
    let pro = first >= 2 && matches!(words.lower(first - 2), "pro" | "anti");
    let linked = matches!(words.lower(end), "-" | "–")
        && matches!(
            words.lower(end + 1),
            "backed" | "linked" | "aligned" | "nexus" | "sponsored" | "speaking" | "affiliated"
        );
    let attackers = (end..end + 4)
        .take_while(|at| {
            words.reading.tokens.get(*at).is_some_and(|token| token.shape != Shape::Mark)
        })
        .any(|at| {
            words.classes(at).any(&[Class::Gang])
                || matches!(words.lower(at), "state" | "intelligence" | "military" | "national")
        });
    pro || linked || attackers
}

fn countries_of(words: &Words, places: &[Found], victim: &Organisation) -> Tally {
    let mut tally = Tally::default();
    let name = victim.fullest.text(words);
    let known =
        victim.mentions.iter().find_map(|mention| sectors::organisation(mention.text(words)));
    if let Some(known) = known {
        tally.add(known.country, 4.0);
    }
    if name.chars().any(|letter| matches!(letter, '\u{4E00}'..='\u{9FFF}')) {
        tally.add("JP", 1.0);
    }
    for word in name.split(|letter: char| !letter.is_alphanumeric()) {
        if let Some(country) = country_of_form(&word.to_lowercase()) {
            tally.add(country, 1.0);
        }
    }
    for mention in victim.mentions.iter().take(MAX_MENTIONS) {
        let sentence = words.reading.sentences[mention.sentence];
        for found in places.iter().filter(|found| !found.hostile) {
            let inside = found.first >= mention.first && found.end <= mention.end;
            let before = mention.first.checked_sub(found.end).is_some_and(|gap| gap <= BESIDE);
            let after = found.first.checked_sub(mention.end).is_some_and(|gap| gap <= BESIDE);
            let same = found.first >= sentence.first && found.end <= sentence.end;
            let weight = match () {
                () if inside => 3.0,
                () if same && (before || after) => 1.6,
                () if same => 0.8,
                () => continue,
            };
            tally.add(found.place.country, weight);
        }
    }
    for found in places.iter().filter(|found| !found.hostile).take(40) {
        tally.add(found.place.country, 0.3);
    }
    for at in 0..words.len().min(1500) {
        if let Some((country, weight)) = country_of_cue(words, at) {
            tally.add(country, weight);
        }
    }
    tally
}

/// The country of a legal form or of the end of a host name.
fn country_of_form(word: &str) -> Option<&'static str> {
    Some(match word {
        "gmbh" | "ag" | "stadtwerke" | "klinikum" => "DE",
        "spa" | "srl" | "asl" | "comune" | "regione" => "IT",
        "pty" => "AU",
        "bv" => "NL",
        "oyj" | "oy" => "FI",
        "isd" | "usd" | "county" => "US",
        "nhs" | "plc" => "GB",
        "prefeitura" => "BR",
        "ayuntamiento" => "ES",
        "kk" => "JP",
        _ => return None,
    })
}

/// Institutions, money and papers that are those of one country.
fn country_of_cue(words: &Words, at: usize) -> Option<(&'static str, f32)> {
    Some(match (words.lower(at), words.lower(at + 1)) {
        ("social", "security") | ("attorney", "general") | ("school", "district") => ("US", 1.0),
        ("independent" | "unified", "school") => ("US", 1.0),
        ("hhs" | "hipaa" | "fbi" | "medicare" | "medicaid" | "superintendent", _) => ("US", 0.5),
        ("driver", "'" | "’") => ("US", 0.3),
        ("nhs" | "£" | "mps" | "pounds", _) => ("GB", 0.6),
        ("national", "insurance") | ("information", "commissioner") => ("GB", 0.8),
        _ => return None,
    })
}

fn sectors_of(words: &Words, victim: &Organisation) -> Tally {
    let mut tally = Tally::default();
    let known =
        victim.mentions.iter().find_map(|mention| sectors::organisation(mention.text(words)));
    if let Some(known) = known {
        tally.add(known.sector, 6.0);
    }
    for word in &victim.key {
        if let Some(sector) = sectors::of_word(word) {
            tally.add(sector, 2.5);
        }
    }
    for mention in victim.mentions.iter().take(MAX_MENTIONS) {
        let sentence = words.reading.sentences[mention.sentence];
        let from = sentence.first.max(mention.first.saturating_sub(BESIDE));
        let until = sentence.end.min(mention.end + BESIDE);
        for at in (from..until).filter(|at| *at < mention.first || *at >= mention.end) {
            let near = at + 2 >= mention.first && at < mention.first;
            if let Some(sector) = sectors::of_word(words.lower(at)) {
                tally.add(sector, if near { 1.5 } else { 0.7 });
            }
        }
    }
    for at in 0..words.len().min(1500) {
        if let Some(sector) = sectors::of_word(words.lower(at)) {
            tally.add(sector, 0.15);
        }
        // "the retailer", "the bank"
        let spoken = words.lower(at) == "the" && words.has(at + 1, Class::Role);
        if let Some(sector) = sectors::of_word(words.lower(at + 1)).filter(|_| spoken) {
            tally.add(sector, 0.5);
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::{super::organisations, *};
    use crate::enrich::Reading;

    fn setting(body: &str, victim: &str) -> Setting {
        let reading = Reading::of("", body);
        let words = Words::of(&reading);
        let found = organisations::find(&words, &[]);
        let victims: Vec<&Organisation> =
            found.iter().filter(|one| one.fullest.text(&words) == victim).collect();
        of(&words, &victims)
    }

    #[test]
    fn attackers_do_not_tell_where_the_victim_is() {
        let found =
            setting("Russian hackers broke into Lindner Metall GmbH.", "Lindner Metall GmbH");
        assert_eq!(found.countries, ["DE"]);
    }

    #[test]
    fn what_stands_beside_the_name_tells_country_and_sector() {
        let found =
            setting("The Norwegian salmon exporter and food firm Aavik was robbed.", "Aavik");
        assert_eq!(
            (found.countries, found.sectors),
            (vec!["NO".to_owned()], vec!["food".to_owned()])
        );
    }

    #[test]
    fn well_known_organisations_are_known() {
        let found = setting("Thieves robbed Harrods.", "Harrods");
        assert_eq!(
            (found.countries, found.sectors),
            (vec!["GB".to_owned()], vec!["retail".to_owned()])
        );
    }
}
