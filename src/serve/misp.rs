//! The MISP feed of a saved search, or of everything (`all`): `/misp/our-vendors/manifest.json`, and with a token in the
//! address `/feeds/TOKEN/misp/manifest.json`.
//!
//! A feed holds the incidents of the last 90 days, unless its query says otherwise. Its lists are made at most once a
//! minute, whoever asks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    error::AppError,
    saved,
    state::AppState,
    visitor::{ClientAddress, Visitor},
};
use crate::{
    domain::{IncidentId, SavedSearch, SearchView},
    export::{
        Item, Publisher,
        misp::{Event, Lists},
    },
    gather::{Gatherer, Selection},
    search::{Query, SearchError, parse_query, query::Field},
};

/// The feed of everything.
pub(super) const EVERYTHING: &str = "all";
/// How far back a feed goes whose query does not say.
const WINDOW: &str = "90d";
/// For so long lists are given again.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// Incidents of one feed.
const MAX_EVENTS: usize = 20_000;
/// Feeds whose lists are kept.
const MAX_KEPT: usize = 64;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/misp/{name}/{file}", get(for_readers))
        .route("/feeds/{token}/misp/{file}", get(with_token))
}

/// Lists made lately, by query.
#[derive(Default)]
pub(super) struct MispFeeds {
    kept: Mutex<HashMap<String, Arc<Feed>>>,
}

/// The lists of a feed.
struct Feed {
    made: Timestamp,
    manifest: Bytes,
    hashes: Bytes,
    incidents: HashMap<Uuid, IncidentId>,
}

async fn for_readers(
    State(state): State<AppState>,
    Visitor(person): Visitor,
    Path((name, file)): Path<(String, String)>,
) -> Result<Response, AppError> {
    let query = match name.as_str() {
        EVERYTHING => Query::everything(),
        name => parse_query(&saved::readable(&state, person.as_ref(), name).await?.query)?,
    };
    answer(&state, query, &file).await
}

async fn with_token(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Path((token, file)): Path<(String, String)>,
) -> Result<Response, AppError> {
    let SavedSearch { query, .. } = saved::by_token(&state, &token, address).await?;
    let mut response = answer(&state, parse_query(&query)?, &file).await?;
    let private = HeaderValue::from_static("private, no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, private);
    Ok(response)
}

async fn answer(state: &AppState, query: Query, file: &str) -> Result<Response, AppError> {
    let feed = feed(state, &windowed(query)?).await?;
    match file {
        "manifest.json" => Ok(typed("application/json", feed.manifest.clone())),
        "hashes.csv" => Ok(typed("text/csv; charset=utf-8", feed.hashes.clone())),
        _ => event(state, &feed, file).await,
    }
}

fn typed(media_type: &'static str, bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], bytes).into_response()
}

/// The file of one event of the feed.
async fn event(state: &AppState, feed: &Feed, file: &str) -> Result<Response, AppError> {
    let uuid = file.strip_suffix(".json").and_then(|name| name.parse().ok());
    let missing = || AppError::NotFound("event");
    let id = uuid.and_then(|uuid: Uuid| feed.incidents.get(&uuid)).ok_or_else(missing)?;
    let items = state.gatherer().incidents(&[*id]).await?;
    let item = items.first().ok_or_else(missing)?;
    let event = Event::of(&state.publisher(), item);
    Ok(typed("application/json", event.json().into()))
}

/// The query within the window, unless it says itself since when.
pub(super) fn windowed(query: Query) -> Result<Query, AppError> {
    let says = |field| matches!(field, Field::After | Field::Date);
    if query.filters().iter().any(|filter| says(filter.field)) {
        return Ok(query);
    }
    Ok(query.with_filter("after", WINDOW)?)
}

/// The lists of a feed, made anew where those kept are no longer fresh.
async fn feed(state: &AppState, query: &Query) -> Result<Arc<Feed>, AppError> {
    let now = state.now();
    let key = query.to_string();
    if let Some(kept) = state.misp.fresh(&key, now) {
        return Ok(kept);
    }
    let _permit = state.export_permit().ok_or(SearchError::Busy)?;
    let selection = Selection { query: query.clone(), view: SearchView::Incidents, now };
    let made = Arc::new(make(&state.gatherer(), &state.publisher(), selection).await?);
    state.misp.keep(key, made.clone());
    Ok(made)
}

async fn make(
    gatherer: &Gatherer,
    publisher: &Publisher,
    selection: Selection,
) -> Result<Feed, AppError> {
    let made = selection.now;
    let mut lists = Lists::default();
    let mut incidents = HashMap::new();
    let mut walk = gatherer.walk(selection, None);
    while let Some(items) = walk.next().await? {
        for item in items {
            let Item::Incident(item) = item else { continue };
            let event = Event::of(publisher, &item);
            lists.add(&event);
            incidents.insert(event.uuid(), item.incident.id);
        }
        if incidents.len() >= MAX_EVENTS {
            break;
        }
    }
    let hashes = Bytes::copy_from_slice(lists.hashes());
    Ok(Feed { made, manifest: lists.manifest().into(), hashes, incidents })
}

impl MispFeeds {
    fn fresh(&self, key: &str, now: Timestamp) -> Option<Arc<Feed>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|feed| now.duration_since(feed.made) < FRESH).cloned()
    }

    fn keep(&self, key: String, feed: Arc<Feed>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            let oldest = kept.iter().min_by_key(|(_, feed)| feed.made).map(|(key, _)| key.clone());
            oldest.and_then(|key| kept.remove(&key));
        }
        kept.insert(key, feed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_have_a_window_unless_the_query_has_one() {
        let windowed = |text: &str| {
            windowed(parse_query(text).expect("a query")).expect("a query").to_string()
        };
        assert_eq!(windowed(""), "after:90d");
        assert_eq!(windowed("attack:ransomware"), "attack:ransomware after:90d");
        assert_eq!(windowed("after:7d"), "after:7d");
    }
}
