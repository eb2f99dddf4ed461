//! Domain types to documents: feeds, tables, lines, threat intelligence. Pure.
//!
//! An [`Item`] is what is exported: an article with what was found in it, or an incident with its coverage.
//! Formats that can be written item by item go through [`Rows`], so that an export of any size needs the memory of
//! one batch; feeds are small and written whole from a [`feed::Feed`].

pub mod atom;
pub mod csv;
pub mod feed;
mod format;
mod galaxies;
mod item;
pub mod json_feed;
pub mod misp;
pub mod ndjson;
pub mod opml;
mod publisher;
mod rows;
pub mod rss;
#[cfg(test)]
mod samples;
pub mod stix;
mod text;
mod xml;

pub use crate::domain::SearchView as View;
pub use format::Format;
pub use item::{ArticleItem, IncidentItem, Item};
pub use publisher::{Aliases, Publisher};
pub use rows::Rows;
