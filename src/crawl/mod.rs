//! Sources to bytes: discovery, schedule, the HTTP client and its guards, robots.txt, sitemaps, the crawl worker.

pub mod opml;
