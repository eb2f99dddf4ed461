//! The crawl: claims work from the store in small batches, runs it within bounds, writes what came of it.
//!
//! One loop owns all state. Jobs run as tasks, at most `crawl.concurrency` at once; what waits is bounded by
//! count and bytes, so memory does not grow with the number of sources.

use std::{
    collections::{HashMap, HashSet, hash_map},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    batch::{Batch, Written, weight_of},
    client::ClientError,
    entry_job::{self, EntryDone},
    error::CrawlError,
    fetcher::{Fetcher, host_of},
    observer::{CrawlObserver, Progress, SourceSummary, Summary, Tally},
    politeness::HostQueues,
    source_job::{self, SourceDone},
};
use crate::{
    config::CrawlConfig,
    domain::{Entry, EntryId, Source, SourceId},
    store::{FetchWritten, SaveOutcome, Store, StoreError},
};

/// How long claimed work is ours. A crash gives it back sooner: see [`Crawler::run_once`].
const LEASE: SignedDuration = SignedDuration::from_mins(30);
/// Work claimed at once.
const CLAIM: u32 = 64;
/// Sources and entries that may wait in memory.
const MAX_WAITING: usize = 2_048;
/// Entries of one source that may wait in memory; the others' come before the rest of them.
const MAX_WAITING_OF_ONE: usize = 64;
/// Bytes of feed text that may wait in memory.
const MAX_WAITING_BYTES: usize = 16 << 20;
/// When to look for new work after a look that found none.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Longest sleep of a crawler that has nothing to do; sources added meanwhile wait no longer than this.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// How long running jobs may go on after a stop was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// Fetches sources and the articles they announce.
#[derive(Clone)]
pub struct Crawler {
    store: Arc<dyn Store>,
    fetcher: Fetcher,
}

impl Crawler {
    /// A crawler that works on `store` with the limits of `config`.
    pub fn new(store: Arc<dyn Store>, config: &CrawlConfig) -> Result<Self, ClientError> {
        let fetcher = Fetcher::new(store.clone(), config)?;
        Ok(Self { store, fetcher })
    }

    /// Fetches the sources that are due and all pending entries, of `only` or (empty) of all, and returns
    /// when nothing is left that can be done now. Work that a killed crawl had claimed is taken up first.
    pub async fn run_once(
        &self,
        only: &[SourceId],
        observer: &dyn CrawlObserver,
        cancel: &CancellationToken,
    ) -> Result<Summary, StoreError> {
        let started = Instant::now();
        self.store.release_claims().await?;
        let mut run = Run::new(self, only, observer, Tally::new(true));
        run.progress = self.outlook(only).await?;
        run.until_done(cancel).await?;
        let mut summary = run.tally.summary;
        summary.interrupted = cancel.is_cancelled();
        summary.elapsed = started.elapsed();
        Ok(summary)
    }

    /// Crawls until `cancel`, sleeping while nothing is due.
    pub async fn run_forever(
        &self,
        observer: &dyn CrawlObserver,
        cancel: &CancellationToken,
    ) -> Result<(), StoreError> {
        self.store.release_claims().await?;
        while !cancel.is_cancelled() {
            Run::new(self, &[], observer, Tally::new(false)).until_done(cancel).await?;
            let sleep = tokio::time::sleep(self.time_to_next().await?);
            tokio::select! {
                () = sleep => {}
                () = cancel.cancelled() => {}
            }
        }
        Ok(())
    }

    async fn time_to_next(&self) -> Result<Duration, StoreError> {
        let next = self.store.next_due().await?;
        let wait = next.and_then(|next| next.duration_since(Timestamp::now()).try_into().ok());
        Ok(wait.unwrap_or(LONGEST_SLEEP).clamp(LOOK_AGAIN, LONGEST_SLEEP))
    }

    /// What is known of the work ahead.
    async fn outlook(&self, only: &[SourceId]) -> Result<Progress, StoreError> {
        let now = Timestamp::now();
        let is_due = |source: &&Source| {
            source.enabled
                && source.health.next_try.is_none_or(|next| next <= now)
                && (only.is_empty() || only.contains(&source.id))
        };
        let sources_total = self.store.sources().await?.iter().filter(is_due).count() as u64;
        let entries_total =
            if only.is_empty() { self.store.entry_counts().await?.pending } else { 0 };
        Ok(Progress { sources_total, entries_total, ..Progress::default() })
    }
}

/// A source or entry to be fetched.
#[derive(Clone)]
enum Job {
    Source(Arc<Source>),
    Entry(Arc<Entry>, Arc<Source>),
}

/// What a job came to.
enum Outcome {
    Source(Arc<Source>, SourceDone),
    Entry(EntryDone),
}

struct Finished {
    host: String,
    /// The pause that the host asks for.
    pause: Option<Duration>,
    outcome: Outcome,
}

/// One stretch of crawling, from the first claim to the last write.
struct Run<'a> {
    crawler: &'a Crawler,
    only: &'a [SourceId],
    observer: &'a dyn CrawlObserver,
    queues: HostQueues<Job>,
    running: JoinSet<Finished>,
    /// The jobs of `running`, for the case that a task panics.
    started: HashMap<task::Id, (String, Job)>,
    /// Claimed and not yet written: a claim whose lease ran out meanwhile is not taken twice.
    held_sources: HashSet<SourceId>,
    held_entries: HashSet<EntryId>,
    waiting_bytes: usize,
    /// Entries that wait, by source.
    waiting_of: HashMap<SourceId, usize>,
    batch: Batch,
    /// When to look for work again; the past: now.
    look_at: Instant,
    /// The last look found nothing.
    exhausted: bool,
    progress: Progress,
    tally: Tally,
}

impl<'a> Run<'a> {
    fn new(
        crawler: &'a Crawler,
        only: &'a [SourceId],
        observer: &'a dyn CrawlObserver,
        tally: Tally,
    ) -> Self {
        let config = &crawler.fetcher.config;
        let delay = Duration::from_millis(config.host_delay_ms);
        Self {
            crawler,
            only,
            observer,
            queues: HostQueues::new(delay, config.host_concurrency),
            running: JoinSet::new(),
            started: HashMap::new(),
            held_sources: HashSet::new(),
            held_entries: HashSet::new(),
            waiting_bytes: 0,
            waiting_of: HashMap::new(),
            batch: Batch::default(),
            look_at: Instant::now(),
            exhausted: false,
            progress: Progress::default(),
            tally,
        }
    }

    async fn until_done(&mut self, cancel: &CancellationToken) -> Result<(), StoreError> {
        while !cancel.is_cancelled() {
            self.claim().await?;
            self.start_ready();
            if self.is_idle() {
                return Ok(());
            }
            self.step(cancel).await;
            self.write_if_due().await?;
        }
        self.wind_up().await
    }

    /// Waits for the next thing to happen: a job ends, a pause ends, a batch is due, work may have come.
    async fn step(&mut self, cancel: &CancellationToken) {
        let wake = tokio::time::sleep_until(self.wake_at().into());
        tokio::select! {
            Some(finished) = self.running.join_next_with_id() => self.finish(finished),
            () = wake => {}
            () = cancel.cancelled() => {}
        }
        while let Some(finished) = self.running.try_join_next_with_id() {
            self.finish(finished);
        }
    }

    fn wake_at(&self) -> Instant {
        let may_start = self.running.len() < self.concurrency();
        let host = self.queues.next_ready().filter(|_| may_start);
        let soonest = [host, self.batch.due_at(), Some(self.look_at)].into_iter().flatten().min();
        soonest.unwrap_or(self.look_at)
    }

    fn concurrency(&self) -> usize {
        self.crawler.fetcher.config.concurrency.max(1) as usize
    }

    fn is_idle(&self) -> bool {
        self.exhausted
            && self.running.is_empty()
            && self.queues.waiting() == 0
            && self.batch.is_empty()
    }

    /// Takes work from the store, as far as there is room for it.
    async fn claim(&mut self) -> Result<(), StoreError> {
        let has_room =
            self.queues.waiting() < MAX_WAITING && self.waiting_bytes < MAX_WAITING_BYTES;
        if !has_room || Instant::now() < self.look_at {
            return Ok(());
        }
        let found = self.claim_sources().await? + self.claim_entries().await?;
        self.exhausted = found == 0;
        if self.exhausted {
            self.look_at = Instant::now() + LOOK_AGAIN;
        }
        Ok(())
    }

    async fn claim_sources(&mut self) -> Result<usize, StoreError> {
        let now = Timestamp::now();
        let store = &self.crawler.store;
        let sources = store.claim_sources(now, now + LEASE, CLAIM, self.only).await?;
        let found = sources.len();
        for source in sources {
            if self.held_sources.insert(source.id) {
                let host = host_of(&source.url);
                self.queues.push(&host, Job::Source(Arc::new(source)), Instant::now());
            }
        }
        Ok(found)
    }

    async fn claim_entries(&mut self) -> Result<usize, StoreError> {
        let now = Timestamp::now();
        let store = &self.crawler.store;
        let full = self.full_sources();
        let entries = store.claim_entries(now, now + LEASE, CLAIM, self.only, &full).await?;
        let found = entries.len();
        let mut sources: HashMap<SourceId, Option<Arc<Source>>> = HashMap::new();
        for entry in entries {
            let source = match sources.entry(entry.source_id) {
                hash_map::Entry::Occupied(known) => known.get().clone(),
                hash_map::Entry::Vacant(place) => {
                    place.insert(store.source(entry.source_id).await?.map(Arc::new)).clone()
                }
            };
            let Some(source) = source else { continue };
            if self.held_entries.insert(entry.id) {
                self.waiting_bytes += weight_of(&entry.item);
                *self.waiting_of.entry(entry.source_id).or_default() += 1;
                let host = host_of(&entry.url);
                self.queues.push(&host, Job::Entry(Arc::new(entry), source), Instant::now());
            }
        }
        Ok(found)
    }

    /// Sources of which enough entries wait; what else they have stays in the store for now.
    fn full_sources(&self) -> Vec<SourceId> {
        let full = self.waiting_of.iter().filter(|(_, waiting)| **waiting >= MAX_WAITING_OF_ONE);
        full.map(|(id, _)| *id).collect()
    }

    fn one_less_of(&mut self, source: SourceId) {
        if let hash_map::Entry::Occupied(mut waiting) = self.waiting_of.entry(source) {
            *waiting.get_mut() -= 1;
            if *waiting.get() == 0 {
                waiting.remove();
            }
        }
    }

    fn start_ready(&mut self) {
        while self.running.len() < self.concurrency() {
            let Some((host, job)) = self.queues.pop(Instant::now()) else { return };
            if let Job::Entry(entry, _) = &job {
                self.waiting_bytes -= weight_of(&entry.item);
                self.one_less_of(entry.source_id);
            }
            let fetcher = self.crawler.fetcher.clone();
            let handle = self.running.spawn(run_job(fetcher, host.clone(), job.clone()));
            self.started.insert(handle.id(), (host, job));
        }
    }

    fn finish(&mut self, finished: Result<(task::Id, Finished), JoinError>) {
        let Finished { host, pause, outcome } = match finished {
            Ok((id, finished)) => {
                self.started.remove(&id);
                finished
            }
            Err(error) => match self.started.remove(&error.id()) {
                Some((host, job)) => crashed(host, job, &self.crawler.fetcher.config),
                None => return,
            },
        };
        let now = Instant::now();
        self.queues.done(&host, pause, now);
        match outcome {
            Outcome::Source(source, done) => {
                metrics::counter!("siftwire_fetches_total", "outcome" => done.outcome.clone())
                    .increment(1);
                self.batch.add_source(source, done, now);
            }
            Outcome::Entry(done) => self.batch.add_entry(done, now),
        }
    }

    async fn write_if_due(&mut self) -> Result<(), StoreError> {
        let is_alone = self.running.is_empty() && self.queues.waiting() == 0;
        match self.batch.due_at() {
            Some(due) if is_alone || due <= Instant::now() => self.write().await,
            _ => Ok(()),
        }
    }

    async fn write(&mut self) -> Result<(), StoreError> {
        let batch = std::mem::take(&mut self.batch);
        let written = batch.write(self.crawler.store.as_ref()).await?;
        self.account(written);
        self.observer.progress(&self.progress);
        self.look_at = Instant::now(); // entries may have come
        self.exhausted = false;
        Ok(())
    }

    /// Books what was written.
    fn account(&mut self, written: Written) {
        for (source, health, counts) in written.sources {
            self.held_sources.remove(&source.id);
            self.progress.sources_done += 1;
            self.progress.entries_total += u64::from(counts.new + counts.changed);
            self.progress.errors += u64::from(health.error_code.is_some());
            let mut line = SourceSummary::of(&source, health);
            let is_same_body = line.health.body_hash == source.health.body_hash;
            line.unchanged = line.is_well() && is_same_body && counts == FetchWritten::default();
            (line.new, line.changed) = (counts.new, counts.changed);
            self.observer.source_done(&line);
            self.tally.source(line);
        }
        for (entry, saved) in written.articles {
            self.held_entries.remove(&entry.id);
            self.progress.entries_done += 1;
            self.count_article(entry.source_id, saved.outcome, saved.new_comments);
        }
        for failed in written.failures {
            self.held_entries.remove(&failed.entry.id);
            self.progress.entries_done += 1;
            self.progress.errors += 1;
            let code = failed.failure.code;
            metrics::counter!("siftwire_entry_failures_total", "code" => code).increment(1);
            match failed.failure.retry_at {
                Some(_) => self.tally.summary.entries_postponed += 1,
                None => self.tally.summary.entries_failed += 1,
            }
            if let Some(line) = self.tally.of(failed.entry.source_id) {
                line.entry_errors += 1;
            }
            self.observer.entry_failed(&failed.entry.url, &failed.failure.message);
        }
        self.progress.sources_total = self.progress.sources_total.max(self.progress.sources_done);
        self.progress.entries_total = self.progress.entries_total.max(self.progress.entries_done);
    }

    fn count_article(&mut self, source: SourceId, outcome: SaveOutcome, comments: u32) {
        let summary = &mut self.tally.summary;
        let (count, name) = match outcome {
            SaveOutcome::New => (&mut summary.articles_new, "new"),
            SaveOutcome::Revised => (&mut summary.articles_revised, "revised"),
            SaveOutcome::Unchanged => (&mut summary.articles_unchanged, "unchanged"),
        };
        *count += 1;
        summary.comments_new += u64::from(comments);
        metrics::counter!("siftwire_articles_total", "outcome" => name).increment(1);
        metrics::counter!("siftwire_comments_total").increment(comments.into());
        if outcome != SaveOutcome::Unchanged
            && let Some(line) = self.tally.of(source)
        {
            line.articles += 1;
        }
    }

    /// After a stop was asked for: lets running jobs end for a while, writes what they gave, gives back the rest.
    async fn wind_up(&mut self) -> Result<(), StoreError> {
        self.queues.clear();
        let deadline = tokio::time::sleep(GRACE);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                finished = self.running.join_next_with_id() => match finished {
                    Some(finished) => self.finish(finished),
                    None => break,
                },
                () = &mut deadline => break,
            }
        }
        self.running.shutdown().await;
        self.write().await?;
        self.crawler.store.release_claims().await
    }
}

async fn run_job(fetcher: Fetcher, host: String, job: Job) -> Finished {
    let mut pause = None;
    let outcome = match job {
        Job::Source(source) => {
            let done = source_job::run(&fetcher, &source, &mut pause).await;
            Outcome::Source(source, done)
        }
        Job::Entry(entry, source) => {
            Outcome::Entry(entry_job::run(&fetcher, &entry, &source, &mut pause).await)
        }
    };
    Finished { host, pause, outcome }
}

/// The outcome of a job whose task panicked.
fn crashed(host: String, job: Job, config: &CrawlConfig) -> Finished {
    let now = Timestamp::now();
    let outcome = match job {
        Job::Source(source) => {
            let done = source_job::failure(&source, &CrawlError::Crashed, config, now);
            Outcome::Source(source, done)
        }
        Job::Entry(entry, _) => {
            Outcome::Entry(entry_job::failed(&entry, &CrawlError::Crashed, now))
        }
    };
    Finished { host, pause: None, outcome }
}
