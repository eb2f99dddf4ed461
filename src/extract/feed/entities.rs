//! Character and entity references: XML's five, HTML's table, and what a document type declares, within limits.

use std::{borrow::Cow, collections::HashMap};

use memchr::memchr;
use quick_xml::escape::resolve_html5_entity;

use super::repairs::Repairs;

/// Longest name in HTML's table, with room to spare.
const MAX_NAME: usize = 40;
/// Entities a document type may declare.
const MAX_DECLARED: usize = 1_000;
/// Entities within entities.
const MAX_NESTING: usize = 8;

/// Entities a document declares, and how much may still be made of them.
pub(super) struct Entities<'a> {
    declared: HashMap<&'a str, &'a str>,
    max_expansion: usize,
    /// Bytes that may still come from declared entities.
    left: usize,
}

impl<'a> Entities<'a> {
    pub fn new(max_expansion: usize) -> Self {
        Self { declared: HashMap::new(), max_expansion, left: max_expansion }
    }

    /// Reads the `<!ENTITY name "text">` of a document type. External and parameter entities are ignored.
    pub fn declare(&mut self, doctype: &'a str, repairs: &mut Repairs) {
        for declaration in doctype.split("<!ENTITY").skip(1) {
            if self.declared.len() >= MAX_DECLARED {
                return repairs.note_limit("declared entities", MAX_DECLARED);
            }
            if let Some((name, value)) = entity_declaration(declaration) {
                self.declared.entry(name).or_insert(value);
            }
        }
    }

    /// Resolves the references in a text of the element `element`.
    pub fn decode<'t>(
        &mut self,
        text: &'t str,
        element: &str,
        repairs: &mut Repairs,
    ) -> Cow<'t, str> {
        if memchr(b'&', text.as_bytes()).is_none() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        self.decode_into(&mut out, text, element, 0, repairs);
        Cow::Owned(out)
    }

    fn decode_into(
        &mut self,
        out: &mut String,
        text: &str,
        element: &str,
        nesting: usize,
        repairs: &mut Repairs,
    ) {
        let mut rest = text;
        while let Some(at) = memchr(b'&', rest.as_bytes()) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let Some((reference, length)) = reference(rest) else {
                repairs.note(format!("bare & in {element}"));
                out.push('&');
                rest = &rest[1..];
                continue;
            };
            match reference {
                Reference::Character { character, sound } => {
                    out.extend(character);
                    if !sound {
                        repairs.note("malformed character reference");
                    }
                }
                Reference::Named(name) => self.resolve(out, name, element, nesting, repairs),
            }
            rest = &rest[length..];
        }
        out.push_str(rest);
    }

    fn resolve(
        &mut self,
        out: &mut String,
        name: &str,
        element: &str,
        nesting: usize,
        repairs: &mut Repairs,
    ) {
        if let Some(plain) = xml_entity(name) {
            out.push(plain);
        } else if let Some(value) = self.declared.get(name).copied() {
            if nesting >= MAX_NESTING || value.len() > self.left {
                self.left = 0;
                repairs.note_limit("bytes made by entities", self.max_expansion);
                return;
            }
            self.left -= value.len();
            self.decode_into(out, value, element, nesting + 1, repairs);
        } else if let Some(html) = resolve_html5_entity(name) {
            repairs.note(format!("HTML entity &{name}; in XML"));
            out.push_str(html);
        } else {
            repairs.note(format!("unknown entity in {element}"));
            out.push('&');
            out.push_str(name);
            out.push(';');
        }
    }
}

/// Resolves the references in HTML, where the whole table is at home.
pub(super) fn decode_html(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Entities::new(0).decode(text, "", &mut Repairs::default())
}

enum Reference<'t> {
    Character { character: Option<char>, sound: bool },
    Named(&'t str),
}

/// The reference a text starts with, and its length.
fn reference(text: &str) -> Option<(Reference<'_>, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(1) == Some(&b'#') {
        let hexadecimal = matches!(bytes.get(2), Some(b'x' | b'X'));
        let start = if hexadecimal { 3 } else { 2 };
        let is_digit =
            |b: &u8| if hexadecimal { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        let length = bytes[start..].iter().take_while(|byte| is_digit(byte)).count();
        if length == 0 {
            return None;
        }
        let digits = &text[start..start + length];
        let code =
            u32::from_str_radix(digits, if hexadecimal { 16 } else { 10 }).unwrap_or(u32::MAX);
        let closed = bytes.get(start + length) == Some(&b';');
        let character = character(code);
        let sound = closed && bytes[2] != b'X' && character.map(u32::from) == Some(code);
        let length = start + length + usize::from(closed);
        return Some((Reference::Character { character, sound }, length));
    }
    let length = bytes[1..].iter().take(MAX_NAME).take_while(|byte| is_name(**byte)).count();
    let closed = length > 0 && bytes.get(1 + length) == Some(&b';');
    closed.then(|| (Reference::Named(&text[1..=length]), length + 2))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':')
}

/// The character of a code. 128 to 159 are windows-1252, as in HTML; what XML forbids is dropped.
fn character(code: u32) -> Option<char> {
    match code {
        0x80..=0x9F => {
            let byte = [u8::try_from(code).ok()?];
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
            text.chars().next()
        }
        0x9 | 0xA | 0xD => char::from_u32(code),
        0..0x20 | 0xFFFE | 0xFFFF => None,
        _ => char::from_u32(code),
    }
}

fn xml_entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// Name and text of `name "text">`.
fn entity_declaration(declaration: &str) -> Option<(&str, &str)> {
    let declaration = declaration.trim_start();
    let (name, rest) = declaration.split_once(|c: char| c.is_ascii_whitespace())?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = &rest[1..];
    Some((name, &value[..value.find(quote)?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(doctype: &str, text: &str) -> (String, Vec<String>) {
        let mut repairs = Repairs::default();
        let mut entities = Entities::new(10_000);
        entities.declare(doctype, &mut repairs);
        let text = entities.decode(text, "title", &mut repairs).into_owned();
        (text, repairs.into_list())
    }

    #[test]
    fn references_are_resolved() {
        let (text, repairs) = decode("", "a &amp; b &#65;&#x42; &lt;c&gt;");
        assert_eq!((text.as_str(), repairs.len()), ("a & b AB <c>", 0));
        assert_eq!(decode("", "&nbsp;&eacute;").0, "\u{a0}é");
        assert_eq!(decode("", "&#146;&#0;&#X26;&#65").0, "’&A");
    }

    #[test]
    fn what_is_no_reference_stays() {
        let (text, repairs) = decode("", "a & b &x=1 &nosuch; &#; &");
        assert_eq!(text, "a & b &x=1 &nosuch; &#; &");
        assert_eq!(repairs, ["bare & in title", "unknown entity in title"]);
    }

    #[test]
    fn declared_entities_are_expanded_within_limits() {
        assert_eq!(decode(r#"rss [<!ENTITY a "x&b;"><!ENTITY b 'y'>]"#, "&a;").0, "xy");
        let mut doctype = r#"x [<!ENTITY l0 "lollollollol">"#.to_owned();
        for level in 1..20 {
            let inner = format!("&l{};", level - 1).repeat(10);
            doctype.push_str(&format!("<!ENTITY l{level} \"{inner}\">"));
        }
        let (text, repairs) = decode(&doctype, "&l4; &l19;");
        assert!(text.len() <= 10_001, "{}", text.len());
        assert_eq!(repairs, ["limit reached: bytes made by entities (10000)"]);
        assert_eq!(decode(r#"[<!ENTITY a "&a;">]"#, "[&a;]").0, "[]");
    }
}
