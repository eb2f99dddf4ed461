//! What each reader has read and starred, and the passwords of their apps.
//!
//! Articles get their numbers in the order in which they arrive. "Everything up to here is read" is therefore one
//! number for a reader, or one for a source, however many articles that are; only single articles have marks of their own.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountStore, Digest, Result, User, UserId};
use crate::domain::{ArticleId, SourceId};

/// Number of an app password, safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppPasswordId(pub i64);

/// A password that a reader app uses in place of its owner's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppPassword {
    pub id: AppPasswordId,
    pub user: UserId,
    pub label: String,
    /// First characters of the secret.
    pub prefix: String,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
}

/// An app password to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAppPassword {
    pub user: UserId,
    pub digest: Digest,
    /// SHA-256 of the key that Fever apps make of name and secret.
    pub fever_digest: Digest,
    pub label: String,
    pub prefix: String,
}

/// How an app proves whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppKey {
    Secret(Digest),
    Fever(Digest),
}

/// Which articles a reader's list holds, in order of arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReaderList {
    /// Articles of these sources alone; `None` for all.
    pub sources: Option<Vec<SourceId>>,
    /// Those that are read, or those that are not.
    pub read: Option<bool>,
    pub starred: Option<bool>,
    /// Articles with higher numbers alone.
    pub after: Option<ArticleId>,
    /// Articles with lower numbers alone.
    pub before: Option<ArticleId>,
    pub oldest_first: bool,
}

/// An article in a reader's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderItem {
    pub id: ArticleId,
    pub source: SourceId,
    pub first_seen: Timestamp,
}

/// What a reader has done with an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReaderMark {
    pub id: ArticleId,
    pub read: bool,
    pub starred: bool,
}

/// A change to marks. `None` leaves a mark as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MarkEdit {
    pub read: Option<bool>,
    pub starred: Option<bool>,
}

/// Unread articles of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadCount {
    pub source: SourceId,
    pub unread: u64,
    /// When the newest article of the source arrived.
    pub newest: Option<Timestamp>,
}

/// Keeps app passwords and the state of reading.
#[async_trait]
pub trait ReaderStateStore: AccountStore {
    // App passwords.

    /// Stores a password.
    async fn add_app_password(
        &self,
        password: &NewAppPassword,
        now: Timestamp,
    ) -> Result<AppPasswordId>;
    /// The password with its user; `None` if it is unknown or the user disabled.
    async fn app_password(&self, key: AppKey) -> Result<Option<(AppPassword, User)>>;
    /// Passwords of a user, newest first.
    async fn app_passwords(&self, user: UserId) -> Result<Vec<AppPassword>>;
    /// Notes that a password was used.
    async fn touch_app_password(&self, id: AppPasswordId, now: Timestamp) -> Result<()>;
    /// Ends a password of a user. `false` if there is none.
    async fn remove_app_password(&self, user: UserId, id: AppPasswordId) -> Result<bool>;

    // The state of reading.

    /// Lets a reader begin with what arrived after `from`: all before counts as read. Does nothing for who has begun before.
    async fn begin_reading(&self, user: UserId, from: Timestamp) -> Result<()>;
    /// Up to `limit` articles of a list, by number.
    async fn reader_items(
        &self,
        user: UserId,
        list: &ReaderList,
        limit: u32,
    ) -> Result<Vec<ReaderItem>>;
    /// What the reader did with those of `ids` that exist, by number.
    async fn reader_marks(&self, user: UserId, ids: &[ArticleId]) -> Result<Vec<ReaderMark>>;
    /// Marks articles; numbers without an article are passed over.
    async fn mark_articles(&self, user: UserId, ids: &[ArticleId], edit: MarkEdit) -> Result<()>;
    /// Everything with a number up to `up_to` is read: of these sources, or of all.
    async fn mark_all_read(
        &self,
        user: UserId,
        sources: Option<&[SourceId]>,
        up_to: ArticleId,
    ) -> Result<()>;
    /// The number up to which articles had arrived at `moment`; 0 if there were none.
    async fn arrived_until(&self, moment: Timestamp) -> Result<ArticleId>;
    /// Unread articles of each source that is watched.
    async fn unread_counts(&self, user: UserId) -> Result<Vec<UnreadCount>>;
}
