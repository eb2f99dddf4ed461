//! What the desk found, as pages show it: tags, chips, the wire of an incident, items of lists.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use url::form_urlencoded;

use super::{error::AppError, state::AppState, words};
use crate::{
    domain::{
        Article, Attack, EntityKind, Incident, IncidentEntity, IncidentId, Subject, SubjectCount,
        SubjectKind, country_name, full_text, slug,
    },
    search::{Query, Suggestion},
    store::{CoverageTick, FoundIncident},
};

/// Articles drawn on a wire.
const TICKS: u32 = 120;
/// Hours that a wire shows at least.
const LEAST_SPAN_S: i64 = 3 * 3_600;
/// Chips of an incident in a list.
const CHIPS: usize = 4;
const WIRE_WIDTH: f64 = 240.0;

/// An attack as a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Tag {
    family: &'static str,
    icon: String,
    label: &'static str,
    href: String,
}

/// A name as a chip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Chip {
    icon: Option<&'static str>,
    role: &'static str,
    pub name: String,
    href: String,
    known_exploited: bool,
}

/// The articles of an incident on a ruler of hours, as paths of a drawing 240 wide and 26 high.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Wire {
    label: String,
    rule: String,
    first: String,
    rest: String,
}

/// An incident in a list.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Item {
    id: IncidentId,
    title: String,
    summary: Option<String>,
    tags: Vec<Tag>,
    chips: Vec<Chip>,
    articles: u32,
    sources: u32,
    last_seen: Timestamp,
    wire: Option<Wire>,
}

/// A round-up that mentions an incident.
#[derive(Debug, Serialize)]
pub(super) struct Roundup {
    pub article: Article,
    /// What it says of the incident.
    pub section: String,
}

/// The round-ups that mention an incident, newest first.
pub(super) async fn roundups(
    state: &AppState,
    id: IncidentId,
    limit: u32,
) -> Result<Vec<Roundup>, AppError> {
    let mentions = state.store.roundups_of(id, limit).await?;
    let ids: Vec<_> = mentions.iter().map(|mention| mention.article_id).collect();
    let articles = state.store.articles(&ids).await?;
    let roundup = |article: Article| {
        let at = mentions.iter().find(|mention| mention.article_id == article.id)?.section;
        let text = full_text(article.title.trim(), &article.text);
        let section = text.get(at.start..at.end).unwrap_or_default().to_owned();
        Some(Roundup { article, section })
    };
    Ok(articles.into_iter().filter_map(roundup).collect())
}

/// The incident, or the one that it was merged into.
pub(super) async fn incident(
    state: &AppState,
    id: IncidentId,
) -> Result<Option<Incident>, AppError> {
    let found = match state.store.incident(id).await? {
        FoundIncident::Moved(to) => state.store.incident(to).await?,
        found => found,
    };
    match found {
        FoundIncident::Here(incident) => Ok(Some(*incident)),
        FoundIncident::Moved(_) | FoundIncident::Nowhere => Ok(None),
    }
}

pub(super) fn tag(attack: Attack) -> Tag {
    Tag {
        family: attack.family(),
        icon: format!("k-{}", attack.family()),
        label: attack.label(),
        href: subject_href(SubjectKind::Attack, attack.as_str()),
    }
}

pub(super) fn chip(subject: &Subject) -> Chip {
    Chip {
        icon: icon_of(subject.kind),
        role: role_of(subject.kind),
        name: subject.name.clone(),
        href: subject_href(subject.kind, &subject.slug),
        known_exploited: subject.known_exploited,
    }
}

/// The chip of an entity of an incident.
pub(super) fn chip_of(entity: &IncidentEntity) -> Chip {
    let kind = SubjectKind::Entity(entity.kind);
    Chip {
        icon: icon_of(kind),
        role: role_of(kind),
        name: entity.name.clone(),
        href: subject_href(kind, &address_of(entity.kind, &entity.name, entity.id.as_deref())),
        known_exploited: false,
    }
}

/// The chip of an entity known by its name alone.
pub(super) fn named_chip(kind: EntityKind, name: &str) -> Chip {
    let entity = IncidentEntity { kind, name: name.to_owned(), id: None, articles: 1 };
    chip_of(&entity)
}

/// The chip of a country, which leads to a search.
pub(super) fn country_chip(code: &str) -> Chip {
    Chip {
        icon: Some("place"),
        role: "Country",
        name: country_name(code).unwrap_or(code).to_owned(),
        href: super::pages::search_href(&[("country", code)]),
        known_exploited: false,
    }
}

/// The slug of an entity, see [`Subject`].
pub(super) fn address_of(kind: EntityKind, name: &str, id: Option<&str>) -> String {
    match id {
        Some(id) if kind == EntityKind::Technique => slug(id),
        _ => slug(name),
    }
}

/// The page of a subject.
pub(super) fn subject_href(kind: SubjectKind, slug: &str) -> String {
    let slug: String = form_urlencoded::byte_serialize(slug.as_bytes()).collect();
    format!("/{}/{slug}", kind.plural())
}

/// What a kind is called, for people.
pub(super) fn role_of(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Attack => "Attack",
        SubjectKind::Entity(EntityKind::Victim) => "Victim",
        SubjectKind::Entity(EntityKind::Vendor) => "Vendor",
        SubjectKind::Entity(EntityKind::Product) => "Product",
        SubjectKind::Entity(EntityKind::Actor) => "Actor",
        SubjectKind::Entity(EntityKind::Malware) => "Malware",
        SubjectKind::Entity(EntityKind::Technique) => "Technique",
        SubjectKind::Entity(EntityKind::Cve) => "Vulnerability",
    }
}

pub(super) fn icon_of(kind: SubjectKind) -> Option<&'static str> {
    match kind {
        SubjectKind::Attack => None,
        SubjectKind::Entity(EntityKind::Victim) => Some("victim"),
        SubjectKind::Entity(EntityKind::Vendor | EntityKind::Product) => Some("vendor"),
        SubjectKind::Entity(EntityKind::Actor) => Some("actor"),
        SubjectKind::Entity(EntityKind::Malware) => Some("k-code"),
        SubjectKind::Entity(EntityKind::Technique) => Some("k-access"),
        SubjectKind::Entity(EntityKind::Cve) => Some("cve"),
    }
}

/// Incidents as items of a list, each with its wire.
pub(super) async fn items(
    state: &AppState,
    incidents: Vec<Incident>,
) -> Result<Vec<Item>, AppError> {
    let ids: Vec<IncidentId> = incidents.iter().map(|incident| incident.id).collect();
    let ticks = state.store.coverage_ticks(&ids, TICKS).await?;
    let mut by_incident: HashMap<IncidentId, Vec<CoverageTick>> = HashMap::new();
    for tick in ticks {
        by_incident.entry(tick.incident_id).or_default().push(tick);
    }
    let item = |incident: Incident| {
        let ticks = by_incident.remove(&incident.id).unwrap_or_default();
        item(incident, &ticks)
    };
    Ok(incidents.into_iter().map(item).collect())
}

fn item(incident: Incident, ticks: &[CoverageTick]) -> Item {
    let shown = |entity: &&IncidentEntity| {
        !matches!(entity.kind, EntityKind::Technique | EntityKind::Product)
    };
    Item {
        tags: incident.attacks.iter().take(3).map(|attack| tag(*attack)).collect(),
        chips: incident.entities.iter().filter(shown).take(CHIPS).map(chip_of).collect(),
        summary: incident.summary.first().map(|citation| citation.text.clone()),
        wire: wire(&ticks.iter().map(|tick| tick.published).collect::<Vec<_>>()),
        id: incident.id,
        title: incident.title,
        articles: incident.article_count,
        sources: incident.source_count,
        last_seen: incident.last_seen,
    }
}

/// A wire of articles published at these times, oldest first; none for a single one.
pub(super) fn wire(published: &[Timestamp]) -> Option<Wire> {
    let (first, last) = (published.first()?, published.last()?);
    if published.len() < 2 {
        return None;
    }
    let span = last.as_second() - first.as_second();
    let shown = span.max(LEAST_SPAN_S) as f64;
    let place = |at: &Timestamp| {
        4.0 + (at.as_second() - first.as_second()) as f64 / shown * (WIRE_WIDTH - 8.0)
    };
    let articles = words::count(published.len() as i64, "article");
    Some(Wire {
        label: format!("{articles} over {}", words::span(span)),
        rule: format!("M0 22.5H{WIRE_WIDTH:.0}M0 19V26M80 19V26M160 19V26M240 19V26"),
        first: format!("M{:.1} 1V22", place(first)),
        rest: published[1..].iter().map(|at| format!("M{:.1} 9V22", place(at))).collect(),
    })
}

/// Attacks and entities whose names or aliases begin with what was typed, as completed queries. Only those that articles
/// name.
pub(super) async fn named_like(
    state: &AppState,
    typed: &str,
    limit: usize,
) -> Result<Vec<Suggestion>, AppError> {
    let typed = typed.trim();
    if slug(typed).is_empty() || typed.contains(':') {
        return Ok(Vec::new());
    }
    let mut found = state.store.subjects_beginning(&slug(typed), limit as u32).await?;
    for (kind, name, _) in state.finder.names().beginning(typed, limit) {
        let kind = SubjectKind::Entity(kind);
        let known = |one: &SubjectCount| one.subject.kind == kind && one.subject.name == name;
        if found.iter().any(known) {
            continue;
        }
        let address = slug(&name);
        if let Some(subject) = state.store.subject(kind, &address).await? {
            let numbers = state.store.subject_numbers(kind, &address, state.now()).await?;
            found.push(SubjectCount { subject, articles: numbers.articles });
        }
    }
    found.truncate(limit);
    let suggestion = |one: SubjectCount| {
        let field = one.subject.kind.as_str();
        let value = match one.subject.kind {
            SubjectKind::Attack => &one.subject.slug,
            SubjectKind::Entity(_) => &one.subject.name,
        };
        let query = Query::everything().with_filter(field, value).ok()?;
        Some(Suggestion { text: query.to_string(), count: one.articles })
    };
    Ok(found.into_iter().filter_map(suggestion).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3_600).expect("a time")
    }

    #[test]
    fn a_wire_begins_with_the_first_article_and_ends_with_the_last() {
        let wire = wire(&[at(0), at(5), at(10)]).expect("a wire");
        assert_eq!(wire.first, "M4.0 1V22");
        assert_eq!(wire.rest, "M120.0 9V22M236.0 9V22");
        assert_eq!(wire.label, "3 articles over 10 h");
        assert_eq!(super::wire(&[at(0)]), None);
    }

    #[test]
    fn subjects_have_addresses_in_any_script() {
        let victim = SubjectKind::Entity(EntityKind::Victim);
        assert_eq!(subject_href(victim, "müller"), "/victims/m%C3%BCller");
        assert_eq!(address_of(EntityKind::Technique, "Name", Some("T1001.002")), "t1001-002");
    }
}
