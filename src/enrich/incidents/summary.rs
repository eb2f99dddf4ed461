//! Which article tells an incident best, and which of the coverage's sentences sum it up.

use std::collections::BTreeSet;

use super::{describe::Member, words};
use crate::{
    domain::{Citation, EntityKind, IncidentEntity},
    enrich::{Reading, reading::Shape},
};

/// Sentences of a summary.
const MOST_SENTENCES: usize = 4;
/// Bytes of a sentence that can stand alone.
const LENGTHS: std::ops::RangeInclusive<usize> = 40..=360;
/// Sentences looked at in one article.
const MOST_READ: usize = 30;
/// What a sentence must be worth to be cited.
const LEAST_WORTH: f32 = 1.0;

/// The article whose headline names most of what the incident is about. Of equals the earliest.
pub(super) fn best_told<'a>(
    members: &[Member<'a>],
    entities: &[IncidentEntity],
) -> Option<Member<'a>> {
    let language = main_language(members);
    let mut best: Option<(f32, Member)> = None;
    for member in members {
        let worth = worth_of_title(member.title, entities) + language_bonus(member, language);
        if best.is_none_or(|(most, _)| worth > most) {
            best = Some((worth, *member));
        }
    }
    best.map(|(_, member)| member)
}

/// The language of most articles; of equals English.
fn main_language<'a>(members: &[Member<'a>]) -> Option<&'a str> {
    let languages = || members.iter().filter_map(|one| one.enrichment.language.as_deref());
    let count = |language: &str| languages().filter(|one| *one == language).count();
    languages().max_by_key(|language| (count(language), *language == "en"))
}

fn language_bonus(member: &Member, language: Option<&str>) -> f32 {
    if member.enrichment.language.as_deref() == language { 1.0 } else { 0.0 }
}

fn worth_of_title(title: &str, entities: &[IncidentEntity]) -> f32 {
    let words = title.split_whitespace().count();
    let length = match words {
        0..=3 => -1.0,
        4..=18 => 0.5,
        _ => 0.0,
    };
    let asks = if title.trim_end().ends_with('?') { -1.0 } else { 0.0 };
    named_in(title, entities) + length + asks
}

/// How much of what the incident is about a text names: the leading victim, flaw, malware and so on.
fn named_in(text: &str, entities: &[IncidentEntity]) -> f32 {
    let mut sum = 0.0;
    let mut seen = BTreeSet::new();
    for entity in entities.iter().filter(|entity| names(text, &entity.name)) {
        let weight = match entity.kind {
            EntityKind::Victim => 2.0,
            EntityKind::Cve | EntityKind::Malware | EntityKind::Actor => 1.0,
            EntityKind::Product | EntityKind::Vendor => 0.8,
            EntityKind::Technique => 0.2,
        };
        sum += if seen.insert(entity.kind) { weight } else { 0.25 * weight };
    }
    sum
}

/// Whether a text holds a name, or the first word of a name of several that is particular enough.
fn names(text: &str, name: &str) -> bool {
    if text.contains(name) {
        return true;
    }
    let Some((first, _)) = name.split_once(' ') else { return false };
    words::weight(words::hash(&words::stem(first))) >= 7.0 && text.contains(first)
}

/// A sentence that may be cited.
struct Candidate {
    member: usize,
    at: usize,
    text: String,
    worth: f32,
    words: BTreeSet<u32>,
}

/// The sentences that together say most, in the order of publication and within an article of the text. The
/// article that tells it best comes first in worth, and each says something new.
pub(super) fn summarise(
    members: &[Member],
    best: Member,
    entities: &[IncidentEntity],
) -> Vec<Citation> {
    let mut left: Vec<Candidate> = Vec::new();
    for (at, member) in members.iter().enumerate() {
        if member.enrichment.language == best.enrichment.language {
            left.extend(candidates(at, member, member.id == best.id, entities));
        }
    }
    let mut chosen: Vec<Candidate> = Vec::new();
    let mut said: BTreeSet<u32> = BTreeSet::new();
    while chosen.len() < MOST_SENTENCES {
        let worth = |one: &Candidate| one.worth * novelty(one, &said);
        let next = (0..left.len())
            .max_by(|a, b| worth(&left[*a]).total_cmp(&worth(&left[*b])).then(b.cmp(a)));
        let Some(next) = next.filter(|next| worth(&left[*next]) >= LEAST_WORTH) else { break };
        let next = left.swap_remove(next);
        said.extend(&next.words);
        chosen.push(next);
    }
    chosen.sort_by_key(|one| (one.member, one.at));
    chosen
        .into_iter()
        .map(|one| Citation { article_id: members[one.member].id, text: one.text })
        .collect()
}

/// Share of a sentence's words that are new, squared, so that a repetition counts for little.
fn novelty(one: &Candidate, said: &BTreeSet<u32>) -> f32 {
    let new = one.words.difference(said).count() as f32 / one.words.len().max(1) as f32;
    new * new
}

fn candidates(
    at: usize,
    member: &Member,
    best: bool,
    entities: &[IncidentEntity],
) -> Vec<Candidate> {
    let reading = Reading::of(member.title, member.text);
    let body = (0..reading.sentences.len())
        .filter(|one| !reading.in_title(reading.sentences[*one].span.start));
    body.take(MOST_READ)
        .enumerate()
        .filter(|(_, sentence)| can_stand_alone(&reading, *sentence))
        .map(|(place, sentence)| {
            let text = reading.at(reading.sentences[sentence].span).trim().to_owned();
            let lead = 1.5 / (1.0 + place as f32);
            let figures = if has_figure(&reading, sentence) { 0.5 } else { 0.0 };
            let evidence = if is_evidence(&reading, member, sentence) { 0.8 } else { 0.0 };
            let told_best = if best { 0.7 } else { 0.0 };
            let worth = named_in(&text, entities) + lead + figures + evidence + told_best;
            let words = words_of(&reading, sentence);
            Candidate { member: at, at: sentence, text, worth, words }
        })
        .collect()
}

/// A sentence that needs none before it: of a fair length, whole, no question, and no pronoun leads it.
fn can_stand_alone(reading: &Reading, sentence: usize) -> bool {
    let text = reading.at(reading.sentences[sentence].span).trim();
    let whole = text.ends_with(['.', '。', '!', '”', '"']);
    let first: String = text.chars().take_while(|letter| letter.is_alphabetic()).collect();
    LENGTHS.contains(&text.len())
        && whole
        && !first.is_empty()
        && !LEANING.contains(&first.to_lowercase().as_str())
}

/// First words of sentences that lean on the one before.
const LEANING: [&str; 34] = [
    "it", "its", "he", "she", "they", "their", "his", "her", "this", "that", "these", "those",
    "but", "and", "so", "or", "nor", "yet", "such", "both", "neither", "instead", "also", "there",
    "then", "i", "we", "you", "er", "sie", "es", "dies", "elle", "il",
];

fn has_figure(reading: &Reading, sentence: usize) -> bool {
    reading.tokens_of(sentence).iter().any(|token| token.shape == Shape::Number)
}

fn is_evidence(reading: &Reading, member: &Member, sentence: usize) -> bool {
    let span = reading.sentences[sentence].span;
    let mut evidence = member.enrichment.attacks.iter().flat_map(|tag| &tag.evidence);
    evidence.any(|place| place.start < span.end && span.start < place.end)
}

fn words_of(reading: &Reading, sentence: usize) -> BTreeSet<u32> {
    let words = reading.tokens_of(sentence).iter().filter(|token| token.shape != Shape::Mark);
    let hashes = words.map(|token| words::hash(&words::stem(reading.at(token.span))));
    hashes.filter(|hash| words::weight(*hash) > 2.0).collect()
}
