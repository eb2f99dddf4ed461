//! Bytes to tokens. Every byte belongs to exactly one token, and a token is found in one pass over its bytes.

use memchr::{memchr, memmem};

/// Bytes of the longest tag; what is longer is text.
pub(super) const MAX_TAG: usize = 64 << 10;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    Empty,
    End,
    /// Character data with references, or a piece of it.
    Text,
    /// The inside of a CDATA section, or a piece of it.
    CData,
    /// Section marks, comments, instructions, declarations.
    Other,
}

/// Where the lexer stands between two tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    #[default]
    Content,
    CData,
    Comment,
    Instruction,
}

const CDATA: &[u8] = b"<![CDATA[";
const COMMENT: &[u8] = b"<!--";

/// The next token of `rest`: its kind, its length and the mode after it. `None` if `rest` is too short to tell,
/// which does not happen once it is `complete`, that is, once nothing follows it. `rest` must not be empty.
pub(super) fn token(rest: &[u8], mode: Mode, complete: bool) -> Option<(Kind, usize, Mode)> {
    match mode {
        Mode::Content => content(rest, complete),
        Mode::CData if rest.starts_with(b"]]>") => Some((Kind::Other, 3, Mode::Content)),
        Mode::CData => {
            let (length, _) = until(rest, b"]]>", complete)?;
            Some((Kind::CData, length, mode))
        }
        Mode::Comment => section(rest, b"-->", mode, complete),
        Mode::Instruction => section(rest, b"?>", mode, complete),
    }
}

fn content(rest: &[u8], complete: bool) -> Option<(Kind, usize, Mode)> {
    if rest[0] != b'<' {
        let length = memchr(b'<', rest).unwrap_or(rest.len());
        return Some((Kind::Text, length, Mode::Content));
    }
    if !complete && rest.len() < CDATA.len() {
        return None;
    }
    if rest.starts_with(CDATA) {
        return Some((Kind::Other, CDATA.len(), Mode::CData));
    }
    if rest.starts_with(COMMENT) {
        return Some((Kind::Other, COMMENT.len(), Mode::Comment));
    }
    match rest.get(1) {
        Some(b'?') => Some((Kind::Other, 2, Mode::Instruction)),
        Some(b'!') => tag(rest, Kind::Other, complete),
        Some(b'/') => tag(rest, Kind::End, complete),
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' || *byte >= 0x80 => {
            tag(rest, Kind::Start, complete)
        }
        _ => Some((Kind::Text, 1, Mode::Content)),
    }
}

/// From `<` to the first `>` outside quotes. Where another `<` comes first it was no tag, but text. The opening of
/// a declaration ends at its `[`, so that what stands inside is read as declarations of its own.
fn tag(rest: &[u8], kind: Kind, complete: bool) -> Option<(Kind, usize, Mode)> {
    let mut quote = None;
    let scanned = &rest[..rest.len().min(MAX_TAG)];
    for (at, byte) in scanned.iter().enumerate().skip(1) {
        match (*byte, quote) {
            (b'<', _) => return Some((Kind::Text, at, Mode::Content)),
            (b'"' | b'\'', None) => quote = Some(*byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'[', None) if kind == Kind::Other => return Some((kind, at + 1, Mode::Content)),
            (b'>', None) => {
                let empty = kind == Kind::Start && rest[at - 1] == b'/';
                return Some((if empty { Kind::Empty } else { kind }, at + 1, Mode::Content));
            }
            _ => {}
        }
    }
    let too_long = scanned.len() == MAX_TAG;
    (complete || too_long).then_some((Kind::Text, scanned.len(), Mode::Content))
}

/// A comment or an instruction, piece by piece, with its end.
fn section(rest: &[u8], end: &[u8], mode: Mode, complete: bool) -> Option<(Kind, usize, Mode)> {
    let (length, found) = until(rest, end, complete)?;
    if found {
        Some((Kind::Other, length + end.len(), Mode::Content))
    } else {
        Some((Kind::Other, length, mode))
    }
}

/// Bytes before `end` and whether it was found; without it, the bytes that cannot be part of it.
fn until(rest: &[u8], end: &[u8], complete: bool) -> Option<(usize, bool)> {
    if let Some(at) = memmem::find(rest, end) {
        return Some((at, true));
    }
    let length = if complete { rest.len() } else { rest.len().saturating_sub(end.len() - 1) };
    (length > 0).then_some((length, false))
}

/// The name in a start, empty or end tag.
pub(super) fn name(tag: &[u8]) -> &[u8] {
    let start = if tag.get(1) == Some(&b'/') { 2 } else { 1 };
    let rest = &tag[start.min(tag.len())..];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
    &rest[..rest.iter().position(ends).unwrap_or(rest.len())]
}

/// A name without its prefix: exports are re-written by tools that choose prefixes of their own.
pub(super) fn local(name: &[u8]) -> &[u8] {
    memchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(mut text: &[u8]) -> Vec<(Kind, String)> {
        let mut mode = Mode::default();
        let mut all = Vec::new();
        while !text.is_empty() {
            let (kind, length, next) = token(text, mode, true).expect("complete");
            all.push((kind, String::from_utf8_lossy(&text[..length]).into_owned()));
            (text, mode) = (&text[length..], next);
        }
        all
    }

    #[test]
    fn markup_inside_sections_is_no_markup() {
        let all = kinds(b"<a x='>'>1<![CDATA[<b>]]]]><!-- <c> --><?d <e> ?></a>");
        let expected = [
            (Kind::Start, "<a x='>'>"),
            (Kind::Text, "1"),
            (Kind::Other, "<![CDATA["),
            (Kind::CData, "<b>]]"),
            (Kind::Other, "]]>"),
            (Kind::Other, "<!--"),
            (Kind::Other, " <c> -->"),
            (Kind::Other, "<?"),
            (Kind::Other, "d <e> ?>"),
            (Kind::End, "</a>"),
        ];
        assert_eq!(all, expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn what_is_no_tag_is_text() {
        let all = kinds(b"1 < 2 <a <b/>");
        assert_eq!(all.last().unwrap().0, Kind::Empty);
        assert!(all[..all.len() - 1].iter().all(|(kind, _)| *kind == Kind::Text));
    }

    #[test]
    fn declarations_are_passed_over() {
        let all = kinds(b"<!DOCTYPE x [<!ENTITY a \"<b>\"> ]><c/>");
        assert_eq!(all.last().unwrap(), &(Kind::Empty, "<c/>".to_owned()));
    }

    #[test]
    fn names_lose_their_prefix() {
        assert_eq!(local(name(b"<wp:comment_id x='1'>")), b"comment_id");
        assert_eq!(local(name(b"</entry >")), b"entry");
        assert_eq!(name(b"<"), b"");
    }
}
