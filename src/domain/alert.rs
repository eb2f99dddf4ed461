//! Alerts: what a saved search tells, to whom and when.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Time};
use serde::{Deserialize, Serialize};

use super::{ArticleId, IncidentId, SavedSearchId};

/// Number of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub i64);

/// A saved search that tells somebody what is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub id: AlertId,
    pub search: SavedSearchId,
    /// Number of the user it belongs to; `None` where a program made it with a token.
    pub owner: Option<i64>,
    /// What its maker was called.
    pub made_by: String,
    pub channel: Channel,
    /// Address of the webhook, or a mail address.
    pub target: String,
    /// Signs the messages of a webhook; only its maker sees it.
    pub secret: String,
    /// The last part of the address that ends the mails.
    pub unsubscribe: String,
    pub pace: Pace,
    /// Nothing is told while this is so; what happens meanwhile is not told later.
    pub paused: bool,
    /// Articles that were here before are not told of.
    pub created: Timestamp,
}

/// By which way an alert goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// One signed request for each event.
    Webhook,
    /// Events gathered in one mail.
    Mail,
}

impl Channel {
    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Mail => "mail",
        }
    }

    /// Reads what [`Channel::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Webhook, Self::Mail].into_iter().find(|channel| channel.as_str() == name)
    }
}

/// When messages may go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    pub cadence: Cadence,
    pub quiet: Option<QuietHours>,
    /// IANA name of the time zone in which the clock is read, such as `Europe/Vienna`.
    pub zone: String,
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cadence {
    #[default]
    AtOnce,
    Hourly,
    /// At eight in the morning.
    Daily,
    /// On Monday at eight in the morning.
    Weekly,
}

impl Cadence {
    pub const ALL: [Self; 4] = [Self::AtOnce, Self::Hourly, Self::Daily, Self::Weekly];

    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtOnce => "at-once",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    /// Reads what [`Cadence::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cadence| cadence.as_str() == name)
    }
}

/// Hours in which nothing goes out, written `22:00-07:00`. They may go past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct QuietHours {
    pub from: Time,
    pub until: Time,
}

impl QuietHours {
    /// Whether it is quiet at this time of day.
    pub fn holds(self, time: Time) -> bool {
        if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            time >= self.from || time < self.until
        }
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from, self.until);
        let hours = [from.hour(), from.minute(), until.hour(), until.minute()];
        write!(f, "{:02}:{:02}-{:02}:{:02}", hours[0], hours[1], hours[2], hours[3])
    }
}

impl FromStr for QuietHours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let halves = text.split_once('-');
        let hours = halves.and_then(|(from, until)| Some((clock(from)?, clock(until)?)));
        match hours {
            Some((from, until)) if from != until => Ok(Self { from, until }),
            _ => Err("quiet hours are written as 22:00-07:00".to_owned()),
        }
    }
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl From<QuietHours> for String {
    fn from(hours: QuietHours) -> Self {
        hours.to_string()
    }
}

impl TryFrom<String> for QuietHours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Something that an alert tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertEvent {
    pub kind: EventKind,
    /// `None` for an article that tells of no incident.
    pub incident: Option<IncidentId>,
    /// The article that brought it.
    pub article: ArticleId,
    pub title: String,
    /// Title of the source of the article, or its host.
    pub source: String,
    /// Address of the article at its publisher.
    pub url: String,
    pub published: Timestamp,
    /// What the search was told for the first time, in words such as `victim Canon`; sorted.
    pub news: Vec<String>,
}

/// Why it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// Matched for the first time.
    New,
    /// More is known: a victim, actor, CVE, attack or indicator.
    Changed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_go_past_midnight() {
        let night: QuietHours = "22:00-07:30".parse().expect("hours");
        assert_eq!(night.to_string(), "22:00-07:30");
        let at = |text: &str| night.holds(clock(text).expect("a time"));
        assert!(at("22:00") && at("23:59") && at("00:00") && at("07:29"));
        assert!(!at("07:30") && !at("12:00") && !at("21:59"));
        let noon: QuietHours = "12:00-13:00".parse().expect("hours");
        assert!(noon.holds(clock("12:30").expect("a time")));
        assert!(!noon.holds(clock("13:00").expect("a time")));
        for text in ["", "22:00", "22:00-22:00", "25:00-07:00", "22-7", "-"] {
            assert!(text.parse::<QuietHours>().is_err(), "{text}");
        }
    }
}
