//! Names that mean the same organisation: short forms, acronyms, other word order.

use std::collections::HashMap;

use super::{
    known::{self, Mark},
    names::{self, Name},
    places,
    words::{Class, Words},
};

/// An organisation as one article names it.
#[derive(Debug, Clone)]
pub(super) struct Organisation {
    /// Its mentions, in order; at least one.
    pub mentions: Vec<Name>,
    /// The mention with the fullest name.
    pub fullest: Name,
    /// Words of the fullest name in lower case, without marks and legal form.
    pub key: Vec<String>,
}

/// Words of a name that tell it from others: lower case, no marks, no legal form, no "the".
pub(super) fn key_of(text: &str) -> Vec<String> {
    let mut key: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric() && letter != '&')
        .filter(|word| !word.is_empty() && *word != "&")
        .map(str::to_lowercase)
        .filter(|word| !matches!(word.as_str(), "the" | "and" | "s"))
        .collect();
    while key.len() > 1 && super::words::classes_of(&key[key.len() - 1]).has(Class::Legal) {
        key.pop();
    }
    key
}

/// The organisations of an article in order of first mention.
pub(super) fn find(words: &Words, marks: &[Mark]) -> Vec<Organisation> {
    let names = known::refine(words, marks, names::find(words));
    let mut organisations = gather(words, &names);
    organisations.retain(|organisation| !is_country(organisation));
    organisations
}

/// Whether the name is that of a country or its adjective, and nothing more.
fn is_country(organisation: &Organisation) -> bool {
    places::find(&organisation.key.join(" ")).is_some_and(|place| place.whole)
}

/// Puts the mentions of each organisation together.
fn gather(words: &Words, names: &[Name]) -> Vec<Organisation> {
    let mut organisations: Vec<Organisation> = Vec::new();
    let mut known: HashMap<Vec<String>, usize> = HashMap::new();
    for name in names {
        let key = key_of(name.text(words));
        if key.is_empty() {
            continue;
        }
        let at = *known.entry(key.clone()).or_insert_with(|| {
            organisations.push(Organisation { mentions: Vec::new(), fullest: *name, key });
            organisations.len() - 1
        });
        organisations[at].mentions.push(*name);
    }
    merge(words, organisations)
}

/// Joins short forms to the full names they stand for.
fn merge(words: &Words, organisations: Vec<Organisation>) -> Vec<Organisation> {
    let fuller = fuller_names(words, &organisations);
    let mut merged: Vec<Option<Organisation>> = organisations.into_iter().map(Some).collect();
    for at in 0..merged.len() {
        // Follow "JLR" to "Jaguar Land Rover" to "Jaguar Land Rover Group", at most.
        let mut into = at;
        for _ in 0..3 {
            into = fuller[into].unwrap_or(into);
        }
        if into == at || merged[into].is_none() {
            continue;
        }
        let Some(short) = merged[at].take() else { continue };
        if let Some(full) = &mut merged[into] {
            full.mentions.extend(short.mentions);
        }
    }
    let mut gathered: Vec<Organisation> = merged.into_iter().flatten().collect();
    for organisation in &mut gathered {
        organisation.mentions.sort_by_key(|name| name.span.start);
    }
    gathered.sort_by_key(|organisation| organisation.mentions[0].span.start);
    gathered
}

/// For each organisation the one whose name says the same in full.
fn fuller_names(words: &Words, organisations: &[Organisation]) -> Vec<Option<usize>> {
    let mut by_first: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut by_initials: HashMap<String, usize> = HashMap::new();
    let mut by_words: HashMap<Vec<&str>, usize> = HashMap::new();
    for (at, organisation) in organisations.iter().enumerate() {
        by_first.entry(&organisation.key[0]).or_default().push(at);
        if organisation.key.len() >= 2 {
            by_initials.entry(initials(&organisation.key)).or_insert(at);
            by_words.entry(bag(&organisation.key)).or_insert(at);
        }
    }
    let fuller = |(at, short): (usize, &Organisation)| {
        let same = by_words.get(&bag(&short.key)).copied().filter(|full| *full != at);
        let extended = || {
            let candidates = by_first[short.key[0].as_str()].iter().copied();
            candidates
                .filter(|full| extends(short, &organisations[*full]))
                .max_by_key(|full| (organisations[*full].mentions.len(), usize::MAX - *full))
        };
        let acronym = || {
            let upper = short.key.len() == 1
                && short
                    .fullest
                    .text(words)
                    .chars()
                    .all(|letter| letter.is_uppercase() || letter == '&')
                && short.key[0].len() >= 2;
            upper.then(|| by_initials.get(&short.key[0].replace('&', "")).copied()).flatten()
        };
        same.filter(|full| *full < at).or_else(extended).or_else(acronym).filter(|full| *full != at)
    };
    organisations.iter().enumerate().map(fuller).collect()
}

/// Whether `full` is the name of `short` with more words, which are those of an organisation and not a product's.
fn extends(short: &Organisation, full: &Organisation) -> bool {
    let (few, many) = (&short.key, &full.key);
    if many.len() <= few.len() || !many.starts_with(few) || places::is_place(&few.join(" ")) {
        return false;
    }
    let rest = &many[few.len()..];
    let headed = rest.iter().any(|word| super::words::classes_of(word).has(Class::Head));
    headed && rest.len() <= 4
}

fn initials(key: &[String]) -> String {
    key.iter()
        .filter(|word| {
            !matches!(word.as_str(), "of" | "for" | "de" | "di" | "der" | "des" | "in" | "on")
        })
        .filter_map(|word| word.chars().next())
        .collect()
}

/// The words without order: "Commerce Department" is the "Department of Commerce".
fn bag(key: &[String]) -> Vec<&str> {
    let mut bag: Vec<&str> = key.iter().map(String::as_str).filter(|word| *word != "of").collect();
    bag.sort_unstable();
    bag
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::Reading;

    fn gathered(body: &str) -> Vec<(String, usize)> {
        let reading = Reading::of("", body);
        let words = Words::of(&reading);
        gather(&words, &names::find(&words))
            .iter()
            .map(|one| (one.fullest.text(&words).to_owned(), one.mentions.len()))
            .collect()
    }

    #[test]
    fn short_forms_and_acronyms_join_the_full_name() {
        let body =
            "Thieves hit Brenner Valley School District. Later Brenner Valley said BVSD had paid.";
        assert_eq!(gathered(body), [("Brenner Valley School District".to_owned(), 3)]);
    }

    #[test]
    fn departments_are_the_same_in_either_order() {
        let body = "Spies read mail of the Commerce Department. The Department of Commerce knew.";
        assert_eq!(gathered(body), [("Commerce Department".to_owned(), 2)]);
    }

    #[test]
    fn a_product_is_not_its_maker() {
        let body = "It was a hole in Brightgate ConnectEdge. Then Brightgate shipped a fix.";
        assert_eq!(gathered(body).len(), 2);
    }
}
