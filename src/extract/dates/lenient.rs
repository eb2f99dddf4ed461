//! The forgiving reader: cuts a date into numbers, words and marks, finds the time and its zone, then tells day,
//! month and year apart by their shape.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, ISOWeekDate, Time, Weekday},
    tz::TimeZone,
};

use super::{ParsedDate, names};

/// More pieces than any date has.
const MAX_TOKENS: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    Number { value: i64, digits: usize },
    Word(&'a str),
    Mark(char),
    Space,
}

/// What stands in a date beside the day itself.
#[derive(Default)]
struct Clock {
    time: Option<Time>,
    /// Written as 24:00, which is midnight at the end of the day.
    next_day: bool,
    /// Minutes from UTC.
    offset: Option<i16>,
    repair: Option<String>,
}

/// A day, and the other one it could be.
struct Day {
    date: Date,
    alternative: Option<Date>,
    repair: Option<String>,
}

pub(super) fn parse(text: &str) -> Option<ParsedDate> {
    let mut folded = plain_marks(&names::fold(text));
    if let Some(date) = epoch(&folded) {
        return Some(date);
    }
    let compact = matches!(folded.len(), 12 | 14) && folded.bytes().all(|b| b.is_ascii_digit());
    if compact {
        folded.insert(8, 't');
    }
    let mut tokens = tokens(&folded)?;
    let clock = take_clock(&mut tokens);
    let day = read_day(&tokens, clock.time.is_some())?;
    let repair = clock.repair.clone().or_else(|| day.repair.clone()).or_else(|| {
        let no_zone = clock.time.is_some() && clock.offset.is_none();
        no_zone.then(|| "date without a zone".to_owned())
    });
    Some(ParsedDate {
        timestamp: moment(day.date, &clock)?,
        repair: repair.or_else(|| wrong_weekday(&tokens, day.date)),
        alternative: day.alternative.and_then(|date| moment(date, &clock)),
    })
}

fn moment(date: Date, clock: &Clock) -> Option<Timestamp> {
    let date = if clock.next_day { date.tomorrow().ok()? } else { date };
    let local = date.to_datetime(clock.time.unwrap_or(Time::midnight()));
    let utc = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
    utc.checked_sub(SignedDuration::from_mins(clock.offset.unwrap_or(0).into())).ok()
}

/// Writes the signs of Chinese, Japanese and Korean dates, and French and German hours, as plain marks.
fn plain_marks(folded: &str) -> String {
    if folded.is_ascii() {
        return folded.replace("a.m.", "am").replace("p.m.", "pm");
    }
    // Korean syllables come out of the folding as separate letters.
    let mut text: String = unicode_normalization::UnicodeNormalization::nfc(folded).collect();
    for (sign, plain) in [
        ("年", "-"),
        ("月", "-"),
        ("日", " "),
        ("년", "-"),
        ("월", "-"),
        ("일", " "),
        ("時", ":"),
        ("时", ":"),
        ("点", ":"),
        ("시", ":"),
        ("分", ":"),
        ("분", ":"),
        ("秒", " "),
        ("초", " "),
        ("午前", " am "),
        ("上午", " am "),
        ("오전", " am "),
        ("午後", " pm "),
        ("下午", " pm "),
        ("오후", " pm "),
        ("−", "-"),
        ("–", "-"),
    ] {
        if text.contains(sign) {
            text = text.replace(sign, plain);
        }
    }
    text.replace("a.m.", "am").replace("p.m.", "pm")
}

/// Seconds, milliseconds or microseconds since 1970, told apart by their length.
fn epoch(text: &str) -> Option<ParsedDate> {
    let digits = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !digits.bytes().all(|b| b.is_ascii_digit()) || (digits != text && digits.len() < 9) {
        return None;
    }
    let value: i64 = digits.parse().ok()?;
    let (timestamp, unit) = match digits.len() {
        9..=10 => (Timestamp::from_second(value), "seconds"),
        13 => (Timestamp::from_millisecond(value), "milliseconds"),
        16 => (Timestamp::from_microsecond(value), "microseconds"),
        _ => return None,
    };
    let repair = Some(format!("date as epoch {unit}"));
    Some(ParsedDate { timestamp: timestamp.ok()?, repair, alternative: None })
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = |c: char| (c.is_ascii_digit(), c.is_alphabetic(), c.is_whitespace());
        let single = kind(first) == (false, false, false);
        let end = if single {
            first.len_utf8()
        } else {
            rest.find(|c: char| kind(c) != kind(first)).unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(end);
        tokens.push(match kind(first) {
            (true, ..) => Token::Number { value: piece.parse().ok()?, digits: piece.len() },
            (_, true, _) => Token::Word(piece),
            (.., true) => Token::Space,
            _ => Token::Mark(first),
        });
        rest = after;
        if tokens.len() > MAX_TOKENS {
            return None;
        }
    }
    Some(tokens)
}

/// A number of at most `most` digits.
fn number(token: Option<&Token<'_>>, most: usize) -> Option<i64> {
    match token {
        Some(Token::Number { value, digits }) if *digits <= most => Some(*value),
        _ => None,
    }
}

fn is_mark(token: Option<&Token<'_>>, marks: &[char]) -> bool {
    matches!(token, Some(Token::Mark(mark)) if marks.contains(mark))
}

fn is_word(token: Option<&Token<'_>>, words: &[&str]) -> bool {
    matches!(token, Some(Token::Word(word)) if words.contains(word))
}

/// Removes the time and its zone from the tokens. What a bracket holds after them is a comment.
fn take_clock(tokens: &mut Vec<Token<'_>>) -> Clock {
    if let Some(bracket) = tokens.iter().position(|token| matches!(token, Token::Mark('(' | '['))) {
        tokens.truncate(bracket);
    }
    let mut clock = Clock::default();
    let Some((start, end)) = take_time(tokens, &mut clock) else {
        take_lone_zone(tokens, &mut clock);
        return clock;
    };
    let end = take_zone(tokens, end, &mut clock);
    tokens.splice(start..end, [Token::Space]);
    if clock.offset.is_none() && clock.repair.is_none() {
        take_lone_zone(tokens, &mut clock);
    }
    clock
}

/// Finds `10:20[:30[.123]] [am|pm]`, `10h20` or, after a `T`, `102030`; gives the tokens it takes.
fn take_time(tokens: &[Token<'_>], clock: &mut Clock) -> Option<(usize, usize)> {
    let compact = tokens.windows(2).position(|pair| {
        pair[0] == Token::Word("t") && matches!(pair[1], Token::Number { digits: 4 | 6, .. })
    });
    if let Some(at) = compact {
        let Token::Number { value, digits } = tokens[at + 1] else { return None };
        let value = if digits == 4 { value * 100 } else { value };
        clock.set(value / 10_000, value / 100 % 100, value % 100);
        return Some((at, at + 2));
    }
    let start = (0..tokens.len()).find(|&at| {
        number(tokens.get(at), 2).is_some()
            && (is_mark(tokens.get(at + 1), &[':']) || is_word(tokens.get(at + 1), &["h"]))
            && number(tokens.get(at + 2), 2).is_some()
    });
    // `05/Mar/2024:10:20:30`: the year stands where a time could begin, but has four digits.
    let start = start?;
    let (hour, minute) = (number(tokens.get(start), 2)?, number(tokens.get(start + 2), 2)?);
    let mut end = start + 3;
    let mut second = 0;
    if is_mark(tokens.get(end), &[':', '.'])
        && let Some(value) = number(tokens.get(end + 1), 2)
    {
        (second, end) = (value, end + 2);
    }
    if is_mark(tokens.get(end), &['.', ',', ':'])
        && let Some(Token::Number { .. }) = tokens.get(end + 1)
    {
        end += 2;
    }
    let (after_space, half) = (skip_space(tokens, end), skip_space_back(tokens, start));
    let hour = if is_word(tokens.get(after_space), &["am", "pm", "a", "p"]) {
        end = after_space + 1;
        to_24_hours(hour, is_word(tokens.get(after_space), &["pm", "p"]))
    } else if let Some(word) = half.filter(|at| is_word(tokens.get(*at), &["am", "pm"])) {
        to_24_hours(hour, is_word(tokens.get(word), &["pm"]))
    } else {
        hour
    };
    clock.set(hour, minute, second);
    Some((start, end))
}

impl Clock {
    /// Takes the time if there is such a time; a leap second becomes the second before.
    fn set(&mut self, hour: i64, minute: i64, second: i64) {
        self.next_day = hour == 24 && minute == 0;
        let hour = if self.next_day { 0 } else { hour };
        let parts = (i8::try_from(hour), i8::try_from(minute), i8::try_from(second.min(59)));
        self.time = match parts {
            (Ok(hour), Ok(minute), Ok(second)) => Time::new(hour, minute, second, 0).ok(),
            _ => None,
        };
    }
}

fn to_24_hours(hour: i64, afternoon: bool) -> i64 {
    match (hour, afternoon) {
        (12, false) => 0,
        (1..=11, true) => hour + 12,
        _ => hour,
    }
}

fn skip_space(tokens: &[Token<'_>], at: usize) -> usize {
    at + usize::from(tokens.get(at) == Some(&Token::Space))
}

fn skip_space_back(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let before = at.checked_sub(1)?;
    if tokens[before] == Token::Space { before.checked_sub(1) } else { Some(before) }
}

/// Reads the zone after a time: `Z`, `CET`, `+0100`, `+01:00`, `GMT+1`; gives the end of what it took.
fn take_zone(tokens: &[Token<'_>], end: usize, clock: &mut Clock) -> usize {
    let at = skip_space(tokens, end);
    if let Some(next) = take_offset(tokens, at, clock) {
        return next;
    }
    let Some(Token::Word(word)) = tokens.get(at) else { return end };
    let known = names::zone(word);
    if matches!(known, Some((0, true)))
        && let Some(next) = take_offset(tokens, skip_space(tokens, at + 1), clock)
    {
        return next;
    }
    match known {
        Some((minutes, standard)) => {
            clock.offset = Some(minutes);
            clock.repair = (!standard).then(|| format!("date zone {}", word.to_uppercase()));
            at + 1
        }
        None if is_zone_like(word) => {
            let name = word.to_uppercase();
            clock.repair = Some(format!("unknown date zone {name} read as UTC"));
            at + 1
        }
        None => end,
    }
}

fn is_zone_like(word: &str) -> bool {
    word.is_ascii()
        && (2..=5).contains(&word.len())
        && names::month(word).is_none()
        && names::weekday(word).is_none()
        && !matches!(word, "uhr" | "on" | "am" | "pm")
}

/// Reads `+01`, `+0100`, `+01:00` or `-5`, without a space after the sign.
fn take_offset(tokens: &[Token<'_>], at: usize, clock: &mut Clock) -> Option<usize> {
    let sign = match tokens.get(at)? {
        Token::Mark('+') => 1,
        Token::Mark('-') => -1,
        _ => return None,
    };
    let Token::Number { value, digits } = *tokens.get(at + 1)? else { return None };
    let minutes_follow = digits <= 2 && is_mark(tokens.get(at + 2), &[':']);
    let (minutes, next) = match digits {
        1 | 2 if minutes_follow => (value * 60 + number(tokens.get(at + 3), 2)?, at + 4),
        1 | 2 => (value * 60, at + 2),
        3 | 4 => (value / 100 * 60 + value % 100, at + 2),
        _ => return None,
    };
    if minutes > 15 * 60 {
        return None;
    }
    clock.offset = i16::try_from(sign * minutes).ok();
    Some(next)
}

/// Reads a zone that does not follow the time, as in `2024-03-05 UTC`.
fn take_lone_zone(tokens: &[Token<'_>], clock: &mut Clock) {
    let known = tokens.iter().find_map(|token| match token {
        Token::Word(word) if names::month(word).is_none() => names::zone(word),
        _ => None,
    });
    clock.offset = clock.offset.or(known.map(|(minutes, _)| minutes));
}

/// A number of the date, with the mark in front of it.
#[derive(Clone, Copy)]
struct Figure {
    value: i64,
    digits: usize,
    at: usize,
    mark: Option<char>,
}

fn read_day(tokens: &[Token<'_>], has_time: bool) -> Option<Day> {
    let figures: Vec<Figure> = tokens
        .iter()
        .enumerate()
        .filter_map(|(at, token)| match token {
            Token::Number { value, digits } => {
                let mark = at.checked_sub(1).and_then(|before| match tokens[before] {
                    Token::Mark(mark) => Some(mark),
                    _ => None,
                });
                Some(Figure { value: *value, digits: *digits, at, mark })
            }
            _ => None,
        })
        .collect();
    if let Some((month, word)) = month_word(tokens, &figures) {
        return with_month(&figures, month, word);
    }
    match figures.as_slice() {
        [only] => compact_day(*only, has_time),
        [year, week]
            if year.digits == 4 && is_word(tokens.get(week.at.wrapping_sub(1)), &["w"]) =>
        {
            week_day(year.value, week.value, 1)
        }
        [year, week, day]
            if year.digits == 4 && is_word(tokens.get(week.at.wrapping_sub(1)), &["w"]) =>
        {
            week_day(year.value, week.value, day.value)
        }
        [year, day] if year.digits == 4 && day.digits == 3 => ordinal_day(year.value, day.value),
        [year, month] if year.digits == 4 && month.digits <= 2 && !has_time => {
            certain(civil(year.value, month.value, 1)?)
        }
        [first, second, third] => numeric_day([*first, *second, *third]),
        _ => None,
    }
}

fn certain(date: Date) -> Option<Day> {
    Some(Day { date, alternative: None, repair: None })
}

/// The month's number and word. Of several (`mar., 05 mars`: a weekday looks like a month) the one after a number.
fn month_word<'a>(tokens: &[Token<'a>], figures: &[Figure]) -> Option<(i8, &'a str)> {
    let first_figure = figures.first()?.at;
    let mut found = None;
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let Some(month) = names::month(word) else { continue };
        found = Some((month, *word));
        if at > first_figure {
            break;
        }
    }
    found
}

fn with_month(figures: &[Figure], month: i8, word: &str) -> Option<Day> {
    let foreign = !names::is_english_month(word);
    let repair = foreign.then(|| format!("month name {word:?}"));
    let day_of = |year: i64, day: i64| {
        Some(Day {
            date: civil(year, month.into(), day)?,
            alternative: None,
            repair: repair.clone(),
        })
    };
    match figures {
        [year] if year.digits == 4 => day_of(year.value, 1),
        [first, second, ..] if first.digits >= 3 || first.value > 31 => {
            day_of(full_year(*first)?, second.value)
        }
        [first, second, ..] => day_of(full_year(*second)?, first.value),
        _ => None,
    }
}

/// `20240305`, `20240305102030`, `2024`.
fn compact_day(figure: Figure, has_time: bool) -> Option<Day> {
    let value = figure.value;
    match figure.digits {
        4 if !has_time && (1900..=2100).contains(&value) => certain(civil(value, 1, 1)?),
        8 => certain(civil(value / 10_000, value / 100 % 100, value % 100)?),
        _ => None,
    }
}

fn week_day(year: i64, week: i64, day: i64) -> Option<Day> {
    let weekday = Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()?;
    let date =
        ISOWeekDate::new(i16::try_from(year).ok()?, i8::try_from(week).ok()?, weekday).ok()?;
    certain(date.date())
}

fn ordinal_day(year: i64, day: i64) -> Option<Day> {
    let first = civil(year, 1, 1)?;
    let date = first.checked_add(jiff::Span::new().try_days(day.checked_sub(1)?).ok()?).ok()?;
    (date.year() == first.year()).then(|| certain(date)).flatten()
}

/// Three numbers: the year is first if it has four digits, else last; a slash puts the month before the day.
fn numeric_day(figures: [Figure; 3]) -> Option<Day> {
    let [first, second, third] = figures;
    if first.digits >= 3 || first.value > 31 {
        let year = full_year(first)?;
        let date = exact(year, second.value, third.value)
            .or_else(|| exact(year, third.value, second.value))?;
        return certain(date);
    }
    let year = full_year(third)?;
    let day_first = exact(year, second.value, first.value);
    let month_first = exact(year, first.value, second.value);
    let slash = second.mark == Some('/');
    let (date, alternative) = match (day_first, month_first) {
        (Some(day), Some(month)) if slash => (month, Some(day)),
        (Some(day), Some(month)) => (day, Some(month)),
        (Some(only), None) | (None, Some(only)) => (only, None),
        (None, None) => return None,
    };
    let alternative = alternative.filter(|other| *other != date);
    let guessed = slash && alternative.is_some();
    let repair = guessed.then(|| "order of day and month guessed".to_owned());
    Some(Day { date, alternative, repair })
}

/// Two digits stand for 1970 to 2069; three come from software that counts from 1900 (RFC 5322, section 4.3).
fn full_year(figure: Figure) -> Option<i64> {
    match (figure.digits, figure.value) {
        (4, year) => Some(year),
        (3, year) => Some(1900 + year),
        (2, year @ 0..=69) => Some(2000 + year),
        (2, year) => Some(1900 + year),
        _ => None,
    }
}

fn exact(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The date; the last of the month for a day that the month does not have.
fn civil(year: i64, month: i64, day: i64) -> Option<Date> {
    exact(year, month, day).or_else(|| {
        (29..=31).contains(&day).then(|| exact(year, month, 1).map(Date::last_of_month)).flatten()
    })
}

fn wrong_weekday(tokens: &[Token<'_>], date: Date) -> Option<String> {
    let stated = tokens.iter().find_map(|token| match token {
        Token::Word(word) => names::weekday(word),
        _ => None,
    })?;
    (stated != date.weekday().to_monday_one_offset()).then(|| "wrong weekday in a date".to_owned())
}
