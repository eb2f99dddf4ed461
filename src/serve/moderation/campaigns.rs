use axum::{
    extract::{Query, State},
    response::Html,
};
use jiff::Timestamp;
use serde::Serialize;

use super::{Badge, ask::Ask, counted, excerpt, score, tabs};
use crate::{
    domain::CommentState,
    serve::{
        error::AppError, layout::Layout, state::AppState, templates::view, visitor::Moderator,
    },
};

/// Campaigns of each queue.
const LISTED: u32 = 50;
/// Characters of the newest comment.
const EXCERPT: usize = 160;

/// Comments with nearly the same text.
#[derive(Debug, Serialize)]
struct Row {
    count: String,
    author: String,
    text: String,
    received: Timestamp,
    badge: Badge,
    score: String,
    href: String,
    all: String,
}

/// `GET /moderation/campaigns`: what came many times, unsure first.
pub(super) async fn get(
    State(state): State<AppState>,
    Moderator(_): Moderator,
    Query(ask): Query<Ask>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let site = ask.filter()?.site;
    let counts = state.store.state_counts(site).await?;
    let mut queues = Vec::new();
    for queue in [CommentState::Unsure, CommentState::Spam] {
        let rows = rows(&state, &ask, queue).await?;
        queues.push(view! { name => queue.as_str(), rows });
    }
    layout.html(
        "moderation_campaigns.html",
        view! { tabs => tabs(&counts, site, "/moderation/campaigns"), queues => queues },
    )
}

async fn rows(state: &AppState, ask: &Ask, queue: CommentState) -> Result<Vec<Row>, AppError> {
    let site = ask.filter()?.site;
    let mut rows = Vec::new();
    for found in state.store.campaigns(site, queue, LISTED).await? {
        let Some(newest) = state.store.checked(found.newest).await? else { continue };
        let list = Ask {
            state: queue.as_str().to_owned(),
            site: ask.site.clone(),
            campaign: found.campaign.to_string(),
            ..Ask::default()
        };
        rows.push(Row {
            count: counted(found.comments, "comment"),
            author: newest.author.clone(),
            text: excerpt(&newest.content, EXCERPT),
            received: newest.received,
            badge: Badge::of_verdict(newest.verdict),
            score: score(newest.score),
            all: list.href_of_all(),
            href: list.href(),
        });
    }
    Ok(rows)
}
