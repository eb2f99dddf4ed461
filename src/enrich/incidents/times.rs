//! The times an article speaks of: years, and months as it names them ("in May", "12 February").

use jiff::{Timestamp, tz::TimeZone};

use crate::enrich::{
    Reading,
    reading::{Shape, Token},
};

/// Times kept of one article.
const MOST: usize = 16;
/// Tokens read of one article.
const MOST_TOKENS: usize = 3_000;

/// The times an article speaks of; both ascending.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Times {
    pub years: Vec<u16>,
    /// Months since the year 0.
    pub months: Vec<u32>,
}

impl Times {
    /// The times of an article. A month without a year is the latest one that had begun when it was published.
    pub fn of(reading: &Reading, published: Timestamp) -> Times {
        let now = month_of(published);
        let mut times = Times::default();
        let tokens = &reading.tokens[..reading.tokens.len().min(MOST_TOKENS)];
        for (at, token) in tokens.iter().enumerate() {
            if let Some(year) = year_at(reading, token) {
                times.years.push(year);
            }
            if let Some(month) = month_at(reading, at) {
                times.months.push(resolved(month, year_after(reading, at), now));
            }
        }
        times.months.sort_unstable();
        times.months.dedup();
        times.months.truncate(MOST);
        times.years.sort_unstable();
        times.years.dedup();
        times.years.truncate(MOST);
        times
    }
}

/// Month of a time, in months since the year 0.
pub(super) fn month_of(time: Timestamp) -> u32 {
    let date = TimeZone::UTC.to_datetime(time).date();
    (i32::from(date.year()).max(0) as u32) * 12 + date.month() as u32 - 1
}

fn resolved(month: u32, year: Option<u16>, now: u32) -> u32 {
    if let Some(year) = year {
        return u32::from(year) * 12 + month;
    }
    let this_year = now - now % 12 + month;
    if this_year > now { this_year.saturating_sub(12) } else { this_year }
}

fn year_at(reading: &Reading, token: &Token) -> Option<u16> {
    if token.shape != Shape::Number {
        return None;
    }
    let year: u16 = reading.at(token.span).parse().ok()?;
    (1980..2050).contains(&year).then_some(year)
}

/// The year that stands within two numbers or marks after a month: `May 2024`, `May 3, 2024`.
fn year_after(reading: &Reading, at: usize) -> Option<u16> {
    let next = reading.tokens.get(at + 1..)?.iter().take(3);
    next.take_while(|token| matches!(token.shape, Shape::Number | Shape::Mark))
        .find_map(|token| year_at(reading, token))
}

/// The month a token names, from 0. Names that are common words count only beside a number or after `in` and the like.
fn month_at(reading: &Reading, at: usize) -> Option<u32> {
    let word = reading.word(at);
    if !(3..=10).contains(&word.len())
        || !matches!(reading.tokens[at].shape, Shape::Capital | Shape::Lower)
    {
        return None;
    }
    let lower = word.to_lowercase();
    let month = MONTHS.iter().position(|names| names.contains(&lower.as_str()))?;
    let sure = !COMMON.contains(&lower.as_str()) || is_dated(reading, at);
    sure.then_some(month as u32)
}

fn is_dated(reading: &Reading, at: usize) -> bool {
    let number =
        |at: usize| reading.tokens.get(at).is_some_and(|token| token.shape == Shape::Number);
    let Some(before) = at.checked_sub(1) else { return false };
    let capital = reading.tokens[at].shape == Shape::Capital;
    capital
        && (number(before)
            || number(at + 1)
            || LEADING.contains(&reading.word(before).to_lowercase().as_str()))
}

/// Words before a month.
const LEADING: [&str; 14] = [
    "in", "since", "last", "by", "early", "late", "mid", "of", "until", "from", "this", "for",
    "im", "en",
];

/// Month names that are also other words.
const COMMON: [&str; 4] = ["may", "march", "august", "mars"];

/// English, German, Spanish, Portuguese, French.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "enero", "janeiro", "janvier"],
    &["february", "februar", "febrero", "fevereiro", "février"],
    &["march", "märz", "marzo", "março", "mars"],
    &["april", "abril", "avril"],
    &["may", "mai", "mayo", "maio"],
    &["june", "juni", "junio", "junho", "juin"],
    &["july", "juli", "julio", "julho", "juillet"],
    &["august", "agosto", "août"],
    &["september", "septiembre", "setembro", "septembre"],
    &["october", "oktober", "octubre", "outubro", "octobre"],
    &["november", "noviembre", "novembro", "novembre"],
    &["december", "dezember", "diciembre", "dezembro", "décembre"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_resolved_to_the_past() {
        let published: Timestamp = "2024-11-19T10:00:00Z".parse().expect("a time");
        let reading = Reading::of(
            "Second time this year",
            "The attack in March was worse. It may march on. On 3 December 2022 and in December nobody noticed.",
        );
        let times = Times::of(&reading, published);
        assert_eq!(times.months, [2022 * 12 + 11, 2023 * 12 + 11, 2024 * 12 + 2]);
        assert_eq!(times.years, [2022]);
    }
}
