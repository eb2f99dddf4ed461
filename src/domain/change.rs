use serde::{Deserialize, Serialize};

use super::ArticleId;

/// Place in the change log. Strictly increasing; 0 stands before the first change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(pub i64);

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// An article is new or has a new text, title, date or comments.
    ArticleSaved,
    ArticleRemoved,
}

impl ChangeKind {
    /// The name used in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ArticleSaved => "article-saved",
            Self::ArticleRemoved => "article-removed",
        }
    }

    /// Reads what [`ChangeKind::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::ArticleSaved, Self::ArticleRemoved].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One line of the change log, which the search index and other followers read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub sequence: Sequence,
    pub kind: ChangeKind,
    pub article_id: ArticleId,
}
