use thiserror::Error;

use crate::{gather::GatherError, search::SearchError, store::StoreError};

/// Why collections could not be brought up to date.
#[derive(Debug, Error)]
pub enum CollectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// Somebody else moved the collector's place in the log.
    #[error("another process fills the collections of this store")]
    Elsewhere,
    #[error("work in the background ended early: {0}")]
    Ended(String),
}
