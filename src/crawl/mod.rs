//! Sources to bytes: discovery, schedule, the HTTP client and its guards, robots.txt, sitemaps, the crawl worker.

pub mod backfill;
mod batch;
mod body;
pub mod client;
pub mod discover;
mod drafts;
mod entry_job;
mod error;
mod fetch_error;
mod fetcher;
pub mod guard;
mod merge;
mod observer;
pub mod opml;
mod politeness;
mod read;
pub mod robots;
pub mod robots_policy;
pub mod schedule;
pub mod sitemap;
mod source_job;
mod worker;

pub use error::CrawlError;
pub use fetcher::Fetcher;
pub use observer::{CrawlObserver, Progress, SourceSummary, Summary};
pub use worker::Crawler;
