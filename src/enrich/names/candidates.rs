//! Places of an article that could name malware or an actor.

use std::ops::Range;

use super::cues::{self, Cue};
use crate::{
    domain::Span,
    enrich::{
        reading::{Reading, Shape},
        taxonomy::{Kind, Mention, Taxonomy},
    },
};

/// Candidates looked at in one article.
const MAX_CANDIDATES: usize = 4_000;
/// Longest run of capitalised words that is taken for one name.
const MAX_RUN: usize = 4;

/// A place that could name malware or an actor.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub span: Span,
    /// Tokens of the reading.
    pub tokens: Range<usize>,
    /// Index of the mention, if the name is known.
    pub mention: Option<usize>,
}

/// Known hostile names, and runs of capitalised words that are not known as anything else; in order.
pub fn find(taxonomy: &Taxonomy, reading: &Reading, mentions: &[Mention]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let mut at = 0;
    for (index, mention) in mentions.iter().enumerate() {
        if !blocks(taxonomy, reading, mention) {
            continue;
        }
        runs(reading, at..mention.tokens.start, &mut candidates);
        at = mention.tokens.end;
        if taxonomy.known_of(mention).any(|known| known.kind.is_hostile()) {
            let (span, tokens) = (mention.span, mention.tokens.clone());
            candidates.push(Candidate { span, tokens, mention: Some(index) });
        }
    }
    runs(reading, at..reading.tokens.len(), &mut candidates);
    candidates.truncate(MAX_CANDIDATES);
    candidates
}

/// Whether a mention leaves no room for another name. A lower-case word that is spelled like a capitalised name does.
fn blocks(taxonomy: &Taxonomy, reading: &Reading, mention: &Mention) -> bool {
    let lower = mention.tokens.clone().all(|token| reading.tokens[token].shape == Shape::Lower);
    let hostile = taxonomy.known_of(mention).any(|known| known.kind.is_hostile());
    let technique = taxonomy.known_of(mention).all(|known| known.kind == Kind::Technique);
    !technique
        && (!lower || (hostile && mention.exact && mention.span.end - mention.span.start > 3))
}

/// Runs of words that could be a name, within some tokens.
fn runs(reading: &Reading, tokens: Range<usize>, candidates: &mut Vec<Candidate>) {
    let mut at = tokens.start;
    while at < tokens.end {
        if !begins(reading, at) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < tokens.end && end - at < 2 * MAX_RUN {
            match joined(reading, end, tokens.end) {
                Some(next) => end = next,
                None => break,
            }
        }
        let span =
            Span { start: reading.tokens[at].span.start, end: reading.tokens[end - 1].span.end };
        candidates.push(Candidate { span, tokens: at..end, mention: None });
        at = end;
    }
}

fn begins(reading: &Reading, at: usize) -> bool {
    let token = reading.tokens[at];
    let word = reading.word(at);
    match token.shape {
        Shape::Capital => !cues::is_plain(&word.to_lowercase()) && !is_generic(word),
        Shape::Upper | Shape::Camel => word.len() > 1 && !is_generic(word),
        Shape::Mixed => word.starts_with(|letter: char| letter.is_uppercase()),
        Shape::Lower | Shape::Number | Shape::Caseless | Shape::Mark => false,
    }
}

/// Where the run ends after taking what stands at `at`, if that still belongs to it.
fn joined(reading: &Reading, at: usize, until: usize) -> Option<usize> {
    let before = reading.tokens[at - 1];
    let token = reading.tokens[at];
    if token.sentence != before.sentence {
        return None;
    }
    let gap = token.span.start - before.span.end;
    let word = reading.word(at);
    if token.shape == Shape::Mark {
        // `Kelihos-B`, `OSX_DOK.C`: a mark between two words that touch it.
        let next = reading.tokens.get(at + 1).filter(|_| at + 1 < until)?;
        let touches = gap == 0 && next.span.start == token.span.end;
        let joins = matches!(word, "-" | "_" | ".")
            && next.shape != Shape::Mark
            && next.shape != Shape::Lower;
        return (touches && joins).then_some(at + 2);
    }
    let capital = token.shape.is_capitalised() || matches!(token.shape, Shape::Mixed);
    (gap == 1 && capital && !is_generic(word)).then_some(at + 1)
}

/// Whether a word says what kind of malware something is, and so names none.
fn is_generic(word: &str) -> bool {
    Cue::of(&word.to_lowercase()) == Some(Cue::Malware)
}
