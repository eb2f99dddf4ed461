use std::path::PathBuf;

use tantivy::TantivyError;
use thiserror::Error;

use crate::store::StoreError;

/// Why a search or the writing of the index failed.
#[derive(Debug, Error)]
pub enum SearchError {
    /// The page asked for lies too deep.
    #[error("results beyond the first {limit} cannot be shown; narrow the search or sort by date")]
    TooDeep { limit: usize },
    /// Another process writes this index.
    #[error(
        "another siftwire process is writing the index in {path}; stop it, or let it do the work"
    )]
    Locked { path: PathBuf },
    /// A file of the index could not be used.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// The index is damaged or cannot be written.
    #[error("the search index failed: {0}; run siftwire reindex if this happens again")]
    Index(#[from] TantivyError),
    /// A stored document cannot be read.
    #[error("a document of the search index cannot be read: {0}; run siftwire reindex")]
    Document(#[from] postcard::Error),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many searches run already.
    #[error("many searches are running at once; try again in a moment")]
    Busy,
    /// A search ended before it was done.
    #[error("a search ended early: {0}")]
    Ended(String),
    /// The thread that writes the index is gone.
    #[error("the index writer stopped; start again, it goes on where it was")]
    WriterGone,
}

impl SearchError {
    /// Stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooDeep { .. } => "search-too-deep",
            Self::Locked { .. } => "index-locked",
            Self::File { .. } => "index-file",
            Self::Index(_) => "index-failed",
            Self::Document(_) => "index-document",
            Self::Store(_) => "store-failed",
            Self::Busy => "busy",
            Self::Ended(_) => "search-ended",
            Self::WriterGone => "index-writer-gone",
        }
    }
}

impl From<tantivy::directory::error::OpenDirectoryError> for SearchError {
    fn from(error: tantivy::directory::error::OpenDirectoryError) -> Self {
        Self::Index(error.into())
    }
}

impl From<std::io::Error> for SearchError {
    fn from(error: std::io::Error) -> Self {
        Self::Index(error.into())
    }
}
