//! What a reader has starred, and the marks on an article.

use axum::{
    Form,
    extract::{Query, State},
    response::{Html, Redirect},
};
use serde::Deserialize;

use super::{Number, PAGE_SIZE, article::summary_of};
use crate::{
    domain::{ArticleId, ArticleSummary},
    serve::{
        error::AppError, layout::Layout, reading, state::AppState, templates::view,
        visitor::LoggedIn,
    },
    store::{MarkEdit, ReaderList},
};

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    /// Number of the last article of the page before.
    before: Option<i64>,
}

/// `GET /starred`: last arrived first.
pub(super) async fn list(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Query(params): Query<Params>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let user = person.user().ok_or(AppError::NotFound("list for a token"))?;
    let before = params.before.map(ArticleId);
    let list = ReaderList { starred: Some(true), before, ..ReaderList::default() };
    let mut items = state.store.reader_items(user, &list, PAGE_SIZE as u32 + 1).await?;
    let has_more = items.len() > PAGE_SIZE;
    items.truncate(PAGE_SIZE);
    let next = items.last().filter(|_| has_more).map(|item| item.id);
    let ids: Vec<ArticleId> = items.iter().map(|item| item.id).collect();
    let articles: Vec<ArticleSummary> =
        state.store.articles(&ids).await?.into_iter().map(summary_of).collect();
    layout.html("starred.html", view! { articles, next, older => before.is_some() })
}

#[derive(Debug, Deserialize)]
pub(super) struct MarkForm {
    read: Option<bool>,
    starred: Option<bool>,
}

/// `POST /articles/{id}/mark`: the article again. One that is to stay unread is not marked by looking at it.
pub(super) async fn mark(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Number(id): Number,
    Form(form): Form<MarkForm>,
) -> Result<Redirect, AppError> {
    let user = person.user().ok_or(AppError::NotFound("list for a token"))?;
    let edit = MarkEdit { read: form.read, starred: form.starred };
    reading::mark(&state, user, ArticleId(id), edit).await?;
    let keep = if form.read == Some(false) { "?keep=unread" } else { "" };
    Ok(Redirect::to(&format!("/articles/{id}{keep}")))
}
