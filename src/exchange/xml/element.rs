//! One element of a few kilobytes, taken apart into fields by path.

use std::ops::Range;

use encoding_rs::Encoding;
use quick_xml::events::BytesStart;

use super::lexer::{self, Kind, Mode};
use crate::extract::xml_text::unescape;

/// Elements inside elements; what is deeper is damage.
const MAX_DEPTH: usize = 64;
/// Elements and attributes in one record.
const MAX_FIELDS: usize = 10_000;

/// The fields of an element, each named by the local names on the way to it: `author/name`, `thread@id`; the
/// attributes of the element itself are `@id`.
#[derive(Debug, Default)]
pub(in crate::exchange) struct Element {
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    path: String,
    text: String,
    /// Where the tags stand in the bytes that were read, and what is between them.
    whole: Range<usize>,
    inside: Range<usize>,
}

struct Open<'a> {
    name: &'a [u8],
    path: String,
    text: String,
    start: usize,
    inside: usize,
}

impl Element {
    /// Takes apart the bytes of one whole element.
    ///
    /// # Errors
    /// Tags that do not match, too many or too deep, as a sentence for people.
    pub fn parse(raw: &[u8], encoding: &'static Encoding) -> Result<Self, String> {
        let mut parser = Parser { raw, encoding, fields: Vec::new(), open: Vec::new() };
        let (mut at, mut mode) = (0, Mode::default());
        while at < raw.len() {
            let Some((kind, length, next)) = lexer::token(&raw[at..], mode, true) else { break };
            parser.take(kind, at..at + length)?;
            (at, mode) = (at + length, next);
        }
        match parser.open.last() {
            Some(open) => Err(format!("<{}> is not closed", shown(open.name))),
            None => Ok(Self { fields: parser.fields }),
        }
    }

    /// The text of the first such field that is not empty, without white space around it; else nothing.
    pub fn get(&self, path: &str) -> &str {
        self.all(path).map(str::trim).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The texts of all such fields.
    pub fn all(&self, path: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |field| field.path == path).map(|field| field.text.as_str())
    }

    /// The bytes that were read with the text of a field set; a field that is not there is added at the end, as
    /// a child with the prefix of the element itself.
    pub fn with_text(&self, raw: &[u8], path: &str, value: &str) -> Vec<u8> {
        let Some(field) = self.fields.iter().find(|field| field.path == path) else {
            return with_added(raw, path, value);
        };
        let mut out = Vec::with_capacity(raw.len() + value.len() + 32);
        if field.inside.is_empty() && raw[field.whole.clone()].ends_with(b"/>") {
            let tag = &raw[field.whole.clone()];
            out.extend_from_slice(&raw[..field.whole.start]);
            out.extend_from_slice(tag[..tag.len() - 2].trim_ascii_end());
            out.push(b'>');
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"</");
            out.extend_from_slice(lexer::name(tag));
            out.push(b'>');
            out.extend_from_slice(&raw[field.whole.end..]);
            return out;
        }
        let inside = &raw[field.inside.clone()];
        let section = inside.trim_ascii_start().starts_with(b"<![CDATA[");
        out.extend_from_slice(&raw[..field.inside.start]);
        out.extend_from_slice(if section { b"<![CDATA[" } else { b"" });
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(if section { b"]]>" } else { b"" });
        out.extend_from_slice(&raw[field.inside.end..]);
        out
    }
}

fn with_added(raw: &[u8], name: &str, value: &str) -> Vec<u8> {
    let root = lexer::name(raw);
    let prefix = shown(&root[..root.len() - lexer::local(root).len()]);
    with_markup(raw, &format!("<{prefix}{name}>{value}</{prefix}{name}>"))
}

/// The bytes of an element with markup added before its end tag.
pub(in crate::exchange) fn with_markup(raw: &[u8], markup: &str) -> Vec<u8> {
    let end = memchr::memrchr(b'<', raw).unwrap_or(raw.len());
    [&raw[..end], markup.as_bytes(), &raw[end..]].concat()
}

struct Parser<'a> {
    raw: &'a [u8],
    encoding: &'static Encoding,
    fields: Vec<Field>,
    open: Vec<Open<'a>>,
}

impl<'a> Parser<'a> {
    fn take(&mut self, kind: Kind, range: Range<usize>) -> Result<(), String> {
        let token = &self.raw[range.clone()];
        match kind {
            Kind::Start => self.start(token, &range),
            Kind::Empty => {
                self.start(token, &range)?;
                self.end(range.end, range)
            }
            Kind::End => {
                let name = lexer::name(token);
                match self.open.last() {
                    Some(open) if open.name == name => self.end(range.start, range),
                    Some(open) => Err(format!(
                        "</{}> stands where </{}> should",
                        shown(name),
                        shown(open.name)
                    )),
                    None => Err(format!("</{}> was not opened", shown(name))),
                }
            }
            Kind::Text => {
                let text = self.decode(token);
                self.push(&unescape(&text));
                Ok(())
            }
            Kind::CData => {
                let text = self.decode(token);
                self.push(&text);
                Ok(())
            }
            Kind::Other => Ok(()),
        }
    }

    fn start(&mut self, tag: &'a [u8], range: &Range<usize>) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH || self.fields.len() >= MAX_FIELDS {
            return Err(format!("more than {MAX_DEPTH} levels or {MAX_FIELDS} fields"));
        }
        let name = lexer::name(tag);
        let local = shown(lexer::local(name));
        let path = match self.open.as_slice() {
            [] => String::new(),
            [_] => local,
            [.., parent] => format!("{}/{local}", parent.path),
        };
        self.attributes(tag, &path, range);
        let text = String::new();
        self.open.push(Open { name, path, text, start: range.start, inside: range.end });
        Ok(())
    }

    fn attributes(&mut self, tag: &[u8], path: &str, range: &Range<usize>) {
        let inner = self.decode(tag.trim_ascii_end());
        let inner = inner.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
        let name_length = inner.find(|c: char| c.is_whitespace()).unwrap_or(inner.len());
        let start = BytesStart::from_content(inner, name_length);
        for attribute in start.attributes().with_checks(false).flatten() {
            if self.fields.len() >= MAX_FIELDS {
                return;
            }
            let local = attribute.key.local_name();
            self.fields.push(Field {
                path: format!("{path}@{}", local.as_ref()),
                text: clean(&unescape(&attribute.value)),
                whole: range.clone(),
                inside: range.clone(),
            });
        }
    }

    /// Closes the innermost element, whose end tag stands at `tag`; an empty one has a single tag.
    fn end(&mut self, inside_end: usize, tag: Range<usize>) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        // Text with elements inside, as in Atom's XHTML, belongs to the element around them too.
        if self.open.len() > 1
            && let Some(parent) = self.open.last_mut()
        {
            parent.text.push_str(&open.text);
        }
        let inside = open.inside..inside_end.max(open.inside);
        let whole = open.start..tag.end;
        self.fields.push(Field { path: open.path, text: open.text, whole, inside });
        Ok(())
    }

    fn push(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            open.text.push_str(&clean(text));
        }
    }

    fn decode(&self, bytes: &[u8]) -> String {
        self.encoding.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// Text without the one character that no text has.
fn clean(text: &str) -> String {
    text.replace('\0', "")
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, WINDOWS_1252};

    use super::*;

    const RAW: &[u8] =
        b"<wp:c id='7'><wp:a><![CDATA[x & <y>]]></wp:a><b><n>1 &lt; 2 &bomb;</n></b><wp:e/></wp:c>";

    #[test]
    fn fields_have_paths() {
        let element = Element::parse(RAW, UTF_8).unwrap();
        assert_eq!(element.get("@id"), "7");
        assert_eq!(element.get("a"), "x & <y>");
        assert_eq!(element.get("b/n"), "1 < 2 &bomb;");
        assert_eq!(element.get("missing"), "");
    }

    #[test]
    fn text_is_set_where_it_stood() {
        let element = Element::parse(RAW, UTF_8).unwrap();
        let text = |path, value| String::from_utf8(element.with_text(RAW, path, value)).unwrap();
        assert!(text("a", "1").contains("<wp:a><![CDATA[1]]></wp:a>"));
        assert!(text("e", "1").contains("<wp:e>1</wp:e></wp:c>"));
        assert!(text("new", "1").ends_with("<wp:e/><wp:new>1</wp:new></wp:c>"));
    }

    #[test]
    fn text_is_in_the_encoding_of_the_file() {
        let element = Element::parse(b"<c><a>caf\xe9\0</a></c>", WINDOWS_1252).unwrap();
        assert_eq!(element.get("a"), "café");
    }

    #[test]
    fn tags_that_do_not_match_are_damage() {
        for raw in [&b"<a><b></a></b>"[..], b"<a><b></b>", b"<a></a></b>"] {
            assert!(Element::parse(raw, UTF_8).is_err());
        }
        let deep = "<a>".repeat(100) + &"</a>".repeat(100);
        assert!(Element::parse(deep.as_bytes(), UTF_8).unwrap_err().contains("64 levels"));
    }
}
