//! The integration tests: one binary, a module for each topic.

mod crawl;
mod directions;
mod kill;
mod store;
mod web;
