//! The shape in which `siftwire enrich` tells what it found: a public contract.

use serde::Serialize;
use serde_json::Value;

use crate::{
    cli::batch::CliError,
    domain::{
        Attack, Enrichment, Entity, EntityKind, Indicator, IndicatorKind, IndicatorRole, Span,
        full_text,
    },
};

/// What was found in one article, or why it could not be read.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Line {
    Found(Box<Found>),
    Failed { id: Value, error: CliError },
}

/// What was found in one article.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    /// As it was given.
    pub id: Value,
    language: Option<String>,
    attacks: Vec<FoundAttack>,
    main_attack: Option<Attack>,
    vendors: Vec<Named>,
    products: Vec<Named>,
    victims: Vec<Named>,
    actors: Vec<Named>,
    malware: Vec<Named>,
    techniques: Vec<Named>,
    cves: Vec<Named>,
    indicators: Vec<FoundIndicator>,
    countries: Vec<String>,
    sectors: Vec<String>,
    /// Id of the article whose text this one repeats; told with `--incidents`.
    pub duplicate_of: Option<Value>,
    /// Id of the first article of the incident; told with `--incidents`.
    pub incident: Option<Value>,
}

#[derive(Debug, Serialize)]
struct FoundAttack {
    tag: Attack,
    /// Probability, 0 to 1.
    score: f32,
    /// The sentence that shows it best.
    evidence: String,
}

#[derive(Debug, Serialize)]
struct Named {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The sentence that shows it best.
    evidence: String,
    /// Where it is named: bytes of title, two line ends and text put together.
    spans: Vec<Span>,
    /// Only of CVEs: known to be exploited.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    known_exploited: bool,
}

#[derive(Debug, Serialize)]
struct FoundIndicator {
    #[serde(rename = "type")]
    kind: IndicatorKind,
    value: String,
    role: IndicatorRole,
    reason: String,
}

impl Found {
    /// Tells an enrichment of the article with this title and text.
    pub(super) fn new(id: Value, title: &str, text: &str, enrichment: Enrichment) -> Self {
        let whole = full_text(title.trim(), text);
        let named = |kind: EntityKind| -> Vec<Named> {
            enrichment.of_kind(kind).map(|entity| named(&whole, entity)).collect()
        };
        Self {
            vendors: named(EntityKind::Vendor),
            products: named(EntityKind::Product),
            victims: named(EntityKind::Victim),
            actors: named(EntityKind::Actor),
            malware: named(EntityKind::Malware),
            techniques: named(EntityKind::Technique),
            cves: named(EntityKind::Cve),
            attacks: enrichment
                .attacks
                .iter()
                .map(|tag| FoundAttack {
                    tag: tag.attack,
                    score: (tag.score * 1000.0).round() / 1000.0,
                    evidence: tag
                        .evidence
                        .first()
                        .map(|at| excerpt(&whole, *at))
                        .unwrap_or_default(),
                })
                .collect(),
            indicators: enrichment.indicators.iter().map(FoundIndicator::from).collect(),
            id,
            language: enrichment.language,
            main_attack: enrichment.main_attack,
            countries: enrichment.countries,
            sectors: enrichment.sectors,
            duplicate_of: None,
            incident: None,
        }
    }
}

fn named(whole: &str, entity: &Entity) -> Named {
    Named {
        name: entity.name.clone(),
        id: entity.id.clone(),
        evidence: excerpt(whole, entity.evidence),
        spans: entity.spans.clone(),
        known_exploited: entity.known_exploited,
    }
}

/// The words of a span.
fn excerpt(whole: &str, at: Span) -> String {
    whole.get(at.start..at.end).unwrap_or_default().to_owned()
}

impl From<&Indicator> for FoundIndicator {
    fn from(indicator: &Indicator) -> Self {
        Self {
            kind: indicator.kind,
            value: indicator.value.clone(),
            role: indicator.role,
            reason: indicator.reason.clone(),
        }
    }
}
