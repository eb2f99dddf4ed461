//! Entities and attacks, and which articles name them.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection, SqlitePool};

use super::{
    id_list,
    rows::{SummaryRow, count, named, read_all, time_or_none, to_json},
};
use crate::{
    domain::{ArticleId, ArticleSummary, Subject, SubjectCount, SubjectKind},
    store::{EnrichedArticle, Result, StoreError, SubjectNumbers},
};

/// Newest articles of a subject that are looked at for what is named beside it.
const RELATED_ARTICLES: i64 = 500;
/// Related subjects of all kinds together.
const RELATED: i64 = 100;
const DAY_S: i64 = 86_400;

/// Replaces what these articles name.
pub(super) async fn save(tx: &mut SqliteConnection, articles: &[&EnrichedArticle]) -> Result<()> {
    #[derive(Serialize)]
    struct Mention {
        article: i64,
        published: i64,
        kind: &'static str,
        slug: String,
        name: String,
        id: Option<String>,
        known_exploited: i64,
    }
    let mut mentions = Vec::new();
    for article in articles {
        for subject in subjects_of(article) {
            mentions.push(Mention {
                article: article.id.0,
                published: article.published.as_second(),
                kind: subject.kind.as_str(),
                slug: subject.slug,
                name: subject.name,
                id: subject.id,
                known_exploited: i64::from(subject.known_exploited),
            });
        }
    }
    let mentions = to_json(&mentions);
    sqlx::query("DELETE FROM mentions WHERE article_id IN (SELECT value FROM json_each($1))")
        .bind(id_list(articles.iter().map(|article| article.id.0)))
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO subjects (kind, slug, name, outside_id, known_exploited)
         SELECT value ->> 'kind', value ->> 'slug', value ->> 'name', value ->> 'id',
                value ->> 'known_exploited'
         FROM json_each($1) WHERE true
         ON CONFLICT (kind, slug) DO UPDATE SET name = excluded.name,
             outside_id = COALESCE(excluded.outside_id, subjects.outside_id),
             known_exploited = excluded.known_exploited
         WHERE subjects.name <> excluded.name
            OR subjects.known_exploited <> excluded.known_exploited
            OR (subjects.outside_id IS NULL AND excluded.outside_id IS NOT NULL)",
    )
    .bind(&mentions)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO mentions (subject_id, published, article_id)
         SELECT subjects.id, named.value ->> 'published', named.value ->> 'article'
         FROM json_each($1) AS named
         JOIN subjects ON subjects.kind = named.value ->> 'kind'
                      AND subjects.slug = named.value ->> 'slug'
         WHERE true
         ON CONFLICT DO NOTHING",
    )
    .bind(&mentions)
    .execute(tx)
    .await?;
    Ok(())
}

/// What an article names. A name without a letter or digit has no address, and no page.
fn subjects_of(article: &EnrichedArticle) -> impl Iterator<Item = Subject> {
    let attacks = article.enrichment.attacks.iter().map(|tag| Subject::from(tag.attack));
    let entities = article.enrichment.entities.iter().map(Subject::from);
    attacks.chain(entities).filter(|subject| !subject.slug.is_empty())
}

#[derive(FromRow)]
struct SubjectRow {
    kind: String,
    slug: String,
    name: String,
    outside_id: Option<String>,
    known_exploited: i64,
}

impl TryFrom<SubjectRow> for Subject {
    type Error = StoreError;

    fn try_from(row: SubjectRow) -> Result<Self> {
        Ok(Self {
            kind: named("subject kind", &row.kind, SubjectKind::from_name)?,
            slug: row.slug,
            name: row.name,
            id: row.outside_id,
            known_exploited: row.known_exploited != 0,
        })
    }
}

#[derive(FromRow)]
struct CountRow {
    #[sqlx(flatten)]
    subject: SubjectRow,
    articles: i64,
}

impl TryFrom<CountRow> for SubjectCount {
    type Error = StoreError;

    fn try_from(row: CountRow) -> Result<Self> {
        Ok(Self { subject: row.subject.try_into()?, articles: count(row.articles) })
    }
}

pub(super) async fn by_slug(
    pool: &SqlitePool,
    kind: SubjectKind,
    slug: &str,
) -> Result<Option<Subject>> {
    let row: Option<SubjectRow> = sqlx::query_as(
        "SELECT kind, slug, name, outside_id, known_exploited FROM subjects
         WHERE kind = $1 AND slug = $2",
    )
    .bind(kind.as_str())
    .bind(slug)
    .fetch_optional(pool)
    .await?;
    row.map(Subject::try_from).transpose()
}

pub(super) async fn numbers(
    pool: &SqlitePool,
    kind: SubjectKind,
    slug: &str,
    now: Timestamp,
) -> Result<SubjectNumbers> {
    let (articles, month, earlier, first, last): (i64, i64, i64, Option<i64>, Option<i64>) =
        sqlx::query_as(
            "SELECT count(*), count(CASE WHEN published > $3 THEN 1 END),
                    count(CASE WHEN published > $4 AND published <= $3 THEN 1 END),
                    min(published), max(published)
             FROM mentions
             WHERE subject_id = (SELECT id FROM subjects WHERE kind = $1 AND slug = $2)",
        )
        .bind(kind.as_str())
        .bind(slug)
        .bind(now.as_second() - 30 * DAY_S)
        .bind(now.as_second() - 60 * DAY_S)
        .fetch_one(pool)
        .await?;
    Ok(SubjectNumbers {
        articles: count(articles),
        articles_30d: count(month),
        articles_60d: count(earlier),
        first_seen: time_or_none(first)?,
        last_seen: time_or_none(last)?,
    })
}

pub(super) async fn timeline(
    pool: &SqlitePool,
    kind: SubjectKind,
    slug: &str,
    until: Timestamp,
    span_s: i64,
    buckets: u32,
) -> Result<Vec<u64>> {
    let span = span_s.max(1);
    let from = until.as_second() - span * i64::from(buckets);
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT (published - $3) / $4 AS bucket, count(*) FROM mentions
         WHERE subject_id = (SELECT id FROM subjects WHERE kind = $1 AND slug = $2)
           AND published >= $3 AND published < $5
         GROUP BY bucket",
    )
    .bind(kind.as_str())
    .bind(slug)
    .bind(from)
    .bind(span)
    .bind(until.as_second())
    .fetch_all(pool)
    .await?;
    let mut timeline = vec![0; buckets as usize];
    for (bucket, articles) in rows {
        if let Some(slot) = usize::try_from(bucket).ok().and_then(|at| timeline.get_mut(at)) {
            *slot = count(articles);
        }
    }
    Ok(timeline)
}

pub(super) async fn articles(
    pool: &SqlitePool,
    kind: SubjectKind,
    slug: &str,
    limit: u32,
    before: Option<(Timestamp, ArticleId)>,
) -> Result<Vec<ArticleSummary>> {
    let (published, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.as_second(), id.0));
    let rows: Vec<SummaryRow> = sqlx::query_as(
        "SELECT articles.id, source_id, sources.title AS source, articles.url, articles.title,
                description, articles.published, articles.language, comment_count
         FROM mentions
         JOIN articles ON articles.id = mentions.article_id
         JOIN sources ON sources.id = articles.source_id
         WHERE subject_id = (SELECT id FROM subjects WHERE kind = $1 AND slug = $2)
           AND (mentions.published, mentions.article_id) < ($3, $4)
         ORDER BY mentions.published DESC, mentions.article_id DESC LIMIT $5",
    )
    .bind(kind.as_str())
    .bind(slug)
    .bind(published)
    .bind(id)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    read_all(rows)
}

pub(super) async fn related(
    pool: &SqlitePool,
    kind: SubjectKind,
    slug: &str,
) -> Result<Vec<SubjectCount>> {
    let rows: Vec<CountRow> = sqlx::query_as(
        "WITH this AS (SELECT id FROM subjects WHERE kind = $1 AND slug = $2),
              newest AS MATERIALIZED (
                  SELECT article_id FROM mentions WHERE subject_id = (SELECT id FROM this)
                  ORDER BY published DESC, article_id DESC LIMIT $3),
              counted AS (
                  SELECT mentions.subject_id, count(*) AS articles
                  FROM newest JOIN mentions ON mentions.article_id = newest.article_id
                  WHERE mentions.subject_id <> (SELECT id FROM this)
                  GROUP BY mentions.subject_id ORDER BY articles DESC LIMIT $4)
         SELECT kind, slug, name, outside_id, known_exploited, articles
         FROM counted JOIN subjects ON subjects.id = counted.subject_id
         ORDER BY articles DESC, name",
    )
    .bind(kind.as_str())
    .bind(slug)
    .bind(RELATED_ARTICLES)
    .bind(RELATED)
    .fetch_all(pool)
    .await?;
    read_all(rows)
}

pub(super) async fn top(
    pool: &SqlitePool,
    kinds: &[SubjectKind],
    from: Timestamp,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<SubjectCount>> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let rows: Vec<CountRow> = sqlx::query_as(
        "WITH counted AS (
             SELECT subject_id, count(*) AS articles FROM mentions
             WHERE published >= $2 AND published < $3 GROUP BY subject_id),
         ranked AS (
             SELECT kind, slug, name, outside_id, known_exploited, articles,
                    row_number() OVER (PARTITION BY kind ORDER BY articles DESC, name) AS place
             FROM counted JOIN subjects ON subjects.id = counted.subject_id
             WHERE kind IN (SELECT value FROM json_each($1)))
         SELECT kind, slug, name, outside_id, known_exploited, articles FROM ranked
         WHERE place <= $4 ORDER BY articles DESC, name",
    )
    .bind(to_json(&kinds))
    .bind(from.as_second())
    .bind(until.as_second())
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    read_all(rows)
}

pub(super) async fn beginning(
    pool: &SqlitePool,
    prefix: &str,
    limit: u32,
) -> Result<Vec<SubjectCount>> {
    let kinds: Vec<&str> = SubjectKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let rows: Vec<CountRow> = sqlx::query_as(
        "WITH begun AS MATERIALIZED (
             SELECT subjects.* FROM json_each($1) AS kinds
             JOIN subjects ON subjects.kind = kinds.value
                          AND subjects.slug >= $2 AND subjects.slug < $3
             LIMIT 200)
         SELECT kind, slug, name, outside_id, known_exploited,
                (SELECT count(*) FROM (SELECT 1 FROM mentions
                                       WHERE subject_id = begun.id LIMIT 10000)) AS articles
         FROM begun ORDER BY articles DESC, name LIMIT $4",
    )
    .bind(to_json(&kinds))
    .bind(prefix)
    .bind(format!("{prefix}\u{10FFFF}"))
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    read_all(rows)
}
