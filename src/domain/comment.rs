use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ArticleId;

/// Number of a comment in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommentId(pub i64);

/// A reader comment under an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub id: CommentId,
    pub article_id: ArticleId,
    /// Identity within the article: the page's own id of the comment.
    pub key: String,
    pub parent_key: Option<String>,
    pub author: Option<String>,
    pub author_url: Option<String>,
    pub published: Option<Timestamp>,
    pub first_seen: Timestamp,
    /// Plain text.
    pub text: String,
}

/// A comment to be stored with its article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentDraft {
    pub key: String,
    pub parent_key: Option<String>,
    pub author: Option<String>,
    pub author_url: Option<String>,
    pub published: Option<Timestamp>,
    pub text: String,
}
