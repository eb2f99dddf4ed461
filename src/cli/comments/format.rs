//! Formats as they are named on the command line.

use crate::exchange;

/// How comments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// JSON Lines.
    Jsonl,
    /// CSV with a header line.
    Csv,
    /// WordPress: Tools, Export.
    Wxr,
    /// Disqus: the XML export.
    Disqus,
    /// Blogger: the Atom backup, or feed.atom of Takeout.
    Blogger,
    /// Isso: comments.db.
    Isso,
    /// Remark42: the backup file.
    Remark42,
}

impl From<Format> for exchange::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Jsonl => Self::Jsonl,
            Format::Csv => Self::Csv,
            Format::Wxr => Self::Wxr,
            Format::Disqus => Self::Disqus,
            Format::Blogger => Self::Blogger,
            Format::Isso => Self::Isso,
            Format::Remark42 => Self::Remark42,
        }
    }
}
