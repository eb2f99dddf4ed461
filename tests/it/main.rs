//! The integration tests: one binary, a module for each topic.

mod directions;
mod feeds;
mod pages;
mod search;
mod store;
mod threads;
