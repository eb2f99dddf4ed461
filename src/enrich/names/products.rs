//! Products, where an article speaks of a flaw in them, their abuse or their repair.

use super::{cues::Cue, entities::Entities, features::Page};
use crate::{
    domain::{EntityKind, Span},
    enrich::{
        incidents,
        reading::Shape,
        taxonomy::{Kind, Known, Mention},
    },
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

/// Names that are also what things are called in general: they count right after their vendor's name alone.
const GENERIC: [&str; 18] = [
    "cameras",
    "cloud",
    "commerce",
    "community",
    "core",
    "director",
    "firewall",
    "framework",
    "gateway",
    "kernel",
    "manager",
    "platform",
    "project",
    "reader",
    "router",
    "server",
    "software",
    "web",
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
    for sentence in (0..page.reading.sentences.len()).filter(|at| tells_of_flaw(page, *at)) {
        find_after_vendors(page, sentence, entities);
    }
}

/// Tokens of the longest name of a vendor, and of a product.
const VENDOR_TOKENS: usize = 3;
const PRODUCT_TOKENS: usize = 5;
/// How rare a single word must be to be the name of a product.
const PARTICULAR: f32 = 6.0;

/// Adds the products that stand right after the name of their vendor in a sentence: "Ivanti Connect Secure".
fn find_after_vendors(page: &Page<'_>, sentence: usize, entities: &mut Entities<'_>) {
    let reading = page.reading;
    let tokens = reading.tokens_of(sentence);
    let text = |from: usize, to: usize| {
        let span = Span { start: tokens[from].span.start, end: tokens[to - 1].span.end };
        (span, reading.at(span))
    };
    let mut at = 0;
    while at < tokens.len() {
        let longest = VENDOR_TOKENS.min(tokens.len() - at);
        let vendor = (1..=longest)
            .rev()
            .filter(|_| tokens[at].shape.is_capitalised())
            .find(|count| page.taxonomy.has_vendor(text(at, at + count).1));
        let Some(vendor) = vendor else {
            at += 1;
            continue;
        };
        let from = at + vendor;
        let most = PRODUCT_TOKENS.min(tokens.len() - from);
        let length = (1..=most)
            .rev()
            .filter(|_| is_name(tokens[from].shape))
            .find(|count| page.taxonomy.makes(text(at, from).1, text(from, from + count).1));
        if let Some(count) = length {
            let (span, name) = text(from, from + count);
            // A single everyday word may go on: "Google Project Zero".
            let plain = count == 1 && incidents::rarity(name) < PARTICULAR;
            let named = |one: &Mention| one.span == span && product(page, one).is_some();
            if !plain && !page.mentions.iter().any(named) {
                entities.add(EntityKind::Product, name.to_owned(), None, span);
            }
        }
        at = from + length.unwrap_or(0);
    }
}

fn is_name(shape: Shape) -> bool {
    shape.is_capitalised() || shape == Shape::Mixed
}

/// The product of a mention that names nothing else.
fn product<'a>(page: &Page<'a>, mention: &Mention) -> Option<&'a Known> {
    let known = |index: &u32| page.taxonomy.known(*index);
    let product = mention.known.iter().map(known).find(|known| known.kind == Kind::Product)?;
    let cased = mention.exact || page.reading.at(mention.span).starts_with(char::is_uppercase);
    cased.then_some(product)
}

fn is_affected(page: &Page<'_>, mention: &Mention) -> bool {
    tells_of_flaw(page, page.reading.tokens[mention.tokens.start].sentence)
}

/// Whether a sentence speaks of a flaw, its repair, or abuse.
fn tells_of_flaw(page: &Page<'_>, sentence: usize) -> bool {
    page.words_of(sentence).iter().any(|word| {
        Cue::of(word) == Some(Cue::Flaw)
            || ABUSE.contains(&word.as_str())
            || word.starts_with("encrypt")
    })
}

/// Whether a name that is also a word, or of all the world's computers, is told by its vendor in the same article.
fn is_clear(page: &Page<'_>, mention: &Mention, known: &Known) -> bool {
    let name = page.reading.at(mention.span);
    if !known.own && GENERIC.contains(&name.to_lowercase().as_str()) {
        return known.of.as_deref().is_some_and(|vendor| follows(page, mention, vendor));
    }
    let acronym = name.len() < 4 && name.starts_with(char::is_uppercase);
    let plain = acronym || page.taxonomy.is_common_word(name);
    known.own || !plain || known.of.as_deref().is_some_and(|vendor| names_vendor(page, vendor))
}

/// Whether the name of a vendor stands right before a mention.
fn follows(page: &Page<'_>, mention: &Mention, vendor: &str) -> bool {
    page.mentions
        .iter()
        .filter(|one| one.tokens.end == mention.tokens.start)
        .any(|one| page.taxonomy.known_of(one).any(|known| known.name == vendor))
}

fn names_vendor(page: &Page<'_>, vendor: &str) -> bool {
    page.mentions.iter().filter(|one| one.exact).any(|one| {
        page.taxonomy
            .known_of(one)
            .any(|known| matches!(known.kind, Kind::Vendor | Kind::Company) && known.name == vendor)
    })
}
