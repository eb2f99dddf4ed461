//! Crawled comments: which wait for a verdict, which readers may see.

use sqlx::{FromRow, SqlitePool};

use crate::{
    domain::{ArticleId, Comment, SourceId},
    store::{
        PublicComments, Result, Unjudged,
        sqlite::rows::{CommentRow, read_all},
    },
};

/// Characters of the article's text that the filter compares a comment with.
const CONTEXT_CHARACTERS: i64 = 4_000;

#[derive(FromRow)]
struct UnjudgedRow {
    source_id: i64,
    source_title: String,
    source_url: String,
    article_url: String,
    article_title: String,
    article_text: String,
    #[sqlx(flatten)]
    comment: CommentRow,
}

/// Comments are judged in the order of their numbers, so that those above the last judged one are all that wait.
pub(super) async fn unjudged(pool: &SqlitePool, limit: u32) -> Result<Vec<Unjudged>> {
    let rows: Vec<UnjudgedRow> = sqlx::query_as(
        "SELECT comments.*, articles.source_id, sources.title AS source_title,
                sources.url AS source_url, articles.url AS article_url,
                articles.title AS article_title, substr(articles.text, 1, $1) AS article_text
         FROM comments
         JOIN articles ON articles.id = comments.article_id
         JOIN sources ON sources.id = articles.source_id
         WHERE comments.id > (SELECT COALESCE(max(comment_id), 0) FROM checked)
         ORDER BY comments.id LIMIT $2",
    )
    .bind(CONTEXT_CHARACTERS)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Unjudged {
                comment: Comment::try_from(row.comment)?,
                source: SourceId(row.source_id),
                source_title: row.source_title,
                source_url: row.source_url,
                article_url: row.article_url,
                article_title: row.article_title,
                article_text: row.article_text,
            })
        })
        .collect()
}

pub(super) async fn public(pool: &SqlitePool, id: ArticleId) -> Result<PublicComments> {
    let rows: Vec<CommentRow> = sqlx::query_as(
        "SELECT comments.* FROM comments JOIN checked ON checked.comment_id = comments.id
         WHERE comments.article_id = $1 AND checked.state = 'approved' ORDER BY comments.id",
    )
    .bind(id.0)
    .fetch_all(pool)
    .await?;
    let comments = read_all(rows)?;
    let (hidden, waiting): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*) FILTER (WHERE checked.state IN ('spam', 'deleted')),
                COUNT(*) FILTER (WHERE checked.state IS NULL OR checked.state = 'unsure')
         FROM comments LEFT JOIN checked ON checked.comment_id = comments.id
         WHERE comments.article_id = $1",
    )
    .bind(id.0)
    .fetch_one(pool)
    .await?;
    Ok(PublicComments {
        comments,
        hidden: hidden.cast_unsigned(),
        waiting: waiting.cast_unsigned(),
    })
}
