//! Products, where an article speaks of a flaw in them, their abuse or their repair.

use super::{cues::Cue, entities::Entities, features::Page};
use crate::{
    domain::EntityKind,
    enrich::taxonomy::{Kind, Known, Mention},
};

/// Words of a sentence in which a product was abused, besides those of flaws and patches.
const ABUSE: [&str; 15] = [
    "abused",
    "backdoor",
    "backdoored",
    "breach",
    "breached",
    "hacked",
    "hijacked",
    "intruders",
    "intrusion",
    "malicious",
    "poisoned",
    "stolen",
    "supply",
    "tampered",
    "trojanised",
];

/// Adds the products that are exploited, flawed, patched or abused. Once one place says so, all places of the product count.
pub fn find(page: &Page<'_>, entities: &mut Entities<'_>) {
    let named: Vec<(&Mention, &Known)> =
        page.mentions.iter().filter_map(|one| Some((one, product(page, one)?))).collect();
    let affected: Vec<&str> = named
        .iter()
        .filter(|(mention, known)| is_affected(page, mention) && is_clear(page, mention, known))
        .map(|(_, known)| known.name.as_str())
        .collect();
    for (mention, known) in
        named.iter().filter(|(_, known)| affected.contains(&known.name.as_str()))
    {
        entities.add(EntityKind::Product, known.name.clone(), known.id.clone(), mention.span);
    }
}

/// The product of a mention that names nothing else.
fn product<'a>(page: &Page<'a>, mention: &Mention) -> Option<&'a Known> {
    let known = |index: &u32| page.taxonomy.known(*index);
    let product = mention.known.iter().map(known).find(|known| known.kind == Kind::Product)?;
    let cased = mention.exact || page.reading.at(mention.span).starts_with(char::is_uppercase);
    cased.then_some(product)
}

fn is_affected(page: &Page<'_>, mention: &Mention) -> bool {
    let sentence = page.reading.tokens[mention.tokens.start].sentence;
    page.words_of(sentence).iter().any(|word| {
        Cue::of(word) == Some(Cue::Flaw)
            || ABUSE.contains(&word.as_str())
            || word.starts_with("encrypt")
    })
}

/// Whether a name that is also a word, or of all the world's computers, is told by its vendor in the same article.
fn is_clear(page: &Page<'_>, mention: &Mention, known: &Known) -> bool {
    let name = page.reading.at(mention.span);
    let acronym = name.len() < 4 && name.starts_with(char::is_uppercase);
    let plain = acronym || page.taxonomy.is_common_word(name);
    known.own || !plain || known.of.as_deref().is_some_and(|vendor| names_vendor(page, vendor))
}

fn names_vendor(page: &Page<'_>, vendor: &str) -> bool {
    page.mentions.iter().filter(|one| one.exact).any(|one| {
        page.taxonomy
            .known_of(one)
            .any(|known| matches!(known.kind, Kind::Vendor | Kind::Company) && known.name == vendor)
    })
}
