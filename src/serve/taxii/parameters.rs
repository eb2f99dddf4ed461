//! Filters and paging, as TAXII 2.1 has them.

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;
use url::form_urlencoded;
use uuid::Uuid;

use super::cursor::Cursor;
use crate::{
    serve::error::AppError,
    store::{CollectedFilter, VersionFilter},
};

/// Values of one filter.
const MAX_VALUES: usize = 200;
const SPEC_VERSION: &str = "2.1";

/// What follows the question mark. What is not known is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Asked {
    added_after: Option<Timestamp>,
    limit: Option<u32>,
    /// An empty one is none.
    next: Option<String>,
    ids: Option<Vec<String>>,
    kinds: Option<Vec<String>>,
    versions: Option<VersionFilter>,
    /// Whether objects of our version are wanted.
    other_spec: bool,
    /// The filters in one canonical text, for cursors.
    canonical: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

/// Which filters an address knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Of manifest and objects.
    All,
    /// Of a single object: versions, but neither id nor type.
    OfObject,
    /// Of the versions of an object: all of them.
    OfVersions,
}

impl Asked {
    fn read(query: &str) -> Result<Self, AppError> {
        let mut asked = Self::default();
        let mut canonical: Vec<String> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "added_after" => asked.added_after = Some(moment("added_after", &value)?),
                "limit" => asked.limit = Some(limit(&value)?),
                "next" => asked.next = Some(value.into_owned()).filter(|next| !next.is_empty()),
                "match[id]" => asked.ids = Some(values("match[id]", &value)?),
                "match[type]" => asked.kinds = Some(values("match[type]", &value)?),
                "match[version]" => asked.versions = Some(versions(&value)?),
                "match[spec_version]" => {
                    let named = values("match[spec_version]", &value)?;
                    asked.other_spec = !named.iter().any(|version| version == SPEC_VERSION);
                }
                _ => continue,
            }
        }
        let mut list = |name: &str, values: &Option<Vec<String>>| {
            if let Some(values) = values {
                let mut values = values.clone();
                values.sort_unstable();
                canonical.push(format!("{name}={}", values.join(",")));
            }
        };
        list("id", &asked.ids);
        list("type", &asked.kinds);
        canonical.push(format!("{:?} {}", asked.versions, asked.other_spec));
        asked.canonical = canonical.join("&");
        Ok(asked)
    }

    /// Objects to give at most: what is asked for, but never more than `most`.
    pub(super) fn limit(&self, most: u32) -> u32 {
        self.limit.unwrap_or(most).min(most)
    }

    /// What the store is asked for; `None` where nothing can match. `object` is the one in the address.
    ///
    /// # Errors
    /// A cursor that is none, or belongs to other filters.
    pub(super) fn filter(
        &self,
        collection: Uuid,
        known: Known,
        object: Option<&str>,
    ) -> Result<Option<CollectedFilter>, AppError> {
        let after = self.after(collection, object)?;
        if self.other_spec {
            return Ok(None);
        }
        let asked = self.versions.clone();
        let (ids, kinds, versions) = match (known, object) {
            (Known::All, _) => (self.ids.clone(), self.kinds.clone(), asked),
            (Known::OfObject, object) => (object.map(|id| vec![id.to_owned()]), None, asked),
            (Known::OfVersions, object) => {
                let all = VersionFilter { all: true, ..VersionFilter::default() };
                (object.map(|id| vec![id.to_owned()]), None, Some(all))
            }
        };
        let newest = VersionFilter { last: true, ..VersionFilter::default() };
        Ok(Some(CollectedFilter { after, ids, kinds, versions: versions.unwrap_or(newest) }))
    }

    /// After what time: the cursor's or that asked for, whichever is later. Clients send both together.
    pub(super) fn after(
        &self,
        collection: Uuid,
        object: Option<&str>,
    ) -> Result<Timestamp, AppError> {
        let filters = self.bound(object);
        let next = self.next.as_deref().map(|next| Cursor::read(next, collection, &filters));
        let next = next.transpose()?.map(|cursor| cursor.0);
        Ok(next.max(self.added_after).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The cursor behind an object that was added then.
    pub(super) fn cursor(
        &self,
        added: Timestamp,
        collection: Uuid,
        object: Option<&str>,
    ) -> String {
        Cursor(added).write(collection, &self.bound(object))
    }

    fn bound(&self, object: Option<&str>) -> String {
        format!("{} {}", object.unwrap_or_default(), self.canonical)
    }
}

fn moment(name: &'static str, text: &str) -> Result<Timestamp, AppError> {
    let time: Option<Timestamp> = text.trim().parse().ok();
    time.ok_or_else(|| AppError::Parameter {
        name,
        detail: "write a time such as 2026-11-23T14:30:00.000000Z".to_owned(),
    })
}

fn limit(text: &str) -> Result<u32, AppError> {
    let bad = || AppError::Parameter {
        name: "limit",
        detail: "write a whole number from 1 up".to_owned(),
    };
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || text.bytes().all(|byte| byte == b'0') {
        return Err(bad());
    }
    // More than fits is more than we give.
    Ok(text.parse().unwrap_or(u32::MAX))
}

fn values(name: &'static str, text: &str) -> Result<Vec<String>, AppError> {
    let values: Vec<String> =
        text.split(',').map(|value| value.trim().to_owned()).filter(|v| !v.is_empty()).collect();
    if values.len() > MAX_VALUES {
        let detail = format!("at most {MAX_VALUES} values");
        return Err(AppError::Parameter { name, detail });
    }
    Ok(values)
}

fn versions(text: &str) -> Result<VersionFilter, AppError> {
    let mut filter = VersionFilter::default();
    for value in values("match[version]", text)? {
        match value.as_str() {
            "all" => filter.all = true,
            "first" => filter.first = true,
            "last" => filter.last = true,
            time => filter.at.push(moment("match[version]", time)?),
        }
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: Uuid = Uuid::nil();

    fn read(query: &str) -> Asked {
        Asked::read(query).expect(query)
    }

    #[test]
    fn limits_are_clipped_but_not_guessed() {
        assert_eq!(read("limit=7").limit(10), 7);
        assert_eq!(read("limit=99999999999999").limit(10), 10);
        assert_eq!(read("").limit(10), 10);
        for wrong in ["limit=0", "limit=-1", "limit=ten", "limit=", "limit=1.5", "limit=00"] {
            assert!(Asked::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn filters_are_or_within_and_and_between() {
        let asked = read(
            "match[type]=report,indicator&match[id]=a--1&match%5Bversion%5D=first,2026-11-23T14:30:00.123Z&colour=red",
        );
        let filter = asked.filter(OURS, Known::All, None).expect("read").expect("may match");
        assert_eq!(
            filter.kinds.as_deref(),
            Some(&["report".to_owned(), "indicator".to_owned()][..])
        );
        assert_eq!(filter.ids.as_deref(), Some(&["a--1".to_owned()][..]));
        assert!(filter.versions.first && !filter.versions.last);
        assert_eq!(filter.versions.at[0].as_millisecond() % 1_000, 123);
        let newest = read("").filter(OURS, Known::All, None).expect("read").expect("may match");
        assert!(newest.versions.last && !newest.versions.all);
        let other = read("match[spec_version]=2.0").filter(OURS, Known::All, None).expect("read");
        assert_eq!(other, None);
        assert!(
            read("match[spec_version]=2.0,2.1")
                .filter(OURS, Known::All, None)
                .expect("read")
                .is_some()
        );
    }

    #[test]
    fn a_cursor_goes_with_the_time_asked_first_and_with_any_limit() {
        let added: Timestamp = "2026-11-23T14:30:00.5Z".parse().expect("a time");
        let first = read("added_after=2026-11-01T00:00:00Z&limit=10&match[type]=report");
        let next = first.cursor(added, OURS, None);
        let second = read(&format!(
            "added_after=2026-11-01T00:00:00Z&limit=1&match[type]=report&next={next}"
        ));
        assert_eq!(second.after(OURS, None).expect("a time"), added);
        let other = read(&format!("match[type]=indicator&next={next}"));
        assert!(other.after(OURS, None).is_err(), "bound to its filters");
        assert_eq!(read("next=").after(OURS, None).expect("none"), Timestamp::UNIX_EPOCH);
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_breaks_it(query in "\\PC{0,80}") {
            let _ = Asked::read(&query);
        }
    }
}
