use axum::{extract::State, response::Html};
use jiff::Timestamp;
use serde::Serialize;

use super::{Number, search_href};
use crate::{
    domain::{Article, ArticleId, Revision},
    serve::{
        body,
        diff::{self, Run},
        error::AppError,
        layout::Layout,
        state::AppState,
        templates::view,
        thread,
    },
};

/// Comments arranged on the page; the API gives the others.
const MAX_COMMENTS: usize = 1_000;
/// Revisions told on the page, newest first.
const MAX_EDITS: usize = 20;
const WORDS_A_MINUTE: usize = 220;
/// For languages written without spaces.
const CHARACTERS_A_MINUTE: usize = 1_300;

/// What one revision changed.
#[derive(Debug, Serialize)]
struct Edit {
    /// When the older state was first seen.
    seen: Timestamp,
    revision: u32,
    title: Option<Vec<Run>>,
    paragraphs: Vec<Vec<Run>>,
}

/// `GET /articles/{id}`: the clean reading view.
pub(super) async fn get(
    State(state): State<AppState>,
    Number(id): Number,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let id = ArticleId(id);
    let article = state.store.article(id).await?.ok_or(AppError::NotFound("article"))?;
    let revisions = state.store.revisions(id).await?;
    let public = state.store.public_comments(id).await?;
    let shown = &public.comments[..public.comments.len().min(MAX_COMMENTS)];
    let tags: Vec<_> = article.tags.iter().map(|tag| (tag, search_href(&[("tag", tag)]))).collect();
    layout.html(
        "article.html",
        view! {
            body => body::readable(&article.html),
            words => article.text.split_whitespace().count(),
            minutes => minutes(&article.text),
            edits => edits(&article, &revisions),
            more_edits => revisions.len().saturating_sub(MAX_EDITS),
            thread => thread::arrange(shown),
            comments_total => public.comments.len(),
            comments_hidden => public.comments.len() - shown.len(),
            comments_spam => public.hidden,
            comments_waiting => public.waiting,
            same_source => search_href(&[("source", &article.source)]),
            tags,
            article,
        },
    )
}

fn minutes(text: &str) -> usize {
    let by_words = text.split_whitespace().count() / WORDS_A_MINUTE;
    let by_characters = text.chars().count() / CHARACTERS_A_MINUTE;
    by_words.max(by_characters).max(1)
}

/// Each revision against the state that followed it, newest first.
fn edits(article: &Article, revisions: &[Revision]) -> Vec<Edit> {
    let mut newer = (article.title.as_str(), article.text.as_str());
    let mut edits = Vec::new();
    for older in revisions.iter().take(MAX_EDITS) {
        edits.push(Edit {
            seen: older.seen,
            revision: older.revision,
            title: (older.title != newer.0).then(|| diff::words(&older.title, newer.0)),
            paragraphs: diff::paragraphs(&older.text, newer.1),
        });
        newer = (&older.title, &older.text);
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_time_knows_languages_without_spaces() {
        assert_eq!(minutes(""), 1);
        assert_eq!(minutes(&"word ".repeat(1_000)), 4);
        assert_eq!(minutes(&"字".repeat(5_200)), 4);
    }
}
