//! When an object has a new version, and what that version says of itself.

use jiff::{SignedDuration, Timestamp, Unit};
use serde_json::Value;

use crate::store::{KnownObject, StixVersion};

/// An object as it should be, without a history.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub stix_id: String,
    pub object: Value,
}

impl Draft {
    pub(super) fn new(stix_id: &str, object: Value) -> Self {
        Self { stix_id: stix_id.to_owned(), object }
    }

    /// The next version after what is known; `None` where nothing but times differs.
    ///
    /// `created` stays what it was first. `modified` is what the object says where that is later, else now.
    pub(super) fn next(self, known: Option<&KnownObject>, now: Timestamp) -> Option<StixVersion> {
        let digest = digest(&self.object);
        if known.is_some_and(|known| known.digest == digest) {
            return None;
        }
        let stated = |name: &str| self.object[name].as_str().and_then(|text| text.parse().ok());
        let created = known.map(|known| known.created).or_else(|| stated("created")).unwrap_or(now);
        let modified = stated("modified").unwrap_or(created);
        let modified = match known {
            Some(known) if modified <= known.modified => {
                now.max(known.modified + SignedDuration::from_millis(1))
            }
            _ => modified,
        };
        let (created, modified) = (to_millisecond(created), to_millisecond(modified));
        let mut object = self.object;
        // Observables have no history, markings no later version.
        for (name, time) in [("created", created), ("modified", modified)] {
            if object.get(name).is_some() {
                object[name] = stamp(time).into();
            }
        }
        Some(StixVersion {
            stix_id: self.stix_id,
            created,
            modified,
            revoked: object["revoked"] == true,
            digest,
            body: object.to_string(),
        })
    }

    /// The version that withdraws an object, made of its latest; `None` for one that cannot be withdrawn.
    pub(super) fn withdrawn(stix_id: &str, body: &str) -> Option<Self> {
        let mut object: Value = serde_json::from_str(body).ok()?;
        object.get("modified")?;
        object["revoked"] = true.into();
        Some(Self::new(stix_id, object))
    }
}

/// Of all but the times.
fn digest(object: &Value) -> i64 {
    let mut content = object.clone();
    if let Some(members) = content.as_object_mut() {
        members.remove("created");
        members.remove("modified");
    }
    let hash = blake3::hash(content.to_string().as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    i64::from_le_bytes(bytes)
}

/// STIX times have three digits here, in the object and in the manifest alike.
fn stamp(time: Timestamp) -> String {
    format!("{time:.3}")
}

fn to_millisecond(time: Timestamp) -> Timestamp {
    time.round(Unit::Millisecond).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(name: &str, modified: &str) -> Draft {
        let object = json!({ "type": "report", "id": "report--1", "name": name,
            "created": "2026-11-20T08:00:00Z", "modified": modified });
        Draft::new("report--1", object)
    }

    fn known(version: &StixVersion) -> KnownObject {
        KnownObject {
            stix_id: version.stix_id.clone(),
            created: version.created,
            modified: version.modified,
            revoked: version.revoked,
            digest: version.digest,
        }
    }

    fn now() -> Timestamp {
        "2026-11-23T14:30:00.123456Z".parse().expect("a time")
    }

    #[test]
    fn a_version_is_new_only_if_its_content_is() {
        let first = report("a", "2026-11-21T08:00:00Z").next(None, now()).expect("a version");
        assert!(first.body.contains(r#""modified":"2026-11-21T08:00:00.000Z""#), "{}", first.body);
        let known = known(&first);
        assert_eq!(report("a", "2026-11-22T08:00:00Z").next(Some(&known), now()), None);
        let later = report("b", "2026-11-22T08:00:00Z").next(Some(&known), now()).expect("new");
        assert_eq!(later.modified.to_string(), "2026-11-22T08:00:00Z");
        assert_eq!(later.created, first.created);
        let same = report("b", "2026-11-21T08:00:00Z").next(Some(&known), now()).expect("new");
        assert_eq!(same.modified.to_string(), "2026-11-23T14:30:00.123Z", "never back in time");
    }

    #[test]
    fn what_has_no_history_gets_none() {
        let marking = json!({ "type": "marking-definition", "id": "marking-definition--1",
            "created": "2022-10-01T00:00:00.000Z" });
        let kept = Draft::new("marking-definition--1", marking.clone()).next(None, now());
        let kept = kept.expect("a version");
        assert_eq!(kept.body, marking.to_string());
        assert_eq!(kept.modified.to_string(), "2022-10-01T00:00:00Z");
    }

    #[test]
    fn a_withdrawn_object_is_a_later_version() {
        let first = report("a", "2026-11-21T08:00:00Z").next(None, now()).expect("a version");
        let gone = Draft::withdrawn("report--1", &first.body)
            .and_then(|draft| draft.next(Some(&known(&first)), now()));
        let gone = gone.expect("a version");
        assert!(gone.revoked && gone.modified > first.modified);
        let observable = r#"{"type":"url","id":"url--1","value":"http://x.example/"}"#;
        assert_eq!(Draft::withdrawn("url--1", observable), None);
    }
}
