//! Articles, their revisions and their comments.

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::{
    enrichment, id_list, incidents,
    rows::{ArticleRow, CommentRow, RevisionRow, SummaryRow, read_all, to_json},
    whole::append_change,
};
use crate::{
    domain::{
        Article, ArticleDraft, ArticleId, ArticleKey, ArticleSummary, ChangeKind, Comment,
        CommentDraft, Revision, SourceId,
    },
    store::{ArticleWrite, Result, SaveOutcome, SavedArticle},
};

pub(super) async fn save(
    tx: &mut SqliteConnection,
    write: &ArticleWrite,
    now: Timestamp,
) -> Result<SavedArticle> {
    let (id, outcome) = match known(tx, &write.article.key).await? {
        None => (insert(tx, &write.article, now).await?, SaveOutcome::New),
        Some(before) if before.differs_from(&write.article) => {
            revise(tx, &before, &write.article, now).await?;
            (before.id, SaveOutcome::Revised)
        }
        Some(before) => (before.id, SaveOutcome::Unchanged),
    };
    let new_comments = add_comments(tx, id, &write.comments, now).await?;
    if outcome != SaveOutcome::Unchanged {
        enrichment::wait(tx, id).await?;
    }
    if outcome != SaveOutcome::Unchanged || new_comments > 0 {
        append_change(tx, ChangeKind::ArticleSaved, ArticleId(id)).await?;
    }
    if let Some(entry) = write.entry {
        sqlx::query(
            "UPDATE entries SET state = 'done', article_id = $2, error = NULL, lease_until = 0,
                    item = ''
             WHERE id = $1",
        )
        .bind(entry.0)
        .bind(id)
        .execute(tx)
        .await?;
    }
    Ok(SavedArticle { id: ArticleId(id), outcome, new_comments })
}

/// What decides whether a draft is a revision.
#[derive(sqlx::FromRow)]
struct Known {
    id: i64,
    title: String,
    text: String,
    published: i64,
    published_stated: i64,
    revision: i64,
    last_changed: i64,
}

impl Known {
    fn differs_from(&self, draft: &ArticleDraft) -> bool {
        self.title != draft.title || self.text != draft.text || self.date_differs(draft)
    }

    fn date_differs(&self, draft: &ArticleDraft) -> bool {
        draft
            .published
            .is_some_and(|at| at.as_second() != self.published || self.published_stated == 0)
    }
}

async fn known(tx: &mut SqliteConnection, key: &ArticleKey) -> Result<Option<Known>> {
    let row = sqlx::query_as(
        "SELECT id, title, text, published, published_stated, revision, last_changed
         FROM articles WHERE key = $1",
    )
    .bind(key.as_str())
    .fetch_optional(tx)
    .await?;
    Ok(row)
}

async fn insert(tx: &mut SqliteConnection, article: &ArticleDraft, now: Timestamp) -> Result<i64> {
    let id = sqlx::query_scalar(
        "INSERT INTO articles (key, source_id, url, title, published, published_stated, modified,
            first_seen, last_changed, language, kind, comment_provider, confidence, revision,
            authors, tags, site_name, description, image, text, html)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, 1,
            $13, $14, $15, $16, $17, $18, $19)
         RETURNING id",
    )
    .bind(article.key.as_str())
    .bind(article.source_id.0)
    .bind(&article.url)
    .bind(&article.title)
    .bind(article.published.unwrap_or(now).as_second())
    .bind(i64::from(article.published.is_some()))
    .bind(article.modified.map(Timestamp::as_second))
    .bind(now.as_second())
    .bind(&article.language)
    .bind(article.kind.as_str())
    .bind(&article.comment_provider)
    .bind(f64::from(article.confidence))
    .bind(to_json(&article.authors))
    .bind(to_json(&article.tags))
    .bind(&article.site_name)
    .bind(&article.description)
    .bind(&article.image)
    .bind(&article.text)
    .bind(&article.html)
    .fetch_one(tx)
    .await?;
    Ok(id)
}

/// Keeps the earlier state and writes the new one. A change of date alone is no revision to show.
async fn revise(
    tx: &mut SqliteConnection,
    before: &Known,
    article: &ArticleDraft,
    now: Timestamp,
) -> Result<()> {
    let rewritten = before.title != article.title || before.text != article.text;
    if rewritten {
        sqlx::query(
            "INSERT INTO revisions (article_id, revision, seen, title, text)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(before.id)
        .bind(before.revision)
        .bind(before.last_changed)
        .bind(&before.title)
        .bind(&before.text)
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query(
        "UPDATE articles SET url = $2, title = $3, published = COALESCE($4, published),
            published_stated = CASE WHEN $4 IS NULL THEN published_stated ELSE 1 END,
            modified = $5, last_changed = CASE WHEN $6 = 1 THEN $7 ELSE last_changed END,
            revision = revision + $6, language = $8, kind = $9,
            comment_provider = COALESCE($10, comment_provider), confidence = $11, authors = $12,
            tags = $13, site_name = $14, description = $15, image = $16, text = $17, html = $18
         WHERE id = $1",
    )
    .bind(before.id)
    .bind(&article.url)
    .bind(&article.title)
    .bind(article.published.map(Timestamp::as_second))
    .bind(article.modified.map(Timestamp::as_second))
    .bind(i64::from(rewritten))
    .bind(now.as_second())
    .bind(&article.language)
    .bind(article.kind.as_str())
    .bind(&article.comment_provider)
    .bind(f64::from(article.confidence))
    .bind(to_json(&article.authors))
    .bind(to_json(&article.tags))
    .bind(&article.site_name)
    .bind(&article.description)
    .bind(&article.image)
    .bind(&article.text)
    .bind(&article.html)
    .execute(tx)
    .await?;
    Ok(())
}

async fn add_comments(
    tx: &mut SqliteConnection,
    article: i64,
    comments: &[CommentDraft],
    now: Timestamp,
) -> Result<u32> {
    let mut added = 0;
    for comment in comments {
        let inserted = sqlx::query(
            "INSERT INTO comments (article_id, key, parent_key, author, author_url, published,
                                   first_seen, text)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (article_id, key) DO NOTHING",
        )
        .bind(article)
        .bind(&comment.key)
        .bind(&comment.parent_key)
        .bind(&comment.author)
        .bind(&comment.author_url)
        .bind(comment.published.map(Timestamp::as_second))
        .bind(now.as_second())
        .bind(&comment.text)
        .execute(&mut *tx)
        .await?;
        added += inserted.rows_affected() as u32;
    }
    if added > 0 {
        sqlx::query("UPDATE articles SET comment_count = comment_count + $2 WHERE id = $1")
            .bind(article)
            .bind(i64::from(added))
            .execute(tx)
            .await?;
    }
    Ok(added)
}

pub(super) async fn by_id(pool: &SqlitePool, id: ArticleId) -> Result<Option<Article>> {
    Ok(by_ids(pool, &[id]).await?.pop())
}

pub(super) async fn by_key(pool: &SqlitePool, key: &ArticleKey) -> Result<Option<Article>> {
    let row: Option<ArticleRow> = sqlx::query_as(
        "SELECT articles.*, sources.title AS source
         FROM articles JOIN sources ON sources.id = articles.source_id
         WHERE articles.key = $1",
    )
    .bind(key.as_str())
    .fetch_optional(pool)
    .await?;
    row.map(Article::try_from).transpose()
}

pub(super) async fn by_ids(pool: &SqlitePool, ids: &[ArticleId]) -> Result<Vec<Article>> {
    let rows: Vec<ArticleRow> = sqlx::query_as(
        "SELECT articles.*, sources.title AS source
         FROM json_each($1) AS wanted
         JOIN articles ON articles.id = wanted.value
         JOIN sources ON sources.id = articles.source_id
         ORDER BY wanted.key",
    )
    .bind(id_list(ids.iter().map(|id| id.0)))
    .fetch_all(pool)
    .await?;
    read_all(rows)
}

pub(super) async fn latest(
    pool: &SqlitePool,
    limit: u32,
    before: Option<(Timestamp, ArticleId)>,
    source: Option<SourceId>,
) -> Result<Vec<ArticleSummary>> {
    let (published, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.as_second(), id.0));
    let rows: Vec<SummaryRow> = match source {
        None => {
            sqlx::query_as(
                "SELECT articles.id, source_id, sources.title AS source, articles.url,
                        articles.title, description, published, articles.language, comment_count
                 FROM articles JOIN sources ON sources.id = articles.source_id
                 WHERE (published, articles.id) < ($1, $2)
                 ORDER BY published DESC, articles.id DESC LIMIT $3",
            )
            .bind(published)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        }
        Some(source) => {
            sqlx::query_as(
                "SELECT articles.id, source_id, sources.title AS source, articles.url,
                        articles.title, description, published, articles.language, comment_count
                 FROM articles JOIN sources ON sources.id = articles.source_id
                 WHERE source_id = $4 AND (published, articles.id) < ($1, $2)
                 ORDER BY published DESC, articles.id DESC LIMIT $3",
            )
            .bind(published)
            .bind(id)
            .bind(i64::from(limit))
            .bind(source.0)
            .fetch_all(pool)
            .await?
        }
    };
    read_all(rows)
}

pub(super) async fn remove(tx: &mut SqliteConnection, id: ArticleId) -> Result<bool> {
    incidents::leave(tx, id).await?;
    let removed = sqlx::query("DELETE FROM articles WHERE id = $1")
        .bind(id.0)
        .execute(&mut *tx)
        .await?
        .rows_affected()
        > 0;
    if removed {
        append_change(tx, ChangeKind::ArticleRemoved, id).await?;
    }
    Ok(removed)
}

pub(super) async fn revisions(pool: &SqlitePool, id: ArticleId) -> Result<Vec<Revision>> {
    let rows: Vec<RevisionRow> = sqlx::query_as(
        "SELECT revision, seen, title, text FROM revisions
         WHERE article_id = $1 ORDER BY revision DESC",
    )
    .bind(id.0)
    .fetch_all(pool)
    .await?;
    read_all(rows)
}

pub(super) async fn comments(pool: &SqlitePool, id: ArticleId) -> Result<Vec<Comment>> {
    let rows: Vec<CommentRow> =
        sqlx::query_as("SELECT * FROM comments WHERE article_id = $1 ORDER BY id")
            .bind(id.0)
            .fetch_all(pool)
            .await?;
    read_all(rows)
}

pub(super) async fn ids(pool: &SqlitePool, after: ArticleId, limit: u32) -> Result<Vec<ArticleId>> {
    let ids: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM articles WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?;
    Ok(ids.into_iter().map(ArticleId).collect())
}
