//! Outcomes on their way into the store, written in groups: one transaction for many.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    client::BodyShare,
    entry_job::{EntryDone, EntryFailure},
    source_job::SourceDone,
};
use crate::{
    domain::{EntryId, FeedEntry, Health, Source, SourceId},
    store::{ArticleWrite, FetchReport, FetchWritten, SavedArticle, Store, StoreError},
};

/// Outcomes written at once.
const MAX_OUTCOMES: usize = 64;
/// Longest time an outcome waits for others.
const MAX_AGE: Duration = Duration::from_millis(100);
/// Bytes of text written at once.
const MAX_BYTES: usize = 8 << 20;
/// When an article that the store refused is tried again.
const REFUSED_RETRY: SignedDuration = SignedDuration::from_hours(1);

/// Outcomes that wait to be written.
#[derive(Default)]
pub(super) struct Batch {
    reports: Vec<FetchReport>,
    /// The sources of `reports`, in the same order.
    sources: Vec<Arc<Source>>,
    articles: Vec<ArticleWrite>,
    /// The entries of `articles`, in the same order.
    entries: Vec<EntryRef>,
    failures: Vec<FailedEntry>,
    /// What was read stays counted until it is written.
    shares: Vec<BodyShare>,
    bytes: usize,
    since: Option<Instant>,
}

/// Which entry an outcome belongs to.
#[derive(Debug, Clone)]
pub(super) struct EntryRef {
    pub(super) id: EntryId,
    pub(super) source_id: SourceId,
    pub(super) url: String,
}

/// An entry without an article.
#[derive(Debug)]
pub(super) struct FailedEntry {
    pub(super) entry: EntryRef,
    pub(super) failure: EntryFailure,
}

/// What writing a batch did, in the order of the outcomes.
#[derive(Default)]
pub(super) struct Written {
    pub(super) sources: Vec<(Arc<Source>, Health, FetchWritten)>,
    pub(super) articles: Vec<(EntryRef, SavedArticle)>,
    pub(super) failures: Vec<FailedEntry>,
}

impl Batch {
    pub(super) fn add_source(&mut self, source: Arc<Source>, done: SourceDone, now: Instant) {
        self.bytes += done.report.entries.iter().map(|draft| weight_of(&draft.item)).sum::<usize>();
        self.since.get_or_insert(now);
        self.reports.push(done.report);
        self.sources.push(source);
        self.shares.push(done.share);
    }

    pub(super) fn add_entry(&mut self, done: EntryDone, now: Instant) {
        self.since.get_or_insert(now);
        let entry = EntryRef { id: done.id, source_id: done.source_id, url: done.url };
        match done.result {
            Ok(write) => {
                self.bytes += write.article.text.len() + write.article.html.len();
                self.articles.push(write);
                self.entries.push(entry);
                self.shares.push(done.share);
            }
            Err(failure) => self.failures.push(FailedEntry { entry, failure }),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.reports.len() + self.articles.len() + self.failures.len()
    }

    /// When the batch is to be written; at once when it is full.
    pub(super) fn due_at(&self) -> Option<Instant> {
        let is_full = self.len() >= MAX_OUTCOMES || self.bytes >= MAX_BYTES;
        Some(if is_full { self.since? } else { self.since? + MAX_AGE })
    }

    /// Writes everything. An article that the store refuses becomes a failure of its entry alone.
    pub(super) async fn write(self, store: &dyn Store) -> Result<Written, StoreError> {
        let now = Timestamp::now();
        let mut written = Written { failures: self.failures, ..Written::default() };
        if !self.reports.is_empty() {
            let counts = store.record_fetches(&self.reports, now).await?;
            let health = self.reports.into_iter().map(|report| report.health);
            let sources = self.sources.into_iter().zip(health).zip(counts);
            written.sources =
                sources.map(|((source, health), counts)| (source, health, counts)).collect();
        }
        if !self.articles.is_empty() {
            save_articles(store, &self.articles, self.entries, &mut written).await;
        }
        for failed in &written.failures {
            let FailedEntry { entry, failure } = failed;
            store.fail_entry(entry.id, &failure.message, failure.retry_at).await?;
        }
        Ok(written)
    }
}

/// Saves all articles in one transaction; where that fails, one by one, so that one bad article cannot hold
/// back the others.
async fn save_articles(
    store: &dyn Store,
    articles: &[ArticleWrite],
    entries: Vec<EntryRef>,
    written: &mut Written,
) {
    let now = Timestamp::now();
    match store.save_articles(articles, now).await {
        Ok(saved) => return written.articles.extend(entries.into_iter().zip(saved)),
        Err(error) => tracing::warn!(%error, "articles are stored one by one"),
    }
    for (article, entry) in articles.iter().zip(entries) {
        match store.save_articles(std::slice::from_ref(article), now).await {
            Ok(saved) => {
                written.articles.extend(saved.into_iter().map(|saved| (entry.clone(), saved)));
            }
            Err(error) => written.failures.push(refused(entry, &error)),
        }
    }
}

fn refused(entry: EntryRef, error: &StoreError) -> FailedEntry {
    let failure = EntryFailure {
        code: "store-failed".to_owned(),
        message: error.to_string(),
        retry_at: Timestamp::now().checked_add(REFUSED_RETRY).ok(),
    };
    FailedEntry { entry, failure }
}

/// Bytes of an item's texts, which are nearly all of it.
pub(super) fn weight_of(item: &FeedEntry) -> usize {
    let texts = [&item.content, &item.summary, &item.title];
    texts.into_iter().flatten().map(String::len).sum()
}
