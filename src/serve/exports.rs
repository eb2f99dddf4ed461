//! What a query finds, in every format: the one place where routes, saved searches and tokens get it from.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    conditional::{self, Streamed},
    error::AppError,
    state::AppState,
};
use crate::{
    domain::slug,
    export::{
        Format, Rows, View, atom,
        feed::{Feed, Post},
        json_feed, opml, rss,
    },
    gather::{GatherError, Selection, Walk},
    search::{Place, Query, SearchError},
};

/// Posts of a feed, where nothing else is asked for.
pub(super) const POSTS: u32 = 50;
/// Posts of a feed at most; older ones are on its next page.
pub(super) const MAX_POSTS: u32 = 500;
/// Articles whose sources make up an OPML file.
const SOURCES_OF: usize = 100_000;
/// Bytes of the query in the name of a file.
const MAX_NAME: usize = 60;

/// What is to be exported, and how it is presented.
#[derive(Debug, Clone)]
pub(super) struct Export {
    pub query: Query,
    pub view: View,
    pub format: Format,
    /// Items at most. Feeds give [`POSTS`] if nothing is said, tables and lines everything.
    pub limit: Option<u32>,
    /// Where to begin, as the page before said.
    pub after: Option<Place>,
    /// Name of what is exported, for people.
    pub title: String,
    /// Its address below the public one, with its query string but without `before`.
    pub path: String,
    /// The same for people, below the public address.
    pub home: String,
}

/// The document, with its media type, `Last-Modified`, and a file name where it is one to be kept.
pub(super) async fn respond(
    state: &AppState,
    headers: &HeaderMap,
    export: Export,
) -> Result<Response, AppError> {
    let publisher = state.publisher();
    if let Some(rows) = Rows::new(export.format, export.view, &publisher) {
        let tag = standing(state, &export).await?;
        if let Some(known) = conditional::not_modified(headers, &tag) {
            return Ok(known);
        }
        return streamed(state, export, rows, tag);
    }
    let (bytes, modified) = match export.format {
        Format::Opml => (source_list(state, &export).await?, None),
        _ => feed_document(state, headers, &export).await?,
    };
    let mut response = typed(&export, bytes.into_response());
    if let Some(modified) = modified.and_then(http_date) {
        response.headers_mut().insert(header::LAST_MODIFIED, modified);
    }
    Ok(response)
}

async fn feed_document(
    state: &AppState,
    headers: &HeaderMap,
    export: &Export,
) -> Result<(Vec<u8>, Option<Timestamp>), AppError> {
    let feed = feed(state, headers, export).await?;
    let bytes = match export.format {
        Format::Rss => rss::write(&feed),
        Format::JsonFeed => json_feed::write(&feed),
        _ => atom::write(&feed),
    };
    Ok((bytes, feed.updated()))
}

/// What is exported, as a feed.
pub(super) async fn feed(
    state: &AppState,
    headers: &HeaderMap,
    export: &Export,
) -> Result<Feed, AppError> {
    let limit = export.limit.unwrap_or(POSTS) as usize;
    let part = state.gatherer().part(&selection(state, export), export.after, limit).await?;
    let base = state.base_url(headers);
    let first = format!("{base}{}", export.path);
    let page = |place: Place| {
        let mark = if first.contains('?') { '&' } else { '?' };
        format!("{first}{mark}before={}-{}", place.newest_s, place.id)
    };
    Ok(Feed {
        id: first.clone(),
        title: export.title.clone(),
        description: match export.view {
            View::Articles => "Articles of the security newswire".to_owned(),
            View::Incidents => "Incidents of the security newswire".to_owned(),
        },
        self_url: export.after.map_or_else(|| first.clone(), page),
        home_url: format!("{base}{}", export.home),
        next_url: part.next.map(page),
        posts: part.items.iter().map(|item| Post::of(item, &base)).collect(),
    })
}

async fn source_list(state: &AppState, export: &Export) -> Result<Vec<u8>, AppError> {
    let sources = state.gatherer().sources(&selection(state, export), SOURCES_OF).await?;
    let sources: Vec<_> = sources.iter().map(opml::as_new).collect();
    Ok(opml::write(&export.title, &sources).into_bytes())
}

fn selection(state: &AppState, export: &Export) -> Selection {
    Selection { query: export.query.clone(), view: export.view, now: state.now() }
}

/// Names what a long document would hold, without making it: what is asked for, and where index, store and incidents
/// stand. Queries that speak of time find other things as time passes: their tag ends with the hour.
async fn standing(state: &AppState, export: &Export) -> Result<HeaderValue, AppError> {
    let Export { query, view, format, limit, after, .. } = export;
    let indexed = state.finder.sequence();
    let stored = state.store.last_sequence().await?;
    let told = state.store.desk_state().await?.turn;
    let query = query.to_string();
    let of_time = ["after:", "before:", "date:"].iter().any(|field| query.contains(field));
    let hour = of_time.then(|| state.now().as_second() / 3_600);
    let version = env!("CARGO_PKG_VERSION");
    let standing = format!(
        "{version} {query} {view:?} {format:?} {limit:?} {after:?} {indexed:?} {stored:?} {told} {hour:?}"
    );
    let tag = conditional::weak_tag(standing.as_bytes());
    HeaderValue::from_str(&tag).map_err(|error| AppError::Internal(error.to_string()))
}

/// The document in parts, as they are read: however long it is, a batch is in memory.
fn streamed(
    state: &AppState,
    export: Export,
    rows: Rows,
    tag: HeaderValue,
) -> Result<Response, AppError> {
    let permit = state.export_permit().ok_or(AppError::Search(SearchError::Busy))?;
    let walk = state.gatherer().walk(selection(state, &export), export.after);
    let left = export.limit.map_or(usize::MAX, |limit| limit as usize);
    let parts = Parts { walk, rows, left, stage: Stage::Begin, _permit: permit };
    let body = Body::from_stream(stream::try_unfold(parts, next_part));
    let mut response = typed(&export, body.into_response());
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(conditional::NO_CACHE);
    response.extensions_mut().insert(Streamed);
    Ok(response)
}

/// A document on its way.
struct Parts {
    walk: Walk,
    rows: Rows,
    /// Items that may still be given.
    left: usize,
    stage: Stage,
    _permit: OwnedSemaphorePermit,
}

enum Stage {
    Begin,
    Items,
    Ended,
}

async fn next_part(mut parts: Parts) -> Result<Option<(Bytes, Parts)>, GatherError> {
    let mut out = Vec::new();
    match parts.stage {
        Stage::Begin => {
            parts.rows.begin(&mut out);
            parts.stage = Stage::Items;
        }
        Stage::Items => {}
        Stage::Ended => return Ok(None),
    }
    let items = if parts.left == 0 { None } else { parts.walk.next().await? };
    let Some(items) = items else {
        parts.rows.end(&mut out);
        parts.stage = Stage::Ended;
        return Ok(Some((out.into(), parts)));
    };
    for item in items.iter().take(parts.left) {
        parts.rows.item(item, &mut out);
    }
    parts.left = parts.left.saturating_sub(items.len());
    Ok(Some((out.into(), parts)))
}

/// Says what the document is, and what to call it where it is kept.
fn typed(export: &Export, mut response: Response) -> Response {
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static(export.format.media_type());
    headers.insert(header::CONTENT_TYPE, media_type);
    if !export.format.is_feed() {
        let name = format!("attachment; filename=\"{}\"", file_name(export));
        if let Ok(name) = HeaderValue::from_str(&name) {
            headers.insert(header::CONTENT_DISPOSITION, name);
        }
    }
    response
}

/// Such as `siftwire-ransomware-lang-de-incidents.csv`: letters that every file system has.
fn file_name(export: &Export) -> String {
    let mut name = slug(&export.query.to_string().replace(|c: char| !c.is_ascii(), " "));
    name.truncate(MAX_NAME);
    let parts = [
        "siftwire",
        name.trim_end_matches('-'),
        match export.view {
            View::Articles => "",
            View::Incidents => "incidents",
        },
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}.{}", parts.join("-"), export.format.extension())
}

/// RFC 9110 section 5.6.7.
fn http_date(moment: Timestamp) -> Option<HeaderValue> {
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&moment);
    text.ok().and_then(|text| HeaderValue::from_str(&text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::parse_query;

    #[test]
    fn files_have_plain_names() {
        let name = |query: &str, view, format| {
            let query = parse_query(query).expect("a query");
            let (title, path, home) = (String::new(), String::new(), String::new());
            file_name(&Export { query, view, format, limit: None, after: None, title, path, home })
        };
        assert_eq!(name("", View::Articles, Format::Csv), "siftwire.csv");
        assert_eq!(
            name("\"a/../b\" lang:de", View::Incidents, Format::Ndjson),
            "siftwire-a-b-lang-de-incidents.ndjson"
        );
        assert_eq!(name("東京", View::Articles, Format::Opml), "siftwire.opml");
        assert!(name(&"long ".repeat(60), View::Articles, Format::Csv).len() < 80);
    }
}
