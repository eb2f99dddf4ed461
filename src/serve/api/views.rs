//! What the API says of things: a public contract, kept apart from the types we work with.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::found::{EnrichmentView, MentionView};
use crate::{
    domain::{Article, ArticleSummary, Comment, Revision, Source},
    search::{Facet, Fragment, HistogramBucket, Hit, SearchResults, Suggestion},
    store::{Counts, EntryCounts},
};

/// An article without its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArticleSummary)]
pub(super) struct SummaryView {
    pub id: i64,
    pub url: String,
    pub title: String,
    pub description: Option<String>,
    pub source_id: i64,
    pub source: String,
    #[schema(value_type = String, format = DateTime)]
    pub published: Timestamp,
    /// BCP 47 code.
    pub language: Option<String>,
    pub comment_count: u32,
}

/// A part of a list of articles.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArticleList)]
pub(super) struct ArticleList {
    pub articles: Vec<SummaryView>,
    /// Give it as `cursor` for the next part; absent in the last.
    pub next_cursor: Option<String>,
}

/// An article whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Article)]
pub(super) struct ArticleView {
    pub id: i64,
    /// Where to read the original.
    pub url: String,
    pub title: String,
    pub authors: Vec<String>,
    pub source_id: i64,
    pub source: String,
    #[schema(value_type = String, format = DateTime)]
    pub published: Timestamp,
    /// `false` where no date was stated and `published` is when it was first seen.
    pub published_stated: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub modified: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_changed: Timestamp,
    pub language: Option<String>,
    pub site_name: Option<String>,
    pub description: Option<String>,
    pub image: Option<String>,
    pub tags: Vec<String>,
    /// `article`, `thread`, `listing` or `other`.
    pub kind: &'static str,
    /// Plain text.
    pub text: String,
    /// Sanitised HTML of the same.
    pub html: String,
    pub comment_count: u32,
    /// 0 (a guess) to 1 (sure) that `text` is the article.
    pub confidence: f32,
    /// 1 for the first text seen, up by one with each change.
    pub revision: u32,
    /// What was recognised; absent until the article has been read.
    pub enrichment: Option<EnrichmentView>,
    /// Of a round-up, the incidents it mentions.
    pub mentions: Vec<MentionView>,
}

/// A reader's comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub(super) struct CommentView {
    pub id: i64,
    /// The page's own id of the comment.
    pub key: String,
    /// `key` of the comment this one answers.
    pub parent_key: Option<String>,
    pub author: Option<String>,
    pub author_url: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// Plain text.
    pub text: String,
}

/// The comments of an article.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommentList {
    pub comments: Vec<CommentView>,
    /// Comments held back as spam.
    pub hidden: u64,
    /// Comments that wait for the filter or a moderator.
    pub waiting: u64,
}

/// An earlier state of an article.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Revision)]
pub(super) struct RevisionView {
    pub revision: u32,
    /// When this state was first seen.
    #[schema(value_type = String, format = DateTime)]
    pub seen: Timestamp,
    pub title: String,
    pub text: String,
}

/// The earlier states of an article, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevisionList {
    pub revisions: Vec<RevisionView>,
}

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchResults)]
pub(super) struct ResultsView {
    /// The query as it was understood.
    pub query: String,
    /// All matches, not only those given.
    pub total: usize,
    pub hits: Vec<HitView>,
    pub facets: Vec<FacetView>,
    pub histogram: Vec<BucketView>,
    /// A query that would find something, where this one finds nothing.
    pub did_you_mean: Option<String>,
}

/// An article found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hit)]
pub(super) struct HitView {
    pub id: i64,
    pub score: f32,
    pub url: String,
    /// The title, in pieces that match or do not.
    pub title: Vec<FragmentView>,
    /// The best part of the text, in pieces that match or do not.
    pub snippet: Vec<FragmentView>,
    pub source: String,
    pub site: String,
    pub authors: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub published: Timestamp,
    pub language: Option<String>,
    pub comment_count: u32,
    /// Tag of the attack a reader would file it under.
    pub main_attack: Option<&'static str>,
    pub incident: Option<i64>,
    /// The article whose text it repeats.
    pub duplicate_of: Option<i64>,
}

/// A piece of text that matched, or did not.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fragment)]
pub(super) struct FragmentView {
    pub text: String,
    pub hit: bool,
}

/// Counts of one field over all matches.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facet)]
pub(super) struct FacetView {
    /// The query field to narrow by.
    pub field: String,
    pub values: Vec<FacetValueView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FacetValue)]
pub(super) struct FacetValueView {
    pub value: String,
    pub count: u64,
}

/// Matches published in one span of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Bucket)]
pub(super) struct BucketView {
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Not included.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    pub count: u64,
}

/// Ways to go on from what was typed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Suggestions {
    pub suggestions: Vec<SuggestionView>,
}

/// A completion of what was typed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suggestion)]
pub(super) struct SuggestionView {
    /// The whole text, completed.
    pub text: String,
    /// Articles behind it.
    pub count: u64,
}

/// A source with its health.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Source)]
pub(super) struct SourceView {
    pub id: i64,
    pub url: String,
    pub title: String,
    pub site_url: Option<String>,
    /// `feed`, `sitemap` or `page`.
    pub kind: &'static str,
    /// Path of nested groups, outermost first.
    pub groups: Vec<String>,
    pub language: Option<String>,
    pub enabled: bool,
    pub respect_robots: bool,
    pub health: HealthView,
}

/// How fetching a source goes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthView {
    /// `new`, `well`, `repaired`, `failing` or `gone`.
    pub state: &'static str,
    pub http_status: Option<u16>,
    pub error_code: Option<String>,
    pub error: Option<String>,
    /// What had to be mended to read the last answer.
    pub repairs: Vec<String>,
    /// Failures in a row.
    pub failures: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_attempt: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_success: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_try: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_entry: Option<Timestamp>,
    /// Seconds between fetches.
    pub interval_s: u32,
}

/// All sources, by title.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceList {
    pub sources: Vec<SourceView>,
}

/// The store in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stats {
    pub sources: u64,
    /// Sources whose last fetch worked.
    pub sources_well: u64,
    pub articles: u64,
    pub comments: u64,
    pub entries_pending: u64,
    pub entries_failed: u64,
    /// When the newest article was first seen.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_article: Option<Timestamp>,
    /// Changes the search index has yet to apply.
    pub index_lag: i64,
}

impl From<ArticleSummary> for SummaryView {
    fn from(article: ArticleSummary) -> Self {
        Self {
            id: article.id.0,
            url: article.url,
            title: article.title,
            description: article.description,
            source_id: article.source_id.0,
            source: article.source,
            published: article.published,
            language: article.language,
            comment_count: article.comment_count,
        }
    }
}

impl From<Article> for ArticleView {
    fn from(article: Article) -> Self {
        Self {
            id: article.id.0,
            url: article.url,
            title: article.title,
            authors: article.authors,
            source_id: article.source_id.0,
            source: article.source,
            published: article.published,
            published_stated: article.published_stated,
            modified: article.modified,
            first_seen: article.first_seen,
            last_changed: article.last_changed,
            language: article.language,
            site_name: article.site_name,
            description: article.description,
            image: article.image,
            tags: article.tags,
            kind: article.kind.as_str(),
            text: article.text,
            html: article.html,
            comment_count: article.comment_count,
            confidence: article.confidence,
            revision: article.revision,
            enrichment: None,
            mentions: Vec::new(),
        }
    }
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id.0,
            key: comment.key,
            parent_key: comment.parent_key,
            author: comment.author,
            author_url: comment.author_url,
            published: comment.published,
            first_seen: comment.first_seen,
            text: comment.text,
        }
    }
}

impl From<Revision> for RevisionView {
    fn from(revision: Revision) -> Self {
        Self {
            revision: revision.revision,
            seen: revision.seen,
            title: revision.title,
            text: revision.text,
        }
    }
}

impl ResultsView {
    pub(super) fn new(query: String, results: SearchResults) -> Self {
        Self {
            query,
            total: results.total,
            hits: results.hits.into_iter().map(HitView::from).collect(),
            facets: results.facets.into_iter().map(FacetView::from).collect(),
            histogram: results.histogram.into_iter().map(BucketView::from).collect(),
            did_you_mean: results.did_you_mean,
        }
    }
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        let pieces = |fragments: Vec<Fragment>| {
            fragments.into_iter().map(|Fragment { text, hit }| FragmentView { text, hit }).collect()
        };
        Self {
            id: hit.id.0,
            score: hit.score,
            url: hit.url,
            title: pieces(hit.title),
            snippet: pieces(hit.snippet),
            source: hit.source,
            site: hit.site,
            authors: hit.authors,
            published: hit.published,
            language: hit.language,
            comment_count: hit.comment_count,
            main_attack: hit.main_attack.map(|attack| attack.as_str()),
            incident: hit.incident.map(|id| id.0),
            duplicate_of: hit.duplicate_of.map(|id| id.0),
        }
    }
}

impl From<Facet> for FacetView {
    fn from(facet: Facet) -> Self {
        let values = facet.values.into_iter();
        Self {
            field: facet.field.to_owned(),
            values: values
                .map(|value| FacetValueView { value: value.value, count: value.count })
                .collect(),
        }
    }
}

impl From<Suggestion> for SuggestionView {
    fn from(suggestion: Suggestion) -> Self {
        Self { text: suggestion.text, count: suggestion.count }
    }
}

impl From<HistogramBucket> for BucketView {
    fn from(bucket: HistogramBucket) -> Self {
        Self { from: bucket.from, until: bucket.until, count: bucket.count }
    }
}

impl From<Source> for SourceView {
    fn from(source: Source) -> Self {
        let health = source.health;
        Self {
            id: source.id.0,
            url: source.url,
            title: source.title,
            site_url: source.site_url,
            kind: source.kind.as_str(),
            groups: source.groups,
            language: source.language,
            enabled: source.enabled,
            respect_robots: source.respect_robots,
            health: HealthView {
                state: health.state.as_str(),
                http_status: health.http_status,
                error_code: health.error_code,
                error: health.error,
                repairs: health.repairs,
                failures: health.failures,
                last_attempt: health.last_attempt,
                last_success: health.last_success,
                next_try: health.next_try,
                newest_entry: health.newest_entry,
                interval_s: health.interval_s,
            },
        }
    }
}

impl Stats {
    pub(super) fn new(counts: Counts, entries: EntryCounts, index_lag: i64) -> Self {
        Self {
            sources: counts.sources,
            sources_well: counts.sources_well,
            articles: counts.articles,
            comments: counts.comments,
            entries_pending: entries.pending,
            entries_failed: entries.failed,
            last_article: counts.last_article,
            index_lag,
        }
    }
}
