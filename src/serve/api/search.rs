use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    parameters::{Params, limit},
    views::{ResultsView, Suggestions},
};
use crate::{
    search::{SearchOptions, SortOrder, parse_query},
    serve::{
        error::{AppError, Problem},
        found,
        state::AppState,
    },
};

const LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;
/// Hits that can be skipped; beyond, `before:` narrows better.
const MAX_OFFSET: u32 = 10_000;
const SUGGESTIONS: usize = 10;
/// Of them, at most, attacks and entities under any of their names.
const NAMES: usize = 5;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParams {
    /// A query as on the search page; empty finds everything.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// How many, 1 to 100; 20 if not given.
    limit: Option<u32>,
    /// How many to skip, up to 10000.
    offset: Option<u32>,
    /// Overrides the query's own `sort:`.
    #[param(inline)]
    sort: Option<SortParam>,
    /// Whether to count facets and the histogram.
    facets: Option<bool>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SortParam {
    Relevance,
    Date,
}

/// Search the articles
#[utoipa::path(
    get, path = "/search", params(SearchParams), tag = "search",
    responses((status = 200, body = ResultsView), (status = 400, body = Problem)),
)]
pub(super) async fn search(
    State(state): State<AppState>,
    Params(params): Params<SearchParams>,
) -> Result<Json<ResultsView>, AppError> {
    let query = parse_query(&params.q)?;
    let offset = params.offset.unwrap_or(0);
    if offset > MAX_OFFSET {
        let detail = format!("at most {MAX_OFFSET}; narrow the dates with before: instead");
        return Err(AppError::Parameter { name: "offset", detail });
    }
    let counted = params.facets.unwrap_or(false);
    let options = SearchOptions {
        limit: limit(params.limit, LIMIT, MAX_LIMIT)? as usize,
        offset: offset as usize,
        sort: params.sort.map(|sort| match sort {
            SortParam::Relevance => SortOrder::Relevance,
            SortParam::Date => SortOrder::Date,
        }),
        facets: counted,
        histogram: counted,
        snippets: true,
        now: state.now(),
    };
    let understood = query.to_string();
    let results = state.finder.search(query, options).await?;
    Ok(Json(ResultsView::new(understood, results)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SuggestParams {
    /// What was typed so far.
    q: String,
}

/// Ways to go on from what was typed
#[utoipa::path(
    get, path = "/suggest", params(SuggestParams), tag = "search",
    responses((status = 200, body = Suggestions), (status = 400, body = Problem)),
)]
pub(super) async fn suggest(
    State(state): State<AppState>,
    Params(params): Params<SuggestParams>,
) -> Result<Json<Suggestions>, AppError> {
    let named = found::named_like(&state, &params.q, NAMES).await?;
    let words = state.finder.suggest(params.q, SUGGESTIONS - named.len()).await?;
    let suggestions = named.into_iter().chain(words).map(Into::into).collect();
    Ok(Json(Suggestions { suggestions }))
}
