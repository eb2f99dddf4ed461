use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::error::AppError;
use crate::{
    domain::Sequence,
    search::{IncidentMatch, Names, Query, SearchIndex, SearchOptions, SearchResults, Suggestion},
};

/// How long a search waits for a core before the reader is asked to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Searches in the background, a few at a time: a search uses a core while it runs.
#[derive(Clone)]
pub(super) struct Finder {
    index: SearchIndex,
    permits: Arc<Semaphore>,
}

impl Finder {
    pub(super) fn new(index: SearchIndex) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { index, permits: Arc::new(Semaphore::new(cores)) }
    }

    /// What `query` finds.
    pub(super) async fn search(
        &self,
        query: Query,
        options: SearchOptions,
    ) -> Result<SearchResults, AppError> {
        self.run(move |index| Ok(index.search(&query, &options)?)).await
    }

    /// The incidents that what `query` finds tells of, that with the newest first.
    pub(super) async fn incidents(
        &self,
        query: Query,
        now: Timestamp,
    ) -> Result<Vec<IncidentMatch>, AppError> {
        self.run(move |index| Ok(index.incidents(&query, now)?)).await
    }

    /// Up to `limit` ways to go on from what was typed so far.
    pub(super) async fn suggest(
        &self,
        typed: String,
        limit: usize,
    ) -> Result<Vec<Suggestion>, AppError> {
        self.run(move |index| Ok(index.suggest(&typed, limit)?)).await
    }

    /// What things are called.
    pub(super) fn names(&self) -> &dyn Names {
        self.index.names()
    }

    /// The newest change that the index has applied.
    pub(super) fn sequence(&self) -> Sequence {
        self.index.sequence()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&SearchIndex) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let permit = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| AppError::Busy)?;
        let permit = permit.map_err(|error| AppError::Internal(error.to_string()))?;
        let index = self.index.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&index)
        });
        task.await.map_err(|error| AppError::Internal(format!("a search ended early: {error}")))?
    }
}
