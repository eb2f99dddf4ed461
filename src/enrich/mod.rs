//! Article to tags: what happened to whom. Pure.

pub mod indicators;
