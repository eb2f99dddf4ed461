//! Integration tests, one binary.

mod feeds;
mod pages;
mod threads;
