//! Decisions. Each form says which version of a comment it was made for: what somebody else has decided in the
//! meantime is told, not overwritten.

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    Badge,
    ask::Ask,
    comment::{Choice, choices, step},
    counted, excerpt,
    fields::Fields,
    score,
};
use crate::{
    accounts::Person,
    domain::{CheckedId, CommentState, DecisionId, DecisionVia},
    serve::{
        error::AppError, layout::Layout, pages::own_path, state::AppState, templates::view,
        visitor::Moderator,
    },
    store::{Decided, DecisionDraft, QueueOrder},
};

/// Comments decided about at once.
const MOST: u32 = 1_000;
/// Comments shown before all of a list are decided about.
const SAMPLE: usize = 20;
/// Characters of a comment in lists.
const EXCERPT: usize = 160;
/// Conflicts told on one page.
const TOLD: usize = 50;

/// A comment that somebody else has decided about in the meantime.
#[derive(Debug, Serialize)]
struct Conflict {
    id: i64,
    version: u32,
    author: String,
    text: String,
    state: Badge,
    /// What happened, newest first.
    history: Vec<Happened>,
    choices: Vec<Choice>,
}

#[derive(Debug, Serialize)]
struct Happened {
    at: Timestamp,
    words: String,
}

/// `POST /moderation/decide`: about one comment.
pub(super) async fn one(
    State(state): State<AppState>,
    Moderator(person): Moderator,
    layout: Layout,
    fields: Fields,
) -> Result<Response, AppError> {
    let id = number("id", fields.get("id"))?;
    let seen = number("version", fields.get("version"))?;
    let drafts = [draft(&person, CheckedId(id), seen, wanted(&fields)?)];
    decide(&state, &layout, &drafts, own_path(fields.get("back"))).await
}

/// `POST /moderation/bulk`: about the comments that are ticked, each named as `id.version`.
pub(super) async fn selected(
    State(state): State<AppState>,
    Moderator(person): Moderator,
    layout: Layout,
    fields: Fields,
) -> Result<Response, AppError> {
    let to = wanted(&fields)?;
    let mut drafts = Vec::new();
    for pick in fields.all("pick").take(MOST as usize) {
        let (id, version) = pick.split_once('.').unwrap_or((pick, ""));
        let id = CheckedId(number("pick", id)?);
        drafts.push(draft(&person, id, number("pick", version)?, to));
    }
    if drafts.is_empty() {
        let detail = "no comment is ticked; go back and tick some".to_owned();
        return Err(AppError::Parameter { name: "pick", detail });
    }
    decide(&state, &layout, &drafts, own_path(fields.get("back"))).await
}

/// `GET /moderation/all`: asks before all of a list are decided about, with a sample to look at.
pub(super) async fn ask_about_all(
    State(state): State<AppState>,
    Moderator(_): Moderator,
    Query(ask): Query<Ask>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let queue = ask.state()?;
    let found = state.store.queue(&ask.filter()?, QueueOrder::Newest, None, MOST + 1).await?;
    let all = &found[..found.len().min(MOST as usize)];
    // Spread over the whole list, not its beginning alone.
    let step = all.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<_> = all
        .iter()
        .step_by(step)
        .map(|comment| {
            view! {
                author => comment.author,
                text => excerpt(&comment.content, EXCERPT),
                badge => Badge::of_verdict(comment.verdict),
                score => score(comment.score),
                href => ask.with_comment(comment.id).href(),
            }
        })
        .collect();
    layout.html(
        "moderation_all.html",
        view! {
            state => queue.as_str(),
            count => counted(all.len() as u64, "comment"),
            none => all.is_empty(),
            more => found.len() > all.len(),
            newest => all.first().map(|comment| comment.id.0),
            choices => choices(queue, false),
            action => ask.list().href_of_all(),
            back => ask.list().href(),
            sample => sample,
        },
    )
}

/// `POST /moderation/all`: about all comments of a list that were there when it was shown.
pub(super) async fn all(
    State(state): State<AppState>,
    Moderator(person): Moderator,
    Query(ask): Query<Ask>,
    layout: Layout,
    fields: Fields,
) -> Result<Response, AppError> {
    let to = wanted(&fields)?;
    let newest: i64 = number("newest", fields.get("newest"))?;
    let found = state.store.queue(&ask.filter()?, QueueOrder::Newest, None, MOST).await?;
    let drafts: Vec<DecisionDraft> = found
        .iter()
        .filter(|comment| comment.id.0 <= newest)
        .map(|comment| draft(&person, comment.id, comment.version, to))
        .collect();
    decide(&state, &layout, &drafts, &ask.list().href()).await
}

/// `POST /moderation/undo`: takes back what was decided together.
pub(super) async fn undo(
    State(state): State<AppState>,
    Moderator(person): Moderator,
    layout: Layout,
    fields: Fields,
) -> Result<Response, AppError> {
    let batch = DecisionId(number("batch", fields.get("batch"))?);
    let now = state.now();
    let undone = state.desk.undo_batch(batch, &person.name, DecisionVia::Page, now).await?;
    let back = own_path(fields.get("back"));
    let stale = undone.iter().filter(|done| matches!(done, Decided::Stale { .. })).count();
    if undone.is_empty() || stale > 0 {
        let words = match stale {
            0 => "It had been taken back before.".to_owned(),
            _ => format!(
                "{} kept: somebody has decided anew in the meantime.",
                counted(stale as u64, "later decision was")
            ),
        };
        return conflict_page(&state, &layout, &words, Vec::new(), back);
    }
    Ok(Redirect::to(back).into_response())
}

/// Takes decisions and goes back, or tells what stood in the way.
async fn decide(
    state: &AppState,
    layout: &Layout,
    drafts: &[DecisionDraft],
    back: &str,
) -> Result<Response, AppError> {
    let decided = state.desk.decide(drafts, state.now()).await?;
    let stale: Vec<CheckedId> = drafts
        .iter()
        .zip(&decided)
        .filter(|(_, done)| matches!(done, Decided::Stale { .. } | Decided::Missing))
        .map(|(draft, _)| draft.comment)
        .collect();
    if stale.is_empty() {
        return Ok(Redirect::to(back).into_response());
    }
    let done = decided.len() - stale.len();
    let words = match (done, drafts.len()) {
        (_, 1) => "Nothing was changed.".to_owned(),
        (done, _) => format!(
            "{} decided, {} left as they are.",
            counted(done as u64, "comment"),
            counted(stale.len() as u64, "comment")
        ),
    };
    let mut conflicts = Vec::new();
    for id in stale.into_iter().take(TOLD) {
        conflicts.extend(conflict(state, id).await?);
    }
    conflict_page(state, layout, &words, conflicts, back)
}

async fn conflict(state: &AppState, id: CheckedId) -> Result<Option<Conflict>, AppError> {
    let Some(comment) = state.store.checked(id).await? else { return Ok(None) };
    let decisions = state.store.decisions_on(id).await?;
    let happened = |decision| {
        let step = step(decision);
        Happened { at: step.at, words: step.words }
    };
    Ok(Some(Conflict {
        id: id.0,
        version: comment.version,
        author: comment.author,
        text: excerpt(&comment.content, EXCERPT),
        state: Badge::of_state(comment.state),
        history: decisions.iter().take(3).map(happened).collect(),
        choices: choices(comment.state, comment.decision.is_some()),
    }))
}

fn conflict_page(
    state: &AppState,
    layout: &Layout,
    words: &str,
    conflicts: Vec<Conflict>,
    back: &str,
) -> Result<Response, AppError> {
    let now = state.now().to_string();
    let page = layout.html("moderation_conflict.html", view! { words, conflicts, back, now })?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

fn draft(person: &Person, comment: CheckedId, seen: u32, to: CommentState) -> DecisionDraft {
    DecisionDraft {
        comment,
        seen: Some(seen),
        to,
        actor: person.name.clone(),
        via: DecisionVia::Page,
        reason: None,
        request: None,
    }
}

fn wanted(fields: &Fields) -> Result<CommentState, AppError> {
    CommentState::from_name(fields.get("to")).ok_or_else(|| AppError::Parameter {
        name: "to",
        detail: "write one of approved, spam, deleted, unsure".to_owned(),
    })
}

fn number<T: std::str::FromStr>(name: &'static str, text: &str) -> Result<T, AppError> {
    text.parse().map_err(|_| AppError::Parameter { name, detail: "not a number".to_owned() })
}
