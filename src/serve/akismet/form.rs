//! Form fields as bytes, read in the character set the blog names.

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use percent_encoding::percent_decode;

/// Fields that are read; a form with more is not one of a blog.
const MAX_FIELDS: usize = 500;

/// The fields of a request.
pub(super) struct Form {
    fields: Vec<(String, Vec<u8>)>,
    /// What the blog says it writes in, if that can be believed.
    charset: Option<&'static Encoding>,
}

impl Form {
    /// Reads a query string and a body of `application/x-www-form-urlencoded`, whatever the content type says.
    pub fn read(query: &[u8], body: &[u8]) -> Self {
        let pairs = query.split(|byte| *byte == b'&').chain(body.split(|byte| *byte == b'&'));
        let fields: Vec<(String, Vec<u8>)> =
            pairs.filter(|pair| !pair.is_empty()).take(MAX_FIELDS).map(field).collect();
        let named = fields.iter().find(|(name, _)| name == "blog_charset");
        let charset = named.and_then(|(_, label)| Encoding::for_label(label)).filter(|encoding| {
            // Only what a form can be written in: in these, ASCII means itself.
            ![REPLACEMENT, UTF_16BE, UTF_16LE].contains(encoding)
        });
        Self { fields, charset }
    }

    /// The last value of a field. Bytes that make no sense become U+FFFD.
    pub fn text(&self, name: &str) -> Option<String> {
        self.fields
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| self.decode(value))
    }

    /// The same, empty where there is none.
    pub fn text_or_empty(&self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// Whether a field says yes. Clients write 0 and false for no, so that presence alone says nothing.
    pub fn flag(&self, name: &str) -> bool {
        let value = self.text_or_empty(name).trim().to_ascii_lowercase();
        matches!(value.as_str(), "1" | "true" | "yes" | "on")
    }

    /// All values of a list, which clients write as `name[]`, `name[0]` or plain `name`.
    pub fn list(&self, name: &str) -> Vec<String> {
        let is_part = |known: &str| {
            known
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('[') && rest.ends_with(']'))
        };
        let parts = self.fields.iter().filter(|(known, _)| is_part(known));
        parts.map(|(_, value)| self.decode(value)).collect()
    }

    fn decode(&self, value: &[u8]) -> String {
        let encoding = match self.charset {
            Some(encoding) if encoding != UTF_8 => encoding,
            // Blogs that name no character set, or the wrong one, mostly write UTF-8; the rest is of the West.
            _ if std::str::from_utf8(value).is_ok() => UTF_8,
            Some(_) => UTF_8,
            None => WINDOWS_1252,
        };
        encoding.decode_without_bom_handling(value).0.into_owned()
    }
}

fn field(pair: &[u8]) -> (String, Vec<u8>) {
    let mut halves = pair.splitn(2, |byte| *byte == b'=');
    let name = decoded(halves.next().unwrap_or_default());
    let value = decoded(halves.next().unwrap_or_default());
    (String::from_utf8_lossy(&name).into_owned(), value)
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Form {
        Form::read(b"", body.as_bytes())
    }

    #[test]
    fn fields_are_read_in_the_blogs_character_set() {
        for (body, expected) in [
            ("a=gr%C3%BCn+%26%20rot", "grün & rot"),
            ("a=gr%FCn&blog_charset=ISO-8859-1", "grün"),
            ("a=gr%FCn", "grün"),
            ("a=%8A%BF&blog_charset=shift_jis", "漢"),
            ("a=gr%FCn&blog_charset=UTF-8", "gr\u{fffd}n"),
            ("a=x&blog_charset=utf-16", "x"),
            ("a=x&blog_charset=hz-gb-2312", "x"),
            ("a=x&blog_charset=nonsense", "x"),
            ("a=1&a=2", "2"),
            ("a=%zz%", "%zz%"),
        ] {
            assert_eq!(read(body).text("a").as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn yes_is_yes_and_everything_else_is_no() {
        for yes in ["1", "true", "TRUE", "on"] {
            assert!(read(&format!("is_test={yes}")).flag("is_test"), "{yes}");
        }
        for no in ["is_test=0", "is_test=false", "is_test=", "is_test", "", "is_test=nil"] {
            assert!(!read(no).flag("is_test"), "{no}");
        }
    }

    #[test]
    fn lists_come_in_three_ways() {
        for body in ["c[]=a&c[]=b", "c[0]=a&c[1]=b", "c%5B%5D=a&c%5B%5D=b"] {
            assert_eq!(read(body).list("c"), ["a", "b"], "{body}");
        }
        assert_eq!(read("c=a&cx=b&c[=d").list("c"), ["a"]);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let form = Form::read(&body, &body);
            form.text("a");
            form.list("comment_context");
        }
    }
}
