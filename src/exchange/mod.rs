//! Comment files of other systems: read as a stream, comment by comment, and written back with decisions.
//!
//! A file is a sequence of [`Part`]s. Put end to end their bytes are the file again, so whatever is not decided
//! about is kept to the byte. No part is larger than [`MAX_RECORD`], however large the file. Pure: streams and
//! types in, types and bytes out.

mod articles;
mod blogger;
mod csv_file;
mod disqus;
mod error;
mod export;
mod format;
mod json;
mod lines;
mod record;
mod source;
mod window;
mod wxr;
mod xml;

pub use csv_file::{field_of, sniff_delimiter};
pub use error::ReadError;
pub use export::Exporter;
pub use format::Format;
pub use record::{Damage, FileComment, Part, Place, Record, State};
pub use source::{Reader, open};

/// A comment, or an article's head, longer than this many bytes is passed over and reported.
pub const MAX_RECORD: usize = 16 << 20;
