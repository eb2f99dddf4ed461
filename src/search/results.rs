use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{ArticleId, Attack, EntityKind, IncidentId};

/// How hits are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SortOrder {
    /// BM25, title boosted, mixed with recency.
    #[default]
    Relevance,
    /// Newest first.
    Date,
}

/// What a search is to give besides hits.
#[derive(Debug, Clone)]
pub struct SearchOptions {
    pub limit: usize,
    pub offset: usize,
    /// Overrides the query's own `sort:`.
    pub sort: Option<SortOrder>,
    pub facets: bool,
    pub histogram: bool,
    pub snippets: bool,
    /// "Now", for recency and relative dates.
    pub now: Timestamp,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchResults {
    /// All matches, not only those shown.
    pub total: usize,
    pub hits: Vec<Hit>,
    pub facets: Vec<Facet>,
    pub histogram: Vec<HistogramBucket>,
    /// The query with misspelt words mended, when it found nothing and the mended one would.
    pub did_you_mean: Option<String>,
}

/// One article found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    pub id: ArticleId,
    pub score: f32,
    pub url: String,
    pub source: String,
    pub site: String,
    pub authors: Vec<String>,
    pub published: Timestamp,
    pub language: Option<String>,
    /// The title, in pieces that match or do not.
    pub title: Vec<Fragment>,
    /// The best part of the text, in pieces that match or do not.
    pub snippet: Vec<Fragment>,
    pub comment_count: u32,
    /// The attack a reader would file it under.
    pub main_attack: Option<Attack>,
    /// The first things it names.
    pub names: Vec<(EntityKind, String)>,
    pub incident: Option<IncidentId>,
    /// The article whose text it repeats.
    pub duplicate_of: Option<ArticleId>,
}

impl Hit {
    /// The title as plain text.
    pub fn title_text(&self) -> String {
        self.title.iter().map(|fragment| fragment.text.as_str()).collect()
    }
}

/// An incident that matches tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct IncidentMatch {
    pub id: IncidentId,
    /// Matches that tell of it.
    pub articles: u64,
    /// When the newest of them was published, in Unix seconds.
    pub newest_s: i64,
}

/// Where a match stands in the order from newest to oldest: later places are smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it, or the newest article of it, was published, in Unix seconds.
    pub newest_s: i64,
    /// Number of the article or incident.
    pub id: i64,
}

/// A piece of text that matched the query, or did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fragment {
    pub text: String,
    pub hit: bool,
}

/// Counts of one field over all matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facet {
    /// The query field: `source`, `lang`, `month`.
    pub field: &'static str,
    pub values: Vec<FacetValue>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    pub value: String,
    pub count: u64,
}

/// Matches published in one span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistogramBucket {
    pub from: Timestamp,
    pub until: Timestamp,
    pub count: u64,
}

/// A completion of what is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The whole text, completed.
    pub text: String,
    /// Articles behind it.
    pub count: u64,
}
