//! From a parsed query to one the index runs, and to what is to be highlighted.

use std::ops::Bound;

use jiff::Timestamp;
use tantivy::{
    Searcher, Term,
    query::{
        AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur,
        PhraseQuery, Query as IndexQuery, RangeQuery, TermQuery,
    },
    schema::{Field as IndexField, IndexRecordOption},
};

use super::{
    marks::{self, NAMED},
    schema::Fields,
    terms,
};
use crate::{
    domain::{EntityKind, slug},
    search::{
        Names, SearchError,
        query::{Field, Node, Query, Value},
        text::{Language, Stems, Words, fold},
    },
};

/// Terms a prefix such as `ransom*` stands for, most frequent first.
const MAX_PREFIX_TERMS: usize = 64;

/// A query that the index can run.
pub(super) struct Compiled {
    pub query: Box<dyn IndexQuery>,
    /// What to highlight.
    pub needles: Vec<Needle>,
    /// `true` if hits differ in how well they match, not only in whether they do.
    pub ranks: bool,
}

/// Terms next to each other that make a match; each place may be filled in several ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needle {
    pub places: Vec<Place>,
}

/// One place of a [`Needle`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Distance from the first place.
    pub offset: usize,
    pub terms: Vec<String>,
}

/// Compiles queries against one state of the index.
pub(super) struct Compiler<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    names: &'a dyn Names,
    now: Timestamp,
    /// Languages of the articles in the index, each with its own stems.
    languages: Vec<Language>,
    stems: Stems,
    needles: Vec<Needle>,
}

/// A word of the query's text, folded, with its place.
struct Part {
    folded: String,
    position: usize,
    dense: bool,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(
        searcher: &'a Searcher,
        fields: &'a Fields,
        names: &'a dyn Names,
        now: Timestamp,
    ) -> Result<Self, SearchError> {
        let languages = terms::languages(searcher, fields)?;
        let stems = Stems::with_capacity(16);
        Ok(Self { searcher, fields, names, now, languages, stems, needles: Vec::new() })
    }

    pub(super) fn compile(mut self, query: &Query) -> Result<Compiled, SearchError> {
        let compiled = self.node(query.root(), true)?;
        let query = compiled.unwrap_or_else(|| Box::new(AllQuery));
        Ok(Compiled { query, ranks: !self.needles.is_empty(), needles: self.needles })
    }

    /// Every form under which a word may be indexed: as it stands, or stemmed in one of the languages.
    pub(super) fn forms(&mut self, folded: &str) -> Vec<String> {
        let mut forms: Vec<String> = self
            .languages
            .iter()
            .map(|&language| self.stems.stem(language, folded).to_owned())
            .collect();
        // Articles in languages without stemmer have the word as it stands.
        forms.push(folded.to_owned());
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    /// `None` for what matches everything because it has no letters or digits to look for.
    fn node(
        &mut self,
        node: &Node,
        shown: bool,
    ) -> Result<Option<Box<dyn IndexQuery>>, SearchError> {
        match node {
            Node::All(parts) => self.all(parts, shown),
            Node::Any(parts) => self.any(parts, shown),
            Node::Not(part) => Ok(self.node(part, false)?.map(|query| {
                let everything: Box<dyn IndexQuery> = Box::new(AllQuery);
                boxed(BooleanQuery::new(vec![(Occur::Must, everything), (Occur::MustNot, query)]))
            })),
            Node::Word(text) => self.word(text, shown),
            Node::Phrase(text) => self.phrase(text, true, shown),
            Node::Field(field, value) => self.field(*field, value, shown),
        }
    }

    fn all(
        &mut self,
        parts: &[Node],
        shown: bool,
    ) -> Result<Option<Box<dyn IndexQuery>>, SearchError> {
        let mut clauses = Vec::with_capacity(parts.len());
        for part in parts {
            let (occur, inner, shown) = match part {
                Node::Not(inner) => (Occur::MustNot, &**inner, false),
                other => (Occur::Must, other, shown),
            };
            clauses.extend(self.node(inner, shown)?.map(|query| (occur, query)));
        }
        if clauses.is_empty() {
            return Ok(None);
        }
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        if clauses.len() == 1 {
            return Ok(clauses.pop().map(|(_, query)| query));
        }
        Ok(Some(boxed(BooleanQuery::new(clauses))))
    }

    fn any(
        &mut self,
        parts: &[Node],
        shown: bool,
    ) -> Result<Option<Box<dyn IndexQuery>>, SearchError> {
        let mut alternatives = Vec::with_capacity(parts.len());
        for part in parts {
            alternatives.extend(self.node(part, shown)?);
        }
        Ok(union(alternatives))
    }

    fn word(
        &mut self,
        text: &str,
        shown: bool,
    ) -> Result<Option<Box<dyn IndexQuery>>, SearchError> {
        let Some(stem) = text.strip_suffix('*') else {
            return self.phrase(text, false, shown);
        };
        let mut parts = self.parts(stem);
        match (parts.pop(), parts.is_empty()) {
            (Some(part), true) => self.prefix(&part.folded, shown).map(Some),
            // A prefix within a longer token, as in log4j-2.1*, is rare: look for the whole parts.
            _ => self.phrase(stem, false, shown),
        }
    }

    fn phrase(
        &mut self,
        text: &str,
        exact: bool,
        shown: bool,
    ) -> Result<Option<Box<dyn IndexQuery>>, SearchError> {
        let parts = self.parts(text);
        let Some(first) = parts.first() else { return Ok(None) };
        if parts.len() == 1 && first.dense && first.folded.chars().count() == 1 {
            return self.prefix(&first.folded, shown).map(Some);
        }
        if parts.len() == 1 && !exact {
            return self.stems(&first.folded, shown).map(Some);
        }
        let sequences = self.sequences(&parts, true);
        if shown {
            self.needles.push(needle(&sequences));
        }
        Ok(Some(self.sequences_in(self.fields.text, &sequences)))
    }

    /// A word in any of its forms that are in the index.
    fn stems(&mut self, folded: &str, shown: bool) -> Result<Box<dyn IndexQuery>, SearchError> {
        let terms = self.forms(folded);
        let mut alternatives = Vec::new();
        for term in &terms {
            // One term alone is found far faster than a choice, so that what is nowhere is left out.
            if self.searcher.doc_freq(&Term::from_field_text(self.fields.stems, term))? > 0 {
                alternatives.push(self.term(self.fields.stems, term));
            }
        }
        if shown {
            self.needles.push(Needle { places: vec![Place { offset: 0, terms }] });
        }
        Ok(union(alternatives).unwrap_or_else(|| Box::new(EmptyQuery)))
    }

    /// All words that begin with `prefix`.
    fn prefix(&mut self, prefix: &str, shown: bool) -> Result<Box<dyn IndexQuery>, SearchError> {
        let found = terms::with_prefix(self.searcher, self.fields.text, prefix, MAX_PREFIX_TERMS)?;
        let terms: Vec<String> = found.into_iter().map(|(term, _)| term).collect();
        let alternatives = terms.iter().map(|term| self.term(self.fields.text, term)).collect();
        if shown {
            self.needles.push(Needle { places: vec![Place { offset: 0, terms }] });
        }
        Ok(union(alternatives).unwrap_or_else(|| Box::new(EmptyQuery)))
    }

    fn field(
        &mut self,
        field: Field,
        value: &Value,
        shown: bool,
    ) -> Result<Option<Box<dyn IndexQuery>>, SearchError> {
        let condition = match value {
            Value::Text(text, quoted) if field == Field::Title => {
                return Ok(self.title(text, *quoted, shown));
            }
            Value::Text(text, _) => match field {
                Field::Source => self.source(text)?,
                Field::Site => Some(self.term(self.fields.site, text)),
                Field::Language => Some(self.term(self.fields.language, text)),
                Field::Author => self.words(self.fields.author, text),
                Field::Url => self.words(self.fields.url, text),
                Field::Tag => self.words(self.fields.tag, text),
                Field::Attack => Some(self.mark("attack", text)),
                Field::Victim => self.entity(EntityKind::Victim, text)?,
                Field::Vendor => self.entity(EntityKind::Vendor, text)?,
                Field::Product => self.entity(EntityKind::Product, text)?,
                Field::Actor => self.entity(EntityKind::Actor, text)?,
                Field::Malware => self.entity(EntityKind::Malware, text)?,
                Field::Cve => Some(self.mark("cve", &slug(text))),
                Field::Technique => Some(self.mark("technique", &slug(text))),
                Field::Country => Some(self.country(text)),
                Field::Sector => Some(self.mark("sector", &slug(text))),
                Field::Indicator => Some(self.term(self.fields.marks, &marks::indicator(text))),
                Field::Incident => Some(self.mark("incident", text)),
                Field::Kev => Some(self.flag("kev", text)),
                Field::Title | Field::After | Field::Before | Field::Date | Field::Sort => None,
            },
            Value::Date(date) if field == Field::Before => {
                Some(self.published(None, Some(date.start(self.now))))
            }
            Value::Date(date) => Some(self.published(Some(date.start(self.now)), None)),
            Value::Span(span) => {
                let (from, until) = span.bounds(self.now);
                Some(self.published(Some(from), Some(until)))
            }
        };
        Ok(condition.map(|query| boxed(ConstScoreQuery::new(query, 0.0))))
    }

    fn title(&mut self, text: &str, quoted: bool, shown: bool) -> Option<Box<dyn IndexQuery>> {
        let sequences = self.sequences(&self.parts(text), quoted);
        if sequences.is_empty() {
            return None;
        }
        if shown {
            self.needles.push(needle(&sequences));
        }
        Some(self.sequences_in(self.fields.title, &sequences))
    }

    /// A source by its whole title, as facets give it; else by words of the title.
    fn source(&self, text: &str) -> Result<Option<Box<dyn IndexQuery>>, SearchError> {
        let whole = Term::from_field_text(self.fields.source, text);
        if self.searcher.doc_freq(&whole)? > 0 {
            return Ok(Some(self.term(self.fields.source, text)));
        }
        Ok(self.words(self.fields.source_words, text))
    }

    fn mark(&self, field: &str, value: &str) -> Box<dyn IndexQuery> {
        self.term(self.fields.marks, &marks::mark(field, value))
    }

    /// Articles with the mark, or without it.
    fn flag(&self, field: &str, value: &str) -> Box<dyn IndexQuery> {
        let with = self.mark(field, "yes");
        if value == "yes" {
            return with;
        }
        let everything: Box<dyn IndexQuery> = Box::new(AllQuery);
        boxed(BooleanQuery::new(vec![(Occur::Must, everything), (Occur::MustNot, with)]))
    }

    /// A thing by any of its names or its id; else by words of its name.
    fn entity(
        &self,
        kind: EntityKind,
        text: &str,
    ) -> Result<Option<Box<dyn IndexQuery>>, SearchError> {
        let canonical = self.names.canonical(kind, text);
        for name in canonical.as_deref().into_iter().chain([text]) {
            let mark = marks::mark(marks::field_of(kind), &slug(name));
            if self.searcher.doc_freq(&Term::from_field_text(self.fields.marks, &mark))? > 0 {
                return Ok(Some(self.term(self.fields.marks, &mark)));
            }
        }
        let field = NAMED.iter().position(|named| *named == kind);
        Ok(field.and_then(|at| self.words(self.fields.names[at], text)))
    }

    fn country(&self, text: &str) -> Box<dyn IndexQuery> {
        let code = match text.len() {
            2 => text.to_ascii_uppercase(),
            _ => self.names.country(text).unwrap_or_else(|| text.to_owned()),
        };
        self.mark("country", &code)
    }

    fn words(&self, field: IndexField, text: &str) -> Option<Box<dyn IndexQuery>> {
        let sequence: Vec<(usize, String)> =
            self.parts(text).into_iter().map(|part| (part.position, part.folded)).collect();
        (!sequence.is_empty()).then(|| self.sequences_in(field, &[sequence]))
    }

    /// Published at `from` or later, and before `until`.
    fn published(&self, from: Option<Timestamp>, until: Option<Timestamp>) -> Box<dyn IndexQuery> {
        let term = |at: Timestamp| Term::from_field_i64(self.fields.published, at.as_second());
        let from = from.map_or(Bound::Unbounded, |at| Bound::Included(term(at)));
        let until = until.map_or(Bound::Unbounded, |at| Bound::Excluded(term(at)));
        boxed(RangeQuery::new(from, until))
    }

    fn parts(&self, text: &str) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut end = 0;
        for word in Words::new(text, 0) {
            let mut folded = String::new();
            fold(&text[word.range.clone()], word.dense, &mut folded);
            // The last character of a run is indexed alone too, but only where the run ends.
            let repeats = word.dense && word.range.end == end;
            end = word.range.end;
            if !folded.is_empty() && !repeats {
                parts.push(Part { folded, position: word.position, dense: word.dense });
            }
        }
        let first = parts.first().map_or(0, |part| part.position);
        parts.iter_mut().for_each(|part| part.position -= first);
        parts
    }

    /// The ways in which these parts may stand in the index, next to each other.
    fn sequences(&mut self, parts: &[Part], exact: bool) -> Vec<Vec<(usize, String)>> {
        if parts.is_empty() {
            return Vec::new();
        }
        let as_written = parts.iter().map(|part| (part.position, part.folded.clone())).collect();
        let mut sequences: Vec<Vec<(usize, String)>> = vec![as_written];
        if exact {
            return sequences;
        }
        for &language in &self.languages {
            let stemmed = parts
                .iter()
                .map(|part| (part.position, self.stems.stem(language, &part.folded).to_owned()))
                .collect();
            sequences.push(stemmed);
        }
        sequences.sort_unstable();
        sequences.dedup();
        sequences
    }

    fn sequences_in(
        &self,
        field: IndexField,
        sequences: &[Vec<(usize, String)>],
    ) -> Box<dyn IndexQuery> {
        let query = |sequence: &Vec<(usize, String)>| match &sequence[..] {
            [(_, only)] => self.term(field, only),
            several => {
                let terms = several
                    .iter()
                    .map(|(offset, text)| (*offset, Term::from_field_text(field, text)))
                    .collect();
                boxed(PhraseQuery::new_with_offset(terms))
            }
        };
        union(sequences.iter().map(query).collect()).unwrap_or_else(|| Box::new(EmptyQuery))
    }

    fn term(&self, field: IndexField, text: &str) -> Box<dyn IndexQuery> {
        let term = Term::from_field_text(field, text);
        boxed(TermQuery::new(term, IndexRecordOption::WithFreqs))
    }
}

fn boxed(query: impl IndexQuery) -> Box<dyn IndexQuery> {
    Box::new(query)
}

/// Any of the alternatives; the best one counts, for a word and its stem are the same match.
fn union(mut alternatives: Vec<Box<dyn IndexQuery>>) -> Option<Box<dyn IndexQuery>> {
    match alternatives.len() {
        0 | 1 => alternatives.pop(),
        _ => Some(boxed(DisjunctionMaxQuery::new(alternatives))),
    }
}

fn needle(sequences: &[Vec<(usize, String)>]) -> Needle {
    let Some(first) = sequences.first() else { return Needle { places: Vec::new() } };
    let places = (0..first.len()).map(|place| {
        let mut terms: Vec<String> =
            sequences.iter().map(|sequence| sequence[place].1.clone()).collect();
        terms.sort_unstable();
        terms.dedup();
        Place { offset: first[place].0, terms }
    });
    Needle { places: places.collect() }
}
