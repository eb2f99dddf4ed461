//! Text out of markup that people and programs write by hand.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

/// White space, line breaks included, becomes single spaces.
pub fn clean(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Resolves character references. Those of HTML are known; entities a file defines for itself are not expanded,
/// and a bare `&` stays what it is.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    /// Letters of the longest name in HTML.
    const LONGEST_NAME: usize = 33;
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(start) = rest.find('&') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let name = rest[1..].find(';').map(|end| &rest[1..=end]).filter(|name| {
            name.len() <= LONGEST_NAME
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
        });
        let character = name.and_then(character);
        let taken = match (&character, name) {
            (Some(_), Some(name)) => name.len() + 2,
            _ => 1,
        };
        text.push_str(character.as_deref().unwrap_or("&"));
        rest = &rest[taken..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

fn character(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else {
        return resolve_html5_entity(name).map(str::to_owned);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?).filter(|c| *c != '\0').map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_and_bare_ampersands_kept() {
        assert_eq!(unescape("a&amp;b &#228;&#xE4; &eacute; &apos;"), "a&b ää é '");
        assert_eq!(unescape("?a=1&b=2&copy=3"), "?a=1&b=2&copy=3");
        assert_eq!(unescape("AT&T; &own; &;"), "AT&T; &own; &;");
    }

    #[test]
    fn white_space_is_joined() {
        assert_eq!(clean(" a\n  b\t"), "a b");
    }
}
