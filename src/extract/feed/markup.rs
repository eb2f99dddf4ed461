//! Cuts mark-up into tokens without ever failing: what is broken is mended on the way and told to [`Repairs`].

use memchr::{memchr, memchr2, memmem};

use super::repairs::Repairs;

/// A piece of mark-up. Texts and values are as written: references are not yet resolved.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Start(Tag<'a>),
    /// Name of an end tag.
    End(&'a str),
    Text(&'a str),
    CData(&'a str),
    /// Everything between `<!DOCTYPE` and its `>`.
    Doctype(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tag<'a> {
    /// With its prefix.
    pub name: &'a str,
    pub attributes: Vec<(&'a str, &'a str)>,
    /// Written as `<name/>`.
    pub empty: bool,
}

/// Walks through a text once, from start to end.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    max_attributes: usize,
    /// Where the next `]]>` and `-->` stand, so that a text full of unclosed ones is searched once.
    cdata_end: Memo,
    comment_end: Memo,
    /// The text ended inside a tag, comment or section.
    pub cut_off: bool,
}

/// Remembers the next place of a pattern.
#[derive(Default)]
struct Memo(Option<usize>);

impl Memo {
    /// The first place at or after `from`; the length of the text if there is none.
    fn next(&mut self, text: &str, from: usize, pattern: &str) -> usize {
        match self.0 {
            Some(known) if known >= from => known,
            _ => {
                let rest = text.as_bytes().get(from..).unwrap_or_default();
                let found =
                    memmem::find(rest, pattern.as_bytes()).map_or(text.len(), |at| from + at);
                self.0 = Some(found);
                found
            }
        }
    }
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, max_attributes: usize) -> Self {
        Self {
            text,
            at: 0,
            max_attributes,
            cdata_end: Memo::default(),
            comment_end: Memo::default(),
            cut_off: false,
        }
    }

    /// Where the next token starts, to come back to with [`Lexer::rewind`].
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes back to a position this lexer gave.
    pub fn rewind(&mut self, position: usize) {
        self.at = position;
    }

    /// The next token; comments and processing instructions are passed over. `open` is the name of the innermost
    /// open element: an unclosed CDATA section ends at its end tag.
    pub fn next(&mut self, open: &str, repairs: &mut Repairs) -> Option<Token<'a>> {
        loop {
            let rest = &self.text[self.at..];
            let bytes = rest.as_bytes();
            match bytes.first()? {
                b'<' => {}
                _ => return Some(self.text_until(memchr(b'<', bytes))),
            }
            match bytes.get(1).copied() {
                Some(b'!') if rest.starts_with("<!--") => self.skip_comment(repairs),
                Some(b'!') if starts_with_ci(bytes, b"<![CDATA[") => {
                    return Some(self.cdata(open, repairs));
                }
                Some(b'!') if starts_with_ci(bytes, b"<!DOCTYPE") => return Some(self.doctype()),
                Some(b'!' | b'?') => {
                    let end = memchr(b'>', bytes).map_or(rest.len(), |end| end + 1);
                    self.at += end;
                }
                Some(b'/') if bytes.get(2).copied().is_some_and(is_name_start) => {
                    return Some(self.end_tag(repairs));
                }
                Some(first) if is_name_start(first) => return self.start_tag(repairs),
                _ => {
                    repairs.note("stray < in text");
                    let end = memchr(b'<', &bytes[1..]).map(|end| end + 1);
                    return Some(self.text_until(end));
                }
            }
        }
    }

    fn text_until(&mut self, end: Option<usize>) -> Token<'a> {
        let rest = &self.text[self.at..];
        let text = &rest[..end.unwrap_or(rest.len())];
        self.at += text.len();
        Token::Text(text)
    }

    fn skip_comment(&mut self, repairs: &mut Repairs) {
        let end = self.comment_end.next(self.text, self.at + 4, "-->");
        if end < self.text.len() {
            self.at = end + 3;
            return;
        }
        repairs.note("unclosed comment");
        let rest = &self.text.as_bytes()[self.at..];
        self.at += memchr(b'>', rest).map_or(rest.len(), |end| end + 1);
    }

    fn cdata(&mut self, open: &str, repairs: &mut Repairs) -> Token<'a> {
        let start = self.at + "<![CDATA[".len();
        let end = self.cdata_end.next(self.text, start, "]]>");
        if end < self.text.len() && !runs_into_the_next_entry(&self.text[start..end]) {
            self.at = end + 3;
            return Token::CData(&self.text[start..end]);
        }
        repairs.note("unclosed CDATA section");
        let rest = &self.text[start..];
        let end = find_end_tag(rest, open);
        self.cut_off |= end.is_none();
        self.at = start + end.unwrap_or(rest.len());
        Token::CData(&self.text[start..self.at])
    }

    fn doctype(&mut self) -> Token<'a> {
        let start = self.at + "<!DOCTYPE".len();
        let bytes = &self.text.as_bytes()[start..];
        let (mut quote, mut bracket) = (None, false);
        let mut end = bytes.len();
        for (at, &byte) in bytes.iter().enumerate() {
            match (quote, byte) {
                (Some(open), _) if byte == open => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'[') => bracket = true,
                (None, b']') => bracket = false,
                (None, b'>') if !bracket => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        self.at = (start + end + 1).min(self.text.len());
        Token::Doctype(&self.text[start..start + end])
    }

    fn end_tag(&mut self, repairs: &mut Repairs) -> Token<'a> {
        let rest = &self.text[self.at + 2..];
        let name = &rest[..name_length(rest)];
        let after = &rest.as_bytes()[name.len()..];
        let skipped = match memchr2(b'<', b'>', after) {
            Some(end) if after[end] == b'>' => end + 1,
            Some(end) => {
                repairs.note("end tag without >");
                end
            }
            None => {
                self.cut_off = true;
                after.len()
            }
        };
        self.at += 2 + name.len() + skipped;
        Token::End(name)
    }

    /// Reads a start tag; `None` if the text ends within it.
    fn start_tag(&mut self, repairs: &mut Repairs) -> Option<Token<'a>> {
        let rest = &self.text[self.at + 1..];
        let mut tag = Tag { name: &rest[..name_length(rest)], ..Tag::default() };
        let mut cursor = Cursor { text: rest, at: tag.name.len() };
        loop {
            cursor.skip_space();
            match cursor.peek() {
                None => {
                    self.cut_off = true;
                    self.at = self.text.len();
                    return None;
                }
                Some(b'>') => {
                    cursor.at += 1;
                    break;
                }
                Some(b'<') => {
                    repairs.note("tag without >");
                    break;
                }
                Some(b'/') => {
                    cursor.at += 1;
                    tag.empty = cursor.peek() == Some(b'>');
                }
                Some(_) => {
                    let (name, value) = cursor.attribute(repairs);
                    self.add_attribute(&mut tag, name, value, repairs);
                }
            }
        }
        self.at += 1 + cursor.at;
        Some(Token::Start(tag))
    }

    fn add_attribute(
        &self,
        tag: &mut Tag<'a>,
        name: &'a str,
        value: &'a str,
        repairs: &mut Repairs,
    ) {
        if tag.attributes.len() >= self.max_attributes {
            repairs.note_limit("attributes of an element", self.max_attributes);
        } else if tag.attributes.iter().any(|(known, _)| *known == name) {
            repairs.note("attribute given twice");
        } else if !name.is_empty() {
            tag.attributes.push((name, value));
        }
    }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take_until(&mut self, stop: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(stop).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn attribute(&mut self, repairs: &mut Repairs) -> (&'a str, &'a str) {
        let start = self.at;
        let name = self.take_until(|byte| {
            byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/' | b'<')
        });
        if name.is_empty() && self.at == start {
            self.at += 1; // a lone `=`
        }
        self.skip_space();
        if self.peek() != Some(b'=') {
            return (name, "");
        }
        self.at += 1;
        self.skip_space();
        let Some(quote @ (b'"' | b'\'')) = self.peek() else {
            repairs.note("attribute without quotes");
            return (name, self.unquoted());
        };
        self.at += 1;
        let rest = &self.text[self.at..];
        let end = memchr(quote, rest.as_bytes());
        match end {
            Some(end) if ends_a_value(rest, end) => {
                self.at += end + 1;
                (name, &rest[..end])
            }
            _ => {
                repairs.note("attribute without its closing quote");
                (name, self.unquoted())
            }
        }
    }

    fn unquoted(&mut self) -> &'a str {
        let value =
            self.take_until(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'<'));
        match value.strip_suffix('/') {
            Some(shorter) if self.peek() == Some(b'>') => {
                self.at -= 1;
                shorter
            }
            _ => value,
        }
    }
}

/// Whether the quote at `end` closes the value before it. A value with `<` in it may be one whose quote is
/// missing; then the next quote found is an opening one, and what follows it looks like no tag.
fn ends_a_value(rest: &str, end: usize) -> bool {
    if memchr(b'<', &rest.as_bytes()[..end]).is_none() {
        return true;
    }
    rest.as_bytes()
        .get(end + 1)
        .is_none_or(|next| next.is_ascii_whitespace() || matches!(next, b'>' | b'/' | b'?'))
}

/// A section that was never closed seems to reach up to the end of a later one.
fn runs_into_the_next_entry(section: &str) -> bool {
    let Some(inner) = memmem::find(section.as_bytes(), b"<![CDATA[") else { return false };
    let before = &section[..inner];
    find_end_tag(before, "item").is_some() || find_end_tag(before, "entry").is_some()
}

/// Where the end tag of this name stands, in any case.
fn find_end_tag(text: &str, name: &str) -> Option<usize> {
    memmem::find_iter(text.as_bytes(), b"</").find(|at| {
        let after = &text.as_bytes()[at + 2..];
        starts_with_ci(after, name.as_bytes())
            && after.get(name.len()).is_none_or(|next| !is_name_part(*next))
    })
}

fn starts_with_ci(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn name_length(text: &str) -> usize {
    text.bytes().position(|byte| !is_name_part(byte)).unwrap_or(text.len())
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || matches!(byte, b':' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> (Vec<String>, Repairs) {
        let mut repairs = Repairs::default();
        let mut lexer = Lexer::new(text, 8);
        let mut found = Vec::new();
        while let Some(token) = lexer.next("d", &mut repairs) {
            found.push(match token {
                Token::Start(tag) => format!("<{} {:?} {}", tag.name, tag.attributes, tag.empty),
                other => format!("{other:?}"),
            });
        }
        (found, repairs)
    }

    #[test]
    fn sound_markup_is_cut_without_repairs() {
        let (found, repairs) =
            tokens("<?xml?><!-- x --><a b='1' c:d=\"2>\"/>t<![CDATA[<x>]]></a >");
        assert_eq!(
            found,
            [
                "<a [(\"b\", \"1\"), (\"c:d\", \"2>\")] true",
                "Text(\"t\")",
                "CData(\"<x>\")",
                "End(\"a\")"
            ]
        );
        assert_eq!(repairs.into_list(), Vec::<String>::new());
    }

    #[test]
    fn broken_tags_are_mended() {
        let (found, _) = tokens("<a href=http://x/ y=1/><b c=\"x>t</b><d e=\"z\">1 < 2<i<u>");
        assert_eq!(
            found,
            [
                "<a [(\"href\", \"http://x/\"), (\"y\", \"1\")] true",
                "<b [(\"c\", \"x\")] false",
                "Text(\"t\")",
                "End(\"b\")",
                "<d [(\"e\", \"z\")] false",
                "Text(\"1 \")",
                "Text(\"< 2\")",
                "<i [] false",
                "<u [] false",
            ]
        );
    }

    #[test]
    fn an_unclosed_section_ends_with_its_element() {
        let (found, repairs) = tokens("<d><![CDATA[abc</D><e/>");
        assert_eq!(found, ["<d [] false", "CData(\"abc\")", "End(\"D\")", "<e [] true"]);
        assert_eq!(repairs.into_list(), ["unclosed CDATA section"]);
        let (found, _) = tokens("<![CDATA[abc</d></item><item><d><![CDATA[x]]></d>");
        assert_eq!(found[0], "CData(\"abc\")");
        assert_eq!(found[5], "CData(\"x\")");
    }
}
