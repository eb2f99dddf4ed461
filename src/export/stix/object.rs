use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::export::{publisher::own_id, text::rfc3339_ms};

/// The marking TLP:CLEAR of STIX (TLP 2.0).
pub(super) const TLP_CLEAR: &str = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";

/// When what has no time of its own came to be: names and relationships are the same in all articles.
pub(super) const TIMELESS: &str = "2026-01-01T00:00:00.000Z";

/// A STIX object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    kind: &'static str,
    id: String,
    modified: Option<Timestamp>,
    members: Map<String, Value>,
}

impl Object {
    /// A domain or relationship object with our own id, made of `key`; it was never changed until
    /// [`Object::dated`] says otherwise.
    pub(super) fn of(kind: &'static str, key: &[&str]) -> Self {
        let parts: Vec<&str> = [kind].iter().chain(key).copied().collect();
        Self::with_id(kind, own_id(&parts))
            .set("created", TIMELESS)
            .set("modified", TIMELESS)
            .set("created_by_ref", producer_id())
            .set("object_marking_refs", json!([TLP_CLEAR]))
    }

    /// An object with this id and nothing else.
    pub(super) fn with_id(kind: &'static str, id: Uuid) -> Self {
        let id = format!("{kind}--{id}");
        let mut object = Self { kind, id, modified: None, members: Map::new() };
        object.members.insert("type".to_owned(), kind.into());
        object.members.insert("spec_version".to_owned(), "2.1".into());
        object.members.insert("id".to_owned(), object.id.as_str().into());
        object
    }

    pub(super) fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a list, unless it is empty: STIX has no empty lists.
    pub(super) fn set_list(self, name: &str, values: Vec<Value>) -> Self {
        if values.is_empty() { self } else { self.set(name, values) }
    }

    pub(super) fn dated(mut self, created: Timestamp, modified: Timestamp) -> Self {
        let modified = modified.max(created);
        self.modified = Some(modified);
        self.set("created", rfc3339_ms(created)).set("modified", rfc3339_ms(modified))
    }

    /// Such as `report`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Such as `report--3235f2a9-…`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it last changed; `None` for what never does: names, relationships, observables, markings.
    pub fn modified(&self) -> Option<Timestamp> {
        self.modified
    }

    /// The object as STIX has it.
    pub fn json(&self) -> Value {
        Value::Object(self.members.clone())
    }

    pub(super) fn members(&self) -> &Map<String, Value> {
        &self.members
    }
}

/// The identity that makes the objects.
pub(super) fn producer_id() -> String {
    format!("identity--{}", own_id(&["identity", "system", "siftwire"]))
}
