//! App passwords, and what readers have read and starred.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder, Sqlite, SqliteConnection, SqlitePool};

use super::{
    SqliteStore, id_list,
    rows::{count, read_all, time, time_or_none},
};
use crate::{
    domain::{ArticleId, SourceId},
    store::{
        AccountStore, AppKey, AppPassword, AppPasswordId, MarkEdit, NewAppPassword, ReaderItem,
        ReaderList, ReaderMark, ReaderStateStore, Result, StoreError, UnreadCount, User, UserId,
    },
};

#[derive(FromRow)]
struct PasswordRow {
    id: i64,
    user_id: i64,
    label: String,
    prefix: String,
    created: i64,
    last_used: Option<i64>,
}

impl TryFrom<PasswordRow> for AppPassword {
    type Error = StoreError;

    fn try_from(row: PasswordRow) -> Result<Self> {
        Ok(Self {
            id: AppPasswordId(row.id),
            user: UserId(row.user_id),
            label: row.label,
            prefix: row.prefix,
            created: time(row.created)?,
            last_used: time_or_none(row.last_used)?,
        })
    }
}

#[derive(FromRow)]
struct ItemRow {
    id: i64,
    source_id: i64,
    first_seen: i64,
}

impl TryFrom<ItemRow> for ReaderItem {
    type Error = StoreError;

    fn try_from(row: ItemRow) -> Result<Self> {
        Ok(Self {
            id: ArticleId(row.id),
            source: SourceId(row.source_id),
            first_seen: time(row.first_seen)?,
        })
    }
}

#[derive(FromRow)]
struct CountRow {
    source_id: i64,
    unread: i64,
    newest: Option<i64>,
}

impl TryFrom<CountRow> for UnreadCount {
    type Error = StoreError;

    fn try_from(row: CountRow) -> Result<Self> {
        Ok(Self {
            source: SourceId(row.source_id),
            unread: count(row.unread),
            newest: time_or_none(row.newest)?,
        })
    }
}

#[async_trait]
impl ReaderStateStore for SqliteStore {
    async fn add_app_password(
        &self,
        password: &NewAppPassword,
        now: Timestamp,
    ) -> Result<AppPasswordId> {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO app_passwords (user_id, digest, fever_digest, label, prefix, created)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .bind(password.user.0)
        .bind(&password.digest[..])
        .bind(&password.fever_digest[..])
        .bind(&password.label)
        .bind(&password.prefix)
        .bind(now.as_second())
        .fetch_one(&self.writer)
        .await?;
        Ok(AppPasswordId(id))
    }

    async fn app_password(&self, key: AppKey) -> Result<Option<(AppPassword, User)>> {
        let (secret, fever) = match key {
            AppKey::Secret(digest) => (Some(digest.to_vec()), None),
            AppKey::Fever(digest) => (None, Some(digest.to_vec())),
        };
        let row: Option<PasswordRow> =
            sqlx::query_as("SELECT * FROM app_passwords WHERE digest = $1 OR fever_digest = $2")
                .bind(secret)
                .bind(fever)
                .fetch_optional(&self.reader)
                .await?;
        let Some(password) = row.map(AppPassword::try_from).transpose()? else { return Ok(None) };
        let user = self.user(password.user).await?.filter(|user| !user.disabled);
        Ok(user.map(|user| (password, user)))
    }

    async fn app_passwords(&self, user: UserId) -> Result<Vec<AppPassword>> {
        let rows: Vec<PasswordRow> =
            sqlx::query_as("SELECT * FROM app_passwords WHERE user_id = $1 ORDER BY id DESC")
                .bind(user.0)
                .fetch_all(&self.reader)
                .await?;
        read_all(rows)
    }

    async fn touch_app_password(&self, id: AppPasswordId, now: Timestamp) -> Result<()> {
        sqlx::query("UPDATE app_passwords SET last_used = $2 WHERE id = $1")
            .bind(id.0)
            .bind(now.as_second())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn remove_app_password(&self, user: UserId, id: AppPasswordId) -> Result<bool> {
        let removed = sqlx::query("DELETE FROM app_passwords WHERE id = $1 AND user_id = $2")
            .bind(id.0)
            .bind(user.0)
            .execute(&self.writer)
            .await?;
        Ok(removed.rows_affected() > 0)
    }

    async fn begin_reading(&self, user: UserId, from: Timestamp) -> Result<()> {
        let read_to = self.arrived_until(from).await?;
        sqlx::query(
            "INSERT INTO readers (user_id, read_to) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING",
        )
        .bind(user.0)
        .bind(read_to.0)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn reader_items(
        &self,
        user: UserId,
        list: &ReaderList,
        limit: u32,
    ) -> Result<Vec<ReaderItem>> {
        let reader = Reader { user, read_to: read_to(&self.reader, user).await? };
        let mut query = if list.starred == Some(true) {
            starred(reader, list)
        } else if list.read == Some(false) {
            unread(reader, list, least_read_to(&self.reader, reader).await?)
        } else {
            any(reader, list)
        };
        query.push(if list.oldest_first {
            " ORDER BY id LIMIT "
        } else {
            " ORDER BY id DESC LIMIT "
        });
        query.push_bind(i64::from(limit));
        let rows: Vec<ItemRow> = query.build_query_as().fetch_all(&self.reader).await?;
        read_all(rows)
    }

    async fn reader_marks(&self, user: UserId, ids: &[ArticleId]) -> Result<Vec<ReaderMark>> {
        let rows: Vec<(i64, bool, bool)> = sqlx::query_as(
            "SELECT a.id, COALESCE(m.is_read, a.id <= MAX($2, COALESCE(w.read_to, 0))),
                    COALESCE(m.starred, 0)
             FROM articles AS a
             LEFT JOIN reader_marks AS m ON m.user_id = $1 AND m.article_id = a.id
             LEFT JOIN read_to_of_source AS w ON w.user_id = $1 AND w.source_id = a.source_id
             WHERE a.id IN (SELECT value FROM json_each($3)) ORDER BY a.id",
        )
        .bind(user.0)
        .bind(read_to(&self.reader, user).await?)
        .bind(id_list(ids.iter().map(|id| id.0)))
        .fetch_all(&self.reader)
        .await?;
        let mark = |(id, read, starred)| ReaderMark { id: ArticleId(id), read, starred };
        Ok(rows.into_iter().map(mark).collect())
    }

    async fn mark_articles(&self, user: UserId, ids: &[ArticleId], edit: MarkEdit) -> Result<()> {
        sqlx::query(
            "INSERT INTO reader_marks (user_id, article_id, source_id, is_read, starred)
             SELECT $1, id, source_id, $3, COALESCE($4, 0) FROM articles
             WHERE id IN (SELECT value FROM json_each($2))
             ON CONFLICT (user_id, article_id) DO UPDATE
             SET is_read = COALESCE($3, reader_marks.is_read),
                 starred = COALESCE($4, reader_marks.starred)",
        )
        .bind(user.0)
        .bind(id_list(ids.iter().map(|id| id.0)))
        .bind(edit.read.map(i64::from))
        .bind(edit.starred.map(i64::from))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn mark_all_read(
        &self,
        user: UserId,
        sources: Option<&[SourceId]>,
        up_to: ArticleId,
    ) -> Result<()> {
        let sources = sources.map(|sources| id_list(sources.iter().map(|id| id.0)));
        let mut tx = self.begin().await?;
        match &sources {
            None => read_all_to(&mut tx, user, up_to).await?,
            Some(sources) => read_sources_to(&mut tx, user, sources, up_to).await?,
        }
        forget_marks(&mut tx, user, sources.as_deref(), up_to).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn arrived_until(&self, moment: Timestamp) -> Result<ArticleId> {
        // With a plus, the index by time is searched, not that by number from its beginning.
        // The first that came later tells, not the last before it: a clock that once stood wrong then hides nothing.
        let id: i64 = sqlx::query_scalar(
            "SELECT COALESCE(
                 (SELECT MIN(+id) - 1 FROM articles WHERE first_seen > $1),
                 (SELECT MAX(id) FROM articles), 0)",
        )
        .bind(moment.as_second())
        .fetch_one(&self.reader)
        .await?;
        Ok(ArticleId(id))
    }

    async fn unread_counts(&self, user: UserId) -> Result<Vec<UnreadCount>> {
        let rows: Vec<CountRow> = sqlx::query_as(
            "SELECT s.id AS source_id,
                    (SELECT COUNT(*) FROM articles AS a
                     WHERE a.source_id = s.id AND a.id > s.read_to)
                    - (SELECT COUNT(*) FROM reader_marks AS m
                       WHERE m.user_id = $1 AND m.source_id = s.id AND m.is_read = 1
                         AND m.article_id > s.read_to)
                    + (SELECT COUNT(*) FROM reader_marks AS m
                       WHERE m.user_id = $1 AND m.source_id = s.id AND m.is_read = 0
                         AND m.article_id <= s.read_to) AS unread,
                    (SELECT a.first_seen FROM articles AS a
                     WHERE a.source_id = s.id ORDER BY a.id DESC LIMIT 1) AS newest
             FROM (SELECT sources.id, MAX($2, COALESCE(w.read_to, 0)) AS read_to FROM sources
                   LEFT JOIN read_to_of_source AS w ON w.user_id = $1 AND w.source_id = sources.id
                   WHERE sources.removed = 0) AS s
             ORDER BY s.id",
        )
        .bind(user.0)
        .bind(read_to(&self.reader, user).await?)
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }
}

/// A reader, and up to which number everything is read.
#[derive(Clone, Copy)]
struct Reader {
    user: UserId,
    read_to: i64,
}

async fn read_to(pool: &SqlitePool, user: UserId) -> Result<i64> {
    let read_to: Option<i64> = sqlx::query_scalar("SELECT read_to FROM readers WHERE user_id = $1")
        .bind(user.0)
        .fetch_optional(pool)
        .await?;
    Ok(read_to.unwrap_or(0))
}

/// Up to this number everything of every source is read, but for what was marked as unread.
async fn least_read_to(pool: &SqlitePool, reader: Reader) -> Result<i64> {
    let least: Option<i64> = sqlx::query_scalar(
        "SELECT MIN(MAX($2, COALESCE(w.read_to, 0))) FROM sources
         LEFT JOIN read_to_of_source AS w ON w.user_id = $1 AND w.source_id = sources.id
         WHERE sources.removed = 0",
    )
    .bind(reader.user.0)
    .bind(reader.read_to)
    .fetch_one(pool)
    .await?;
    Ok(least.unwrap_or(reader.read_to))
}

fn any(reader: Reader, list: &ReaderList) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("");
    push_articles(&mut query, reader);
    push_watched(&mut query, list);
    push_conditions(&mut query, reader, list);
    query
}

/// Unread articles: those above `bound` that are not read, and what was marked as unread at or below it. Nothing
/// else below is looked at.
fn unread(reader: Reader, list: &ReaderList, bound: i64) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("");
    push_articles(&mut query, reader);
    query.push(" AND a.id > ").push_bind(bound);
    push_watched(&mut query, list);
    push_conditions(&mut query, reader, list);
    query.push(" UNION ALL ");
    push_marked(&mut query, reader);
    query.push(" AND m.is_read = 0 AND m.article_id <= ").push_bind(bound);
    push_watched(&mut query, list);
    push_conditions(&mut query, reader, list);
    query
}

fn starred(reader: Reader, list: &ReaderList) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("");
    push_marked(&mut query, reader);
    query.push(" AND m.starred = 1");
    push_conditions(&mut query, reader, list);
    query
}

/// All articles, each with its mark and the reader's place in its source, if any.
fn push_articles(query: &mut QueryBuilder<Sqlite>, reader: Reader) {
    query.push("SELECT a.id AS id, a.source_id, a.first_seen FROM articles AS a");
    query.push(" LEFT JOIN reader_marks AS m ON m.article_id = a.id AND m.user_id = ");
    query.push_bind(reader.user.0);
    push_place(query, reader);
    query.push(" WHERE TRUE");
}

/// Articles with a mark alone.
fn push_marked(query: &mut QueryBuilder<Sqlite>, reader: Reader) {
    query.push("SELECT a.id AS id, a.source_id, a.first_seen FROM reader_marks AS m");
    query.push(" JOIN articles AS a ON a.id = m.article_id");
    push_place(query, reader);
    query.push(" WHERE m.user_id = ").push_bind(reader.user.0);
}

fn push_place(query: &mut QueryBuilder<Sqlite>, reader: Reader) {
    query.push(" LEFT JOIN read_to_of_source AS w ON w.source_id = a.source_id AND w.user_id = ");
    query.push_bind(reader.user.0);
}

/// Of sources that are watched, where the list names none. The plus keeps the list in order of arrival: through the index
/// of sources, all articles would be read and sorted for each page. What is starred stays, whatever became of its source.
fn push_watched(query: &mut QueryBuilder<Sqlite>, list: &ReaderList) {
    if list.sources.is_none() {
        query.push(" AND +a.source_id IN (SELECT id FROM sources WHERE removed = 0)");
    }
}

fn push_conditions(query: &mut QueryBuilder<Sqlite>, reader: Reader, list: &ReaderList) {
    match list.sources.as_deref() {
        None => {}
        Some([source]) => {
            query.push(" AND a.source_id = ").push_bind(source.0);
        }
        Some(sources) => {
            query.push(" AND +a.source_id IN (SELECT value FROM json_each(");
            query.push_bind(id_list(sources.iter().map(|id| id.0))).push("))");
        }
    }
    if let Some(after) = list.after {
        query.push(" AND a.id > ").push_bind(after.0);
    }
    if let Some(before) = list.before {
        query.push(" AND a.id < ").push_bind(before.0);
    }
    if let Some(read) = list.read {
        query.push(" AND COALESCE(m.is_read, a.id <= MAX(").push_bind(reader.read_to);
        query.push(", COALESCE(w.read_to, 0))) = ").push_bind(i64::from(read));
    }
    if list.starred == Some(false) {
        query.push(" AND COALESCE(m.starred, 0) = 0");
    }
}

/// A reader's place moves forward, never back.
async fn read_all_to(tx: &mut SqliteConnection, user: UserId, up_to: ArticleId) -> Result<()> {
    sqlx::query(
        "INSERT INTO readers (user_id, read_to) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET read_to = MAX(readers.read_to, excluded.read_to)",
    )
    .bind(user.0)
    .bind(up_to.0)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM read_to_of_source WHERE user_id = $1 AND read_to <= $2")
        .bind(user.0)
        .bind(up_to.0)
        .execute(tx)
        .await?;
    Ok(())
}

async fn read_sources_to(
    tx: &mut SqliteConnection,
    user: UserId,
    sources: &str,
    up_to: ArticleId,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO read_to_of_source (user_id, source_id, read_to)
         SELECT $1, id, $3 FROM sources WHERE id IN (SELECT value FROM json_each($2))
         ON CONFLICT (user_id, source_id) DO UPDATE
         SET read_to = MAX(read_to_of_source.read_to, excluded.read_to)",
    )
    .bind(user.0)
    .bind(sources)
    .bind(up_to.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Marks of single articles say nothing any more where everything is read.
async fn forget_marks(
    tx: &mut SqliteConnection,
    user: UserId,
    sources: Option<&str>,
    up_to: ArticleId,
) -> Result<()> {
    for statement in [
        "DELETE FROM reader_marks WHERE user_id = $1 AND article_id <= $2 AND starred = 0
         AND ($3 IS NULL OR source_id IN (SELECT value FROM json_each($3)))",
        "UPDATE reader_marks SET is_read = NULL WHERE user_id = $1 AND article_id <= $2
         AND ($3 IS NULL OR source_id IN (SELECT value FROM json_each($3)))",
    ] {
        sqlx::query(statement).bind(user.0).bind(up_to.0).bind(sources).execute(&mut *tx).await?;
    }
    Ok(())
}
