//! The API below `/api/v1`, its description, and searches in every format.

mod alerts;
mod articles;
mod description;
mod docs;
mod exports;
mod found;
mod moderation;
mod parameters;
mod saved_feeds;
mod search;
mod searches;
mod sources;
mod views;

use std::sync::LazyLock;

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{error::AppError, state::AppState};

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = described().split_for_parts().1;
    serde_json::to_string_pretty(&description::completed(&document)).unwrap_or_default()
});

pub(super) fn routes() -> Router<AppState> {
    let (answers, _) = described().split_for_parts();
    answers
        .route("/api/v1/openapi.json", get(document))
        .route("/api/v1/{*rest}", get(no_answer))
        .route("/api", get(docs::get))
        .merge(exports::routes())
        .merge(saved_feeds::routes())
}

/// The OpenAPI document as text.
pub(super) fn document_json() -> String {
    DOCUMENT.clone()
}

/// The routes together with their description, so that neither can be without the other.
fn described() -> OpenApiRouter<AppState> {
    let routes = OpenApiRouter::new()
        .routes(routes!(articles::latest))
        .routes(routes!(articles::one))
        .routes(routes!(articles::comments))
        .routes(routes!(articles::revisions))
        .routes(routes!(found::list))
        .routes(routes!(found::one))
        .routes(routes!(found::entity))
        .routes(routes!(search::search))
        .routes(routes!(search::suggest))
        .routes(routes!(searches::list, searches::create))
        .routes(routes!(searches::one, searches::edit, searches::delete))
        .routes(routes!(searches::restore))
        .routes(routes!(searches::tokens, searches::make_token))
        .routes(routes!(searches::revoke_token))
        .routes(routes!(alerts::list, alerts::create))
        .routes(routes!(alerts::test))
        .routes(routes!(alerts::edit, alerts::delete))
        .routes(routes!(alerts::messages))
        .routes(routes!(alerts::resend))
        .routes(routes!(sources::list))
        .routes(routes!(sources::one))
        .routes(routes!(sources::stats))
        .routes(routes!(moderation::check::check))
        .routes(routes!(moderation::check::by_guid))
        .routes(routes!(moderation::comments::list))
        .routes(routes!(moderation::comments::one))
        .routes(routes!(moderation::comments::erase))
        .routes(routes!(moderation::decisions::decide))
        .routes(routes!(moderation::decisions::journal, moderation::decisions::decide_many))
        .routes(routes!(moderation::decisions::undo))
        .routes(routes!(moderation::decisions::undo_batch))
        .routes(routes!(moderation::sites::list))
        .routes(routes!(moderation::sites::edit));
    OpenApiRouter::with_openapi(description::about()).nest("/api/v1", routes)
}

/// `GET /api/v1/openapi.json`
async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

async fn no_answer() -> AppError {
    AppError::NoPage
}
