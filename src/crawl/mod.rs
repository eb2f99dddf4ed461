//! Sources to bytes: discovery, schedule, the HTTP client and its guards, robots.txt, sitemaps, the crawl worker.

pub mod opml;
pub mod sitemap;
mod xml_text;
