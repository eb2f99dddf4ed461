//! Texts as all formats have them.

use std::borrow::Cow;

use jiff::{Timestamp, fmt::temporal::DateTimePrinter, tz::Offset};

use super::ArticleItem;
use crate::domain::{EntityKind, Incident, Span};

/// Characters of a summary, where the page gave none.
const SUMMARY: usize = 400;

/// Text for people to whom it is shown among other text: control characters but line ends and tabs are left out, and so are
/// the marks that turn the direction of whatever follows them (Unicode Annex 9). Letters that run from right to left need none.
pub(super) fn tame(text: &str) -> Cow<'_, str> {
    let is_wild = |c: char| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || (c.is_control() && !matches!(c, '\n' | '\t'))
    };
    match text.contains(is_wild) {
        true => Cow::Owned(text.replace(is_wild, "")),
        false => Cow::Borrowed(text),
    }
}

/// A tame text; the other one where it is blank.
pub(super) fn shown(text: &str, instead: &str) -> String {
    let tame = tame(text);
    if tame.trim().is_empty() { instead.to_owned() } else { tame.into_owned() }
}

/// The page's own description, else the beginning of the text; `None` where both are empty.
pub(super) fn summary(item: &ArticleItem) -> Option<String> {
    let article = &item.article;
    let described = article.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if let Some(described) = described {
        return Some(tame(described).into_owned());
    }
    let start: String = article.text.chars().take(SUMMARY).collect();
    let mut start = tame(&start).into_owned();
    if article.text.chars().nth(SUMMARY).is_some() {
        start.push('…');
    }
    (!start.trim().is_empty()).then_some(start)
}

/// The sentences that tell an incident; `None` where there are none.
pub(super) fn told(incident: &Incident) -> Option<String> {
    let sentences: Vec<&str> =
        incident.summary.iter().map(|citation| citation.text.as_str()).collect();
    let told = tame(&sentences.join(" ")).into_owned();
    (!told.trim().is_empty()).then_some(told)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_direction_go_and_letters_stay() {
        assert_eq!(tame("a\u{202e}txt.exe\u{2069}\u{7}"), "atxt.exe");
        assert_eq!(tame("שלום\nعالم"), "שלום\nعالم");
        assert_eq!(shown(" \u{202e}", "else"), "else");
    }
}
