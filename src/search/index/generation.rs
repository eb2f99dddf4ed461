use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, directory::MmapDirectory};

use super::schema::{Fields, fingerprint, register_tokenizers, schema};
use crate::{domain::Sequence, search::SearchError};

/// Decompressed blocks of stored documents kept per segment.
const CACHED_BLOCKS: usize = 32;
/// Threads that search the segments of one query, if the machine has them.
const MAX_SEARCH_THREADS: usize = 4;

/// One state of the index on disk or in memory, from its first document to its replacement.
pub(crate) struct Generation {
    pub index: Index,
    pub reader: IndexReader,
    pub fields: Fields,
    /// `None` in memory.
    pub path: Option<PathBuf>,
}

/// What a commit says about itself: where in the change log the index stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    fingerprint: String,
    /// Last change that is in the index; while building, the last one before the build began.
    pub sequence: Sequence,
    /// Highest article id of a build that is under way.
    pub built_up_to: Option<i64>,
}

impl Progress {
    pub(crate) fn new(sequence: Sequence, built_up_to: Option<i64>) -> Self {
        Self { fingerprint: fingerprint(), sequence, built_up_to }
    }

    /// The text of a commit's payload.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("numbers and text are always JSON")
    }
}

impl Generation {
    /// A new one in an empty folder.
    pub(super) fn create(path: &Path) -> Result<Self, SearchError> {
        let index = Index::create_in_dir(path, schema().0)?;
        Self::with_index(index, Some(path.to_owned()))
    }

    /// A new one in memory.
    pub(super) fn in_memory() -> Result<Self, SearchError> {
        Self::with_index(Index::create_in_ram(schema().0), None)
    }

    /// Opens one that exists. Fails if it is damaged or was made by another version.
    pub(super) fn open(path: &Path) -> Result<Self, SearchError> {
        let index = Index::open(MmapDirectory::open(path)?)?;
        if index.schema() != schema().0 {
            return Err(other_version("its schema is another version's"));
        }
        let generation = Self::with_index(index, Some(path.to_owned()))?;
        let current = fingerprint();
        match generation.progress()? {
            Some(progress) if progress.fingerprint != current => {
                Err(other_version("it was made by another version"))
            }
            _ => Ok(generation),
        }
    }

    fn with_index(mut index: Index, path: Option<PathBuf>) -> Result<Self, SearchError> {
        register_tokenizers(&index);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        if threads > 1 {
            index.set_multithread_executor(threads.min(MAX_SEARCH_THREADS))?;
        }
        // In a folder, another process may be the one that commits.
        let policy =
            if path.is_some() { ReloadPolicy::OnCommitWithDelay } else { ReloadPolicy::Manual };
        let reader = index
            .reader_builder()
            .reload_policy(policy)
            .doc_store_cache_num_blocks(CACHED_BLOCKS)
            .try_into()?;
        Ok(Self { index, reader, fields: schema().1, path })
    }

    /// What the last commit said; `None` before the first.
    pub(crate) fn progress(&self) -> Result<Option<Progress>, SearchError> {
        let payload = self.index.load_metas()?.payload;
        let read = |payload: String| {
            serde_json::from_str(&payload)
                .map_err(|_| other_version("its last commit is unreadable"))
        };
        payload.map(read).transpose()
    }

    /// The one writer. One thread is enough on few cores, and keeps documents in order.
    pub(crate) fn writer(&self, memory_bytes: usize) -> Result<IndexWriter, SearchError> {
        Ok(self.index.writer_with_num_threads(1, memory_bytes)?)
    }
}

fn other_version(reason: &str) -> SearchError {
    SearchError::Index(tantivy::TantivyError::SchemaError(reason.to_owned()))
}
