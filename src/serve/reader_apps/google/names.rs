//! Names of streams, states and articles, in every way that apps write them.

use jiff::Timestamp;

use crate::{
    domain::{ArticleId, SourceId},
    serve::reader_apps::shelf::Shelf,
};

pub(super) const READING_LIST: &str = "user/-/state/com.google/reading-list";
pub(super) const READ: &str = "user/-/state/com.google/read";
pub(super) const STARRED: &str = "user/-/state/com.google/starred";

/// What a stream holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stream {
    All,
    Read,
    /// What was marked to stay unread; here the same as all that is unread.
    Unread,
    Starred,
    /// A state that is not kept here, such as `like`.
    Other,
    Sources(Vec<SourceId>),
}

impl Stream {
    /// Reads `feed/3`, `feed/https://...`, `user/-/label/Folder` and the states; a user may stand by number or name.
    /// `None` where there is no such source or folder.
    pub fn read(name: &str, shelf: &Shelf) -> Option<Self> {
        if let Some(feed) = name.strip_prefix("feed/") {
            return source_named(feed, shelf).map(|id| Self::Sources(vec![id]));
        }
        let (_user, rest) = name.strip_prefix("user/")?.split_once('/')?;
        if let Some(folder) = rest.strip_prefix("label/") {
            return Some(shelf.in_folder(folder)).filter(|ids| !ids.is_empty()).map(Self::Sources);
        }
        let state = rest.strip_prefix("state/com.google/")?;
        Some(match state {
            "reading-list" => Self::All,
            "read" => Self::Read,
            "starred" => Self::Starred,
            "kept-unread" | "unread" => Self::Unread,
            _ => Self::Other,
        })
    }
}

fn source_named(feed: &str, shelf: &Shelf) -> Option<SourceId> {
    let number = feed.parse().map(SourceId).ok();
    let found = shelf
        .sources
        .iter()
        .find(|source| number.map_or(source.url == feed, |number| source.id == number));
    found.map(|source| source.id)
}

/// The folder that `user/-/label/Folder` names.
pub(super) fn folder_named(name: &str) -> Option<&str> {
    let (_user, rest) = name.strip_prefix("user/")?.split_once('/')?;
    rest.strip_prefix("label/").filter(|folder| !folder.trim().is_empty())
}

pub(super) fn label(folder: &str) -> String {
    format!("user/-/label/{folder}")
}

/// `tag:google.com,2005:reader/item/` and sixteen hexadecimal digits.
pub(super) fn long_name(id: ArticleId) -> String {
    format!("tag:google.com,2005:reader/item/{:016x}", id.0)
}

/// Reads the long form, its last part alone (sixteen hexadecimal digits), or the short form (a decimal number).
pub(super) fn article_named(name: &str) -> Option<ArticleId> {
    const LONG: usize = 16;
    let name = name.trim();
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_short = last.len() == name.len() && last.len() < LONG && !last.starts_with('0');
    let number = match is_short.then(|| last.parse().ok()).flatten() {
        Some(number) => number,
        None => u64::from_str_radix(last, 16).ok()?.cast_signed(),
    };
    (number > 0).then_some(ArticleId(number))
}

/// Reads a moment in seconds, milliseconds, microseconds or nanoseconds since 1970: apps differ. `None` for none.
pub(super) fn moment(number: i64) -> Option<Timestamp> {
    const UNITS: [(i64, i64); 3] =
        [(100_000_000_000, 1), (100_000_000_000_000, 1_000), (100_000_000_000_000_000, 1_000_000)];
    let unit =
        UNITS.iter().find(|(below, _)| number < *below).map_or(1_000_000_000, |(_, unit)| *unit);
    let seconds = number / unit;
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn articles_are_known_by_long_and_short_names() {
        for name in [
            "tag:google.com,2005:reader/item/000000000000002a",
            "000000000000002a",
            "000000000000002A",
            "42",
            " 42 ",
            "2a",
        ] {
            assert_eq!(article_named(name), Some(ArticleId(42)), "{name}");
        }
        assert_eq!(article_named("0000000000000042"), Some(ArticleId(0x42)));
        assert_eq!(article_named("tag:google.com,2005:reader/item/42"), Some(ArticleId(0x42)));
        for name in [
            "",
            "0",
            "-1",
            "tag:google.com,2005:reader/item/",
            "x",
            "ffffffffffffffff",
            "1ffffffffffffffff",
        ] {
            assert_eq!(article_named(name), None, "{name}");
        }
    }

    #[test]
    fn moments_come_in_every_unit() {
        let at: Timestamp = "2026-11-23T14:30:00Z".parse().expect("a time");
        for factor in [1, 1_000, 1_000_000, 1_000_000_000] {
            assert_eq!(moment(at.as_second() * factor), Some(at));
        }
        assert_eq!(moment(i64::MAX).map(|at| at.as_second()), Some(i64::MAX / 1_000_000_000));
    }

    #[test]
    fn streams_name_states_for_any_user() {
        let shelf = Shelf { sources: Vec::new() };
        let read = |name| Stream::read(name, &shelf);
        assert_eq!(read(READING_LIST), Some(Stream::All));
        assert_eq!(read("user/1005921515/state/com.google/starred"), Some(Stream::Starred));
        assert_eq!(read("user/-/state/com.google/like"), Some(Stream::Other));
        for name in ["", "feed/7", "feed/https://a.example", "user/-/label/None", "user/-", "x"] {
            assert_eq!(read(name), None, "{name}");
        }
        assert_eq!(folder_named("user/-/label/Security/News"), Some("Security/News"));
    }

    proptest! {
        #[test]
        fn both_names_of_an_article_lead_to_it(id in 1_i64..i64::MAX) {
            prop_assert_eq!(article_named(&long_name(ArticleId(id))), Some(ArticleId(id)));
            if id < 100_000_000_000_000 {
                prop_assert_eq!(article_named(&id.to_string()), Some(ArticleId(id)));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,40}", number in any::<i64>()) {
            let _ = article_named(&text);
            let _ = moment(number.max(0));
        }
    }
}
