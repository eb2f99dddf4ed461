//! Takes messages that are due from the outbox and sends them, trying again with growing pauses.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::{mail::Mailer, webhook::Webhooks};
use crate::{
    domain::{Alert, AlertEvent, Channel, SavedSearch},
    store::{Message, Store, StoreError},
};

/// Messages sent at once.
const AT_ONCE: u32 = 8;
/// How often the outbox is looked at when nothing was due.
const POLL: Duration = Duration::from_secs(1);
/// A message is nobody else's for so long; longer than any attempt takes.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// Attempts before a message is given up: about a day with the pauses between.
const MAX_ATTEMPTS: u32 = 10;
/// The pause after the first attempt; each further one is three times as long.
const FIRST_PAUSE_S: f64 = 20.0;
const LONGEST_PAUSE_S: f64 = 6.0 * 3_600.0;

/// Why an attempt failed, in words that are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// May work later.
    Temporary(String),
    /// Will not.
    Final(String),
}

/// A message with all that is needed to write it.
pub(super) struct Letter<'a> {
    pub alert: &'a Alert,
    pub search: &'a SavedSearch,
    pub message: &'a Message,
    /// Address of this server, without trailing slash.
    pub base_url: &'a str,
}

impl Letter<'_> {
    /// The page of an event on this server.
    pub fn page_of(&self, event: &AlertEvent) -> String {
        match event.incident {
            Some(id) => format!("{}/incidents/{}", self.base_url, id.0),
            None => format!("{}/articles/{}", self.base_url, event.article.0),
        }
    }
}

/// The ways out.
pub struct Senders {
    pub webhooks: Webhooks,
    /// `None` where no mail server is set.
    pub mail: Option<Mailer>,
}

/// Empties the outbox.
pub struct Sender {
    store: Arc<dyn Store>,
    ways: Senders,
    base_url: String,
}

impl Sender {
    /// `base_url`: the address of this server, to which messages lead back.
    pub fn new(store: Arc<dyn Store>, ways: Senders, base_url: &str) -> Self {
        Self { store, ways, base_url: base_url.trim_end_matches('/').to_owned() }
    }

    /// Keeps sending until `cancel`. Errors of the store are logged and tried again.
    pub async fn run(self, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            match self.send_due(Timestamp::now()).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::error!(%error, "the outbox could not be read, trying again"),
            }
            cancel.run_until_cancelled(tokio::time::sleep(POLL)).await;
        }
    }

    /// Sends what is due at `now`, a few at once. Answers how many messages were tried.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn send_due(&self, now: Timestamp) -> Result<usize, StoreError> {
        let messages = self.store.claim_messages(now, now + LEASE, AT_ONCE).await?;
        let sent = messages.iter().map(|message| self.send(message, now));
        futures::future::try_join_all(sent).await?;
        Ok(messages.len())
    }

    async fn send(&self, message: &Message, now: Timestamp) -> Result<(), StoreError> {
        let failure = match self.try_send(message, now).await? {
            Ok(()) => {
                metrics::counter!("siftwire_alerts_sent_total").increment(1);
                return self.store.message_sent(message.id, now).await;
            }
            Err(failure) => failure,
        };
        metrics::counter!("siftwire_alerts_failed_total").increment(1);
        let (words, retry) = match failure {
            Failure::Temporary(words) => {
                let pause = pause(message.attempts, rand::random());
                (words, (message.attempts < MAX_ATTEMPTS).then(|| now + pause))
            }
            Failure::Final(words) => (words, None),
        };
        tracing::warn!(
            message = message.id.0,
            attempts = message.attempts,
            given_up = retry.is_none(),
            words,
            "alert not sent"
        );
        self.store.message_failed(message.id, &words, retry).await
    }

    async fn try_send(
        &self,
        message: &Message,
        now: Timestamp,
    ) -> Result<Result<(), Failure>, StoreError> {
        let Some(alert) = self.store.alert(message.alert).await? else {
            return Ok(Err(Failure::Final("the alert was removed".to_owned())));
        };
        let Some(search) = self.store.saved_search(alert.search).await? else {
            return Ok(Err(Failure::Final("the saved search was removed".to_owned())));
        };
        let letter = Letter { alert: &alert, search: &search, message, base_url: &self.base_url };
        Ok(match (alert.channel, &self.ways.mail) {
            (Channel::Webhook, _) => self.ways.webhooks.send(&letter, now).await,
            (Channel::Mail, Some(mail)) => mail.send(&letter, now).await,
            (Channel::Mail, None) => {
                Err(Failure::Temporary("no mail server is set; set alert.smtp.host".to_owned()))
            }
        })
    }
}

/// The pause after an attempt, counted from 1. `luck`, from 0 to 1, spreads messages that failed together.
fn pause(attempts: u32, luck: f64) -> SignedDuration {
    let growth = 3_f64.powi(attempts.saturating_sub(1).min(20) as i32);
    let seconds = (FIRST_PAUSE_S * growth).min(LONGEST_PAUSE_S) * (0.75 + 0.5 * luck);
    SignedDuration::from_secs(seconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_spread() {
        let seconds = |attempts| [0.0, 1.0].map(|luck| pause(attempts, luck).as_secs());
        assert_eq!(seconds(1), [15, 25]);
        assert_eq!(seconds(2), [45, 75]);
        assert_eq!(seconds(3), [135, 225]);
        assert_eq!(seconds(9), [16_200, 27_000]);
        assert_eq!(seconds(u32::MAX), [16_200, 27_000]);
        let all: i64 = (1..MAX_ATTEMPTS).map(|attempts| pause(attempts, 0.5).as_secs()).sum();
        assert!((12 * 3_600..36 * 3_600).contains(&all), "{all}");
    }
}
