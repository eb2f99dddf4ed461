use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    Posted,
    access::Member,
    views::{ErasedView, HistoryView, QueueView},
};
use crate::{
    domain::{ArticleId, CheckedComment, CheckedId, CommentState},
    serve::{
        api::parameters::{Id, Params, limit},
        error::{AppError, Problem},
        state::AppState,
        visitor::Admin,
    },
    store::{QueueCursor, QueueFilter, QueueOrder},
};

const LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve::api) struct QueueParams {
    /// Address of the site; all if not given.
    site: Option<String>,
    /// `unsure`, `spam`, `approved` or `deleted`; all if not given.
    state: Option<String>,
    /// Name of a signal among the reasons.
    reason: Option<String>,
    /// As a comment gives it.
    campaign: Option<String>,
    host: Option<String>,
    /// A code such as `de`.
    language: Option<String>,
    /// Number of an article.
    article: Option<i64>,
    /// Words in the comment, the author's name or address.
    q: Option<String>,
    /// `newest` (if not given), `oldest` or `least-certain`.
    sort: Option<String>,
    /// How many, 1 to 200; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
}

/// Comments, filtered
#[utoipa::path(
    get, path = "/comments", operation_id = "list_comments", params(QueueParams), tag = "comments",
    responses((status = 200, body = QueueView), (status = 400, body = Problem), (status = 401, body = Problem)),
)]
pub(in crate::serve::api) async fn list(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<QueueParams>,
) -> Result<Json<QueueView>, AppError> {
    let size = limit(params.limit, LIMIT, MAX_LIMIT)?;
    let order = order(params.sort.as_deref())?;
    let cursor = params.cursor.as_deref().map(read_cursor).transpose()?;
    let filter = filter(&state, &member, params).await?;
    let mut comments = state.store.queue(&filter, order, cursor, size + 1).await?;
    let more = comments.len() > size as usize;
    comments.truncate(size as usize);
    let next_cursor = comments.last().filter(|_| more).map(write_cursor);
    Ok(Json(QueueView { comments: comments.into_iter().map(Into::into).collect(), next_cursor }))
}

async fn filter(
    state: &AppState,
    member: &Member,
    params: QueueParams,
) -> Result<QueueFilter, AppError> {
    let site = match (&member.own, params.site.as_deref()) {
        (None, None) => None,
        (_, named) => Some(member.site(state, named).await?.id),
    };
    let campaign = params.campaign.map(|text| {
        u64::from_str_radix(&text, 16).map_err(|_| AppError::Parameter {
            name: "campaign",
            detail: "write it as a comment gives it".to_owned(),
        })
    });
    Ok(QueueFilter {
        site,
        state: params.state.as_deref().map(comment_state).transpose()?,
        reason: params.reason,
        campaign: campaign.transpose()?,
        author: None,
        host: params.host,
        language: params.language,
        article: params.article.map(ArticleId),
        text: params.q,
        received: None,
    })
}

/// Reads the name of a state.
pub(super) fn comment_state(name: &str) -> Result<CommentState, AppError> {
    CommentState::from_name(name).ok_or_else(|| AppError::Parameter {
        name: "state",
        detail: "write unsure, spam, approved or deleted".to_owned(),
    })
}

fn order(name: Option<&str>) -> Result<QueueOrder, AppError> {
    match name {
        None | Some("newest") => Ok(QueueOrder::Newest),
        Some("oldest") => Ok(QueueOrder::Oldest),
        Some("least-certain") => Ok(QueueOrder::LeastCertain),
        Some(_) => Err(AppError::Parameter {
            name: "sort",
            detail: "write newest, oldest or least-certain".to_owned(),
        }),
    }
}

/// Number and the bits of the score, which must come back as they were.
fn write_cursor(last: &CheckedComment) -> String {
    format!("{}-{:08x}", last.id.0, last.score.to_bits())
}

fn read_cursor(text: &str) -> Result<QueueCursor, AppError> {
    let read = || {
        let (id, bits) = text.split_once('-')?;
        let score = f32::from_bits(u32::from_str_radix(bits, 16).ok()?);
        Some(QueueCursor { id: CheckedId(id.parse().ok()?), score })
    };
    read().ok_or_else(|| AppError::Parameter {
        name: "cursor",
        detail: "not a cursor; take it from the answer before".to_owned(),
    })
}

/// A comment with the decisions on it
#[utoipa::path(
    get, path = "/comments/{id}", operation_id = "comment", tag = "comments",
    params(("id" = i64, Path, description = "Number of the comment")),
    responses((status = 200, body = HistoryView), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(in crate::serve::api) async fn one(
    State(state): State<AppState>,
    member: Member,
    Id(id): Id,
) -> Result<Json<HistoryView>, AppError> {
    let comment = visible(&state, &member, CheckedId(id)).await?;
    let decisions = state.store.decisions_on(comment.id).await?;
    let decisions = decisions.into_iter().map(Into::into).collect();
    Ok(Json(HistoryView { comment: comment.into(), decisions }))
}

/// The comment, if it is theirs to see.
pub(super) async fn visible(
    state: &AppState,
    member: &Member,
    id: CheckedId,
) -> Result<CheckedComment, AppError> {
    let found = state.store.checked(id).await?;
    found.filter(|comment| member.may_see(comment.site)).ok_or(AppError::NotFound("comment"))
}

/// An author to be forgotten.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::serve::api) struct Erasure {
    /// The author's mail address.
    mail: String,
    /// Address of one site; all if not given.
    site: Option<String>,
}

/// Remove every comment of an author, and what was learnt from them
#[utoipa::path(
    post, path = "/comments/erase", tag = "comments", request_body = Erasure,
    responses((status = 200, body = ErasedView), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
pub(in crate::serve::api) async fn erase(
    State(state): State<AppState>,
    Admin(person): Admin,
    Posted(erasure): Posted<Erasure>,
) -> Result<Json<ErasedView>, AppError> {
    let member = Member { person, own: None };
    let site = match erasure.site.as_deref() {
        None => None,
        named => Some(member.site(&state, named).await?.id),
    };
    let removed = state.desk.erase_author(&erasure.mail, site).await?;
    tracing::info!(by = member.person.name, comments = removed.comments, "an author was erased");
    Ok(Json(ErasedView { comments: removed.comments }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back() {
        let cursor = read_cursor("42-3f0ccccd").expect("a cursor");
        assert_eq!((cursor.id, cursor.score), (CheckedId(42), 0.55));
        for nonsense in ["", "42", "x-3f0ccccd", "42-zz"] {
            assert!(read_cursor(nonsense).is_err(), "{nonsense}");
        }
    }
}
