use axum::{
    extract::{Query, State},
    response::Html,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Badge, ask::Ask, comment::step, excerpt, queue::name_of, tabs};
use crate::{
    domain::{Decision, DecisionId, Site},
    serve::{
        error::AppError,
        layout::Layout,
        state::AppState,
        templates::view,
        visitor::{Admin, Moderator},
    },
    store::Role,
};

/// Lines of one page.
const PAGE: u32 = 50;
/// Characters of a comment.
const EXCERPT: usize = 100;

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    before: Option<i64>,
}

/// A decision in the list.
#[derive(Debug, Serialize)]
struct Line {
    at: Timestamp,
    words: String,
    via: &'static str,
    site: String,
    author: String,
    text: String,
    href: Option<String>,
    state: Badge,
    batch: i64,
    /// Whether it can be taken back.
    in_force: bool,
}

/// `GET /moderation/journal`: who decided what, newest first.
pub(super) async fn decisions(
    State(state): State<AppState>,
    Moderator(person): Moderator,
    Query(params): Query<Params>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let before = params.before.map(DecisionId);
    let mut journal = state.store.journal(None, before, PAGE + 1).await?;
    let more = journal.len() > PAGE as usize;
    journal.truncate(PAGE as usize);
    let next = journal.last().filter(|_| more).map(|line| line.id.0);
    let sites = state.store.sites().await?;
    let counts = state.store.state_counts(None).await?;
    let mut lines = Vec::with_capacity(journal.len());
    for decision in &journal {
        lines.push(line(&state, decision, &sites).await?);
    }
    layout.html(
        "moderation_journal.html",
        view! {
            tabs => tabs(&counts, None, "/moderation/journal"),
            administers => person.may(Role::Admin),
            older => before.is_some(),
            lines, next,
        },
    )
}

async fn line(state: &AppState, decision: &Decision, sites: &[Site]) -> Result<Line, AppError> {
    let comment = state.store.checked(decision.comment).await?;
    let step = step(decision);
    let href = comment.as_ref().map(|comment| {
        let queue = Ask { state: comment.state.as_str().to_owned(), ..Ask::default() };
        queue.with_comment(comment.id).href()
    });
    let (author, text) = match &comment {
        Some(comment) => (comment.author.clone(), excerpt(&comment.content, EXCERPT)),
        None => (String::new(), "The comment was removed.".to_owned()),
    };
    Ok(Line {
        at: step.at,
        words: step.words,
        via: decision.via.as_str(),
        site: name_of(sites, decision.site),
        state: Badge::of_state(decision.to),
        batch: decision.batch.0,
        in_force: comment.is_some() && decision.undone_by.is_none() && decision.undoes.is_none(),
        author,
        text,
        href,
    })
}

/// `GET /moderation/audit`: logins, accounts and tokens, newest first.
pub(super) async fn audit(
    State(state): State<AppState>,
    Admin(_): Admin,
    Query(params): Query<Params>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let mut lines = state.store.audit_log(params.before, PAGE + 1).await?;
    let more = lines.len() > PAGE as usize;
    lines.truncate(PAGE as usize);
    let next = lines.last().filter(|_| more).map(|line| line.id);
    let counts = state.store.state_counts(None).await?;
    layout.html(
        "moderation_audit.html",
        view! { tabs => tabs(&counts, None, "/moderation/audit"), lines, next },
    )
}
