//! SQLite back-end.

use super::Result;

/// The store in one SQLite file.
pub struct SqliteStore;

impl SqliteStore {
    /// Opens or creates the file.
    pub async fn open(_path: &std::path::Path) -> Result<Self> {
        todo!()
    }
}
