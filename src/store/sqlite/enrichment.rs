//! The desk's queue and what it writes. Batches go to SQLite as one JSON list per table, which costs a tenth of a
//! statement for each row.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection, SqlitePool};

use super::{
    SqliteStore, id_list, incidents,
    rows::{SummaryRow, count, from_json, read_all, time, to_json},
    subjects,
    whole::append_changes,
};
use crate::{
    domain::{
        ArticleId, ArticleSummary, ChangeKind, Coverage, Enrichment, IncidentId, SourceId, Subject,
        SubjectCount, SubjectKind,
    },
    store::{
        DeskBatch, DeskProgress, DeskState, Enriched, EnrichedArticle, EnrichmentStore, Result,
        SubjectNumbers, WaitingArticle,
    },
};

#[async_trait]
impl EnrichmentStore for SqliteStore {
    async fn set_recognisers(&self, fingerprint: &str) -> Result<DeskState> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE desk SET recognisers = $1,
                    edition = CASE WHEN recognisers = '' THEN edition ELSE edition + 1 END
             WHERE recognisers <> $1",
        )
        .bind(fingerprint)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        state(&self.reader).await
    }

    async fn read_all_again(&self) -> Result<u64> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE desk SET edition = edition + 1").execute(&mut *tx).await?;
        let waiting: i64 =
            sqlx::query_scalar("SELECT count(*) FROM enrichments").fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(count(waiting))
    }

    async fn desk_state(&self) -> Result<DeskState> {
        state(&self.reader).await
    }

    async fn desk_progress(&self) -> Result<DeskProgress> {
        let (articles, unread, outdated): (i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM enrichments),
                    (SELECT count(*) FROM enrichments WHERE edition = 0),
                    (SELECT count(*) FROM enrichments
                     WHERE edition > 0 AND edition < (SELECT edition FROM desk))",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok(DeskProgress {
            articles: count(articles),
            unread: count(unread),
            outdated: count(outdated),
        })
    }

    async fn waiting_articles(&self, limit: u32) -> Result<Vec<WaitingArticle>> {
        let rows: Vec<WaitingRow> = sqlx::query_as(
            "SELECT articles.id, articles.revision, articles.source_id, articles.url,
                    articles.title, articles.text, articles.published, enrichments.edition,
                    enrichments.duplicate_of, coverage.incident_id, coverage.by_hand,
                    coverage.reasons
             FROM enrichments
             JOIN articles ON articles.id = enrichments.article_id
             LEFT JOIN coverage ON coverage.article_id = articles.id
             WHERE enrichments.edition < (SELECT edition FROM desk)
             ORDER BY enrichments.edition, enrichments.published, enrichments.article_id
             LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn save_desk_batch(&self, batch: &DeskBatch) -> Result<bool> {
        let mut tx = self.begin().await?;
        if !incidents::take_turn(&mut tx, batch.turn).await? {
            return Ok(false);
        }
        let unchanged = unchanged(&mut tx, &batch.articles).await?;
        let articles: Vec<&EnrichedArticle> =
            batch.articles.iter().filter(|article| unchanged.contains(&article.id.0)).collect();
        save_enrichments(&mut tx, batch, &articles).await?;
        subjects::save(&mut tx, &articles).await?;
        save_indicators(&mut tx, &articles).await?;
        incidents::save_states(&mut tx, &batch.incidents).await?;
        incidents::place(&mut tx, &articles).await?;
        incidents::save_mentions(&mut tx, &articles, &batch.mentions).await?;
        let ids: Vec<ArticleId> = articles.iter().map(|article| article.id).collect();
        append_changes(&mut tx, ChangeKind::ArticleSaved, &ids).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn enrichments(&self, ids: &[ArticleId]) -> Result<Vec<Enriched>> {
        let rows: Vec<EnrichedRow> = sqlx::query_as(
            "SELECT enrichments.article_id, enrichment, signature, duplicate_of, incident_id, changed
             FROM json_each($1) AS wanted
             JOIN enrichments ON enrichments.article_id = wanted.value
             LEFT JOIN coverage ON coverage.article_id = enrichments.article_id
             WHERE enrichment IS NOT NULL
             ORDER BY wanted.key",
        )
        .bind(id_list(ids.iter().map(|id| id.0)))
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn copies_of(&self, id: ArticleId, limit: u32) -> Result<Vec<ArticleSummary>> {
        let rows: Vec<SummaryRow> = sqlx::query_as(
            "SELECT articles.id, source_id, sources.title AS source, articles.url, articles.title,
                    description, articles.published, articles.language, comment_count
             FROM enrichments
             JOIN articles ON articles.id = enrichments.article_id
             JOIN sources ON sources.id = articles.source_id
             WHERE enrichments.duplicate_of = $1
             ORDER BY articles.published, articles.id LIMIT $2",
        )
        .bind(id.0)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn subject(&self, kind: SubjectKind, slug: &str) -> Result<Option<Subject>> {
        subjects::by_slug(&self.reader, kind, slug).await
    }

    async fn subject_numbers(
        &self,
        kind: SubjectKind,
        slug: &str,
        now: Timestamp,
    ) -> Result<SubjectNumbers> {
        subjects::numbers(&self.reader, kind, slug, now).await
    }

    async fn subject_timeline(
        &self,
        kind: SubjectKind,
        slug: &str,
        until: Timestamp,
        span_s: i64,
        buckets: u32,
    ) -> Result<Vec<u64>> {
        subjects::timeline(&self.reader, kind, slug, until, span_s, buckets).await
    }

    async fn articles_about(
        &self,
        kind: SubjectKind,
        slug: &str,
        limit: u32,
        before: Option<(Timestamp, ArticleId)>,
    ) -> Result<Vec<ArticleSummary>> {
        subjects::articles(&self.reader, kind, slug, limit, before).await
    }

    async fn related_subjects(&self, kind: SubjectKind, slug: &str) -> Result<Vec<SubjectCount>> {
        subjects::related(&self.reader, kind, slug).await
    }

    async fn top_subjects(
        &self,
        kinds: &[SubjectKind],
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<SubjectCount>> {
        subjects::top(&self.reader, kinds, from, until, limit).await
    }

    async fn subjects_beginning(&self, prefix: &str, limit: u32) -> Result<Vec<SubjectCount>> {
        subjects::beginning(&self.reader, prefix, limit).await
    }
}

async fn state(pool: &SqlitePool) -> Result<DeskState> {
    let (edition, turn, last): (i64, i64, i64) = sqlx::query_as(
        "SELECT edition, turn,
                COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'incidents'), 0)
         FROM desk",
    )
    .fetch_one(pool)
    .await?;
    Ok(DeskState {
        edition: u32::try_from(edition).unwrap_or(u32::MAX),
        turn,
        last_incident: IncidentId(last),
    })
}

/// Makes an article wait to be read: it is new, or its text or date changed.
pub(super) async fn wait(tx: &mut SqliteConnection, article: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO enrichments (article_id, published)
         SELECT id, published FROM articles WHERE id = $1
         ON CONFLICT (article_id) DO UPDATE SET edition = 0, published = excluded.published",
    )
    .bind(article)
    .execute(tx)
    .await?;
    Ok(())
}

/// The articles that are still as they were read.
async fn unchanged(
    tx: &mut SqliteConnection,
    articles: &[EnrichedArticle],
) -> Result<BTreeSet<i64>> {
    #[derive(Serialize)]
    struct Read {
        id: i64,
        revision: u32,
        published: i64,
    }
    let read: Vec<Read> = articles
        .iter()
        .map(|article| Read {
            id: article.id.0,
            revision: article.revision,
            published: article.published.as_second(),
        })
        .collect();
    let ids: Vec<i64> = sqlx::query_scalar(
        "SELECT articles.id FROM json_each($1) AS read
         JOIN articles ON articles.id = read.value ->> 'id'
         WHERE articles.revision = read.value ->> 'revision'
           AND articles.published = read.value ->> 'published'",
    )
    .bind(to_json(&read))
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().collect())
}

async fn save_enrichments(
    tx: &mut SqliteConnection,
    batch: &DeskBatch,
    articles: &[&EnrichedArticle],
) -> Result<()> {
    for article in articles {
        sqlx::query(
            "UPDATE enrichments SET edition = $2, duplicate_of = $3, fingerprint = $4, signature = $5,
                    enrichment = $6,
                    changed = CASE WHEN enrichment IS $6 AND duplicate_of IS $3 THEN changed ELSE $7 END
             WHERE article_id = $1",
        )
        .bind(article.id.0)
        .bind(i64::from(batch.edition))
        .bind(article.duplicate_of.map(|id| id.0))
        .bind(article.fingerprint)
        .bind(&article.signature)
        .bind(to_json(&article.enrichment))
        .bind(batch.read.as_second())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

async fn save_indicators(tx: &mut SqliteConnection, articles: &[&EnrichedArticle]) -> Result<()> {
    #[derive(Serialize)]
    struct Row<'a> {
        article: i64,
        kind: &'static str,
        value: &'a str,
        role: &'static str,
    }
    sqlx::query("DELETE FROM indicators WHERE article_id IN (SELECT value FROM json_each($1))")
        .bind(id_list(articles.iter().map(|article| article.id.0)))
        .execute(&mut *tx)
        .await?;
    let rows: Vec<Row> = articles
        .iter()
        .flat_map(|article| {
            article.enrichment.indicators.iter().map(|indicator| Row {
                article: article.id.0,
                kind: indicator.kind.as_str(),
                value: &indicator.value,
                role: indicator.role.as_str(),
            })
        })
        .collect();
    sqlx::query(
        "INSERT INTO indicators (article_id, kind, value, role)
         SELECT value ->> 'article', value ->> 'kind', value ->> 'value', value ->> 'role'
         FROM json_each($1) WHERE true
         ON CONFLICT DO NOTHING",
    )
    .bind(to_json(&rows))
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct WaitingRow {
    id: i64,
    revision: i64,
    source_id: i64,
    url: String,
    title: String,
    text: String,
    published: i64,
    edition: i64,
    duplicate_of: Option<i64>,
    incident_id: Option<i64>,
    by_hand: Option<i64>,
    reasons: Option<String>,
}

impl TryFrom<WaitingRow> for WaitingArticle {
    type Error = crate::store::StoreError;

    fn try_from(row: WaitingRow) -> Result<Self> {
        let id = ArticleId(row.id);
        let coverage = match row.incident_id {
            None => None,
            Some(incident) => Some(Coverage {
                incident_id: IncidentId(incident),
                article_id: id,
                reasons: from_json("coverage reasons", row.reasons.as_deref().unwrap_or("[]"))?,
                duplicate_of: row.duplicate_of.map(ArticleId),
                by_hand: row.by_hand == Some(1),
            }),
        };
        Ok(Self {
            id,
            revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
            source_id: SourceId(row.source_id),
            url: row.url,
            title: row.title,
            text: row.text,
            published: time(row.published)?,
            edition: u32::try_from(row.edition).unwrap_or(0),
            coverage,
        })
    }
}

#[derive(FromRow)]
struct EnrichedRow {
    article_id: i64,
    enrichment: String,
    signature: Option<Vec<u8>>,
    duplicate_of: Option<i64>,
    incident_id: Option<i64>,
    changed: i64,
}

impl TryFrom<EnrichedRow> for Enriched {
    type Error = crate::store::StoreError;

    fn try_from(row: EnrichedRow) -> Result<Self> {
        Ok(Self {
            article_id: ArticleId(row.article_id),
            enrichment: from_json::<Enrichment>("enrichment", &row.enrichment)?,
            signature: row.signature.unwrap_or_default(),
            duplicate_of: row.duplicate_of.map(ArticleId),
            incident: row.incident_id.map(IncidentId),
            changed: time(row.changed)?,
        })
    }
}
