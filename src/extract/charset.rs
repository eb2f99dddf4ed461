//! Bytes to text: which character encoding a page or feed is in.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Text and how it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// WHATWG name, such as `windows-1252`.
    pub encoding: &'static str,
    /// What had to be mended, in plain words.
    pub repairs: Vec<String>,
}

/// Decodes an HTML page: byte order mark, then HTTP charset, then `<meta>`, then UTF-8 if valid, else windows-1252.
pub fn decode_html(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| content_type.and_then(charset_of))
        .or_else(|| declared_in_meta(bytes))
        .unwrap_or_else(|| if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 });
    let (text, encoding, _) = encoding.decode(bytes);
    Decoded { text: text.into_owned(), encoding: encoding.name(), repairs: Vec::new() }
}

fn charset_of(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let value = lower.split("charset=").nth(1)?;
    let label = value.trim_matches(['"', '\'', ' ']).split([';', '"', '\'', ' ', '>']).next()?;
    Encoding::for_label(label.as_bytes())
}

fn declared_in_meta(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    charset_of(&head[head.find("charset=")?..])
}
