//! Titles and names as plain text.

use std::borrow::Cow;

use super::{entities::decode_html, raw::Form};

/// Tags that titles are decorated with. Others stay: `List<String>` and `<script>` in a title are what it is about.
const DECORATION: [&str; 38] = [
    "a", "abbr", "acronym", "b", "bdi", "big", "blink", "br", "center", "cite", "code", "del",
    "div", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "i", "img", "ins", "kbd", "mark",
    "nobr", "p", "q", "s", "small", "span", "strong", "sub", "sup", "tt", "u", "wbr",
];

/// The words of a title or name, on one line. Markup and references left over from double escaping are resolved.
pub(super) fn plain_text(value: &str, form: Form) -> String {
    let has_reference = value.contains('&');
    if form == Form::Text {
        // A feed that says "text" and still writes `&amp;amp;` has escaped twice; a tag it writes is meant.
        return one_line(&if has_reference { decode_html(value) } else { Cow::Borrowed(value) });
    }
    let bare = if value.contains('<') { without_decoration(value) } else { Cow::Borrowed(value) };
    let once = decode_html(&bare);
    // Escaped twice: `&amp;amp;` or `&amp;#8217;` in the feed.
    let twice = if has_reference && once.contains('&') { decode_html(&once) } else { once.clone() };
    one_line(&twice)
}

fn without_decoration(value: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match decoration(rest) {
            Some((length, is_break)) => {
                if is_break {
                    out.push(' ');
                }
                rest = &rest[length..];
            }
            None => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Length of the decorating tag or comment a text starts with, and whether it separates words.
fn decoration(text: &str) -> Option<(usize, bool)> {
    if text.starts_with("<!--") {
        return text.find("-->").map(|end| (end + 3, false));
    }
    let inner = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let length = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = inner[..length].to_ascii_lowercase();
    let after = inner.as_bytes().get(length)?;
    let is_tag = length > 0 && (after.is_ascii_whitespace() || matches!(after, b'>' | b'/'));
    let end = is_tag.then(|| end_of_tag(text)).flatten()?;
    let decorates = DECORATION.binary_search(&name.as_str()).is_ok();
    // Nobody writes about a tag with all its attributes: `<object classid="...">` is markup.
    if !decorates && !text[..end].contains("=\"") {
        return None;
    }
    Some((end, matches!(name.as_str(), "br" | "p" | "div" | "img")))
}

/// The length of a tag, up to the first `>` outside quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    text.find('>').map(|at| at + 1)
}

/// White space as in HTML: a no-break space is a character.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_space = |c: char| c.is_whitespace() && c != '\u{a0}';
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lose_their_decoration() {
        for (value, expected) in [
            ("<b>Alpha</b>", "Alpha"),
            ("Alpha &amp; B", "Alpha & B"),
            ("AT&amp;amp;T&#8217;s", "AT&T’s"),
            (" a\n  b ", "a b"),
            ("one<br/>two", "one two"),
            ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
            ("List<String> in <script>", "List<String> in <script>"),
            ("<a href='x'>A</a><!-- x -->", "A"),
            ("a<b", "a<b"),
            ("<img alt=\"a<br>b\" src=x>A\u{a0}b", "A\u{a0}b"),
            ("it's <b>5 > 3</b>", "it's 5 > 3"),
        ] {
            assert_eq!(plain_text(value, Form::Html), expected, "{value}");
        }
        assert_eq!(plain_text("the <b> tag &amp; more", Form::Text), "the <b> tag & more");
    }
}
