//! The integration tests: one binary, a module for each topic.

mod crawl;
mod demo;
mod directions;
mod kill;
mod newsroom;
mod serve;
mod sources;
mod store;
mod web;
