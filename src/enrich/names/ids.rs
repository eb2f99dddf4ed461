//! Names that are written as ids: CVEs and ATT&CK techniques.

use super::{entities::Entities, features::Page};
use crate::{
    domain::{EntityKind, Span},
    enrich::{Reading, taxonomy::Kind},
};

/// Words without which the name of a technique is an ordinary phrase.
const TECHNIQUE_WORDS: [&str; 5] = ["mitre", "att", "technique", "techniques", "ttps"];

/// Adds all CVEs and techniques.
pub fn find(page: &Page<'_>, entities: &mut Entities<'_>) {
    for at in 0..page.reading.tokens.len() {
        if let Some((name, span)) = cve_at(page.reading, at) {
            entities.add(EntityKind::Cve, name.clone(), Some(name), span);
        } else if let Some((id, span)) = technique_at(page.reading, at)
            && let Some(name) = page.taxonomy.technique(&id)
        {
            entities.add(EntityKind::Technique, name.to_owned(), Some(id), span);
        }
    }
    named_techniques(page, entities);
}

/// `CVE-2026-1234`, with any hyphen, in any case.
fn cve_at(reading: &Reading, at: usize) -> Option<(String, Span)> {
    if !reading.word(at).eq_ignore_ascii_case("cve") || at + 4 >= reading.tokens.len() {
        return None;
    }
    let (year, number) = (reading.word(at + 2), reading.word(at + 4));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let hyphens = is_hyphen(reading.word(at + 1)) && is_hyphen(reading.word(at + 3));
    let fits = year.len() == 4 && (4..=7).contains(&number.len()) && digits(year) && digits(number);
    let span = Span { start: reading.tokens[at].span.start, end: reading.tokens[at + 4].span.end };
    let close = span.end - span.start <= 3 + 2 * 3 + year.len() + number.len();
    (hyphens && fits && close).then(|| (format!("CVE-{year}-{number}"), span))
}

fn is_hyphen(word: &str) -> bool {
    matches!(word, "-" | "‐" | "‑" | "–" | "−")
}

/// `T1486` or `T1566.002`.
fn technique_at(reading: &Reading, at: usize) -> Option<(String, Span)> {
    let word = reading.word(at);
    let digits = word.strip_prefix('T')?;
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let span = reading.tokens[at].span;
    let after = &reading.text[span.end..];
    let sub = after.strip_prefix('.').and_then(|rest| rest.get(..3));
    let next = after.as_bytes().get(4);
    match sub.filter(|sub| sub.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(sub) if !next.is_some_and(u8::is_ascii_digit) => {
            Some((format!("{word}.{sub}"), Span { start: span.start, end: span.end + 4 }))
        }
        _ => Some((word.to_owned(), span)),
    }
}

/// Techniques under their name, in sentences that speak of techniques.
fn named_techniques(page: &Page<'_>, entities: &mut Entities<'_>) {
    for mention in page.mentions.iter().filter(|mention| mention.exact) {
        let technique = page.taxonomy.known_of(mention).find(|known| known.kind == Kind::Technique);
        let Some(technique) = technique else { continue };
        let sentence = page.reading.tokens[mention.tokens.start].sentence;
        if page.words_of(sentence).iter().any(|word| TECHNIQUE_WORDS.contains(&word.as_str())) {
            entities.add(
                EntityKind::Technique,
                technique.name.clone(),
                technique.id.clone(),
                mention.span,
            );
        }
    }
}
