//! SQLite back-end: one file, write-ahead log, one writer connection and several readers.
//!
//! Statements are written so that PostgreSQL takes them too (`$1`, `ON CONFLICT`, `RETURNING`); what only
//! SQLite understands is `json_each` for lists of ids, `BEGIN IMMEDIATE`, `VACUUM INTO` and the pragmas.

mod accounts;
mod alerts;
mod articles;
mod checkpoint;
mod collections;
mod enrichment;
mod entries;
mod incidents;
mod isso;
mod moderation;
mod reader_state;
mod rows;
mod saved_searches;
mod sources;
mod subjects;
mod whole;

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use isso::IssoFile;

use super::{
    ArticleWrite, Counts, EntryCounts, FetchReport, FetchWritten, Result, SavedArticle, Store,
    StoredRobots,
};
use crate::domain::{
    Article, ArticleId, ArticleKey, ArticleSummary, Change, Comment, Entry, EntryId, HealthState,
    NewSource, Revision, Sequence, Source, SourceEdit, SourceId,
};

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/sqlite/migrations");

const READERS: u32 = 4;
/// How long a write waits for another process, or for the log to begin anew on a slow disk, before it fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// The store in one SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    reader: SqlitePool,
    checkpointer: SqlitePool,
}

impl SqliteStore {
    /// Opens the file, creating it and bringing its tables up to date where needed.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("cache_size", "-16384")
            .pragma("wal_autocheckpoint", checkpoint::WRITER_PAGES)
            .pragma("temp_store", "memory")
            .optimize_on_close(true, None);
        let writer =
            SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&writer).await?;
        let checkpointer = checkpoint::start(options.clone()).await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self { writer, reader, checkpointer })
    }

    /// Closes all connections, which folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.checkpointer.close().await;
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Starts a write. `IMMEDIATE`, since a transaction that reads first and then writes is refused at once when busy.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// A list of numbers as JSON, for `json_each`.
fn id_list(ids: impl IntoIterator<Item = i64>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(","))
}

#[async_trait]
impl Store for SqliteStore {
    async fn add_source(&self, source: &NewSource, now: Timestamp) -> Result<(SourceId, bool)> {
        let mut tx = self.begin().await?;
        let added = sources::add(&mut tx, source, now).await?;
        tx.commit().await?;
        Ok(added)
    }

    async fn source(&self, id: SourceId) -> Result<Option<Source>> {
        sources::by_id(&self.reader, id).await
    }

    async fn source_by_url(&self, url: &str) -> Result<Option<Source>> {
        sources::by_url(&self.reader, url).await
    }

    async fn sources(&self) -> Result<Vec<Source>> {
        sources::all(&self.reader).await
    }

    async fn edit_source(&self, id: SourceId, edit: &SourceEdit) -> Result<()> {
        let mut tx = self.begin().await?;
        sources::edit(&mut tx, id, edit).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn remove_source(&self, id: SourceId) -> Result<bool> {
        let mut tx = self.begin().await?;
        let removed = sources::remove(&mut tx, id).await?;
        tx.commit().await?;
        Ok(removed)
    }

    async fn make_due(&self, ids: &[SourceId], now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sources::make_due(&mut tx, ids, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn claim_sources(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
        only: &[SourceId],
    ) -> Result<Vec<Source>> {
        let mut tx = self.begin().await?;
        let claimed = sources::claim(&mut tx, now, lease_until, limit, only).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    async fn record_fetches(
        &self,
        reports: &[FetchReport],
        now: Timestamp,
    ) -> Result<Vec<FetchWritten>> {
        let mut tx = self.begin().await?;
        let mut written = Vec::with_capacity(reports.len());
        for report in reports {
            sources::record_fetch(&mut tx, report, now).await?;
            written.push(entries::remember(&mut tx, report.source_id, &report.entries).await?);
        }
        tx.commit().await?;
        Ok(written)
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        whole::next_due(&self.reader).await
    }

    async fn claim_entries(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
        only: &[SourceId],
        except: &[SourceId],
    ) -> Result<Vec<Entry>> {
        let mut tx = self.begin().await?;
        let claimed = entries::claim(&mut tx, now, lease_until, limit, only, except).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    async fn fail_entry(
        &self,
        id: EntryId,
        error: &str,
        retry_at: Option<Timestamp>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        entries::fail(&mut tx, id, error, retry_at).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn release_claims(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        whole::release_claims(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn entry_counts(&self) -> Result<EntryCounts> {
        entries::counts(&self.reader).await
    }

    async fn save_articles(
        &self,
        writes: &[ArticleWrite],
        now: Timestamp,
    ) -> Result<Vec<SavedArticle>> {
        let mut tx = self.begin().await?;
        let mut saved = Vec::with_capacity(writes.len());
        for write in writes {
            saved.push(articles::save(&mut tx, write, now).await?);
        }
        tx.commit().await?;
        Ok(saved)
    }

    async fn article(&self, id: ArticleId) -> Result<Option<Article>> {
        articles::by_id(&self.reader, id).await
    }

    async fn article_by_key(&self, key: &ArticleKey) -> Result<Option<Article>> {
        articles::by_key(&self.reader, key).await
    }

    async fn articles(&self, ids: &[ArticleId]) -> Result<Vec<Article>> {
        articles::by_ids(&self.reader, ids).await
    }

    async fn latest_articles(
        &self,
        limit: u32,
        before: Option<(Timestamp, ArticleId)>,
        source: Option<SourceId>,
    ) -> Result<Vec<ArticleSummary>> {
        articles::latest(&self.reader, limit, before, source).await
    }

    async fn remove_article(&self, id: ArticleId) -> Result<bool> {
        let mut tx = self.begin().await?;
        let removed = articles::remove(&mut tx, id).await?;
        tx.commit().await?;
        Ok(removed)
    }

    async fn revisions(&self, id: ArticleId) -> Result<Vec<Revision>> {
        articles::revisions(&self.reader, id).await
    }

    async fn comments(&self, id: ArticleId) -> Result<Vec<Comment>> {
        articles::comments(&self.reader, id).await
    }

    async fn changes_since(&self, after: Sequence, limit: u32) -> Result<Vec<Change>> {
        whole::changes_since(&self.reader, after, limit).await
    }

    async fn last_sequence(&self) -> Result<Sequence> {
        whole::last_sequence(&self.reader).await
    }

    async fn article_ids(&self, after: ArticleId, limit: u32) -> Result<Vec<ArticleId>> {
        articles::ids(&self.reader, after, limit).await
    }

    async fn robots(&self, origin: &str) -> Result<Option<StoredRobots>> {
        whole::robots(&self.reader, origin).await
    }

    async fn save_robots(&self, origin: &str, robots: &StoredRobots) -> Result<()> {
        let mut tx = self.begin().await?;
        whole::save_robots(&mut tx, origin, robots).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn source_counts(&self) -> Result<Vec<(HealthState, u64)>> {
        sources::counts(&self.reader).await
    }

    async fn counts(&self) -> Result<Counts> {
        whole::counts(&self.reader).await
    }

    async fn article_histogram(
        &self,
        until: Timestamp,
        span_s: i64,
        buckets: u32,
    ) -> Result<Vec<u64>> {
        whole::article_histogram(&self.reader, until, span_s, buckets).await
    }

    async fn check(&self) -> Result<()> {
        whole::check(&self.reader).await
    }

    async fn verify(&self) -> Result<()> {
        whole::verify(&self.reader).await
    }

    async fn backup(&self, path: &Path) -> Result<()> {
        whole::backup(&self.writer, path).await
    }
}
