//! What the desk found in an article, as terms of the index: `attack:ransomware`, `victim:canon`, `kev:yes`.

use crate::{
    domain::{Entity, EntityKind, IncidentId, SubjectKind, slug},
    store::Enriched,
};

/// Between the field and the value of a counted term: sorts before all letters.
pub(super) const SEPARATOR: char = '\u{1f}';

/// The fields that are counted, in the order in which they are shown.
pub(super) const COUNTED: [&str; 10] = [
    "attack",
    "victim",
    "vendor",
    "product",
    "actor",
    "malware",
    "cve",
    "country",
    "sector",
    "technique",
];

/// The term of a field and value.
pub(super) fn mark(field: &str, value: &str) -> String {
    format!("{field}:{value}")
}

/// The term of an incident.
pub(super) fn incident(id: IncidentId) -> String {
    mark("incident", &id.0.to_string())
}

/// The term of an indicator.
pub(super) fn indicator(value: &str) -> String {
    mark("ioc", &value.to_lowercase())
}

/// Everything under which an article is found, each once.
pub(super) fn marks(enriched: &Enriched) -> Vec<String> {
    let found = &enriched.enrichment;
    let mut marks = Vec::new();
    marks.extend(found.attacks.iter().map(|tag| mark("attack", tag.attack.as_str())));
    for entity in &found.entities {
        marks.push(mark(entity.kind.as_str(), &slug(&entity.name)));
        marks.extend(id_of(entity).map(|id| mark(entity.kind.as_str(), &slug(id))));
    }
    marks.extend(found.countries.iter().map(|code| mark("country", code)));
    marks.extend(found.sectors.iter().map(|sector| mark("sector", &slug(sector))));
    marks.extend(found.indicators.iter().map(|one| indicator(&one.value)));
    marks.extend(enriched.incident.map(incident));
    if found.entities.iter().any(|entity| entity.known_exploited) {
        marks.push(mark("kev", "yes"));
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// What is counted of an article, each once: field and value as people read it.
pub(super) fn counted(enriched: &Enriched) -> Vec<String> {
    let found = &enriched.enrichment;
    let term = |field: &str, value: &str| format!("{field}{SEPARATOR}{value}");
    let mut terms = Vec::new();
    terms.extend(found.attacks.iter().map(|tag| term("attack", tag.attack.as_str())));
    terms.extend(found.entities.iter().map(|one| term(one.kind.as_str(), &one.name)));
    terms.extend(found.countries.iter().map(|code| term("country", code)));
    terms.extend(found.sectors.iter().map(|sector| term("sector", sector)));
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// An id that people use, without the name of the list it comes from.
fn id_of(entity: &Entity) -> Option<&str> {
    let id = entity.id.as_deref()?;
    Some(id.split_once(':').map_or(id, |(_, id)| id))
}

/// The kinds whose names are also found by their words.
pub(super) const NAMED: [EntityKind; 5] = [
    EntityKind::Victim,
    EntityKind::Vendor,
    EntityKind::Product,
    EntityKind::Actor,
    EntityKind::Malware,
];

/// The name of a kind of subject in queries.
pub(super) fn field_of(kind: EntityKind) -> &'static str {
    SubjectKind::Entity(kind).as_str()
}
