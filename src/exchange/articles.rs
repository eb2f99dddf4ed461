//! Titles and addresses of articles, for comments that name their article by id.

use std::collections::HashMap;

/// Bytes of all titles and addresses together; articles beyond are not remembered, and their comments are judged
/// without them.
const MAX_BYTES: usize = 48 << 20;
/// Bytes of one title or address.
const MAX_TEXT: usize = 512;

/// Articles by id.
#[derive(Debug, Default)]
pub(super) struct Articles {
    known: HashMap<String, (String, String)>,
    bytes: usize,
}

impl Articles {
    /// Remembers an article's title and address.
    pub fn remember(&mut self, id: &str, title: &str, link: &str) {
        let cut = |text: &str| text[..text.floor_char_boundary(MAX_TEXT)].to_owned();
        let (id, title, link) = (cut(id), cut(title), cut(link));
        let bytes = id.len() + title.len() + link.len() + size_of::<(String, String, String)>();
        if id.is_empty() || self.bytes + bytes > MAX_BYTES {
            return;
        }
        self.bytes += bytes;
        self.known.insert(id, (title, link));
    }

    /// Title and address of an article, empty if it is not known.
    pub fn find(&self, id: &str) -> (&str, &str) {
        self.known.get(id).map_or(("", ""), |(title, link)| (title, link))
    }
}
