//! Alerts, what each has told, and the messages that wait to go out.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Result;
use crate::domain::{Alert, AlertEvent, AlertId, Channel, Pace, SavedSearchId, Sequence};

/// An alert to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAlert {
    pub search: SavedSearchId,
    pub owner: Option<i64>,
    pub made_by: String,
    pub channel: Channel,
    pub target: String,
    pub secret: String,
    pub unsubscribe: String,
    pub pace: Pace,
}

/// What an alert has told of one incident or article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub alert: AlertId,
    /// `incident:12` or `article:7`.
    pub subject: String,
    /// Names of the facts, such as `victim:canon`.
    pub facts: BTreeSet<String>,
}

/// An event on its way into a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    pub alert: AlertId,
    pub channel: Channel,
    /// Stays the same, however often the message is sent; what is known already is not written again.
    pub key: Uuid,
    pub event: AlertEvent,
    /// Not sent before.
    pub due: Timestamp,
}

/// What came of a part of the change log.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlertRound {
    /// Where the follower stood before.
    pub after: Sequence,
    /// Where it stands now.
    pub place: Sequence,
    pub told: Vec<Told>,
    pub outgoing: Vec<Outgoing>,
}

/// Number of a message, in the order in which they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub i64);

/// A message in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub alert: AlertId,
    pub key: Uuid,
    /// Oldest first.
    pub events: Vec<AlertEvent>,
    pub state: MessageState,
    pub created: Timestamp,
    pub due: Timestamp,
    /// How often it was tried, the present one included.
    pub attempts: u32,
    /// What the last attempt failed with.
    pub error: Option<String>,
    pub sent: Option<Timestamp>,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    Waiting,
    Sent,
    /// Given up; it can be sent again by hand.
    Dead,
}

impl MessageState {
    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// Reads what [`MessageState::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Sent, Self::Dead].into_iter().find(|state| state.as_str() == name)
    }
}

/// Keeps alerts and their outbox.
#[async_trait]
pub trait AlertStore: Send + Sync {
    /// Keeps an alert.
    async fn add_alert(&self, alert: &NewAlert, now: Timestamp) -> Result<Alert>;
    /// The alert, or `None`.
    async fn alert(&self, id: AlertId) -> Result<Option<Alert>>;
    /// The alert whose mails end at this address, or `None`.
    async fn alert_to_unsubscribe(&self, unsubscribe: &str) -> Result<Option<Alert>>;
    /// Alerts of searches that were not removed, by number; of one search, or all.
    async fn alerts(&self, search: Option<SavedSearchId>) -> Result<Vec<Alert>>;
    /// Pauses an alert or lets it go on. `false` if there is none.
    async fn pause_alert(&self, id: AlertId, paused: bool) -> Result<bool>;
    /// Removes an alert with its messages. `false` if there is none.
    async fn remove_alert(&self, id: AlertId) -> Result<bool>;

    // Following the change log.

    /// Up to where changes have been looked at. The first time, everything that is there counts as looked at.
    async fn alert_place(&self) -> Result<Sequence>;
    /// What an alert has told of some subjects; those it has told nothing of are left out.
    async fn told(&self, alert: AlertId, subjects: &[String]) -> Result<Vec<Told>>;
    /// Writes what came of a part of the change log, whole. Events for a mail join one that waits and is not due yet.
    /// `false`, and nothing written, if somebody else has moved the place since.
    async fn save_alert_round(&self, round: &AlertRound, now: Timestamp) -> Result<bool>;

    // The outbox.

    /// Takes up to `limit` messages that are due, counts an attempt, and keeps them from others until `lease_until`.
    /// Those of paused alerts wait.
    async fn claim_messages(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Message>>;
    /// Notes that a message went out.
    async fn message_sent(&self, id: MessageId, now: Timestamp) -> Result<()>;
    /// Notes that an attempt failed; it is tried again at `retry`, or given up.
    async fn message_failed(
        &self,
        id: MessageId,
        error: &str,
        retry: Option<Timestamp>,
    ) -> Result<()>;
    /// Lets a message that was given up be sent again, with its key. `false` if it was not.
    async fn resend_message(&self, id: MessageId, now: Timestamp) -> Result<bool>;
    /// The newest messages of an alert.
    async fn messages(&self, alert: AlertId, limit: u32) -> Result<Vec<Message>>;
    /// The message, or `None`.
    async fn message(&self, id: MessageId) -> Result<Option<Message>>;
}
