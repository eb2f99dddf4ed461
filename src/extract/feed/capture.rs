//! Reads what an element holds: text, sections, and mark-up, up to its end or to where it must have ended.

use std::borrow::Cow;

use super::{
    fields,
    markup::{Tag, Token},
    names,
    raw::{Base, Form, RawText, resolve},
    scanner::{Scanner, attribute, is_html_name, lower, same_name, shown},
};

/// Attributes of HTML that are addresses.
const ADDRESSES: [&str; 6] = ["href", "src", "cite", "longdesc", "poster", "background"];
/// HTML elements that have no end tag.
const VOID: [&str; 8] = ["br", "hr", "img", "input", "wbr", "source", "track", "col"];

/// What an element should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// A short value without mark-up: tags in it are dropped.
    Value,
    /// HTML as text, with naked tags in it by mistake.
    Html,
    /// Tags that are meant (Atom `type="xhtml"`); text between them is text.
    Markup,
}

/// What an element held.
pub(super) struct Captured<'a> {
    pub value: Cow<'a, str>,
    /// Some of it was tags.
    pub has_tags: bool,
}

/// A tag that is open inside the captured element.
struct Open<'a> {
    name: &'a str,
    outer_base: Option<Base>,
}

struct Capture<'a> {
    expect: Expect,
    captured: Captured<'a>,
    open: Vec<Open<'a>>,
    max_bytes: usize,
    overflow: bool,
}

impl<'a> Capture<'a> {
    fn push(&mut self, text: Cow<'a, str>) {
        let value = &mut self.captured.value;
        if value.len() + text.len() > self.max_bytes {
            self.overflow = true;
        } else if value.is_empty() {
            *value = text;
        } else {
            value.to_mut().push_str(&text);
        }
    }
}

impl<'a> Scanner<'a, '_> {
    /// Reads a text in the form its element says it has (Atom 1.0 `type`, Atom 0.3 `mode` and `type`).
    pub(super) fn text(&mut self, tag: &Tag<'a>) -> RawText<'a> {
        let base = self.base.clone();
        let kind = attribute(tag, "type").unwrap_or_default().trim().to_ascii_lowercase();
        let mode = attribute(tag, "mode").unwrap_or_default().trim().to_ascii_lowercase();
        let is_atom = self.scan.feed.authors_are_inherited || attribute(tag, "type").is_some();
        let expect = match (kind.as_str(), mode.as_str()) {
            ("xhtml" | "application/xhtml+xml", "" | "xml") => Expect::Markup,
            (_, "xml") => Expect::Markup,
            _ => Expect::Html,
        };
        let captured = self.capture(tag, expect);
        let form = match (kind.as_str(), mode.as_str()) {
            _ if captured.has_tags => Form::Html,
            ("text" | "text/plain", _) => Form::Text,
            ("xhtml" | "application/xhtml+xml", _) if expect == Expect::Markup => Form::Html,
            ("", _) if is_atom => Form::Unsaid,
            _ => Form::Html,
        };
        let is_base64 = mode == "base64" || is_opaque_type(&kind);
        let value = match is_base64.then(|| decode_base64(&captured.value)).flatten() {
            Some(decoded) => Cow::Owned(decoded),
            None => captured.value,
        };
        RawText { value, form, base }
    }

    /// Reads up to the end of the element that `tag` has begun.
    pub(super) fn capture(&mut self, tag: &Tag<'a>, expect: Expect) -> Captured<'a> {
        let mut capture = Capture {
            expect,
            captured: Captured { value: Cow::Borrowed(""), has_tags: false },
            open: Vec::new(),
            max_bytes: self.limits.max_text_bytes,
            overflow: false,
        };
        if !tag.empty {
            self.fill_capture(tag.name, &mut capture);
        }
        while let Some(open) = capture.open.pop() {
            self.leave_tag(open);
        }
        if capture.overflow {
            self.repairs.note_limit("bytes of a text", capture.max_bytes);
        }
        capture.captured
    }

    fn fill_capture(&mut self, name: &'a str, capture: &mut Capture<'a>) {
        loop {
            let position = self.lexer.position();
            let innermost = capture.open.last().map_or(name, |open| open.name);
            let Some(token) = self.lexer.next(innermost, self.repairs) else {
                self.lexer.cut_off = true;
                return;
            };
            match token {
                Token::Text(text) => {
                    let text = self.entities.decode(text, names::split(name).1, self.repairs);
                    capture.push(escaped_for(capture, text));
                }
                Token::CData(text) => capture.push(escaped_for(capture, Cow::Borrowed(text))),
                Token::Doctype(_) => {}
                Token::End(end) => {
                    if self.end_in_capture(name, end, capture) == Flow::Again {
                        continue;
                    }
                    if !same_name(name, end) && self.closes_a_frame(end) {
                        self.lexer.rewind(position);
                    }
                    return;
                }
                Token::Start(tag) => {
                    if self.begins_another_field(name, &tag, capture) {
                        self.repairs.note(format!("unclosed {}", shown(name)));
                        self.lexer.rewind(position);
                        return;
                    }
                    self.start_in_capture(&tag, capture);
                }
            }
        }
    }

    /// Whether a start tag shows that the captured element was never closed.
    fn begins_another_field(&self, name: &str, tag: &Tag<'a>, capture: &Capture<'a>) -> bool {
        let (ns, local) = self.resolve_name(tag.name);
        let is_entry = ns == names::Ns::Core && matches!(&*local, "item" | "entry");
        match capture.expect {
            _ if is_entry => true,
            Expect::Value => fields::is_field(ns, &local),
            Expect::Html if same_name(names::split(name).1, "title") => {
                fields::is_field(ns, &local)
            }
            Expect::Html | Expect::Markup => {
                capture.open.is_empty() && fields::is_feed_only(ns, &local)
            }
        }
    }

    /// Handles an end tag; says whether the captured element goes on.
    fn end_in_capture(&mut self, name: &str, end: &str, capture: &mut Capture<'a>) -> Flow {
        if let Some(at) = capture.open.iter().rposition(|open| same_name(open.name, end)) {
            while capture.open.len() > at {
                let Some(open) = capture.open.pop() else { break };
                if capture.expect != Expect::Value {
                    capture.push(Cow::Owned(format!("</{}>", lower(names::split(open.name).1))));
                }
                self.leave_tag(open);
            }
            return Flow::Again;
        }
        if same_name(name, end) {
            if !capture.open.is_empty() {
                self.repairs.note(format!("unclosed tags in {}", shown(name)));
            }
            return Flow::Done;
        }
        if self.closes_a_frame(end) {
            self.repairs.note(format!("unclosed {}", shown(name)));
            return Flow::Done;
        }
        self.repairs.note(format!("end tag without a start: {}", shown(end)));
        let misspelt = capture.open.is_empty() && !is_html_name(names::split(end).1);
        if misspelt { Flow::Done } else { Flow::Again }
    }

    fn start_in_capture(&mut self, tag: &Tag<'a>, capture: &mut Capture<'a>) {
        capture.captured.has_tags = true;
        let outer_base = self.enter_base(tag);
        let local = lower(names::split(tag.name).1).into_owned();
        if capture.expect != Expect::Value {
            let written = self.written_tag(&local, tag);
            if capture.expect == Expect::Html {
                self.repairs.note(format!("naked HTML in {}", shown(&local)));
            }
            capture.push(Cow::Owned(written));
        }
        let open = Open { name: tag.name, outer_base };
        let is_void = VOID.contains(&local.as_str());
        if tag.empty || is_void || capture.open.len() >= self.limits.max_depth {
            if capture.open.len() >= self.limits.max_depth {
                self.repairs.note_limit("depth of elements", self.limits.max_depth);
            } else if tag.empty && !is_void && capture.expect != Expect::Value {
                capture.push(Cow::Owned(format!("</{local}>")));
            }
            self.leave_tag(open);
            return;
        }
        capture.open.push(open);
    }

    /// A start tag as HTML, addresses made absolute.
    fn written_tag(&mut self, local: &str, tag: &Tag<'a>) -> String {
        let mut out = format!("<{local}");
        for (name, value) in &tag.attributes {
            if name.starts_with("xmlns") || name.starts_with("xml:") {
                continue;
            }
            let name = lower(name);
            let value = self.entities.decode(value, &name, self.repairs);
            let value = if ADDRESSES.contains(&&*name) {
                Cow::Owned(resolve(&self.base, &value))
            } else {
                value
            };
            out.push(' ');
            out.push_str(&name);
            out.push_str("=\"");
            out.push_str(&value.replace('&', "&amp;").replace('"', "&quot;"));
            out.push('"');
        }
        out.push('>');
        out
    }

    fn leave_tag(&mut self, open: Open<'a>) {
        self.restore_base(open.outer_base);
    }
}

#[derive(PartialEq)]
enum Flow {
    Again,
    Done,
}

/// Text that is meant as text is escaped where tags stand beside it.
fn escaped_for<'a>(capture: &Capture<'a>, text: Cow<'a, str>) -> Cow<'a, str> {
    let is_text = capture.expect == Expect::Markup;
    if !is_text || !text.contains(['<', '&']) {
        return text;
    }
    Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;"))
}

/// A media type whose content Atom wants in base64.
fn is_opaque_type(kind: &str) -> bool {
    kind.contains('/')
        && !kind.starts_with("text/")
        && !kind.ends_with("+xml")
        && !kind.ends_with("/xml")
}

/// The text behind base64, white space ignored; nothing if it is no base64 or no text.
fn decode_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        2 => bytes.push(u8::try_from(bits >> 4 & 0xFF).ok()?),
        3 => bytes.extend_from_slice(&u16::try_from(bits >> 2 & 0xFFFF).ok()?.to_be_bytes()),
        1 => return None,
        _ => {}
    }
    String::from_utf8(bytes).ok()
}
