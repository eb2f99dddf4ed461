//! Finds a date within running text, such as a byline.

use std::sync::LazyLock;

use regex::Regex;

use super::{ParsedDate, names, parse};

/// How much of a text is searched, in bytes: a byline is short, and a date far away is not its date.
const WINDOW: usize = 2_000;
/// A time of day after a date, with its zone.
const TIME: &str = r"(?:[T ,]*(?:at|um|à|a las|alle|kl\.?|om|,|-|–|@|\|)?\s*\d{1,2}[:h]\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?(?:\s*(?:Z|[+-]\d{2}:?\d{2}|[A-Z]{3,4}(?:[+-]\d{1,4})?)\b)?)?";

/// Shapes of dates, each followed by an optional time; words are checked against the month names afterwards.
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let days = [
        r"\d{4}-\d{2}-\d{2}",
        r"\d{4}[/.]\d{1,2}[/.]\d{1,2}",
        r"\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]",
        r"\d{1,2}(?:st|nd|rd|th|er|\.|º|ª)?[\s-]+(?:of\s+|de\s+)?(?P<after>\p{L}{3,12})\.?,?[\s-]+(?:de\s+|del\s+)?\d{4}",
        r"(?P<before>\p{L}{3,12})\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}",
        r"\d{1,2}[./]\d{1,2}[./]\d{4}",
    ];
    Regex::new(&format!(r"(?i)(?P<date>\b(?:{}))(?-i:{TIME})", days.join("|"))).ok()
});

/// The first date in `text`, which may hold other words and numbers.
pub fn scan(text: &str) -> Option<ParsedDate> {
    let end = text.floor_char_boundary(WINDOW);
    let shapes = SHAPES.as_ref()?;
    shapes.captures_iter(&text[..end]).find_map(|found| {
        let month = found.name("after").or_else(|| found.name("before"));
        if month.is_some_and(|word| names::month(&names::fold(word.as_str())).is_none()) {
            return None;
        }
        let whole = found.get(0)?.as_str();
        parse(&without_ordinals(whole)).or_else(|| parse(&without_ordinals(&found["date"])))
    })
}

/// Takes the letters off `5th` and `1er`, and the words off `at 10:20`.
fn without_ordinals(date: &str) -> String {
    static JOINTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)(?P<day>\d)(?:st|nd|rd|th|er|º|ª)\b|\s(?:at|um|à|alle|om|kl)\s").ok()
    });
    match JOINTS.as_ref() {
        Some(joints) => joints.replace_all(date, "$day ").into_owned(),
        None => date.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_found_among_words() {
        for (text, expected) in [
            ("By Ann Lee on March 5, 2024 in News", "2024-03-05T00:00:00Z"),
            ("Posted 5th of March 2024 · 12 comments", "2024-03-05T00:00:00Z"),
            ("Published Mar 5, 2024 at 10:20 AM UTC | 3 min read", "2024-03-05T10:20:00Z"),
            ("Von Max, 5. März 2024 um 11:20 Uhr", "2024-03-05T11:20:00Z"),
            ("Publié le 1er mars 2024 à 10h20 par Luc", "2024-03-01T10:20:00Z"),
            ("5 de marzo de 2024", "2024-03-05T00:00:00Z"),
            ("Updated 2024-03-05T10:20:30Z.", "2024-03-05T10:20:30Z"),
            ("投稿日:2024年3月5日 山田", "2024-03-05T00:00:00Z"),
            ("05.03.2024 - 10:20", "2024-03-05T10:20:00Z"),
            ("version 1.2.3 of 2024/03/05", "2024-03-05T00:00:00Z"),
        ] {
            let found = scan(text).map(|date| date.timestamp.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn numbers_that_are_no_dates_are_passed_over() {
        for text in
            ["12 people 2024", "call 555 1234", "1.2.3", "room 12 floor 2024", "", "3 days ago"]
        {
            assert_eq!(scan(text), None, "{text}");
        }
    }
}
