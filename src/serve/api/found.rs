//! Incidents and entities.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parameters::{Id, Params, limit};
use crate::{
    domain::{
        ArticleId, Coverage, Enrichment, EntityKind, Incident, IncidentId, RoundupMention, Span,
        SubjectCount, SubjectKind, slug,
    },
    serve::{
        cursor::Cursor,
        error::{AppError, Problem},
        found,
        state::AppState,
    },
    store::{Enriched, FoundIncident},
};

const LIMIT: u32 = 30;
const MAX_LIMIT: u32 = 100;
/// Articles of an incident that are given.
const MAX_COVERAGE: u32 = 1_000;
/// Round-ups of an incident that are given.
const MAX_ROUNDUPS: u32 = 100;
/// Incidents given of an entity.
const INCIDENTS: u32 = 20;

/// What happened, as the articles that cover it tell it together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Incident)]
pub(super) struct IncidentView {
    pub id: i64,
    pub title: String,
    /// Sentences of the coverage.
    pub summary: Vec<CitationView>,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// Tag of the attack a reader would file it under.
    pub main_attack: Option<&'static str>,
    pub attacks: Vec<&'static str>,
    pub entities: Vec<IncidentEntityView>,
    /// ISO 3166-1 alpha-2 codes of the victims' countries.
    pub countries: Vec<String>,
    pub sectors: Vec<String>,
    pub article_count: u32,
    pub source_count: u32,
}

/// A sentence with the article it was taken from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Citation)]
pub(super) struct CitationView {
    pub article_id: i64,
    pub text: String,
}

/// An entity of an incident.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentEntity)]
pub(super) struct IncidentEntityView {
    /// `victim`, `vendor`, `product`, `actor`, `malware`, `cve` or `technique`.
    pub kind: &'static str,
    pub name: String,
    /// Identity outside siftwire, such as `attack:G0032` or `T1486`.
    pub id: Option<String>,
    /// Articles of the coverage that name it.
    pub articles: u32,
}

/// A part of the list of incidents.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentList {
    pub incidents: Vec<IncidentView>,
    /// Give it as `cursor` for the next part; absent in the last.
    pub next_cursor: Option<String>,
}

/// An incident with its coverage.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentWhole {
    pub incident: IncidentView,
    /// Oldest first.
    pub coverage: Vec<CoverageView>,
    /// Round-ups that mention it without being articles about it, newest first.
    pub roundups: Vec<RoundupView>,
}

/// A round-up that mentions an incident.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Roundup)]
pub(super) struct RoundupView {
    pub article_id: i64,
    /// What it says of the incident.
    pub section: String,
}

/// An article of an incident.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Coverage)]
pub(super) struct CoverageView {
    pub article_id: i64,
    /// Why it was put here, in words; none for the first.
    pub reasons: Vec<String>,
    /// The article whose text it repeats.
    pub duplicate_of: Option<i64>,
    /// A moderator put it here.
    pub by_hand: bool,
}

/// An attack or entity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entity)]
pub(super) struct SubjectView {
    /// `attack`, `victim`, `vendor`, `product`, `actor`, `malware`, `cve` or `technique`.
    pub kind: &'static str,
    pub slug: String,
    pub name: String,
    /// Identity outside siftwire, such as `attack:G0032` or `T1486`.
    pub id: Option<String>,
    /// Known to be exploited; only of vulnerabilities.
    pub known_exploited: bool,
    pub aliases: Vec<String>,
    pub articles: u64,
    pub articles_30d: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_seen: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Timestamp>,
    /// Named together with it in its newest articles, most often first.
    pub related: Vec<RelatedView>,
    /// The latest incidents.
    pub incidents: Vec<IncidentView>,
}

/// Something named together with an entity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelatedEntity)]
pub(super) struct RelatedView {
    pub kind: &'static str,
    pub slug: String,
    pub name: String,
    pub articles: u64,
}

/// What was recognised in an article. Spans are bytes of title, two line ends and text put together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Enrichment)]
pub(super) struct EnrichmentView {
    pub language: Option<String>,
    pub attacks: Vec<AttackView>,
    pub main_attack: Option<&'static str>,
    pub entities: Vec<EntityView>,
    pub indicators: Vec<IndicatorView>,
    pub countries: Vec<String>,
    pub sectors: Vec<String>,
    /// The article whose text this one repeats.
    pub duplicate_of: Option<i64>,
    pub incident: Option<i64>,
}

/// An incident that a section of a round-up mentions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mention)]
pub(super) struct MentionView {
    pub incident: i64,
    pub section: SpanView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AttackTag)]
pub(super) struct AttackView {
    pub tag: &'static str,
    /// Probability, 0 to 1.
    pub score: f32,
    /// Sentences that show it, strongest first.
    pub evidence: Vec<SpanView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedEntity)]
pub(super) struct EntityView {
    pub kind: &'static str,
    pub name: String,
    pub id: Option<String>,
    /// Places where it is named.
    pub spans: Vec<SpanView>,
    /// The sentence that shows it best.
    pub evidence: SpanView,
    pub known_exploited: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Indicator)]
pub(super) struct IndicatorView {
    /// `domain`, `url`, `ipv4`, `ipv6`, `email`, `md5`, `sha1`, `sha256`, `sha512` or `btc`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub value: String,
    /// `malicious`, `victim` or `benign`.
    pub role: &'static str,
    pub reason: String,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Span)]
pub(super) struct SpanView {
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// How many, 1 to 100; 30 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
}

/// The incidents, most recently covered first
#[utoipa::path(
    get, path = "/incidents", operation_id = "list_incidents", params(ListParams), tag = "incidents",
    responses((status = 200, body = IncidentList), (status = 400, body = Problem)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    Params(params): Params<ListParams>,
) -> Result<Json<IncidentList>, AppError> {
    let limit = limit(params.limit, LIMIT, MAX_LIMIT)?;
    let cursor = params.cursor.as_deref().map(|text| Cursor::parse("cursor", text)).transpose()?;
    let before = cursor.map(|Cursor(moment, ArticleId(id))| (moment, IncidentId(id)));
    let mut incidents = state.store.latest_incidents(limit + 1, before).await?;
    let more = incidents.len() > limit as usize;
    incidents.truncate(limit as usize);
    let last = incidents.last().filter(|_| more);
    let next_cursor = last.map(|last| Cursor(last.last_seen, ArticleId(last.id.0)).to_string());
    let incidents = incidents.into_iter().map(IncidentView::from).collect();
    Ok(Json(IncidentList { incidents, next_cursor }))
}

/// One incident with its coverage; a merged one leads to where it went
#[utoipa::path(
    get, path = "/incidents/{id}", operation_id = "incident", params(("id" = i64, Path, description = "Number of the incident")), tag = "incidents",
    responses((status = 200, body = IncidentWhole), (status = 308), (status = 404, body = Problem)),
)]
pub(super) async fn one(State(state): State<AppState>, Id(id): Id) -> Result<Response, AppError> {
    match state.store.incident(IncidentId(id)).await? {
        FoundIncident::Here(incident) => {
            let coverage = state.store.coverage(incident.id, MAX_COVERAGE).await?;
            let coverage = coverage.into_iter().map(CoverageView::from).collect();
            let roundups = found::roundups(&state, incident.id, MAX_ROUNDUPS).await?;
            let roundups = roundups
                .into_iter()
                .map(|one| RoundupView { article_id: one.article.id.0, section: one.section });
            let incident = (*incident).into();
            Ok(Json(IncidentWhole { incident, coverage, roundups: roundups.collect() })
                .into_response())
        }
        FoundIncident::Moved(to) => {
            Ok(Redirect::permanent(&format!("/api/v1/incidents/{}", to.0)).into_response())
        }
        FoundIncident::Nowhere => Err(AppError::NotFound("incident")),
    }
}

/// An attack or entity, with numbers, related entities and latest incidents
#[utoipa::path(
    get, path = "/entities/{kind}/{slug}", tag = "incidents",
    params(
        ("kind" = String, Path, description = "attack, victim, vendor, product, actor, malware, cve or technique"),
        ("slug" = String, Path, description = "Name in lower case with hyphens, such as canon or cve-2026-1234"),
    ),
    responses((status = 200, body = SubjectView), (status = 404, body = Problem)),
)]
pub(super) async fn entity(
    State(state): State<AppState>,
    Path((kind, name)): Path<(String, String)>,
) -> Result<Json<SubjectView>, AppError> {
    let kind = SubjectKind::from_name(&kind).ok_or(AppError::NotFound("kind of entity"))?;
    let subject = state.store.subject(kind, &slug(&name)).await?;
    let subject = subject.ok_or(AppError::NotFound("entity in the articles read so far"))?;
    let numbers = state.store.subject_numbers(kind, &subject.slug, state.now()).await?;
    let related = state.store.related_subjects(kind, &subject.slug).await?;
    let incidents = state.store.incidents_about(kind, &subject.slug, INCIDENTS).await?;
    let aliases = match kind {
        SubjectKind::Attack => Vec::new(),
        SubjectKind::Entity(kind) => state.finder.names().aliases(kind, &subject.name),
    };
    Ok(Json(SubjectView {
        kind: kind.as_str(),
        slug: subject.slug,
        name: subject.name,
        id: subject.id,
        known_exploited: subject.known_exploited,
        aliases,
        articles: numbers.articles,
        articles_30d: numbers.articles_30d,
        first_seen: numbers.first_seen,
        last_seen: numbers.last_seen,
        related: related.into_iter().map(RelatedView::from).collect(),
        incidents: incidents.into_iter().map(IncidentView::from).collect(),
    }))
}

impl From<Incident> for IncidentView {
    fn from(incident: Incident) -> Self {
        let entities = incident.entities.into_iter().map(|entity| IncidentEntityView {
            kind: entity.kind.as_str(),
            name: entity.name,
            id: entity.id,
            articles: entity.articles,
        });
        let summary = incident.summary.into_iter().map(|citation| CitationView {
            article_id: citation.article_id.0,
            text: citation.text,
        });
        Self {
            id: incident.id.0,
            title: incident.title,
            summary: summary.collect(),
            first_seen: incident.first_seen,
            last_seen: incident.last_seen,
            main_attack: incident.main_attack.map(|attack| attack.as_str()),
            attacks: incident.attacks.iter().map(|attack| attack.as_str()).collect(),
            entities: entities.collect(),
            countries: incident.countries,
            sectors: incident.sectors,
            article_count: incident.article_count,
            source_count: incident.source_count,
        }
    }
}

impl From<Coverage> for CoverageView {
    fn from(coverage: Coverage) -> Self {
        Self {
            article_id: coverage.article_id.0,
            reasons: coverage.reasons,
            duplicate_of: coverage.duplicate_of.map(|id| id.0),
            by_hand: coverage.by_hand,
        }
    }
}

impl From<SubjectCount> for RelatedView {
    fn from(one: SubjectCount) -> Self {
        Self {
            kind: one.subject.kind.as_str(),
            slug: one.subject.slug,
            name: one.subject.name,
            articles: one.articles,
        }
    }
}

impl From<Enriched> for EnrichmentView {
    fn from(read: Enriched) -> Self {
        let Enrichment { language, attacks, main_attack, entities, indicators, countries, sectors } =
            read.enrichment;
        let attacks = attacks.into_iter().map(|tag| AttackView {
            tag: tag.attack.as_str(),
            score: tag.score,
            evidence: tag.evidence.into_iter().map(SpanView::from).collect(),
        });
        let entities = entities.into_iter().map(|entity| EntityView {
            kind: EntityKind::as_str(entity.kind),
            name: entity.name,
            id: entity.id,
            spans: entity.spans.into_iter().map(SpanView::from).collect(),
            evidence: entity.evidence.into(),
            known_exploited: entity.known_exploited,
        });
        let indicators = indicators.into_iter().map(|one| IndicatorView {
            kind: one.kind.as_str(),
            value: one.value,
            role: one.role.as_str(),
            reason: one.reason,
        });
        Self {
            language,
            attacks: attacks.collect(),
            main_attack: main_attack.map(|attack| attack.as_str()),
            entities: entities.collect(),
            indicators: indicators.collect(),
            countries,
            sectors,
            duplicate_of: read.duplicate_of.map(|id| id.0),
            incident: read.incident.map(|id| id.0),
        }
    }
}

impl From<RoundupMention> for MentionView {
    fn from(mention: RoundupMention) -> Self {
        Self { incident: mention.incident_id.0, section: mention.section.into() }
    }
}

impl From<Span> for SpanView {
    fn from(span: Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}
