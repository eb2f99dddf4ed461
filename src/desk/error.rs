use crate::store::StoreError;

/// Why articles could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the threads that read articles could not be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error("reading articles ended early: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

impl DeskError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "store-failed",
            Self::Threads(_) => "desk-threads",
            Self::Broken(_) => "desk-broken",
        }
    }
}
