use crate::{
    search::{QueryError, SearchError},
    store::StoreError,
};

/// Why alerts could not be worked out.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error("a search ended early: {0}")]
    Ended(#[from] tokio::task::JoinError),
}
