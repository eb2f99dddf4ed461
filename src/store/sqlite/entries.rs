//! Entries: what feeds announced, on its way to articles.

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::{
    id_list,
    rows::{EntryRow, count, read_all, to_json},
};
use crate::{
    domain::{Entry, EntryDraft, EntryId, SourceId},
    store::{EntryCounts, FetchWritten, Result},
};

pub(super) async fn remember(
    tx: &mut SqliteConnection,
    source: SourceId,
    drafts: &[EntryDraft],
) -> Result<FetchWritten> {
    let mut written = FetchWritten::default();
    for draft in drafts {
        let known: Option<(i64, String)> =
            sqlx::query_as("SELECT id, digest FROM entries WHERE source_id = $1 AND key = $2")
                .bind(source.0)
                .bind(&draft.key)
                .fetch_optional(&mut *tx)
                .await?;
        match known {
            None => {
                insert(tx, source, draft).await?;
                written.new += 1;
            }
            Some((id, digest)) if digest != draft.digest => {
                renew(tx, id, draft).await?;
                written.changed += 1;
            }
            Some(_) => {}
        }
    }
    Ok(written)
}

async fn insert(tx: &mut SqliteConnection, source: SourceId, draft: &EntryDraft) -> Result<()> {
    sqlx::query(
        "INSERT INTO entries (source_id, key, url, digest, state, next_try, item)
         VALUES ($1, $2, $3, $4, 'pending', $5, $6)",
    )
    .bind(source.0)
    .bind(&draft.key)
    .bind(&draft.url)
    .bind(&draft.digest)
    .bind(draft.not_before.as_second())
    .bind(to_json(&draft.item))
    .execute(tx)
    .await?;
    Ok(())
}

async fn renew(tx: &mut SqliteConnection, id: i64, draft: &EntryDraft) -> Result<()> {
    sqlx::query(
        "UPDATE entries SET url = $2, digest = $3, state = 'pending', attempts = 0, next_try = $4,
                lease_until = 0, error = NULL, item = $5
         WHERE id = $1",
    )
    .bind(id)
    .bind(&draft.url)
    .bind(&draft.digest)
    .bind(draft.not_before.as_second())
    .bind(to_json(&draft.item))
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn claim(
    tx: &mut SqliteConnection,
    now: Timestamp,
    lease_until: Timestamp,
    limit: u32,
    only: &[SourceId],
    except: &[SourceId],
) -> Result<Vec<Entry>> {
    let rows: Vec<EntryRow> = sqlx::query_as(
        "UPDATE entries SET lease_until = $2, attempts = attempts + 1
         WHERE id IN (
             SELECT id FROM entries
             WHERE state = 'pending' AND next_try <= $1 AND lease_until <= $1
               AND ($4 = 0 OR source_id IN (SELECT CAST(value AS INTEGER) FROM json_each($5)))
               AND source_id NOT IN (SELECT CAST(value AS INTEGER) FROM json_each($6))
             ORDER BY next_try, id LIMIT $3)
         RETURNING *",
    )
    .bind(now.as_second())
    .bind(lease_until.as_second())
    .bind(i64::from(limit))
    .bind(only.len() as i64)
    .bind(id_list(only.iter().map(|id| id.0)))
    .bind(id_list(except.iter().map(|id| id.0)))
    .fetch_all(tx)
    .await?;
    read_all(rows)
}

pub(super) async fn fail(
    tx: &mut SqliteConnection,
    id: EntryId,
    error: &str,
    retry_at: Option<Timestamp>,
) -> Result<()> {
    sqlx::query(
        "UPDATE entries SET error = $2, lease_until = 0, next_try = COALESCE($3, next_try),
                state = CASE WHEN $3 IS NULL THEN 'failed' ELSE 'pending' END
         WHERE id = $1",
    )
    .bind(id.0)
    .bind(error)
    .bind(retry_at.map(Timestamp::as_second))
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn counts(pool: &SqlitePool) -> Result<EntryCounts> {
    let (pending, done, failed): (i64, i64, i64) = sqlx::query_as(
        "SELECT count(CASE WHEN state = 'pending' THEN 1 END),
                count(CASE WHEN state = 'done' THEN 1 END),
                count(CASE WHEN state = 'failed' THEN 1 END)
         FROM entries",
    )
    .fetch_one(pool)
    .await?;
    Ok(EntryCounts { pending: count(pending), done: count(done), failed: count(failed) })
}
