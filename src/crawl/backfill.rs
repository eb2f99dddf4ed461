//! History that a feed no longer holds, by the sitemaps of its site.

use std::collections::HashSet;

use jiff::Timestamp;
use thiserror::Error;
use url::Url;

use super::{
    client::{Accept, Client, FetchError, FetchRequest},
    drafts,
    robots::{self, RobotsRules},
    sitemap::{self, MAX_INDEX_DEPTH, Sitemap, SitemapPage, SitemapRef},
};
use crate::{
    config::CrawlConfig,
    domain::{EntryDraft, Source, SourceKind},
};

/// Sitemaps that are read for one source.
const MAX_SITEMAPS: usize = 200;
/// Pages that are held while sitemaps are read.
const MAX_HELD: usize = 200_000;
/// Places where sitemaps lie that robots.txt does not name.
const USUAL: &[&str] = &["/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml"];

/// How far back, and how much.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// Without it pages without a date count, too.
    pub since: Option<Timestamp>,
    /// Pages at most, newest first.
    pub max: usize,
}

/// Pages of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    pub entries: Vec<EntryDraft>,
    /// Sitemaps that were read.
    pub sitemaps: usize,
    /// What went wrong on the way or was left out, in plain words.
    pub notes: Vec<String>,
}

/// Why there is no history.
#[derive(Debug, Error)]
pub enum BackfillError {
    #[error("{0} is not an address; edit the source")]
    BadAddress(String),
    #[error("{site} has no sitemap that can be read; its history cannot be fetched ({})", notes.join("; "))]
    NoSitemap { site: Url, notes: Vec<String> },
}

impl BackfillError {
    /// Stable name of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadAddress(_) => "bad-url",
            Self::NoSitemap { .. } => "sitemap-missing",
        }
    }
}

/// Reads the sitemaps of the source's site, newest first, and gives the pages within `bounds` as entries.
///
/// # Errors
/// If there is no sitemap. A sitemap among others that cannot be read is a note.
pub async fn history(
    client: &Client,
    config: &CrawlConfig,
    source: &Source,
    bounds: Bounds,
    now: Timestamp,
) -> Result<History, BackfillError> {
    let site = site_of(source)?;
    let mut walk = Walk::new(client, config, source.respect_robots && config.respect_robots);
    let start = walk.start(source, &site).await;
    walk.run(start, bounds.since).await;
    if walk.read == 0 {
        return Err(BackfillError::NoSitemap { site, notes: walk.notes });
    }
    let pages = sitemap::select(walk.pages, bounds.since, bounds.max);
    let items = pages.into_iter().map(drafts::item_of).collect();
    let (entries, _) = drafts::from_items(items, &site, bounds.max, now);
    Ok(History { entries, sitemaps: walk.read, notes: walk.notes })
}

fn site_of(source: &Source) -> Result<Url, BackfillError> {
    let text = source.site_url.as_deref().unwrap_or(&source.url);
    let url = Url::parse(text).or_else(|_| Url::parse(&source.url));
    url.map_err(|_| BackfillError::BadAddress(source.url.clone()))
}

struct Walk<'a> {
    client: &'a Client,
    config: &'a CrawlConfig,
    obey: bool,
    robots: RobotsRules,
    seen: HashSet<Url>,
    read: usize,
    pages: Vec<SitemapPage>,
    notes: Vec<String>,
}

impl<'a> Walk<'a> {
    fn new(client: &'a Client, config: &'a CrawlConfig, obey: bool) -> Self {
        Self {
            client,
            config,
            obey,
            robots: RobotsRules::default(),
            seen: HashSet::new(),
            read: 0,
            pages: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The source itself if it is a sitemap, else what robots.txt names, else the usual places.
    async fn start(&mut self, source: &Source, site: &Url) -> Vec<Url> {
        if let Ok(url) = site.join("/robots.txt")
            && let Ok(body) = self.fetch(&url).await
        {
            let text = String::from_utf8_lossy(&body[..body.len().min(robots::MAX_BYTES)]);
            self.robots = RobotsRules::parse(&text, robots::AGENT);
        }
        if source.kind == SourceKind::Sitemap {
            return Url::parse(&source.url).into_iter().collect();
        }
        let named = self.robots.sitemaps().iter();
        let named: Vec<Url> = named.filter_map(|text| site.join(text).ok()).collect();
        if named.is_empty() {
            return USUAL.iter().filter_map(|path| site.join(path).ok()).collect();
        }
        named
    }

    /// Breadth first, so that the depth of indexes is bounded.
    async fn run(&mut self, start: Vec<Url>, since: Option<Timestamp>) {
        let mut level = start;
        for _ in 0..=MAX_INDEX_DEPTH {
            let mut next: Vec<SitemapRef> = Vec::new();
            for url in level {
                if self.is_full() {
                    self.notes.push(format!("stopped after {} sitemaps", self.read));
                    return;
                }
                next.extend(self.read_one(&url).await);
            }
            next.retain(|child| {
                since.is_none() || child.lastmod.is_none() || child.lastmod >= since
            });
            next.sort_by_key(|child| std::cmp::Reverse(child.lastmod));
            level = next.into_iter().map(|child| child.url).collect();
        }
        if !level.is_empty() {
            self.notes
                .push(format!("indexes nested more than {MAX_INDEX_DEPTH} deep were left out"));
        }
    }

    fn is_full(&self) -> bool {
        self.seen.len() >= MAX_SITEMAPS || self.pages.len() >= MAX_HELD
    }

    /// Reads a sitemap; gives the sitemaps it names.
    async fn read_one(&mut self, url: &Url) -> Vec<SitemapRef> {
        if !self.seen.insert(url.clone()) {
            return Vec::new();
        }
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        if self.obey && !self.robots.allows(path) {
            self.notes.push(format!("{url}: robots.txt does not allow it"));
            return Vec::new();
        }
        let parsed = match self.fetch(url).await {
            Ok(body) => sitemap::parse(&body).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match parsed {
            Err(error) => {
                self.notes.push(format!("{url}: {error}"));
                Vec::new()
            }
            Ok(parsed) => {
                self.read += 1;
                self.notes.extend(parsed.repairs.into_iter().map(|note| format!("{url}: {note}")));
                match parsed.sitemap {
                    Sitemap::Index(children) => children,
                    Sitemap::Pages(pages) => {
                        self.pages.extend(pages);
                        Vec::new()
                    }
                }
            }
        }
    }

    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        if !self.seen.is_empty() {
            tokio::time::sleep(super::politeness::pause(self.config, url)).await;
        }
        let request = FetchRequest::new(url.clone(), Accept::Any, sitemap::MAX_BYTES as u64);
        Ok(self.client.fetch(request).await?.body)
    }
}
