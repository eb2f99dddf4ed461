//! Sitemaps: the addresses of a site's pages, for history that feeds no longer hold.
//!
//! Sources: sitemaps.org/protocol.html and Google's news extension. Reading is lenient: what came before a break
//! is kept and the break is named in [`Parsed::repairs`].

use std::io::Read;

use jiff::{Timestamp, civil, tz::TimeZone};
use quick_xml::{Reader, events::Event};
use thiserror::Error;
use url::Url;

use crate::extract::{
    charset::decode_xml,
    dates,
    xml_text::{clean, unescape},
};

/// Bytes of a sitemap after decompression, as the protocol says.
pub const MAX_BYTES: usize = 50 << 20;
/// Addresses in one sitemap, as the protocol says.
pub const MAX_URLS: usize = 50_000;
/// Indexes inside indexes that are followed.
pub const MAX_INDEX_DEPTH: u32 = 3;

/// Bytes of one address.
const MAX_URL_BYTES: usize = 2048;
/// Elements inside elements; a sitemap needs five.
const MAX_XML_DEPTH: usize = 32;

/// A sitemap, and what had to be mended or left out to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub sitemap: Sitemap,
    /// In plain words; empty for a sound sitemap.
    pub repairs: Vec<String>,
}

/// What a sitemap lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sitemap {
    /// Other sitemaps.
    Index(Vec<SitemapRef>),
    /// Pages.
    Pages(Vec<SitemapPage>),
}

/// A sitemap named by an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapRef {
    pub url: Url,
    pub lastmod: Option<Timestamp>,
}

/// A page named by a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapPage {
    pub url: Url,
    pub lastmod: Option<Timestamp>,
    /// `news:title`.
    pub title: Option<String>,
    /// `news:publication_date`.
    pub published: Option<Timestamp>,
    /// `news:language`, BCP 47.
    pub language: Option<String>,
}

impl SitemapPage {
    /// When the page appeared, as far as the sitemap says.
    pub fn date(&self) -> Option<Timestamp> {
        self.published.or(self.lastmod)
    }
}

/// Why a body is no sitemap.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SitemapError {
    #[error("the sitemap has more than {} MiB after decompression", MAX_BYTES >> 20)]
    TooLarge,
    #[error("the sitemap's gzip data is broken: {0}")]
    Gzip(String),
    #[error(
        "this is not a sitemap: it has no <urlset> or <sitemapindex> and is no list of addresses"
    )]
    NotSitemap,
}

impl SitemapError {
    /// Stable name of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "sitemap-too-large",
            Self::Gzip(_) => "sitemap-gzip-broken",
            Self::NotSitemap => "sitemap-missing",
        }
    }
}

/// Reads a sitemap or index: XML or plain text, gzip or not.
pub fn parse(bytes: &[u8]) -> Result<Parsed, SitemapError> {
    let unpacked = unpack(bytes)?;
    let text = decode_xml(&unpacked, None).text;
    let text = text.trim_start();
    if text.starts_with('<') { parse_xml(text) } else { parse_lines(text) }
}

/// The newest pages since a date: dated ones first, newest first, then the undated in the sitemap's order.
/// With `since`, undated pages are left out: nothing says that they are recent.
pub fn select(
    mut pages: Vec<SitemapPage>,
    since: Option<Timestamp>,
    max: usize,
) -> Vec<SitemapPage> {
    if let Some(since) = since {
        pages.retain(|page| page.date().is_some_and(|date| date >= since));
    }
    pages.sort_by_key(|page| std::cmp::Reverse(page.date()));
    pages.truncate(max);
    pages
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, SitemapError> {
    let mut unpacked = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut stream = flate2::read::MultiGzDecoder::new(bytes).take(limit);
        let outcome = stream.read_to_end(&mut unpacked);
        outcome.map_err(|error| SitemapError::Gzip(error.to_string()))?;
    } else {
        unpacked.extend_from_slice(&bytes[..bytes.len().min(MAX_BYTES + 1)]);
    }
    if unpacked.len() > MAX_BYTES { Err(SitemapError::TooLarge) } else { Ok(unpacked) }
}

fn parse_lines(text: &str) -> Result<Parsed, SitemapError> {
    let mut list = List::new(Root::Pages);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        list.push(Item { loc: line.to_owned(), ..Item::default() });
    }
    if list.pages.is_empty() { Err(SitemapError::NotSitemap) } else { Ok(list.finish()) }
}

fn parse_xml(text: &str) -> Result<Parsed, SitemapError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    reader.config_mut().allow_unmatched_ends = true;
    reader.config_mut().check_end_names = false;
    let mut document = Document::default();
    while !document.is_done() {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(Event::Start(element)) => document.start(element.local_name().as_ref())?,
            Ok(Event::End(_)) => document.end(),
            Ok(Event::Text(text)) => document.words.push_str(&text.into_inner()),
            Ok(Event::CData(text)) => document.words.push_str(&text.into_inner()),
            Ok(Event::GeneralRef(name)) => {
                document.words.push_str(&unescape(&format!("&{};", name.into_inner())));
            }
            Ok(_) => {}
            Err(error) => document.broken(&error.to_string()),
        }
    }
    document.list.map(List::finish).ok_or(SitemapError::NotSitemap)
}

/// What has been read of an XML sitemap.
#[derive(Default)]
struct Document {
    /// Names of the open elements.
    path: Vec<String>,
    /// Begins with the root element.
    list: Option<List>,
    item: Item,
    words: String,
    /// Nothing more can be read.
    stopped: bool,
}

impl Document {
    fn is_done(&self) -> bool {
        self.stopped || self.list.as_ref().is_some_and(|list| list.full)
    }

    fn start(&mut self, name: &str) -> Result<(), SitemapError> {
        let name = name.to_ascii_lowercase();
        if self.list.is_none() {
            self.list = Some(List::new(Root::named(&name)?));
        }
        if self.path.len() >= MAX_XML_DEPTH {
            self.stop(format!("elements nested more than {MAX_XML_DEPTH} deep"));
        }
        self.words.clear();
        self.path.push(name);
        Ok(())
    }

    fn end(&mut self) {
        let Some(name) = self.path.pop() else { return };
        if matches!(name.as_str(), "url" | "sitemap") {
            let item = std::mem::take(&mut self.item);
            if let Some(list) = &mut self.list {
                list.push(item);
            }
        } else {
            let parent = self.path.last().map(String::as_str).unwrap_or_default();
            self.item.set(parent, &name, &self.words);
        }
        self.words.clear();
    }

    fn broken(&mut self, error: &str) {
        let addresses = self.list.as_ref().map_or(0, List::len);
        self.stop(format!("broken XML after {addresses} addresses: {error}"));
    }

    fn stop(&mut self, repair: String) {
        self.stopped = true;
        if let Some(list) = &mut self.list {
            list.repairs.push(repair);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Root {
    Index,
    Pages,
}

impl Root {
    fn named(name: &str) -> Result<Self, SitemapError> {
        match name {
            "urlset" => Ok(Self::Pages),
            "sitemapindex" => Ok(Self::Index),
            _ => Err(SitemapError::NotSitemap),
        }
    }
}

/// One `<url>` or `<sitemap>` while it is read.
#[derive(Default)]
struct Item {
    loc: String,
    lastmod: Option<Timestamp>,
    title: Option<String>,
    published: Option<Timestamp>,
    language: Option<String>,
}

impl Item {
    fn set(&mut self, parent: &str, field: &str, words: &str) {
        let words = clean(words);
        if words.is_empty() {
            return;
        }
        match (parent, field) {
            ("url" | "sitemap", "loc") => self.loc = words,
            ("url" | "sitemap", "lastmod") => self.lastmod = date(&words),
            ("news", "title") => self.title = Some(words),
            ("news", "publication_date") => self.published = date(&words),
            ("publication", "language") => self.language = Some(words),
            _ => {}
        }
    }
}

/// What has been read so far.
struct List {
    root: Root,
    refs: Vec<SitemapRef>,
    pages: Vec<SitemapPage>,
    unusable: usize,
    full: bool,
    repairs: Vec<String>,
}

impl List {
    fn new(root: Root) -> Self {
        Self {
            root,
            refs: Vec::new(),
            pages: Vec::new(),
            unusable: 0,
            full: false,
            repairs: Vec::new(),
        }
    }

    fn len(&self) -> usize {
        self.refs.len() + self.pages.len()
    }

    fn push(&mut self, item: Item) {
        let url = Url::parse(&item.loc).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && item.loc.len() <= MAX_URL_BYTES
        });
        let Some(url) = url else {
            self.unusable += 1;
            return;
        };
        if self.len() >= MAX_URLS {
            self.full = true;
            return;
        }
        match self.root {
            Root::Index => self.refs.push(SitemapRef { url, lastmod: item.lastmod }),
            Root::Pages => self.pages.push(SitemapPage {
                url,
                lastmod: item.lastmod,
                title: item.title,
                published: item.published,
                language: item.language,
            }),
        }
    }

    fn finish(mut self) -> Parsed {
        if self.unusable > 0 {
            self.repairs.push(format!("{} addresses that are no web addresses", self.unusable));
        }
        if self.full {
            self.repairs.push(format!("more than {MAX_URLS} addresses: the rest left out"));
        }
        let sitemap = match self.root {
            Root::Index => Sitemap::Index(self.refs),
            Root::Pages => Sitemap::Pages(self.pages),
        };
        Parsed { sitemap, repairs: self.repairs }
    }
}

/// A date as sitemaps write it (W3C note on date and time formats): a year alone, year and month, or any date.
/// Without a zone it is taken as UTC.
fn date(text: &str) -> Option<Timestamp> {
    let first_day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => return dates::parse(text).map(|date| date.timestamp),
    };
    let day: civil::Date = first_day.parse().ok()?;
    day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests;
