//! The copy of a file with decisions: it appears under its name only when it is whole.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use flate2::{Compression, write::GzEncoder};

/// A file that is being written.
pub(super) struct Copy {
    path: PathBuf,
    /// `None` only while it is being closed.
    writer: Option<Writer>,
}

enum Writer {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl Copy {
    /// Begins a copy that will be called `path`; compressed as the original was.
    pub fn create(path: &Path, compressed: bool) -> anyhow::Result<Self> {
        let part = part_of(path);
        let file =
            File::create(&part).with_context(|| format!("cannot write {}", part.display()))?;
        let file = BufWriter::with_capacity(1 << 18, file);
        let writer = if compressed {
            Writer::Gzip(Box::new(GzEncoder::new(file, Compression::default())))
        } else {
            Writer::Plain(file)
        };
        Ok(Self { path: path.to_owned(), writer: Some(writer) })
    }

    pub fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let result = match &mut self.writer {
            Some(Writer::Plain(file)) => file.write_all(bytes),
            Some(Writer::Gzip(file)) => file.write_all(bytes),
            None => Ok(()),
        };
        result.with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Gives the file its name.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let close = |writer: Option<Writer>| -> io::Result<()> {
            let file = match writer {
                Some(Writer::Plain(file)) => file,
                Some(Writer::Gzip(file)) => file.finish()?,
                None => return Ok(()),
            };
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(part_of(&self.path), &self.path)
        };
        close(self.writer.take()).with_context(|| format!("cannot write {}", self.path.display()))
    }
}

impl Drop for Copy {
    /// An unfinished copy is no copy.
    fn drop(&mut self) {
        if self.writer.is_some() {
            // Nothing can be done about a part that cannot be removed; its name says what it is.
            let _ = fs::remove_file(part_of(&self.path));
        }
    }
}

/// Where a copy is written until it is whole.
pub(super) fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}
