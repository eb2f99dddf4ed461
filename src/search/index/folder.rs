//! The folder of an index: generations side by side, and a file that names the one in use.
//!
//! A rebuild writes a new generation next to the one that readers use; renaming one small file then
//! makes it the current one. Whoever writes holds the lock of the folder.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::search::SearchError;

const CURRENT: &str = "current";
const LOCK: &str = "writer.lock";
const PREFIX: &str = "generation-";

/// The folder of an index.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

/// Held by the one process that writes; the system takes it back when the process ends.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: Option<File>,
}

impl WriterLock {
    /// The lock of an index in memory, which no other process can reach.
    pub(super) fn of_memory() -> Self {
        Self { _file: None }
    }
}

impl Folder {
    /// Creates the folder if need be.
    pub(super) fn open(root: &Path) -> Result<Self, SearchError> {
        fs::create_dir_all(root).map_err(|source| failed(root, source))?;
        Ok(Self { root: root.to_owned() })
    }

    /// The generation in use, if one was ever finished.
    pub(super) fn current(&self) -> Option<PathBuf> {
        let name = fs::read_to_string(self.root.join(CURRENT)).ok()?;
        let name = name.trim();
        (generation_number(name).is_some()).then(|| self.root.join(name))
    }

    /// Takes the lock, or says that another process has it.
    pub(super) fn lock(&self) -> Result<WriterLock, SearchError> {
        let path = self.root.join(LOCK);
        let file = File::create(&path).map_err(|source| failed(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(WriterLock { _file: Some(file) }),
            Err(fs::TryLockError::WouldBlock) => {
                Err(SearchError::Locked { path: self.root.clone() })
            }
            Err(fs::TryLockError::Error(source)) => Err(failed(&path, source)),
        }
    }

    /// An empty folder for a new generation.
    pub(super) fn next(&self, _lock: &WriterLock) -> Result<PathBuf, SearchError> {
        let highest = self.generations()?.iter().filter_map(|name| generation_number(name)).max();
        let path = self.root.join(format!("{PREFIX}{}", highest.unwrap_or(0) + 1));
        fs::create_dir(&path).map_err(|source| failed(&path, source))?;
        Ok(path)
    }

    /// Makes a generation the current one, then removes all others.
    pub(super) fn switch(&self, generation: &Path, _lock: &WriterLock) -> Result<(), SearchError> {
        let name = generation.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (path, new) = (self.root.join(CURRENT), self.root.join("current.new"));
        write_synced(&new, name).map_err(|source| failed(&new, source))?;
        fs::rename(&new, &path).map_err(|source| failed(&path, source))?;
        sync_folder(&self.root).map_err(|source| failed(&self.root, source))?;
        for other in self.generations()?.iter().filter(|other| *other != name) {
            // Readers of other processes keep their open files; what cannot go now goes next time.
            if let Err(error) = fs::remove_dir_all(self.root.join(other)) {
                tracing::debug!(generation = %other, %error, "old index files are still there");
            }
        }
        Ok(())
    }

    fn generations(&self) -> Result<Vec<String>, SearchError> {
        let entries = fs::read_dir(&self.root).map_err(|source| failed(&self.root, source))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(|name| generation_number(name).is_some()).collect())
    }
}

fn generation_number(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

fn write_synced(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}

/// Makes a rename in a folder survive a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn failed(path: &Path, source: io::Error) -> SearchError {
    SearchError::File { path: path.to_owned(), source }
}
