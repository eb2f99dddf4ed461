//! The search page.

mod links;
mod when;

use axum::{
    extract::{Query as Parameters, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use minijinja::Value;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Attack, country_name},
    export::{Format, View},
    search::{
        Facet, Hit, Query, QueryError, SearchOptions, SearchResults, SortOrder, parse_query,
        query::{Field, Filter},
    },
    serve::{
        error::AppError,
        found::{self, Tag},
        layout::Layout,
        state::AppState,
        templates::view,
        words,
    },
};

pub(crate) use links::{export_href, query_href, search_href, view_href};

/// Hits on a page.
const HITS: usize = 20;
/// Pages that can be turned; beyond, dates narrow better.
const MAX_PAGES: usize = 100;
/// Values of a facet that are shown.
const FACET_VALUES: usize = 12;

/// Changes the index may be behind before the page says so; a few are applied within a second.
const WORTH_TELLING: i64 = 100;

/// What the address carries. `after` and `before` come from the date fields and are put into the query.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Params {
    #[serde(default)]
    q: String,
    sort: Option<String>,
    page: Option<usize>,
    /// `incidents` shows what articles tell of instead of the articles.
    view: Option<String>,
    after: Option<String>,
    before: Option<String>,
}

/// The page of a list, in numbers for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct PageNumbers {
    pub page: usize,
    pub pages: usize,
    pub offset: usize,
    pub first: usize,
    pub last: usize,
    pub total: usize,
}

/// A filter in use, with the way to remove it.
#[derive(Debug, Serialize)]
struct Chip {
    name: String,
    value: String,
    href: String,
}

/// A facet as links.
#[derive(Debug, Serialize)]
struct Choice {
    name: &'static str,
    values: Vec<ChoiceValue>,
}

#[derive(Debug, Serialize)]
struct ChoiceValue {
    label: String,
    count: u64,
    chosen: bool,
    href: String,
}

/// A hit with what the page adds to it.
#[derive(Debug, Serialize)]
struct ShownHit {
    #[serde(flatten)]
    hit: Hit,
    source_href: String,
    attack: Option<Tag>,
    chips: Vec<found::Chip>,
}

/// Where a wrong query stops making sense, in three pieces.
#[derive(Debug, Serialize)]
struct Mistake {
    message: String,
    /// Counted from 1.
    position: usize,
    before: String,
    wrong: String,
    after: String,
}

/// `GET /search`
pub(super) async fn get(
    State(state): State<AppState>,
    Parameters(params): Parameters<Params>,
    layout: Layout,
) -> Result<Response, AppError> {
    let sort = sort_of(params.sort.as_deref())?;
    let query = match parse_query(&params.q) {
        Ok(query) => query,
        Err(error) => return wrong_query(&layout, &params.q, &error),
    };
    if params.after.is_some() || params.before.is_some() {
        return redirect_to_dates(&query, sort, &params);
    }
    found(&state, &layout, query, &params, sort).await
}

async fn found(
    state: &AppState,
    layout: &Layout,
    query: Query,
    params: &Params,
    sort: Option<SortOrder>,
) -> Result<Response, AppError> {
    let now = state.now();
    let page = params.page.unwrap_or(1).clamp(1, MAX_PAGES);
    let options = SearchOptions {
        limit: HITS,
        offset: (page - 1) * HITS,
        sort,
        facets: true,
        histogram: true,
        snippets: true,
        now,
    };
    let results = state.finder.search(query.clone(), options).await?;
    let span = when::chosen_span(&query, now);
    let histogram = match span {
        Some(_) => undated_histogram(state, &query, now).await?,
        None => results.histogram.clone(),
    };
    let view = params.view.as_deref().and_then(View::from_name).unwrap_or_default();
    let by_incident = by_incident(state, &query, view, page).await?;
    let (from, to) = when::fields(span);
    let lag = state.store.last_sequence().await?.0 - state.finder.sequence().0;
    let counts = state.store.counts().await?;
    let pages = page_numbers(Some(page), results.total.min(MAX_PAGES * HITS), HITS);
    let html = layout.html(
        "search.html",
        view! {
            q => params.q,
            asked => !query.is_empty(),
            sort => links::sort_name(sort.or(query.sort).unwrap_or_default()),
            chips => chips(&query, sort),
            clear => links::href(&without_filters(&query), sort, 1),
            when => when::draw(&query, sort, &histogram, span),
            from, to,
            choices => choices(&query, sort, &results.facets),
            total => results.total,
            hits => shown_hits(results.hits),
            did_you_mean => results.did_you_mean.as_deref().map(suggestion),
            previous => (pages.page > 1).then(|| links::href(&query, sort, pages.page - 1)),
            next => (pages.page < pages.pages).then(|| links::href(&query, sort, pages.page + 1)),
            pages,
            by_article_href => links::href(&query, sort, 1),
            by_incident_href => format!("{}&view=incidents", links::href(&query, sort, 1)),
            by_incident,
            exports => exports(&query, view),
            save_href => links::save_href(&query, view),
            empty_store => counts.articles == 0,
            lag => Some(lag).filter(|lag| *lag > WORTH_TELLING),
            mistake => Value::from(()),
        },
    )?;
    Ok(html.into_response())
}

/// The search in one format.
#[derive(Debug, Serialize)]
struct Offer {
    label: &'static str,
    /// Without parameters, as HTML wants it.
    media_type: &'static str,
    href: String,
    is_feed: bool,
}

fn exports(query: &Query, view: View) -> Vec<Offer> {
    let offer = |format: Format| Offer {
        label: format.label(),
        media_type: format.media_type().split(';').next().unwrap_or_default(),
        href: export_href(query, view, format),
        is_feed: format.is_feed(),
    };
    Format::documents().map(offer).collect()
}

/// What the matches tell of, a page of it.
#[derive(Debug, Serialize)]
struct ByIncident {
    items: Vec<found::Item>,
    pages: PageNumbers,
    previous: Option<String>,
    next: Option<String>,
}

async fn by_incident(
    state: &AppState,
    query: &Query,
    view: View,
    page: usize,
) -> Result<Option<ByIncident>, AppError> {
    if view != View::Incidents {
        return Ok(None);
    }
    let found = state.finder.incidents(query.clone(), state.now()).await?;
    let pages = page_numbers(Some(page), found.len().min(MAX_PAGES * HITS), HITS);
    let shown = found.iter().skip(pages.offset).take(HITS);
    let ids: Vec<_> = shown.map(|one| one.id).collect();
    let incidents = state.store.incidents(&ids).await?;
    let href = |page| format!("{}&view=incidents", links::href(query, None, page));
    Ok(Some(ByIncident {
        items: found::items(state, incidents).await?,
        previous: (pages.page > 1).then(|| href(pages.page - 1)),
        next: (pages.page < pages.pages).then(|| href(pages.page + 1)),
        pages,
    }))
}

/// The spread over all dates, so that a chosen span is seen as a part of it.
async fn undated_histogram(
    state: &AppState,
    query: &Query,
    now: Timestamp,
) -> Result<Vec<crate::search::HistogramBucket>, AppError> {
    let options = SearchOptions {
        limit: 0,
        offset: 0,
        sort: None,
        facets: false,
        histogram: true,
        snippets: false,
        now,
    };
    let SearchResults { histogram, .. } =
        state.finder.search(when::undated(query), options).await?;
    Ok(histogram)
}

/// A full page, with status 400, that shows where the query stops making sense.
fn wrong_query(layout: &Layout, text: &str, error: &QueryError) -> Result<Response, AppError> {
    let html = layout.html(
        "search.html",
        view! {
            q => text,
            asked => true,
            sort => "relevance",
            mistake => mistake(text, error),
        },
    )?;
    Ok((StatusCode::BAD_REQUEST, html).into_response())
}

fn mistake(text: &str, error: &QueryError) -> Mistake {
    let pick = |from: usize, until: usize| text.chars().skip(from).take(until - from).collect();
    let length = text.chars().count();
    let start = error.start_char.min(length);
    let end = error.end_char.clamp(start, length);
    Mistake {
        message: error.to_string(),
        position: start + 1,
        before: pick(0, start),
        wrong: pick(start, end),
        after: pick(end, length),
    }
}

/// The date fields become part of the query, so that the address says all.
fn redirect_to_dates(
    query: &Query,
    sort: Option<SortOrder>,
    params: &Params,
) -> Result<Response, AppError> {
    let from = params.after.as_deref().unwrap_or_default().trim();
    let to = params.before.as_deref().unwrap_or_default().trim();
    let narrowed = when::narrowed(query, from, to).ok_or_else(|| AppError::Parameter {
        name: "after and before",
        detail: "write dates as 2026-11-23".to_owned(),
    })?;
    let target = Redirect::to(&links::href(&narrowed, sort, 1));
    Ok(([(header::CACHE_CONTROL, "no-store")], target).into_response())
}

fn sort_of(name: Option<&str>) -> Result<Option<SortOrder>, AppError> {
    match name {
        None | Some("") => Ok(None),
        Some("relevance") => Ok(Some(SortOrder::Relevance)),
        Some("date") => Ok(Some(SortOrder::Date)),
        Some(_) => {
            let detail = "write relevance or date".to_owned();
            Err(AppError::Parameter { name: "sort", detail })
        }
    }
}

fn chips(query: &Query, sort: Option<SortOrder>) -> Vec<Chip> {
    let chip = |filter: Filter| {
        let name = filter.field.to_string();
        Chip {
            href: links::href(&query.without_filter(&name), sort, 1),
            value: value_label(filter.field, &filter.value),
            name: field_label(filter.field).to_owned(),
        }
    };
    query.filters().into_iter().map(chip).collect()
}

fn without_filters(query: &Query) -> Query {
    query
        .filters()
        .iter()
        .fold(query.clone(), |query, filter| query.without_filter(&filter.field.to_string()))
}

fn choices(query: &Query, sort: Option<SortOrder>, facets: &[Facet]) -> Vec<Choice> {
    let filters = query.filters();
    facets.iter().filter_map(|facet| choice(query, sort, facet, &filters)).collect()
}

fn choice(
    query: &Query,
    sort: Option<SortOrder>,
    facet: &Facet,
    filters: &[Filter],
) -> Option<Choice> {
    let field = Field::from_name(facet.field)?;
    let values = facet.values.iter().take(FACET_VALUES).filter_map(|value| {
        let chosen =
            filters.iter().any(|filter| filter.field == field && filter.value == value.value);
        let target = if chosen {
            query.without_filter(facet.field)
        } else {
            query.with_filter(facet.field, &value.value).ok()?
        };
        Some(ChoiceValue {
            label: value_label(field, &value.value),
            count: value.count,
            chosen,
            href: links::href(&target, sort, 1),
        })
    });
    let values: Vec<_> = values.collect();
    let name = if facet.field == "month" { "month" } else { field_label(field) };
    (!values.is_empty()).then_some(Choice { name, values })
}

/// A field's name in words.
fn field_label(field: Field) -> &'static str {
    match field {
        Field::Language => "language",
        Field::Url => "address",
        Field::Indicator => "indicator",
        Field::Kev => "exploited",
        Field::Cve => "CVE",
        other => other.spec().name,
    }
}

/// A field's value in words.
fn value_label(field: Field, value: &str) -> String {
    match field {
        Field::Language => words::language(value).to_owned(),
        Field::Attack => Attack::from_name(value)
            .map_or_else(|| value.to_owned(), |attack| attack.label().to_owned()),
        Field::Country => country_name(value).unwrap_or(value).to_owned(),
        Field::Date => month_name(value).unwrap_or_else(|| value.to_owned()),
        _ => value.to_owned(),
    }
}

/// `2026-11` as `November 2026`.
fn month_name(value: &str) -> Option<String> {
    let first: jiff::civil::Date = format!("{value}-01").parse().ok()?;
    Some(first.strftime("%B %Y").to_string())
}

fn shown_hits(hits: Vec<Hit>) -> Vec<ShownHit> {
    let shown = |hit: Hit| ShownHit {
        source_href: search_href(&[("source", &hit.source)]),
        attack: hit.main_attack.map(found::tag),
        chips: hit.names.iter().map(|(kind, name)| found::named_chip(*kind, name)).collect(),
        hit,
    };
    hits.into_iter().map(shown).collect()
}

fn suggestion(text: &str) -> Value {
    let href = parse_query(text).map(|query| links::href(&query, None, 1));
    view! { text, href => href.unwrap_or_else(|_| "/search".to_owned()) }
}

/// Which rows a page shows; a page beyond the last shows the last.
pub(super) fn page_numbers(page: Option<usize>, total: usize, size: usize) -> PageNumbers {
    let pages = total.div_ceil(size).max(1);
    let page = page.unwrap_or(1).clamp(1, pages);
    let offset = (page - 1) * size;
    PageNumbers {
        page,
        pages,
        offset,
        first: if total == 0 { 0 } else { offset + 1 },
        last: (offset + size).min(total),
        total,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_query_is_marked_where_it_is_wrong() {
        let text = "über \"leak";
        let error = parse_query(text).expect_err("an open quote");
        let mistake = mistake(text, &error);
        assert_eq!(mistake.position, 6);
        assert_eq!(format!("{}{}{}", mistake.before, mistake.wrong, mistake.after), text);
    }

    #[test]
    fn pages_are_counted_for_people() {
        let numbers = |page, total| {
            let found = page_numbers(Some(page), total, 20);
            (found.page, found.pages, found.first, found.last)
        };
        assert_eq!(numbers(1, 0), (1, 1, 0, 0));
        assert_eq!(numbers(2, 45), (2, 3, 21, 40));
        assert_eq!(numbers(9, 45), (3, 3, 41, 45));
    }

    #[test]
    fn filters_can_be_removed_one_by_one() {
        let query = parse_query("leak source:\"A blog\" lang:de").expect("query");
        let chips = chips(&query, None);
        assert_eq!(chips[0].href, "/search?q=leak+lang%3Ade");
        assert_eq!((chips[1].name.as_str(), chips[1].value.as_str()), ("language", "German"));
        assert_eq!(without_filters(&query).to_string(), "leak");
    }
}
