//! Article to tags: attacks, vendors, victims, actors, malware, indicators, incidents. Pure.

pub mod indicators;
pub mod reading;

pub use reading::Reading;
