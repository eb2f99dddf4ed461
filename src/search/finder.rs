use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::{
    IncidentMatch, Names, Place, Query, SearchError, SearchIndex, SearchOptions, SearchResults,
    Suggestion,
};
use crate::domain::Sequence;

/// How long a search waits for a core before the reader is asked to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Searches in the background, a few at a time: a search uses a core while it runs. For async code; clones share
/// the places.
#[derive(Clone)]
pub struct Finder {
    index: SearchIndex,
    permits: Arc<Semaphore>,
}

impl Finder {
    /// Searches this index, as many at once as there are cores.
    pub fn new(index: SearchIndex) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { index, permits: Arc::new(Semaphore::new(cores)) }
    }

    /// The index itself, for work that is not a search of a reader.
    pub fn index(&self) -> &SearchIndex {
        &self.index
    }

    /// What `query` finds.
    pub async fn search(
        &self,
        query: Query,
        options: SearchOptions,
    ) -> Result<SearchResults, SearchError> {
        self.run(move |index| index.search(&query, &options)).await
    }

    /// The newest `limit` matches of `query` after a place.
    pub async fn newest(
        &self,
        query: Query,
        now: Timestamp,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Place>, SearchError> {
        self.run(move |index| index.newest(&query, now, after, limit)).await
    }

    /// The incidents that what `query` finds tells of, that with the newest first.
    pub async fn incidents(
        &self,
        query: Query,
        now: Timestamp,
    ) -> Result<Vec<IncidentMatch>, SearchError> {
        self.run(move |index| index.incidents(&query, now)).await
    }

    /// Up to `limit` ways to go on from what was typed so far.
    pub async fn suggest(
        &self,
        typed: String,
        limit: usize,
    ) -> Result<Vec<Suggestion>, SearchError> {
        self.run(move |index| index.suggest(&typed, limit)).await
    }

    /// What things are called.
    pub fn names(&self) -> &dyn Names {
        self.index.names()
    }

    /// The newest change that the index has applied.
    pub fn sequence(&self) -> Sequence {
        self.index.sequence()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&SearchIndex) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let permit = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| SearchError::Busy)?;
        let permit = permit.map_err(|error| SearchError::Ended(error.to_string()))?;
        let index = self.index.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&index)
        });
        task.await.map_err(|error| SearchError::Ended(error.to_string()))?
    }
}
