//! Saved searches, and the tokens by which their feeds are read without a login.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, Result, UserId};
use crate::domain::{SavedSearch, SavedSearchId, SearchView, Visibility};

/// Keeps saved searches and tokens of their feeds.
#[async_trait]
pub trait SavedSearchStore: Send + Sync {
    /// Keeps a search. Where its slug is in use, a number is put behind it.
    async fn add_saved_search(
        &self,
        search: &NewSavedSearch,
        now: Timestamp,
    ) -> Result<SavedSearch>;
    /// The search, or `None` if there is none or it was removed.
    async fn saved_search(&self, id: SavedSearchId) -> Result<Option<SavedSearch>>;
    /// The search with this slug, or `None`.
    async fn saved_search_by_slug(&self, slug: &str) -> Result<Option<SavedSearch>>;
    /// All that were not removed, by name.
    async fn saved_searches(&self) -> Result<Vec<SavedSearch>>;
    /// Changes the fields that `edit` names. `None` if there is no such search.
    ///
    /// # Errors
    /// [`StoreError::Taken`](super::StoreError::Taken) where another search has the slug.
    async fn edit_saved_search(
        &self,
        id: SavedSearchId,
        edit: &SavedSearchEdit,
        now: Timestamp,
    ) -> Result<Option<SavedSearch>>;
    /// Removes a search, so that it can be brought back. `false` if there is none.
    async fn remove_saved_search(&self, id: SavedSearchId, now: Timestamp) -> Result<bool>;
    /// Brings a removed search back; under another slug if its own is in use by now. `None` if it was not removed.
    async fn restore_saved_search(
        &self,
        id: SavedSearchId,
        now: Timestamp,
    ) -> Result<Option<SavedSearch>>;

    // Tokens of feeds.

    /// Stores a token.
    async fn add_feed_token(&self, token: &NewFeedToken, now: Timestamp) -> Result<FeedTokenId>;
    /// The token with this digest; `None` if it is unknown or revoked, or its search removed.
    async fn feed_token(&self, digest: &Digest) -> Result<Option<FeedToken>>;
    /// The tokens of a search, newest first, revoked ones too.
    async fn feed_tokens(&self, search: SavedSearchId) -> Result<Vec<FeedToken>>;
    /// Notes that a token was used.
    async fn touch_feed_token(&self, id: FeedTokenId, now: Timestamp) -> Result<()>;
    /// Ends a token of a search. `false` if there is none or it has ended before.
    async fn revoke_feed_token(
        &self,
        search: SavedSearchId,
        id: FeedTokenId,
        now: Timestamp,
    ) -> Result<bool>;
}

/// A search to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSavedSearch {
    pub slug: String,
    pub name: String,
    /// In canonical form.
    pub query: String,
    pub view: SearchView,
    pub owner: Option<UserId>,
    pub made_by: String,
    pub visibility: Visibility,
}

/// A change to a saved search. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedSearchEdit {
    pub slug: Option<String>,
    pub name: Option<String>,
    /// In canonical form.
    pub query: Option<String>,
    pub view: Option<SearchView>,
    pub visibility: Option<Visibility>,
}

/// Number of a feed's token, safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeedTokenId(pub i64);

/// A key in the address of the feeds of one saved search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedToken {
    pub id: FeedTokenId,
    pub search: SavedSearchId,
    pub label: String,
    /// First characters of the secret.
    pub prefix: String,
    pub made_by: String,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
}

/// A feed's token to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFeedToken {
    pub digest: Digest,
    pub search: SavedSearchId,
    pub label: String,
    pub prefix: String,
    pub made_by: String,
}
