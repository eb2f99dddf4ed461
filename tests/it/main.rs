//! The integration tests: one binary, a module for each topic.

mod directions;
mod newsroom;
mod serve;
mod store;
