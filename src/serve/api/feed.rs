use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::Deserialize;

use super::parameters::Params;
use crate::{
    domain::{Article, ArticleId},
    export::atom::{self, AtomEntry, AtomFeed},
    search::{Query, SearchOptions, SortOrder, parse_query},
    serve::{error::AppError, pages, state::AppState},
};

/// Entries of a feed.
const ENTRIES: usize = 50;
/// Characters of the summary, where the page gave none.
const SUMMARY: usize = 400;

#[derive(Debug, Deserialize)]
pub(super) struct FeedParams {
    #[serde(default)]
    q: String,
}

/// `GET /search.atom`: the newest articles that a query finds.
pub(super) async fn get(
    State(state): State<AppState>,
    Params(params): Params<FeedParams>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let query = parse_query(&params.q)?;
    let articles = newest(&state, &query).await?;
    let feed = feed(&state.base_url(&headers), &query, &articles);
    let modified = http_date(feed.updated);
    let mut response = atom::write(&feed).into_response();
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_static("application/atom+xml; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, content_type);
    if let Some(modified) = modified.filter(|_| !articles.is_empty()) {
        headers.insert(header::LAST_MODIFIED, modified);
    }
    Ok(response)
}

async fn newest(state: &AppState, query: &Query) -> Result<Vec<Article>, AppError> {
    let options = SearchOptions {
        limit: ENTRIES,
        offset: 0,
        sort: Some(SortOrder::Date),
        facets: false,
        histogram: false,
        snippets: false,
        now: state.now(),
    };
    let results = state.finder.search(query.clone(), options).await?;
    let ids: Vec<ArticleId> = results.hits.iter().map(|hit| hit.id).collect();
    Ok(state.store.articles(&ids).await?)
}

fn feed(base: &str, query: &Query, articles: &[Article]) -> AtomFeed {
    let self_url = format!("{base}{}", pages::atom_href(query));
    let asked = query.to_string();
    AtomFeed {
        id: self_url.clone(),
        title: if query.is_empty() {
            "siftwire".to_owned()
        } else {
            format!("{asked} · siftwire")
        },
        subtitle: Some("Articles of the security newswire".to_owned()),
        self_url,
        alternate_url: format!("{base}{}", pages::query_href(query)),
        updated: articles.iter().map(|article| article.last_changed).max().unwrap_or_default(),
        entries: articles.iter().map(entry).collect(),
    }
}

fn entry(article: &Article) -> AtomEntry {
    AtomEntry {
        id: article.url.clone(),
        title: article.title.clone(),
        url: article.url.clone(),
        published: article.published,
        updated: article.last_changed,
        authors: article.authors.clone(),
        source: article.source.clone(),
        language: article.language.clone(),
        summary: summary(article),
        tags: article.tags.clone(),
    }
}

/// The page's own description, else the beginning of the text.
fn summary(article: &Article) -> Option<String> {
    let described = article.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if let Some(described) = described {
        return Some(described.to_owned());
    }
    let mut start: String = article.text.chars().take(SUMMARY).collect();
    if article.text.chars().nth(SUMMARY).is_some() {
        start.push('…');
    }
    (!start.is_empty()).then_some(start)
}

/// RFC 9110 section 5.6.7.
fn http_date(moment: Timestamp) -> Option<HeaderValue> {
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&moment);
    text.ok().and_then(|text| HeaderValue::from_str(&text).ok())
}
