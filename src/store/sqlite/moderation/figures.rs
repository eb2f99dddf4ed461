//! Counts: comments per state, figures per day.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection, SqlitePool};

use crate::{
    domain::{CommentState, SiteId},
    store::{
        Figures, Result, StateCounts,
        sqlite::rows::{count, named},
    },
};

const DAY_S: i64 = 86_400;

/// Days since 1970 UTC.
pub(super) fn day_of(moment: Timestamp) -> i64 {
    moment.as_second().div_euclid(DAY_S)
}

/// How the counts per state change in a transaction.
#[derive(Default)]
pub(super) struct StateChanges(HashMap<(SiteId, CommentState), i64>);

impl StateChanges {
    pub fn add(&mut self, site: SiteId, state: CommentState, change: i64) {
        *self.0.entry((site, state)).or_default() += change;
    }

    pub async fn write(self, tx: &mut SqliteConnection) -> Result<()> {
        for ((site, state), change) in self.0.into_iter().filter(|(_, change)| *change != 0) {
            sqlx::query(
                "INSERT INTO site_states (site_id, state, comments) VALUES ($1, $2, $3)
                 ON CONFLICT (site_id, state) DO UPDATE SET comments = site_states.comments + $3",
            )
            .bind(site.0)
            .bind(state.as_str())
            .bind(change)
            .execute(&mut *tx)
            .await?;
        }
        Ok(())
    }
}

pub(super) async fn state_counts(pool: &SqlitePool, site: Option<SiteId>) -> Result<StateCounts> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT state, SUM(comments) FROM site_states
         WHERE $1 IS NULL OR site_id = $1 GROUP BY state",
    )
    .bind(site.map(|site| site.0))
    .fetch_all(pool)
    .await?;
    to_counts(rows)
}

/// Rows of state and number.
pub(super) fn to_counts(rows: Vec<(String, i64)>) -> Result<StateCounts> {
    let mut counts = StateCounts::default();
    for (state, comments) in rows {
        *counts.of_mut(named("comment state", &state, CommentState::from_name)?) += count(comments);
    }
    Ok(counts)
}

pub(super) async fn add(tx: &mut SqliteConnection, site: SiteId, figures: &Figures) -> Result<()> {
    sqlx::query(
        "INSERT INTO site_days (site_id, day, calls, ham, unsure, spam)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (site_id, day) DO UPDATE SET calls = site_days.calls + $3,
            ham = site_days.ham + $4, unsure = site_days.unsure + $5, spam = site_days.spam + $6",
    )
    .bind(site.0)
    .bind(figures.day)
    .bind(figures.calls.cast_signed())
    .bind(figures.ham.cast_signed())
    .bind(figures.unsure.cast_signed())
    .bind(figures.spam.cast_signed())
    .execute(tx)
    .await?;
    Ok(())
}

/// A mistake of the filter that a decision showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    MissedSpam,
    FalsePositive,
}

/// Counts a mistake, or with -1 takes it back.
pub(super) async fn count_mistake(
    tx: &mut SqliteConnection,
    site: SiteId,
    day: i64,
    mistake: Mistake,
    change: i64,
) -> Result<()> {
    let (missed, false_positive) = match mistake {
        Mistake::MissedSpam => (change, 0),
        Mistake::FalsePositive => (0, change),
    };
    sqlx::query(
        "INSERT INTO site_days (site_id, day, missed_spam, false_positives) VALUES ($1, $2, $3, $4)
         ON CONFLICT (site_id, day) DO UPDATE SET missed_spam = site_days.missed_spam + $3,
            false_positives = site_days.false_positives + $4",
    )
    .bind(site.0)
    .bind(day)
    .bind(missed)
    .bind(false_positive)
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct FiguresRow {
    site_id: i64,
    day: i64,
    calls: i64,
    ham: i64,
    unsure: i64,
    spam: i64,
    missed_spam: i64,
    false_positives: i64,
}

impl From<&FiguresRow> for Figures {
    fn from(row: &FiguresRow) -> Self {
        Self {
            day: row.day,
            calls: count(row.calls),
            ham: count(row.ham),
            unsure: count(row.unsure),
            spam: count(row.spam),
            missed_spam: count(row.missed_spam),
            false_positives: count(row.false_positives),
        }
    }
}

pub(super) async fn by_day(
    pool: &SqlitePool,
    site: Option<SiteId>,
    until: Timestamp,
    days: u32,
) -> Result<Vec<Figures>> {
    let last = day_of(until);
    let first = last + 1 - i64::from(days);
    let rows: Vec<FiguresRow> = sqlx::query_as(
        "SELECT 0 AS site_id, day, SUM(calls) AS calls, SUM(ham) AS ham, SUM(unsure) AS unsure,
                SUM(spam) AS spam, SUM(missed_spam) AS missed_spam,
                SUM(false_positives) AS false_positives
         FROM site_days
         WHERE day BETWEEN $1 AND $2 AND ($3 IS NULL OR site_id = $3) GROUP BY day",
    )
    .bind(first)
    .bind(last)
    .bind(site.map(|site| site.0))
    .fetch_all(pool)
    .await?;
    let known: HashMap<i64, Figures> =
        rows.iter().map(|row| (row.day, Figures::from(row))).collect();
    let empty = |day| Figures { day, ..Figures::default() };
    Ok((first..=last).map(|day| known.get(&day).copied().unwrap_or_else(|| empty(day))).collect())
}

pub(super) async fn by_site(
    pool: &SqlitePool,
    first: i64,
    last: i64,
) -> Result<Vec<(SiteId, Figures)>> {
    let rows: Vec<FiguresRow> = sqlx::query_as(
        "SELECT site_id, MIN(day) AS day, SUM(calls) AS calls, SUM(ham) AS ham,
                SUM(unsure) AS unsure, SUM(spam) AS spam, SUM(missed_spam) AS missed_spam,
                SUM(false_positives) AS false_positives
         FROM site_days WHERE day BETWEEN $1 AND $2 GROUP BY site_id ORDER BY site_id",
    )
    .bind(first)
    .bind(last)
    .fetch_all(pool)
    .await?;
    Ok(rows.iter().map(|row| (SiteId(row.site_id), Figures::from(row))).collect())
}
