//! Alerts and their outbox.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::{
    SqliteStore,
    rows::{corrupt, from_json, named, read_all, small, time, time_or_none, to_json},
};
use crate::{
    domain::{Alert, AlertEvent, AlertId, Channel, SavedSearchId, Sequence},
    store::{
        AlertRound, AlertStore, Message, MessageId, MessageState, NewAlert, Outgoing, Result,
        StoreError, Told,
    },
};

/// Events in one mail; more begin another one.
const MAX_EVENTS: usize = 100;

#[derive(FromRow)]
struct AlertRow {
    id: i64,
    search_id: Vec<u8>,
    owner_id: Option<i64>,
    made_by: String,
    channel: String,
    target: String,
    secret: String,
    unsubscribe: String,
    pace: String,
    paused: i64,
    created: i64,
}

impl TryFrom<AlertRow> for Alert {
    type Error = StoreError;

    fn try_from(row: AlertRow) -> Result<Self> {
        Ok(Self {
            id: AlertId(row.id),
            search: SavedSearchId(uuid(&row.search_id)?),
            owner: row.owner_id,
            made_by: row.made_by,
            channel: named("channel", &row.channel, Channel::from_name)?,
            target: row.target,
            secret: row.secret,
            unsubscribe: row.unsubscribe,
            pace: from_json("pace", &row.pace)?,
            paused: row.paused != 0,
            created: time(row.created)?,
        })
    }
}

#[derive(FromRow)]
struct ToldRow {
    alert_id: i64,
    subject: String,
    facts: String,
}

impl TryFrom<ToldRow> for Told {
    type Error = StoreError;

    fn try_from(row: ToldRow) -> Result<Self> {
        let facts = from_json("facts", &row.facts)?;
        Ok(Self { alert: AlertId(row.alert_id), subject: row.subject, facts })
    }
}

#[derive(FromRow)]
struct MessageRow {
    id: i64,
    alert_id: i64,
    key: Vec<u8>,
    state: String,
    created: i64,
    due: i64,
    attempts: i64,
    error: Option<String>,
    sent: Option<i64>,
    events: String,
}

impl TryFrom<MessageRow> for Message {
    type Error = StoreError;

    fn try_from(row: MessageRow) -> Result<Self> {
        Ok(Self {
            id: MessageId(row.id),
            alert: AlertId(row.alert_id),
            key: uuid(&row.key)?,
            events: from_json("events", &row.events)?,
            state: named("message state", &row.state, MessageState::from_name)?,
            created: time(row.created)?,
            due: time(row.due)?,
            attempts: small(row.attempts),
            error: row.error,
            sent: time_or_none(row.sent)?,
        })
    }
}

fn uuid(bytes: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(|_| corrupt("uuid", format!("{bytes:02x?}")))
}

#[async_trait]
impl AlertStore for SqliteStore {
    async fn add_alert(&self, alert: &NewAlert, now: Timestamp) -> Result<Alert> {
        let row: AlertRow = sqlx::query_as(
            "INSERT INTO alerts (search_id, owner_id, made_by, channel, target, secret, unsubscribe,
                                 pace, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *",
        )
        .bind(&alert.search.0.as_bytes()[..])
        .bind(alert.owner)
        .bind(&alert.made_by)
        .bind(alert.channel.as_str())
        .bind(&alert.target)
        .bind(&alert.secret)
        .bind(&alert.unsubscribe)
        .bind(to_json(&alert.pace))
        .bind(now.as_second())
        .fetch_one(&self.writer)
        .await?;
        row.try_into()
    }

    async fn alert(&self, id: AlertId) -> Result<Option<Alert>> {
        let row: Option<AlertRow> = sqlx::query_as("SELECT * FROM alerts WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.reader)
            .await?;
        row.map(Alert::try_from).transpose()
    }

    async fn alert_to_unsubscribe(&self, unsubscribe: &str) -> Result<Option<Alert>> {
        let row: Option<AlertRow> = sqlx::query_as("SELECT * FROM alerts WHERE unsubscribe = $1")
            .bind(unsubscribe)
            .fetch_optional(&self.reader)
            .await?;
        row.map(Alert::try_from).transpose()
    }

    async fn alerts(&self, search: Option<SavedSearchId>) -> Result<Vec<Alert>> {
        let rows: Vec<AlertRow> = sqlx::query_as(
            "SELECT alerts.* FROM alerts JOIN saved_searches ON saved_searches.id = alerts.search_id
             WHERE saved_searches.removed IS NULL AND ($1 IS NULL OR search_id = $1)
             ORDER BY alerts.id",
        )
        .bind(search.map(|id| id.0.as_bytes().to_vec()))
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn pause_alert(&self, id: AlertId, paused: bool) -> Result<bool> {
        let changed = sqlx::query("UPDATE alerts SET paused = $2 WHERE id = $1")
            .bind(id.0)
            .bind(i64::from(paused))
            .execute(&self.writer)
            .await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn remove_alert(&self, id: AlertId) -> Result<bool> {
        let removed = sqlx::query("DELETE FROM alerts WHERE id = $1")
            .bind(id.0)
            .execute(&self.writer)
            .await?;
        Ok(removed.rows_affected() > 0)
    }

    async fn alert_place(&self) -> Result<Sequence> {
        let place: i64 = sqlx::query_scalar("SELECT sequence FROM alert_place WHERE id = 1")
            .fetch_one(&self.reader)
            .await?;
        Ok(Sequence(place))
    }

    async fn told(&self, alert: AlertId, subjects: &[String]) -> Result<Vec<Told>> {
        let rows: Vec<ToldRow> = sqlx::query_as(
            "SELECT * FROM alert_told
             WHERE alert_id = $1 AND subject IN (SELECT value FROM json_each($2))",
        )
        .bind(alert.0)
        .bind(to_json(&subjects))
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn save_alert_round(&self, round: &AlertRound, now: Timestamp) -> Result<bool> {
        let mut tx = self.begin().await?;
        let moved =
            sqlx::query("UPDATE alert_place SET sequence = $2 WHERE id = 1 AND sequence = $1")
                .bind(round.after.0)
                .bind(round.place.0)
                .execute(&mut *tx)
                .await?;
        if moved.rows_affected() == 0 {
            return Ok(false);
        }
        for told in &round.told {
            write_told(&mut tx, told).await?;
        }
        for outgoing in &round.outgoing {
            write_outgoing(&mut tx, outgoing, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn claim_messages(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Message>> {
        let rows: Vec<MessageRow> = sqlx::query_as(
            "UPDATE alert_outbox SET lease_until = $2, attempts = attempts + 1
             WHERE id IN (
                 SELECT alert_outbox.id FROM alert_outbox JOIN alerts ON alerts.id = alert_id
                 WHERE state = 'waiting' AND due <= $1 AND lease_until <= $1 AND paused = 0
                 ORDER BY due, alert_outbox.id LIMIT $3)
             RETURNING *",
        )
        .bind(now.as_second())
        .bind(lease_until.as_second())
        .bind(i64::from(limit))
        .fetch_all(&self.writer)
        .await?;
        read_all(rows)
    }

    async fn message_sent(&self, id: MessageId, now: Timestamp) -> Result<()> {
        sqlx::query(
            "UPDATE alert_outbox SET state = 'sent', sent = $2, error = NULL, lease_until = 0
             WHERE id = $1",
        )
        .bind(id.0)
        .bind(now.as_second())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn message_failed(
        &self,
        id: MessageId,
        error: &str,
        retry: Option<Timestamp>,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE alert_outbox SET error = $2, lease_until = 0, due = COALESCE($3, due),
                    state = CASE WHEN $3 IS NULL THEN 'dead' ELSE state END
             WHERE id = $1",
        )
        .bind(id.0)
        .bind(error)
        .bind(retry.map(Timestamp::as_second))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn resend_message(&self, id: MessageId, now: Timestamp) -> Result<bool> {
        let again = sqlx::query(
            "UPDATE alert_outbox SET state = 'waiting', due = $2, attempts = 0, lease_until = 0
             WHERE id = $1 AND state = 'dead'",
        )
        .bind(id.0)
        .bind(now.as_second())
        .execute(&self.writer)
        .await?;
        Ok(again.rows_affected() > 0)
    }

    async fn messages(&self, alert: AlertId, limit: u32) -> Result<Vec<Message>> {
        let rows: Vec<MessageRow> = sqlx::query_as(
            "SELECT * FROM alert_outbox WHERE alert_id = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(alert.0)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        let row: Option<MessageRow> = sqlx::query_as("SELECT * FROM alert_outbox WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.reader)
            .await?;
        row.map(Message::try_from).transpose()
    }
}

async fn write_told(tx: &mut SqliteConnection, told: &Told) -> Result<()> {
    sqlx::query(
        "INSERT INTO alert_told (alert_id, subject, facts)
         SELECT id, $2, $3 FROM alerts WHERE id = $1
         ON CONFLICT (alert_id, subject) DO UPDATE SET facts = excluded.facts",
    )
    .bind(told.alert.0)
    .bind(&told.subject)
    .bind(to_json(&told.facts))
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_outgoing(
    tx: &mut SqliteConnection,
    outgoing: &Outgoing,
    now: Timestamp,
) -> Result<()> {
    if outgoing.channel == Channel::Mail && join_mail(tx, outgoing).await? {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO alert_outbox (alert_id, key, created, due, events)
         SELECT id, $2, $3, $4, $5 FROM alerts WHERE id = $1
         ON CONFLICT (key) DO NOTHING",
    )
    .bind(outgoing.alert.0)
    .bind(&outgoing.key.as_bytes()[..])
    .bind(now.as_second())
    .bind(outgoing.due.as_second())
    .bind(to_json(&[&outgoing.event]))
    .execute(tx)
    .await?;
    Ok(())
}

/// Puts an event into a mail of the same alert that was never tried; `false` if there is none with room.
async fn join_mail(tx: &mut SqliteConnection, outgoing: &Outgoing) -> Result<bool> {
    let open: Option<(i64, String)> = sqlx::query_as(
        "SELECT id, events FROM alert_outbox
         WHERE alert_id = $1 AND state = 'waiting' AND attempts = 0
         ORDER BY id DESC LIMIT 1",
    )
    .bind(outgoing.alert.0)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((id, events)) = open else { return Ok(false) };
    let mut events: Vec<AlertEvent> = from_json("events", &events)?;
    if events.len() >= MAX_EVENTS {
        return Ok(false);
    }
    events.push(outgoing.event.clone());
    sqlx::query("UPDATE alert_outbox SET events = $2 WHERE id = $1")
        .bind(id)
        .bind(to_json(&events))
        .execute(tx)
        .await?;
    Ok(true)
}
