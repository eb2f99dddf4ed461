use std::io;

use thiserror::Error;

/// Why a file cannot be read as comments at all.
#[derive(Debug, Error)]
pub enum ReadError {
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
    #[error("the file is empty")]
    Empty,
    #[error(
        "this is no comment export that siftwire knows: it reads WordPress (WXR), Disqus, Blogger, Isso, \
         Remark42, JSON Lines and CSV"
    )]
    Unknown,
    #[error("this is an XML file, but no export of WordPress, Disqus or Blogger: {0}")]
    UnknownXml(&'static str),
    #[error(
        "this is a zip archive: unpack it and name the file inside (for Blogger's Takeout, feed.atom)"
    )]
    Zip,
    #[error("this file is in UTF-16: convert it first, as in iconv -f UTF-16 -t UTF-8")]
    Utf16,
    #[error("this is a JSON list: write one comment a line, as in jq -c '.[]'")]
    JsonList,
    #[error("an Isso database must be a file of its own, not a pipe")]
    Database,
    #[error("no column holds the comment: name one \"content\", \"comment\" or \"text\"")]
    NoContentColumn,
}

impl ReadError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "comments-unreadable",
            Self::Empty => "comments-empty",
            Self::Unknown => "comments-unknown-format",
            Self::UnknownXml(_) => "comments-unknown-xml",
            Self::Zip => "comments-zip",
            Self::Utf16 => "comments-utf16",
            Self::JsonList => "comments-json-list",
            Self::Database => "comments-database",
            Self::NoContentColumn => "comments-no-content",
        }
    }
}
