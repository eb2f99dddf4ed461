//! Comments in the database of Isso, another program: read where it lies, and written in a copy alone.

/// A comment as Isso keeps it. Texts that are not there are empty; they are cut at a megabyte.
#[derive(Debug, Clone, PartialEq)]
pub struct IssoComment {
    pub id: i64,
    pub parent: Option<i64>,
    /// Unix seconds.
    pub created: f64,
    /// See [`IssoMode`].
    pub mode: i64,
    pub remote_addr: String,
    pub text: String,
    pub author: String,
    pub email: String,
    pub website: String,
    /// Path of the page.
    pub uri: String,
    pub title: String,
}

/// What Isso does with a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssoMode {
    Published,
    /// Waits for the moderator.
    Pending,
    /// Shown as deleted while others answer it, and removed for good when none do.
    Deleted,
}

impl IssoMode {
    /// As it stands in the `mode` column.
    pub fn number(self) -> i64 {
        match self {
            Self::Published => 1,
            Self::Pending => 2,
            Self::Deleted => 4,
        }
    }
}
