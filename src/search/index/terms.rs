//! Looking things up in the term dictionaries of all segments.

use std::collections::HashMap;

use tantivy::{Searcher, Term, postings::TermInfo, query::FuzzyTermQuery, schema::Field};

use super::schema::Fields;
use crate::search::{SearchError, text::Language};

/// Terms read from one segment before giving up on the rest: a bound on time, not on what is sensible.
const MAX_SCANNED: usize = 200_000;

/// The languages with a stemmer that articles in the index have.
pub(super) fn languages(
    searcher: &Searcher,
    fields: &Fields,
) -> Result<Vec<Language>, SearchError> {
    let mut languages = Vec::new();
    for (tag, _) in with_prefix(searcher, fields.language, "", usize::MAX)? {
        let language = Language::from_tag(&tag);
        languages.extend(language.filter(|language| !languages.contains(language)));
    }
    Ok(languages)
}

/// Up to `limit` terms of a field that begin with `prefix`, most frequent first, with the number of
/// documents that have them (deleted ones included until their segment is merged).
pub(super) fn with_prefix(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    limit: usize,
) -> Result<Vec<(String, u64)>, SearchError> {
    let mut tally = Tally::default();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut range = inverted.terms().range().ge(prefix);
        if let Some(end) = after_prefix(prefix) {
            range = range.lt(end);
        }
        let mut stream = range.into_stream()?;
        let mut scanned = 0;
        while scanned < MAX_SCANNED && stream.advance() {
            scanned += 1;
            tally.add(stream.key(), stream.value());
        }
    }
    let mut found = tally.most_frequent_first();
    found.truncate(limit);
    Ok(found)
}

/// The terms of a field within `distance` (at most 2) edits of `word`, most frequent first. An automaton walks
/// the dictionaries, so that only what is near is read.
pub(super) fn near(
    searcher: &Searcher,
    field: Field,
    word: &str,
    distance: u8,
) -> Result<Vec<(String, u64)>, SearchError> {
    let query = FuzzyTermQuery::new(Term::from_field_text(field, word), distance, true);
    let automaton = query.automaton()?;
    let mut tally = Tally::default();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted.terms().search(&automaton).into_stream()?;
        while stream.advance() {
            tally.add(stream.key(), stream.value());
        }
    }
    Ok(tally.most_frequent_first())
}

/// Documents per term, over all segments.
#[derive(Default)]
struct Tally {
    counts: HashMap<String, u64>,
}

impl Tally {
    fn add(&mut self, key: &[u8], info: &TermInfo) {
        let term = std::str::from_utf8(key).unwrap_or_default();
        let count = u64::from(info.doc_freq);
        match self.counts.get_mut(term) {
            Some(sum) => *sum += count,
            None => {
                self.counts.insert(term.to_owned(), count);
            }
        }
    }

    fn most_frequent_first(self) -> Vec<(String, u64)> {
        let mut found: Vec<(String, u64)> = self.counts.into_iter().collect();
        found.sort_unstable_by(|left, right| {
            right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0))
        });
        found
    }
}

/// The first key after all that begin with `prefix`; `None` if there is none.
fn after_prefix(prefix: &str) -> Option<Vec<u8>> {
    let mut key = prefix.as_bytes().to_vec();
    // Bytes of UTF-8 are below 0xFF, so the last one can always be raised.
    *key.last_mut()? += 1;
    Some(key)
}
