//! The words, names, numbers and months of an article, as hashes with weights.

use std::collections::HashMap;

use crate::enrich::{
    Reading,
    incidents::words::{self, Term},
    reading::{Shape, Token},
};

/// Words kept of one article.
const MOST_WORDS: usize = 128;
/// Names kept of one article.
const MOST_NAMES: usize = 32;
/// Numbers kept of one article.
const MOST_NUMBERS: usize = 24;
/// Tokens read: a longer article has said by then what it is about.
const MOST_TOKENS: usize = 3_000;
/// A word of the title counts as that many of the body.
const TITLE_COUNT: f32 = 2.0;

/// What the words of an article say; all lists ascending by hash.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Unit length.
    pub words: Vec<Term>,
    /// Unit length; words of the title alone.
    pub title: Vec<Term>,
    /// Words that are written as names, unit length.
    pub names: Vec<Term>,
    pub numbers: Vec<u32>,
}

/// How often a word occurs, and how.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    title: f32,
    body: f32,
    /// Written as a name within a sentence.
    name: f32,
    /// Written in lower case.
    lower: f32,
}

impl Terms {
    /// Reads the terms of an article.
    pub fn of(reading: &Reading) -> Terms {
        let counts = count(reading);
        let mut terms = Terms { numbers: numbers(reading), ..Terms::default() };
        for (&hash, count) in &counts {
            let weight = words::weight(hash);
            if weight <= 0.0 {
                continue;
            }
            let all = count.title * TITLE_COUNT + count.body;
            let said = weight * (1.0 + all.ln());
            terms.words.push(Term { hash, weight: said });
            if count.title > 0.0 {
                terms.title.push(Term { hash, weight });
            }
            if count.name > 0.0 && count.name >= count.lower {
                terms.names.push(Term { hash, weight: said });
            }
        }
        unit(&mut terms.words, MOST_WORDS);
        unit(&mut terms.title, MOST_NAMES);
        unit(&mut terms.names, MOST_NAMES);
        terms
    }
}

fn count(reading: &Reading) -> HashMap<u32, Count> {
    let mut counts: HashMap<u32, Count> = HashMap::with_capacity(256);
    for (at, token) in reading.tokens.iter().take(MOST_TOKENS).enumerate() {
        match token.shape {
            Shape::Mark => {}
            Shape::Caseless => count_caseless(reading, *token, &mut counts),
            _ => {
                let word = reading.at(token.span);
                if word.len() < 2 {
                    continue;
                }
                let entry = counts.entry(words::hash(&words::stem(word))).or_default();
                add(entry, reading, at);
            }
        }
    }
    counts
}

fn add(count: &mut Count, reading: &Reading, at: usize) {
    let token = reading.tokens[at];
    if reading.in_title(token.span.start) {
        count.title += 1.0;
    } else {
        count.body += 1.0;
    }
    match token.shape {
        Shape::Lower => count.lower += 1.0,
        Shape::Number => {}
        _ if reading.sentences[token.sentence].first == at => {}
        _ => count.name += 1.0,
    }
}

/// Scripts without spaces and case are read as pairs of letters.
fn count_caseless(reading: &Reading, token: Token, counts: &mut HashMap<u32, Count>) {
    let word = reading.at(token.span);
    let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    let in_title = reading.in_title(token.span.start);
    for pair in starts.windows(3) {
        let entry = counts.entry(words::hash(&word[pair[0]..pair[2]])).or_default();
        if in_title {
            entry.title += 1.0;
        } else {
            entry.body += 1.0;
        }
    }
}

/// Keeps the weightiest terms and makes the list one of unit length, ascending by hash.
fn unit(terms: &mut Vec<Term>, most: usize) {
    keep_heaviest(terms, most);
    let length = length(terms);
    if length > 0.0 {
        terms.iter_mut().for_each(|term| term.weight /= length);
    }
}

/// Euclidean length of a list of terms.
pub(super) fn length(terms: &[Term]) -> f32 {
    terms.iter().map(|term| term.weight * term.weight).sum::<f32>().sqrt()
}

/// Keeps the weightiest terms, ascending by hash.
pub(super) fn keep_heaviest(terms: &mut Vec<Term>, most: usize) {
    if terms.len() > most {
        terms.select_nth_unstable_by(most, |a, b| {
            b.weight.total_cmp(&a.weight).then(a.hash.cmp(&b.hash))
        });
        terms.truncate(most);
    }
    terms.sort_unstable_by_key(|term| term.hash);
}

/// The numbers that tell a story apart: those with three digits or more or a decimal, with their thousands
/// joined (`430,000` is `430000`). Years are left out.
fn numbers(reading: &Reading) -> Vec<u32> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < reading.tokens.len().min(MOST_TOKENS) && numbers.len() < MOST_NUMBERS {
        let (number, next) = number_at(reading, at);
        at = next;
        if let Some(number) = number
            && !is_year(&number)
            && number.len() >= 3
        {
            numbers.push(words::hash(&number));
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn is_year(number: &str) -> bool {
    number.len() == 4 && (number.starts_with("19") || number.starts_with("20"))
}

/// The number that begins at a token, and the token after it.
fn number_at(reading: &Reading, at: usize) -> (Option<String>, usize) {
    if reading.tokens[at].shape != Shape::Number {
        return (None, at + 1);
    }
    let mut number = reading.word(at).to_owned();
    let mut end = at + 1;
    while let [mark, digits] = reading.tokens[end..].get(..2).unwrap_or_default()
        && digits.shape == Shape::Number
        && mark.span.end == digits.span.start
        && reading.tokens[end - 1].span.end == mark.span.start
    {
        match reading.at(mark.span) {
            "," | "." if digits.span.end - digits.span.start == 3 => {}
            "," | "." => number.push('.'),
            _ => break,
        }
        number.push_str(reading.at(digits.span));
        end += 2;
    }
    (Some(number), end)
}

/// Product of two lists, ascending by hash.
pub(super) fn dot(a: &[Term], b: &[Term]) -> f32 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].hash.cmp(&b[j].hash) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += a[i].weight * b[j].weight;
                i += 1;
                j += 1;
            }
        }
    }
    sum
}

/// Cosine of two lists, ascending by hash; 0 where one is empty.
pub(super) fn cosine(a: &[Term], b: &[Term]) -> f32 {
    let lengths = length(a) * length(b);
    if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
}
