//! Comments of a file in batches, whatever holds them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tokio::task::spawn_blocking;

use super::{
    check::{Source, open},
    format::Format,
    isso::to_comment,
};
use crate::{
    exchange::{Damage, FileComment, Part, Reader},
    store::IssoFile,
};

/// Comments in a batch.
const BATCH: usize = 256;

/// Reads a file batch by batch, away from the threads that wait for the store.
pub(super) struct Batches {
    path: PathBuf,
    source: Held,
}

enum Held {
    /// `None` while a thread reads, and when the file has ended.
    Stream(Option<Reader>),
    Isso {
        file: IssoFile,
        after: i64,
    },
}

/// Some comments of a file, and what could not be read between them.
#[derive(Default)]
pub(super) struct Batch {
    pub comments: Vec<FileComment>,
    pub damages: Vec<Damage>,
}

impl Batches {
    pub async fn open(path: &Path, format: Option<Format>) -> anyhow::Result<Self> {
        let source = match open(path, format)? {
            Source::Stream(reader) => Held::Stream(Some(reader)),
            Source::Isso => Held::Isso { file: IssoFile::open(path).await?, after: i64::MIN },
        };
        Ok(Self { path: path.to_owned(), source })
    }

    /// The next batch, `None` at the end.
    pub async fn next(&mut self) -> anyhow::Result<Option<Batch>> {
        let cannot_read = || format!("cannot read {}", self.path.display());
        match &mut self.source {
            Held::Stream(held) => {
                let Some(mut reader) = held.take() else { return Ok(None) };
                let (batch, reader) = spawn_blocking(move || {
                    let batch = from_stream(&mut reader);
                    (batch, reader)
                })
                .await?;
                let batch = batch.with_context(cannot_read)?;
                if !batch.comments.is_empty() || !batch.damages.is_empty() {
                    *held = Some(reader);
                    return Ok(Some(batch));
                }
                Ok(None)
            }
            Held::Isso { file, after } => {
                let slice = file.comments(*after, BATCH as u32).await.with_context(cannot_read)?;
                let Some(last) = slice.last() else { return Ok(None) };
                *after = last.id;
                let comments = slice.into_iter().map(to_comment).collect();
                Ok(Some(Batch { comments, damages: Vec::new() }))
            }
        }
    }
}

fn from_stream(reader: &mut Reader) -> std::io::Result<Batch> {
    let mut batch = Batch::default();
    for part in reader {
        match part? {
            Part::Verbatim(_) => {}
            Part::Damaged(damage) => batch.damages.push(Damage { raw: Vec::new(), ..damage }),
            Part::Comment(record) => batch.comments.push(record.comment),
        }
        if batch.comments.len() >= BATCH || batch.damages.len() >= BATCH {
            break;
        }
    }
    Ok(batch)
}
