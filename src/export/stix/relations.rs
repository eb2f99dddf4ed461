//! Relationships, only where one sentence of evidence names both ends.

use super::{object::Object, things};
use crate::{
    domain::{Entity, EntityKind, Span, country_name, full_text},
    export::{ArticleItem, Publisher, text::marked},
};

/// Source, relationship, target: what the standard has for the kinds that articles name.
const PAIRS: &[(EntityKind, &str, EntityKind)] = &[
    (EntityKind::Actor, "uses", EntityKind::Malware),
    (EntityKind::Actor, "uses", EntityKind::Technique),
    (EntityKind::Actor, "targets", EntityKind::Victim),
    (EntityKind::Actor, "targets", EntityKind::Cve),
    (EntityKind::Malware, "uses", EntityKind::Technique),
    (EntityKind::Malware, "targets", EntityKind::Victim),
    (EntityKind::Malware, "targets", EntityKind::Cve),
];

/// An entity with its object.
pub(super) struct Named<'a> {
    pub entity: &'a Entity,
    pub object: Object,
}

/// A relationship. It is the same whatever article says so.
pub(super) fn relationship(source: &Object, kind: &str, target: &Object) -> Object {
    Object::of("relationship", &[kind, source.id(), target.id()])
        .set("relationship_type", kind)
        .set("source_ref", source.id())
        .set("target_ref", target.id())
}

/// The entities of an article with their objects.
pub(super) fn named<'a>(publisher: &Publisher, item: &'a ArticleItem) -> Vec<Named<'a>> {
    let entities = item.found.entities.iter();
    let named = entities.filter_map(|entity| {
        let object = things::thing(publisher, entity.kind, &entity.name, entity.id.as_deref())?;
        Some(Named { entity, object })
    });
    named.collect()
}

/// What the sentences of an article say of its entities and countries.
pub(super) fn stated(item: &ArticleItem, named: &[Named<'_>]) -> Vec<Object> {
    let mut found = Vec::new();
    for (from, kind, to) in PAIRS {
        for source in named.iter().filter(|one| one.entity.kind == *from) {
            let targets = named.iter().filter(|one| one.entity.kind == *to);
            let stated = targets.filter(|target| share_a_sentence(source.entity, target.entity));
            found.extend(stated.map(|target| relationship(&source.object, kind, &target.object)));
        }
    }
    found.extend(countries_hit(item, named));
    found
}

/// An attacker targets a country of the victims where the attacker's sentence names it.
fn countries_hit(item: &ArticleItem, named: &[Named<'_>]) -> Vec<Object> {
    let attackers = named
        .iter()
        .filter(|one| matches!(one.entity.kind, EntityKind::Actor | EntityKind::Malware));
    let text = full_text(&item.article.title, &item.article.text);
    let mut found = Vec::new();
    for attacker in attackers {
        let sentence = marked(&text, attacker.entity.evidence);
        let hit = item
            .found
            .countries
            .iter()
            .filter(|code| country_name(code).is_some_and(|name| sentence.contains(name)));
        found.extend(
            hit.map(|code| relationship(&attacker.object, "targets", &things::country(code))),
        );
    }
    found
}

fn share_a_sentence(one: &Entity, other: &Entity) -> bool {
    names(one.evidence, other) || names(other.evidence, one)
}

/// Whether a sentence names an entity.
pub(super) fn names(sentence: Span, entity: &Entity) -> bool {
    entity.spans.iter().any(|span| is_within(*span, sentence))
}

/// Whether a span lies in a sentence.
pub(super) fn is_within(span: Span, sentence: Span) -> bool {
    sentence.start <= span.start && span.end <= sentence.end
}
