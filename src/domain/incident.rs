use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ArticleId, Attack, EntityKind, Span};

/// Number of an incident in the store; it stays when articles join or leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub i64);

/// What happened, as the articles that cover it tell it together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    /// Headline of the article that tells it best.
    pub title: String,
    /// Sentences of the coverage, in reading order.
    pub summary: Vec<Citation>,
    /// Publication of the earliest article.
    pub first_seen: Timestamp,
    /// Publication of the latest article.
    pub last_seen: Timestamp,
    /// When it last became another story: rises with what is told here, articles that come or go among it. Long ago for
    /// incidents told by earlier versions.
    #[serde(default)]
    pub modified: Timestamp,
    pub main_attack: Option<Attack>,
    /// Most often named first.
    pub attacks: Vec<Attack>,
    /// Of all kinds, most often named first within a kind.
    pub entities: Vec<IncidentEntity>,
    /// ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    pub sectors: Vec<String>,
    pub article_count: u32,
    /// Distinct sources among the articles.
    pub source_count: u32,
}

/// An entity of an incident, with how much of the coverage names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentEntity {
    pub kind: EntityKind,
    pub name: String,
    pub id: Option<String>,
    pub articles: u32,
}

/// A sentence with the article it was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    pub article_id: ArticleId,
    pub text: String,
}

/// An article of an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    pub incident_id: IncidentId,
    pub article_id: ArticleId,
    /// Why it was put here, in words; empty for the first article.
    pub reasons: Vec<String>,
    /// The article whose text this one repeats (a syndicated copy).
    pub duplicate_of: Option<ArticleId>,
    /// A moderator put it here: it is not moved again by itself.
    pub by_hand: bool,
}

/// A section of a round-up that recalls an incident. The round-up is none of its articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundupMention {
    pub article_id: ArticleId,
    pub incident_id: IncidentId,
    /// Where the section stands, in the text of [`full_text`](super::full_text).
    pub section: Span,
}
