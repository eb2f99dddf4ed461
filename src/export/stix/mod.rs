//! STIX 2.1 (docs.oasis-open.org/cti/stix/v2.1): a report for an article, a grouping for an incident, and what they
//! name.
//!
//! Ids are made from what an object is (UUID version 5), so that the same thing has the same id in every export: in our
//! own namespace for domain objects and relationships, as the standard prescribes for observables, and ATT&CK's own for
//! its techniques. Of an article, link and extract are given, not the text.

mod bundle;
mod object;
mod observables;
mod relations;
mod things;

use std::collections::HashSet;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    ArticleItem, IncidentItem, Item, Publisher,
    publisher::own_id,
    text::{rfc3339_ms, shown, summary, told},
};
use crate::domain::{ArticleKey, Attack, EntityKind};

pub use bundle::Bundle;
pub use object::Object;

use relations::{is_within, relationship};

/// The objects of an item: everything that its report or grouping refers to, and that one last. What all items share is in
/// [`common`].
pub fn objects(publisher: &Publisher, item: &Item) -> Vec<Object> {
    match item {
        Item::Article(item) => article(publisher, item),
        Item::Incident(item) => incident(publisher, item),
    }
}

/// What all objects refer to: who made them, how they are marked, and our extension.
pub fn common() -> Vec<Object> {
    let producer = Object::of("identity", &["system", "siftwire"])
        .set("name", "siftwire")
        .set(
            "description",
            "Reads security news and says what was found in them; nobody checked it.",
        )
        .set("identity_class", "system");
    let marking_extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
    let marking = Object::with_id("marking-definition", TLP_CLEAR_ID)
        .set("created", "2022-10-01T00:00:00.000Z")
        .set("name", "TLP:CLEAR")
        .set(
            "extensions",
            json!({ marking_extension: { "extension_type": "property-extension", "tlp_2_0": "clear" } }),
        );
    vec![producer, marking, extension_definition()]
}

const TLP_CLEAR_ID: uuid::Uuid = uuid::uuid!("94868c89-83c2-464b-929b-a1a8aa3c8487");

fn extension_definition() -> Object {
    Object::of("extension-definition", &["news"])
        .set("name", "siftwire news")
        .set("description", "What siftwire recognised in an article or incident.")
        .set(
            "schema",
            "attacks: list of {tag, score}, the attacks reported, score a probability from 0 to 1; \
             main_attack: the tag a reader would file it under; incident_url: page of the incident; \
             article_count, source_count: how much of the news covers it.",
        )
        .set("version", "1.0.0")
        .set("extension_types", json!(["property-extension"]))
}

/// The objects of an article, its report last.
pub fn article(publisher: &Publisher, item: &ArticleItem) -> Vec<Object> {
    let article = &item.article;
    let key = key_of(item);
    let named = relations::named(publisher, item);
    let watched = observables::watched(item, &key);
    let mut objects = Unique::default();
    objects.add(source(item));
    objects.extend(item.found.countries.iter().map(|code| things::country(code)));
    objects.extend(item.found.sectors.iter().map(|sector| things::sector(sector)));
    objects.extend(relations::stated(item, &named));
    for one in &watched {
        // The standard has `based-on` for observed data alone, and nobody here has observed anything.
        objects.add(relationship(&one.indicator, "related-to", &one.observable));
        let indicated = named.iter().filter(|named| {
            matches!(named.entity.kind, EntityKind::Actor | EntityKind::Malware)
                && is_within(one.source.span, named.entity.evidence)
        });
        objects.extend(
            indicated.map(|named| relationship(&one.indicator, "indicates", &named.object)),
        );
    }
    objects.extend(named.into_iter().map(|named| named.object));
    objects.extend(watched.into_iter().flat_map(|one| [one.indicator, one.observable]));
    let report = Object::of("report", &[key.as_str()])
        .dated(article.first_seen, item.last_changed())
        .set("name", shown(&article.title, &article.url))
        .set("description", summary(item).unwrap_or_else(|| article.url.clone()))
        .set("published", rfc3339_ms(article.published))
        .set("report_types", json!(report_types(item)))
        .set_list("labels", labels(item.found.attacks.iter().map(|tag| tag.attack)))
        .set("external_references", json!([page(item)]))
        .set("object_refs", objects.ids())
        .set("extensions", extension(article_extension(publisher, item)));
    objects.add(match &article.language {
        Some(language) => report.set("lang", language.as_str()),
        None => report,
    });
    objects.list
}

/// The objects of an incident with those of the articles that cover it, its grouping last.
pub fn incident(publisher: &Publisher, item: &IncidentItem) -> Vec<Object> {
    let incident = &item.incident;
    let url = publisher.incident_url(incident.id.0);
    let mut objects = Unique::default();
    for article in item.originals() {
        objects.extend(self::article(publisher, article));
    }
    let entities = incident.entities.iter();
    objects.extend(entities.filter_map(|entity| {
        things::thing(publisher, entity.kind, &entity.name, entity.id.as_deref())
    }));
    let grouping = Object::of("grouping", &[&url])
        .dated(item.created(), item.last_changed())
        .set("name", shown(&incident.title, &url))
        .set("description", told(incident).unwrap_or_else(|| url.clone()))
        .set("context", "suspicious-activity")
        .set_list("labels", labels(incident.attacks.iter().copied()))
        .set("object_refs", objects.ids())
        .set(
            "extensions",
            extension(json!({
                "extension_type": "property-extension",
                "incident_url": url,
                "main_attack": incident.main_attack,
                "article_count": incident.article_count,
                "source_count": incident.source_count,
            })),
        );
    // An incident whose articles are all gone has nothing to group.
    if !objects.list.is_empty() {
        objects.add(grouping);
    }
    objects.list
}

/// Objects, each once.
#[derive(Default)]
struct Unique {
    list: Vec<Object>,
    known: HashSet<String>,
}

impl Unique {
    fn add(&mut self, object: Object) {
        if self.known.insert(object.id().to_owned()) {
            self.list.push(object);
        }
    }

    fn extend(&mut self, objects: impl IntoIterator<Item = Object>) {
        objects.into_iter().for_each(|object| self.add(object));
    }

    fn ids(&self) -> Vec<Value> {
        self.list.iter().map(|object| object.id().into()).collect()
    }
}

/// The identity of an article is its address without what does not matter.
fn key_of(item: &ArticleItem) -> ArticleKey {
    match Url::parse(&item.article.url) {
        Ok(url) => ArticleKey::of(&url),
        Err(_) => ArticleKey::from(item.article.url.clone()),
    }
}

/// Who published the article.
fn source(item: &ArticleItem) -> Object {
    let article = &item.article;
    things::organisation(&shown(&article.source, &article.url))
}

/// The article's page. Its digest is of the text, which is what we read of it.
fn page(item: &ArticleItem) -> Value {
    let article = &item.article;
    let digest = Sha256::digest(article.text.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "source_name": shown(&article.source, &article.url),
        "description": "The article; the digest is of its text as siftwire read it",
        "url": article.url,
        "hashes": { "SHA-256": hex },
    })
}

/// Terms of the vocabulary `report-type-ov`.
fn report_types(item: &ArticleItem) -> Vec<&'static str> {
    let names = |kind| item.found.of_kind(kind).next().is_some();
    let types = [
        ("threat-report", true),
        ("malware", names(EntityKind::Malware)),
        ("intrusion-set", names(EntityKind::Actor)),
        ("vulnerability", names(EntityKind::Cve)),
    ];
    types.into_iter().filter(|(_, fits)| *fits).map(|(name, _)| name).collect()
}

fn labels(attacks: impl Iterator<Item = Attack>) -> Vec<Value> {
    attacks.map(|attack| attack.as_str().into()).collect()
}

fn article_extension(publisher: &Publisher, item: &ArticleItem) -> Value {
    let attacks: Vec<Value> = item
        .found
        .attacks
        .iter()
        .map(
            |tag| json!({ "tag": tag.attack, "score": (f64::from(tag.score) * 1e4).round() / 1e4 }),
        )
        .collect();
    json!({
        "extension_type": "property-extension",
        "attacks": attacks,
        "main_attack": item.found.main_attack,
        "incident_url": item.incident.map(|id| publisher.incident_url(id.0)),
    })
}

fn extension(mut members: Value) -> Value {
    if let Value::Object(members) = &mut members {
        members.retain(|_, value| {
            !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
        });
    }
    let id = format!("extension-definition--{}", own_id(&["extension-definition", "news"]));
    json!({ id: members })
}

#[cfg(test)]
mod tests;
