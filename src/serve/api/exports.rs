//! Any search in every format: `/search.atom`, `/search.csv` and so on.

use axum::{Router, extract::State, http::HeaderMap, response::Response, routing::get};
use serde::Deserialize;

use super::parameters::{Params, limit};
use crate::{
    export::{Format, View},
    search::{Place, parse_query},
    serve::{
        cursor::Cursor,
        error::AppError,
        exports::{self, Export, MAX_POSTS, POSTS},
        pages,
        state::AppState,
    },
};

#[derive(Debug, Deserialize)]
struct ExportParams {
    /// A query as on the search page; empty finds everything.
    #[serde(default)]
    q: String,
    /// `articles` or `incidents`.
    view: Option<String>,
    limit: Option<u32>,
    /// Where to begin, as the page before said.
    before: Option<String>,
}

pub(super) fn routes() -> Router<AppState> {
    Format::documents().fold(Router::new(), |router, format| {
        let path = format!("/search.{}", format.extension());
        let answer = move |state, params, headers| export(format, state, params, headers);
        router.route(&path, get(answer))
    })
}

async fn export(
    format: Format,
    State(state): State<AppState>,
    Params(params): Params<ExportParams>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let query = parse_query(&params.q)?;
    let view = view_of(params.view.as_deref())?;
    let limit = match format.is_feed() {
        true => Some(limit(params.limit, POSTS, MAX_POSTS)?),
        false => params.limit,
    };
    let asked = query.to_string();
    let title =
        if asked.is_empty() { "siftwire".to_owned() } else { format!("{asked} · siftwire") };
    let export = Export {
        view,
        format,
        limit,
        after: params.before.as_deref().map(place).transpose()?,
        title,
        path: pages::export_href(&query, view, format),
        home: pages::view_href(&query, view),
        query,
    };
    exports::respond(&state, &headers, export).await
}

fn view_of(name: Option<&str>) -> Result<View, AppError> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(View::Articles) };
    View::from_name(name).ok_or_else(|| AppError::Parameter {
        name: "view",
        detail: "write articles or incidents".to_owned(),
    })
}

/// Reads where a page begins.
pub(super) fn place(text: &str) -> Result<Place, AppError> {
    let Cursor(moment, id) = Cursor::parse("before", text)?;
    Ok(Place { newest_s: moment.as_second(), id: id.0 })
}
