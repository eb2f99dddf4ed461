//! The integration tests: one binary, a module for each topic.

mod newsroom;
mod serve;
mod store;
