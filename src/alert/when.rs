//! When a message goes out: cadence and quiet hours, by the clock of the one who gets it.

use jiff::{
    RoundMode, Timestamp, ToSpan as _, Unit, Zoned, ZonedRound,
    civil::{Time, Weekday},
    tz::TimeZone,
};

use crate::domain::{Cadence, Pace, QuietHours};

/// When daily and weekly mails go out.
const MORNING: Time = Time::constant(8, 0, 0, 0);
const WEEKLY_ON: Weekday = Weekday::Monday;

/// The time zone with this IANA name.
///
/// # Errors
/// A sentence that names it.
pub fn check_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| format!("{name:?} is no time zone; write one such as Europe/Vienna or UTC"))
}

/// When a message that is ready now may go out. A zone that is no longer known counts as UTC.
pub fn due(now: Timestamp, pace: &Pace) -> Timestamp {
    let zone = TimeZone::get(&pace.zone).unwrap_or(TimeZone::UTC);
    let now = now.to_zoned(zone);
    let next = match pace.cadence {
        Cadence::AtOnce => now,
        Cadence::Hourly => next_hour(&now),
        Cadence::Daily => next_morning(&now, |_| true),
        Cadence::Weekly => next_morning(&now, |day| day == WEEKLY_ON),
    };
    let after = pace.quiet.map_or_else(|| next.clone(), |quiet| after_quiet(&next, quiet));
    after.timestamp()
}

fn next_hour(now: &Zoned) -> Zoned {
    let whole = ZonedRound::new().smallest(Unit::Hour).mode(RoundMode::Trunc);
    now.round(whole).and_then(|hour| hour.checked_add(1.hour())).unwrap_or_else(|_| now.clone())
}

/// Eight o'clock of the first of the next days that fits; today's if it has not struck yet.
fn next_morning(now: &Zoned, fits: impl Fn(Weekday) -> bool) -> Zoned {
    const DAYS: i64 = 8;
    let morning = |days: i64| {
        let day = now.date().checked_add(days.days()).ok()?;
        day.to_datetime(MORNING).to_zoned(now.time_zone().clone()).ok()
    };
    let mornings = (0..=DAYS).filter_map(morning);
    let mut fitting = mornings.filter(|morning| morning > now && fits(morning.weekday()));
    fitting.next().unwrap_or_else(|| now.clone())
}

fn after_quiet(moment: &Zoned, quiet: QuietHours) -> Zoned {
    if !quiet.holds(moment.time()) {
        return moment.clone();
    }
    let ends_today = moment.time() < quiet.until;
    let day = if ends_today { Ok(moment.date()) } else { moment.date().tomorrow() };
    let end = day.and_then(|day| day.to_datetime(quiet.until).to_zoned(moment.time_zone().clone()));
    end.unwrap_or_else(|_| moment.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(now: &str, cadence: Cadence, quiet: Option<&str>, zone: &str) -> String {
        let quiet = quiet.map(|hours| hours.parse().expect("quiet hours"));
        let pace = Pace { cadence, quiet, zone: zone.into() };
        due(now.parse().expect("a time"), &pace).to_string()
    }

    #[test]
    fn messages_wait_for_their_hour() {
        // A Wednesday.
        let now = "2026-11-25T14:25:40Z";
        for (cadence, expected) in [
            (Cadence::AtOnce, "2026-11-25T14:25:40Z"),
            (Cadence::Hourly, "2026-11-25T15:00:00Z"),
            (Cadence::Daily, "2026-11-26T07:00:00Z"),
            (Cadence::Weekly, "2026-11-30T07:00:00Z"),
        ] {
            assert_eq!(at(now, cadence, None, "Europe/Vienna"), expected, "{cadence:?}");
        }
        assert_eq!(
            at("2026-11-30T06:59:59Z", Cadence::Weekly, None, "Europe/Vienna"),
            "2026-11-30T07:00:00Z"
        );
        assert_eq!(
            at("2026-11-30T07:00:00Z", Cadence::Weekly, None, "Europe/Vienna"),
            "2026-12-07T07:00:00Z"
        );
        assert_eq!(at(now, Cadence::Daily, None, "No/Where"), "2026-11-26T08:00:00Z");
    }

    #[test]
    fn the_clock_may_be_put_forward_meanwhile() {
        // On 29 March 2026 clocks in Vienna go from two to three.
        assert_eq!(
            at("2026-03-28T20:00:00Z", Cadence::Daily, None, "Europe/Vienna"),
            "2026-03-29T06:00:00Z"
        );
        let quiet = Some("22:00-02:30");
        assert_eq!(
            at("2026-03-28T22:00:00Z", Cadence::AtOnce, quiet, "Europe/Vienna"),
            "2026-03-29T01:30:00Z"
        );
    }

    #[test]
    fn nothing_goes_out_in_quiet_hours() {
        let quiet = Some("22:00-07:00");
        for (now, expected) in [
            ("2026-11-25T20:59:59Z", "2026-11-25T20:59:59Z"),
            ("2026-11-25T21:00:00Z", "2026-11-26T06:00:00Z"),
            ("2026-11-26T03:00:00Z", "2026-11-26T06:00:00Z"),
            ("2026-11-26T06:00:00Z", "2026-11-26T06:00:00Z"),
        ] {
            assert_eq!(at(now, Cadence::AtOnce, quiet, "Europe/Vienna"), expected, "{now}");
        }
        assert_eq!(
            at("2026-11-25T20:30:00Z", Cadence::Hourly, quiet, "Europe/Vienna"),
            "2026-11-26T06:00:00Z"
        );
    }

    #[test]
    fn zones_are_checked() {
        assert!(check_zone("Asia/Tokyo").is_ok() && check_zone("UTC").is_ok());
        assert!(check_zone("Nowhere").is_err());
    }
}
