use axum::{
    extract::{Query, State},
    response::Html,
};
use jiff::Timestamp;
use minijinja::Value;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Number, PAGE_SIZE, health_words, search_href, silence};
use crate::{
    domain::{ArticleId, HealthState, Source, SourceId},
    serve::{
        cursor::Cursor, error::AppError, layout::Layout, pages::search::page_numbers, reading,
        state::AppState, templates::view, visitor::Visitor,
    },
};

/// Rows of the table of sources.
const ROWS: usize = 100;
/// Characters of a robots.txt shown.
const ROBOTS_SHOWN: usize = 20_000;

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    #[serde(default)]
    show: Show,
    page: Option<usize>,
}

/// Which sources, in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Show {
    /// All, those in trouble first.
    #[default]
    Problems,
    /// All by name.
    Name,
    /// Those that fail, alone.
    Failing,
}

/// A row of the table.
#[derive(Debug, Serialize)]
struct Row {
    id: SourceId,
    title: String,
    url: String,
    state: Badge,
    last_attempt: Option<Timestamp>,
    /// Not set for a source that is due already.
    next_try: Option<Timestamp>,
    due: bool,
    newest_entry: Option<Timestamp>,
    words: String,
}

/// State in a word, with the icon and colour that repeat it.
#[derive(Debug, Clone, Copy, Serialize)]
struct Badge {
    word: &'static str,
    icon: &'static str,
    class: &'static str,
}

/// `GET /sources`: how all sources are doing.
pub(super) async fn list(
    State(state): State<AppState>,
    Query(params): Query<ListParams>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let now = state.now();
    let mut sources = state.store.sources().await?;
    let total = sources.len();
    let in_state = |wanted: &[HealthState]| {
        sources.iter().filter(|source| wanted.contains(&source.health.state)).count()
    };
    let well = in_state(&[HealthState::Well, HealthState::Repaired]);
    let repaired = in_state(&[HealthState::Repaired]);
    let failing = in_state(&[HealthState::Failing, HealthState::Gone]);
    match params.show {
        Show::Name => {}
        Show::Problems => sources.sort_by_key(severity),
        Show::Failing => sources.retain(|source| severity(source) <= 1),
    }
    let pages = page_numbers(params.page, sources.len(), ROWS);
    let rows: Vec<Row> =
        sources.iter().skip(pages.offset).take(ROWS).map(|source| row(source, now)).collect();
    let show = params.show;
    let desk = state.store.desk_progress().await?;
    layout.html("sources.html", view! { total, well, repaired, failing, show, rows, pages, desk })
}

/// `GET /sources/{id}`: one source, its health and its articles.
pub(super) async fn get(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    Number(id): Number,
    Query(params): Query<SourceParams>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let now = state.now();
    let source = state.store.source(SourceId(id)).await?.ok_or(AppError::NotFound("source"))?;
    let before = params.before.as_deref().map(|text| Cursor::parse("before", text)).transpose()?;
    let start = before.map(|Cursor(moment, id)| (moment, id));
    let latest = state.store.latest_articles(PAGE_SIZE as u32 + 1, start, Some(source.id)).await?;
    let (articles, next) = Cursor::page(latest, PAGE_SIZE);
    let ids: Vec<ArticleId> = articles.iter().map(|article| article.id).collect();
    let read = reading::read_among(&state, visitor.as_ref(), &ids).await?;
    let row = row(&source, now);
    layout.html(
        "source.html",
        view! {
            older => before.is_some(),
            search => search_href(&[("source", &source.title)]),
            robots => robots(&state, &source).await?,
            source, row, articles, next, read,
        },
    )
}

#[derive(Debug, Deserialize)]
pub(super) struct SourceParams {
    before: Option<String>,
}

/// What the host's robots.txt says, if it was read.
async fn robots(state: &AppState, source: &Source) -> Result<Value, AppError> {
    let origin = Url::parse(&source.url).map(|url| url.origin().ascii_serialization());
    let stored = match origin {
        Ok(origin) => state.store.robots(&origin).await?,
        Err(_) => None,
    };
    let Some(robots) = stored else { return Ok(Value::from(())) };
    let body: String = robots.body.chars().take(ROBOTS_SHOWN).collect();
    Ok(view! { status => robots.status, fetched => robots.fetched, body })
}

fn row(source: &Source, now: Timestamp) -> Row {
    let health = &source.health;
    let next_try = health.next_try.filter(|_| source.enabled);
    let title = if source.title.trim().is_empty() { &source.url } else { &source.title };
    Row {
        id: source.id,
        title: title.clone(),
        url: source.url.clone(),
        state: badge(source, now),
        last_attempt: health.last_attempt,
        next_try: next_try.filter(|moment| *moment > now),
        due: next_try.is_some_and(|moment| moment <= now),
        newest_entry: health.newest_entry,
        words: health_words(source, now),
    }
}

fn badge(source: &Source, now: Timestamp) -> Badge {
    let badge = |word, icon, class| Badge { word, icon, class };
    match source.health.state {
        HealthState::Gone => badge("gone", "cross", "bad"),
        _ if !source.enabled => badge("off", "hold", "plain"),
        HealthState::Failing => badge("failing", "cross", "bad"),
        HealthState::Repaired => badge("repaired", "warn", "warn"),
        HealthState::Well if silence(source, now).is_some() => badge("silent", "clock", "warn"),
        HealthState::Well => badge("well", "check", "good"),
        HealthState::New => badge("new", "clock", "plain"),
    }
}

/// Trouble first.
fn severity(source: &Source) -> u8 {
    match source.health.state {
        HealthState::Failing => 0,
        HealthState::Gone => 1,
        HealthState::Repaired => 2,
        HealthState::New => 3,
        HealthState::Well => 4,
    }
}
