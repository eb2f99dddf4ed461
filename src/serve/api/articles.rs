use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    parameters::{Id, Params, limit},
    views::{ArticleList, ArticleView, CommentList, RevisionList},
};
use crate::{
    domain::{ArticleId, SourceId},
    serve::{
        cursor::Cursor,
        error::{AppError, Problem},
        state::AppState,
    },
};

const LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LatestParams {
    /// How many, 1 to 200; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// Number of a source, to have its articles alone.
    source: Option<i64>,
}

/// The latest articles, newest first
#[utoipa::path(
    get, path = "/articles", params(LatestParams), tag = "articles",
    responses((status = 200, body = ArticleList), (status = 400, body = Problem)),
)]
pub(super) async fn latest(
    State(state): State<AppState>,
    Params(params): Params<LatestParams>,
) -> Result<Json<ArticleList>, AppError> {
    let limit = limit(params.limit, LIMIT, MAX_LIMIT)?;
    let cursor = params.cursor.as_deref().map(|text| Cursor::parse("cursor", text)).transpose()?;
    let start = cursor.map(|Cursor(moment, id)| (moment, id));
    let source = params.source.map(SourceId);
    let latest = state.store.latest_articles(limit + 1, start, source).await?;
    let (articles, next_cursor) = Cursor::page(latest, limit as usize);
    Ok(Json(ArticleList { articles: articles.into_iter().map(Into::into).collect(), next_cursor }))
}

/// One article with its text
#[utoipa::path(
    get, path = "/articles/{id}", operation_id = "article", params(("id" = i64, Path, description = "Number of the article")), tag = "articles",
    responses((status = 200, body = ArticleView), (status = 404, body = Problem)),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<ArticleView>, AppError> {
    let id = ArticleId(id);
    let article = state.store.article(id).await?.ok_or(AppError::NotFound("article"))?;
    let enriched = state.store.enrichments(&[id]).await?.pop();
    let enrichment = enriched.map(Into::into);
    let mentions = state.store.mentioned_in(id).await?.into_iter().map(Into::into).collect();
    Ok(Json(ArticleView { enrichment, mentions, ..article.into() }))
}

/// The comments of an article that passed the filter, in stored order
#[utoipa::path(
    get, path = "/articles/{id}/comments", params(("id" = i64, Path, description = "Number of the article")), tag = "articles",
    responses((status = 200, body = CommentList), (status = 404, body = Problem)),
)]
pub(super) async fn comments(
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<CommentList>, AppError> {
    let id = ArticleId(id);
    must_exist(&state, id).await?;
    let public = state.store.public_comments(id).await?;
    Ok(Json(CommentList {
        comments: public.comments.into_iter().map(Into::into).collect(),
        hidden: public.hidden,
        waiting: public.waiting,
    }))
}

/// The earlier states of an article, newest first
#[utoipa::path(
    get, path = "/articles/{id}/revisions", params(("id" = i64, Path, description = "Number of the article")), tag = "articles",
    responses((status = 200, body = RevisionList), (status = 404, body = Problem)),
)]
pub(super) async fn revisions(
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<RevisionList>, AppError> {
    let id = ArticleId(id);
    must_exist(&state, id).await?;
    let revisions = state.store.revisions(id).await?;
    Ok(Json(RevisionList { revisions: revisions.into_iter().map(Into::into).collect() }))
}

async fn must_exist(state: &AppState, id: ArticleId) -> Result<(), AppError> {
    state.store.article(id).await?.map(|_| ()).ok_or(AppError::NotFound("article"))
}
