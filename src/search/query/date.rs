//! Dates as people write them in queries.

use std::fmt;

use jiff::{Span, Timestamp, ToSpan as _, civil, tz::TimeZone};

use super::error::QueryProblem;

/// Longest span back in time that a query may name, in its own unit.
const MAX_AGO: u32 = 9_999;

/// A date or time of a query. Relative ones are resolved when the search runs. All in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateValue {
    Year(i16),
    Month(i16, i8),
    Day(civil::Date),
    At(Timestamp),
    Ago(u32, Unit),
    Today,
    Yesterday,
}

/// Unit of a span such as `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// What `date:` names: one date with its own length, or everything between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateSpan {
    Within(DateValue),
    Between(DateValue, DateValue),
}

impl DateValue {
    /// Reads a date.
    pub fn parse(text: &str) -> Result<Self, QueryProblem> {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "today" => return Ok(Self::Today),
            "yesterday" => return Ok(Self::Yesterday),
            _ => {}
        }
        if let Some(ago) = parse_ago(&lower) {
            return Ok(ago);
        }
        if text.contains(['T', 't']) {
            return parse_instant(text);
        }
        parse_calendar(text)
    }

    /// The first moment of the date.
    pub fn start(self, now: Timestamp) -> Timestamp {
        let today = now.to_zoned(TimeZone::UTC).date();
        match self {
            Self::Year(year) => midnight(civil::Date::new(year, 1, 1).ok()),
            Self::Month(year, month) => midnight(civil::Date::new(year, month, 1).ok()),
            Self::Day(day) => midnight(Some(day)),
            Self::At(at) => at,
            Self::Ago(count, unit) => ago(now, count, unit),
            Self::Today => midnight(Some(today)),
            Self::Yesterday => midnight(today.yesterday().ok()),
        }
    }

    /// The first moment after the date: a day, month or year later, or `now` for spans back from now.
    pub fn end(self, now: Timestamp) -> Timestamp {
        let start = self.start(now);
        match self {
            Self::Year(_) => later(start, 1.year()),
            Self::Month(..) => later(start, 1.month()),
            Self::Day(_) | Self::Today | Self::Yesterday => later(start, 1.day()),
            Self::At(at) => later(at, 1.second()),
            Self::Ago(..) => later(now, 1.second()),
        }
    }
}

impl DateSpan {
    /// Reads a date, or two with `..` between them.
    pub fn parse(text: &str) -> Result<Self, QueryProblem> {
        let Some((from, until)) = text.split_once("..") else {
            return DateValue::parse(text).map(Self::Within);
        };
        if from.is_empty() || until.is_empty() {
            return Err(QueryProblem::BadDate { value: text.to_owned() });
        }
        let (from, until) = (DateValue::parse(from)?, DateValue::parse(until)?);
        // Any fixed "now" shows whether absolute dates are in order; relative ones are let pass.
        let absolute =
            |date: DateValue| date.start(Timestamp::UNIX_EPOCH) == date.start(Timestamp::MAX);
        if absolute(from)
            && absolute(until)
            && from.start(Timestamp::UNIX_EPOCH) > until.start(Timestamp::UNIX_EPOCH)
        {
            return Err(QueryProblem::BackwardRange);
        }
        Ok(Self::Between(from, until))
    }

    /// First moment, and first moment after.
    pub fn bounds(self, now: Timestamp) -> (Timestamp, Timestamp) {
        match self {
            Self::Within(date) => (date.start(now), date.end(now)),
            Self::Between(from, until) => (from.start(now), until.end(now)),
        }
    }
}

impl fmt::Display for DateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => write!(f, "{day}"),
            Self::At(at) => write!(f, "{at}"),
            Self::Ago(count, unit) => write!(f, "{count}{}", unit.letter()),
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
        }
    }
}

impl fmt::Display for DateSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(date) => write!(f, "{date}"),
            Self::Between(from, until) => write!(f, "{from}..{until}"),
        }
    }
}

impl Unit {
    fn letter(self) -> char {
        match self {
            Self::Hour => 'h',
            Self::Day => 'd',
            Self::Week => 'w',
            Self::Month => 'm',
            Self::Year => 'y',
        }
    }

    fn from_letter(letter: char) -> Option<Self> {
        [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year]
            .into_iter()
            .find(|unit| unit.letter() == letter)
    }
}

fn parse_ago(text: &str) -> Option<DateValue> {
    let unit = Unit::from_letter(text.chars().next_back()?)?;
    let digits = &text[..text.len() - 1];
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = digits.parse().ok().filter(|&count| count <= MAX_AGO)?;
    Some(DateValue::Ago(count, unit))
}

fn parse_instant(text: &str) -> Result<DateValue, QueryProblem> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(DateValue::At(at));
    }
    let zoned = text.parse::<civil::DateTime>().ok().and_then(|at| at.to_zoned(TimeZone::UTC).ok());
    match zoned {
        Some(at) => Ok(DateValue::At(at.timestamp())),
        None => Err(QueryProblem::BadDate { value: text.to_owned() }),
    }
}

fn parse_calendar(text: &str) -> Result<DateValue, QueryProblem> {
    let bad = || QueryProblem::BadDate { value: text.to_owned() };
    let impossible = || QueryProblem::ImpossibleDate { value: text.to_owned() };
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let numbers: Option<Vec<i16>> = parts.iter().map(|part| number(part)).collect();
    let numbers = numbers.filter(|_| parts[0].len() == 4).ok_or_else(bad)?;
    let small = |value: i16| i8::try_from(value).map_err(|_| impossible());
    match numbers[..] {
        [year] if year >= 1 => Ok(DateValue::Year(year)),
        [year, month] => {
            let month = small(month)?;
            civil::Date::new(year, month, 1).map_err(|_| impossible())?;
            Ok(DateValue::Month(year, month))
        }
        [year, month, day] => civil::Date::new(year, small(month)?, small(day)?)
            .map(DateValue::Day)
            .map_err(|_| impossible()),
        _ => Err(bad()),
    }
}

fn number(text: &str) -> Option<i16> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn ago(now: Timestamp, count: u32, unit: Unit) -> Timestamp {
    let count = i64::from(count);
    let span = match unit {
        Unit::Hour => count.hours(),
        Unit::Day => count.days(),
        Unit::Week => count.weeks(),
        Unit::Month => count.months(),
        Unit::Year => count.years(),
    };
    now.to_zoned(TimeZone::UTC).checked_sub(span).map_or(Timestamp::MIN, |at| at.timestamp())
}

fn later(from: Timestamp, span: Span) -> Timestamp {
    from.to_zoned(TimeZone::UTC).checked_add(span).map_or(Timestamp::MAX, |at| at.timestamp())
}

fn midnight(day: Option<civil::Date>) -> Timestamp {
    day.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map_or(Timestamp::MIN, |at| at.timestamp())
}
