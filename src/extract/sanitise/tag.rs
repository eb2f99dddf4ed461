//! A start tag as written: its name and attributes, and pictures written anew.

use std::borrow::Cow;

/// Attributes in which scripts that load pictures late keep the address.
const LATE_SOURCES: &[&str] = &[
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-orig-file",
    "data-actualsrc",
    "data-hi-res-src",
    "data-full-src",
    "data-url",
    "data-lazy",
];
const LATE_SETS: &[&str] = &["data-srcset", "data-lazy-srcset", "srcset"];

/// Addresses that serve only to count readers.
const PIXEL_HOSTS: &[&str] = &[
    "//pixel.wp.com/",
    "//pixel.quantserve.com/",
    "//stats.wordpress.com/",
    "//feeds.feedburner.com/~r/",
    "//feeds.wordpress.com/1.0/",
    "//www.google-analytics.com/",
    "//b.scorecardresearch.com/",
    "//www.facebook.com/tr?",
];

/// Iterates over the attributes of a start tag: lower-case name and raw value (character references kept).
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    /// `tag` is the text between `<name` and `>`.
    pub(super) fn of(tag: &'a str) -> Self {
        Self { rest: tag }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (String, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if text.is_empty() {
            return None;
        }
        // A leading `=` belongs to the name (HTML, before attribute name state).
        let first = text.chars().next().map_or(0, char::len_utf8);
        let end = text[first..]
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '='))
            .map_or(text.len(), |at| first + at);
        let (name, after) = text.split_at(end);
        let name = name.to_ascii_lowercase();
        let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
            self.rest = after;
            return Some((name, ""));
        };
        let (value, rest) = split_value(value.trim_ascii_start());
        self.rest = rest;
        Some((name, value))
    }
}

fn split_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

/// An `img` tag with its real address and without the rest, or nothing if it shows nothing.
pub(super) fn picture(attributes: &str) -> Option<String> {
    let mut found = Picture::default();
    for (name, value) in Attributes::of(attributes) {
        found.take(&name, value);
    }
    found.into_tag()
}

#[derive(Default)]
struct Picture<'a> {
    source: Option<&'a str>,
    late: Option<&'a str>,
    from_set: Option<&'a str>,
    alt: Option<&'a str>,
    title: Option<&'a str>,
    width: Option<&'a str>,
    height: Option<&'a str>,
    style: Option<&'a str>,
}

impl<'a> Picture<'a> {
    fn take(&mut self, name: &str, value: &'a str) {
        let value = value.trim();
        match name {
            "src" if is_picture_address(value) => self.source = self.source.or(Some(value)),
            "alt" => self.alt = self.alt.or(Some(value)),
            "title" => self.title = self.title.or(Some(value)),
            "width" => self.width = self.width.or(Some(value)),
            "height" => self.height = self.height.or(Some(value)),
            "style" => self.style = self.style.or(Some(value)),
            _ if LATE_SETS.contains(&name) => {
                self.from_set = self.from_set.or_else(|| largest(value));
            }
            _ if LATE_SOURCES.contains(&name) && is_picture_address(value) => {
                self.late = self.late.or(Some(value));
            }
            _ => {}
        }
    }

    fn into_tag(self) -> Option<String> {
        if self.is_tracker() {
            return None;
        }
        let address = self.late.or(self.source).or(self.from_set)?;
        let mut tag = String::from("<img");
        write_attribute(&mut tag, "src", &with_scheme(address));
        for (name, value) in [
            ("alt", self.alt),
            ("title", self.title),
            ("width", self.width),
            ("height", self.height),
        ] {
            if let Some(value) = value {
                write_attribute(&mut tag, name, value);
            }
        }
        tag.push('>');
        Some(tag)
    }

    fn is_tracker(&self) -> bool {
        let tiny = |size: Option<&str>| size.and_then(pixels).is_some_and(|pixels| pixels <= 1);
        let style = self
            .style
            .map(|style| style.to_ascii_lowercase().replace(|c: char| c.is_whitespace(), ""))
            .unwrap_or_default();
        let styled_tiny = |name: &str| {
            style
                .split(';')
                .any(|rule| tiny(rule.strip_prefix(name).and_then(|r| r.strip_prefix(':'))))
        };
        let counts = |address: &str| PIXEL_HOSTS.iter().any(|host| address.contains(host));
        (tiny(self.width) && tiny(self.height))
            || (styled_tiny("width") && styled_tiny("height"))
            // Hidden pictures with a late address are shown by script.
            || (style.contains("display:none") && self.late.is_none())
            || self.source.is_some_and(counts)
    }
}

fn pixels(size: &str) -> Option<u32> {
    let size = size.trim();
    size.strip_suffix("px").unwrap_or(size).trim().parse().ok()
}

fn is_picture_address(value: &str) -> bool {
    let lower = value.get(..value.len().min(12)).unwrap_or_default().to_ascii_lowercase();
    let scheme = lower.split_once(':').map(|(scheme, _)| scheme);
    !value.is_empty()
        && scheme.is_none_or(|scheme| {
            matches!(scheme, "http" | "https") || scheme.contains(['/', '.', '?', '#'])
        })
}

/// The widest picture of a `srcset`.
fn largest(set: &str) -> Option<&str> {
    set.split(", ")
        .flat_map(|part| part.split(",http").take(1))
        .filter_map(|candidate| {
            let mut words = candidate.split_ascii_whitespace();
            let address = words.next().filter(|address| is_picture_address(address))?;
            let size = words
                .next()
                .and_then(|size| size.get(..size.len().saturating_sub(1))?.parse::<f64>().ok());
            Some((address.trim_end_matches(','), size.unwrap_or(1.0)))
        })
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .map(|(address, _)| address)
}

fn with_scheme(address: &str) -> Cow<'_, str> {
    if address.starts_with("//") {
        Cow::Owned(format!("https:{address}"))
    } else {
        Cow::Borrowed(address)
    }
}

fn write_attribute(tag: &mut String, name: &str, value: &str) {
    tag.push(' ');
    tag.push_str(name);
    tag.push_str("=\"");
    tag.push_str(&value.replace('"', "&quot;"));
    tag.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_browsers_do() {
        let read: Vec<_> = Attributes::of(r#" A=1 b = "x y" c='"' checked/d=é é=2"#).collect();
        let expected =
            [("a", "1"), ("b", "x y"), ("c", "\""), ("checked", ""), ("d", "é"), ("é", "2")];
        assert_eq!(read.len(), expected.len());
        for ((name, value), (wanted_name, wanted_value)) in read.iter().zip(expected) {
            assert_eq!((name.as_str(), *value), (wanted_name, wanted_value));
        }
    }

    #[test]
    fn broken_attributes_end() {
        for text in ["=", "a=", "a='", "é", "='\"", "/ / /", "a=\"b"] {
            assert!(Attributes::of(text).count() <= 2, "{text}");
        }
    }

    #[test]
    fn the_widest_of_a_set_is_taken() {
        assert_eq!(largest("a.jpg 1x, b.jpg 2x"), Some("b.jpg"));
        assert_eq!(largest("a.jpg"), Some("a.jpg"));
        assert_eq!(largest(""), None);
    }
}
