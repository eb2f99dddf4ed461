//! Dates as feeds and pages really write them: RFC 822 and its descendants, ISO 8601 and its relatives, epoch
//! numbers, and what people type, in many languages.

mod lenient;
mod names;
mod scan;

use jiff::{Timestamp, fmt::rfc2822};

pub use scan::scan;

/// Longest text that can be a date, in bytes.
const MAX_LENGTH: usize = 200;

/// A date and what had to be guessed to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedDate {
    pub timestamp: Timestamp,
    /// In plain words, such as `date zone CEST`; `None` for a sound date.
    pub repair: Option<String>,
    /// The other reading where day and month could be swapped, as in `05/03/2024`.
    pub alternative: Option<Timestamp>,
}

/// Reads a text that is a date and nothing else. A date without a zone is UTC, one without a time is midnight.
///
/// Of two readings the usual one is taken: `05.03.2024` and `05-03-2024` start with the day, `05/03/2024` with
/// the month; [`ParsedDate::alternative`] has the other.
pub fn parse(text: &str) -> Option<ParsedDate> {
    let text = text.trim();
    if text.len() > MAX_LENGTH || !text.contains(|c: char| c.is_numeric()) {
        return None;
    }
    strict(text)
        .map(|timestamp| ParsedDate { timestamp, repair: None, alternative: None })
        .or_else(|| lenient::parse(text))
        .filter(|date| is_plausible(date.timestamp))
}

/// What RFC 3339 and RFC 5322 allow. Named zones are left to the lenient reader, which knows more of them.
fn strict(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if bytes.get(4) == Some(&b'-') {
        return text.parse().ok();
    }
    let numeric_zone = bytes.len() > 5 && matches!(bytes[bytes.len() - 5], b'+' | b'-');
    if numeric_zone || text.ends_with("GMT") {
        return rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    }
    None
}

/// The year 1 is what some software writes for "never".
fn is_plausible(timestamp: Timestamp) -> bool {
    let year = timestamp.to_zoned(jiff::tz::TimeZone::UTC).year();
    (1000..=2200).contains(&year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str) -> String {
        parse(text).map_or_else(|| format!("{text}: unread"), |date| date.timestamp.to_string())
    }

    fn repair(text: &str) -> Option<String> {
        parse(text).expect("a date").repair
    }

    #[test]
    fn the_moment_is_read_whatever_the_form() {
        for text in [
            "Tue, 05 Mar 2024 10:20:30 GMT",
            "Tue, 05 Mar 2024 10:20:30 +0000 (UTC)",
            "Fri, 05 Mar 2024 10:20:30 GMT",
            "Tue, 05 Mar 24 10:20:30 UT",
            "Tue,5 Mar 2024 10:20:30 Z",
            "  Tue,  05 Mar 2024  10:20:30  GMT ",
            "Tue 05 March 2024 10:20:30 UTC",
            "Tue Mar  5 10:20:30 2024",
            "Tue Mar 5 10:20:30 GMT 2024",
            "Tue Mar 05 2024 10:20:30 GMT+0000 (Coordinated Universal Time)",
            "Tue, 05 Mar 2024 02:20:30 PST",
            "Tue, 05 Mar 2024 03:20:30 PDT",
            "Tue, 05 Mar 2024 11:20:30 CET",
            "Tue, 05 Mar 2024 11:20:30 BST",
            "Tue, 05 Mar 2024 15:50:30 IST",
            "Tue, 05 Mar 2024 11:20:30 GMT+0100",
            "Tue, 05 Mar 2024 11:20:30 UTC+1",
            "Tue, 05 Mar 2024 11:20:30 +01:00",
            "Tue, 05 Mar 2024 11:20:30+0100",
            "2024-03-05T10:20:30Z",
            "2024-03-05t10:20:30z",
            "2024-03-05T10:20:30",
            "2024-03-05 10:20:30",
            "2024-03-05 10:20:30 UTC",
            "2024-03-05 10:20:30 +0000",
            "2024-03-05T11:20:30+0100",
            "2024-03-05T11:20:30+01",
            "2024-03-05T11:20:30.000+01:00",
            "20240305T102030Z",
            "20240305102030",
            "2024/03/05 10:20:30",
            "2024.03.05 10:20:30",
            "05/Mar/2024:10:20:30 +0000",
            "05-Mar-2024 10:20:30",
            "05.03.2024 10:20:30",
            "03/05/2024 10:20:30 AM",
            "3/5/2024 10:20:30 a.m.",
            "March 5, 2024 10:20:30 am",
            "March 5th, 2024, 10:20:30 AM",
            "1709634030",
            "1709634030000",
            "1709634030.0",
            "Di, 05 Mär 2024 11:20:30 +0100",
            "Dienstag, 5. März 2024 11:20:30 MEZ",
            "mar., 05 mars 2024 11:20:30 +0100",
            "mar, 05 mar 2024 11:20:30 +0100",
            "5 de marzo de 2024 10:20:30",
            "5 марта 2024 10:20:30",
            "Вт, 05 мар. 2024 13:20:30 MSK",
            "5 Mart 2024 Salı 10:20:30",
            "2024年3月5日 10:20:30",
            "2024年3月5日 10時20分30秒",
            "2024년 3월 5일 오전 10:20:30",
        ] {
            assert_eq!(iso(text), "2024-03-05T10:20:30Z", "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_filled() {
        for (text, expected) in [
            ("2024-03-05", "2024-03-05T00:00:00Z"),
            ("20240305", "2024-03-05T00:00:00Z"),
            ("2024-065", "2024-03-05T00:00:00Z"),
            ("2024-W10-2", "2024-03-05T00:00:00Z"),
            ("2024-03", "2024-03-01T00:00:00Z"),
            ("March 2024", "2024-03-01T00:00:00Z"),
            ("2024", "2024-01-01T00:00:00Z"),
            ("March 5, 2024", "2024-03-05T00:00:00Z"),
            ("5 Mar 2024 10:20", "2024-03-05T10:20:00Z"),
            ("5 March 2024 à 10h20", "2024-03-05T10:20:00Z"),
            ("2024-03-05T10:20Z", "2024-03-05T10:20:00Z"),
            ("2024-03-05 22:20 PM", "2024-03-05T22:20:00Z"),
            ("March 5, 2024 12:05 AM", "2024-03-05T00:05:00Z"),
            ("Tue, 05 Mar 2024 23:59:60 GMT", "2024-03-05T23:59:59Z"),
            ("Tue, 05 Mar 2024 24:00:00 GMT", "2024-03-06T00:00:00Z"),
            ("Mon, 01 Jan 104 00:00:00 GMT", "2004-01-01T00:00:00Z"),
            ("31 Dec 99 10:00 GMT", "1999-12-31T10:00:00Z"),
            ("30 Feb 2024", "2024-02-29T00:00:00Z"),
            ("Thu, 05 Sept 2024 10:20:30 GMT", "2024-09-05T10:20:30Z"),
            ("13/03/2024", "2024-03-13T00:00:00Z"),
            ("03/13/2024", "2024-03-13T00:00:00Z"),
            ("05-03-2024", "2024-03-05T00:00:00Z"),
            ("marraskuuta 5, 2024", "2024-11-05T00:00:00Z"),
            ("1 července 2024", "2024-07-01T00:00:00Z"),
            ("1 października 2024", "2024-10-01T00:00:00Z"),
        ] {
            assert_eq!(iso(text), expected, "{text}");
        }
    }

    #[test]
    fn guesses_are_named() {
        assert_eq!(repair("Tue, 05 Mar 2024 10:20:30 EST"), None);
        assert_eq!(repair("2024-03-05"), None);
        assert_eq!(repair("Tue, 05 Mar 2024 10:20:30 CEST").as_deref(), Some("date zone CEST"));
        assert_eq!(
            repair("Tue, 05 Mar 2024 10:20:30 XYZT").as_deref(),
            Some("unknown date zone XYZT read as UTC")
        );
        assert_eq!(repair("2024-03-05 10:20").as_deref(), Some("date without a zone"));
        assert_eq!(
            repair("Fri, 05 Mar 2024 10:20:30 GMT").as_deref(),
            Some("wrong weekday in a date")
        );
        assert_eq!(repair("1709634030").as_deref(), Some("date as epoch seconds"));
        assert_eq!(repair("5 Maerz 2024").as_deref(), Some("month name \"maerz\""));
        let ambiguous = parse("05/03/2024").expect("a date");
        assert_eq!(ambiguous.repair.as_deref(), Some("order of day and month guessed"));
        assert_eq!(
            ambiguous.alternative.map(|t| t.to_string()).as_deref(),
            Some("2024-03-05T00:00:00Z")
        );
    }

    #[test]
    fn what_is_no_date_is_not_read() {
        for text in [
            "",
            "soon",
            "5",
            "5 March",
            "12:30",
            "0001-01-01T00:00:00Z",
            "2024-13-45",
            "3 days ago",
            "99999999999999999999",
            "-",
            "T",
            "00/00/0000",
            "+0100",
            "1.2.3.4.5",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[0-9a-zA-Z:/.,+\\- 年月日TZ]{0,40}") {
            parse(&text);
            scan(&text);
        }
    }
}
