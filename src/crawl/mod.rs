//! Sources to bytes: discovery, schedule, the HTTP client and its guards, robots.txt, sitemaps, the crawl worker.

mod body;
pub mod client;
pub mod discover;
mod fetch_error;
pub mod guard;
pub mod opml;
mod politeness;
pub mod robots;
pub mod robots_policy;
pub mod schedule;
pub mod sitemap;
mod xml_text;
