use thiserror::Error;

use crate::{search::SearchError, store::StoreError};

/// Why items could not be gathered.
#[derive(Debug, Error)]
pub enum GatherError {
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
