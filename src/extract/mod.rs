//! Bytes to text. Pure: no network, no database, no clock.

pub mod charset;
pub mod dates;
pub mod feed;
pub mod page;
pub mod sanitise;
pub mod threads;
pub mod xml_text;
