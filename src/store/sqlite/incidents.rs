//! Incidents, their coverage, and moderators' decisions about them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection, SqlitePool};

use super::{
    SqliteStore, id_list,
    rows::{from_json, named, read_all, time, to_json},
    whole::append_changes,
};
use crate::{
    domain::{
        ArticleId, ChangeKind, Coverage, Incident, IncidentId, RoundupMention, SourceId, Span,
        SubjectKind,
    },
    store::{
        CopyCandidate, CoverageTick, EnrichedArticle, FoundIncident, IncidentAction,
        IncidentDecision, IncidentState, IncidentStore, OwedIncident, Result, StoreError,
    },
};

/// What the desk owes an incident, as the column `owed` has it.
const OWED_TELLING: i64 = 1;
const OWED_REBUILDING: i64 = 2;
/// Newest articles of a subject that are asked for their incidents.
const ARTICLES_ASKED: i64 = 400;
/// Merges that are followed to find where an incident went.
const MAX_MOVES: usize = 8;

#[async_trait]
impl IncidentStore for SqliteStore {
    async fn incident_keys(
        &self,
        keys: &[i64],
        from: Timestamp,
        until: Timestamp,
        per_key: u32,
    ) -> Result<Vec<(i64, IncidentId)>> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT wanted.value, known.incident_id
             FROM json_each($1) AS wanted
             JOIN incident_keys AS known ON known.key = wanted.value
             WHERE known.incident_id IN (
                 SELECT recent.incident_id FROM incident_keys AS recent
                 WHERE recent.key = wanted.value AND recent.seen BETWEEN $2 AND $3
                 ORDER BY recent.seen DESC, recent.incident_id DESC LIMIT $4)",
        )
        .bind(id_list(keys.iter().copied()))
        .bind(from.as_second())
        .bind(until.as_second())
        .bind(i64::from(per_key))
        .fetch_all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(|(key, incident)| (key, IncidentId(incident))).collect())
    }

    async fn copy_candidates(
        &self,
        incidents: &[IncidentId],
        fingerprints: &[i64],
        per_incident: u32,
    ) -> Result<Vec<CopyCandidate>> {
        let rows: Vec<CopyRow> = sqlx::query_as(
            "WITH numbered AS (
                 SELECT article_id, row_number() OVER (PARTITION BY incident_id
                                                       ORDER BY published DESC) AS place
                 FROM json_each($1) AS wanted
                 JOIN coverage ON coverage.incident_id = wanted.value),
             found AS (
                 SELECT article_id FROM numbered WHERE place <= $3
                 UNION
                 SELECT article_id FROM json_each($2) AS same
                 JOIN enrichments ON enrichments.fingerprint = same.value)
             SELECT found.article_id, incident_id, duplicate_of, fingerprint, signature
             FROM found
             JOIN enrichments ON enrichments.article_id = found.article_id
             LEFT JOIN coverage ON coverage.article_id = found.article_id
             WHERE signature IS NOT NULL AND fingerprint IS NOT NULL
             ORDER BY found.article_id",
        )
        .bind(id_list(incidents.iter().map(|id| id.0)))
        .bind(id_list(fingerprints.iter().copied()))
        .bind(i64::from(per_incident))
        .fetch_all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(CopyCandidate::from).collect())
    }

    async fn incident_states(&self, ids: &[IncidentId]) -> Result<Vec<IncidentState>> {
        let rows: Vec<StateRow> = sqlx::query_as(
            "SELECT incidents.id, edition, state FROM json_each($1) AS wanted
             JOIN incidents ON incidents.id = wanted.value
             WHERE merged_into IS NULL ORDER BY wanted.key",
        )
        .bind(id_list(ids.iter().map(|id| id.0)))
        .fetch_all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(IncidentState::from).collect())
    }

    async fn owed_incidents(&self, limit: u32) -> Result<Vec<OwedIncident>> {
        let rows: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(
            "SELECT id, edition, owed, articles, last_seen FROM incidents WHERE owed > 0
             ORDER BY last_seen DESC, id DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        let owed = |(id, edition, owed, articles, last_seen)| {
            Ok(OwedIncident {
                id: IncidentId(id),
                edition: u32::try_from(edition).unwrap_or(0),
                rebuild: owed == OWED_REBUILDING,
                articles: u32::try_from(articles).unwrap_or(u32::MAX),
                last_seen: time(last_seen)?,
            })
        };
        rows.into_iter().map(owed).collect()
    }

    async fn save_told(
        &self,
        turn: i64,
        told: &[Incident],
        rebuilt: &[IncidentState],
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        if !take_turn(&mut tx, turn).await? {
            return Ok(false);
        }
        for incident in told {
            sqlx::query("UPDATE incidents SET told = $2, owed = 0 WHERE id = $1")
                .bind(incident.id.0)
                .bind(to_json(incident))
                .execute(&mut *tx)
                .await?;
        }
        save_states(&mut tx, rebuilt).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn incident(&self, id: IncidentId) -> Result<FoundIncident> {
        let mut at = id.0;
        for _ in 0..MAX_MOVES {
            let row: Option<(Option<i64>, Option<String>)> =
                sqlx::query_as("SELECT merged_into, told FROM incidents WHERE id = $1")
                    .bind(at)
                    .fetch_optional(&self.reader)
                    .await?;
            match row {
                Some((Some(into), _)) => at = into,
                Some((None, _)) if at != id.0 => return Ok(FoundIncident::Moved(IncidentId(at))),
                Some((None, Some(told))) => {
                    return Ok(FoundIncident::Here(Box::new(from_json("incident", &told)?)));
                }
                Some((None, None)) | None => return Ok(FoundIncident::Nowhere),
            }
        }
        Ok(FoundIncident::Nowhere)
    }

    async fn incidents(&self, ids: &[IncidentId]) -> Result<Vec<Incident>> {
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT told FROM json_each($1) AS wanted
             JOIN incidents ON incidents.id = wanted.value
             WHERE merged_into IS NULL AND told IS NOT NULL ORDER BY wanted.key",
        )
        .bind(id_list(ids.iter().map(|id| id.0)))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|told| from_json("incident", told)).collect()
    }

    async fn latest_incidents(
        &self,
        limit: u32,
        before: Option<(Timestamp, IncidentId)>,
    ) -> Result<Vec<Incident>> {
        let (seen, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.as_second(), id.0));
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT told FROM incidents
             WHERE articles > 0 AND (last_seen, id) < ($1, $2) AND told IS NOT NULL
             ORDER BY last_seen DESC, id DESC LIMIT $3",
        )
        .bind(seen)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|told| from_json("incident", told)).collect()
    }

    async fn incidents_about(
        &self,
        kind: SubjectKind,
        slug: &str,
        limit: u32,
    ) -> Result<Vec<Incident>> {
        let rows: Vec<String> = sqlx::query_scalar(
            "WITH newest AS MATERIALIZED (
                 SELECT article_id FROM mentions
                 WHERE subject_id = (SELECT id FROM subjects WHERE kind = $1 AND slug = $2)
                 ORDER BY published DESC, article_id DESC LIMIT $3),
             found AS MATERIALIZED (
                 SELECT DISTINCT incident_id FROM newest
                 JOIN coverage ON coverage.article_id = newest.article_id)
             SELECT told FROM found JOIN incidents ON incidents.id = found.incident_id
             WHERE told IS NOT NULL ORDER BY last_seen DESC, incidents.id DESC LIMIT $4",
        )
        .bind(kind.as_str())
        .bind(slug)
        .bind(ARTICLES_ASKED)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|told| from_json("incident", told)).collect()
    }

    async fn coverage(&self, id: IncidentId, limit: u32) -> Result<Vec<Coverage>> {
        let rows: Vec<CoverageRow> = sqlx::query_as(
            "SELECT coverage.article_id, incident_id, by_hand, reasons, duplicate_of
             FROM coverage JOIN enrichments ON enrichments.article_id = coverage.article_id
             WHERE incident_id = $1 ORDER BY coverage.published, coverage.article_id LIMIT $2",
        )
        .bind(id.0)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn coverage_ticks(&self, ids: &[IncidentId], limit: u32) -> Result<Vec<CoverageTick>> {
        let rows: Vec<(i64, i64, i64, i64)> = sqlx::query_as(
            "WITH numbered AS (
                 SELECT incident_id, article_id, published,
                        row_number() OVER (PARTITION BY incident_id
                                           ORDER BY published, article_id) AS place
                 FROM json_each($1) AS wanted
                 JOIN coverage ON coverage.incident_id = wanted.value)
             SELECT incident_id, article_id, source_id, numbered.published
             FROM numbered JOIN articles ON articles.id = numbered.article_id
             WHERE place <= $2 ORDER BY incident_id, place",
        )
        .bind(id_list(ids.iter().map(|id| id.0)))
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        let tick = |(incident, article, source, published)| {
            Ok(CoverageTick {
                incident_id: IncidentId(incident),
                article_id: ArticleId(article),
                source_id: SourceId(source),
                published: time(published)?,
            })
        };
        rows.into_iter().map(tick).collect()
    }

    async fn roundups_of(&self, id: IncidentId, limit: u32) -> Result<Vec<RoundupMention>> {
        let rows: Vec<MentionRow> = sqlx::query_as(
            "WITH RECURSIVE these (id) AS (
                 VALUES ($1) UNION
                 SELECT incidents.id FROM incidents JOIN these ON merged_into = these.id)
             SELECT article_id, $1 AS incident_id, min(section_start) AS section_start, section_end
             FROM these JOIN roundup_mentions ON roundup_mentions.incident_id = these.id
             GROUP BY article_id ORDER BY published DESC, article_id DESC LIMIT $2",
        )
        .bind(id.0)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(RoundupMention::from).collect())
    }

    async fn mentioned_in(&self, id: ArticleId) -> Result<Vec<RoundupMention>> {
        let rows: Vec<MentionRow> = sqlx::query_as(
            "SELECT article_id, incident_id, section_start, section_end FROM roundup_mentions
             WHERE article_id = $1 ORDER BY section_start",
        )
        .bind(id.0)
        .fetch_all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(RoundupMention::from).collect())
    }

    async fn split_incident(
        &self,
        id: IncidentId,
        articles: &[ArticleId],
        who: &str,
        now: Timestamp,
    ) -> Result<Option<IncidentId>> {
        let mut tx = self.begin().await?;
        let covering: Vec<i64> =
            sqlx::query_scalar("SELECT article_id FROM coverage WHERE incident_id = $1")
                .bind(id.0)
                .fetch_all(&mut *tx)
                .await?;
        let wanted: BTreeSet<i64> = articles.iter().map(|article| article.0).collect();
        let all_there = wanted.iter().all(|article| covering.contains(article));
        if wanted.is_empty() || !all_there || wanted.len() == covering.len() {
            return Ok(None);
        }
        let new = IncidentId(
            sqlx::query_scalar(
                "INSERT INTO incidents (edition, owed, first_seen, last_seen, articles, state, told)
                 SELECT edition, 2, first_seen, last_seen, 0, state, NULL FROM incidents
                 WHERE id = $1 RETURNING id",
            )
            .bind(id.0)
            .fetch_one(&mut *tx)
            .await?,
        );
        let moved: Vec<ArticleId> = wanted.into_iter().map(ArticleId).collect();
        hold(&mut tx, id).await?;
        move_articles(&mut tx, &moved, new).await?;
        note(&mut tx, &Note { who, now, action: IncidentAction::Split, id, other: new }, &moved)
            .await?;
        count_again(&mut tx, &[id, new], OWED_REBUILDING).await?;
        end_turn(&mut tx).await?;
        tx.commit().await?;
        Ok(Some(new))
    }

    async fn merge_incidents(
        &self,
        from: IncidentId,
        into: IncidentId,
        who: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let there: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM incidents WHERE id IN ($1, $2) AND merged_into IS NULL",
        )
        .bind(from.0)
        .bind(into.0)
        .fetch_one(&mut *tx)
        .await?;
        if there != 2 {
            return Ok(false);
        }
        let moved: Vec<i64> =
            sqlx::query_scalar("SELECT article_id FROM coverage WHERE incident_id = $1")
                .bind(from.0)
                .fetch_all(&mut *tx)
                .await?;
        let moved: Vec<ArticleId> = moved.into_iter().map(ArticleId).collect();
        hold(&mut tx, into).await?;
        move_articles(&mut tx, &moved, into).await?;
        lead_on(&mut tx, from, into).await?;
        let note_of = Note { who, now, action: IncidentAction::Merge, id: into, other: from };
        note(&mut tx, &note_of, &moved).await?;
        count_again(&mut tx, &[from, into], OWED_REBUILDING).await?;
        end_turn(&mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn undo_decision(&self, decision: i64, who: &str, now: Timestamp) -> Result<bool> {
        let mut tx = self.begin().await?;
        let row: Option<DecisionRow> = sqlx::query_as(
            "SELECT * FROM incident_decisions AS this WHERE id = $1
               AND NOT EXISTS (SELECT 1 FROM incident_decisions AS later
                               WHERE later.id > this.id
                                 AND (later.incident_id IN (this.incident_id, this.other_id)
                                      OR later.other_id IN (this.incident_id, this.other_id)))",
        )
        .bind(decision)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(false) };
        let done = IncidentDecision::try_from(row)?;
        match done.action {
            IncidentAction::Split => {
                move_articles(&mut tx, &done.articles, done.incident).await?;
                lead_on(&mut tx, done.other, done.incident).await?;
            }
            IncidentAction::Merge => {
                sqlx::query("UPDATE incidents SET merged_into = NULL WHERE id = $1")
                    .bind(done.other.0)
                    .execute(&mut *tx)
                    .await?;
                move_articles(&mut tx, &done.articles, done.other).await?;
            }
        }
        sqlx::query("DELETE FROM incident_decisions WHERE id = $1")
            .bind(decision)
            .execute(&mut *tx)
            .await?;
        tracing::info!(decision, who, at = %now, "a decision about incidents was undone");
        count_again(&mut tx, &[done.incident, done.other], OWED_REBUILDING).await?;
        end_turn(&mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn incident_decisions(&self, id: IncidentId) -> Result<Vec<IncidentDecision>> {
        decisions(&self.reader, id).await
    }
}

async fn decisions(pool: &SqlitePool, id: IncidentId) -> Result<Vec<IncidentDecision>> {
    let rows: Vec<DecisionRow> = sqlx::query_as(
        "SELECT * FROM incident_decisions WHERE incident_id = $1 OR other_id = $1 ORDER BY id DESC",
    )
    .bind(id.0)
    .fetch_all(pool)
    .await?;
    read_all(rows)
}

/// Begins a change to incidents that rests on `turn`; `false` if another change came first.
pub(super) async fn take_turn(tx: &mut SqliteConnection, turn: i64) -> Result<bool> {
    let taken = sqlx::query("UPDATE desk SET turn = turn + 1 WHERE turn = $1")
        .bind(turn)
        .execute(tx)
        .await?;
    Ok(taken.rows_affected() == 1)
}

/// Lets work that rests on an earlier turn know that it must read again.
async fn end_turn(tx: &mut SqliteConnection) -> Result<()> {
    sqlx::query("UPDATE desk SET turn = turn + 1").execute(tx).await?;
    Ok(())
}

/// Writes states and keys of incidents, new ones among them.
pub(super) async fn save_states(tx: &mut SqliteConnection, states: &[IncidentState]) -> Result<()> {
    for state in states {
        sqlx::query(
            "INSERT INTO incidents (id, edition, owed, first_seen, last_seen, articles, state)
             VALUES ($1, $2, 0, 0, 0, 0, $3)
             ON CONFLICT (id) DO UPDATE SET edition = excluded.edition, state = excluded.state",
        )
        .bind(state.id.0)
        .bind(i64::from(state.edition))
        .bind(&state.state)
        .execute(&mut *tx)
        .await?;
        save_keys(tx, state).await?;
    }
    Ok(())
}

async fn save_keys(tx: &mut SqliteConnection, state: &IncidentState) -> Result<()> {
    if state.fresh {
        sqlx::query("DELETE FROM incident_keys WHERE incident_id = $1")
            .bind(state.id.0)
            .execute(&mut *tx)
            .await?;
    }
    let keys: Vec<(i64, i64)> =
        state.keys.iter().map(|(key, seen)| (*key, seen.as_second())).collect();
    sqlx::query(
        "INSERT INTO incident_keys (incident_id, key, seen)
         SELECT $1, value ->> 0, value ->> 1 FROM json_each($2) WHERE true
         ON CONFLICT (incident_id, key) DO UPDATE SET seen = max(seen, excluded.seen)",
    )
    .bind(state.id.0)
    .bind(to_json(&keys))
    .execute(tx)
    .await?;
    Ok(())
}

/// Puts articles where the desk found that they belong. What a moderator placed stays.
pub(super) async fn place(tx: &mut SqliteConnection, articles: &[&EnrichedArticle]) -> Result<()> {
    #[derive(Serialize)]
    struct Row {
        article: i64,
        incident: i64,
        published: i64,
        reasons: String,
    }
    let ids = id_list(articles.iter().map(|article| article.id.0));
    let before: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT article_id, incident_id FROM coverage
         WHERE article_id IN (SELECT value FROM json_each($1)) AND by_hand = 0",
    )
    .bind(&ids)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query(
        "DELETE FROM coverage
         WHERE article_id IN (SELECT value FROM json_each($1)) AND by_hand = 0",
    )
    .bind(&ids)
    .execute(&mut *tx)
    .await?;
    let rows: Vec<Row> = articles
        .iter()
        .filter_map(|article| {
            article.placed.as_ref().map(|placed| Row {
                article: article.id.0,
                incident: placed.incident.0,
                published: article.published.as_second(),
                reasons: to_json(&placed.reasons),
            })
        })
        .collect();
    sqlx::query(
        "INSERT INTO coverage (article_id, incident_id, published, by_hand, reasons)
         SELECT value ->> 'article', value ->> 'incident', value ->> 'published', 0,
                value ->> 'reasons'
         FROM json_each($1) WHERE true
         ON CONFLICT (article_id) DO UPDATE SET published = excluded.published",
    )
    .bind(to_json(&rows))
    .execute(&mut *tx)
    .await?;
    let mut touched: BTreeSet<IncidentId> =
        rows.iter().map(|row| IncidentId(row.incident)).collect();
    touched.extend(before.iter().map(|(_, incident)| IncidentId(*incident)));
    let touched: Vec<IncidentId> = touched.into_iter().collect();
    count_again(tx, &touched, OWED_TELLING).await?;
    follow_the_moved(tx, &before).await
}

/// Writes what the round-ups among some articles recall, instead of what they recalled before.
pub(super) async fn save_mentions(
    tx: &mut SqliteConnection,
    articles: &[&EnrichedArticle],
    mentions: &[RoundupMention],
) -> Result<()> {
    sqlx::query(
        "DELETE FROM roundup_mentions WHERE article_id IN (SELECT value FROM json_each($1))",
    )
    .bind(id_list(articles.iter().map(|article| article.id.0)))
    .execute(&mut *tx)
    .await?;
    let written =
        |one: &&RoundupMention| articles.iter().any(|article| article.id == one.article_id);
    for mention in mentions.iter().filter(written) {
        sqlx::query(
            "INSERT INTO roundup_mentions (article_id, incident_id, published, section_start, section_end)
             SELECT id, $2, published, $3, $4 FROM articles WHERE id = $1",
        )
        .bind(mention.article_id.0)
        .bind(mention.incident_id.0)
        .bind(i64::try_from(mention.section.start).unwrap_or(0))
        .bind(i64::try_from(mention.section.end).unwrap_or(0))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// An incident that lost its last article leads to where that went.
async fn follow_the_moved(tx: &mut SqliteConnection, before: &[(i64, i64)]) -> Result<()> {
    for (article, incident) in before {
        sqlx::query(
            "UPDATE incidents SET owed = 0, merged_into =
                 (SELECT incident_id FROM coverage WHERE article_id = $2 AND incident_id <> $1)
             WHERE id = $1 AND articles = 0 AND merged_into IS NULL",
        )
        .bind(incident)
        .bind(article)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "DELETE FROM incident_keys WHERE incident_id = $1
               AND EXISTS (SELECT 1 FROM incidents WHERE id = $1 AND articles = 0)",
        )
        .bind(incident)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Keeps all articles of an incident where they are.
async fn hold(tx: &mut SqliteConnection, id: IncidentId) -> Result<()> {
    sqlx::query("UPDATE coverage SET by_hand = 1 WHERE incident_id = $1")
        .bind(id.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// A moderator's word where articles belong.
async fn move_articles(
    tx: &mut SqliteConnection,
    articles: &[ArticleId],
    into: IncidentId,
) -> Result<()> {
    sqlx::query(
        "UPDATE coverage SET incident_id = $2, by_hand = 1
         WHERE article_id IN (SELECT value FROM json_each($1))",
    )
    .bind(id_list(articles.iter().map(|id| id.0)))
    .bind(into.0)
    .execute(&mut *tx)
    .await?;
    append_changes(tx, ChangeKind::ArticleSaved, articles).await
}

/// Makes the address of one incident lead to another.
async fn lead_on(tx: &mut SqliteConnection, from: IncidentId, into: IncidentId) -> Result<()> {
    sqlx::query("UPDATE incidents SET merged_into = $2 WHERE id = $1")
        .bind(from.0)
        .bind(into.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM incident_keys WHERE incident_id = $1")
        .bind(from.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// What is written into the journal of decisions.
struct Note<'a> {
    who: &'a str,
    now: Timestamp,
    action: IncidentAction,
    id: IncidentId,
    other: IncidentId,
}

async fn note(tx: &mut SqliteConnection, note: &Note<'_>, articles: &[ArticleId]) -> Result<()> {
    sqlx::query(
        "INSERT INTO incident_decisions (made, who, action, incident_id, other_id, articles)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(note.now.as_second())
    .bind(note.who)
    .bind(note.action.as_str())
    .bind(note.id.0)
    .bind(note.other.0)
    .bind(to_json(&articles))
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts the coverage of incidents again and notes what the desk owes them.
async fn count_again(tx: &mut SqliteConnection, ids: &[IncidentId], owed: i64) -> Result<()> {
    sqlx::query(
        "UPDATE incidents SET articles = covering.articles,
                first_seen = COALESCE(covering.first_seen, incidents.first_seen),
                last_seen = COALESCE(covering.last_seen, incidents.last_seen),
                owed = CASE WHEN covering.articles > 0 THEN max(owed, $2) ELSE 0 END
         FROM (SELECT wanted.value AS id, count(coverage.article_id) AS articles,
                      min(coverage.published) AS first_seen, max(coverage.published) AS last_seen
               FROM json_each($1) AS wanted
               LEFT JOIN coverage ON coverage.incident_id = wanted.value
               GROUP BY wanted.value) AS covering
         WHERE incidents.id = covering.id",
    )
    .bind(id_list(ids.iter().map(|id| id.0)))
    .bind(owed)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes an article that is about to be removed out of its incident.
pub(super) async fn leave(tx: &mut SqliteConnection, article: ArticleId) -> Result<()> {
    let left: Option<i64> =
        sqlx::query_scalar("DELETE FROM coverage WHERE article_id = $1 RETURNING incident_id")
            .bind(article.0)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(left) = left else { return Ok(()) };
    count_again(tx, &[IncidentId(left)], OWED_REBUILDING).await
}

#[derive(FromRow)]
struct MentionRow {
    article_id: i64,
    incident_id: i64,
    section_start: i64,
    section_end: i64,
}

impl From<MentionRow> for RoundupMention {
    fn from(row: MentionRow) -> Self {
        let place = |at| usize::try_from(at).unwrap_or(0);
        Self {
            article_id: ArticleId(row.article_id),
            incident_id: IncidentId(row.incident_id),
            section: Span { start: place(row.section_start), end: place(row.section_end) },
        }
    }
}

#[derive(FromRow)]
struct StateRow {
    id: i64,
    edition: i64,
    state: Vec<u8>,
}

impl From<StateRow> for IncidentState {
    fn from(row: StateRow) -> Self {
        Self {
            id: IncidentId(row.id),
            edition: u32::try_from(row.edition).unwrap_or(0),
            state: row.state,
            keys: Vec::new(),
            fresh: false,
        }
    }
}

#[derive(FromRow)]
struct CopyRow {
    article_id: i64,
    incident_id: Option<i64>,
    duplicate_of: Option<i64>,
    fingerprint: i64,
    signature: Vec<u8>,
}

impl From<CopyRow> for CopyCandidate {
    fn from(row: CopyRow) -> Self {
        Self {
            article_id: ArticleId(row.article_id),
            incident: row.incident_id.map(IncidentId),
            duplicate_of: row.duplicate_of.map(ArticleId),
            fingerprint: row.fingerprint,
            signature: row.signature,
        }
    }
}

#[derive(FromRow)]
struct CoverageRow {
    article_id: i64,
    incident_id: i64,
    by_hand: i64,
    reasons: String,
    duplicate_of: Option<i64>,
}

impl TryFrom<CoverageRow> for Coverage {
    type Error = StoreError;

    fn try_from(row: CoverageRow) -> Result<Self> {
        Ok(Self {
            incident_id: IncidentId(row.incident_id),
            article_id: ArticleId(row.article_id),
            reasons: from_json("coverage reasons", &row.reasons)?,
            duplicate_of: row.duplicate_of.map(ArticleId),
            by_hand: row.by_hand != 0,
        })
    }
}

#[derive(FromRow)]
struct DecisionRow {
    id: i64,
    made: i64,
    who: String,
    action: String,
    incident_id: i64,
    other_id: i64,
    articles: String,
}

impl TryFrom<DecisionRow> for IncidentDecision {
    type Error = StoreError;

    fn try_from(row: DecisionRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            made: time(row.made)?,
            who: row.who,
            action: named("incident action", &row.action, IncidentAction::from_name)?,
            incident: IncidentId(row.incident_id),
            other: IncidentId(row.other_id),
            articles: from_json("articles of a decision", &row.articles)?,
        })
    }
}
