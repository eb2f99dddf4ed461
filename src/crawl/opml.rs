//! OPML: reads lists of sources that feed readers exchange. Source: OPML 2.0 (opml.org/spec2.opml).
//!
//! A file is read whole or refused whole: one that breaks off half way is an error that names the line, never a
//! shorter list. An outline that merely names an unusable address is skipped and reported.

use std::{borrow::Cow, collections::HashSet};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use thiserror::Error;
use url::Url;

use crate::{
    domain::{NewSource, PageFetch, SourceKind},
    extract::{
        charset::decode_xml,
        xml_text::{clean, unescape},
    },
};

/// Bytes of a file.
pub const MAX_BYTES: usize = 16 << 20;
/// Outlines inside outlines.
pub const MAX_DEPTH: usize = 64;
/// Sources in one file.
pub const MAX_SOURCES: usize = 50_000;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opml {
    pub title: Option<String>,
    /// In file order; the first of several with one address.
    pub sources: Vec<NewSource>,
    /// Outlines that name an address but no usable one.
    pub skipped: Vec<Skipped>,
}

/// An outline that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// From 1.
    pub line: usize,
    /// In plain words.
    pub reason: String,
}

/// Why a file cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum OpmlError {
    /// The XML is broken.
    #[error("line {line}: {reason}; mend the file and try again")]
    Malformed { line: usize, reason: String },
    /// There is no `<opml>` element.
    #[error("this is not an OPML file: it has no <opml> element")]
    NotOpml,
    #[error("the file has more than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    #[error("line {line}: outlines are nested more than {MAX_DEPTH} deep")]
    TooDeep { line: usize },
    #[error("line {line}: the file has more than {MAX_SOURCES} sources; split it")]
    TooMany { line: usize },
}

impl OpmlError {
    /// Stable name of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "opml-malformed",
            Self::NotOpml => "opml-missing",
            Self::TooLarge => "opml-too-large",
            Self::TooDeep { .. } => "opml-too-deep",
            Self::TooMany { .. } => "opml-too-many",
        }
    }
}

/// Reads a file in any encoding.
pub fn read(bytes: &[u8]) -> Result<Opml, OpmlError> {
    if bytes.len() > MAX_BYTES {
        return Err(OpmlError::TooLarge);
    }
    let text = decode_xml(bytes, None).text;
    Parser::new(&text).run()
}

/// One open element.
enum Open {
    /// An outline without an address: its name is on the path of groups.
    Group,
    Other,
}

struct Parser<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// Bytes and lines counted so far, so that a long list of skipped outlines stays cheap to number.
    counted: usize,
    line: usize,
    open: Vec<Open>,
    groups: Vec<String>,
    in_title: bool,
    seen_opml: bool,
    known: HashSet<String>,
    found: Opml,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().allow_dangling_amp = true;
        Self {
            text,
            reader,
            counted: 0,
            line: 1,
            open: Vec::new(),
            groups: Vec::new(),
            in_title: false,
            seen_opml: false,
            known: HashSet::new(),
            found: Opml::default(),
        }
    }

    fn run(mut self) -> Result<Opml, OpmlError> {
        loop {
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.malformed(error.to_string())),
            };
            match event {
                Event::Start(element) => self.start(&element)?,
                Event::Empty(element) => {
                    self.start(&element)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) if self.in_title => self.extend_title(&text.into_inner()),
                Event::CData(text) if self.in_title => self.extend_title(&text.into_inner()),
                Event::GeneralRef(name) if self.in_title => {
                    self.extend_title(&unescape(&format!("&{};", name.into_inner())));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if !self.seen_opml {
            return Err(OpmlError::NotOpml);
        }
        if !self.open.is_empty() {
            return Err(self.malformed("the file breaks off before its last element is closed"));
        }
        self.found.title = self.found.title.map(|title| clean(&title)).filter(|t| !t.is_empty());
        Ok(self.found)
    }

    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), OpmlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(OpmlError::TooDeep { line: self.line() });
        }
        let name = element.local_name().as_ref().to_ascii_lowercase();
        self.seen_opml |= name == "opml";
        self.in_title = name == "title" && self.groups.is_empty();
        let open = if name == "outline" { self.outline(element)? } else { Open::Other };
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) {
        self.in_title = false;
        if let Some(Open::Group) = self.open.pop() {
            self.groups.pop();
        }
    }

    fn extend_title(&mut self, more: &str) {
        self.found.title.get_or_insert_default().push_str(more);
    }

    fn outline(&mut self, element: &BytesStart<'_>) -> Result<Open, OpmlError> {
        let outline = match Outline::read(element) {
            Ok(outline) => outline,
            Err(reason) => return Err(self.malformed(reason)),
        };
        let Some(address) = &outline.address else {
            self.groups.push(outline.name().unwrap_or_default());
            return Ok(Open::Group);
        };
        match web_address(address) {
            Err(reason) => {
                let line = self.line();
                self.found.skipped.push(Skipped { line, reason });
            }
            Ok(url) if self.known.insert(url.to_string()) => {
                if self.found.sources.len() >= MAX_SOURCES {
                    return Err(OpmlError::TooMany { line: self.line() });
                }
                let source = outline.into_source(&url, &self.groups);
                self.found.sources.push(source);
            }
            Ok(_) => {}
        }
        Ok(Open::Other)
    }

    fn malformed(&mut self, reason: impl Into<String>) -> OpmlError {
        OpmlError::Malformed { line: self.line(), reason: reason.into() }
    }

    /// The line the reader has come to, from 1.
    fn line(&mut self) -> usize {
        let position = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let position = position.min(self.text.len());
        let passed = &self.text.as_bytes()[self.counted..position];
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.counted = position;
        self.line
    }
}

/// The attributes of an outline that mean something to us.
#[derive(Default)]
struct Outline {
    address: Option<String>,
    text: Option<String>,
    title: Option<String>,
    site: Option<String>,
    language: Option<String>,
    category: Option<String>,
    kind: Option<String>,
    respect_robots: Option<String>,
    fetch_pages: Option<String>,
}

impl Outline {
    fn read(element: &BytesStart<'_>) -> Result<Self, String> {
        let mut outline = Self::default();
        for attribute in element.html_attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = attribute.key.local_name().as_ref().to_ascii_lowercase();
            let slot = match name.as_str() {
                "xmlurl" => &mut outline.address,
                "text" => &mut outline.text,
                "title" => &mut outline.title,
                "htmlurl" => &mut outline.site,
                "language" => &mut outline.language,
                "category" => &mut outline.category,
                "kind" => &mut outline.kind,
                "respectrobots" => &mut outline.respect_robots,
                "fetchpages" => &mut outline.fetch_pages,
                _ => continue,
            };
            let value = clean(&unescape(&attribute.value));
            if !value.is_empty() {
                slot.get_or_insert(value);
            }
        }
        Ok(outline)
    }

    fn name(&self) -> Option<String> {
        self.text.clone().or_else(|| self.title.clone())
    }

    fn into_source(self, url: &Url, groups: &[String]) -> NewSource {
        let named = groups.iter().filter(|group| !group.is_empty()).cloned().collect::<Vec<_>>();
        let groups = if named.is_empty() { self.category_path() } else { named };
        NewSource {
            url: url.to_string(),
            title: self.title.or(self.text).unwrap_or_default(),
            site_url: self.site.and_then(|site| web_address(&site).ok()).map(String::from),
            kind: self.kind.and_then(|kind| SourceKind::from_name(&kind)).unwrap_or_default(),
            groups,
            language: self.language.filter(|language| !language.eq_ignore_ascii_case("unknown")),
            respect_robots: match self.respect_robots.as_deref() {
                Some("false") => Some(false),
                Some("true") => Some(true),
                _ => None,
            },
            fetch_pages: self
                .fetch_pages
                .and_then(|choice| PageFetch::from_name(&choice))
                .unwrap_or_default(),
        }
    }

    /// Flat files say `category="/News/English,/Other"`: the first path counts.
    fn category_path(&self) -> Vec<String> {
        let first = self.category.as_deref().unwrap_or_default().split(',').next();
        let path = first.unwrap_or_default().split('/').map(clean);
        path.filter(|part| !part.is_empty()).take(MAX_DEPTH / 2).collect()
    }
}

fn web_address(text: &str) -> Result<Url, String> {
    let text = match text.strip_prefix("feed:") {
        Some(rest) if rest.starts_with("//") => Cow::Owned(format!("http:{rest}")),
        Some(rest) => Cow::Borrowed(rest),
        None => Cow::Borrowed(text),
    };
    let url = Url::parse(&text).map_err(|error| format!("{text:?} is not an address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{text:?} is not a web address"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
