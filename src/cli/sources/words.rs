//! Numbers and times in words.

use jiff::Timestamp;

/// `1 entry`, `2 entries`.
pub(in crate::cli) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// How long ago, such as `3 days ago`.
pub(in crate::cli) fn ago(time: Timestamp, now: Timestamp) -> String {
    let minutes = (now.as_second() - time.as_second()) / 60;
    match minutes {
        ..0 => "in the future".to_owned(),
        0 => "just now".to_owned(),
        1..120 => format!("{minutes} min ago"),
        120..2_880 => format!("{} hours ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1_440),
    }
}

/// At most `max` characters, the last of them `…` where something was cut.
pub(in crate::cli) fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        let now = Timestamp::from_second(10_000_000).expect("a time");
        let before = |seconds: i64| Timestamp::from_second(10_000_000 - seconds).expect("a time");
        assert_eq!(ago(before(-90), now), "in the future");
        assert_eq!(ago(before(30), now), "just now");
        assert_eq!(ago(before(600), now), "10 min ago");
        assert_eq!(ago(before(7_200), now), "2 hours ago");
        assert_eq!(ago(before(172_800), now), "2 days ago");
    }

    #[test]
    fn long_texts_are_cut_by_characters() {
        assert_eq!(shortened("Größe", 5), "Größe");
        assert_eq!(shortened("Größer", 5), "Größ…");
    }
}
