use axum::{Json, extract::State};

use super::{
    parameters::Id,
    views::{SourceList, SourceView, Stats},
};
use crate::{
    domain::SourceId,
    serve::{
        error::{AppError, Problem},
        state::AppState,
    },
};

/// All sources with their health
#[utoipa::path(get, path = "/sources", operation_id = "list_sources", tag = "sources", responses((status = 200, body = SourceList)))]
pub(super) async fn list(State(state): State<AppState>) -> Result<Json<SourceList>, AppError> {
    let sources = state.store.sources().await?;
    Ok(Json(SourceList { sources: sources.into_iter().map(Into::into).collect() }))
}

/// One source with its health
#[utoipa::path(
    get, path = "/sources/{id}", operation_id = "source", params(("id" = i64, Path, description = "Number of the source")), tag = "sources",
    responses((status = 200, body = SourceView), (status = 404, body = Problem)),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<SourceView>, AppError> {
    let source = state.store.source(SourceId(id)).await?.ok_or(AppError::NotFound("source"))?;
    Ok(Json(source.into()))
}

/// The whole in numbers
#[utoipa::path(get, path = "/stats", tag = "sources", responses((status = 200, body = Stats)))]
pub(super) async fn stats(State(state): State<AppState>) -> Result<Json<Stats>, AppError> {
    let counts = state.store.counts().await?;
    let entries = state.store.entry_counts().await?;
    let lag = (counts.sequence.0 - state.finder.sequence().0).max(0);
    Ok(Json(Stats::new(counts, entries, lag)))
}
