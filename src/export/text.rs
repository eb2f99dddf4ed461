//! Texts as all formats have them.

use jiff::{Timestamp, fmt::temporal::DateTimePrinter, tz::Offset};

use super::ArticleItem;
use crate::domain::{EntityKind, Incident, Span};

/// Characters of a summary, where the page gave none.
const SUMMARY: usize = 400;

/// The page's own description, else the beginning of the text; `None` where both are empty.
pub(super) fn summary(item: &ArticleItem) -> Option<String> {
    let article = &item.article;
    let described = article.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if let Some(described) = described {
        return Some(described.to_owned());
    }
    let mut start: String = article.text.chars().take(SUMMARY).collect();
    if article.text.chars().nth(SUMMARY).is_some() {
        start.push('…');
    }
    (!start.trim().is_empty()).then_some(start)
}

/// The sentences that tell an incident; `None` where there are none.
pub(super) fn told(incident: &Incident) -> Option<String> {
    let sentences: Vec<&str> =
        incident.summary.iter().map(|citation| citation.text.as_str()).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The part of a text that a span marks; empty where the span does not fit the text.
pub(super) fn marked(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

/// The names of one kind in an article, each once.
pub(super) fn names_of(item: &ArticleItem, kind: EntityKind) -> Vec<&str> {
    item.found.of_kind(kind).map(|entity| label(kind, &entity.name, entity.id.as_deref())).collect()
}

/// The names of one kind in an incident.
pub(super) fn names_in(incident: &Incident, kind: EntityKind) -> Vec<&str> {
    let of_kind = incident.entities.iter().filter(|entity| entity.kind == kind);
    of_kind.map(|entity| label(kind, &entity.name, entity.id.as_deref())).collect()
}

/// Techniques are known by their numbers, everything else by its name.
fn label<'a>(kind: EntityKind, name: &'a str, id: Option<&'a str>) -> &'a str {
    match id {
        Some(id) if kind == EntityKind::Technique => id,
        _ => name,
    }
}

/// RFC 3339 with a `Z`, whole seconds.
pub(super) fn rfc3339(moment: Timestamp) -> String {
    printed(moment, 0)
}

/// RFC 3339 with a `Z`, milliseconds, as STIX wants it.
pub(super) fn rfc3339_ms(moment: Timestamp) -> String {
    printed(moment, 3)
}

fn printed(moment: Timestamp, digits: u8) -> String {
    let printer = DateTimePrinter::new().precision(Some(digits));
    printer.timestamp_with_offset_to_string(&moment, Offset::UTC).replace("+00:00", "Z")
}
