//! What the taxonomy knows of the names in an article, and what that means for where a name ends.

use super::{
    names::Name,
    words::{Class, Words},
};
use crate::{
    domain::Span,
    enrich::taxonomy::{Kind, Mention, Taxonomy},
};

/// A place where something known by name is named.
#[derive(Debug, Clone)]
pub(super) struct Mark<'t> {
    pub span: Span,
    /// After the last token.
    pub tokens: (usize, usize),
    pub kind: Kind,
    /// Canonical name.
    pub name: &'t str,
    /// Vendor of a product.
    pub of: Option<&'t str>,
    /// Also an ordinary word: "Progress".
    pub common: bool,
}

impl Mark<'_> {
    /// The kind as a feature.
    pub(super) fn label(&self) -> &'static str {
        match (self.kind, self.common) {
            (Kind::Actor, false) => "actor",
            (Kind::Actor, true) => "actor?",
            (Kind::Malware, false) => "malware",
            (Kind::Malware, true) => "malware?",
            (Kind::Brand, false) => "brand",
            (Kind::Brand, true) => "brand?",
            (Kind::Tool, _) => "tool",
            (Kind::Vendor, false) => "vendor",
            (Kind::Vendor, true) => "vendor?",
            (Kind::Product, false) => "product",
            (Kind::Product, true) => "product?",
            (Kind::Company, _) => "company",
            (Kind::Technique, _) => "technique",
            (Kind::Not, _) => "not",
        }
    }
}

/// The places in order. Spellings that differ in case count only where no other kind of word could be meant.
pub(super) fn marks<'t>(
    taxonomy: &'t Taxonomy,
    words: &Words,
    mentions: &'t [Mention],
) -> Vec<Mark<'t>> {
    let mut marks: Vec<Mark> = Vec::new();
    for mention in mentions.iter().filter(|mention| mention.exact) {
        let common = taxonomy.is_common_word(words.reading.at(mention.span));
        let tokens = (mention.tokens.start, mention.tokens.end);
        marks.extend(taxonomy.known_of(mention).map(|known| Mark {
            span: mention.span,
            tokens,
            kind: known.kind,
            name: &known.name,
            of: known.of.as_deref(),
            common,
        }));
    }
    marks.sort_by_key(|mark| (mark.span.start, mark.span.end));
    marks
}

/// The marks that share a place with `span`.
pub(super) fn within<'m, 't>(
    marks: &'m [Mark<'t>],
    span: Span,
) -> impl Iterator<Item = &'m Mark<'t>> {
    /// No known name is longer, in bytes.
    const LONGEST: usize = 120;
    let from = marks.partition_point(|mark| mark.span.start + LONGEST < span.start);
    marks[from..]
        .iter()
        .take_while(move |mark| mark.span.start < span.end)
        .filter(move |mark| mark.span.end > span.start)
}

/// Parts makers from what they make ("Fortinet FortiOS"), and adds makers whose name is written unlike a name ("npm").
pub(super) fn refine(words: &Words, marks: &[Mark], names: Vec<Name>) -> Vec<Name> {
    let mut refined: Vec<Name> = Vec::with_capacity(names.len());
    let mut until = 0;
    let makers = |from: usize, to: usize| {
        let first = marks.partition_point(|mark| mark.span.start < from);
        marks[first..]
            .iter()
            .take_while(move |mark| mark.span.start < to)
            .filter(|mark| is_maker(mark))
    };
    for name in names {
        refined.extend(makers(until, name.span.start).map(|mark| name_of(words, mark)));
        until = name.span.end;
        let split = within(marks, name.span)
            .find(|mark| is_maker(mark) && mark.tokens.0 == name.first && mark.tokens.1 < name.end)
            .map(|mark| mark.tokens.1)
            .or_else(|| before_product(words, &name));
        match split {
            Some(at) if !headed(words, at, name.end) => {
                let span = Span { end: words.reading.tokens[at - 1].span.end, ..name.span };
                refined.push(Name { end: at, span, ..name });
            }
            _ => refined.push(name),
        }
    }
    refined.extend(makers(until, usize::MAX).map(|mark| name_of(words, mark)));
    refined.sort_by_key(|name| (name.span.start, usize::MAX - name.span.end));
    refined.dedup_by(|next, before| next.span.start < before.span.end);
    refined
}

fn is_maker(mark: &Mark) -> bool {
    matches!(mark.kind, Kind::Vendor) && !mark.common
}

fn name_of(words: &Words, mark: &Mark) -> Name {
    let (first, end) = mark.tokens;
    Name { first, end, sentence: words.reading.tokens[first].sentence, span: mark.span }
}

fn headed(words: &Words, from: usize, end: usize) -> bool {
    (from..end).any(|at| words.has(at, Class::Head) || words.has(at, Class::Legal))
}

/// Where the product begins in "Brightgate ConnectEdge" and "Brightgate VPN".
fn before_product(words: &Words, name: &Name) -> Option<usize> {
    use crate::enrich::reading::Shape;
    let shape = |at: usize| words.reading.tokens[at].shape;
    (name.first + 1..name.end).find(|at| {
        let before = shape(at - 1) == Shape::Capital && !words.glued(at - 1);
        let product =
            words.has(*at, Class::Product) || (shape(*at) == Shape::Camel && *at - name.first == 1);
        before && product
    })
}
