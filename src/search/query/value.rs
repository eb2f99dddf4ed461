//! Values of fields, checked by the kind of their field.

use super::{
    ast::Value,
    date::{DateSpan, DateValue},
    error::QueryProblem,
    field::{Field, ValueKind},
};
use crate::{
    domain::{Attack, slug},
    search::SortOrder,
};

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
        ValueKind::Name | ValueKind::Country => Ok(Value::Text(text.to_owned(), quoted)),
        ValueKind::Attack => {
            parse_attack(text).map(|attack| Value::Text(attack.as_str().to_owned(), false))
        }
        ValueKind::Indicator => Ok(Value::Text(refanged(text), quoted)),
        ValueKind::Number => parse_number(spec.name, text).map(|text| Value::Text(text, false)),
        ValueKind::Flag => parse_flag(spec.name, text).map(|text| Value::Text(text, false)),
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

/// An attack by its tag or its label, or by a word that only one of them has.
fn parse_attack(text: &str) -> Result<Attack, QueryProblem> {
    let wanted = slug(text);
    let same = |attack: &Attack| attack.as_str() == wanted || slug(attack.label()) == wanted;
    if let Some(attack) = Attack::ALL.into_iter().find(same) {
        return Ok(attack);
    }
    let has_word = |attack: &Attack| attack.as_str().split('-').any(|word| word == wanted);
    let mut with_word = Attack::ALL.into_iter().filter(has_word);
    match (with_word.next(), with_word.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(QueryProblem::BadAttack { value: text.to_owned() }),
    }
}

/// An indicator as tools write it: `hxxps://evil[.]example` is `https://evil.example`.
fn refanged(text: &str) -> String {
    let plain = text.to_lowercase();
    let plain = plain.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":");
    let plain = plain.replace("[at]", "@").replace("[@]", "@");
    match plain.strip_prefix("hxxp") {
        Some(rest) => format!("http{rest}"),
        None => plain,
    }
}

fn parse_number(field: &'static str, text: &str) -> Result<String, QueryProblem> {
    let bad = |_| QueryProblem::BadNumber { field, value: text.to_owned() };
    let number: u32 = text.trim_start_matches('#').parse().map_err(bad)?;
    Ok(number.to_string())
}

fn parse_flag(field: &'static str, text: &str) -> Result<String, QueryProblem> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Ok("yes".to_owned()),
        "no" | "false" | "0" => Ok("no".to_owned()),
        _ => Err(QueryProblem::BadFlag { field, value: text.to_owned() }),
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
