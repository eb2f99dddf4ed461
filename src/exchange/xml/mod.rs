//! XML as a stream that survives damage: a lexer that never gives up, a slicer that cuts whole elements out of a
//! stream, and the fields of one such element. Entities that a file defines are never expanded.
//!
//! `quick-xml` stops at the first damage and does not keep the bytes between elements as they were; both are
//! what these files need.

mod element;
mod lexer;
mod slicer;

pub(super) use element::{Element, with_markup};
pub(super) use slicer::{Slice, Slicer, Watch};
