//! Reading checked comments: one, a queue, an author's, those alike.

use sqlx::{QueryBuilder, Sqlite, SqlitePool};
use uuid::Uuid;

use super::{figures, rows::CheckedRow};
use crate::{
    domain::{CheckedComment, CheckedId, CommentState, Pseudonym, SiteId},
    store::{
        AuthorRecord, CampaignCount, QueueCursor, QueueFilter, QueueOrder, Result,
        sqlite::rows::{count, read_all, time_or_none},
    },
};

/// Campaigns are counted among this many of the newest comments.
const CAMPAIGN_WINDOW: i64 = 5_000;
/// Words of a text filter that are looked for.
const MAX_WORDS: usize = 8;

pub(super) async fn by_id(pool: &SqlitePool, id: CheckedId) -> Result<Option<CheckedComment>> {
    let row: Option<CheckedRow> = sqlx::query_as("SELECT * FROM checked WHERE id = $1")
        .bind(id.0)
        .fetch_optional(pool)
        .await?;
    row.map(CheckedComment::try_from).transpose()
}

pub(super) async fn by_guid(pool: &SqlitePool, guid: Uuid) -> Result<Option<CheckedComment>> {
    let row: Option<CheckedRow> = sqlx::query_as("SELECT * FROM checked WHERE guid = $1")
        .bind(&guid.as_bytes()[..])
        .fetch_optional(pool)
        .await?;
    row.map(CheckedComment::try_from).transpose()
}

pub(super) async fn page(
    pool: &SqlitePool,
    filter: &QueueFilter,
    order: QueueOrder,
    after: Option<QueueCursor>,
    limit: u32,
) -> Result<Vec<CheckedComment>> {
    let mut query = QueryBuilder::new("SELECT * FROM checked WHERE TRUE");
    push_filter(&mut query, filter, order);
    if let Some(cursor) = after {
        push_cursor(&mut query, order, cursor);
    }
    query.push(match order {
        QueueOrder::Newest => " ORDER BY id DESC LIMIT ",
        QueueOrder::Oldest => " ORDER BY id LIMIT ",
        QueueOrder::LeastCertain => " ORDER BY abs(score - 0.5), id LIMIT ",
    });
    query.push_bind(i64::from(limit));
    let rows: Vec<CheckedRow> = query.build_query_as().fetch_all(pool).await?;
    read_all(rows)
}

fn push_cursor(query: &mut QueryBuilder<Sqlite>, order: QueueOrder, cursor: QueueCursor) {
    match order {
        QueueOrder::Newest => query.push(" AND id < ").push_bind(cursor.id.0),
        QueueOrder::Oldest => query.push(" AND id > ").push_bind(cursor.id.0),
        QueueOrder::LeastCertain => query
            .push(" AND (abs(score - 0.5), id) > (abs(")
            .push_bind(f64::from(cursor.score))
            .push(" - 0.5), ")
            .push_bind(cursor.id.0)
            .push(")"),
    };
}

pub(super) async fn ids(
    pool: &SqlitePool,
    filter: &QueueFilter,
    limit: u32,
) -> Result<Vec<CheckedId>> {
    let mut query = QueryBuilder::new("SELECT id FROM checked WHERE TRUE");
    push_filter(&mut query, filter, QueueOrder::Newest);
    query.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit));
    let ids: Vec<i64> = query.build_query_scalar().fetch_all(pool).await?;
    Ok(ids.into_iter().map(CheckedId).collect())
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &QueueFilter, order: QueueOrder) {
    if let Some(site) = filter.site {
        // The plus keeps the index of sites out, which would leave all to be sorted by certainty.
        let column = if order == QueueOrder::LeastCertain { "+site_id" } else { "site_id" };
        query.push(format_args!(" AND {column} = ")).push_bind(site.0);
    }
    if let Some(state) = filter.state {
        query.push(" AND state = ").push_bind(state.as_str());
    }
    if let Some(reason) = &filter.reason {
        let pattern = format!("%[\"{}\",%", escaped(reason));
        query.push(" AND signals LIKE ").push_bind(pattern).push(" ESCAPE '\\'");
    }
    if let Some(campaign) = filter.campaign {
        query.push(" AND campaign = ").push_bind(campaign.cast_signed());
    }
    if let Some(author) = filter.author {
        query.push(" AND author_key = ").push_bind(author.to_vec());
    }
    if let Some(host) = &filter.host {
        query.push(" AND host = ").push_bind(host.clone());
    }
    if let Some(language) = &filter.language {
        query.push(" AND language = ").push_bind(language.clone());
    }
    if let Some(article) = filter.article {
        query.push(" AND article_id = ").push_bind(article.0);
    }
    if let Some((from, until)) = filter.received {
        query.push(" AND received >= ").push_bind(from.as_second());
        query.push(" AND received < ").push_bind(until.as_second());
    }
    for word in filter.text.iter().flat_map(|text| text.split_whitespace()).take(MAX_WORDS) {
        push_word(query, word);
    }
}

fn push_word(query: &mut QueryBuilder<Sqlite>, word: &str) {
    let pattern = format!("%{}%", escaped(word));
    for (at, column) in ["content", "author", "author_url"].into_iter().enumerate() {
        query.push(if at == 0 { " AND (" } else { " OR " }).push(column);
        query.push(" LIKE ").push_bind(pattern.clone()).push(" ESCAPE '\\'");
    }
    query.push(")");
}

/// A text that stands for itself in a `LIKE` pattern.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

pub(super) async fn campaigns(
    pool: &SqlitePool,
    site: Option<SiteId>,
    state: CommentState,
    limit: u32,
) -> Result<Vec<CampaignCount>> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT campaign, COUNT(*), MAX(id) FROM (
             SELECT campaign, id FROM checked
             WHERE state = $1 AND ($2 IS NULL OR site_id = $2) AND campaign IS NOT NULL
             ORDER BY id DESC LIMIT $3) AS newest
         GROUP BY campaign HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, MAX(id) DESC LIMIT $4",
    )
    .bind(state.as_str())
    .bind(site.map(|site| site.0))
    .bind(CAMPAIGN_WINDOW)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    let to_count = |(campaign, comments, newest): (i64, i64, i64)| CampaignCount {
        campaign: campaign.cast_unsigned(),
        comments: count(comments),
        newest: CheckedId(newest),
    };
    Ok(rows.into_iter().map(to_count).collect())
}

pub(super) async fn author_record(pool: &SqlitePool, author: &Pseudonym) -> Result<AuthorRecord> {
    let states: Vec<(String, i64)> =
        sqlx::query_as("SELECT state, COUNT(*) FROM checked WHERE author_key = $1 GROUP BY state")
            .bind(&author[..])
            .fetch_all(pool)
            .await?;
    let (sites, first_seen): (i64, Option<i64>) = sqlx::query_as(
        "SELECT COUNT(DISTINCT site_id), MIN(received) FROM checked WHERE author_key = $1",
    )
    .bind(&author[..])
    .fetch_one(pool)
    .await?;
    Ok(AuthorRecord {
        states: figures::to_counts(states)?,
        sites: count(sites),
        first_seen: time_or_none(first_seen)?,
    })
}

pub(super) async fn similar(
    pool: &SqlitePool,
    id: CheckedId,
    limit: u32,
) -> Result<Vec<CheckedComment>> {
    let rows: Vec<CheckedRow> = sqlx::query_as(
        "SELECT * FROM checked
         WHERE campaign = (SELECT campaign FROM checked WHERE id = $1) AND id <> $1
         ORDER BY id DESC LIMIT $2",
    )
    .bind(id.0)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    read_all(rows)
}

pub(super) async fn recent_campaigns(pool: &SqlitePool, limit: u32) -> Result<Vec<(u64, u64)>> {
    let mut rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT fingerprint, campaign FROM checked
         WHERE fingerprint IS NOT NULL AND campaign IS NOT NULL ORDER BY id DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    rows.reverse();
    Ok(rows.into_iter().map(|(f, c)| (f.cast_unsigned(), c.cast_unsigned())).collect())
}
