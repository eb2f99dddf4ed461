//! The journal: taking decisions and reading them.

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection, SqlitePool};

use super::{
    figures::{self, Mistake, StateChanges},
    rows::{CheckedRow, DecisionRow},
};
use crate::{
    domain::{
        CheckedComment, CheckedId, CommentState, Decision, DecisionId, DecisionVia, Outcome, SiteId,
    },
    store::{
        Decided, DecisionDraft, Lesson, Result,
        sqlite::rows::{named, read_all, small, time},
    },
};

pub(super) async fn decide(
    tx: &mut SqliteConnection,
    drafts: &[DecisionDraft],
    now: Timestamp,
) -> Result<Vec<Decided>> {
    let mut decided = Vec::with_capacity(drafts.len());
    let mut batch = None;
    for draft in drafts {
        let done = decide_one(tx, draft, batch, now).await?;
        if let Decided::Done(decision) = &done {
            batch.get_or_insert(decision.id);
        }
        decided.push(done);
    }
    Ok(decided)
}

async fn decide_one(
    tx: &mut SqliteConnection,
    draft: &DecisionDraft,
    batch: Option<DecisionId>,
    now: Timestamp,
) -> Result<Decided> {
    let Some(standing) = standing(tx, draft.comment).await? else { return Ok(Decided::Missing) };
    let Standing { state, version, .. } = standing;
    let said_so = standing.decision.is_some() && state == draft.to;
    if said_so || is_known_request(tx, draft.request.as_deref()).await? {
        return Ok(Decided::Already { state, version });
    }
    if draft.seen.is_some_and(|seen| seen != version) {
        return Ok(Decided::Stale { state, version });
    }
    let line = Line {
        comment: draft.comment,
        actor: &draft.actor,
        via: draft.via,
        to: draft.to,
        reason: draft.reason.as_deref(),
        batch,
        undoes: None,
        request: draft.request.as_deref(),
    };
    let id = append(tx, &standing, &line, now).await?;
    let force = Force { decision: Some(id), to: draft.to, label: draft.to.label() };
    put(tx, draft.comment, &standing, &force, now).await?;
    Ok(Decided::Done(read(tx, id).await?))
}

async fn is_known_request(tx: &mut SqliteConnection, request: Option<&str>) -> Result<bool> {
    let Some(request) = request else { return Ok(false) };
    let known: Option<i64> = sqlx::query_scalar("SELECT id FROM decisions WHERE request = $1")
        .bind(request)
        .fetch_optional(tx)
        .await?;
    Ok(known.is_some())
}

/// Where a comment stands before a decision.
pub(super) struct Standing {
    pub site: SiteId,
    pub state: CommentState,
    pub version: u32,
    pub verdict: Outcome,
    pub label: Option<bool>,
    pub decision: Option<DecisionId>,
}

#[derive(FromRow)]
struct StandingRow {
    site_id: i64,
    state: String,
    version: i64,
    verdict: String,
    label: Option<i64>,
    decision: Option<i64>,
}

pub(super) async fn standing(tx: &mut SqliteConnection, id: CheckedId) -> Result<Option<Standing>> {
    let row: Option<StandingRow> = sqlx::query_as(
        "SELECT site_id, state, version, verdict, label, decision FROM checked WHERE id = $1",
    )
    .bind(id.0)
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Standing {
        site: SiteId(row.site_id),
        state: named("comment state", &row.state, CommentState::from_name)?,
        version: small(row.version),
        verdict: named("verdict", &row.verdict, Outcome::from_name)?,
        label: row.label.map(|label| label != 0),
        decision: row.decision.map(DecisionId),
    }))
}

/// A line for the journal.
pub(super) struct Line<'a> {
    pub comment: CheckedId,
    pub actor: &'a str,
    pub via: DecisionVia,
    pub to: CommentState,
    pub reason: Option<&'a str>,
    pub batch: Option<DecisionId>,
    pub undoes: Option<DecisionId>,
    pub request: Option<&'a str>,
}

pub(super) async fn append(
    tx: &mut SqliteConnection,
    standing: &Standing,
    line: &Line<'_>,
    now: Timestamp,
) -> Result<DecisionId> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO decisions (site_id, checked_id, at, actor, via, from_state, to_state, reason,
            batch, version, before, undoes, request)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
    )
    .bind(standing.site.0)
    .bind(line.comment.0)
    .bind(now.as_second())
    .bind(line.actor)
    .bind(line.via.as_str())
    .bind(standing.state.as_str())
    .bind(line.to.as_str())
    .bind(line.reason)
    .bind(line.batch.map(|batch| batch.0))
    .bind(i64::from(standing.version) + 1)
    .bind(standing.decision.map(|decision| decision.0))
    .bind(line.undoes.map(|undoes| undoes.0))
    .bind(line.request)
    .fetch_one(&mut *tx)
    .await?;
    if line.batch.is_none() {
        sqlx::query("UPDATE decisions SET batch = id WHERE id = $1").bind(id).execute(tx).await?;
    }
    Ok(DecisionId(id))
}

/// What is in force for a comment from now on.
pub(super) struct Force {
    pub decision: Option<DecisionId>,
    pub to: CommentState,
    pub label: Option<bool>,
}

/// Puts a comment where a decision says, and keeps the counts in step.
pub(super) async fn put(
    tx: &mut SqliteConnection,
    comment: CheckedId,
    standing: &Standing,
    force: &Force,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE checked SET state = $2, label = $3, decision = $4, version = version + 1
         WHERE id = $1",
    )
    .bind(comment.0)
    .bind(force.to.as_str())
    .bind(force.label.map(i64::from))
    .bind(force.decision.map(|decision| decision.0))
    .execute(&mut *tx)
    .await?;
    let mut states = StateChanges::default();
    states.add(standing.site, standing.state, -1);
    states.add(standing.site, force.to, 1);
    states.write(tx).await?;
    count_mistakes(tx, standing, force, now).await
}

/// A mistake counts on the day of the decision that showed it, and no longer once that is out of force.
async fn count_mistakes(
    tx: &mut SqliteConnection,
    standing: &Standing,
    force: &Force,
    now: Timestamp,
) -> Result<()> {
    let before = mistake(standing.verdict, standing.label);
    let after = mistake(standing.verdict, force.label);
    if before == after {
        return Ok(());
    }
    if let Some((mistake, decision)) = before.zip(standing.decision) {
        let day = day_of(tx, decision).await?;
        figures::count_mistake(tx, standing.site, day, mistake, -1).await?;
    }
    if let Some(mistake) = after {
        let day = match force.decision {
            Some(decision) => day_of(tx, decision).await?,
            None => figures::day_of(now),
        };
        figures::count_mistake(tx, standing.site, day, mistake, 1).await?;
    }
    Ok(())
}

fn mistake(verdict: Outcome, label: Option<bool>) -> Option<Mistake> {
    match (verdict, label?) {
        (Outcome::Ham, true) => Some(Mistake::MissedSpam),
        (Outcome::Spam, false) => Some(Mistake::FalsePositive),
        _ => None,
    }
}

async fn day_of(tx: &mut SqliteConnection, decision: DecisionId) -> Result<i64> {
    let at: i64 = sqlx::query_scalar("SELECT at FROM decisions WHERE id = $1")
        .bind(decision.0)
        .fetch_one(tx)
        .await?;
    Ok(figures::day_of(time(at)?))
}

pub(super) async fn read(tx: &mut SqliteConnection, id: DecisionId) -> Result<Decision> {
    let row: DecisionRow =
        sqlx::query_as("SELECT * FROM decisions WHERE id = $1").bind(id.0).fetch_one(tx).await?;
    Decision::try_from(row)
}

pub(super) async fn by_id(pool: &SqlitePool, id: DecisionId) -> Result<Option<Decision>> {
    let row: Option<DecisionRow> = sqlx::query_as("SELECT * FROM decisions WHERE id = $1")
        .bind(id.0)
        .fetch_optional(pool)
        .await?;
    row.map(Decision::try_from).transpose()
}

pub(super) async fn on(pool: &SqlitePool, id: CheckedId) -> Result<Vec<Decision>> {
    let rows: Vec<DecisionRow> =
        sqlx::query_as("SELECT * FROM decisions WHERE checked_id = $1 ORDER BY id DESC")
            .bind(id.0)
            .fetch_all(pool)
            .await?;
    read_all(rows)
}

pub(super) async fn journal(
    pool: &SqlitePool,
    site: Option<SiteId>,
    before: Option<DecisionId>,
    limit: u32,
) -> Result<Vec<Decision>> {
    let before = before.map_or(i64::MAX, |decision| decision.0);
    let rows: Vec<DecisionRow> =
        match site {
            None => {
                sqlx::query_as("SELECT * FROM decisions WHERE id < $1 ORDER BY id DESC LIMIT $2")
                    .bind(before)
                    .bind(i64::from(limit))
                    .fetch_all(pool)
                    .await?
            }
            Some(site) => sqlx::query_as(
                "SELECT * FROM decisions WHERE site_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2",
            )
            .bind(before)
            .bind(i64::from(limit))
            .bind(site.0)
            .fetch_all(pool)
            .await?,
        };
    read_all(rows)
}

#[derive(FromRow)]
struct LessonRow {
    label: i64,
    #[sqlx(flatten)]
    comment: CheckedRow,
}

pub(super) async fn lessons(
    pool: &SqlitePool,
    site: Option<SiteId>,
    limit: u32,
) -> Result<Vec<Lesson>> {
    let rows: Vec<LessonRow> = sqlx::query_as(
        "SELECT * FROM checked
         WHERE ($1 IS NULL OR site_id = $1) AND decision IS NOT NULL AND label IS NOT NULL
         ORDER BY decision DESC LIMIT $2",
    )
    .bind(site.map(|site| site.0))
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    let mut lessons = Vec::with_capacity(rows.len());
    for row in rows.into_iter().rev() {
        let comment = CheckedComment::try_from(row.comment)?;
        let Some(decision) = comment.decision else { continue };
        lessons.push(Lesson { decision, comment, spam: row.label != 0 });
    }
    Ok(lessons)
}
