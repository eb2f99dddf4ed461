use std::ops::Range;

use thiserror::Error;

use super::field::FIELDS;
use crate::domain::Attack;

/// What is wrong with a query, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{problem}")]
pub struct QueryError {
    pub problem: QueryProblem,
    /// Bytes of the query text that the message is about.
    pub start: usize,
    pub end: usize,
    /// The same in characters, for carets and text fields.
    pub start_char: usize,
    pub end_char: usize,
}

impl QueryError {
    /// A problem with the bytes `range` of `text`.
    pub(super) fn new(problem: QueryProblem, text: &str, range: Range<usize>) -> Self {
        let chars_before = |at: usize| text[..at].chars().count();
        Self {
            problem,
            start: range.start,
            end: range.end,
            start_char: chars_before(range.start),
            end_char: chars_before(range.end),
        }
    }

    /// Stable name of the kind of problem, for programs.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }
}

/// Each way in which a query can be wrong. The message says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryProblem {
    #[error("the query is longer than {limit} characters; shorten it")]
    TooLong { limit: usize },
    #[error("the query has more than {limit} parts; split it in two")]
    TooManyParts { limit: usize },
    #[error("the parentheses are nested more than {limit} deep; flatten the query")]
    TooDeep { limit: usize },
    #[error("this quote is never closed; add a closing \"")]
    OpenQuote,
    #[error("this phrase is empty; put words between the quotes")]
    EmptyPhrase,
    #[error("this parenthesis is never closed; add a closing )")]
    OpenParenthesis,
    #[error("this parenthesis was never opened; remove it or put the text in quotes")]
    StrayParenthesis,
    #[error("there is nothing between these parentheses; put words there or remove them")]
    EmptyGroup,
    #[error(
        "{word} needs something on both sides, as in breach {word} leak; for the word itself write \"{word}\""
    )]
    Dangling { word: &'static str },
    #[error("there is nothing after {mark} to leave out; write it before a word, as in -sponsored")]
    NothingToExclude { mark: String },
    #[error("there is no field {name}{}; for the text itself write \"{name}:\"", hint(.nearest))]
    UnknownField { name: String, nearest: Option<&'static str> },
    #[error("{field}: has no value; write for example {example}")]
    EmptyValue { field: &'static str, example: &'static str },
    #[error(
        "{value} is not a date; write 2026-11-23, 2026-11, 2026, 2026-11-23T08:00Z, today, yesterday, or a span such as 7d, 2w, 3m or 1y"
    )]
    BadDate { value: String },
    #[error("{value} does not exist in the calendar; check month and day")]
    ImpossibleDate { value: String },
    #[error("{field}: takes one date; for a range write date:{value}")]
    RangeNotHere { field: &'static str, value: String },
    #[error("this range ends before it begins; swap the dates")]
    BackwardRange,
    #[error(
        "{value} is not a language; write a code such as en, de or pt-BR, or a name such as german"
    )]
    BadLanguage { value: String },
    #[error("{value} is not a host; write for example site:example.org")]
    BadHost { value: String },
    #[error("{value} is not an attack; write one of {}", attacks())]
    BadAttack { value: String },
    #[error("{value} is not a number; write for example {field}:12")]
    BadNumber { field: &'static str, value: String },
    #[error("{value} says neither yes nor no; write {field}:yes or {field}:no")]
    BadFlag { field: &'static str, value: String },
    #[error("{value} is not an order; write sort:date or sort:relevance")]
    BadSort { value: String },
    #[error("sort: applies to the whole query; move it out of NOT and parentheses")]
    SortNotHere,
    #[error("sort: stands here twice; keep one")]
    SortTwice,
}

fn attacks() -> String {
    Attack::ALL.map(Attack::as_str).join(", ")
}

impl QueryProblem {
    /// Stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "query-too-long",
            Self::TooManyParts { .. } => "query-too-many-parts",
            Self::TooDeep { .. } => "query-too-deep",
            Self::OpenQuote => "query-open-quote",
            Self::EmptyPhrase => "query-empty-phrase",
            Self::OpenParenthesis => "query-open-parenthesis",
            Self::StrayParenthesis => "query-stray-parenthesis",
            Self::EmptyGroup => "query-empty-group",
            Self::Dangling { .. } => "query-dangling-operator",
            Self::NothingToExclude { .. } => "query-nothing-to-exclude",
            Self::UnknownField { .. } => "query-unknown-field",
            Self::EmptyValue { .. } => "query-empty-value",
            Self::BadDate { .. } => "query-bad-date",
            Self::ImpossibleDate { .. } => "query-impossible-date",
            Self::RangeNotHere { .. } => "query-range-not-here",
            Self::BackwardRange => "query-backward-range",
            Self::BadLanguage { .. } => "query-bad-language",
            Self::BadHost { .. } => "query-bad-host",
            Self::BadAttack { .. } => "query-bad-attack",
            Self::BadNumber { .. } => "query-bad-number",
            Self::BadFlag { .. } => "query-bad-flag",
            Self::BadSort { .. } => "query-bad-sort",
            Self::SortNotHere => "query-sort-not-here",
            Self::SortTwice => "query-sort-twice",
        }
    }
}

fn hint(nearest: &Option<&'static str>) -> String {
    match nearest {
        Some(name) => format!("; did you mean {name}:?"),
        None => {
            let names: Vec<String> = FIELDS.iter().map(|spec| format!("{}:", spec.name)).collect();
            format!("; there are {}", names.join(" "))
        }
    }
}
