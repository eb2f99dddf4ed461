use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{SourceId, url::ArticleKey};

/// Number of an article in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArticleId(pub i64);

/// What kind of page an article came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArticleKind {
    #[default]
    Article,
    /// A forum thread or a question with answers: all posts together are the text.
    Thread,
    /// A page of links to others.
    Listing,
    Other,
}

impl ArticleKind {
    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Thread => "thread",
            Self::Listing => "listing",
            Self::Other => "other",
        }
    }

    /// Reads what [`ArticleKind::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Article, Self::Thread, Self::Listing, Self::Other]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// An article as the store keeps it: the latest revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Article {
    pub id: ArticleId,
    pub source_id: SourceId,
    /// Title of the source, for display.
    pub source: String,
    /// Where to read the original.
    pub url: String,
    pub title: String,
    pub authors: Vec<String>,
    /// As stated by page or feed; else when it was first seen.
    pub published: Timestamp,
    /// `false` where no date was stated and `published` is the time of the first fetch.
    pub published_stated: bool,
    pub modified: Option<Timestamp>,
    pub first_seen: Timestamp,
    pub last_changed: Timestamp,
    pub language: Option<String>,
    pub site_name: Option<String>,
    pub description: Option<String>,
    pub image: Option<String>,
    pub tags: Vec<String>,
    pub kind: ArticleKind,
    pub text: String,
    /// Sanitised.
    pub html: String,
    pub comment_provider: Option<String>,
    pub comment_count: u32,
    pub confidence: f32,
    /// 1 for the first text seen, then up by one with each change.
    pub revision: u32,
}

/// An article without its body, for lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArticleSummary {
    pub id: ArticleId,
    pub source_id: SourceId,
    pub source: String,
    pub url: String,
    pub title: String,
    pub description: Option<String>,
    pub published: Timestamp,
    pub language: Option<String>,
    pub comment_count: u32,
}

/// An article to be stored; its identity is `key`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArticleDraft {
    pub source_id: SourceId,
    pub key: ArticleKey,
    pub url: String,
    pub title: String,
    pub authors: Vec<String>,
    pub published: Option<Timestamp>,
    pub modified: Option<Timestamp>,
    pub language: Option<String>,
    pub site_name: Option<String>,
    pub description: Option<String>,
    pub image: Option<String>,
    pub tags: Vec<String>,
    pub kind: ArticleKind,
    pub text: String,
    pub html: String,
    pub comment_provider: Option<String>,
    pub confidence: f32,
}

/// An earlier state of an article that has changed since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    pub revision: u32,
    /// When this state was first seen.
    pub seen: Timestamp,
    pub title: String,
    pub text: String,
}
