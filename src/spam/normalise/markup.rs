//! HTML and BBCode to text. A comment needs no document tree: one pass over the bytes is enough, cannot nest
//! and cannot blow up.

/// A link written as markup, with the words it hides behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub url: String,
    pub anchor: String,
}

/// Text without markup, and the links found on the way.
#[derive(Debug, Default)]
pub(super) struct Stripped {
    pub text: String,
    pub links: Vec<Link>,
}

/// More links than this add nothing to a verdict.
const MAX_LINKS: usize = 64;
/// A `<` without `>` within this many bytes is a less-than sign.
const MAX_TAG: usize = 4_096;

/// Whether the text holds anything that [`strip`] would change.
pub(super) fn is_marked_up(text: &str) -> bool {
    memchr::memchr3(b'<', b'[', b'&', text.as_bytes()).is_some()
}

/// Removes tags, decodes entities, keeps link targets.
pub(super) fn strip(source: &str) -> Stripped {
    let mut out = Stripped::default();
    out.text.reserve(source.len());
    let mut open: Option<(String, usize)> = None;
    let mut rest = source;
    while let Some(at) = memchr::memchr3(b'<', b'[', b'&', rest.as_bytes()) {
        out.text.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = match rest.as_bytes()[0] {
            b'&' => entity(rest, &mut out.text),
            b'<' => tag(rest, '>').map(|t| take_html(t, &mut out, &mut open)),
            _ => tag(rest, ']').and_then(|t| take_bbcode(t, &mut out, &mut open)),
        };
        let used = used.unwrap_or_else(|| {
            out.text.push_str(&rest[..1]);
            1
        });
        rest = &rest[used..];
    }
    out.text.push_str(rest);
    close_link(&mut out, &mut open);
    out
}

/// The inside of the tag that `rest` starts with, if it closes in time.
fn tag(rest: &str, close: char) -> Option<&str> {
    let end = memchr::memchr(close as u8, &rest.as_bytes()[..rest.len().min(MAX_TAG)])?;
    Some(&rest[1..end])
}

fn take_html(inside: &str, out: &mut Stripped, open: &mut Option<(String, usize)>) -> usize {
    let used = inside.len() + 2;
    let first = inside.bytes().next().unwrap_or(b' ');
    if !first.is_ascii_alphabetic() && first != b'/' && first != b'!' {
        // "a < b and c > d" is arithmetic, not markup.
        out.text.push('<');
        return 1;
    }
    let name_end =
        inside[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(inside.len(), |n| n + 1);
    match inside[..name_end].to_ascii_lowercase().as_str() {
        "a" => {
            close_link(out, open);
            if let Some(url) = attribute(inside, "href") {
                *open = Some((url.to_owned(), out.text.len()));
            }
        }
        "/a" => close_link(out, open),
        "br" | "p" | "/p" | "div" | "/div" | "li" | "tr" | "/pre" | "pre" => out.text.push('\n'),
        "blockquote" => out.text.push_str("\n\""),
        "/blockquote" => out.text.push_str("\"\n"),
        _ => {}
    }
    used
}

fn take_bbcode(
    inside: &str,
    out: &mut Stripped,
    open: &mut Option<(String, usize)>,
) -> Option<usize> {
    let lower = inside.get(..inside.len().min(16)).unwrap_or("").to_ascii_lowercase();
    let name = lower.split(['=', ' ']).next().unwrap_or("");
    match name {
        "url" | "link" => {
            close_link(out, open);
            let url = inside.split_once('=').map_or("", |(_, url)| url.trim_matches(['"', '\'']));
            *open = Some((url.to_owned(), out.text.len()));
        }
        "/url" | "/link" => close_link(out, open),
        "quote" | "/quote" => out.text.push('"'),
        "b" | "/b" | "i" | "/i" | "u" | "/u" | "img" | "/img" | "color" | "/color" | "size"
        | "/size" => {}
        _ => return None,
    }
    Some(inside.len() + 2)
}

fn close_link(out: &mut Stripped, open: &mut Option<(String, usize)>) {
    let Some((url, start)) = open.take() else { return };
    let anchor = out.text[start..].trim().to_owned();
    // [url]https://...[/url] has its target as its text.
    let url = if url.is_empty() { anchor.clone() } else { url };
    if out.links.len() < MAX_LINKS && !url.is_empty() {
        out.links.push(Link { url, anchor });
    }
}

fn attribute<'a>(inside: &'a str, name: &str) -> Option<&'a str> {
    let lower = inside.to_ascii_lowercase();
    let at = lower.find(name)? + name.len();
    let value = inside[at..].trim_start().strip_prefix('=')?.trim_start();
    match value.bytes().next()? {
        quote @ (b'"' | b'\'') => value[1..].split(quote as char).next(),
        _ => value.split_ascii_whitespace().next(),
    }
}

/// Decodes the entity that `rest` starts with; returns the bytes used.
fn entity(rest: &str, out: &mut String) -> Option<usize> {
    let end = memchr::memchr(b';', &rest.as_bytes()[..rest.len().min(10)])?;
    let name = &rest[1..end];
    let decoded = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    out.push(decoded);
    Some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_kept_with_their_words() {
        let out = strip("see <a href='http://a.example/x' rel=nofollow>cheap pills</a> &amp; more");
        assert_eq!(out.text, "see cheap pills & more");
        assert_eq!(
            out.links,
            [Link { url: "http://a.example/x".into(), anchor: "cheap pills".into() }]
        );
    }

    #[test]
    fn bbcode_links_with_and_without_target() {
        let out = strip("[url=http://a.example]pills[/url] [URL]http://b.example[/URL] [1] a[i]");
        let urls: Vec<_> = out.links.iter().map(|l| l.url.as_str()).collect();
        assert_eq!(urls, ["http://a.example", "http://b.example"]);
        assert!(out.text.contains("[1]"));
    }

    #[test]
    fn arithmetic_is_not_markup() {
        assert_eq!(strip("a < b && c > d").text, "a < b && c > d");
        assert_eq!(strip("x &nosuch; y <").text, "x &nosuch; y <");
    }

    #[test]
    fn entities_are_decoded() {
        assert_eq!(strip("&#65;&#x42;&lt;c&gt;").text, "AB<c>");
    }
}
