//! The integration tests: one binary, a module for each topic.

mod demo;
mod directions;
mod newsroom;
mod serve;
mod sources;
mod store;
