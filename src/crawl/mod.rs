//! Sources to bytes: discovery, schedule, the HTTP client and its guards, robots.txt, sitemaps, the crawl worker.

pub mod client;
mod fetch_error;
pub mod guard;
pub mod opml;
pub mod robots;
pub mod sitemap;
mod xml_text;
