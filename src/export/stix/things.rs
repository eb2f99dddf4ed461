//! What articles name, as domain objects. An object of a name is the same in all articles that name it.

use serde_json::{Value, json};

use super::{
    object::{Object, TLP_CLEAR},
    observables::software,
};
use crate::{
    domain::{EntityKind, country_name},
    export::{Publisher, galaxies::elsewhere, text::tame},
};

/// When ATT&CK's own objects that we pass on were made as far as we say: so early that the true ones are newer.
const BEFORE_ATTACK: &str = "2017-01-01T00:00:00.000Z";

/// An organisation, as victim, vendor or source.
pub(super) fn organisation(name: &str) -> Object {
    Object::of("identity", &["organization", &name.to_lowercase()])
        .set("name", name)
        .set("identity_class", "organization")
}

/// A sector of the economy.
pub(super) fn sector(name: &str) -> Object {
    Object::of("identity", &["class", name])
        .set("name", format!("{name} sector"))
        .set("identity_class", "class")
}

/// A country by its code.
pub(super) fn country(code: &str) -> Object {
    Object::of("location", &[&code.to_lowercase()])
        .set("name", country_name(code).unwrap_or(code))
        .set("country", code)
}

/// The object of an entity. `None` for a name without letters or digits.
pub(super) fn thing(
    publisher: &Publisher,
    kind: EntityKind,
    name: &str,
    id: Option<&str>,
) -> Option<Object> {
    let name = &*tame(name);
    if !name.chars().any(char::is_alphanumeric) {
        return None;
    }
    Some(match kind {
        EntityKind::Victim | EntityKind::Vendor => organisation(name),
        EntityKind::Product => software(name),
        EntityKind::Actor => actor(publisher, name, id),
        EntityKind::Malware => malware(publisher, name, id),
        EntityKind::Cve => vulnerability(name),
        EntityKind::Technique => technique(name, id),
    })
}

fn actor(publisher: &Publisher, name: &str, id: Option<&str>) -> Object {
    let aliases = publisher.aliases(EntityKind::Actor, name);
    Object::of("intrusion-set", &[&name.to_lowercase()])
        .set("name", name)
        .set_list("aliases", aliases.into_iter().map(Value::from).collect())
        .set_list("external_references", references(id))
}

fn malware(publisher: &Publisher, name: &str, id: Option<&str>) -> Object {
    let aliases = publisher.aliases(EntityKind::Malware, name);
    Object::of("malware", &[&name.to_lowercase()])
        .set("name", name)
        .set("is_family", true)
        .set_list("aliases", aliases.into_iter().map(Value::from).collect())
        .set_list("external_references", references(id))
}

fn vulnerability(name: &str) -> Object {
    let reference = json!({ "source_name": "cve", "external_id": name });
    Object::of("vulnerability", &[&name.to_lowercase()])
        .set("name", name)
        .set("external_references", json!([reference]))
}

/// A technique under ATT&CK's own id where it is known, so that it is one with the object that tools have already.
fn technique(name: &str, id: Option<&str>) -> Object {
    let number = id.unwrap_or(name);
    let known = elsewhere(EntityKind::Technique, name, id).and_then(|known| known.stix);
    let object = match known {
        Some(uuid) => Object::with_id("attack-pattern", uuid)
            .set("created", BEFORE_ATTACK)
            .set("modified", BEFORE_ATTACK)
            .set("object_marking_refs", json!([TLP_CLEAR])),
        None => Object::of("attack-pattern", &[&number.to_lowercase()]),
    };
    let reference = json!({ "source_name": "mitre-attack", "external_id": number });
    object.set("name", name).set("external_references", json!([reference]))
}

/// `attack:G0032` and `misp:…` as references.
fn references(id: Option<&str>) -> Vec<Value> {
    let named = id.and_then(|id| id.split_once(':'));
    let reference = named.and_then(|(list, id)| {
        let source = match list {
            "attack" => "mitre-attack",
            "misp" => "misp-galaxy",
            _ => return None,
        };
        Some(json!({ "source_name": source, "external_id": id }))
    });
    reference.into_iter().collect()
}
