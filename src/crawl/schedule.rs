//! When a source is asked again. Pure: the time and the dice are arguments.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil, fmt::rfc2822, tz::TimeZone};

use super::client::AnswerHeaders;

/// Entries whose dates make up a feed's rhythm.
const RHYTHM_ENTRIES: usize = 20;
/// Interval of a source about which nothing is known.
const USUAL_S: u32 = 3_600;
/// First step of the back-off, which doubles with each failure.
const BACKOFF_S: u32 = 300;
/// Shortest time before a failed source is tried again.
const SHORTEST_RETRY_S: u32 = 60;

/// Bounds of the seconds between two fetches of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub min_s: u32,
    pub max_s: u32,
}

impl Bounds {
    fn clamp(self, seconds: u32) -> u32 {
        seconds.max(self.min_s).min(self.max_s.max(self.min_s))
    }
}

/// What a successful fetch told about the source's rhythm.
#[derive(Debug, Clone, Default)]
pub struct Signals<'a> {
    pub headers: AnswerHeaders,
    /// Minutes the feed asks to be left alone.
    pub ttl_minutes: Option<u32>,
    /// When its entries were published, in any order; empty where nothing changed.
    pub published: &'a [Timestamp],
}

/// Seconds until the next fetch of a source whose content was read: half the usual gap between entries, but
/// not before the server or the feed wants.
pub fn after_change(signals: &Signals, bounds: Bounds, now: Timestamp) -> u32 {
    let wanted = rhythm_s(signals.published, now).unwrap_or(USUAL_S);
    bounds.clamp(wanted.max(asked_s(signals)))
}

/// Seconds until the next fetch of a source that had nothing new: half as long again as before.
pub fn after_no_change(signals: &Signals, previous_s: u32, bounds: Bounds) -> u32 {
    let previous = if previous_s == 0 { USUAL_S } else { previous_s };
    bounds.clamp(previous.saturating_add(previous / 2).max(asked_s(signals)))
}

/// When a failed source is tried again: at the time the server names, else after a back-off with full
/// jitter. `failures` counts this one; `dice` is a random number from 0 to 1.
pub fn after_failure(
    retry_after: Option<&str>,
    failures: u32,
    dice: f64,
    bounds: Bounds,
    now: Timestamp,
) -> Timestamp {
    let seconds = match retry_after.and_then(|value| retry_after_s(value, now)) {
        Some(asked) => asked.clamp(SHORTEST_RETRY_S, bounds.max_s.max(SHORTEST_RETRY_S)),
        None => backoff_s(failures, dice, bounds.max_s),
    };
    now + SignedDuration::from_secs(i64::from(seconds))
}

/// Seconds before the next try of anything that failed `failures` times: spread over the whole span, so that
/// many that failed together do not come back together.
pub fn backoff_s(failures: u32, dice: f64, max_s: u32) -> u32 {
    let doubled = BACKOFF_S.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let span = f64::from(doubled.min(max_s).saturating_sub(SHORTEST_RETRY_S));
    SHORTEST_RETRY_S + (span * dice.clamp(0.0, 1.0)) as u32
}

/// How long the server says its answer stays good: `max-age`, else `Expires` (RFC 9111 section 4.2.1).
pub fn freshness(headers: &AnswerHeaders) -> Option<SignedDuration> {
    if let Some(directives) = &headers.cache_control {
        let directives = directives.to_ascii_lowercase();
        if let Some(seconds) = directives.split(',').find_map(max_age) {
            return Some(SignedDuration::from_secs(seconds));
        }
        if directives.contains("no-cache") || directives.contains("no-store") {
            return None;
        }
    }
    let expires = http_date(headers.expires.as_deref()?)?;
    let date = http_date(headers.date.as_deref()?)?;
    Some(expires.duration_since(date)).filter(|span| span.is_positive())
}

fn max_age(directive: &str) -> Option<i64> {
    let value = directive.trim().strip_prefix("max-age=")?;
    value.trim_matches('"').parse::<u32>().ok().map(i64::from)
}

/// The pause that a `Retry-After` header asks for.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    retry_after_s(value, now).map(|seconds| Duration::from_secs(seconds.into()))
}

/// `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3).
fn retry_after_s(value: &str, now: Timestamp) -> Option<u32> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(seconds);
    }
    let wait = http_date(value)?.duration_since(now).as_secs();
    Some(u32::try_from(wait).unwrap_or(0))
}

/// A date in any of the three forms that HTTP has known (RFC 9110 section 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(date) = rfc2822::parse(text) {
        return Some(date.timestamp());
    }
    let old = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let date = old.iter().find_map(|form| civil::DateTime::strptime(form, text).ok())?;
    date.to_zoned(TimeZone::UTC).ok().map(|date| date.timestamp())
}

fn asked_s(signals: &Signals) -> u32 {
    let fresh = freshness(&signals.headers).map_or(0, |span| span.as_secs());
    let ttl = i64::from(signals.ttl_minutes.unwrap_or(0)).saturating_mul(60);
    u32::try_from(fresh.max(ttl)).unwrap_or(u32::MAX)
}

/// Half the median gap between the newest entries; for a feed that has fallen silent, a tenth of the silence.
fn rhythm_s(published: &[Timestamp], now: Timestamp) -> Option<u32> {
    let mut seconds: Vec<i64> = published
        .iter()
        .map(|time| time.as_second())
        .filter(|time| *time <= now.as_second())
        .collect();
    seconds.sort_unstable_by(|a, b| b.cmp(a));
    seconds.truncate(RHYTHM_ENTRIES);
    let newest = *seconds.first()?;
    let mut gaps: Vec<i64> = seconds.windows(2).map(|pair| pair[0] - pair[1]).collect();
    gaps.sort_unstable();
    let median = gaps.get(gaps.len() / 2).copied().unwrap_or(0);
    let silence = now.as_second() - newest;
    u32::try_from((median / 2).max(silence / 10)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { min_s: 900, max_s: 86_400 };
    const NOW: i64 = 1_800_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn every(gap_s: i64) -> Vec<Timestamp> {
        (1..=10).map(|n| at(NOW - n * gap_s)).collect()
    }

    fn cached(control: &str) -> AnswerHeaders {
        AnswerHeaders { cache_control: Some(control.to_owned()), ..AnswerHeaders::default() }
    }

    fn next(headers: AnswerHeaders, ttl_minutes: Option<u32>, published: &[Timestamp]) -> u32 {
        after_change(&Signals { headers, ttl_minutes, published }, BOUNDS, at(NOW))
    }

    #[test]
    fn the_rhythm_of_entries_sets_the_pace() {
        let none = AnswerHeaders::default;
        assert_eq!(next(none(), None, &[]), USUAL_S);
        assert_eq!(next(none(), None, &every(4 * 3_600)), 2 * 3_600);
        assert_eq!(next(none(), None, &every(60)), BOUNDS.min_s);
        assert_eq!(next(none(), None, &every(30 * 86_400)), BOUNDS.max_s);
        assert_eq!(next(none(), None, &[at(NOW - 100_000)]), 10_000, "one entry: its age counts");
        assert_eq!(next(none(), None, &[at(NOW + 9_999_999)]), USUAL_S, "the future says nothing");
    }

    #[test]
    fn server_and_feed_can_ask_for_more_time() {
        let quick = every(600);
        assert_eq!(next(cached("public, max-age=7200"), None, &quick), 7_200);
        assert_eq!(next(cached("max-age=10"), Some(120), &quick), 7_200);
        assert_eq!(next(cached("max-age=99999999999"), None, &quick), BOUNDS.min_s);
        assert_eq!(next(cached("max-age=4000000000"), None, &quick), BOUNDS.max_s);
        assert_eq!(next(AnswerHeaders::default(), Some(u32::MAX), &quick), BOUNDS.max_s);
        let headers = AnswerHeaders {
            date: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
            expires: Some("Sun, 06 Nov 1994 10:49:37 GMT".to_owned()),
            ..AnswerHeaders::default()
        };
        assert_eq!(next(headers.clone(), None, &quick), 7_200);
        let no_cache = AnswerHeaders { cache_control: Some("no-cache".to_owned()), ..headers };
        assert_eq!(next(no_cache, None, &quick), BOUNDS.min_s);
    }

    #[test]
    fn nothing_new_stretches_the_interval() {
        let signals = Signals::default();
        assert_eq!(after_no_change(&signals, 3_600, BOUNDS), 5_400);
        assert_eq!(after_no_change(&signals, 80_000, BOUNDS), BOUNDS.max_s);
        assert_eq!(after_no_change(&signals, 0, BOUNDS), 5_400);
        let asked = Signals { headers: cached("max-age=20000"), ..Signals::default() };
        assert_eq!(after_no_change(&asked, 3_600, BOUNDS), 20_000);
    }

    #[test]
    fn failures_back_off_with_full_jitter() {
        for (failures, dice, expected) in [
            (1, 0.0, 60),
            (1, 1.0, 300),
            (2, 1.0, 600),
            (3, 0.5, 630),
            (9, 1.0, 76_800),
            (40, 1.0, 86_400),
            (u32::MAX, 1.0, 86_400),
            (5, 0.0, 60),
        ] {
            let wait = after_failure(None, failures, dice, BOUNDS, at(NOW)).as_second() - NOW;
            assert_eq!(wait, expected, "failure {failures}, dice {dice}");
        }
    }

    #[test]
    fn retry_after_is_honoured_within_bounds() {
        let now = at(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        for (header, expected) in [
            ("120", 120),
            ("0", 60),
            ("99999999", 86_400),
            ("Sun, 06 Nov 1994 09:49:37 GMT", 3_600),
            ("Sunday, 06-Nov-94 09:49:37 GMT", 3_600),
            ("Sun Nov  6 09:49:37 1994", 3_600),
            ("Sun, 06 Nov 1994 07:49:37 GMT", 60),
            ("soon", 300),
        ] {
            let wait = after_failure(Some(header), 1, 1.0, BOUNDS, now).duration_since(now);
            assert_eq!(wait.as_secs(), expected, "{header}");
        }
    }
}
