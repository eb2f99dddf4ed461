//! Titles and the best part of a text, cut into pieces that match the query or do not.

use std::{collections::HashMap, ops::Range};

use tantivy::tokenizer::TokenStream as _;

use super::compile::Needle;
use crate::search::{
    Fragment,
    text::{Language, Stems, TermStream},
};

/// Length of a snippet, in characters.
const SNIPPET_CHARS: usize = 240;
/// Characters shown before the first match.
const LEAD_CHARS: usize = 50;
/// Matches looked at in one text.
const MAX_MATCHES: usize = 512;

/// Finds what a query matched in texts.
pub(super) struct Highlighter<'a> {
    needles: &'a [Needle],
    /// Where a term may stand: in which needle, at which of its places.
    uses: HashMap<&'a str, Vec<(usize, usize)>>,
    /// First bytes of all terms: most words of a text need not be stemmed to see that they are others.
    initials: Vec<u8>,
    stems: &'a mut Stems,
}

/// A match in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Match {
    range: Range<usize>,
    needle: usize,
}

impl<'a> Highlighter<'a> {
    pub(super) fn new(needles: &'a [Needle], stems: &'a mut Stems) -> Self {
        let mut uses: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
        for (needle_number, needle) in needles.iter().enumerate() {
            for (place_number, place) in needle.places.iter().enumerate() {
                for term in &place.terms {
                    uses.entry(term).or_default().push((needle_number, place_number));
                }
            }
        }
        let mut initials: Vec<u8> = uses.keys().filter_map(|term| term.bytes().next()).collect();
        initials.sort_unstable();
        initials.dedup();
        Self { needles, uses, initials, stems }
    }

    /// The whole text in pieces.
    pub(super) fn whole(&mut self, text: &str, language: Option<Language>) -> Vec<Fragment> {
        let matches = self.matches(text, language);
        fragments(text, 0..text.len(), &matches)
    }

    /// The part of a text that matches best, in pieces; its beginning if nothing matches there.
    pub(super) fn best_part(&mut self, text: &str, language: Option<Language>) -> Vec<Fragment> {
        let matches = self.matches(text, language);
        let window = best_window(text, &matches);
        let mut pieces = Vec::new();
        if window.start > 0 {
            pieces.push(Fragment { text: "… ".to_owned(), hit: false });
        }
        let cut_short = window.end < text.trim_end().len();
        pieces.extend(fragments(text, window, &matches));
        if cut_short {
            pieces.push(Fragment { text: " …".to_owned(), hit: false });
        }
        merge_equal(pieces)
    }

    /// All matches in order, none overlapping another.
    fn matches(&mut self, text: &str, language: Option<Language>) -> Vec<Match> {
        if self.needles.is_empty() {
            return Vec::new();
        }
        let places = self.places(text, language);
        let mut matches = Vec::new();
        for (&(needle, place, position), range) in &places {
            if place != 0 {
                continue;
            }
            let mut rest = self.needles[needle]
                .places
                .iter()
                .enumerate()
                .skip(1)
                .map(|(number, at)| places.get(&(needle, number, position + at.offset)));
            let end = rest.try_fold(range.end, |end, next| next.map(|next| next.end.max(end)));
            matches.extend(end.map(|end| Match { range: range.start..end, needle }));
        }
        matches.sort_unstable_by_key(|found| (found.range.start, found.range.end, found.needle));
        matches
    }

    /// Words of the text that the query names: (needle, place, position in the text) to bytes.
    fn places(
        &mut self,
        text: &str,
        language: Option<Language>,
    ) -> HashMap<(usize, usize, usize), Range<usize>> {
        let stemming = language.map(|language| (language, &mut *self.stems));
        let mut stream = TermStream::new(text, 0, stemming);
        if language.is_none_or(Language::keeps_beginnings) {
            stream = stream.only_beginning_with(&self.initials);
        }
        let mut places = HashMap::new();
        while places.len() < MAX_MATCHES && stream.advance() {
            let token = stream.token();
            for &(needle, place) in self.uses.get(token.text.as_str()).into_iter().flatten() {
                places.insert((needle, place, token.position), token.offset_from..token.offset_to);
            }
        }
        places
    }
}

/// The stretch of text with most different needles, and then most matches.
fn best_window(text: &str, matches: &[Match]) -> Range<usize> {
    let chars = text.chars().count().max(1);
    let bytes = |chars_wanted: usize| chars_wanted * text.len() / chars;
    let mut best = (0, 0, 0);
    for (number, first) in matches.iter().enumerate() {
        let reach = first.range.start + bytes(SNIPPET_CHARS - LEAD_CHARS);
        let within = matches[number..].iter().take_while(|found| found.range.end <= reach);
        let (mut needles, mut count) = (0u64, 0);
        for found in within {
            needles |= 1 << (found.needle % 64);
            count += 1;
        }
        let rank = (needles.count_ones(), count);
        if rank > (best.0, best.1) {
            best = (rank.0, rank.1, first.range.start);
        }
    }
    let start = window_start(text, best.2.saturating_sub(bytes(LEAD_CHARS)), best.2);
    let end = window_end(text, start + bytes(SNIPPET_CHARS));
    start..end
}

/// The first word boundary from `from` on, no later than `limit`.
fn window_start(text: &str, from: usize, limit: usize) -> usize {
    let from = text.ceil_char_boundary(from);
    if from == 0 || from >= limit {
        return from.min(limit);
    }
    let space = text[from..limit].find(char::is_whitespace).map(|at| from + at);
    let start = space.unwrap_or(from);
    start + (text[start..limit].len() - text[start..limit].trim_start().len())
}

/// The last word boundary before `until`.
fn window_end(text: &str, until: usize) -> usize {
    if until >= text.len() {
        return text.trim_end().len();
    }
    let until = text.floor_char_boundary(until);
    let tail = text.floor_char_boundary(until.saturating_sub(40));
    text[tail..until].rfind(char::is_whitespace).map_or(until, |at| tail + at)
}

fn fragments(text: &str, window: Range<usize>, matches: &[Match]) -> Vec<Fragment> {
    let mut pieces = Vec::new();
    let mut at = window.start;
    for found in matches {
        let start = found.range.start.max(at);
        let end = found.range.end.min(window.end);
        if start >= end {
            continue;
        }
        pieces.push(Fragment { text: one_line(&text[at..start]), hit: false });
        pieces.push(Fragment { text: one_line(&text[start..end]), hit: true });
        at = end;
    }
    let rest = at.max(window.start)..window.end.max(at);
    pieces.push(Fragment { text: one_line(&text[rest]), hit: false });
    merge_equal(pieces)
}

/// Line breaks and runs of spaces become one space.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() && !c.is_control() {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

/// Joins neighbours of the same kind and drops empty pieces.
fn merge_equal(pieces: Vec<Fragment>) -> Vec<Fragment> {
    let mut merged: Vec<Fragment> = Vec::with_capacity(pieces.len());
    for piece in pieces.into_iter().filter(|piece| !piece.text.is_empty()) {
        match merged.last_mut().filter(|last| last.hit == piece.hit) {
            Some(last) => last.text.push_str(&piece.text),
            None => merged.push(piece),
        }
    }
    merged
}
