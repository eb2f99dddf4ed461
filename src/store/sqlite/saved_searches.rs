//! Saved searches and tokens of their feeds.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::{
    SqliteStore,
    rows::{corrupt, named, read_all, time, time_or_none},
};
use crate::{
    domain::{SavedSearch, SavedSearchId, SearchView, Visibility},
    store::{
        Digest, FeedToken, FeedTokenId, NewFeedToken, NewSavedSearch, Result, SavedSearchEdit,
        SavedSearchStore, StoreError,
    },
};

#[derive(FromRow)]
struct SearchRow {
    id: Vec<u8>,
    slug: String,
    name: String,
    query: String,
    view: String,
    owner_id: Option<i64>,
    made_by: String,
    visibility: String,
    created: i64,
    changed: i64,
}

impl TryFrom<SearchRow> for SavedSearch {
    type Error = StoreError;

    fn try_from(row: SearchRow) -> Result<Self> {
        Ok(Self {
            id: search_id(&row.id)?,
            slug: row.slug,
            name: row.name,
            query: row.query,
            view: named("view", &row.view, SearchView::from_name)?,
            owner: row.owner_id,
            made_by: row.made_by,
            visibility: named("visibility", &row.visibility, Visibility::from_name)?,
            created: time(row.created)?,
            changed: time(row.changed)?,
        })
    }
}

#[derive(FromRow)]
struct FeedTokenRow {
    id: i64,
    search_id: Vec<u8>,
    label: String,
    prefix: String,
    made_by: String,
    created: i64,
    last_used: Option<i64>,
    revoked: Option<i64>,
}

impl TryFrom<FeedTokenRow> for FeedToken {
    type Error = StoreError;

    fn try_from(row: FeedTokenRow) -> Result<Self> {
        Ok(Self {
            id: FeedTokenId(row.id),
            search: search_id(&row.search_id)?,
            label: row.label,
            prefix: row.prefix,
            made_by: row.made_by,
            created: time(row.created)?,
            last_used: time_or_none(row.last_used)?,
            revoked: time_or_none(row.revoked)?,
        })
    }
}

pub(super) fn search_id(bytes: &[u8]) -> Result<SavedSearchId> {
    Uuid::from_slice(bytes).map(SavedSearchId).map_err(|_| corrupt("id", bytes.len()))
}

/// The slug, or the first of `slug-2`, `slug-3` and so on that no other search has.
async fn free_slug(tx: &mut SqliteConnection, slug: &str, own: SavedSearchId) -> Result<String> {
    let taken: Vec<String> = sqlx::query_scalar(
        "SELECT slug FROM saved_searches
         WHERE removed IS NULL AND id <> $2 AND (slug = $1 OR slug LIKE $1 || '-%')",
    )
    .bind(slug)
    .bind(&own.0.as_bytes()[..])
    .fetch_all(tx)
    .await?;
    let candidates = (2_u32..).map(|number| format!("{slug}-{number}"));
    let free = std::iter::once(slug.to_owned()).chain(candidates).find(|one| !taken.contains(one));
    Ok(free.unwrap_or_else(|| own.to_string()))
}

async fn by_id(tx: &mut SqliteConnection, id: SavedSearchId) -> Result<Option<SavedSearch>> {
    let row: Option<SearchRow> =
        sqlx::query_as("SELECT * FROM saved_searches WHERE id = $1 AND removed IS NULL")
            .bind(&id.0.as_bytes()[..])
            .fetch_optional(tx)
            .await?;
    row.map(SavedSearch::try_from).transpose()
}

#[async_trait]
impl SavedSearchStore for SqliteStore {
    async fn add_saved_search(
        &self,
        search: &NewSavedSearch,
        now: Timestamp,
    ) -> Result<SavedSearch> {
        let id = SavedSearchId(uuid::Builder::from_random_bytes(rand::random()).into_uuid());
        let mut tx = self.begin().await?;
        let slug = free_slug(&mut tx, &search.slug, id).await?;
        let row: SearchRow = sqlx::query_as(
            "INSERT INTO saved_searches
                 (id, slug, name, query, view, owner_id, made_by, visibility, created, changed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING *",
        )
        .bind(&id.0.as_bytes()[..])
        .bind(slug)
        .bind(&search.name)
        .bind(&search.query)
        .bind(search.view.as_str())
        .bind(search.owner.map(|user| user.0))
        .bind(&search.made_by)
        .bind(search.visibility.as_str())
        .bind(now.as_second())
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        row.try_into()
    }

    async fn saved_search(&self, id: SavedSearchId) -> Result<Option<SavedSearch>> {
        by_id(&mut *self.reader.acquire().await?, id).await
    }

    async fn saved_search_by_slug(&self, slug: &str) -> Result<Option<SavedSearch>> {
        let row: Option<SearchRow> =
            sqlx::query_as("SELECT * FROM saved_searches WHERE slug = $1 AND removed IS NULL")
                .bind(slug)
                .fetch_optional(&self.reader)
                .await?;
        row.map(SavedSearch::try_from).transpose()
    }

    async fn saved_searches(&self) -> Result<Vec<SavedSearch>> {
        let rows: Vec<SearchRow> = sqlx::query_as(
            "SELECT * FROM saved_searches WHERE removed IS NULL ORDER BY lower(name), created, id",
        )
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn edit_saved_search(
        &self,
        id: SavedSearchId,
        edit: &SavedSearchEdit,
        now: Timestamp,
    ) -> Result<Option<SavedSearch>> {
        let mut tx = self.begin().await?;
        if let Some(slug) = &edit.slug
            && free_slug(&mut tx, slug, id).await? != *slug
        {
            return Err(StoreError::Taken { what: "saved search", value: slug.clone() });
        }
        let row: Option<SearchRow> = sqlx::query_as(
            "UPDATE saved_searches SET slug = COALESCE($2, slug), name = COALESCE($3, name),
                 query = COALESCE($4, query), view = COALESCE($5, view),
                 visibility = COALESCE($6, visibility), changed = $7
             WHERE id = $1 AND removed IS NULL RETURNING *",
        )
        .bind(&id.0.as_bytes()[..])
        .bind(&edit.slug)
        .bind(&edit.name)
        .bind(&edit.query)
        .bind(edit.view.map(SearchView::as_str))
        .bind(edit.visibility.map(Visibility::as_str))
        .bind(now.as_second())
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        row.map(SavedSearch::try_from).transpose()
    }

    async fn remove_saved_search(&self, id: SavedSearchId, now: Timestamp) -> Result<bool> {
        let removed =
            sqlx::query("UPDATE saved_searches SET removed = $2 WHERE id = $1 AND removed IS NULL")
                .bind(&id.0.as_bytes()[..])
                .bind(now.as_second())
                .execute(&self.writer)
                .await?;
        Ok(removed.rows_affected() > 0)
    }

    async fn restore_saved_search(
        &self,
        id: SavedSearchId,
        now: Timestamp,
    ) -> Result<Option<SavedSearch>> {
        let mut tx = self.begin().await?;
        let slug: Option<String> = sqlx::query_scalar(
            "SELECT slug FROM saved_searches WHERE id = $1 AND removed IS NOT NULL",
        )
        .bind(&id.0.as_bytes()[..])
        .fetch_optional(&mut *tx)
        .await?;
        let Some(slug) = slug else { return Ok(None) };
        let slug = free_slug(&mut tx, &slug, id).await?;
        let row: SearchRow = sqlx::query_as(
            "UPDATE saved_searches SET removed = NULL, slug = $2, changed = $3 WHERE id = $1
             RETURNING *",
        )
        .bind(&id.0.as_bytes()[..])
        .bind(slug)
        .bind(now.as_second())
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        row.try_into().map(Some)
    }

    async fn add_feed_token(&self, token: &NewFeedToken, now: Timestamp) -> Result<FeedTokenId> {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO feed_tokens (digest, search_id, label, prefix, made_by, created)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .bind(&token.digest[..])
        .bind(&token.search.0.as_bytes()[..])
        .bind(&token.label)
        .bind(&token.prefix)
        .bind(&token.made_by)
        .bind(now.as_second())
        .fetch_one(&self.writer)
        .await?;
        Ok(FeedTokenId(id))
    }

    async fn feed_token(&self, digest: &Digest) -> Result<Option<FeedToken>> {
        let row: Option<FeedTokenRow> = sqlx::query_as(
            "SELECT feed_tokens.* FROM feed_tokens
             JOIN saved_searches ON saved_searches.id = search_id AND removed IS NULL
             WHERE digest = $1 AND revoked IS NULL",
        )
        .bind(&digest[..])
        .fetch_optional(&self.reader)
        .await?;
        row.map(FeedToken::try_from).transpose()
    }

    async fn feed_tokens(&self, search: SavedSearchId) -> Result<Vec<FeedToken>> {
        let rows: Vec<FeedTokenRow> =
            sqlx::query_as("SELECT * FROM feed_tokens WHERE search_id = $1 ORDER BY id DESC")
                .bind(&search.0.as_bytes()[..])
                .fetch_all(&self.reader)
                .await?;
        read_all(rows)
    }

    async fn touch_feed_token(&self, id: FeedTokenId, now: Timestamp) -> Result<()> {
        sqlx::query("UPDATE feed_tokens SET last_used = $2 WHERE id = $1")
            .bind(id.0)
            .bind(now.as_second())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn revoke_feed_token(
        &self,
        search: SavedSearchId,
        id: FeedTokenId,
        now: Timestamp,
    ) -> Result<bool> {
        let revoked = sqlx::query(
            "UPDATE feed_tokens SET revoked = $3
             WHERE id = $1 AND search_id = $2 AND revoked IS NULL",
        )
        .bind(id.0)
        .bind(&search.0.as_bytes()[..])
        .bind(now.as_second())
        .execute(&self.writer)
        .await?;
        Ok(revoked.rows_affected() > 0)
    }
}
