//! The page of an incident, the list of incidents, and what moderators do to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::{
    extract::{Query as Parameters, RawForm, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::Number;
use crate::{
    domain::{
        Article, ArticleId, Coverage, EntityKind, Incident, IncidentId, IndicatorRole, SubjectKind,
    },
    serve::{
        cursor::Cursor,
        error::AppError,
        found::{self, Chip},
        layout::Layout,
        state::AppState,
        templates::view,
        visitor::Moderator,
    },
    store::{Enriched, FoundIncident, IncidentAction, IncidentDecision},
};

/// Incidents on a page of the list.
const PAGE: usize = 30;
/// Articles of an incident that are shown.
const MOST_COVERAGE: u32 = 150;
/// Indicators shown; the API gives all.
const MOST_INDICATORS: usize = 200;
/// Round-ups that are shown.
const MOST_ROUNDUPS: u32 = 20;

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    before: Option<String>,
}

/// `GET /incidents`: the most recently covered first.
pub(super) async fn list(
    State(state): State<AppState>,
    Parameters(params): Parameters<Params>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let before = params.before.as_deref().map(|text| Cursor::parse("before", text)).transpose()?;
    let before = before.map(|Cursor(moment, ArticleId(id))| (moment, IncidentId(id)));
    let mut incidents = state.store.latest_incidents(PAGE as u32 + 1, before).await?;
    let more = incidents.len() > PAGE;
    incidents.truncate(PAGE);
    let last = incidents.last().filter(|_| more);
    let next = last.map(|last| Cursor(last.last_seen, ArticleId(last.id.0)).to_string());
    let items = found::items(&state, incidents).await?;
    layout.html("incidents.html", view! { items, next, older => params.before.is_some() })
}

/// An article of the coverage.
#[derive(Debug, Serialize)]
struct Line {
    id: ArticleId,
    title: String,
    language: Option<String>,
    source: String,
    published: Timestamp,
    /// What it is the first to say.
    news: Vec<String>,
    reasons: Vec<String>,
    by_hand: bool,
    /// Sources that repeat its text.
    copies: Vec<Copy>,
}

#[derive(Debug, Serialize)]
struct Copy {
    id: ArticleId,
    source: String,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: &'static str,
    chips: Vec<Chip>,
}

#[derive(Debug, Serialize)]
struct IndicatorRow {
    kind: &'static str,
    shown: String,
    value: String,
    role: &'static str,
    reason: String,
    articles: usize,
}

#[derive(Debug, Serialize)]
struct Reason {
    words: String,
    articles: usize,
}

/// What one source says.
#[derive(Debug, Serialize)]
struct Side {
    source: String,
    first: Timestamp,
    articles: usize,
    attacks: Vec<&'static str>,
    victims: Vec<String>,
    attackers: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Decided {
    id: i64,
    words: String,
    made: Timestamp,
    who: String,
}

/// `GET /incidents/{id}`
pub(super) async fn get(
    State(state): State<AppState>,
    Number(id): Number,
    layout: Layout,
) -> Result<Response, AppError> {
    let incident = match state.store.incident(IncidentId(id)).await? {
        FoundIncident::Here(incident) => *incident,
        FoundIncident::Moved(to) => {
            return Ok(Redirect::permanent(&format!("/incidents/{}", to.0)).into_response());
        }
        FoundIncident::Nowhere => return Err(AppError::NotFound("incident")),
    };
    let told = Told::read(&state, &incident).await?;
    let roundups = found::roundups(&state, incident.id, MOST_ROUNDUPS).await?;
    let decisions = state.store.incident_decisions(incident.id).await?;
    let citations: Vec<_> =
        incident.summary.iter().map(|citation| (&citation.text, citation.article_id)).collect();
    let html = layout.html(
        "incident.html",
        view! {
            tags => incident.attacks.iter().map(|attack| found::tag(*attack)).collect::<Vec<_>>(),
            facts => facts(&incident),
            sectors => incident.sectors,
            citations,
            lines => told.lines(),
            wire => found::wire(&told.articles.iter().map(|one| one.published).collect::<Vec<_>>()),
            indicators => told.indicators(),
            reasons => told.reasons(),
            roundups,
            sides => told.sides(),
            decided => decisions.iter().map(decided).collect::<Vec<_>>(),
            more => (incident.article_count as usize).saturating_sub(told.articles.len()),
            search => super::search_href(&[("incident", &incident.id.0.to_string())]),
            incident,
        },
    )?;
    Ok(html.into_response())
}

/// An incident's articles, oldest first, with what was found in them.
struct Told {
    articles: Vec<Article>,
    coverage: HashMap<ArticleId, Coverage>,
    enriched: HashMap<ArticleId, Enriched>,
}

impl Told {
    async fn read(state: &AppState, incident: &Incident) -> Result<Self, AppError> {
        let coverage = state.store.coverage(incident.id, MOST_COVERAGE).await?;
        let ids: Vec<ArticleId> = coverage.iter().map(|one| one.article_id).collect();
        let enriched = state.store.enrichments(&ids).await?;
        Ok(Self {
            articles: state.store.articles(&ids).await?,
            coverage: coverage.into_iter().map(|one| (one.article_id, one)).collect(),
            enriched: enriched.into_iter().map(|one| (one.article_id, one)).collect(),
        })
    }

    /// The coverage, copies folded into what they repeat.
    fn lines(&self) -> Vec<Line> {
        let original = |article: &Article| {
            let of = self.coverage.get(&article.id)?.duplicate_of?;
            self.coverage.contains_key(&of).then_some(of)
        };
        let mut copies: HashMap<ArticleId, Vec<Copy>> = HashMap::new();
        for article in &self.articles {
            if let Some(of) = original(article) {
                let copy = Copy { id: article.id, source: article.source.clone() };
                copies.entry(of).or_default().push(copy);
            }
        }
        let mut told = BTreeSet::new();
        let mut lines = Vec::new();
        for article in self.articles.iter().filter(|article| original(article).is_none()) {
            let first = lines.is_empty();
            let news = self.news(article.id, &mut told);
            let coverage = self.coverage.get(&article.id);
            lines.push(Line {
                id: article.id,
                title: article.title.clone(),
                language: article.language.clone(),
                source: article.source.clone(),
                published: article.published,
                news: if first { Vec::new() } else { news },
                reasons: coverage.map(|one| one.reasons.clone()).unwrap_or_default(),
                by_hand: coverage.is_some_and(|one| one.by_hand),
                copies: copies.remove(&article.id).unwrap_or_default(),
            });
        }
        lines
    }

    /// What an article is the first to name, in words.
    fn news(&self, id: ArticleId, told: &mut BTreeSet<String>) -> Vec<String> {
        let Some(read) = self.enriched.get(&id) else { return Vec::new() };
        let found = &read.enrichment;
        let attacks = found.attacks.iter().map(|tag| tag.attack.label().to_owned());
        let weighty = [EntityKind::Victim, EntityKind::Actor, EntityKind::Malware, EntityKind::Cve];
        let names =
            found.entities.iter().filter(|entity| weighty.contains(&entity.kind)).map(|entity| {
                let role = found::role_of(SubjectKind::Entity(entity.kind)).to_lowercase();
                format!("{role} {}", entity.name)
            });
        attacks.chain(names).filter(|words| told.insert(words.clone())).collect()
    }

    /// Indicators of all articles, malicious ones first.
    fn indicators(&self) -> Vec<IndicatorRow> {
        let mut rows: BTreeMap<(IndicatorRole, &'static str, &str), (usize, &str)> =
            BTreeMap::new();
        for read in self.articles.iter().filter_map(|article| self.enriched.get(&article.id)) {
            for one in &read.enrichment.indicators {
                let key = (one.role, one.kind.as_str(), one.value.as_str());
                rows.entry(key).or_insert((0, &one.reason)).0 += 1;
            }
        }
        rows.into_iter()
            .filter(|((role, ..), _)| *role != IndicatorRole::Benign)
            .take(MOST_INDICATORS)
            .map(|((role, kind, value), (articles, reason))| IndicatorRow {
                kind,
                shown: defanged(value),
                value: value.to_owned(),
                role: role.as_str(),
                reason: reason.to_owned(),
                articles,
            })
            .collect()
    }

    /// Why the articles are together, the commonest reason first.
    fn reasons(&self) -> Vec<Reason> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for words in self.coverage.values().flat_map(|coverage| &coverage.reasons) {
            *counts.entry(words).or_default() += 1;
        }
        let mut reasons: Vec<Reason> = counts
            .into_iter()
            .map(|(words, articles)| Reason { words: words.to_owned(), articles })
            .collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.articles));
        reasons.truncate(8);
        reasons
    }

    /// What each source says, in order of its first report; nothing where there is only one.
    fn sides(&self) -> Vec<Side> {
        let mut sides: Vec<Side> = Vec::new();
        for article in &self.articles {
            let at = sides.iter().position(|side| side.source == article.source);
            let at = at.unwrap_or_else(|| {
                sides.push(Side {
                    source: article.source.clone(),
                    first: article.published,
                    articles: 0,
                    attacks: Vec::new(),
                    victims: Vec::new(),
                    attackers: Vec::new(),
                });
                sides.len() - 1
            });
            sides[at].articles += 1;
            if let Some(read) = self.enriched.get(&article.id) {
                sides[at].add(read);
            }
        }
        if sides.len() < 2 { Vec::new() } else { sides }
    }
}

impl Side {
    fn add(&mut self, read: &Enriched) {
        let found = &read.enrichment;
        let names = |kind| found.of_kind(kind).map(|entity| entity.name.clone());
        self.attacks.extend(found.attacks.iter().map(|tag| tag.attack.label()));
        self.victims.extend(names(EntityKind::Victim));
        self.attackers.extend(names(EntityKind::Actor).chain(names(EntityKind::Malware)));
        for list in [&mut self.victims, &mut self.attackers] {
            list.sort_unstable();
            list.dedup();
        }
        self.attacks.sort_unstable();
        self.attacks.dedup();
    }
}

/// What is known, by kind.
fn facts(incident: &Incident) -> Vec<Fact> {
    let of_kind = |kind: EntityKind| Fact {
        name: found::role_of(SubjectKind::Entity(kind)),
        chips: incident
            .entities
            .iter()
            .filter(|entity| entity.kind == kind)
            .map(found::chip_of)
            .collect(),
    };
    let countries = Fact {
        name: "Country",
        chips: incident.countries.iter().map(|code| found::country_chip(code)).collect(),
    };
    let mut facts: Vec<Fact> = EntityKind::ALL.into_iter().map(of_kind).collect();
    facts.push(countries);
    facts.retain(|fact| !fact.chips.is_empty());
    facts
}

/// An indicator that cannot be followed by accident.
pub(super) fn defanged(value: &str) -> String {
    let value = value.replace('.', "[.]").replace('@', "[@]");
    match value.strip_prefix("http") {
        Some(rest) => format!("hxxp{rest}"),
        None => value,
    }
}

fn decided(decision: &IncidentDecision) -> Decided {
    let words = match decision.action {
        IncidentAction::Split => format!(
            "{} articles of incident {} became incident {}",
            decision.articles.len(),
            decision.incident.0,
            decision.other.0
        ),
        IncidentAction::Merge => {
            format!("incident {} was merged into {}", decision.other.0, decision.incident.0)
        }
    };
    Decided { id: decision.id, words, made: decision.made, who: decision.who.clone() }
}

/// `POST /incidents/{id}/split` with `article` for each one that tells of something else.
pub(super) async fn split(
    State(state): State<AppState>,
    Number(id): Number,
    moderator: Moderator,
    RawForm(form): RawForm,
) -> Result<Response, AppError> {
    let articles: Vec<ArticleId> = form_urlencoded::parse(&form)
        .filter(|(name, _)| name == "article")
        .filter_map(|(_, value)| value.parse().ok().map(ArticleId))
        .collect();
    let who = &moderator.0.name;
    let split = state.store.split_incident(IncidentId(id), &articles, who, state.now()).await?;
    split.ok_or_else(|| AppError::Parameter {
        name: "article",
        detail: "choose some of the incident's articles, but not all".to_owned(),
    })?;
    Ok(back(id))
}

#[derive(Debug, Deserialize)]
pub(super) struct MergeForm {
    other: String,
}

/// `POST /incidents/{id}/merge` with the number of the incident that tells of the same.
pub(super) async fn merge(
    State(state): State<AppState>,
    Number(id): Number,
    moderator: Moderator,
    axum::Form(form): axum::Form<MergeForm>,
) -> Result<Response, AppError> {
    let wrong = || AppError::Parameter {
        name: "other",
        detail: "write the number of another incident, as in its address".to_owned(),
    };
    let number = form.other.rsplit('/').next().unwrap_or_default().trim();
    let other: i64 = number.parse().map_err(|_| wrong())?;
    let who = &moderator.0.name;
    let (from, into) = (IncidentId(other), IncidentId(id));
    let merged = state.store.merge_incidents(from, into, who, state.now()).await?;
    if merged { Ok(back(id)) } else { Err(wrong()) }
}

#[derive(Debug, Deserialize)]
pub(super) struct UndoForm {
    decision: i64,
}

/// `POST /incidents/{id}/undo` with the number of a decision.
pub(super) async fn undo(
    State(state): State<AppState>,
    Number(id): Number,
    moderator: Moderator,
    axum::Form(form): axum::Form<UndoForm>,
) -> Result<Response, AppError> {
    let who = &moderator.0.name;
    if state.store.undo_decision(form.decision, who, state.now()).await? {
        return Ok(back(id));
    }
    let detail = "it is undone already, or a later decision rests on it".to_owned();
    Err(AppError::Parameter { name: "decision", detail })
}

fn back(id: i64) -> Response {
    let to = format!("/incidents/{id}");
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_cannot_be_followed_by_accident() {
        assert_eq!(defanged("https://evil.example/a.bin"), "hxxps://evil[.]example/a[.]bin");
        assert_eq!(defanged("a@evil.example"), "a[@]evil[.]example");
    }
}
