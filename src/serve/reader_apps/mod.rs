//! What reader apps on phones and desks already speak: the Google Reader API and the Fever API. Each app logs in with a
//! password of its own ([`Accounts::add_app_password`](crate::accounts::Accounts::add_app_password)); what it
//! marks is its owner's alone.

mod fever;
mod fields;
mod google;
mod shelf;

use axum::{Router, extract::DefaultBodyLimit};
use tower_http::limit::RequestBodyLimitLayer;

use super::state::AppState;

/// Bytes of a request: apps mark thousands of articles at once.
const MAX_BODY: usize = 1 << 20;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .merge(google::routes())
        .merge(fever::routes())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
}
