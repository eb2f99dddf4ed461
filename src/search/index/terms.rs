//! Looking things up in the term dictionaries of all segments.

use std::collections::HashMap;

use tantivy::{Searcher, schema::Field};

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
    let mut found = matching(searcher, field, prefix, MAX_SCANNED, |_| true)?;
    found.truncate(limit);
    Ok(found)
}

/// All terms of a field that begin with `prefix` and that `wanted` takes, most frequent first, among
/// the first `max_scanned` of each segment.
pub(super) fn matching(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    max_scanned: usize,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, u64)>, SearchError> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut range = inverted.terms().range().ge(prefix);
        if let Some(end) = after_prefix(prefix) {
            range = range.lt(end);
        }
        let mut stream = range.into_stream()?;
        let mut scanned = 0;
        while scanned < max_scanned && stream.advance() {
            scanned += 1;
            let term = std::str::from_utf8(stream.key()).unwrap_or_default();
            if !wanted(term) {
                continue;
            }
            let count = u64::from(stream.value().doc_freq);
            match counts.get_mut(term) {
                Some(sum) => *sum += count,
                None => {
                    counts.insert(term.to_owned(), count);
                }
            }
        }
    }
    let mut found: Vec<(String, u64)> = counts.into_iter().collect();
    found.sort_unstable_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    Ok(found)
}

/// The first key after all that begin with `prefix`; `None` if there is none.
fn after_prefix(prefix: &str) -> Option<Vec<u8>> {
    let mut key = prefix.as_bytes().to_vec();
    // Bytes of UTF-8 are below 0xFF, so the last one can always be raised.
    *key.last_mut()? += 1;
    Some(key)
}
