//! Numbers and moments as people read them. All times are UTC.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `12345` as `12,345`.
pub(super) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 comment`, `1,204 comments`.
pub(super) fn count(value: i64, noun: &str) -> String {
    match value {
        1 => format!("1 {noun}"),
        _ => format!("{} {noun}s", number(value)),
    }
}

/// Bytes as `812 bytes`, `14 KB`, `1.2 MB`.
pub(super) fn bytes(value: u64) -> String {
    match value {
        0..1_000 => format!("{value} bytes"),
        1_000..1_000_000 => format!("{} KB", value / 1_000),
        _ => format!("{:.1} MB", value as f64 / 1e6),
    }
}

/// How long ago or ahead `moment` is: `5 min ago`, `in 3 h`, or its date where that says more.
pub(super) fn relative(moment: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - moment.as_second();
    let span = match seconds.abs() {
        0..MINUTE => return if seconds < 0 { "in a moment" } else { "just now" }.to_owned(),
        n @ MINUTE..HOUR => format!("{} min", n / MINUTE),
        n @ HOUR..DAY => format!("{} h", n / HOUR),
        n if n < 7 * DAY => count(n / DAY, "day"),
        _ => return date(moment, now),
    };
    if seconds < 0 { format!("in {span}") } else { format!("{span} ago") }
}

/// A span of seconds: `15 min`, `6 h`, `2 days`.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        ..MINUTE => count(seconds.max(0), "second"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ => count(seconds / DAY, "day"),
    }
}

/// `22 Nov`, with the year where it is not this one.
pub(super) fn date(moment: Timestamp, now: Timestamp) -> String {
    let same_year = civil(moment).year() == civil(now).year();
    format(moment, if same_year { "%-d %b" } else { "%-d %b %Y" })
}

/// `22 Nov, 07:15`, with the year where it is not this one.
pub(super) fn date_time(moment: Timestamp, now: Timestamp) -> String {
    format!("{}, {}", date(moment, now), format(moment, "%H:%M"))
}

/// `07:15`, or the date where `moment` is not of today.
pub(super) fn clock(moment: Timestamp, now: Timestamp) -> String {
    if civil(moment) == civil(now) { format(moment, "%H:%M") } else { date(moment, now) }
}

/// `Monday, 23 November`.
pub(super) fn long_day(day: Date) -> String {
    day.strftime("%A, %-d %B").to_string()
}

/// The calendar day of a moment.
pub(super) fn civil(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

/// `moment` by a `strftime` pattern.
pub(super) fn format(moment: Timestamp, pattern: &str) -> String {
    moment.to_zoned(TimeZone::UTC).strftime(pattern).to_string()
}

/// First letter large, a full stop at the end.
pub(super) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

/// English name of a language code, or the code itself.
pub(super) fn language(code: &str) -> &str {
    const NAMES: &[(&str, &str)] = &[
        ("ar", "Arabic"),
        ("bg", "Bulgarian"),
        ("cs", "Czech"),
        ("da", "Danish"),
        ("de", "German"),
        ("el", "Greek"),
        ("en", "English"),
        ("es", "Spanish"),
        ("et", "Estonian"),
        ("fa", "Persian"),
        ("fi", "Finnish"),
        ("fr", "French"),
        ("he", "Hebrew"),
        ("hi", "Hindi"),
        ("hu", "Hungarian"),
        ("id", "Indonesian"),
        ("it", "Italian"),
        ("ja", "Japanese"),
        ("ko", "Korean"),
        ("lt", "Lithuanian"),
        ("lv", "Latvian"),
        ("nb", "Norwegian"),
        ("nl", "Dutch"),
        ("no", "Norwegian"),
        ("pl", "Polish"),
        ("pt", "Portuguese"),
        ("ro", "Romanian"),
        ("ru", "Russian"),
        ("sk", "Slovak"),
        ("sv", "Swedish"),
        ("th", "Thai"),
        ("tr", "Turkish"),
        ("uk", "Ukrainian"),
        ("vi", "Vietnamese"),
        ("zh", "Chinese"),
    ];
    NAMES.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("test time")
    }

    #[test]
    fn numbers_are_grouped() {
        for (value, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(number(value), text);
        }
        assert_eq!(count(1, "comment"), "1 comment");
        assert_eq!(count(0, "comment"), "0 comments");
    }

    #[test]
    fn moments_are_told_from_now() {
        let now = at("2026-11-23T14:30:00Z");
        for (moment, text) in [
            ("2026-11-23T14:29:30Z", "just now"),
            ("2026-11-23T14:02:00Z", "28 min ago"),
            ("2026-11-23T16:30:00Z", "in 2 h"),
            ("2026-11-22T14:30:00Z", "1 day ago"),
            ("2026-11-01T14:30:00Z", "1 Nov"),
            ("2025-11-01T14:30:00Z", "1 Nov 2025"),
        ] {
            assert_eq!(relative(at(moment), now), text, "{moment}");
        }
        assert_eq!(date_time(at("2026-11-22T07:15:00Z"), now), "22 Nov, 07:15");
        assert_eq!(long_day(civil(now)), "Monday, 23 November");
    }

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("unclosed quote"), "Unclosed quote.");
        assert_eq!(sentence("did you mean x?"), "Did you mean x?");
        assert_eq!(sentence(""), ".");
    }
}
