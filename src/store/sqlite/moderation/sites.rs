//! Sites, and the key of all digests.

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::rows::SiteRow;
use crate::{
    domain::{Site, SiteId, SitePolicy},
    store::{
        NewSite, Result, StoreError,
        sqlite::rows::{corrupt, read_all, to_json},
    },
};

pub(super) async fn key(tx: &mut SqliteConnection) -> Result<[u8; 32]> {
    let fresh: [u8; 32] = rand::random();
    sqlx::query("INSERT INTO moderation_key (id, key) VALUES (1, $1) ON CONFLICT DO NOTHING")
        .bind(&fresh[..])
        .execute(&mut *tx)
        .await?;
    let key: Vec<u8> =
        sqlx::query_scalar("SELECT key FROM moderation_key WHERE id = 1").fetch_one(tx).await?;
    key.try_into().map_err(|key: Vec<u8>| corrupt("moderation key", key.len()))
}

/// The site of a source, or else the one with the address.
pub(super) async fn find(pool: &SqlitePool, site: &NewSite) -> Result<Option<Site>> {
    let Some(source) = site.source else { return by_url(pool, &site.url).await };
    let row: Option<SiteRow> = sqlx::query_as("SELECT * FROM sites WHERE source_id = $1")
        .bind(source.0)
        .fetch_optional(pool)
        .await?;
    row.map(Site::try_from).transpose()
}

pub(super) async fn add(tx: &mut SqliteConnection, site: &NewSite, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO sites (url, name, source_id, created, policy) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(&site.url)
    .bind(&site.name)
    .bind(site.source.map(|source| source.0))
    .bind(now.as_second())
    .bind(to_json(&site.policy))
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn by_id(pool: &SqlitePool, id: SiteId) -> Result<Option<Site>> {
    let row: Option<SiteRow> =
        sqlx::query_as("SELECT * FROM sites WHERE id = $1").bind(id.0).fetch_optional(pool).await?;
    row.map(Site::try_from).transpose()
}

pub(super) async fn by_url(pool: &SqlitePool, url: &str) -> Result<Option<Site>> {
    let row: Option<SiteRow> =
        sqlx::query_as("SELECT * FROM sites WHERE url = $1").bind(url).fetch_optional(pool).await?;
    row.map(Site::try_from).transpose()
}

pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<Site>> {
    let rows: Vec<SiteRow> =
        sqlx::query_as("SELECT * FROM sites ORDER BY name, id").fetch_all(pool).await?;
    read_all(rows)
}

pub(super) async fn edit(
    tx: &mut SqliteConnection,
    id: SiteId,
    name: &str,
    policy: &SitePolicy,
) -> Result<()> {
    let edited = sqlx::query("UPDATE sites SET name = $2, policy = $3 WHERE id = $1")
        .bind(id.0)
        .bind(name)
        .bind(to_json(policy))
        .execute(tx)
        .await?;
    if edited.rows_affected() == 0 {
        return Err(StoreError::NotFound { what: "site", id: id.0 });
    }
    Ok(())
}
