//! The change log, robots.txt, counts, checks and copies.

use std::path::Path;

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::{
    id_list,
    rows::{ChangeRow, count, read_all, time, time_or_none},
};
use crate::{
    domain::{ArticleId, Change, ChangeKind, Sequence},
    store::{Counts, Result, StoreError, StoredRobots},
};

/// Appends to the change log. The article's earlier line goes: a follower needs only the newest state.
pub(super) async fn append_change(
    tx: &mut SqliteConnection,
    kind: ChangeKind,
    article: ArticleId,
) -> Result<()> {
    sqlx::query("DELETE FROM changes WHERE article_id = $1")
        .bind(article.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query("INSERT INTO changes (kind, article_id) VALUES ($1, $2)")
        .bind(kind.as_str())
        .bind(article.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// Appends a change of each article to the log, in their order.
pub(super) async fn append_changes(
    tx: &mut SqliteConnection,
    kind: ChangeKind,
    articles: &[ArticleId],
) -> Result<()> {
    let ids = id_list(articles.iter().map(|id| id.0));
    sqlx::query("DELETE FROM changes WHERE article_id IN (SELECT value FROM json_each($1))")
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO changes (kind, article_id)
         SELECT $1, value FROM json_each($2) ORDER BY key",
    )
    .bind(kind.as_str())
    .bind(&ids)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn changes_since(
    pool: &SqlitePool,
    after: Sequence,
    limit: u32,
) -> Result<Vec<Change>> {
    let rows: Vec<ChangeRow> =
        sqlx::query_as("SELECT * FROM changes WHERE sequence > $1 ORDER BY sequence LIMIT $2")
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?;
    read_all(rows)
}

pub(super) async fn last_sequence(pool: &SqlitePool) -> Result<Sequence> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(max(sequence), 0) FROM changes")
        .fetch_one(pool)
        .await?;
    Ok(Sequence(last))
}

pub(super) async fn next_due(pool: &SqlitePool) -> Result<Option<Timestamp>> {
    let seconds: Option<i64> = sqlx::query_scalar(
        "SELECT min(due) FROM (
             SELECT min(next_try) AS due FROM sources WHERE enabled = 1 AND removed = 0
             UNION ALL
             SELECT min(next_try) AS due FROM entries WHERE state = 'pending') AS soonest",
    )
    .fetch_one(pool)
    .await?;
    time_or_none(seconds)
}

pub(super) async fn release_claims(tx: &mut SqliteConnection) -> Result<()> {
    sqlx::query("UPDATE sources SET lease_until = 0 WHERE lease_until > 0")
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE entries SET lease_until = 0 WHERE state = 'pending' AND lease_until > 0")
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn robots(pool: &SqlitePool, origin: &str) -> Result<Option<StoredRobots>> {
    let row: Option<(i64, String, i64, i64)> =
        sqlx::query_as("SELECT status, body, fetched, expires FROM robots WHERE origin = $1")
            .bind(origin)
            .fetch_optional(pool)
            .await?;
    let Some((status, body, fetched, expires)) = row else { return Ok(None) };
    Ok(Some(StoredRobots {
        status: u16::try_from(status).unwrap_or(0),
        body,
        fetched: time(fetched)?,
        expires: time(expires)?,
    }))
}

pub(super) async fn save_robots(
    tx: &mut SqliteConnection,
    origin: &str,
    robots: &StoredRobots,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO robots (origin, status, body, fetched, expires) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (origin) DO UPDATE SET status = excluded.status, body = excluded.body,
             fetched = excluded.fetched, expires = excluded.expires",
    )
    .bind(origin)
    .bind(i64::from(robots.status))
    .bind(&robots.body)
    .bind(robots.fetched.as_second())
    .bind(robots.expires.as_second())
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn counts(pool: &SqlitePool) -> Result<Counts> {
    let (sources, well): (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(CASE WHEN state IN ('well', 'repaired') THEN 1 END)
         FROM sources WHERE removed = 0",
    )
    .fetch_one(pool)
    .await?;
    let (articles, comments, last): (i64, i64, Option<i64>) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM comments),
                (SELECT max(first_seen) FROM articles)",
    )
    .fetch_one(pool)
    .await?;
    Ok(Counts {
        sources: count(sources),
        sources_well: count(well),
        articles: count(articles),
        comments: count(comments),
        last_article: time_or_none(last)?,
        sequence: last_sequence(pool).await?,
    })
}

pub(super) async fn article_histogram(
    pool: &SqlitePool,
    until: Timestamp,
    span_s: i64,
    buckets: u32,
) -> Result<Vec<u64>> {
    let span = span_s.max(1);
    let from = until.as_second() - span * i64::from(buckets);
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT (first_seen - $1) / $2 AS bucket, count(*) FROM articles
         WHERE first_seen >= $1 AND first_seen < $3 GROUP BY bucket",
    )
    .bind(from)
    .bind(span)
    .bind(until.as_second())
    .fetch_all(pool)
    .await?;
    let mut histogram = vec![0; buckets as usize];
    for (bucket, articles) in rows {
        if let Some(slot) = usize::try_from(bucket).ok().and_then(|at| histogram.get_mut(at)) {
            *slot = count(articles);
        }
    }
    Ok(histogram)
}

pub(super) async fn check(pool: &SqlitePool) -> Result<()> {
    sqlx::query("SELECT id FROM sources LIMIT 1").fetch_optional(pool).await?;
    Ok(())
}

pub(super) async fn verify(pool: &SqlitePool) -> Result<()> {
    let answer: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(pool).await?;
    if answer != "ok" {
        return Err(StoreError::Corrupt { what: "database", value: answer });
    }
    Ok(())
}

pub(super) async fn backup(pool: &SqlitePool, path: &Path) -> Result<()> {
    if path.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(StoreError::File { path: path.to_owned(), source });
    }
    sqlx::query("VACUUM INTO $1").bind(path.to_string_lossy().as_ref()).execute(pool).await?;
    Ok(())
}
