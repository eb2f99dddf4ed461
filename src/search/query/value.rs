//! Values of fields, checked by the kind of their field.

use super::{
    ast::Value,
    date::{DateSpan, DateValue},
    error::QueryProblem,
    field::{Field, ValueKind},
};
use crate::search::SortOrder;

/// English names of languages and their BCP 47 codes.
const LANGUAGES: &[(&str, &str)] = &[
    ("arabic", "ar"),
    ("chinese", "zh"),
    ("czech", "cs"),
    ("danish", "da"),
    ("dutch", "nl"),
    ("english", "en"),
    ("finnish", "fi"),
    ("french", "fr"),
    ("german", "de"),
    ("greek", "el"),
    ("hebrew", "he"),
    ("hindi", "hi"),
    ("hungarian", "hu"),
    ("indonesian", "id"),
    ("italian", "it"),
    ("japanese", "ja"),
    ("korean", "ko"),
    ("norwegian", "no"),
    ("persian", "fa"),
    ("polish", "pl"),
    ("portuguese", "pt"),
    ("romanian", "ro"),
    ("russian", "ru"),
    ("spanish", "es"),
    ("swedish", "sv"),
    ("thai", "th"),
    ("turkish", "tr"),
    ("ukrainian", "uk"),
    ("vietnamese", "vi"),
];

/// Checks a value and gives it its type.
pub(super) fn parse_value(field: Field, text: &str, quoted: bool) -> Result<Value, QueryProblem> {
    let spec = field.spec();
    match spec.kind {
        ValueKind::Text => Ok(Value::Text(text.to_owned(), quoted)),
        ValueKind::Host => parse_host(text).map(|host| Value::Text(host, false)),
        ValueKind::Language => parse_language(text).map(|code| Value::Text(code, false)),
        ValueKind::Date if text.contains("..") => {
            DateSpan::parse(text)?;
            Err(QueryProblem::RangeNotHere { field: spec.name, value: text.to_owned() })
        }
        ValueKind::Date => DateValue::parse(text).map(Value::Date),
        ValueKind::Span => DateSpan::parse(text).map(Value::Span),
        ValueKind::Sort => Err(QueryProblem::SortNotHere),
    }
}

/// Reads the order of `sort:`.
pub(super) fn parse_sort(text: &str) -> Result<SortOrder, QueryProblem> {
    match text.to_ascii_lowercase().as_str() {
        "date" | "newest" | "new" => Ok(SortOrder::Date),
        "relevance" | "best" | "score" => Ok(SortOrder::Relevance),
        _ => Err(QueryProblem::BadSort { value: text.to_owned() }),
    }
}

/// The primary subtag: `de-AT` and `german` are both `de`.
fn parse_language(text: &str) -> Result<String, QueryProblem> {
    let lower = text.to_ascii_lowercase();
    if let Some((_, code)) = LANGUAGES.iter().find(|(name, _)| *name == lower) {
        return Ok((*code).to_owned());
    }
    let primary = lower.split(['-', '_']).next().unwrap_or_default();
    let is_code = matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_lowercase());
    if is_code {
        Ok(primary.to_owned())
    } else {
        Err(QueryProblem::BadLanguage { value: text.to_owned() })
    }
}

/// A host in lower case. A whole address is cut down to its host.
fn parse_host(text: &str) -> Result<String, QueryProblem> {
    let bad = || QueryProblem::BadHost { value: text.to_owned() };
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.trim_start_matches("*.").trim_matches('.').to_lowercase();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(plain) {
        return Err(bad());
    }
    let host = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(&host);
    // The index holds hosts as addresses write them: in ASCII, without port.
    let name = host.split(':').next().unwrap_or(host);
    let ascii = url::Host::parse(name).map_err(|_| bad())?;
    Ok(ascii.to_string())
}
