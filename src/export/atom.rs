//! Atom 1.0 (RFC 4287).

use jiff::{Timestamp, fmt::temporal::DateTimePrinter, tz::Offset};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";

/// A feed. Addresses are absolute.
#[derive(Debug, Clone, PartialEq)]
pub struct AtomFeed {
    /// Never changes, even if the feed moves.
    pub id: String,
    pub title: String,
    pub subtitle: Option<String>,
    /// Where the feed lives.
    pub self_url: String,
    /// The same for people.
    pub alternate_url: String,
    /// When an entry last changed.
    pub updated: Timestamp,
    pub entries: Vec<AtomEntry>,
}

/// An article in a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct AtomEntry {
    /// Never changes; an absolute address.
    pub id: String,
    pub title: String,
    /// The original article.
    pub url: String,
    pub published: Timestamp,
    pub updated: Timestamp,
    pub authors: Vec<String>,
    /// Title of the source; stands for the author where none is known.
    pub source: String,
    pub language: Option<String>,
    /// Plain text.
    pub summary: Option<String>,
    pub tags: Vec<String>,
}

/// Writes the feed. Characters that XML 1.0 cannot carry are left out.
pub fn write(feed: &AtomFeed) -> Vec<u8> {
    let mut document = Document { writer: Writer::new(Vec::new()) };
    document.event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
    document.open("feed", &[("xmlns", NAMESPACE)]);
    document.text("id", &feed.id);
    document.text("title", &feed.title);
    if let Some(subtitle) = &feed.subtitle {
        document.text("subtitle", subtitle);
    }
    document.text("updated", &rfc3339(feed.updated));
    document.empty(
        "link",
        &[("rel", "self"), ("type", "application/atom+xml"), ("href", &feed.self_url)],
    );
    document.empty(
        "link",
        &[("rel", "alternate"), ("type", "text/html"), ("href", &feed.alternate_url)],
    );
    document.text("generator", "siftwire");
    for entry in &feed.entries {
        document.entry(entry);
    }
    document.close("feed");
    document.writer.into_inner()
}

/// RFC 3339 with a `Z`, whole seconds.
fn rfc3339(moment: Timestamp) -> String {
    let printer = DateTimePrinter::new().precision(Some(0));
    printer.timestamp_with_offset_to_string(&moment, Offset::UTC).replace("+00:00", "Z")
}

struct Document {
    writer: Writer<Vec<u8>>,
}

impl Document {
    fn entry(&mut self, entry: &AtomEntry) {
        match entry.language.as_deref() {
            Some(language) => self.open("entry", &[("xml:lang", language)]),
            None => self.open("entry", &[]),
        }
        self.text("id", &entry.id);
        self.text("title", if entry.title.is_empty() { &entry.url } else { &entry.title });
        self.empty("link", &[("rel", "alternate"), ("href", &entry.url)]);
        self.text("published", &rfc3339(entry.published));
        self.text("updated", &rfc3339(entry.updated));
        if entry.authors.is_empty() {
            self.author(&entry.source);
        }
        for author in &entry.authors {
            self.author(author);
        }
        for tag in &entry.tags {
            self.empty("category", &[("term", tag)]);
        }
        if let Some(summary) = &entry.summary {
            self.text("summary", summary);
        }
        self.close("entry");
    }

    fn author(&mut self, name: &str) {
        self.open("author", &[]);
        self.text("name", name);
        self.close("author");
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Start(start(name, attributes)));
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Empty(start(name, attributes)));
    }

    fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.open(name, &[]);
        self.event(Event::Text(BytesText::new(&allowed(text))));
        self.close(name);
    }

    fn event(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect("writing to memory cannot fail");
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut element = BytesStart::new(name);
    for (name, value) in attributes {
        element.push_attribute((*name, allowed(value).as_str()));
    }
    element
}

/// Leaves out what XML 1.0 section 2.2 does not allow.
fn allowed(text: &str) -> String {
    text.chars()
        .filter(|character| match character {
            '\t' | '\n' | '\r' => true,
            '\u{fffe}' | '\u{ffff}' => false,
            other => *other >= ' ',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn feed(title: &str, summary: &str) -> AtomFeed {
        let time: Timestamp = "2026-11-23T10:00:00.5Z".parse().expect("time");
        AtomFeed {
            id: "https://news.example/search.atom?q=a".to_owned(),
            title: "a".to_owned(),
            subtitle: None,
            self_url: "https://news.example/search.atom?q=a&b=\"c\"".to_owned(),
            alternate_url: "https://news.example/search?q=a".to_owned(),
            updated: time,
            entries: vec![AtomEntry {
                id: "https://blog.example/1".to_owned(),
                title: title.to_owned(),
                url: "https://blog.example/1?x=1&y=2".to_owned(),
                published: time,
                updated: time,
                authors: Vec::new(),
                source: "A blog".to_owned(),
                language: Some("en".to_owned()),
                summary: Some(summary.to_owned()),
                tags: vec!["leak".to_owned()],
            }],
        }
    }

    #[test]
    fn a_feed_is_written_as_the_standard_has_it() {
        let bytes = write(&feed("Keys <leaked> & \u{1}sold", "“Quoted”\u{0} text"));
        insta::assert_snapshot!(String::from_utf8(bytes).expect("utf-8"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(title in "\\PC{1,60}", summary in any::<String>()) {
            let bytes = write(&feed(&title, &summary));
            let read = feed_rs::parser::parse(bytes.as_slice()).expect("a feed");
            let found = read.entries[0].title.as_ref().map_or("", |title| title.content.as_str());
            let wanted = allowed(&title);
            let words = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(words(found), words(&wanted));
        }
    }
}
