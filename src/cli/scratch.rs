//! Folders that last as long as a command.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A temporary folder that is removed when this goes out of scope.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty folder that nobody else uses.
    pub(super) fn new(purpose: &str) -> io::Result<Self> {
        let name =
            format!("siftwire-{purpose}-{}-{:08x}", std::process::id(), rand::random::<u32>());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "a temporary folder stays behind");
        }
    }
}
