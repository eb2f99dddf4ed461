use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ArticleId, FeedEntry, SourceId};

/// Number of an entry in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub i64);

/// How far an entry has come on its way to an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// Waits to be fetched, or to be tried again.
    Pending,
    /// Its article is stored.
    Done,
    /// Given up; the reason is kept.
    Failed,
}

impl EntryState {
    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Reads what [`EntryState::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Done, Self::Failed].into_iter().find(|state| state.as_str() == name)
    }
}

/// An item as its feed (or sitemap) gave it, on its way to an article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: EntryId,
    pub source_id: SourceId,
    /// Identity within the source: the feed's id, else the link.
    pub key: String,
    /// The address of the article.
    pub url: String,
    pub state: EntryState,
    /// Tries so far, this lease included.
    pub attempts: u32,
    pub error: Option<String>,
    pub article_id: Option<ArticleId>,
    /// What the feed said of it.
    pub item: FeedEntry,
}

/// An entry to be remembered. One with a known key and the same digest is left alone; one with a new digest is fetched again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntryDraft {
    pub key: String,
    pub url: String,
    /// Digest of what the feed said; a change means the article was edited.
    pub digest: String,
    /// Not to be fetched before this time.
    pub not_before: Timestamp,
    pub item: FeedEntry,
}
