//! One JSON object per line: everything that is known of an item. A public contract.

use jiff::Timestamp;
use serde::Serialize;

use super::{ArticleItem, IncidentItem, Item, text::marked};
use crate::domain::{
    Attack, Entity, EntityKind, Incident, IncidentEntity, IndicatorKind, IndicatorRole, full_text,
};

#[derive(Serialize)]
struct ArticleLine<'a> {
    id: i64,
    url: &'a str,
    source: &'a str,
    site_name: Option<&'a str>,
    title: &'a str,
    authors: &'a [String],
    published: Timestamp,
    /// `false` where no date was stated and `published` is when it was first seen.
    published_stated: bool,
    modified: Option<Timestamp>,
    first_seen: Timestamp,
    last_changed: Timestamp,
    revision: u32,
    language: Option<&'a str>,
    description: Option<&'a str>,
    tags: &'a [String],
    kind: &'static str,
    comment_count: u32,
    attacks: Vec<AttackLine<'a>>,
    main_attack: Option<Attack>,
    #[serde(flatten)]
    names: Names<Name<'a>>,
    indicators: Vec<IndicatorLine<'a>>,
    countries: &'a [String],
    sectors: &'a [String],
    duplicate_of: Option<i64>,
    incident: Option<i64>,
    text: &'a str,
}

#[derive(Serialize)]
struct IncidentLine<'a> {
    id: i64,
    title: &'a str,
    /// Sentences of the coverage.
    summary: Vec<Sentence<'a>>,
    first_seen: Timestamp,
    last_seen: Timestamp,
    main_attack: Option<Attack>,
    attacks: &'a [Attack],
    #[serde(flatten)]
    names: Names<CountedName<'a>>,
    countries: &'a [String],
    sectors: &'a [String],
    article_count: u32,
    source_count: u32,
    coverage: Vec<Covered<'a>>,
}

/// The names of each kind, in order of appearance.
#[derive(Serialize)]
struct Names<T> {
    victims: Vec<T>,
    vendors: Vec<T>,
    products: Vec<T>,
    actors: Vec<T>,
    malware: Vec<T>,
    cves: Vec<T>,
    techniques: Vec<T>,
}

impl<T> Names<T> {
    fn new(of: impl Fn(EntityKind) -> Vec<T>) -> Self {
        Self {
            victims: of(EntityKind::Victim),
            vendors: of(EntityKind::Vendor),
            products: of(EntityKind::Product),
            actors: of(EntityKind::Actor),
            malware: of(EntityKind::Malware),
            cves: of(EntityKind::Cve),
            techniques: of(EntityKind::Technique),
        }
    }
}

#[derive(Serialize)]
struct AttackLine<'a> {
    tag: Attack,
    /// Probability, 0 to 1.
    score: f32,
    /// The sentence that shows it best.
    evidence: &'a str,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// The sentence that shows it best.
    evidence: &'a str,
    /// Only of CVEs: known to be exploited.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    known_exploited: bool,
}

#[derive(Serialize)]
struct CountedName<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// Articles of the coverage that name it.
    articles: u32,
}

impl<'a> CountedName<'a> {
    fn of(entity: &'a IncidentEntity) -> Self {
        Self { name: &entity.name, id: entity.id.as_deref(), articles: entity.articles }
    }
}

#[derive(Serialize)]
struct IndicatorLine<'a> {
    #[serde(rename = "type")]
    kind: IndicatorKind,
    value: &'a str,
    role: IndicatorRole,
    reason: &'a str,
}

#[derive(Serialize)]
struct Sentence<'a> {
    article: i64,
    text: &'a str,
}

#[derive(Serialize)]
struct Covered<'a> {
    id: i64,
    url: &'a str,
    source: &'a str,
    title: &'a str,
    published: Timestamp,
    duplicate_of: Option<i64>,
}

/// Appends the line of an item.
pub(super) fn line(item: &Item, out: &mut Vec<u8>) {
    let written = match item {
        Item::Article(item) => serde_json::to_writer(&mut *out, &article(item, &whole(item))),
        Item::Incident(item) => serde_json::to_writer(&mut *out, &incident(item)),
    };
    written.expect("plain data can be written as JSON");
    out.push(b'\n');
}

fn whole(item: &ArticleItem) -> String {
    full_text(&item.article.title, &item.article.text)
}

fn article<'a>(item: &'a ArticleItem, whole: &'a str) -> ArticleLine<'a> {
    let ArticleItem { article, found, duplicate_of, incident, .. } = item;
    let attacks = found.attacks.iter().map(|tag| AttackLine {
        tag: tag.attack,
        score: tag.score,
        evidence: tag.evidence.first().map(|span| marked(whole, *span)).unwrap_or_default(),
    });
    let indicators = found.indicators.iter().map(|one| IndicatorLine {
        kind: one.kind,
        value: &one.value,
        role: one.role,
        reason: &one.reason,
    });
    ArticleLine {
        id: article.id.0,
        url: &article.url,
        source: &article.source,
        site_name: article.site_name.as_deref(),
        title: &article.title,
        authors: &article.authors,
        published: article.published,
        published_stated: article.published_stated,
        modified: article.modified,
        first_seen: article.first_seen,
        last_changed: article.last_changed,
        revision: article.revision,
        language: article.language.as_deref(),
        description: article.description.as_deref(),
        tags: &article.tags,
        kind: article.kind.as_str(),
        comment_count: article.comment_count,
        attacks: attacks.collect(),
        main_attack: found.main_attack,
        names: Names::new(|kind| found.of_kind(kind).map(|one| name(one, whole)).collect()),
        indicators: indicators.collect(),
        countries: &found.countries,
        sectors: &found.sectors,
        duplicate_of: duplicate_of.map(|id| id.0),
        incident: incident.map(|id| id.0),
        text: &article.text,
    }
}

fn name<'a>(entity: &'a Entity, whole: &'a str) -> Name<'a> {
    Name {
        name: &entity.name,
        id: entity.id.as_deref(),
        evidence: marked(whole, entity.evidence),
        known_exploited: entity.known_exploited,
    }
}

fn incident(item: &IncidentItem) -> IncidentLine<'_> {
    let IncidentItem { incident, coverage } = item;
    let summary = incident
        .summary
        .iter()
        .map(|citation| Sentence { article: citation.article_id.0, text: &citation.text });
    IncidentLine {
        id: incident.id.0,
        title: &incident.title,
        summary: summary.collect(),
        first_seen: incident.first_seen,
        last_seen: incident.last_seen,
        main_attack: incident.main_attack,
        attacks: &incident.attacks,
        names: Names::new(|kind| counted(incident, kind)),
        countries: &incident.countries,
        sectors: &incident.sectors,
        article_count: incident.article_count,
        source_count: incident.source_count,
        coverage: coverage.iter().map(covered).collect(),
    }
}

fn counted(incident: &Incident, kind: EntityKind) -> Vec<CountedName<'_>> {
    let of_kind = incident.entities.iter().filter(|entity| entity.kind == kind);
    of_kind.map(CountedName::of).collect()
}

fn covered(item: &ArticleItem) -> Covered<'_> {
    let article = &item.article;
    Covered {
        id: article.id.0,
        url: &article.url,
        source: &article.source,
        title: &article.title,
        published: article.published,
        duplicate_of: item.duplicate_of.map(|id| id.0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::export::samples;

    fn written(item: &Item) -> String {
        let mut out = Vec::new();
        line(item, &mut out);
        samples::text(out)
    }

    #[test]
    fn lines_hold_what_is_known() {
        for (name, item) in [("article", samples::article()), ("incident", samples::incident())] {
            let line: Value = serde_json::from_str(&written(&item)).expect("JSON");
            insta::assert_json_snapshot!(name, line);
        }
    }

    proptest! {
        #[test]
        fn an_item_is_one_line(title in any::<String>(), text in any::<String>()) {
            for (_, item) in samples::with_texts(&title, &text) {
                let line = written(&item);
                prop_assert_eq!(line.matches('\n').count(), 1);
                let read: Value = serde_json::from_str(&line).expect("JSON");
                prop_assert_eq!(read["title"].as_str(), Some(title.as_str()));
            }
        }
    }
}
