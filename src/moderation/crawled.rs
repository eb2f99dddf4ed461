//! Comments the crawler found are judged like all others, as comments of a site of their source.

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    desk::{Desk, DeskError},
    submission::Submission,
};
use crate::{
    domain::{SiteId, SitePolicy},
    spam::CommentInput,
    store::{NewSite, Unjudged},
};

/// Comments judged before looking whether to stop.
const AT_ONCE: u32 = 200;
/// How often to look for new ones.
const PAUSE: Duration = Duration::from_secs(2);
/// After a failure of the store.
const FAILED_PAUSE: Duration = Duration::from_secs(30);

/// Judges crawled comments as they come, until `stop`.
pub async fn judge_crawled(desk: Desk, stop: CancellationToken) {
    loop {
        let pause = match judge_waiting(&desk).await {
            Ok(0) => PAUSE,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::error!(%error, "crawled comments could not be judged");
                FAILED_PAUSE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Judges some of the comments that wait and tells how many they were; 0 when none is left.
///
/// # Errors
/// If the store fails.
pub async fn judge_waiting(desk: &Desk) -> Result<usize, DeskError> {
    let waiting = desk.store().unjudged(AT_ONCE).await?;
    let count = waiting.len();
    // In order: what was judged last says where to go on.
    for comment in waiting {
        let site = site_of(desk, &comment).await?;
        let checked = desk.check(site, submission(comment), Timestamp::now()).await?;
        if checked.id.is_none() {
            return Err(DeskError::Stopped);
        }
    }
    Ok(count)
}

async fn site_of(desk: &Desk, comment: &Unjudged) -> Result<SiteId, DeskError> {
    let new = NewSite {
        url: comment.source_url.clone(),
        name: comment.source_title.clone(),
        source: Some(comment.source),
        // The article shows what is stored, so that nothing of it goes with age.
        policy: SitePolicy { keep_days: 0, ..SitePolicy::default() },
    };
    Ok(desk.store().ensure_site(&new, Timestamp::now()).await?.id)
}

fn submission(found: Unjudged) -> Submission {
    let comment = found.comment;
    Submission {
        crawled: Some((comment.id, comment.article_id)),
        written: comment.published,
        kind: "comment".to_owned(),
        permalink: found.article_url,
        input: CommentInput {
            author: comment.author.unwrap_or_default(),
            author_url: comment.author_url.unwrap_or_default(),
            content: comment.text,
            context: found.article_title,
            context_text: found.article_text,
            ..CommentInput::default()
        },
        ..Submission::default()
    }
}
