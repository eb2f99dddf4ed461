use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn canonical(text: &str) -> String {
    parse_query(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
}

fn problem(text: &str) -> (String, String) {
    let error = parse_query(text).expect_err(text);
    let marked: String =
        text.chars().skip(error.start_char).take(error.end_char - error.start_char).collect();
    (error.code().to_owned(), marked)
}

#[test]
fn reads_what_people_type() {
    for (text, expected) in [
        ("", ""),
        ("  ransomware   hospital ", "ransomware hospital"),
        ("“zero day” OR leak", "\"zero day\" OR leak"),
        ("a b OR c", "(a b) OR c"),
        ("(a OR b) c", "(a OR b) c"),
        ("a AND b", "a b"),
        ("a | b", "a OR b"),
        ("NOT a -b -(c d)", "-a -b -(c d)"),
        ("Title:breach lang:German since:7d", "title:breach lang:de after:7d"),
        ("source:(one OR \"two three\")", "source:one OR source:\"two three\""),
        ("site:https://www.Example.org/news/", "site:example.org"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("fe80::1 10:30 C:\\Windows", "fe80::1 10:30 C:\\Windows"),
        ("breach - what we know", "breach - what we know"),
        ("month:2026-11", "date:2026-11"),
        ("after:2026-11-23T08:00Z", "after:2026-11-23T08:00:00Z"),
        ("sort:newest a", "a sort:date"),
        ("a OR b sort:date", "a OR b sort:date"),
        ("(a)", "a"),
        ("((a b) c)", "a b c"),
    ] {
        assert_eq!(canonical(text), expected, "{text}");
    }
}

#[test]
fn says_what_is_wrong_and_where() {
    for (text, code, marked) in [
        ("a \"b c", "query-open-quote", "\""),
        ("a \"\" b", "query-empty-phrase", "\"\""),
        ("é (a b", "query-open-parenthesis", "("),
        ("a) b", "query-stray-parenthesis", ")"),
        ("a () b", "query-empty-group", "()"),
        ("a OR", "query-dangling-operator", "OR"),
        ("OR a", "query-dangling-operator", "OR"),
        ("a OR OR b", "query-dangling-operator", "OR"),
        ("(a OR) b", "query-dangling-operator", "OR"),
        ("a AND", "query-dangling-operator", "AND"),
        ("a NOT", "query-nothing-to-exclude", "NOT"),
        ("日本 tilte:a", "query-unknown-field", "tilte:"),
        ("title: a", "query-empty-value", "title:"),
        ("title:", "query-empty-value", "title:"),
        ("after:soon", "query-bad-date", "soon"),
        ("after:2026-02-30", "query-impossible-date", "2026-02-30"),
        ("after:2026-13", "query-impossible-date", "2026-13"),
        ("after:2026-01..2026-03", "query-range-not-here", "2026-01..2026-03"),
        ("date:2026-03..2026-01", "query-backward-range", "2026-03..2026-01"),
        ("lang:klingonish", "query-bad-language", "klingonish"),
        ("site:\"a b\"", "query-bad-host", "\"a b\""),
        ("sort:size", "query-bad-sort", "sort:size"),
        ("a OR sort:date", "query-dangling-operator", "OR"),
        ("(a sort:date) b", "query-sort-not-here", "sort:date"),
        ("-sort:date", "query-sort-not-here", "sort:date"),
        ("sort:date sort:date", "query-sort-twice", "sort:date"),
    ] {
        assert_eq!(problem(text), (code.to_owned(), marked.to_owned()), "{text}");
    }
}

#[test]
fn messages_say_what_to_write_instead() {
    let message = |text: &str| parse_query(text).expect_err(text).to_string();
    assert_eq!(
        message("tilte:a"),
        "there is no field tilte; did you mean title:?; for the text itself write \"tilte:\""
    );
    assert_eq!(message("lang:"), "lang: has no value; write for example lang:de");
}

#[test]
fn has_limits() {
    assert_eq!(problem(&"a ".repeat(1_500)).0, "query-too-long");
    assert_eq!(problem(&"a ".repeat(MAX_PARTS + 1)).0, "query-too-many-parts");
    assert_eq!(problem(&format!("{}a", "(".repeat(MAX_DEPTH + 1))).0, "query-too-deep");
    assert_eq!(problem(&format!("{}a", "-".repeat(MAX_DEPTH + 1))).0, "query-too-deep");
    assert!(parse_query(&"a ".repeat(MAX_PARTS)).is_ok());
}

#[test]
fn dates_name_spans_in_utc() {
    let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
    for (text, from, until) in [
        ("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ("2026-11-23", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
        ("yesterday", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("7d", "2026-11-16T12:00:00Z", "2026-11-23T12:00:01Z"),
        ("1y", "2025-11-23T12:00:00Z", "2026-11-23T12:00:01Z"),
        ("2026-01..2026-02", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"),
    ] {
        let span = DateSpan::parse(text).expect(text);
        let (start, end) = span.bounds(now);
        assert_eq!((start.to_string().as_str(), end.to_string().as_str()), (from, until), "{text}");
    }
}

#[test]
fn filters_can_be_added_replaced_and_removed() {
    let query = parse_query("breach OR leak").expect("a query");
    let narrowed = query.with_filter("lang", "en").expect("a filter");
    let narrowed = narrowed.with_filter("source", "The Daily Patch").expect("a filter");
    assert_eq!(narrowed.to_string(), "(breach OR leak) lang:en source:\"The Daily Patch\"");
    let filters = narrowed.filters();
    assert_eq!(filters[1], Filter { field: Field::Source, value: "The Daily Patch".to_owned() });
    let german = narrowed.with_filter("lang", "de").expect("a filter");
    assert_eq!(german.to_string(), "(breach OR leak) source:\"The Daily Patch\" lang:de");
    assert_eq!(german.without_filter("lang").without_filter("source"), query);
    let month = query.with_filter("month", "2026-11").expect("a filter");
    assert_eq!(month.to_string(), "(breach OR leak) date:2026-11");
    assert!(query.with_filter("colour", "red").is_err());
}

/// Pieces that queries are made of, so that random ones are often valid.
fn query_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("(".to_owned()),
        Just(")".to_owned()),
        Just("OR".to_owned()),
        Just("AND".to_owned()),
        Just("NOT".to_owned()),
        Just("-".to_owned()),
        Just("--x".to_owned()),
        Just("\"zero  day\"".to_owned()),
        Just("«a \"b»".to_owned()),
        Just("title:".to_owned()),
        Just("source:(a OR -b)".to_owned()),
        Just("title:OR".to_owned()),
        Just("url:-a:b".to_owned()),
        Just("after:2026-11".to_owned()),
        Just("date:7d".to_owned()),
        Just("sort:date".to_owned()),
        Just("lang:en".to_owned()),
        Just("site:Bücher.example".to_owned()),
        "\\PC{0,6}",
    ];
    (prop::collection::vec(piece, 0..12), any::<bool>())
        .prop_map(|(pieces, spaced)| pieces.join(if spaced { " " } else { "" }))
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,200}") {
        let _ = parse_query(&text);
    }

    #[test]
    fn canonical_text_parses_to_the_same_query(text in query_like()) {
        if let Ok(query) = parse_query(&text) {
            let again = parse_query(&query.to_string());
            prop_assert_eq!(again, Ok(query));
        }
    }

    #[test]
    fn errors_point_into_the_text(text in query_like()) {
        if let Err(error) = parse_query(&text) {
            prop_assert!(text.get(error.start..error.end).is_some());
            prop_assert!(error.start_char <= error.end_char);
        }
    }
}
