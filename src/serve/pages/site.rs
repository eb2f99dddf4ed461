//! What browsers and robots ask of a site.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use crate::serve::{assets, error::AppError, layout::Layout, state::AppState, templates::view};

/// Articles here are copies for reading; search engines should list the originals.
const ROBOTS: &str =
    "User-agent: *\nDisallow: /articles/\nDisallow: /search\nDisallow: /api/\nDisallow: /metrics\n";

/// `GET /robots.txt`
pub(super) async fn robots() -> &'static str {
    ROBOTS
}

/// `GET /manifest.webmanifest`
pub(super) async fn manifest() -> Response {
    let manifest = json!({
        "name": "siftwire",
        "short_name": "siftwire",
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": "#f5f6f6",
        "theme_color": "#00606c",
        "icons": [{ "src": assets::path_of("favicon.svg"), "sizes": "any", "type": "image/svg+xml" }],
    });
    ([(header::CONTENT_TYPE, "application/manifest+json")], manifest.to_string()).into_response()
}

/// `GET /opensearch.xml`: lets a browser offer this search.
pub(super) async fn opensearch(
    State(state): State<AppState>,
    headers: HeaderMap,
    layout: Layout,
) -> Result<Response, AppError> {
    let base = state.base_url(&headers);
    let Html(document) = layout.html("opensearch.xml", view! { base })?;
    let content_type = [(header::CONTENT_TYPE, "application/opensearchdescription+xml")];
    Ok((content_type, document).into_response())
}
