//! All names at once over a text: longest match, word by word.

use std::{collections::HashMap, ops::Range};

use xxhash_rust::xxh3::xxh3_64;

use crate::{
    domain::Span,
    enrich::reading::{Reading, Shape},
};

/// A spelling and whose it is.
#[derive(Debug)]
struct Form {
    /// Hash of its first word in lower case.
    first: u64,
    text: String,
    /// Index of the known thing.
    known: u32,
}

/// A place where a spelling stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub span: Span,
    /// Tokens of the reading.
    pub tokens: Range<usize>,
    /// Indices of the known things that are written so; at least one.
    pub known: Vec<u32>,
    /// Whether letters have the case that the taxonomy gives.
    pub exact: bool,
}

/// Spellings, found by their first word.
#[derive(Debug, Default)]
pub(super) struct Gazetteer {
    /// Sorted by first word, then longest first, then text in lower case.
    forms: Vec<Form>,
    by_first: HashMap<u64, Range<u32>>,
}

impl Gazetteer {
    /// `names`: spelling and index of the known thing. A spelling without a letter or digit at its start is left out.
    pub fn of(names: impl Iterator<Item = (String, u32)>) -> Gazetteer {
        let mut forms: Vec<Form> = names
            .filter_map(|(text, known)| {
                let first = hash(first_word(&text)?);
                Some(Form { first, text, known })
            })
            .collect();
        forms.sort_by_cached_key(|form| {
            (form.first, usize::MAX - form.text.len(), form.text.to_ascii_lowercase(), form.known)
        });
        let mut by_first = HashMap::new();
        let mut start = 0;
        for group in forms.chunk_by(|left, right| left.first == right.first) {
            let end = start + group.len();
            by_first.insert(group[0].first, start as u32..end as u32);
            start = end;
        }
        Gazetteer { forms, by_first }
    }

    /// Every spelling with the index of its known thing.
    pub fn forms(&self) -> impl Iterator<Item = (&str, u32)> {
        self.forms.iter().map(|form| (form.text.as_str(), form.known))
    }

    /// All places of all spellings, in order and without overlap; the longest wins.
    pub fn mentions(&self, reading: &Reading) -> Vec<Mention> {
        let mut mentions = Vec::new();
        let mut at = 0;
        while at < reading.tokens.len() {
            let Some(mention) = self.mention_at(reading, at) else {
                at += 1;
                continue;
            };
            at = mention.tokens.end;
            mentions.push(mention);
        }
        mentions
    }

    fn mention_at(&self, reading: &Reading, at: usize) -> Option<Mention> {
        if reading.tokens[at].shape == Shape::Mark {
            return None;
        }
        let start = reading.tokens[at].span.start;
        let forms = self.by_first.get(&hash(reading.word(at)))?;
        let forms = &self.forms[forms.start as usize..forms.end as usize];
        let mut found: Option<Mention> = None;
        for form in forms {
            let Some(length) = matched(&form.text, &reading.text[start..]) else { continue };
            let end = start + length;
            if found.as_ref().is_some_and(|mention| mention.span.end > end) {
                break;
            }
            let Some(tokens) = whole_tokens(reading, at, end) else { continue };
            let exact = reading.text[start..end] == form.text;
            let mention = found.get_or_insert_with(|| Mention {
                span: Span { start, end },
                tokens,
                known: Vec::new(),
                exact,
            });
            mention.exact |= exact;
            if !mention.known.contains(&form.known) {
                mention.known.push(form.known);
            }
        }
        found
    }
}

/// The run of letters and digits at the start of a spelling.
fn first_word(text: &str) -> Option<&str> {
    let end = text.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

/// Hash of a word in lower case.
fn hash(word: &str) -> u64 {
    if word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        return xxh3_64(word.as_bytes());
    }
    xxh3_64(word.to_lowercase().as_bytes())
}

/// How many bytes of `text` the spelling covers at its start: case does not count, one space stands for several.
fn matched(form: &str, text: &str) -> Option<usize> {
    let mut length = 0;
    let rest = text.as_bytes();
    for byte in form.bytes() {
        let there = *rest.get(length)?;
        if !there.eq_ignore_ascii_case(&byte) {
            return None;
        }
        length += 1;
        if byte == b' ' {
            length += rest[length..].iter().take_while(|byte| **byte == b' ').count();
        }
    }
    text.is_char_boundary(length).then_some(length)
}

/// The tokens from `first` on that end exactly at `end`.
fn whole_tokens(reading: &Reading, first: usize, end: usize) -> Option<Range<usize>> {
    let count = reading.tokens[first..].iter().position(|token| token.span.end >= end)?;
    let last = first + count;
    (reading.tokens[last].span.end == end).then_some(first..last + 1)
}
