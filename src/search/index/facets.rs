//! Counts of matches, as pages show them.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, ToSpan as _, civil, tz::TimeZone};

use super::{
    collect::{DAY_S, Gathered},
    marks::{COUNTED, SEPARATOR},
};
use crate::search::{Facet, FacetValue, HistogramBucket};

/// Values given for a facet.
const MAX_VALUES: usize = 100;
/// Most days shown day by day, and then week by week; longer ranges are shown by month.
const MAX_DAYS: i64 = 62;
const MAX_WEEK_DAYS: i64 = 400;
const HOUR_S: i64 = 3_600;

/// What was found, source and language by count, months newest first. Of what was found only what occurs.
pub(super) fn facets(gathered: &Gathered) -> Vec<Facet> {
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    for (&day, &count) in &gathered.days {
        let date = date_of(day);
        *months.entry(format!("{:04}-{:02}", date.year(), date.month())).or_default() += count;
    }
    let months = months.into_iter().rev().take(MAX_VALUES);
    let mut facets = found(&gathered.found);
    facets.extend([
        Facet { field: "source", values: by_count(&gathered.sources) },
        Facet { field: "lang", values: by_count(&gathered.languages) },
        Facet {
            field: "month",
            values: months.map(|(value, count)| FacetValue { value, count }).collect(),
        },
    ]);
    facets
}

fn found(counts: &HashMap<String, u64>) -> Vec<Facet> {
    let mut by_field: HashMap<&str, HashMap<String, u64>> = HashMap::new();
    for (term, count) in counts {
        let Some((field, value)) = term.split_once(SEPARATOR) else { continue };
        by_field.entry(field).or_default().insert(value.to_owned(), *count);
    }
    let facet = |field: &'static str| {
        let values = by_count(by_field.get(field)?);
        Some(Facet { field, values })
    };
    COUNTED.into_iter().filter_map(facet).collect()
}

fn by_count(counts: &HashMap<String, u64>) -> Vec<FacetValue> {
    let known = counts.iter().filter(|(value, _)| !value.is_empty());
    let mut values: Vec<FacetValue> =
        known.map(|(value, &count)| FacetValue { value: value.clone(), count }).collect();
    values.sort_unstable_by(|left, right| {
        right.count.cmp(&left.count).then_with(|| left.value.cmp(&right.value))
    });
    values.truncate(MAX_VALUES);
    values
}

/// `true` if the matches lie so close together that hours say more than days.
pub(super) fn wants_hours(days: &BTreeMap<i64, u64>) -> bool {
    range(days).is_some_and(|(first, last)| last - first < 2)
}

/// Matches by day, week or month, whichever suits their range. Spans without matches are there too.
pub(super) fn histogram(days: &BTreeMap<i64, u64>) -> Vec<HistogramBucket> {
    let Some((first, last)) = range(days) else { return Vec::new() };
    let starts: Vec<i64> = match last - first {
        0..MAX_DAYS => (first..=last + 1).collect(),
        MAX_DAYS..MAX_WEEK_DAYS => weeks(first, last),
        _ => months(first, last),
    };
    starts
        .windows(2)
        .map(|span| HistogramBucket {
            from: moment(span[0] * DAY_S),
            until: moment(span[1] * DAY_S),
            count: days.range(span[0]..span[1]).map(|(_, count)| count).sum(),
        })
        .collect()
}

/// Matches by hour, from the times of all of them.
pub(super) fn hours(published_s: &[i64]) -> Vec<HistogramBucket> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for at in published_s {
        *counts.entry(at.div_euclid(HOUR_S)).or_default() += 1;
    }
    let Some((first, last)) = range(&counts) else { return Vec::new() };
    (first..=last)
        .map(|hour| HistogramBucket {
            from: moment(hour * HOUR_S),
            until: moment((hour + 1) * HOUR_S),
            count: counts.get(&hour).copied().unwrap_or_default(),
        })
        .collect()
}

fn range(counts: &BTreeMap<i64, u64>) -> Option<(i64, i64)> {
    Some((*counts.first_key_value()?.0, *counts.last_key_value()?.0))
}

/// Mondays from the one on or before `first` to the one after `last`. Day 0 was a Thursday.
fn weeks(first: i64, last: i64) -> Vec<i64> {
    let monday = first - (first + 3).rem_euclid(7);
    (0..).map(|week| monday + 7 * week).take_while(|day| *day <= last + 7).collect()
}

/// First days of the months from that of `first` to the one after `last`.
fn months(first: i64, last: i64) -> Vec<i64> {
    let start = date_of(first).first_of_month();
    let all = (0..).map_while(|month: i64| start.checked_add(month.months()).ok());
    let mut days: Vec<i64> = Vec::new();
    for day in all.map(day_of) {
        days.push(day);
        if day > last {
            break;
        }
    }
    days
}

fn date_of(day: i64) -> civil::Date {
    moment(day * DAY_S).to_zoned(TimeZone::UTC).date()
}

fn day_of(date: civil::Date) -> i64 {
    let midnight = date.to_zoned(TimeZone::UTC).map(|at| at.timestamp().as_second());
    midnight.unwrap_or_default().div_euclid(DAY_S)
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(dates: &[&str]) -> BTreeMap<i64, u64> {
        let day = |text: &&str| day_of(text.parse().expect("a date"));
        let mut counts = BTreeMap::new();
        dates.iter().map(day).for_each(|day| *counts.entry(day).or_default() += 1);
        counts
    }

    fn spans(buckets: &[HistogramBucket]) -> Vec<(String, u64)> {
        let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date().to_string();
        buckets.iter().map(|bucket| (date(bucket.from), bucket.count)).collect()
    }

    #[test]
    fn short_ranges_are_shown_by_day() {
        let buckets = histogram(&days(&["2026-11-20", "2026-11-22", "2026-11-22", "2026-11-23"]));
        let expected = [("2026-11-20", 1), ("2026-11-21", 0), ("2026-11-22", 2), ("2026-11-23", 1)];
        assert_eq!(spans(&buckets), expected.map(|(date, count)| (date.to_owned(), count)));
    }

    #[test]
    fn longer_ranges_are_shown_by_week_from_monday() {
        let buckets = histogram(&days(&["2026-08-05", "2026-11-23"]));
        assert_eq!(spans(&buckets)[0], ("2026-08-03".to_owned(), 1));
        assert_eq!(spans(&buckets).last(), Some(&("2026-11-23".to_owned(), 1)));
        assert_eq!(buckets.len(), 17);
    }

    #[test]
    fn years_are_shown_by_month() {
        let buckets = histogram(&days(&["2024-01-31", "2026-11-23"]));
        assert_eq!(spans(&buckets)[0], ("2024-01-01".to_owned(), 1));
        assert_eq!(buckets.len(), 35);
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 2);
        assert!(buckets.windows(2).all(|pair| pair[0].until == pair[1].from));
    }

    #[test]
    fn hours_cover_their_range() {
        let buckets = hours(&[10, 3_700, 3_800, 3 * HOUR_S]);
        assert_eq!(buckets.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [1, 2, 0, 1]);
    }

    #[test]
    fn nothing_found_is_no_histogram() {
        assert!(histogram(&BTreeMap::new()).is_empty());
        assert!(!wants_hours(&BTreeMap::new()));
    }
}
