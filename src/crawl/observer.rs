//! What a crawl tells while it runs, and at its end.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;

use crate::domain::{Health, Source, SourceId};

/// Follows a crawl, for progress bars and logs. Called from one task, between two steps of the crawl.
pub trait CrawlObserver: Send + Sync {
    /// The numbers have changed.
    fn progress(&self, _progress: &Progress) {}
    /// A source has been fetched and its report stored.
    fn source_done(&self, _source: &SourceSummary) {}
    /// An entry gave no article.
    fn entry_failed(&self, _url: &str, _message: &str) {}
}

/// Follows nothing.
impl CrawlObserver for () {}

/// How far a crawl is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub sources_done: u64,
    /// Sources that were due at the start.
    pub sources_total: u64,
    pub entries_done: u64,
    /// Entries known so far; grows as sources are read.
    pub entries_total: u64,
    /// Sources and entries that failed.
    pub errors: u64,
}

/// What a crawl did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// In the order in which they were done.
    pub sources: Vec<SourceSummary>,
    pub articles_new: u64,
    pub articles_revised: u64,
    pub articles_unchanged: u64,
    pub comments_new: u64,
    /// Entries given up.
    pub entries_failed: u64,
    /// Entries that are tried again later.
    pub entries_postponed: u64,
    /// The crawl was stopped before it was done.
    pub interrupted: bool,
    pub elapsed: Duration,
}

/// What a crawl did with one source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceSummary {
    pub id: SourceId,
    pub url: String,
    pub title: String,
    /// The server said that nothing has changed, or sent the same bytes again.
    pub unchanged: bool,
    /// Entries never seen before.
    pub new: u32,
    /// Known entries that were edited.
    pub changed: u32,
    /// Articles stored, new or revised.
    pub articles: u32,
    /// Entries without an article, tried again or given up.
    pub entry_errors: u32,
    pub health: Health,
}

impl SourceSummary {
    /// When the source is asked again.
    pub fn next_try(&self) -> Option<Timestamp> {
        self.health.next_try
    }

    /// Whether the source could be read.
    pub fn is_well(&self) -> bool {
        self.health.error_code.is_none()
    }

    pub(super) fn of(source: &Source, health: Health) -> Self {
        Self {
            id: source.id,
            url: source.url.clone(),
            title: source.title.clone(),
            unchanged: false,
            new: 0,
            changed: 0,
            articles: 0,
            entry_errors: 0,
            health,
        }
    }
}

/// Collects the summary of a crawl that ends, and nothing of one that never does.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) summary: Summary,
    places: HashMap<SourceId, usize>,
    keep_sources: bool,
}

impl Tally {
    pub(super) fn new(keep_sources: bool) -> Self {
        Self { keep_sources, ..Self::default() }
    }

    pub(super) fn source(&mut self, source: SourceSummary) {
        if self.keep_sources {
            self.places.insert(source.id, self.summary.sources.len());
            self.summary.sources.push(source);
        }
    }

    /// The line of a source that was done in this crawl.
    pub(super) fn of(&mut self, id: SourceId) -> Option<&mut SourceSummary> {
        self.summary.sources.get_mut(*self.places.get(&id)?)
    }
}
