//! Writing checked comments, and removing them.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};

use super::{
    figures::{self, StateChanges},
    rows::write_signals,
};
use crate::{
    domain::{CheckedId, CommentState, Outcome, Pseudonym, SiteId},
    store::{
        CheckDraft, CheckSaved, Figures, Removed, Result,
        sqlite::rows::{named, small},
    },
};

/// Rows removed in one go, so that other writers need not wait for long.
const REMOVED_AT_ONCE: i64 = 500;

pub(super) async fn save(
    tx: &mut SqliteConnection,
    checks: &[CheckDraft],
) -> Result<Vec<CheckSaved>> {
    let mut saved = Vec::with_capacity(checks.len());
    let mut states = StateChanges::default();
    let mut days: HashMap<(SiteId, i64), Figures> = HashMap::new();
    for check in checks {
        saved.push(save_one(tx, check, &mut states).await?);
        if check.counts {
            let day = figures::day_of(check.received);
            let figures = days.entry((check.site, day)).or_default();
            figures.day = day;
            count(figures, check.verdict);
        }
    }
    states.write(tx).await?;
    for ((site, _), figures) in &days {
        figures::add(tx, *site, figures).await?;
    }
    Ok(saved)
}

fn count(figures: &mut Figures, verdict: Outcome) {
    figures.calls += 1;
    match verdict {
        Outcome::Ham => figures.ham += 1,
        Outcome::Unsure => figures.unsure += 1,
        Outcome::Spam => figures.spam += 1,
    }
}

async fn save_one(
    tx: &mut SqliteConnection,
    check: &CheckDraft,
    states: &mut StateChanges,
) -> Result<CheckSaved> {
    let state = CommentState::of(check.verdict);
    if let Some(id) = insert(tx, check, state).await? {
        states.add(check.site, state, 1);
        return Ok(CheckSaved { id: CheckedId(id), state, version: 1, new: true, decided: false });
    }
    let known = known(tx, check).await?;
    let before = named("comment state", &known.state, CommentState::from_name)?;
    let version = small(known.version);
    if known.decision.is_some() {
        let id = CheckedId(known.id);
        return Ok(CheckSaved { id, state: before, version, new: false, decided: true });
    }
    judge_again(tx, &known, check, state).await?;
    let moved = before != state;
    if moved {
        states.add(SiteId(known.site_id), before, -1);
        states.add(SiteId(known.site_id), state, 1);
    }
    let version = version + u32::from(moved);
    Ok(CheckSaved { id: CheckedId(known.id), state, version, new: false, decided: false })
}

/// The new row's id, or `None` if the comment is known.
async fn insert(
    tx: &mut SqliteConnection,
    check: &CheckDraft,
    state: CommentState,
) -> Result<Option<i64>> {
    let id = sqlx::query_scalar(
        "INSERT INTO checked (guid, site_id, comment_id, article_id, state, verdict, score,
            author_key, mail_key, ip_key, fingerprint, campaign, received, written, language, host,
            kind, author, author_url, mail, ip, permalink, context, signals, content)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23, $24, $25)
         ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(&check.guid.as_bytes()[..])
    .bind(check.site.0)
    .bind(check.crawled.map(|id| id.0))
    .bind(check.article.map(|id| id.0))
    .bind(state.as_str())
    .bind(check.verdict.as_str())
    .bind(f64::from(check.score))
    .bind(bytes(&check.author_key))
    .bind(bytes(&check.mail_key))
    .bind(bytes(&check.ip_key))
    .bind(check.fingerprint.map(u64::cast_signed))
    .bind(check.campaign.map(u64::cast_signed))
    .bind(check.received.as_second())
    .bind(check.written.map(Timestamp::as_second))
    .bind(&check.language)
    .bind(&check.host)
    .bind(&check.kind)
    .bind(&check.author)
    .bind(&check.author_url)
    .bind(&check.mail)
    .bind(&check.ip)
    .bind(&check.permalink)
    .bind(&check.context)
    .bind(write_signals(&check.signals))
    .bind(&check.content)
    .fetch_optional(tx)
    .await?;
    Ok(id)
}

fn bytes(pseudonym: &Option<Pseudonym>) -> Option<&[u8]> {
    pseudonym.as_ref().map(|bytes| &bytes[..])
}

#[derive(FromRow)]
struct Known {
    id: i64,
    site_id: i64,
    state: String,
    version: i64,
    decision: Option<i64>,
}

async fn known(tx: &mut SqliteConnection, check: &CheckDraft) -> Result<Known> {
    let row = sqlx::query_as(
        "SELECT id, site_id, state, version, decision FROM checked
         WHERE guid = $1 OR comment_id = $2",
    )
    .bind(&check.guid.as_bytes()[..])
    .bind(check.crawled.map(|id| id.0))
    .fetch_one(tx)
    .await?;
    Ok(row)
}

async fn judge_again(
    tx: &mut SqliteConnection,
    known: &Known,
    check: &CheckDraft,
    state: CommentState,
) -> Result<()> {
    sqlx::query(
        "UPDATE checked SET version = version + CASE WHEN state = $2 THEN 0 ELSE 1 END,
            state = $2, verdict = $3, score = $4, signals = $5
         WHERE id = $1",
    )
    .bind(known.id)
    .bind(state.as_str())
    .bind(check.verdict.as_str())
    .bind(f64::from(check.score))
    .bind(write_signals(&check.signals))
    .execute(tx)
    .await?;
    Ok(())
}

/// Old spam and deleted comments go. Where somebody decided, the fingerprint stays, so that what was learnt
/// from it stays; the words and the author go.
pub(super) async fn expire(
    tx: &mut SqliteConnection,
    site: SiteId,
    before: Timestamp,
) -> Result<Removed> {
    let mut removed = 0;
    for state in [CommentState::Spam, CommentState::Deleted] {
        removed += remove_old(tx, site, state, before).await?;
    }
    blank_old(tx, site, before).await?;
    forget_addresses(tx, site, before).await?;
    Ok(Removed { comments: removed })
}

async fn remove_old(
    tx: &mut SqliteConnection,
    site: SiteId,
    state: CommentState,
    before: Timestamp,
) -> Result<u64> {
    let removed = sqlx::query(
        "DELETE FROM checked WHERE id IN (
             SELECT id FROM checked
             WHERE site_id = $1 AND state = $2 AND received < $3 AND label IS NULL LIMIT $4)",
    )
    .bind(site.0)
    .bind(state.as_str())
    .bind(before.as_second())
    .bind(REMOVED_AT_ONCE)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    let mut states = StateChanges::default();
    states.add(site, state, -removed.cast_signed());
    states.write(tx).await?;
    Ok(removed)
}

async fn blank_old(tx: &mut SqliteConnection, site: SiteId, before: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE checked SET version = version + 1, author = '', author_key = NULL, mail = NULL,
            mail_key = NULL, ip = NULL, ip_key = NULL, author_url = '', host = NULL, permalink = '',
            context = '', signals = '[]', content = ''
         WHERE id IN (
             SELECT id FROM checked WHERE site_id = $1 AND state = 'spam' AND received < $2
                AND label IS NOT NULL AND content <> '' LIMIT $3)",
    )
    .bind(site.0)
    .bind(before.as_second())
    .bind(REMOVED_AT_ONCE)
    .execute(tx)
    .await?;
    Ok(())
}

/// Addresses go with age whatever became of the comment.
async fn forget_addresses(
    tx: &mut SqliteConnection,
    site: SiteId,
    before: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE checked SET mail = NULL, mail_key = NULL, ip = NULL, ip_key = NULL
         WHERE id IN (
             SELECT id FROM checked
             WHERE site_id = $1 AND received < $2 AND ip_key IS NOT NULL LIMIT $3)",
    )
    .bind(site.0)
    .bind(before.as_second())
    .bind(REMOVED_AT_ONCE)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn erase_author(
    tx: &mut SqliteConnection,
    author: &Pseudonym,
    site: Option<SiteId>,
) -> Result<Removed> {
    let gone: Vec<(i64, String)> = sqlx::query_as(
        "DELETE FROM checked WHERE author_key = $1 AND ($2 IS NULL OR site_id = $2)
         RETURNING site_id, state",
    )
    .bind(&author[..])
    .bind(site.map(|site| site.0))
    .fetch_all(&mut *tx)
    .await?;
    let mut states = StateChanges::default();
    for (site, state) in &gone {
        let state = named("comment state", state, CommentState::from_name)?;
        states.add(SiteId(*site), state, -1);
    }
    states.write(tx).await?;
    Ok(Removed { comments: gone.len() as u64 })
}
