//! Taking decisions back. An undo is a line of the journal too, and can itself be taken back.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    decisions::{Force, Line, append, put, read, standing},
    rows::DecisionRow,
};
use crate::{
    domain::{CommentState, Decision, DecisionId, DecisionVia},
    store::{Decided, Result, sqlite::rows::named},
};

/// Who takes back.
pub(super) struct By<'a> {
    pub actor: &'a str,
    pub via: DecisionVia,
    pub now: Timestamp,
}

pub(super) async fn batch(
    tx: &mut SqliteConnection,
    batch: DecisionId,
    by: &By<'_>,
) -> Result<Vec<Decided>> {
    let ids: Vec<i64> = sqlx::query_scalar(
        "SELECT id FROM decisions WHERE batch = $1 AND undone_by IS NULL ORDER BY id DESC",
    )
    .bind(batch.0)
    .fetch_all(&mut *tx)
    .await?;
    let mut undone = Vec::with_capacity(ids.len());
    let mut together = None;
    for id in ids {
        let done = one_of(tx, DecisionId(id), together, by).await?;
        if let Decided::Done(decision) = &done {
            together.get_or_insert(decision.id);
        }
        undone.push(done);
    }
    Ok(undone)
}

pub(super) async fn one(tx: &mut SqliteConnection, id: DecisionId, by: &By<'_>) -> Result<Decided> {
    one_of(tx, id, None, by).await
}

async fn one_of(
    tx: &mut SqliteConnection,
    id: DecisionId,
    batch: Option<DecisionId>,
    by: &By<'_>,
) -> Result<Decided> {
    let row: Option<DecisionRow> = sqlx::query_as("SELECT * FROM decisions WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(Decided::Missing) };
    let earlier = row.earlier.map(DecisionId);
    let decision = Decision::try_from(row)?;
    let Some(standing) = standing(tx, decision.comment).await? else {
        return Ok(Decided::Missing);
    };
    let (state, version) = (standing.state, standing.version);
    if decision.undone_by.is_some() {
        return Ok(Decided::Already { state, version });
    }
    if version != decision.version {
        return Ok(Decided::Stale { state, version });
    }
    let line = Line {
        comment: decision.comment,
        actor: by.actor,
        via: by.via,
        to: decision.from,
        reason: None,
        batch,
        undoes: Some(id),
        request: None,
    };
    let undo = append(tx, &standing, &line, by.now).await?;
    let label = label_of(tx, earlier).await?;
    let force = Force { decision: earlier, to: decision.from, label };
    put(tx, decision.comment, &standing, &force, by.now).await?;
    mark(tx, &decision, undo).await?;
    revive(tx, earlier.into_iter().chain(decision.undoes), undo).await?;
    Ok(Decided::Done(read(tx, undo).await?))
}

/// What the decision that is in force again teaches.
async fn label_of(tx: &mut SqliteConnection, decision: Option<DecisionId>) -> Result<Option<bool>> {
    let Some(decision) = decision else { return Ok(None) };
    let state: String = sqlx::query_scalar("SELECT to_state FROM decisions WHERE id = $1")
        .bind(decision.0)
        .fetch_one(tx)
        .await?;
    Ok(named("comment state", &state, CommentState::from_name)?.label())
}

/// Marks the decision as undone.
async fn mark(tx: &mut SqliteConnection, decision: &Decision, undo: DecisionId) -> Result<()> {
    sqlx::query("UPDATE decisions SET undone_by = $2 WHERE id = $1")
        .bind(decision.id.0)
        .bind(undo.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// Decisions that are in force again can be undone as if they had just been taken.
async fn revive(
    tx: &mut SqliteConnection,
    decisions: impl Iterator<Item = DecisionId>,
    undo: DecisionId,
) -> Result<()> {
    for decision in decisions {
        sqlx::query(
            "UPDATE decisions SET undone_by = NULL,
                version = (SELECT version FROM decisions WHERE id = $2)
             WHERE id = $1",
        )
        .bind(decision.0)
        .bind(undo.0)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
