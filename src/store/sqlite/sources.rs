//! Sources and what the crawler knows about them.

use jiff::Timestamp;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::{
    id_list,
    rows::{SourceRow, count, read_all, to_json},
};
use crate::{
    domain::{HealthState, NewSource, Source, SourceEdit, SourceId},
    store::{FetchReport, Result, StoreError},
};

pub(super) async fn add(
    tx: &mut Transaction<'static, Sqlite>,
    source: &NewSource,
    now: Timestamp,
) -> Result<(SourceId, bool)> {
    if let Some((id, removed)) =
        sqlx::query_as::<_, (i64, i64)>("SELECT id, removed FROM sources WHERE url = $1")
            .bind(&source.url)
            .fetch_optional(&mut **tx)
            .await?
    {
        if removed != 0 {
            revive(tx, id, now).await?;
        }
        return Ok((SourceId(id), removed != 0));
    }
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO sources (url, title, site_url, kind, groups, language, enabled,
                              respect_robots, fetch_pages, added, next_try)
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $9)
         RETURNING id",
    )
    .bind(&source.url)
    .bind(&source.title)
    .bind(&source.site_url)
    .bind(source.kind.as_str())
    .bind(to_json(&source.groups))
    .bind(&source.language)
    .bind(i64::from(source.respect_robots.unwrap_or(true)))
    .bind(source.fetch_pages.as_str())
    .bind(now.as_second())
    .fetch_one(&mut **tx)
    .await?;
    Ok((SourceId(id), true))
}

/// A source that was removed keeps its row, because articles point at it; adding it again brings it back.
async fn revive(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE sources SET removed = 0, enabled = 1, state = 'new', failures = 0, error = NULL,
                error_code = NULL, etag = NULL, last_modified = NULL, body_hash = NULL,
                next_try = $2, lease_until = 0
         WHERE id = $1",
    )
    .bind(id)
    .bind(now.as_second())
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn by_id(pool: &SqlitePool, id: SourceId) -> Result<Option<Source>> {
    let row: Option<SourceRow> =
        sqlx::query_as("SELECT * FROM sources WHERE id = $1 AND removed = 0")
            .bind(id.0)
            .fetch_optional(pool)
            .await?;
    row.map(Source::try_from).transpose()
}

pub(super) async fn by_url(pool: &SqlitePool, url: &str) -> Result<Option<Source>> {
    let row: Option<SourceRow> =
        sqlx::query_as("SELECT * FROM sources WHERE url = $1 AND removed = 0")
            .bind(url)
            .fetch_optional(pool)
            .await?;
    row.map(Source::try_from).transpose()
}

pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<Source>> {
    let rows: Vec<SourceRow> =
        sqlx::query_as("SELECT * FROM sources WHERE removed = 0 ORDER BY lower(title), url")
            .fetch_all(pool)
            .await?;
    read_all(rows)
}

pub(super) async fn counts(pool: &SqlitePool) -> Result<Vec<(HealthState, u64)>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT state, count(*) FROM sources WHERE removed = 0 GROUP BY state ORDER BY state",
    )
    .fetch_all(pool)
    .await?;
    let named = rows.into_iter().map(|(name, sources)| {
        let state = HealthState::from_name(&name);
        let state = state.ok_or(StoreError::Corrupt { what: "source state", value: name })?;
        Ok((state, count(sources)))
    });
    named.collect()
}

pub(super) async fn edit(tx: &mut SqliteConnection, id: SourceId, edit: &SourceEdit) -> Result<()> {
    if let Some(url) = &edit.url {
        refuse_taken_url(tx, id, url).await?;
    }
    let changed = sqlx::query(
        "UPDATE sources SET
            url = COALESCE($2, url),
            title = COALESCE($3, title),
            groups = COALESCE($4, groups),
            language = COALESCE($5, language),
            enabled = COALESCE($6, enabled),
            respect_robots = COALESCE($7, respect_robots),
            fetch_pages = COALESCE($8, fetch_pages),
            next_try = CASE WHEN $6 = 1 OR $2 IS NOT NULL THEN added ELSE next_try END,
            etag = CASE WHEN $2 IS NULL THEN etag END,
            last_modified = CASE WHEN $2 IS NULL THEN last_modified END,
            body_hash = CASE WHEN $2 IS NULL THEN body_hash END
         WHERE id = $1 AND removed = 0",
    )
    .bind(id.0)
    .bind(&edit.url)
    .bind(&edit.title)
    .bind(edit.groups.as_ref().map(to_json))
    .bind(&edit.language)
    .bind(edit.enabled.map(i64::from))
    .bind(edit.respect_robots.map(i64::from))
    .bind(edit.fetch_pages.map(|choice| choice.as_str()))
    .execute(tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(StoreError::NotFound { what: "source", id: id.0 });
    }
    Ok(())
}

async fn refuse_taken_url(tx: &mut SqliteConnection, id: SourceId, url: &str) -> Result<()> {
    let taken: i64 = sqlx::query_scalar("SELECT count(*) FROM sources WHERE url = $1 AND id <> $2")
        .bind(url)
        .bind(id.0)
        .fetch_one(tx)
        .await?;
    if taken > 0 {
        return Err(StoreError::Taken { what: "source", value: url.to_owned() });
    }
    Ok(())
}

pub(super) async fn remove(tx: &mut SqliteConnection, id: SourceId) -> Result<bool> {
    sqlx::query("DELETE FROM entries WHERE source_id = $1 AND state = 'pending'")
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
    let removed = sqlx::query("UPDATE sources SET removed = 1 WHERE id = $1 AND removed = 0")
        .bind(id.0)
        .execute(tx)
        .await?;
    Ok(removed.rows_affected() > 0)
}

pub(super) async fn make_due(
    tx: &mut SqliteConnection,
    ids: &[SourceId],
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE sources SET next_try = $1, lease_until = 0
         WHERE removed = 0
           AND ($2 = 0 OR id IN (SELECT CAST(value AS INTEGER) FROM json_each($3)))",
    )
    .bind(now.as_second())
    .bind(ids.len() as i64)
    .bind(id_list(ids.iter().map(|id| id.0)))
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
) -> Result<Vec<Source>> {
    let rows: Vec<SourceRow> = sqlx::query_as(
        "UPDATE sources SET lease_until = $2
         WHERE id IN (
             SELECT id FROM sources
             WHERE enabled = 1 AND removed = 0 AND next_try <= $1 AND lease_until <= $1
               AND ($4 = 0 OR id IN (SELECT CAST(value AS INTEGER) FROM json_each($5)))
             ORDER BY next_try, id LIMIT $3)
         RETURNING *",
    )
    .bind(now.as_second())
    .bind(lease_until.as_second())
    .bind(i64::from(limit))
    .bind(only.len() as i64)
    .bind(id_list(only.iter().map(|id| id.0)))
    .fetch_all(tx)
    .await?;
    read_all(rows)
}

pub(super) async fn record_fetch(
    tx: &mut SqliteConnection,
    report: &FetchReport,
    now: Timestamp,
) -> Result<()> {
    let health = &report.health;
    let next_try = health.next_try.unwrap_or(now);
    sqlx::query(
        "UPDATE sources SET
            state = $2, http_status = $3, error_code = $4, error = $5, repairs = $6, failures = $7,
            last_attempt = $8, last_success = $9, next_try = $10, interval_s = $11, etag = $12,
            last_modified = $13, body_bytes = $14, body_hash = $15, entries = $16,
            newest_entry = $17, lease_until = 0,
            enabled = CASE WHEN $18 = 1 THEN 0 ELSE enabled END,
            title = CASE WHEN title = '' THEN COALESCE($19, '') ELSE title END,
            site_url = COALESCE(site_url, $20),
            language = COALESCE(language, $21)
         WHERE id = $1",
    )
    .bind(report.source_id.0)
    .bind(health.state.as_str())
    .bind(health.http_status.map(i64::from))
    .bind(&health.error_code)
    .bind(&health.error)
    .bind(to_json(&health.repairs))
    .bind(i64::from(health.failures))
    .bind(health.last_attempt.map(Timestamp::as_second))
    .bind(health.last_success.map(Timestamp::as_second))
    .bind(next_try.as_second())
    .bind(i64::from(health.interval_s))
    .bind(&health.etag)
    .bind(&health.last_modified)
    .bind(i64::try_from(health.body_bytes).unwrap_or(i64::MAX))
    .bind(&health.body_hash)
    .bind(i64::from(health.entries))
    .bind(health.newest_entry.map(Timestamp::as_second))
    .bind(i64::from(report.disable))
    .bind(&report.title)
    .bind(&report.site_url)
    .bind(&report.language)
    .execute(&mut *tx)
    .await?;
    let Some(url) = &report.moved_to else { return Ok(()) };
    // Where another source already watches the new address, this one stays at its old one.
    sqlx::query(
        "UPDATE sources SET url = $2
         WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM sources WHERE url = $2)",
    )
    .bind(report.source_id.0)
    .bind(url)
    .execute(tx)
    .await?;
    Ok(())
}
