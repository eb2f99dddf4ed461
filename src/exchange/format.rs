//! Which format a file is in, told from its first bytes.

use std::fmt;

use memchr::memmem;

use super::{ReadError, csv_file};

/// Bytes that are looked at. A WordPress export names its namespace within the first few hundred.
pub(super) const HEAD: usize = 64 << 10;

/// A kind of comment file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON Lines: one comment a line.
    Jsonl,
    /// Comma-separated values with a header line.
    Csv,
    /// WordPress eXtended RSS.
    Wxr,
    /// Disqus' XML export.
    Disqus,
    /// Blogger's Atom backup, classic or from Takeout.
    Blogger,
    /// Isso's SQLite database.
    Isso,
    /// Remark42's backup: JSON Lines behind a line about users and posts.
    Remark42,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jsonl => "JSON Lines",
            Self::Csv => "CSV",
            Self::Wxr => "WordPress (WXR)",
            Self::Disqus => "Disqus",
            Self::Blogger => "Blogger",
            Self::Isso => "Isso",
            Self::Remark42 => "Remark42",
        })
    }
}

impl Format {
    /// Tells the format from the first bytes of a file, after decompression.
    ///
    /// # Errors
    /// The file is empty, or of a kind that is not read, with what to do about it.
    pub fn sniff(head: &[u8]) -> Result<Self, ReadError> {
        if head.starts_with(b"SQLite format 3\0") {
            return Ok(Self::Isso);
        }
        if head.starts_with(b"PK\x03\x04") {
            return Err(ReadError::Zip);
        }
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            return Err(ReadError::Utf16);
        }
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        match text.first() {
            None => Err(ReadError::Empty),
            Some(b'<') => sniff_xml(text),
            Some(b'{') => Ok(sniff_json(text)),
            Some(b'[') => Err(ReadError::JsonList),
            Some(_) if csv_file::looks_like(text) => Ok(Self::Csv),
            Some(_) => Err(ReadError::Unknown),
        }
    }
}

fn sniff_xml(head: &[u8]) -> Result<Format, ReadError> {
    let has = |text: &str| memmem::find(head, text.as_bytes()).is_some();
    if has("wordpress.org/export/") || has("<wp:") {
        return Ok(Format::Wxr);
    }
    if has("<disqus") {
        return Ok(Format::Disqus);
    }
    let atom = has("http://www.w3.org/2005/Atom");
    if atom && (has("schemas.google.com/blogger/") || has("blogger.com") || has("<blogger:")) {
        return Ok(Format::Blogger);
    }
    Err(ReadError::UnknownXml(if has("<rss") || atom {
        "it looks like a feed; export the comments instead (WordPress: Tools, Export)"
    } else if has("<html") || has("<!DOCTYPE html") || has("<!doctype html") {
        "it looks like a web page; perhaps the export was not finished, or asked you to sign in"
    } else {
        "name its format with --format if it is one"
    }))
}

/// Remark42 begins with a line about users and posts, or at once with comments that have a locator.
fn sniff_json(head: &[u8]) -> Format {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    let has = |key: &str| memmem::find(line, key.as_bytes()).is_some();
    let meta = has("\"version\"") && has("\"users\"") && has("\"posts\"");
    let comment = has("\"locator\"") && has("\"user\"");
    if meta || comment { Format::Remark42 } else { Format::Jsonl }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart() {
        for (head, format) in [
            (
                "\u{FEFF}<?xml version=\"1.0\"?><rss xmlns:wp=\"http://wordpress.org/export/1.2/\">",
                Format::Wxr,
            ),
            ("<disqus xmlns=\"http://disqus.com\">", Format::Disqus),
            (
                "<feed xmlns='http://www.w3.org/2005/Atom'><id>tag:blogger.com,1999:blog-1</id>",
                Format::Blogger,
            ),
            ("{\"version\":1,\"users\":[],\"posts\":[]}\n", Format::Remark42),
            ("{\"content\":\"version users posts\"}\n", Format::Jsonl),
            ("id;comment\n1;x\n", Format::Csv),
            ("SQLite format 3\0", Format::Isso),
        ] {
            assert_eq!(Format::sniff(head.as_bytes()).unwrap(), format, "{head}");
        }
    }

    #[test]
    fn other_files_are_refused_with_advice() {
        for (head, code) in [
            (&b""[..], "comments-empty"),
            (b" \n", "comments-empty"),
            (b"PK\x03\x04", "comments-zip"),
            (b"\xff\xfe<\0", "comments-utf16"),
            (b"[{}]", "comments-json-list"),
            (b"<rss><channel>", "comments-unknown-xml"),
            (b"\x89PNG\r\n\x1a\n", "comments-unknown-format"),
            (b"just a line of text", "comments-unknown-format"),
        ] {
            assert_eq!(Format::sniff(head).unwrap_err().code(), code);
        }
    }
}
