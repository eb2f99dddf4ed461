//! The one type all formats are read into.

use std::fmt;

use memchr::{memchr_iter, memrchr};

use super::{Format, blogger, csv_file, disqus, json, wxr};
use crate::spam::{CommentInput, Outcome, Verdict};

/// A comment of a file, in the words of the house. An empty string means unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileComment {
    /// What the filter looks at.
    pub input: CommentInput,
    /// Id of the comment that this one answers.
    pub parent: String,
    /// Address of the article.
    pub page: String,
    /// As the system names it: `comment`, `pingback`, `trackback`.
    pub kind: String,
    pub state: State,
}

/// What the system that wrote the file did with a comment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The format does not say.
    #[default]
    Unknown,
    /// Held for the moderator.
    Waiting,
    Published,
    Spam,
    /// In the bin: no decision changes that.
    Deleted,
}

impl State {
    /// The state behind a label, as people write them: 1 is spam.
    pub(super) fn of_label(written: &str) -> State {
        match written.trim().to_lowercase().as_str() {
            "spam" | "1" | "true" | "yes" => Self::Spam,
            "ham" | "0" | "false" | "no" | "approved" | "genuine" => Self::Published,
            "unsure" | "pending" | "hold" => Self::Waiting,
            "deleted" | "trash" => Self::Deleted,
            _ => Self::Unknown,
        }
    }

    /// The state behind WordPress' `comment_approved`: 1 is published.
    pub(super) fn of_approval(written: &str) -> State {
        match written.trim().to_lowercase().as_str() {
            "1" | "approve" | "approved" | "published" => Self::Published,
            "0" | "hold" | "unapproved" | "pending" | "unsure" => Self::Waiting,
            "spam" => Self::Spam,
            "trash" | "post-trashed" | "deleted" => Self::Deleted,
            _ => Self::Unknown,
        }
    }

    /// What may be learnt from it: published is ham, spam is spam, anything else is no label.
    pub fn label(self) -> Option<Outcome> {
        match self {
            Self::Published => Some(Outcome::Ham),
            Self::Spam => Some(Outcome::Spam),
            Self::Unknown | Self::Waiting | Self::Deleted => None,
        }
    }

    /// In a word, for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "not decided",
            Self::Waiting => "waiting",
            Self::Published => "published",
            Self::Spam => "spam",
            Self::Deleted => "deleted",
        }
    }
}

/// Where something stands in a file, after decompression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: u64,
    /// From 0.
    pub byte: u64,
}

impl Place {
    pub(super) fn start() -> Self {
        Self { line: 1, byte: 0 }
    }

    /// Moves behind `bytes`.
    pub(super) fn advance(&mut self, bytes: &[u8]) {
        self.byte += bytes.len() as u64;
        if memrchr(b'\n', bytes).is_some() {
            self.line += memchr_iter(b'\n', bytes).count() as u64;
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} (byte {})", self.line, self.byte)
    }
}

/// A piece of a file.
#[derive(Debug)]
pub enum Part {
    /// What is no comment: goes into a copy as it is.
    Verbatim(Vec<u8>),
    Comment(Box<Record>),
    /// A comment that cannot be read: its bytes go into a copy as they are.
    Damaged(Damage),
}

impl Part {
    /// The bytes it was read from.
    pub fn raw(&self) -> &[u8] {
        match self {
            Self::Verbatim(raw) => raw,
            Self::Comment(record) => &record.raw,
            Self::Damaged(damage) => &damage.raw,
        }
    }
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub place: Place,
    /// One sentence for people.
    pub reason: String,
    pub raw: Vec<u8>,
}

/// A comment with the bytes it was read from.
#[derive(Debug)]
pub struct Record {
    pub comment: FileComment,
    pub place: Place,
    pub(super) raw: Vec<u8>,
    pub(super) form: Form,
}

/// What a writer has to know to write a record back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Wxr,
    Disqus,
    Blogger,
    Remark42,
    Jsonl,
    Csv(csv_file::Dialect),
}

impl Record {
    /// The record as it was read.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The record with a decision in the words of its format; byte for byte the same where the file says it
    /// already, where the format has no words for it, or where the comment is deleted.
    pub fn decided(&self, verdict: &Verdict) -> Vec<u8> {
        if self.comment.state == State::Deleted {
            return self.raw.clone();
        }
        let raw = self.raw.as_slice();
        match self.form {
            Form::Wxr => wxr::decided(raw, verdict.outcome),
            Form::Disqus => disqus::decided(raw, verdict.outcome),
            Form::Blogger => blogger::decided(raw, verdict.outcome),
            Form::Remark42 => json::decided_remark42(raw, verdict.outcome),
            Form::Jsonl => json::decided(raw, verdict),
            Form::Csv(dialect) => csv_file::decided(raw, dialect, verdict),
        }
    }

    /// The format the record was written in.
    pub fn format(&self) -> Format {
        match self.form {
            Form::Wxr => Format::Wxr,
            Form::Disqus => Format::Disqus,
            Form::Blogger => Format::Blogger,
            Form::Remark42 => Format::Remark42,
            Form::Jsonl => Format::Jsonl,
            Form::Csv(_) => Format::Csv,
        }
    }
}
