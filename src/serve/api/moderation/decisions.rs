use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    Posted,
    access::Member,
    comments::{comment_state, visible},
    views::{DecidedList, DecidedView, JournalView},
};
use crate::{
    domain::{CheckedId, DecisionId, DecisionVia},
    serve::{
        api::parameters::{Id, Params, limit},
        error::{AppError, Problem},
        state::AppState,
    },
    store::{Decided, DecisionDraft},
};

/// Decisions of one request.
const MAX_BATCH: usize = 1_000;
const LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 500;
/// Bytes of a reason or of a request's name.
const MAX_REASON: usize = 500;

/// What is decided about a comment.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::serve::api) struct NewDecision {
    /// `approved`, `spam`, `deleted`, or `unsure` to put it back into the queue.
    state: String,
    /// The version that was seen; if the comment has changed since, nothing is decided.
    version: Option<u32>,
    reason: Option<String>,
    /// A name for this decision: sent again, it is not taken twice.
    request: Option<String>,
}

/// A decision about a comment that is named.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::serve::api) struct NamedDecision {
    /// Number of the comment.
    comment: i64,
    #[serde(flatten)]
    decision: NewDecision,
}

/// Decisions to be taken together.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::serve::api) struct DecisionBatch {
    /// Up to 1000.
    decisions: Vec<NamedDecision>,
}

impl NewDecision {
    fn draft(self, comment: CheckedId, member: &Member) -> Result<DecisionDraft, AppError> {
        let too_long = |text: &Option<String>| text.as_ref().is_some_and(|t| t.len() > MAX_REASON);
        if too_long(&self.reason) || too_long(&self.request) {
            let detail = format!("write at most {MAX_REASON} bytes");
            return Err(AppError::Parameter { name: "reason", detail });
        }
        let request = self.request.map(|name| format!("{}:{name}", member.person.name));
        Ok(DecisionDraft {
            comment,
            seen: self.version,
            to: comment_state(&self.state)?,
            actor: member.person.name.clone(),
            via: DecisionVia::Api,
            reason: self.reason,
            request,
        })
    }
}

/// Decide about a comment
///
/// Takes effect for its site at once. With `version`, a comment that somebody else has changed is left alone (409).
#[utoipa::path(
    post, path = "/comments/{id}/decisions", tag = "comments", request_body = NewDecision,
    params(("id" = i64, Path, description = "Number of the comment")),
    responses(
        (status = 200, body = DecidedView), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    ),
)]
pub(in crate::serve::api) async fn decide(
    State(state): State<AppState>,
    member: Member,
    Id(id): Id,
    Posted(decision): Posted<NewDecision>,
) -> Result<Json<DecidedView>, AppError> {
    let comment = visible(&state, &member, CheckedId(id)).await?;
    let draft = decision.draft(comment.id, &member)?;
    let mut decided = state.desk.decide(&[draft], state.now()).await?;
    told(decided.pop().unwrap_or(Decided::Missing))
}

/// Decide about several comments at once
///
/// Those that are stale or missing are left out and named; the others are decided together.
#[utoipa::path(
    post, path = "/comments/decisions", tag = "comments", request_body = DecisionBatch,
    responses((status = 200, body = DecidedList), (status = 401, body = Problem), (status = 400, body = Problem)),
)]
pub(in crate::serve::api) async fn decide_many(
    State(state): State<AppState>,
    member: Member,
    Posted(batch): Posted<DecisionBatch>,
) -> Result<Json<DecidedList>, AppError> {
    if batch.decisions.len() > MAX_BATCH {
        let detail = format!("send at most {MAX_BATCH} decisions at once");
        return Err(AppError::Parameter { name: "body", detail });
    }
    let mut drafts = Vec::with_capacity(batch.decisions.len());
    for named in batch.decisions {
        let id = CheckedId(named.comment);
        let seen = state.store.checked(id).await?.is_none_or(|c| member.may_see(c.site));
        // A comment of another site is no comment of ours.
        let id = if seen { id } else { CheckedId(0) };
        drafts.push(named.decision.draft(id, &member)?);
    }
    let decided = state.desk.decide(&drafts, state.now()).await?;
    Ok(Json(DecidedList { results: decided.into_iter().map(Into::into).collect() }))
}

/// Take a decision back, with what was learnt from it
///
/// An undo can be undone.
#[utoipa::path(
    post, path = "/comments/decisions/{id}/undo", tag = "comments",
    params(("id" = i64, Path, description = "Number of the decision")),
    responses(
        (status = 200, body = DecidedView), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    ),
)]
pub(in crate::serve::api) async fn undo(
    State(state): State<AppState>,
    member: Member,
    Id(id): Id,
) -> Result<Json<DecidedView>, AppError> {
    must_be_visible(&state, &member, DecisionId(id)).await?;
    let actor = &member.person.name;
    let undone = state.desk.undo(DecisionId(id), actor, DecisionVia::Api, state.now()).await?;
    told(undone)
}

/// Take back what was decided together
#[utoipa::path(
    post, path = "/comments/decisions/batches/{id}/undo", tag = "comments",
    params(("id" = i64, Path, description = "Number of the batch, which is that of its first decision")),
    responses((status = 200, body = DecidedList), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(in crate::serve::api) async fn undo_batch(
    State(state): State<AppState>,
    member: Member,
    Id(id): Id,
) -> Result<Json<DecidedList>, AppError> {
    must_be_visible(&state, &member, DecisionId(id)).await?;
    let actor = &member.person.name;
    let via = DecisionVia::Api;
    let undone = state.desk.undo_batch(DecisionId(id), actor, via, state.now()).await?;
    Ok(Json(DecidedList { results: undone.into_iter().map(Into::into).collect() }))
}

async fn must_be_visible(
    state: &AppState,
    member: &Member,
    id: DecisionId,
) -> Result<(), AppError> {
    let found = state.store.decision(id).await?;
    let visible = found.is_some_and(|decision| member.may_see(decision.site));
    if visible { Ok(()) } else { Err(AppError::NotFound("decision")) }
}

fn told(decided: Decided) -> Result<Json<DecidedView>, AppError> {
    match decided {
        Decided::Stale { state, version } => Err(AppError::Stale { state, version }),
        Decided::Missing => Err(AppError::NotFound("comment")),
        done => Ok(Json(done.into())),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve::api) struct JournalParams {
    /// Address of the site; all if not given.
    site: Option<String>,
    /// Number of the last decision of the part before.
    before: Option<i64>,
    /// How many, 1 to 500; 100 if not given.
    limit: Option<u32>,
}

/// The journal of decisions, newest first
#[utoipa::path(
    get, path = "/comments/decisions", params(JournalParams), tag = "comments",
    responses((status = 200, body = JournalView), (status = 401, body = Problem)),
)]
pub(in crate::serve::api) async fn journal(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<JournalParams>,
) -> Result<Json<JournalView>, AppError> {
    let size = limit(params.limit, LIMIT, MAX_LIMIT)?;
    let site = match (&member.own, params.site.as_deref()) {
        (None, None) => None,
        (_, named) => Some(member.site(&state, named).await?.id),
    };
    let decisions = state.store.journal(site, params.before.map(DecisionId), size).await?;
    Ok(Json(JournalView { decisions: decisions.into_iter().map(Into::into).collect() }))
}
