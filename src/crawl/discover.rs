//! From the address of a site, or of anything on it, to the feeds and sitemaps it can be watched by.

mod links;

use jiff::Timestamp;
use thiserror::Error;
use url::{Host, Url};

use self::links::{Links, is_comment_feed};
use super::{
    client::{Accept, FetchRequest, Fetched},
    error::CrawlError,
    fetcher::Fetcher,
    sitemap::{self, Sitemap},
};
use crate::{
    domain::{ParsedFeed, SourceKind},
    extract::{
        charset::decode_html,
        feed::{self, FeedLimits},
    },
    store::StoreError,
};

/// Requests that one search may make, redirects not counted.
const MAX_REQUESTS: usize = 30;
/// Sitemaps of one robots.txt that are looked at.
const MAX_SITEMAPS: usize = 3;

/// Where blogs and publishing systems keep their feeds.
const WELL_KNOWN: &[&str] = &[
    "/feed/",
    "/rss/",
    "/feed.xml",
    "/rss.xml",
    "/atom.xml",
    "/index.xml",
    "/feeds/posts/default",
    "/feed.json",
    "/index.rdf",
    "/rss2.xml",
    "/?feed=rss2",
    "/blog/feed/",
    "/blog/rss.xml",
    "/news/rss.xml",
    "/latest.rss",
];
/// Where sites keep sitemaps that their robots.txt does not name.
const WELL_KNOWN_SITEMAPS: &[&str] = &["/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml"];

/// A way to watch a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub url: Url,
    /// As the feed calls itself; else as the page announces it; else the page's own title or the host.
    pub title: String,
    pub kind: SourceKind,
    /// Entries of a feed, addresses in a sitemap.
    pub entries: usize,
    pub newest: Option<Timestamp>,
    pub found_by: FoundBy,
    /// Carries readers' comments rather than articles.
    pub comments: bool,
    pub site_url: Option<String>,
    pub language: Option<String>,
    /// Addresses of the first entries, to know two forms of one feed.
    first_links: Vec<String>,
}

/// Why an address was looked at. Better reasons come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundBy {
    /// The address given is a feed.
    Itself,
    /// The page announces it (`<link rel="alternate">`).
    Announced,
    /// The page links to it.
    Linked,
    /// Sites often keep a feed there.
    WellKnown,
    /// robots.txt names it.
    Robots,
}

impl FoundBy {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Itself => "the address itself",
            Self::Announced => "announced by the page",
            Self::Linked => "linked from the page",
            Self::WellKnown => "usual place",
            Self::Robots => "named by robots.txt",
        }
    }
}

/// An address that was looked at in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub url: Url,
    /// In plain words.
    pub outcome: String,
}

/// What a search found: at least one candidate, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    pub candidates: Vec<Candidate>,
    pub tried: Vec<Tried>,
}

/// Why nothing was found.
#[derive(Debug, Error)]
pub enum DiscoverError {
    #[error("{text:?} is not a web address: {reason}")]
    BadAddress { text: String, reason: String },
    #[error("{url} cannot be fetched: {reason}")]
    Unreachable { url: Url, reason: Box<CrawlError> },
    #[error("no feed or sitemap found at {url} ({} addresses tried); give the feed's own address", tried.len())]
    NothingFound { url: Url, tried: Vec<Tried> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DiscoverError {
    /// Stable name of the kind of error.
    pub fn code(&self) -> &str {
        match self {
            Self::BadAddress { .. } => "bad-url",
            Self::Unreachable { reason, .. } => reason.code(),
            Self::NothingFound { .. } => "no-source-found",
            Self::Store(_) => "store-failed",
        }
    }
}

/// Reads an address as people type it: the scheme may be missing, `feed:` may stand before it.
pub fn read_address(text: &str) -> Result<Url, DiscoverError> {
    let bad = |reason: String| DiscoverError::BadAddress { text: text.to_owned(), reason };
    let bare = text.trim().trim_start_matches("feed:").trim_start_matches("//");
    let url = match bare.split_once("://") {
        Some(_) => Url::parse(bare),
        None => Url::parse(&format!("https://{bare}")).map(|url| match url.host() {
            Some(Host::Domain(name)) if name != "localhost" => url,
            _ => Url::parse(&format!("http://{bare}")).unwrap_or(url),
        }),
    };
    let url = url.map_err(|error| bad(error.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        scheme => Err(bad(format!("{scheme} is not http or https"))),
    }
}

/// Looks for feeds and sitemaps, best first: the address itself, what its page announces and links to, the usual
/// places, the sitemaps in robots.txt. Requests go one after the other and are few. The address itself is fetched
/// because a person named it; everything else only where robots.txt allows it.
///
/// # Errors
/// If the address cannot be fetched, or nothing was found; then [`DiscoverError::NothingFound`] says what was tried.
pub async fn discover(fetcher: &Fetcher, url: &Url) -> Result<Discovery, DiscoverError> {
    let mut search = Search::new(fetcher);
    let page = search
        .fetch(url, Accept::Page, false)
        .await
        .map_err(|error| DiscoverError::Unreachable { url: url.clone(), reason: error.into() })?;
    if search.consider(&page, FoundBy::Itself, None) {
        return Ok(search.finish());
    }
    search.follow_page(&page).await;
    if search.has_no_feed() && page.final_url.path() != "/" {
        search.follow_home(&page.final_url).await;
    }
    if search.has_no_feed() {
        search.probe_all(&page.final_url, WELL_KNOWN).await;
    }
    search.sitemaps(&page.final_url).await?;
    if search.found.is_empty() {
        return Err(DiscoverError::NothingFound { url: url.clone(), tried: search.tried });
    }
    Ok(search.finish())
}

struct Search<'a> {
    fetcher: &'a Fetcher,
    /// What the page calls itself, for what has no name of its own.
    page_title: Option<String>,
    requests: usize,
    seen: Vec<Url>,
    found: Vec<Candidate>,
    tried: Vec<Tried>,
}

impl<'a> Search<'a> {
    fn new(fetcher: &'a Fetcher) -> Self {
        Self {
            fetcher,
            page_title: None,
            requests: 0,
            seen: Vec::new(),
            found: Vec::new(),
            tried: Vec::new(),
        }
    }

    async fn fetch(
        &mut self,
        url: &Url,
        accept: Accept,
        respect_robots: bool,
    ) -> Result<Fetched, CrawlError> {
        let config = &self.fetcher.config;
        if self.requests > 0 {
            tokio::time::sleep(super::politeness::pause(config, url)).await;
        }
        self.requests += 1;
        self.seen.push(url.clone());
        let request = FetchRequest::new(url.clone(), accept, config.max_feed_bytes);
        self.fetcher.get(request, respect_robots, &mut None).await
    }

    async fn follow_page(&mut self, page: &Fetched) {
        let html = decode_html(&page.body, page.headers.content_type.as_deref()).text;
        let links = Links::find(&html, &page.final_url);
        self.page_title = self.page_title.take().or(links.title);
        for link in links.announced {
            self.probe(&link.url, FoundBy::Announced, link.title).await;
        }
        for url in links.linked {
            self.probe(&url, FoundBy::Linked, None).await;
        }
    }

    async fn follow_home(&mut self, page: &Url) {
        let Ok(home) = page.join("/") else { return };
        match self.fetch(&home, Accept::Page, true).await {
            Ok(answer) => self.follow_page(&answer).await,
            Err(error) => self.failed(&home, error.to_string()),
        }
    }

    async fn probe_all(&mut self, site: &Url, paths: &[&str]) {
        for path in paths {
            if let Ok(url) = site.join(path) {
                self.probe(&url, FoundBy::WellKnown, None).await;
            }
            if !self.has_no_feed() {
                return;
            }
        }
    }

    async fn sitemaps(&mut self, site: &Url) -> Result<(), StoreError> {
        let named = self.fetcher.sitemaps(site).await?;
        let named = named.iter().filter_map(|text| site.join(text).ok());
        let named: Vec<Url> = named.take(MAX_SITEMAPS).collect();
        for url in &named {
            self.probe(url, FoundBy::Robots, None).await;
        }
        if self.found.is_empty() {
            self.probe_all(site, WELL_KNOWN_SITEMAPS).await;
        }
        Ok(())
    }

    async fn probe(&mut self, url: &Url, found_by: FoundBy, title: Option<String>) {
        if self.seen.contains(url) || self.requests >= MAX_REQUESTS {
            return;
        }
        match self.fetch(url, Accept::Feed, true).await {
            Ok(answer) => {
                if !self.consider(&answer, found_by, title) {
                    self.failed(url, "neither feed nor sitemap".to_owned());
                }
            }
            Err(error) => self.failed(url, error.to_string()),
        }
    }

    fn failed(&mut self, url: &Url, outcome: String) {
        self.tried.push(Tried { url: url.clone(), outcome });
    }

    /// Keeps an answer that is a feed or sitemap. `false` if it is neither.
    fn consider(&mut self, answer: &Fetched, found_by: FoundBy, title: Option<String>) -> bool {
        let Some(mut candidate) = read(answer, self.fetcher.config.max_entries) else {
            return false;
        };
        candidate.found_by = found_by;
        let announced = title.unwrap_or_default();
        candidate.comments |= is_comment_feed(&candidate.url, &announced);
        if candidate.title.is_empty() {
            let host = answer.final_url.host_str().unwrap_or_default();
            let page_title = self.page_title.as_deref().unwrap_or(host);
            candidate.title = if announced.is_empty() { page_title.to_owned() } else { announced };
        }
        if !self.found.iter().any(|known| known.is_same_as(&candidate)) {
            self.found.push(candidate);
        }
        true
    }

    fn has_no_feed(&self) -> bool {
        !self.found.iter().any(|found| found.kind == SourceKind::Feed && !found.comments)
    }

    fn finish(mut self) -> Discovery {
        // Stable: in page order where the reasons are equal.
        self.found.sort_by_key(|found| {
            (found.comments, found.kind != SourceKind::Feed, found.entries == 0, found.found_by)
        });
        Discovery { candidates: self.found, tried: self.tried }
    }
}

impl Candidate {
    /// The same address, or the same articles in another format.
    fn is_same_as(&self, other: &Self) -> bool {
        self.url == other.url
            || (self.kind == SourceKind::Feed
                && !self.first_links.is_empty()
                && self.comments == other.comments
                && self.first_links == other.first_links)
    }
}

/// Reads an answer as a feed or sitemap.
fn read(answer: &Fetched, max_entries: u32) -> Option<Candidate> {
    let content_type = answer.headers.content_type.as_deref();
    let limits = FeedLimits { max_entries: max_entries as usize, ..FeedLimits::default() };
    if feed::looks_like_feed(&answer.body, content_type)
        && let Ok(parsed) =
            feed::parse(&answer.body, Some(&answer.final_url), content_type, &limits)
    {
        return Some(from_feed(answer, parsed));
    }
    let sitemap = sitemap::parse(&answer.body).ok()?.sitemap;
    let (entries, newest) = match &sitemap {
        Sitemap::Index(refs) => (refs.len(), refs.iter().filter_map(|r| r.lastmod).max()),
        Sitemap::Pages(pages) => (pages.len(), pages.iter().filter_map(|p| p.date()).max()),
    };
    Some(Candidate {
        url: answer.final_url.clone(),
        title: String::new(),
        kind: SourceKind::Sitemap,
        entries,
        newest,
        found_by: FoundBy::Itself,
        comments: false,
        site_url: answer.final_url.join("/").ok().map(String::from),
        language: None,
        first_links: Vec::new(),
    })
}

fn from_feed(answer: &Fetched, parsed: ParsedFeed) -> Candidate {
    /// Entries compared to know two forms of one feed.
    const COMPARED: usize = 5;
    let replies = parsed.entries.iter().filter(|entry| entry.in_reply_to.is_some()).count();
    let title = parsed.title.unwrap_or_default();
    Candidate {
        comments: (replies > 0 && replies == parsed.entries.len())
            || is_comment_feed(&answer.final_url, &title),
        url: answer.final_url.clone(),
        title,
        kind: SourceKind::Feed,
        entries: parsed.entries.len(),
        newest: parsed.entries.iter().filter_map(|e| e.published.or(e.updated)).max(),
        found_by: FoundBy::Itself,
        site_url: parsed.link,
        language: parsed.language,
        first_links: parsed.entries.iter().filter_map(|e| e.link.clone()).take(COMPARED).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_type_them() {
        for (text, expected) in [
            ("ex.org", "https://ex.org/"),
            (" https://ex.org/blog ", "https://ex.org/blog"),
            ("feed://ex.org/rss", "https://ex.org/rss"),
            ("feed:https://ex.org/rss", "https://ex.org/rss"),
            ("127.0.0.1:8431", "http://127.0.0.1:8431/"),
            ("localhost:80/a", "http://localhost/a"),
        ] {
            assert_eq!(read_address(text).expect(text).as_str(), expected, "{text}");
        }
        for text in ["", "ftp://ex.org", "mailto://a@ex.org", "two words"] {
            assert_eq!(read_address(text).expect_err(text).code(), "bad-url", "{text}");
        }
    }
}
