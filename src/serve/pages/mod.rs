//! Pages for people.

mod account;
mod alerts;
mod article;
mod exports;
mod help;
mod incident;
mod login;
mod search;
mod site;
mod sources;
mod starred;
mod subject;
mod theme;
mod today;

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::{HeaderValue, header, request::Parts},
    routing::{get, post},
};
use tower_http::set_header::SetResponseHeaderLayer;

use super::{error::AppError, state::AppState};
use crate::{
    domain::{HealthState, Source},
    serve::words,
};

pub(super) use search::{export_href, query_href, search_href, view_href};

/// Articles on a page of a list.
const PAGE_SIZE: usize = 30;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(today::get))
        .route("/search", get(search::get))
        .route("/articles/{id}", get(article::get))
        .route("/articles/{id}/mark", post(starred::mark))
        .route("/starred", get(starred::list))
        .route("/incidents", get(incident::list))
        .route("/incidents/{id}", get(incident::get))
        .route("/incidents/{id}/split", post(incident::split))
        .route("/incidents/{id}/merge", post(incident::merge))
        .route("/incidents/{id}/undo", post(incident::undo))
        .route("/exports", get(exports::get).post(exports::save))
        .route("/exports/{name}", get(exports::one).post(exports::edit))
        .route("/exports/{name}/delete", post(exports::remove))
        .route("/exports/{name}/restore", post(exports::restore))
        .route("/exports/{name}/tokens", post(exports::make_token))
        .route("/exports/{name}/tokens/{token}/revoke", post(exports::revoke_token))
        .route("/{kind}/{slug}", get(subject::get))
        .route("/sources", get(sources::list))
        .route("/sources/{id}", get(sources::get))
        .route("/help", get(help::get))
        .route("/login", get(login::get).post(login::post))
        .route("/logout", get(login::ask_to_log_out).post(login::log_out))
        .route("/account", get(account::get))
        .route("/account/password", post(account::set_password))
        .route("/alerts", get(alerts::list).post(alerts::create))
        .route("/alerts/{id}", get(alerts::one))
        .route("/alerts/{id}/pause", post(alerts::pause))
        .route("/alerts/{id}/delete", post(alerts::delete))
        .route("/alerts/{id}/messages/{message}/resend", post(alerts::resend))
        .route(
            "/alerts/unsubscribe/{key}",
            get(alerts::ask_to_unsubscribe).post(alerts::unsubscribe),
        )
        .route("/account/apps", post(account::add_app))
        .route("/account/apps/{id}", post(account::end_app))
        .route("/account/sessions", post(account::end_others))
        .route("/account/sessions/{id}", post(account::end_one))
        .route("/theme", post(theme::post))
        .route("/robots.txt", get(site::robots))
        .route("/manifest.webmanifest", get(site::manifest))
        .route("/opensearch.xml", get(site::opensearch))
        // Theme and session come by cookie.
        .layer(SetResponseHeaderLayer::appending(header::VARY, HeaderValue::from_static("cookie")))
}

/// The number in an address; anything else is an address that does not exist.
pub(super) struct Number(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let found = Path::<i64>::from_request_parts(parts, state).await;
        found.map(|Path(number)| Self(number)).map_err(|_| AppError::NoPage)
    }
}

/// How a source is doing, as one plain sentence that says what to do.
fn health_words(source: &Source, now: jiff::Timestamp) -> String {
    let health = &source.health;
    if !source.enabled && health.state != HealthState::Gone {
        return "Switched off; its articles stay.".to_owned();
    }
    let error = health.error.clone().unwrap_or_else(|| "The last fetch failed.".to_owned());
    match health.state {
        HealthState::New => "Not fetched yet.".to_owned(),
        HealthState::Failing if health.failures > 1 => {
            format!("{error} {} in a row.", words::count(health.failures.into(), "failure"))
        }
        HealthState::Failing => error,
        HealthState::Gone => {
            "The server says it is gone for good. Look for its new address, or remove it."
                .to_owned()
        }
        HealthState::Repaired => format!("Read after repair: {}.", health.repairs.join("; ")),
        HealthState::Well => match silence(source, now) {
            Some(seconds) => {
                format!("Fetches well, but has had nothing new for {}.", words::span(seconds))
            }
            None => "Nothing to do.".to_owned(),
        },
    }
}

/// Seconds since the newest entry, where that is so long that somebody should look.
fn silence(source: &Source, now: jiff::Timestamp) -> Option<i64> {
    const SILENT_AFTER_S: i64 = 30 * 86_400;
    let newest = source.health.newest_entry?;
    Some(now.as_second() - newest.as_second()).filter(|seconds| *seconds > SILENT_AFTER_S)
}

/// `back` if it stays on this server, else the front page.
pub(super) fn own_path(back: &str) -> &str {
    let stays = back.starts_with('/')
        && !back.starts_with("//")
        && back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if stays { back } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_here() {
        for back in ["/", "/search?q=a%20b", "/articles/1#c"] {
            assert_eq!(own_path(back), back);
        }
        for back in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"] {
            assert_eq!(own_path(back), "/", "{back:?}");
        }
    }
}
