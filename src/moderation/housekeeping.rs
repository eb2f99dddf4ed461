//! Old spam goes when its site's policy says so.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, DeskError};
use crate::domain::Site;

/// How often old comments are looked for.
const EVERY: Duration = Duration::from_secs(6 * 3_600);
/// From the start of the service to the first look: others want the disk then.
const SETTLED: Duration = Duration::from_secs(120);
/// Pause between two removals, so that checks get their turn.
const BREATH: Duration = Duration::from_millis(50);

/// Removes what is older than its site keeps it, until `stop`.
pub async fn keep_house(desk: Desk, stop: CancellationToken) {
    if let Err(error) = desk.warm_up().await {
        tracing::error!(%error, "the comment filter could not be made ready; the first check tries again");
    }
    let mut pause = SETTLED;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        if let Err(error) = expire_all(&desk, Timestamp::now()).await {
            tracing::error!(%error, "old comments could not be removed");
        }
        pause = EVERY;
    }
}

async fn expire_all(desk: &Desk, now: Timestamp) -> Result<(), DeskError> {
    for site in desk.store().sites().await? {
        if site.policy.keep_days > 0 {
            expire(desk, &site, now).await?;
        }
    }
    Ok(())
}

async fn expire(desk: &Desk, site: &Site, now: Timestamp) -> Result<(), DeskError> {
    let age = SignedDuration::from_hours(24 * i64::from(site.policy.keep_days));
    let Ok(before) = now.checked_sub(age) else { return Ok(()) };
    let mut removed = 0;
    loop {
        let some = desk.store().expire(site.id, before).await?.comments;
        removed += some;
        if some == 0 {
            break;
        }
        tokio::time::sleep(BREATH).await;
    }
    if removed > 0 {
        tracing::info!(site = site.url, removed, "old spam was removed");
    }
    Ok(())
}
