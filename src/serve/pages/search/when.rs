//! The histogram: bars that narrow the dates, the chosen span as a band, and the same as a table.

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::links::href;
use crate::{
    search::{
        HistogramBucket, Query, SortOrder,
        query::{DateSpan, DateValue, Field},
    },
    serve::{
        chart::{self, Bar},
        words,
    },
};

/// Fields that narrow the dates.
const DATE_FIELDS: [&str; 3] = ["after", "before", "date"];

/// The histogram of a search.
#[derive(Debug, Serialize)]
pub(super) struct When {
    /// `22 a week`: what the top line stands for.
    top: String,
    /// Name of the spans: `day`, `week`, `month`.
    unit: &'static str,
    label: String,
    slots: Vec<Slot>,
    axis: Vec<String>,
    /// The chosen part, where the query narrows the dates.
    brush: Option<Brush>,
}

/// One bar with its link.
#[derive(Debug, Serialize)]
struct Slot {
    #[serde(flatten)]
    bar: Bar,
    name: String,
    count: u64,
    chosen: bool,
    href: String,
}

#[derive(Debug, Serialize)]
struct Brush {
    from: String,
    until: String,
    width: String,
}

/// The query without its dates.
pub(super) fn undated(query: &Query) -> Query {
    DATE_FIELDS.iter().fold(query.clone(), |query, field| query.without_filter(field))
}

/// The span that the query's dates leave, `None` where it names none.
pub(super) fn chosen_span(query: &Query, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let (mut from, mut until) = (Timestamp::MIN, Timestamp::MAX);
    for filter in query.filters() {
        match filter.field {
            Field::After => from = from.max(date(&filter.value)?.start(now)),
            Field::Before => until = until.min(date(&filter.value)?.start(now)),
            Field::Date => {
                let (start, end) = DateSpan::parse(&filter.value).ok()?.bounds(now);
                (from, until) = (from.max(start), until.min(end));
            }
            _ => {}
        }
    }
    (from > Timestamp::MIN || until < Timestamp::MAX).then_some((from, until))
}

fn date(text: &str) -> Option<DateValue> {
    DateValue::parse(text).ok()
}

/// What the From and To fields show: `2026-11-01`, and the last day that is still in.
pub(super) fn fields(span: Option<(Timestamp, Timestamp)>) -> (Option<String>, Option<String>) {
    let Some((from, until)) = span else { return (None, None) };
    let last = until.checked_sub(1.second()).unwrap_or(until);
    let day = |moment: Timestamp| words::format(moment, "%Y-%m-%d");
    ((from > Timestamp::MIN).then(|| day(from)), (until < Timestamp::MAX).then(|| day(last)))
}

/// The query narrowed to the days from `from` to `to`, both in; an empty field leaves that side open.
/// `None` where a field has no date.
pub(super) fn narrowed(query: &Query, from: &str, to: &str) -> Option<Query> {
    let mut narrowed = undated(query);
    if !from.is_empty() {
        let from: Date = from.parse().ok()?;
        narrowed = narrowed.with_filter("after", &from.to_string()).ok()?;
    }
    if !to.is_empty() {
        let after = to.parse::<Date>().ok()?.tomorrow().ok()?;
        narrowed = narrowed.with_filter("before", &after.to_string()).ok()?;
    }
    Some(narrowed)
}

/// Draws the histogram; nothing where there is nothing to tell apart.
pub(super) fn draw(
    query: &Query,
    sort: Option<SortOrder>,
    buckets: &[HistogramBucket],
    span: Option<(Timestamp, Timestamp)>,
) -> Option<When> {
    let (first, last) = (buckets.first()?, buckets.last()?);
    if buckets.len() < 2 {
        return None;
    }
    let unit = unit_of(first);
    let values: Vec<u64> = buckets.iter().map(|bucket| bucket.count).collect();
    let most = values.iter().copied().max().unwrap_or(0);
    let is_chosen = |bucket: &HistogramBucket| {
        span.is_none_or(|(from, until)| bucket.until > from && bucket.from < until)
    };
    let slots = chart::bars(&values).into_iter().zip(buckets).map(|(bar, bucket)| Slot {
        bar,
        name: name_of(bucket, unit),
        count: bucket.count,
        chosen: is_chosen(bucket),
        href: href(&within(query, bucket), sort, 1),
    });
    let marks = buckets.len().min(5);
    let axis = (0..marks)
        .map(|mark| mark * (buckets.len() - 1) / (marks - 1).max(1))
        .map(|place| axis_mark(buckets[place].from, unit, first.from, last.from))
        .collect();
    Some(When {
        top: format!("{} {} {unit}", words::number(most as i64), article_of(unit)),
        unit,
        label: format!("Articles in each {unit}; choose one to narrow the search"),
        slots: slots.collect(),
        axis,
        brush: span.and_then(|_| brush(buckets, is_chosen)),
    })
}

fn brush(
    buckets: &[HistogramBucket],
    is_chosen: impl Fn(&HistogramBucket) -> bool,
) -> Option<Brush> {
    let from = buckets.iter().position(&is_chosen)?;
    let until = buckets.iter().rposition(&is_chosen)? + 1;
    Some(Brush {
        from: chart::edge(from, buckets.len()),
        until: chart::edge(until, buckets.len()),
        width: chart::edge(until - from, buckets.len()),
    })
}

/// The query narrowed to one span of the histogram.
fn within(query: &Query, bucket: &HistogramBucket) -> Query {
    let bare = undated(query);
    let narrowed = bare
        .with_filter("after", &moment_text(bucket.from))
        .and_then(|query| query.with_filter("before", &moment_text(bucket.until)));
    narrowed.unwrap_or(bare)
}

/// A plain date where the moment is midnight.
fn moment_text(moment: Timestamp) -> String {
    let midnight = moment.to_zoned(TimeZone::UTC).time() == jiff::civil::Time::midnight();
    words::format(moment, if midnight { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" })
}

fn unit_of(bucket: &HistogramBucket) -> &'static str {
    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;
    match bucket.until.as_second() - bucket.from.as_second() {
        ..=HOUR => "hour",
        n if n <= DAY => "day",
        n if n <= 7 * DAY => "week",
        n if n <= 31 * DAY => "month",
        n if n <= 92 * DAY => "quarter",
        _ => "year",
    }
}

fn article_of(unit: &str) -> &'static str {
    if unit == "hour" { "an" } else { "a" }
}

fn name_of(bucket: &HistogramBucket, unit: &str) -> String {
    match unit {
        "hour" => words::format(bucket.from, "%-d %b %Y, %H:%M"),
        "day" => words::format(bucket.from, "%-d %b %Y"),
        "week" => format!("week of {}", words::format(bucket.from, "%-d %b %Y")),
        "month" => words::format(bucket.from, "%B %Y"),
        "quarter" => format!("from {}", words::format(bucket.from, "%B %Y")),
        _ => words::format(bucket.from, "%Y"),
    }
}

fn axis_mark(moment: Timestamp, unit: &str, first: Timestamp, last: Timestamp) -> String {
    let one_year = words::civil(first).year() == words::civil(last).year();
    let pattern = match unit {
        "hour" => "%H:%M",
        "year" => "%Y",
        "day" | "week" if one_year => "%-d %b",
        _ if one_year => "%b",
        _ => "%b %Y",
    };
    words::format(moment, pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::parse_query;

    fn query(text: &str) -> Query {
        parse_query(text).expect(text)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("time")
    }

    #[test]
    fn dates_of_the_fields_are_inclusive() {
        let narrowed =
            narrowed(&query("leak after:7d"), "2026-11-01", "2026-11-23").expect("dates");
        assert_eq!(narrowed.to_string(), "leak after:2026-11-01 before:2026-11-24");
        let span = chosen_span(&narrowed, at("2026-11-23T12:00:00Z"));
        assert_eq!(fields(span), (Some("2026-11-01".to_owned()), Some("2026-11-23".to_owned())));
        assert!(super::narrowed(&query("leak"), "soon", "").is_none());
    }

    #[test]
    fn bars_link_to_their_span_and_the_chosen_ones_are_marked() {
        let days = [("2026-11-01", "2026-11-02", 3), ("2026-11-02", "2026-11-03", 6)];
        let buckets = days.map(|(from, until, count)| HistogramBucket {
            from: at(&format!("{from}T00:00:00Z")),
            until: at(&format!("{until}T00:00:00Z")),
            count,
        });
        let query = query("leak after:2026-11-02");
        let span = chosen_span(&query, at("2026-11-23T12:00:00Z"));
        let when = draw(&query, None, &buckets, span).expect("histogram");
        assert_eq!(when.top, "6 a day");
        assert_eq!(when.slots[0].href, "/search?q=leak+after%3A2026-11-01+before%3A2026-11-02");
        assert_eq!([when.slots[0].chosen, when.slots[1].chosen], [false, true]);
        let brush = when.brush.expect("a span was chosen");
        assert_eq!((brush.from.as_str(), brush.width.as_str()), ("360.0", "360.0"));
    }
}
