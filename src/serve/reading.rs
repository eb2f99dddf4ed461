//! What the person who asks has read and starred, for pages.

use jiff::SignedDuration;

use super::{error::AppError, state::AppState};
use crate::{
    accounts::Person,
    domain::ArticleId,
    store::{MarkEdit, ReaderMark, UserId},
};

/// What arrived before this counts as read when somebody opens their first article.
const BEGIN_WITH: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Changes the marks of an article.
///
/// # Errors
/// Where the store fails.
pub(super) async fn mark(
    state: &AppState,
    user: UserId,
    id: ArticleId,
    edit: MarkEdit,
) -> Result<(), AppError> {
    state.store.begin_reading(user, state.now() - BEGIN_WITH).await?;
    Ok(state.store.mark_articles(user, &[id], edit).await?)
}

/// The marks of an article. `None` for strangers and programs.
///
/// # Errors
/// Where the store fails.
pub(super) async fn mark_of(
    state: &AppState,
    person: Option<&Person>,
    id: ArticleId,
) -> Result<Option<ReaderMark>, AppError> {
    let Some(user) = person.and_then(Person::user) else { return Ok(None) };
    Ok(state.store.reader_marks(user, &[id]).await?.pop())
}

/// Those of `ids` that the person has read; none for strangers and programs.
///
/// # Errors
/// Where the store fails.
pub(super) async fn read_among(
    state: &AppState,
    person: Option<&Person>,
    ids: &[ArticleId],
) -> Result<Vec<ArticleId>, AppError> {
    let Some(user) = person.and_then(Person::user) else { return Ok(Vec::new()) };
    let marks = state.store.reader_marks(user, ids).await?;
    Ok(marks.into_iter().filter(|mark| mark.read).map(|mark| mark.id).collect())
}
