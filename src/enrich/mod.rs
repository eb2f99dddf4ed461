//! Article to tags: attacks, vendors, victims, actors, malware, indicators, incidents. Pure.

pub mod duplicates;
mod enricher;
pub mod incidents;
pub mod indicators;
pub mod language;
pub mod reading;
pub mod taxonomy;

pub use enricher::Enricher;
pub use reading::Reading;
pub use taxonomy::{NamesError, Taxonomy};
