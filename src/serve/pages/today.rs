use axum::{
    extract::{Query as Parameters, State},
    response::Html,
};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use super::{PAGE_SIZE, health_words, search_href};
use crate::{
    domain::{
        ArticleId, ArticleSummary, EntityKind, HealthState, Incident, Source, SourceId, SubjectKind,
    },
    search::{FacetValue, Query, SearchOptions},
    serve::{
        chart::{self, Bar},
        cursor::Cursor,
        error::AppError,
        found,
        layout::Layout,
        reading,
        state::AppState,
        templates::view,
        visitor::Visitor,
        words,
    },
    store::Counts,
};

const HOUR: i64 = 3_600;
/// Sources listed beside the articles.
const ASIDE: usize = 6;
/// Incidents that are ranked, and those that are shown.
const CONSIDERED: u32 = 60;
const RANKED: usize = 8;
/// Hours after which an incident weighs half.
const HALF_AS_FRESH_H: f64 = 24.0;
/// Names of each kind that are shown as rising, and weeks drawn of each.
const RISING: u32 = 3;
const WEEKS: u32 = 12;

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    before: Option<String>,
}

/// Something that is named often this week.
#[derive(Debug, Serialize)]
struct Rising {
    role: &'static str,
    chip: found::Chip,
    count: u64,
    spark: chart::Spark,
}

/// Articles of one day.
#[derive(Debug, Serialize)]
struct Day {
    name: String,
    hint: String,
    articles: Vec<ArticleSummary>,
}

/// Articles per hour, drawn.
#[derive(Debug, Serialize)]
struct Hours {
    label: String,
    bars: Vec<Bar>,
    axis: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Busy {
    name: String,
    count: u64,
    href: String,
}

#[derive(Debug, Serialize)]
struct Trouble {
    id: SourceId,
    title: String,
    words: String,
}

/// `GET /`: the day as an instrument strip, and the latest articles by day.
pub(super) async fn get(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    Parameters(params): Parameters<Params>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let now = state.now();
    let before = params.before.as_deref().map(|text| Cursor::parse("before", text)).transpose()?;
    let start = before.map(|Cursor(moment, id)| (moment, id));
    let latest = state.store.latest_articles(PAGE_SIZE as u32 + 1, start, None).await?;
    let (articles, next) = Cursor::page(latest, PAGE_SIZE);
    let ids: Vec<ArticleId> = articles.iter().map(|article| article.id).collect();
    let read = reading::read_among(&state, visitor.as_ref(), &ids).await?;
    let counts = state.store.counts().await?;
    let hourly = state.store.article_histogram(end_of_hour(now), HOUR, 24).await?;
    layout.html(
        "today.html",
        view! {
            older => before.is_some(),
            today => words::long_day(words::civil(now)),
            read,
            counts,
            day_total => hourly.iter().sum::<u64>(),
            hours => draw(&hourly, now),
            days => by_day(articles, words::civil(now)),
            next,
            incidents => if before.is_none() { ranked(&state, now).await? } else { Vec::new() },
            rising => if before.is_none() { rising(&state, now).await? } else { Vec::new() },
            busiest => busiest(&state, now).await?,
            trouble => trouble(&state, &counts, now).await?,
        },
    )
}

fn end_of_hour(now: Timestamp) -> Timestamp {
    let seconds = now.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(HOUR) + HOUR).unwrap_or(now)
}

fn draw(hourly: &[u64], now: Timestamp) -> Hours {
    let first = end_of_hour(now).as_second() - HOUR * hourly.len() as i64;
    let hour = |place: usize| {
        let moment = Timestamp::from_second(first + HOUR * place as i64).unwrap_or(now);
        words::format(moment, "%H:00")
    };
    let peak =
        (0..hourly.len()).max_by_key(|place| hourly[*place]).filter(|place| hourly[*place] > 0);
    let label = match peak {
        Some(peak) => {
            format!(
                "New articles in each of the last 24 hours; most, {}, from {}",
                hourly[peak],
                hour(peak)
            )
        }
        None => "No new articles in the last 24 hours".to_owned(),
    };
    let quarter = hourly.len() / 4;
    let axis = (0..4).map(|mark| hour(mark * quarter)).chain(["now".to_owned()]).collect();
    Hours { label, bars: chart::bars(hourly), axis }
}

fn by_day(articles: Vec<ArticleSummary>, today: Date) -> Vec<Day> {
    let mut days: Vec<(Date, Vec<ArticleSummary>)> = Vec::new();
    for article in articles {
        let date = words::civil(article.published);
        match days.last_mut() {
            Some((last, list)) if *last == date => list.push(article),
            _ => days.push((date, vec![article])),
        }
    }
    days.into_iter().map(|(date, articles)| day(date, articles, today)).collect()
}

fn day(date: Date, articles: Vec<ArticleSummary>, today: Date) -> Day {
    let yesterday = today.checked_sub(1.day()).unwrap_or(today);
    let long = if date.year() == today.year() {
        words::long_day(date)
    } else {
        date.strftime("%A, %-d %B %Y").to_string()
    };
    let (name, hint) = match date {
        date if date == today => ("Today".to_owned(), words::long_day(date)),
        date if date == yesterday => ("Yesterday".to_owned(), words::long_day(date)),
        _ => (long, String::new()),
    };
    Day { name, hint, articles }
}

/// The incidents that matter most now, by how many sources tell of them and how fresh they are.
async fn ranked(state: &AppState, now: Timestamp) -> Result<Vec<found::Item>, AppError> {
    let mut incidents = state.store.latest_incidents(CONSIDERED, None).await?;
    let weight = |incident: &Incident| {
        let age_h = (now.as_second() - incident.last_seen.as_second()).max(0) as f64 / HOUR as f64;
        f64::from(incident.source_count) / (1.0 + age_h / HALF_AS_FRESH_H)
    };
    incidents.sort_by(|left, right| weight(right).total_cmp(&weight(left)));
    incidents.truncate(RANKED);
    found::items(state, incidents).await
}

/// What is named more often this week, with its last twelve.
async fn rising(state: &AppState, now: Timestamp) -> Result<Vec<Rising>, AppError> {
    let kinds = [EntityKind::Vendor, EntityKind::Actor, EntityKind::Malware].map(SubjectKind::from);
    let week_ago = now - (7 * 24).hours();
    let top = state.store.top_subjects(&kinds, week_ago, now, RISING).await?;
    let mut rising = Vec::with_capacity(top.len());
    for kind in kinds {
        for one in top.iter().filter(|one| one.subject.kind == kind) {
            let (kind, slug) = (one.subject.kind, one.subject.slug.as_str());
            let weeks = state.store.subject_timeline(kind, slug, now, 7 * 24 * HOUR, WEEKS).await?;
            rising.push(Rising {
                role: found::role_of(kind),
                chip: found::chip(&one.subject),
                count: one.articles,
                spark: chart::spark(&weeks),
            });
        }
    }
    Ok(rising)
}

/// The sources with most articles of the last seven days.
async fn busiest(state: &AppState, now: Timestamp) -> Result<Vec<Busy>, AppError> {
    let week = Query::everything().with_filter("after", "7d")?;
    let options = SearchOptions {
        limit: 0,
        offset: 0,
        sort: None,
        facets: true,
        histogram: false,
        snippets: false,
        now,
    };
    let facets = state.finder.search(week, options).await?.facets;
    let sources = facets.into_iter().filter(|facet| facet.field == "source");
    let busy = |value: FacetValue| Busy {
        href: search_href(&[("source", &value.value), ("after", "7d")]),
        name: value.value,
        count: value.count,
    };
    Ok(sources.flat_map(|facet| facet.values).take(ASIDE).map(busy).collect())
}

/// Sources that fail, the longest first.
async fn trouble(
    state: &AppState,
    counts: &Counts,
    now: Timestamp,
) -> Result<Vec<Trouble>, AppError> {
    if counts.sources_well == counts.sources {
        return Ok(Vec::new());
    }
    let mut failing = state.store.sources().await?;
    failing.retain(|source| {
        source.enabled && matches!(source.health.state, HealthState::Failing | HealthState::Gone)
    });
    failing.sort_by_key(|source| std::cmp::Reverse(source.health.failures));
    let tell = |source: &Source| Trouble {
        id: source.id,
        title: source.title.clone(),
        words: health_words(source, now),
    };
    Ok(failing.iter().take(ASIDE).map(tell).collect())
}
