//! Article to tags: attacks, vendors, victims, actors, malware, indicators, incidents. Pure.

pub mod attacks;
pub mod duplicates;
mod enricher;
pub mod incidents;
pub mod indicators;
pub mod names;
pub mod reading;
pub mod roles;
pub mod taxonomy;

/// What reads articles: raised whenever rules, models or names change what is found, so that stores read their articles
/// again.
pub const RECOGNISERS: &str = "3";

pub use enricher::Enricher;
pub use reading::Reading;
pub use taxonomy::{NamesError, Taxonomy};
