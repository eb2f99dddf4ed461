//! Domain types to bytes. Pure.

pub mod atom;
