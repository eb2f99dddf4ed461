//! Serves the demo's sites on loopback, one port each, with validators and conditional answers.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, tz::TimeZone};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::site::{Page, Pages};

/// Shown where a link of the scenery leads nowhere.
const SCENERY: &str = "<!DOCTYPE html><title>Scenery</title><p>This part of the demo site is painted scenery: \
                       there is nothing behind it. <a href=\"/\">Back to the front page</a>.</p>";

/// Binds `127.0.0.1:port`, or a free port if that one is taken or 0.
pub(super) async fn bind(port: u16) -> std::io::Result<TcpListener> {
    match TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await,
    }
}

/// Answers requests in the background until `shutdown`.
pub(super) fn serve(listener: TcpListener, pages: Pages, shutdown: CancellationToken) {
    let router = Router::new().fallback(answer).with_state(Arc::new(pages));
    tokio::spawn(async move {
        let serving = axum::serve(listener, router)
            .with_graceful_shutdown(async move { shutdown.cancelled().await });
        if let Err(error) = serving.await {
            tracing::warn!(%error, "a demo site stopped");
        }
    });
}

async fn answer(State(pages): State<Arc<Pages>>, uri: Uri, headers: HeaderMap) -> Response {
    let whole = uri.path_and_query().map_or("/", |part| part.as_str());
    match pages.get(whole).or_else(|| pages.get(uri.path())) {
        Some(page) => page_answer(page, &headers),
        None => {
            (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/html")], SCENERY).into_response()
        }
    }
}

fn page_answer(page: &Page, asked: &HeaderMap) -> Response {
    let modified = page.modified.map(http_date).unwrap_or_default();
    let status =
        if is_fresh(page, &modified, asked) { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let body = match status {
        StatusCode::OK => Body::from(page.body.clone()),
        _ => Body::empty(),
    };
    let headers = [
        (header::CONTENT_TYPE, page.content_type.to_owned()),
        (header::ETAG, page.etag.clone()),
        (header::LAST_MODIFIED, modified),
        (header::CACHE_CONTROL, "max-age=300".to_owned()),
    ];
    (status, headers, body).into_response()
}

/// RFC 9110 section 13.2.2: a tag decides where there is one, a date otherwise.
fn is_fresh(page: &Page, modified: &str, asked: &HeaderMap) -> bool {
    let value = |name| asked.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    match value(header::IF_NONE_MATCH) {
        Some(tags) => tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == page.etag),
        None => value(header::IF_MODIFIED_SINCE).is_some_and(|date| date == modified),
    }
}

fn http_date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
