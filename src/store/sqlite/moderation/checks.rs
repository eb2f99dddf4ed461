//! Writing checked comments, and removing them.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::{
    figures::{self, StateChanges},
    rows::{read_guid, write_signals},
};
use crate::{
    domain::{CheckedId, CommentState, Outcome, Pseudonym, SiteId},
    store::{
        CheckDraft, CheckSaved, Figures, Removed, Result,
        sqlite::rows::{named, small},
    },
};

/// Rows of one statement, largest first: few sizes, so that each is prepared once.
const ROWS_AT_ONCE: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];
/// Rows removed in one go, so that other writers need not wait for long.
const REMOVED_AT_ONCE: i64 = 500;

pub(super) async fn save(
    tx: &mut SqliteConnection,
    checks: &[CheckDraft],
) -> Result<Vec<CheckSaved>> {
    let mut added = insert_all(tx, checks).await?;
    let mut saved = Vec::with_capacity(checks.len());
    let mut states = StateChanges::default();
    let mut days: HashMap<(SiteId, i64), Figures> = HashMap::new();
    for check in checks {
        // Taken out, so that a second check of the same comment in one group meets it as known.
        let known = match added.remove(&check.guid) {
            Some(id) => added_now(id, check, &mut states),
            None => save_known(tx, check, &mut states).await?,
        };
        saved.push(known);
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

fn added_now(id: i64, check: &CheckDraft, states: &mut StateChanges) -> CheckSaved {
    let state = CommentState::of(check.verdict);
    states.add(check.site, state, 1);
    CheckSaved { id: CheckedId(id), state, version: 1, new: true, decided: false }
}

/// A comment that was checked before: judged anew unless somebody decided.
async fn save_known(
    tx: &mut SqliteConnection,
    check: &CheckDraft,
    states: &mut StateChanges,
) -> Result<CheckSaved> {
    let state = CommentState::of(check.verdict);
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

/// Inserts the comments that are not known yet; gives their numbers.
async fn insert_all(
    tx: &mut SqliteConnection,
    checks: &[CheckDraft],
) -> Result<HashMap<Uuid, i64>> {
    let mut added = HashMap::with_capacity(checks.len());
    let mut left = checks;
    for size in ROWS_AT_ONCE {
        while left.len() >= size {
            let (rows, rest) = left.split_at(size);
            added.extend(insert(tx, rows).await?);
            left = rest;
        }
    }
    Ok(added)
}

async fn insert(tx: &mut SqliteConnection, checks: &[CheckDraft]) -> Result<Vec<(Uuid, i64)>> {
    let mut query = QueryBuilder::<Sqlite>::new(
        "INSERT INTO checked (guid, site_id, comment_id, article_id, state, verdict, score,
            author_key, mail_key, ip_key, fingerprint, campaign, received, written, language, host,
            kind, author, author_url, mail, ip, permalink, context, signals, content) ",
    );
    query.push_values(checks, |mut row, check| {
        row.push_bind(&check.guid.as_bytes()[..])
            .push_bind(check.site.0)
            .push_bind(check.crawled.map(|id| id.0))
            .push_bind(check.article.map(|id| id.0))
            .push_bind(CommentState::of(check.verdict).as_str())
            .push_bind(check.verdict.as_str())
            .push_bind(f64::from(check.score))
            .push_bind(bytes(&check.author_key))
            .push_bind(bytes(&check.mail_key))
            .push_bind(bytes(&check.ip_key))
            .push_bind(check.fingerprint.map(u64::cast_signed))
            .push_bind(check.campaign.map(u64::cast_signed))
            .push_bind(check.received.as_second())
            .push_bind(check.written.map(Timestamp::as_second))
            .push_bind(&check.language)
            .push_bind(&check.host)
            .push_bind(&check.kind)
            .push_bind(&check.author)
            .push_bind(&check.author_url)
            .push_bind(&check.mail)
            .push_bind(&check.ip)
            .push_bind(&check.permalink)
            .push_bind(&check.context)
            .push_bind(write_signals(&check.signals))
            .push_bind(&check.content);
    });
    query.push(" ON CONFLICT DO NOTHING RETURNING guid, id");
    let rows: Vec<(Vec<u8>, i64)> = query.build_query_as().fetch_all(tx).await?;
    rows.into_iter().map(|(guid, id)| Ok((read_guid(&guid, id)?, id))).collect()
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
