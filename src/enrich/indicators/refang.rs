//! Undoes defanging: `hxxp`, `[.]`, `(dot)`, `[at]`, `[://]` and their kin, remembering where each byte came from.

use crate::domain::Span;

/// Text with defanging undone.
pub(super) struct Refanged {
    pub(super) text: String,
    /// For each byte of `text`, the byte of the original it came from; one more for the end.
    origin: Vec<usize>,
    /// Places in `text` (byte offsets, ascending) where something was undone.
    mended: Vec<usize>,
}

impl Refanged {
    /// The original place of `text[start..end]`.
    pub(super) fn original_span(&self, start: usize, end: usize) -> Span {
        Span { start: self.origin[start], end: self.origin[end] }
    }

    /// Whether defanging was undone within `text[start..end]`.
    pub(super) fn was_defanged(&self, start: usize, end: usize) -> bool {
        let at = self.mended.partition_point(|place| *place < start);
        self.mended.get(at).is_some_and(|place| *place < end)
    }
}

/// Written forms and what they stand for. Longest first where one begins another. All lower case.
const BRACKETED: &[(&str, &str)] = &[
    ("[://]", "://"),
    ("[:]//", "://"),
    ("[:]", ":"),
    ("[/]", "/"),
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("<.>", "."),
    ("[,]", "."),
    ("[.", "."),
    (".]", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    ("<dot>", "."),
    ("[punkt]", "."),
    ("(punkt)", "."),
    ("[punto]", "."),
    ("(punto)", "."),
    ("[point]", "."),
    ("(point)", "."),
    ("[d0t]", "."),
    ("_dot_", "."),
    ("[@]", "@"),
    ("(@)", "@"),
    ("{@}", "@"),
    ("[at]", "@"),
    ("(at)", "@"),
    ("{at}", "@"),
    ("<at>", "@"),
    ("[arroba]", "@"),
    ("(arroba)", "@"),
    ("\\.", "."),
];

const SCHEMES: &[(&str, &str)] = &[
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("h__ps", "https"),
    ("h__p", "http"),
    ("hxtps", "https"),
    ("hxtp", "http"),
    ("htxps", "https"),
    ("htxp", "http"),
    ("meow", "http"),
    ("fxps", "ftps"),
    ("fxp", "ftp"),
];

/// Undoes defanging in `text`.
pub(super) fn refang(text: &str) -> Refanged {
    let mut out = Refanged {
        text: String::with_capacity(text.len()),
        origin: Vec::with_capacity(text.len() + 1),
        mended: Vec::new(),
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match mend_at(text, at) {
            Some(mend) => {
                out.drop_spaces_before(mend.joins_back);
                out.push_mended(mend.stands_for, at);
                at += mend.written;
            }
            None => {
                let length = text[at..].chars().next().map_or(1, char::len_utf8);
                out.push_plain(&text[at..at + length], at);
                at += length;
            }
        }
    }
    out.origin.push(bytes.len());
    out
}

/// One written form found.
struct Mend {
    stands_for: &'static str,
    /// Bytes it takes in the original, spaces after it included.
    written: usize,
    /// Whether spaces before it belong to it.
    joins_back: bool,
}

fn mend_at(text: &str, at: usize) -> Option<Mend> {
    let bytes = text.as_bytes();
    match bytes[at] {
        b'[' | b'(' | b'{' | b'<' | b'.' | b'\\' | b'_' => bracketed(text, at),
        b'h' | b'H' | b'f' | b'F' | b'm' | b'M' => scheme(text, at),
        b':' => backslashed_scheme(bytes, at),
        _ => None,
    }
}

fn bracketed(text: &str, at: usize) -> Option<Mend> {
    let bytes = text.as_bytes();
    let (form, stands_for) =
        BRACKETED.iter().find(|(form, _)| starts_with_ignoring_case(&bytes[at..], form))?;
    let half_open = matches!(*form, "[." | ".]" | "\\." | "_dot_");
    let before = at.checked_sub(1).map(|place| bytes[place]);
    let after = bytes.get(at + form.len()).copied();
    if half_open {
        let joined = before.is_some_and(is_host_byte) && after.is_some_and(is_host_byte);
        return joined.then_some(Mend { stands_for, written: form.len(), joins_back: false });
    }
    let spaces_before = count_back_spaces(bytes, at);
    let spaces_after = bytes[at + form.len()..].iter().take_while(|byte| **byte == b' ').count();
    let left = at.checked_sub(spaces_before + 1).map(|place| bytes[place]);
    let right = bytes.get(at + form.len() + spaces_after).copied();
    let is_scheme_mark = stands_for.starts_with([':', '/']);
    let left_fits = left.is_some_and(|byte| is_host_byte(byte) || (is_scheme_mark && byte == b':'));
    let right_fits = right.is_some_and(|byte| is_host_byte(byte) || byte == b'/' || byte == b'[');
    if !left_fits || !right_fits || spaces_before > 1 || spaces_after > 1 {
        return None;
    }
    Some(Mend { stands_for, written: form.len() + spaces_after, joins_back: spaces_before > 0 })
}

fn scheme(text: &str, at: usize) -> Option<Mend> {
    let bytes = text.as_bytes();
    let inside_word = at.checked_sub(1).is_some_and(|place| bytes[place].is_ascii_alphanumeric());
    if inside_word {
        return None;
    }
    let (form, stands_for) =
        SCHEMES.iter().find(|(form, _)| starts_with_ignoring_case(&bytes[at..], form))?;
    let rest = &bytes[at + form.len()..];
    let follows = [&b"://"[..], b"[:", b":\\\\", b"[://", b":[//", b":// "];
    let fits = follows.iter().any(|mark| rest.starts_with(mark));
    fits.then_some(Mend { stands_for, written: form.len(), joins_back: false })
}

/// `http:\\host`, as some write it.
fn backslashed_scheme(bytes: &[u8], at: usize) -> Option<Mend> {
    let after_scheme = bytes[..at].to_ascii_lowercase();
    let fits = [&b"http"[..], b"https", b"hxxp", b"hxxps", b"h**p", b"h**ps", b"ftp"]
        .iter()
        .any(|scheme| after_scheme.ends_with(scheme));
    (fits && bytes[at..].starts_with(b":\\\\")).then_some(Mend {
        stands_for: "://",
        written: 3,
        joins_back: false,
    })
}

fn starts_with_ignoring_case(bytes: &[u8], form: &str) -> bool {
    bytes.get(..form.len()).is_some_and(|head| head.eq_ignore_ascii_case(form.as_bytes()))
}

fn count_back_spaces(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rev().take_while(|byte| **byte == b' ').count()
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || byte >= 0x80
}

impl Refanged {
    fn push_plain(&mut self, piece: &str, from: usize) {
        self.text.push_str(piece);
        self.origin.extend(from..from + piece.len());
    }

    fn push_mended(&mut self, piece: &str, from: usize) {
        self.mended.push(self.text.len());
        self.text.push_str(piece);
        self.origin.extend(std::iter::repeat_n(from, piece.len()));
    }

    fn drop_spaces_before(&mut self, wanted: bool) {
        while wanted && self.text.ends_with(' ') {
            self.text.pop();
            self.origin.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_forms_are_undone() {
        for (written, meant) in [
            ("evil[.]com", "evil.com"),
            ("evil(dot)com", "evil.com"),
            ("evil (dot) com", "evil.com"),
            ("192 [.] 0 [.] 2 [.] 64", "192.0.2.64"),
            ("hxxps://evil[.]com/a", "https://evil.com/a"),
            ("hXXp[://]evil.com", "http://evil.com"),
            ("h**p:\\\\evil(.)com", "http://evil.com"),
            ("collect(at)evil(dot)shop", "collect@evil.shop"),
            ("evil[.com", "evil.com"),
            ("evil\\.com", "evil.com"),
            ("198.51.100[.]77:1389", "198.51.100.77:1389"),
        ] {
            assert_eq!(refang(written).text, meant, "{written}");
        }
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["He left (at last).", "Zoë [dot]"] {
            assert_eq!(refang(text).text, text);
        }
    }

    #[test]
    fn spans_point_into_the_original() {
        let text = "é hxxp://evil[.]com now";
        let refanged = refang(text);
        let start = refanged.text.find("http").expect("refanged");
        let end = start + "http://evil.com".len();
        let span = refanged.original_span(start, end);
        assert_eq!(&text[span.start..span.end], "hxxp://evil[.]com");
        assert!(refanged.was_defanged(start, end));
        assert!(!refanged.was_defanged(0, start));
    }
}
