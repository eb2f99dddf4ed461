//! "Did you mean": queries with misspelt words mended, and completions of what is being typed.

use tantivy::{Searcher, Term, schema::Field as IndexField};

use super::{compile::Compiler, schema::Fields, terms};
use crate::search::{
    SearchError, Suggestion,
    distance::edits,
    query::{Field, Node, Query, Value},
    text::fold,
};

/// Shorter words are not mended: too many others are near.
const MIN_CHARS: usize = 4;
/// Longer ones are no words.
const MAX_CHARS: usize = 40;
/// Words of this length may have two edits; shorter ones have one.
const LONG_CHARS: usize = 8;

/// Mends the words of a query that occur in no article.
pub(super) struct Mender<'a> {
    pub searcher: &'a Searcher,
    pub fields: &'a Fields,
    pub compiler: Compiler<'a>,
}

impl Mender<'_> {
    /// The query with unknown words replaced by the most likely known ones; `None` if none could be.
    pub(super) fn mend(&mut self, query: &Query) -> Result<Option<Query>, SearchError> {
        let root = self.node(query.root())?;
        let mended = Query { root, sort: query.sort };
        Ok((mended != *query).then_some(mended))
    }

    fn node(&mut self, node: &Node) -> Result<Node, SearchError> {
        Ok(match node {
            Node::All(parts) => Node::All(self.nodes(parts)?),
            Node::Any(parts) => Node::Any(self.nodes(parts)?),
            Node::Word(text) => Node::Word(self.text(text)?),
            Node::Phrase(text) => Node::Phrase(self.text(text)?),
            Node::Field(Field::Title, Value::Text(text, quoted)) => {
                Node::Field(Field::Title, Value::Text(self.text(text)?, *quoted))
            }
            other => other.clone(),
        })
    }

    fn nodes(&mut self, parts: &[Node]) -> Result<Vec<Node>, SearchError> {
        parts.iter().map(|part| self.node(part)).collect()
    }

    /// Words separated by spaces, each mended if it is one plain word that is unknown.
    fn text(&mut self, text: &str) -> Result<String, SearchError> {
        let mut words = Vec::new();
        for word in text.split(' ') {
            words.push(self.word(word)?.unwrap_or_else(|| word.to_owned()));
        }
        Ok(words.join(" "))
    }

    fn word(&mut self, word: &str) -> Result<Option<String>, SearchError> {
        let plain = word.chars().all(char::is_alphabetic);
        let sensible = (MIN_CHARS..=MAX_CHARS).contains(&word.chars().count());
        if !plain || !sensible || self.is_known(word)? {
            return Ok(None);
        }
        let mut folded = String::new();
        fold(word, false, &mut folded);
        // Words of titles are few and well spelt; those of texts are the last resort.
        for field in [self.fields.title_words, self.fields.text] {
            if let Some(found) = self.nearest(field, &folded)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn is_known(&mut self, word: &str) -> Result<bool, SearchError> {
        let mut folded = String::new();
        fold(word, false, &mut folded);
        for form in self.compiler.forms(&folded) {
            if self.searcher.doc_freq(&Term::from_field_text(self.fields.stems, &form))? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The known word with fewest edits, and of these the most frequent one.
    fn nearest(&self, field: IndexField, folded: &str) -> Result<Option<String>, SearchError> {
        let limit = allowed_edits(folded);
        let candidates = terms::near(self.searcher, field, folded, limit)?;
        let ranked = candidates.into_iter().filter_map(|(term, count)| {
            Some((edits(folded, &term, limit.into())?, std::cmp::Reverse(count), term))
        });
        Ok(ranked.min().map(|(_, _, term)| term))
    }
}

fn allowed_edits(word: &str) -> u8 {
    if word.chars().count() >= LONG_CHARS { 2 } else { 1 }
}

/// Completions of the last word of `text`, most frequent first. After `source:`, titles of sources.
pub(super) fn suggest(
    searcher: &Searcher,
    fields: &Fields,
    text: &str,
    limit: usize,
) -> Result<Vec<Suggestion>, SearchError> {
    let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    let before = &text[..text.len() - last.len()];
    if let Some(beginning) = last.strip_prefix("source:") {
        let sources = terms::with_prefix(searcher, fields.source, "", usize::MAX)?;
        let beginning = beginning.trim_start_matches('"').to_lowercase();
        let fitting = sources.into_iter().filter(|(title, _)| {
            title.to_lowercase().split(' ').any(|word| word.starts_with(&beginning))
        });
        let quoted = |(title, count): (String, u64)| Suggestion {
            text: format!("{before}source:\"{}\"", title.replace('"', " ")),
            count,
        };
        return Ok(fitting.take(limit).map(quoted).collect());
    }
    if last.is_empty() || !last.chars().all(char::is_alphanumeric) {
        return Ok(Vec::new());
    }
    let mut folded = String::new();
    fold(last, false, &mut folded);
    let words = terms::with_prefix(searcher, fields.title_words, &folded, limit)?;
    let completed =
        |(word, count): (String, u64)| Suggestion { text: format!("{before}{word}"), count };
    Ok(words.into_iter().map(completed).collect())
}
