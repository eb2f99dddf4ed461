//! Folds the write-ahead log into the file beside the writer. SQLite would do it within a commit, and whoever
//! waits for that commit would wait for some hundred milliseconds more.

use std::time::Duration;

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

/// Pages (of 4 KiB) in the log at which the writer folds it in after all, should this task not get round to it.
pub(super) const WRITER_PAGES: &str = "64000";
/// Pages at which the log begins anew (190 MB; reached only by thousands of writes a second without a pause, since a
/// pause lets it begin anew by itself). Writers wait for that, so it should be rare.
const RESTART_PAGES: i64 = 48_000;
/// Pages that may be left to fold in when the log begins anew: writers wait while they are copied.
const MAX_LEFT: i64 = 2_000;
const BUSY_INTERVAL: Duration = Duration::from_millis(200);
const IDLE_INTERVAL: Duration = Duration::from_secs(1);
/// The longest that writers wait for readers of the old log; then it is tried again later.
const PATIENCE: Duration = Duration::from_millis(20);

/// Starts the task, on a connection of its own; it ends when the pool it gives is closed.
pub(super) async fn start(options: SqliteConnectOptions) -> sqlx::Result<SqlitePool> {
    let options = options.busy_timeout(PATIENCE);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    tokio::spawn(run(pool.clone()));
    Ok(pool)
}

async fn run(pool: SqlitePool) {
    let mut interval = IDLE_INTERVAL;
    let mut before = 0;
    loop {
        tokio::select! {
            () = pool.close_event() => return,
            () = tokio::time::sleep(interval) => {}
        }
        match fold_in(&pool).await {
            Ok(pages) => {
                interval = if pages == before { IDLE_INTERVAL } else { BUSY_INTERVAL };
                before = pages;
            }
            Err(error) => tracing::debug!(%error, "the write-ahead log was not folded in"),
        }
    }
}

/// Gives the pages in the log.
async fn fold_in(pool: &SqlitePool) -> sqlx::Result<i64> {
    let (_, pages, folded): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(pool).await?;
    if may_restart(pages, folded) {
        sqlx::query("PRAGMA wal_checkpoint(RESTART)").execute(pool).await?;
    }
    Ok(pages)
}

/// Whether the log is long enough to begin anew, and so far folded in that no writer waits long for it.
fn may_restart(pages: i64, folded: i64) -> bool {
    pages >= RESTART_PAGES && pages - folded <= MAX_LEFT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_is_not_folded_in_yet_does_not_make_writers_wait() {
        assert!(!may_restart(RESTART_PAGES - 1, RESTART_PAGES - 1));
        assert!(may_restart(RESTART_PAGES, RESTART_PAGES - 100));
        assert!(!may_restart(400_000, 200_000), "a slow disk under many writes");
    }
}
