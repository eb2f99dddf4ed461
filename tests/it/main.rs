//! The integration tests: one binary, a module for each topic.

mod demo;
mod directions;
mod sources;
mod store;
