//! Keeps the index in step with the store's change log.
//!
//! Each commit carries the last change it holds, so after a crash the follower goes on exactly there.
//! An index that is new, of another version or damaged is built from all articles; a build notes how far
//! it came in the same way, and changes made meanwhile are applied after it.

mod log;
#[cfg(test)]
mod tests;
mod writer;

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

pub use log::ArticleLog;

use super::{
    SearchError, SearchIndex,
    index::{Generation, Progress, WriterLock},
};
use crate::{
    domain::{Article, ArticleId, Change, ChangeKind, Sequence},
    store::Enriched,
};
use writer::{Batch, Writer};

/// Changes or articles read from the store at once.
const BATCH: u32 = 500;
/// Articles applied before a commit, at most.
const COMMIT_ARTICLES: u64 = 20_000;
/// Longest wait after an error.
const MAX_BACK_OFF: Duration = Duration::from_secs(60);

/// How a follower works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowerOptions {
    /// Memory of the writer before it writes a segment; at least 15 MB.
    pub writer_memory_bytes: usize,
    /// Articles applied before a commit, at most.
    pub commit_articles: u64,
    /// How often the change log is asked for news.
    pub poll: Duration,
}

impl Default for FollowerOptions {
    fn default() -> Self {
        Self {
            writer_memory_bytes: 50 << 20,
            commit_articles: COMMIT_ARTICLES,
            poll: Duration::from_secs(1),
        }
    }
}

/// Follows a store into an index. There is one at a time for an index, in all processes.
pub struct Follower<L: ?Sized> {
    log: Arc<L>,
    index: SearchIndex,
    options: FollowerOptions,
    lock: Arc<WriterLock>,
    writer: Writer,
    /// Last change applied, committed or not.
    read: Sequence,
    /// A build that was begun and not finished.
    built_up_to: Option<ArticleId>,
    /// Articles applied since the last commit.
    pending: u64,
}

/// Brings the index up to date once.
pub async fn catch_up<L: ArticleLog + ?Sized>(
    log: Arc<L>,
    index: &SearchIndex,
) -> Result<(), SearchError> {
    let mut follower = Follower::start(log, index.clone(), FollowerOptions::default())?;
    follower.catch_up().await?;
    follower.finish().await
}

/// Keeps the index up to date until `cancel`. Errors are logged and tried again; only a lock held by
/// another process ends it.
pub async fn run<L: ArticleLog + ?Sized>(
    log: Arc<L>,
    index: SearchIndex,
    options: FollowerOptions,
    cancel: CancellationToken,
) -> Result<(), SearchError> {
    let mut wait = options.poll;
    while !cancel.is_cancelled() {
        let Err(error) = follow(&log, &index, options, &cancel).await else { break };
        if matches!(error, SearchError::Locked { .. }) {
            return Err(error);
        }
        tracing::error!(code = error.code(), %error, "the search index fell behind, trying again");
        wait = (wait * 2).min(MAX_BACK_OFF);
        cancel.run_until_cancelled(tokio::time::sleep(wait)).await;
    }
    Ok(())
}

async fn follow<L: ArticleLog + ?Sized>(
    log: &Arc<L>,
    index: &SearchIndex,
    options: FollowerOptions,
    cancel: &CancellationToken,
) -> Result<(), SearchError> {
    let mut follower = Follower::start(log.clone(), index.clone(), options)?;
    loop {
        // A batch cut short by the end is read again next time: nothing is committed half.
        match cancel.run_until_cancelled(follower.catch_up()).await {
            Some(caught_up) => caught_up?,
            None => return Ok(()),
        };
        if cancel.run_until_cancelled(tokio::time::sleep(options.poll)).await.is_none() {
            return follower.finish().await;
        }
    }
}

/// Builds the index anew from the store while the old one goes on answering, then puts it in place.
/// `progress` is told the number of articles done.
pub async fn reindex<L: ArticleLog + ?Sized>(
    log: Arc<L>,
    index: &SearchIndex,
    options: FollowerOptions,
    progress: impl FnMut(u64),
) -> Result<u64, SearchError> {
    let lock = Arc::new(index.lock()?);
    let built = build_beside(&*log, index, &lock, options, progress).await?;
    drop(lock);
    let mut follower = Follower::start(log, index.clone(), options)?;
    follower.catch_up().await?;
    follower.finish().await?;
    Ok(built)
}

impl<L: ArticleLog + ?Sized> Follower<L> {
    /// Takes the lock and goes on where the last commit stands.
    ///
    /// # Errors
    /// [`SearchError::Locked`] if another process writes this index.
    pub fn start(
        log: Arc<L>,
        index: SearchIndex,
        options: FollowerOptions,
    ) -> Result<Self, SearchError> {
        let lock = Arc::new(index.lock()?);
        index.refresh(&lock)?;
        let generation = index.generation();
        let progress = generation.progress()?;
        let writer = Writer::start(generation, lock.clone(), options.writer_memory_bytes)?;
        let mut follower = Self {
            log,
            index,
            options,
            lock,
            writer,
            read: Sequence::default(),
            built_up_to: Some(ArticleId(0)),
            pending: 0,
        };
        if let Some(progress) = progress {
            follower.read = progress.sequence;
            follower.built_up_to = progress.built_up_to.map(ArticleId);
        }
        Ok(follower)
    }

    /// Applies everything the log holds and commits it. Returns the number of articles touched.
    pub async fn catch_up(&mut self) -> Result<u64, SearchError> {
        let last = self.log.last_sequence().await?;
        if last < self.read {
            tracing::warn!(
                index = self.read.0,
                store = last.0,
                "the search index is ahead of the store and is rebuilt"
            );
            self.start_over().await?;
        }
        let mut touched = 0;
        if let Some(after) = self.built_up_to {
            touched += self.build(after).await?;
        }
        loop {
            let changes = self.log.changes_since(self.read, BATCH).await?;
            let Some(last) = changes.last() else { break };
            let sequence = last.sequence;
            let batch = self.batch(&changes).await?;
            self.pending += batch.remove.len() as u64;
            touched += batch.remove.len() as u64;
            self.writer.apply(batch).await?;
            self.read = sequence;
            if self.pending >= self.options.commit_articles {
                self.commit().await?;
            }
        }
        if self.pending > 0 {
            self.commit().await?;
        }
        Ok(touched)
    }

    /// Waits for merges and gives back the lock. What [`Follower::catch_up`] did is committed already.
    pub async fn finish(self) -> Result<(), SearchError> {
        self.writer.finish().await
    }

    async fn commit(&mut self) -> Result<(), SearchError> {
        let built_up_to = self.built_up_to.map(|id| id.0);
        self.writer.commit(Progress::new(self.read, built_up_to)).await?;
        tracing::debug!(articles = self.pending, sequence = self.read.0, "search index committed");
        self.pending = 0;
        Ok(())
    }

    /// Fills an empty index, or goes on with a build that was interrupted after article `after`.
    async fn build(&mut self, after: ArticleId) -> Result<u64, SearchError> {
        if after == ArticleId(0) {
            // Changes from here on are applied after the build, whether it saw them or not.
            self.read = self.log.last_sequence().await?;
        }
        let mut pages = Pages { after };
        let mut built = 0;
        while let Some((add, enriched)) = pages.next(&*self.log).await? {
            built += add.len() as u64;
            self.pending += add.len() as u64;
            self.writer.apply(Batch { remove: Vec::new(), add, enriched }).await?;
            self.built_up_to = Some(pages.after);
            if self.pending >= self.options.commit_articles {
                self.commit().await?;
            }
        }
        self.built_up_to = None;
        self.commit().await?;
        if built > 0 {
            tracing::info!(articles = built, "search index built from the store");
        }
        Ok(built)
    }

    /// What a slice of the log comes to: each article once, as the store has it now.
    async fn batch(&self, changes: &[Change]) -> Result<Batch, SearchError> {
        let mut kinds: HashMap<ArticleId, ChangeKind> = HashMap::with_capacity(changes.len());
        let mut touched = Vec::with_capacity(changes.len());
        for change in changes {
            if kinds.insert(change.article_id, change.kind).is_none() {
                touched.push(change.article_id);
            }
        }
        let saved: Vec<ArticleId> = touched
            .iter()
            .copied()
            .filter(|id| kinds.get(id) == Some(&ChangeKind::ArticleSaved))
            .collect();
        let (add, enriched) = read(&*self.log, &saved).await?;
        Ok(Batch { remove: touched, add, enriched })
    }

    /// Puts an index built anew in place of this one.
    async fn start_over(&mut self) -> Result<(), SearchError> {
        build_beside(&*self.log, &self.index, &self.lock, self.options, |_| ()).await?;
        let generation = self.index.generation();
        let progress = generation.progress()?;
        self.read = progress.map(|progress| progress.sequence).unwrap_or_default();
        self.built_up_to = None;
        self.pending = 0;
        self.writer =
            Writer::start(generation, self.lock.clone(), self.options.writer_memory_bytes)?;
        Ok(())
    }
}

/// Builds a new generation and makes it the current one.
async fn build_beside<L: ArticleLog + ?Sized>(
    log: &L,
    index: &SearchIndex,
    lock: &Arc<WriterLock>,
    options: FollowerOptions,
    mut progress: impl FnMut(u64),
) -> Result<u64, SearchError> {
    let generation: Arc<Generation> = Arc::new(index.next_generation(lock)?);
    let writer = Writer::start(generation.clone(), lock.clone(), options.writer_memory_bytes)?;
    let sequence = log.last_sequence().await?;
    let mut pages = Pages { after: ArticleId(0) };
    let mut built = 0;
    while let Some((add, enriched)) = pages.next(log).await? {
        built += add.len() as u64;
        writer.apply(Batch { remove: Vec::new(), add, enriched }).await?;
        progress(built);
    }
    writer.commit(Progress::new(sequence, None)).await?;
    writer.finish().await?;
    index.switch(generation, lock)?;
    Ok(built)
}

/// Articles with what the desk found in them.
type ReadArticles = (Vec<Article>, HashMap<ArticleId, Enriched>);

async fn read<L: ArticleLog + ?Sized>(
    log: &L,
    ids: &[ArticleId],
) -> Result<ReadArticles, SearchError> {
    let articles = log.articles(ids).await?;
    let enriched = log.enrichments(ids).await?;
    Ok((articles, enriched.into_iter().map(|one| (one.article_id, one)).collect()))
}

/// All articles by id, a page at a time.
struct Pages {
    after: ArticleId,
}

impl Pages {
    /// `None` after the last page. A page may be empty if its articles were removed meanwhile.
    async fn next<L: ArticleLog + ?Sized>(
        &mut self,
        log: &L,
    ) -> Result<Option<ReadArticles>, SearchError> {
        let ids = log.article_ids(self.after, BATCH).await?;
        let Some(&last) = ids.last() else { return Ok(None) };
        self.after = last;
        Ok(Some(read(log, &ids).await?))
    }
}
