//! Bytes to text: which character encoding a page or feed is in.
//!
//! Labels lie. A byte order mark is believed first, then the labels in the order of their standard; but text
//! that is valid UTF-8 *and* uses it beats a single-byte label, and a label whose decoder meets errors loses to
//! the next one.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far into a page its `<meta>` is looked for. The HTML standard asks for 1024 bytes; real pages put scripts first.
const META_WINDOW: usize = 8192;
/// How far into a feed its XML declaration is looked for; junk in front of it is common.
const DECLARATION_WINDOW: usize = 1024;

/// Text and how it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// WHATWG name, such as `windows-1252`; `UTF-32` where a byte order mark says so.
    pub encoding: &'static str,
    /// What had to be mended, in plain words.
    pub repairs: Vec<String>,
}

/// Decodes an HTML page: byte order mark, then HTTP charset, then `<meta>`, then UTF-8 if valid, else windows-1252.
///
/// Source: HTML standard, section 13.2.3 (determining the character encoding), with the repairs named above.
pub fn decode_html(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    decode(bytes, content_type, declared_in_meta)
}

/// Decodes XML: byte order mark, UTF-16 by its pattern of zeros, HTTP charset, then the XML declaration, then
/// UTF-8 if valid, else windows-1252. Characters that XML forbids are dropped.
///
/// Source: XML 1.0 appendix F and RFC 7303, with the repairs named above.
pub fn decode_xml(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    decode(bytes, content_type, declared_in_xml)
}

/// A claim about the encoding, and who makes it.
struct Label {
    name: String,
    place: &'static str,
}

fn decode(
    bytes: &[u8],
    content_type: Option<&str>,
    declared: fn(&[u8]) -> Option<String>,
) -> Decoded {
    let mut decoded = if let Some(text) = decode_utf32(bytes) {
        Decoded { text, encoding: "UTF-32", repairs: Vec::new() }
    } else if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        decode_marked(&bytes[length..], encoding)
    } else if let Some(encoding) = utf16_by_zeros(bytes) {
        decode_marked(bytes, encoding)
    } else {
        let http = content_type
            .and_then(charset_parameter)
            .map(|name| Label { name, place: "in the HTTP header" });
        let own = declared(bytes).map(|name| Label { name, place: "declared" });
        decode_labelled(bytes, http.into_iter().chain(own))
    };
    drop_control_characters(&mut decoded);
    decoded
}

/// Decodes what a byte order mark (already cut off) or a clear pattern identifies.
fn decode_marked(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    if encoding == UTF_8 {
        return decode_mostly_utf8(bytes);
    }
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let repairs =
        if had_errors { vec![format!("invalid {} bytes", encoding.name())] } else { Vec::new() };
    Decoded { text: text.into_owned(), encoding: encoding.name(), repairs }
}

fn decode_labelled(bytes: &[u8], labels: impl Iterator<Item = Label>) -> Decoded {
    let mut repairs = Vec::new();
    let utf8 = std::str::from_utf8(bytes).ok();
    let ascii = bytes.is_ascii();
    let mut fallback = None;
    for label in labels {
        let Some(encoding) = encoding_named(&label.name) else {
            note(
                &mut repairs,
                format!("unknown encoding {:?} {}", shown(&label.name), label.place),
            );
            continue;
        };
        if encoding == UTF_8 {
            if let Some(text) = utf8 {
                return Decoded { text: text.to_owned(), encoding: UTF_8.name(), repairs };
            }
            fallback.get_or_insert(UTF_8);
            continue;
        }
        if let Some(text) = utf8
            && !ascii
            && encoding.is_single_byte()
        {
            note(&mut repairs, format!("UTF-8 text, but {} {}", encoding.name(), label.place));
            return Decoded { text: text.to_owned(), encoding: UTF_8.name(), repairs };
        }
        let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
        if !had_errors {
            if fallback == Some(UTF_8) {
                note(&mut repairs, format!("{} text, but labelled UTF-8", encoding.name()));
            }
            return Decoded { text: text.into_owned(), encoding: encoding.name(), repairs };
        }
        note(&mut repairs, format!("not {}, though {}", encoding.name(), label.place));
        fallback.get_or_insert(encoding);
    }
    let mut decoded = match (utf8, fallback) {
        (Some(text), _) => {
            Decoded { text: text.to_owned(), encoding: UTF_8.name(), repairs: Vec::new() }
        }
        (None, Some(encoding)) if encoding != UTF_8 => decode_marked(bytes, encoding),
        (None, _) => decode_mostly_utf8(bytes),
    };
    repairs.append(&mut decoded.repairs);
    Decoded { repairs, ..decoded }
}

/// Decodes UTF-8 in which single bytes are wrong: such a byte is read as windows-1252, which is what copied
/// text mostly is. Text without any valid sequence is windows-1252 altogether.
fn decode_mostly_utf8(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let (mut wide, mut wrong) = (false, 0_usize);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        wide |= !chunk.valid().is_ascii();
        wrong += chunk.invalid().len();
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    if wrong == 0 {
        return Decoded { text, encoding: UTF_8.name(), repairs: Vec::new() };
    }
    if wide {
        let repairs = vec!["windows-1252 bytes in UTF-8 text".to_owned()];
        return Decoded { text, encoding: UTF_8.name(), repairs };
    }
    let repairs = vec!["windows-1252 text without a label that says so".to_owned()];
    Decoded { text, encoding: WINDOWS_1252.name(), repairs }
}

/// UTF-32 with a byte order mark, which no browser reads but some feeds are written in.
fn decode_utf32(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 4]) -> u32 = match bytes.get(..4)? {
        [0, 0, 0xFE, 0xFF] => u32::from_be_bytes,
        [0xFF, 0xFE, 0, 0] => u32::from_le_bytes,
        _ => return None,
    };
    let units = bytes[4..].as_chunks::<4>().0;
    Some(
        units
            .iter()
            .map(|unit| char::from_u32(read(*unit)).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

/// Mark-up in UTF-16 without a byte order mark starts with `<` and a zero.
fn utf16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes.get(..4)? {
        [b'<' | b' ' | b'\n' | b'{', 0, next, 0] if *next != 0 => Some(UTF_16LE),
        [0, b'<' | b' ' | b'\n' | b'{', 0, next] if *next != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The WHATWG encoding of a label, and of some that only older software writes.
fn encoding_named(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.as_bytes()).or_else(|| {
        let plain: String = label
            .chars()
            .filter(|c| c.is_ascii_alphanumeric())
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let known = match plain.as_str() {
            "utf8mb4" | "utf8utf8" | "unicode11utf8" => "utf-8",
            "iso88591" | "iso885915" | "latin1" | "cp1252" | "win1252" | "ansi" => "windows-1252",
            "win1251" | "cp1251" => "windows-1251",
            "cp936" | "gb23121980" => "gbk",
            "cp932" => "shift_jis",
            "cp949" => "euc-kr",
            "koi8" => "koi8-r",
            _ => return None,
        };
        Encoding::for_label(known.as_bytes())
    })?;
    // The bytes have neither a mark nor zeros, so they cannot be what the label says (HTML standard 13.2.3.2).
    if encoding == UTF_16BE || encoding == UTF_16LE {
        return Some(UTF_8);
    }
    Some(if encoding == X_USER_DEFINED { WINDOWS_1252 } else { encoding })
}

/// The `charset` parameter of a media type.
fn charset_parameter(content_type: &str) -> Option<String> {
    let lower = content_type.to_ascii_lowercase();
    let at = lower.find("charset")?;
    let value = lower[at + "charset".len()..].trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let value = value.split([';', ',', '"', '\'', ' ', '\t', '\r', '\n', '>']).next()?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// The encoding a page names in `<meta charset>` or `<meta http-equiv=content-type>`, comments skipped.
fn declared_in_meta(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_WINDOW)]).to_ascii_lowercase();
    let mut rest = head.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")? + 3..];
        } else if let Some(meta) = rest.strip_prefix("meta")
            && meta.starts_with([' ', '\t', '\n', '\r', '\x0c', '/'])
        {
            let tag = &meta[..end_of_tag(meta)];
            rest = &meta[tag.len()..];
            if let Some(charset) = charset_in_meta(tag) {
                return Some(charset);
            }
        }
    }
    None
}

/// Where a tag ends: at the first `>` outside quotes.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn charset_in_meta(tag: &str) -> Option<String> {
    let names_charset = [" charset", "\tcharset", "\ncharset", "/charset", "\rcharset"];
    let own = names_charset.iter().any(|name| tag.contains(name));
    let by_header = tag.contains("http-equiv") && tag.contains("content-type");
    (own || by_header).then(|| charset_parameter(tag)).flatten()
}

/// The encoding the XML declaration names, at the start or after a little junk.
fn declared_in_xml(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION_WINDOW)]);
    let declaration = &head[head.find("<?xml")?..];
    let declaration = &declaration[..declaration.find("?>").unwrap_or(declaration.len())];
    let value = declaration[declaration.find("encoding")? + "encoding".len()..].trim_start();
    let value = value.strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let value = value.split(['"', '\'', ' ', '?']).next()?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// Removes NUL and the other control characters that neither XML nor HTML allows.
fn drop_control_characters(decoded: &mut Decoded) {
    if !decoded.text.bytes().any(is_control) {
        return;
    }
    decoded.text.retain(|c| !(c.is_ascii() && is_control(c as u8)));
    note(&mut decoded.repairs, "control characters".to_owned());
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c') || byte == 0x7F
}

fn note(repairs: &mut Vec<String>, repair: String) {
    if !repairs.contains(&repair) {
        repairs.push(repair);
    }
}

/// A foreign label, short enough for a message.
fn shown(label: &str) -> Cow<'_, str> {
    label.char_indices().nth(40).map_or(label.into(), |(end, _)| label[..end].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(declared: &str, body: &[u8]) -> Vec<u8> {
        let mut bytes = format!("<?xml version=\"1.0\" encoding=\"{declared}\"?><t>").into_bytes();
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(b"</t>");
        bytes
    }

    fn body(decoded: &Decoded) -> &str {
        let start = decoded.text.find("<t>").expect("a body") + 3;
        &decoded.text[start..decoded.text.find("</t>").expect("an end")]
    }

    #[test]
    fn declared_encodings_are_followed() {
        let decoded = decode_xml(&xml("iso-8859-1", b"Caf\xe9"), None);
        assert_eq!((body(&decoded), decoded.repairs.len()), ("Café", 0));
        let decoded = decode_xml(&xml("Shift_JIS", b"\x93\xfa\x96\x7b"), None);
        assert_eq!(body(&decoded), "日本");
        let decoded = decode_xml(&xml("UTF-8", "Café".as_bytes()), None);
        assert_eq!((body(&decoded), decoded.encoding), ("Café", "UTF-8"));
    }

    #[test]
    fn utf8_beats_a_single_byte_label() {
        let decoded = decode_xml(&xml("iso-8859-1", "Café’s".as_bytes()), None);
        assert_eq!(body(&decoded), "Café’s");
        assert_eq!(decoded.repairs, ["UTF-8 text, but windows-1252 declared"]);
        let decoded =
            decode_xml(&xml("utf-8", "Café".as_bytes()), Some("text/xml; charset=\"ISO-8859-1\""));
        assert_eq!(decoded.repairs, ["UTF-8 text, but windows-1252 in the HTTP header"]);
    }

    #[test]
    fn the_declaration_wins_over_a_header_that_cannot_be() {
        let decoded =
            decode_xml(&xml("windows-1251", b"\xcf\xf0\xe8"), Some("text/xml; charset=utf-8"));
        assert_eq!(body(&decoded), "При");
        assert_eq!(decoded.repairs, ["windows-1251 text, but labelled UTF-8"]);
    }

    #[test]
    fn stray_bytes_in_utf8_are_windows_1252() {
        let mut text = "Zürich ".as_bytes().to_vec();
        text.extend_from_slice(b"it\x92s caf\xe9");
        let decoded = decode_xml(&xml("utf-8", &text), None);
        assert_eq!(body(&decoded), "Zürich it’s café");
        assert_eq!(decoded.repairs, ["windows-1252 bytes in UTF-8 text"]);
    }

    #[test]
    fn wide_encodings_are_found_by_mark_or_pattern() {
        let text = "<?xml version=\"1.0\"?><t>é</t>";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [b"\xfe\xff".as_slice(), &be].concat();
        for bytes in [le, be, marked] {
            assert_eq!(body(&decode_xml(&bytes, None)), "é");
        }
        let mut utf32 = vec![0, 0, 0xFE, 0xFF];
        utf32.extend(text.chars().flat_map(|c| u32::from(c).to_be_bytes()));
        assert_eq!(body(&decode_xml(&utf32, None)), "é");
    }

    #[test]
    fn a_utf16_label_on_plain_bytes_means_utf8() {
        assert_eq!(body(&decode_xml(&xml("utf-16", "é".as_bytes()), None)), "é");
    }

    #[test]
    fn bogus_labels_and_control_characters_are_noted() {
        let decoded = decode_xml(&xml("foo-8", b"a\0b\x08c"), None);
        assert_eq!(body(&decoded), "abc");
        assert_eq!(decoded.repairs, ["unknown encoding \"foo-8\" declared", "control characters"]);
    }

    #[test]
    fn meta_is_found_outside_comments() {
        let page = b"<!-- <meta charset=koi8-r> --><html><head><META http-equiv='Content-Type' content='text/html; charset=windows-1251'><p>\xcf";
        let decoded = decode_html(page, None);
        assert!(decoded.text.ends_with('П'), "{decoded:?}");
        let page = b"<head><meta name=x content=charset=utf-7><meta charset='euc-kr'><p>\xc7\xd1";
        assert!(decode_html(page, None).text.ends_with('한'));
    }

    #[test]
    fn any_bytes_can_be_decoded() {
        for bytes in [&b""[..], b"\0", b"\xff\xfe\0\0\x01", b"\xfe\xff\xd8", b"<\0", b"<!--"] {
            decode_xml(bytes, Some("text/xml; charset="));
            decode_html(bytes, Some("charset"));
        }
    }
}
