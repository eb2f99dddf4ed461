//! Alerts of saved searches: who may have them and what they may be, for pages and API alike.

use crate::{
    accounts::{Person, random_key},
    alert::{check_address, check_mail_address, check_zone},
    domain::{Alert, AlertId, Cadence, Channel, Pace, QuietHours, SavedSearch},
    serve::{error::AppError, saved, state::AppState},
    store::{Message, MessageId, NewAlert},
};

/// Alerts of one search.
const MAX_ALERTS: usize = 50;

/// An alert as somebody wants it.
#[derive(Debug)]
pub(super) struct AlertDraft {
    pub channel: Channel,
    /// Address of the webhook, or a mail address.
    pub target: String,
    pub cadence: Cadence,
    /// Such as `22:00-07:00`; empty for none.
    pub quiet: String,
    /// IANA name; empty for UTC.
    pub zone: String,
}

impl AlertDraft {
    /// Keeps the alert.
    ///
    /// # Errors
    /// [`AppError::Parameter`] with what is wrong.
    pub async fn keep(
        self,
        state: &AppState,
        person: &Person,
        search: &SavedSearch,
    ) -> Result<Alert, AppError> {
        if state.store.alerts(Some(search.id)).await?.len() >= MAX_ALERTS {
            return Err(wrong(
                "alerts",
                format!("there are {MAX_ALERTS} already; delete some first"),
            ));
        }
        let new = NewAlert {
            search: search.id,
            owner: person.user().map(|user| user.0),
            made_by: person.name.clone(),
            channel: self.channel,
            target: self.checked_target(state)?,
            secret: random_key(),
            unsubscribe: random_key(),
            pace: self.pace()?,
        };
        let alert = state.store.add_alert(&new, state.now()).await?;
        tracing::info!(alert = alert.id.0, search = %search.id, by = person.name, "an alert was made");
        Ok(alert)
    }

    fn checked_target(&self, state: &AppState) -> Result<String, AppError> {
        let checked = match self.channel {
            Channel::Webhook => {
                check_address(&self.target, state.alerts.allow_private).map(String::from)
            }
            Channel::Mail if !state.alerts.mail => {
                Err("this server has no mail server; the operator sets alert.smtp.host".to_owned())
            }
            Channel::Mail => check_mail_address(&self.target),
        };
        checked.map_err(|detail| wrong("target", detail))
    }

    fn pace(&self) -> Result<Pace, AppError> {
        let zone = if self.zone.trim().is_empty() { "UTC" } else { self.zone.trim() };
        check_zone(zone).map_err(|detail| wrong("zone", detail))?;
        let quiet = match self.quiet.trim() {
            "" => None,
            hours => Some(hours.parse::<QuietHours>().map_err(|detail| wrong("quiet", detail))?),
        };
        Ok(Pace { cadence: self.cadence, quiet, zone: zone.to_owned() })
    }
}

fn wrong(name: &'static str, detail: String) -> AppError {
    AppError::Parameter { name, detail }
}

/// An alert with its search, if the person may change that search.
pub(super) async fn changeable(
    state: &AppState,
    person: &Person,
    id: AlertId,
) -> Result<(Alert, SavedSearch), AppError> {
    let alert = state.store.alert(id).await?.ok_or(AppError::NotFound("alert"))?;
    let search = state.store.saved_search(alert.search).await?;
    let search = search.filter(|search| saved::may_change(person, search));
    Ok((alert, search.ok_or(AppError::NotFound("alert"))?))
}

/// A message of an alert.
pub(super) async fn message_of(
    state: &AppState,
    alert: &Alert,
    id: MessageId,
) -> Result<Message, AppError> {
    let message = state.store.message(id).await?;
    message.filter(|message| message.alert == alert.id).ok_or(AppError::NotFound("message"))
}
