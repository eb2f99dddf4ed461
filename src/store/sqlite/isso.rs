//! Isso's database: tables `comments` and `threads`.

use std::path::Path;

use sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow},
};

use crate::store::{IssoComment, IssoMode, Result, StoreError};

/// Somebody's Isso database. What its schema defines besides tables is not trusted to run.
#[derive(Debug)]
pub struct IssoFile {
    pool: SqlitePool,
}

/// Texts come as bytes, since SQLite keeps whatever it was given.
const COMMENTS: &str = "
    SELECT c.id, c.parent, CAST(c.created AS REAL) AS created, CAST(c.mode AS INTEGER) AS mode,
        substr(CAST(c.remote_addr AS BLOB), 1, 1000000) AS remote_addr,
        substr(CAST(c.text AS BLOB), 1, 1000000) AS text,
        substr(CAST(c.author AS BLOB), 1, 1000000) AS author,
        substr(CAST(c.email AS BLOB), 1, 1000000) AS email,
        substr(CAST(c.website AS BLOB), 1, 1000000) AS website,
        substr(CAST(t.uri AS BLOB), 1, 1000000) AS uri,
        substr(CAST(t.title AS BLOB), 1, 1000000) AS title
    FROM comments c LEFT JOIN threads t ON t.id = c.tid
    WHERE c.id > $1 ORDER BY c.id LIMIT $2";

impl IssoFile {
    /// Opens a database for reading.
    ///
    /// # Errors
    /// The file cannot be opened, or has not Isso's tables.
    pub async fn open(path: &Path) -> Result<Self> {
        let file = Self { pool: connect(path, true).await? };
        let tables: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('comments', 'threads')",
        )
        .fetch_one(&file.pool)
        .await?;
        if tables == 2 {
            return Ok(file);
        }
        let value = path.display().to_string();
        Err(StoreError::Corrupt {
            what: "Isso database, which has tables comments and threads,",
            value,
        })
    }

    /// Writes a copy to `path`, which must not exist, and opens it for [`IssoFile::set_modes`].
    pub async fn copy(&self, path: &Path) -> Result<Self> {
        sqlx::query("VACUUM INTO $1").bind(path.to_string_lossy()).execute(&self.pool).await?;
        Ok(Self { pool: connect(path, false).await? })
    }

    /// Up to `limit` comments after `after`, by id.
    pub async fn comments(&self, after: i64, limit: u32) -> Result<Vec<IssoComment>> {
        let rows = sqlx::query(COMMENTS).bind(after).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(comment).collect()
    }

    /// Sets the mode of comments, in one transaction.
    pub async fn set_modes(&self, modes: &[(i64, IssoMode)]) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        for (id, mode) in modes {
            sqlx::query("UPDATE comments SET mode = $1 WHERE id = $2")
                .bind(mode.number())
                .bind(id)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Closes the file.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

async fn connect(path: &Path, read_only: bool) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(read_only)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("cache_size", "-8192");
    Ok(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
}

fn comment(row: &SqliteRow) -> Result<IssoComment> {
    let text = |column: &str| -> Result<String> {
        let bytes: Option<Vec<u8>> = row.try_get(column)?;
        Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).replace('\0', ""))
    };
    Ok(IssoComment {
        id: row.try_get("id")?,
        parent: row.try_get("parent")?,
        created: row.try_get::<Option<f64>, _>("created")?.unwrap_or_default(),
        mode: row.try_get::<Option<i64>, _>("mode")?.unwrap_or_default(),
        remote_addr: text("remote_addr")?,
        text: text("text")?,
        author: text("author")?,
        email: text("email")?,
        website: text("website")?,
        uri: text("uri")?,
        title: text("title")?,
    })
}
