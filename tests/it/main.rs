//! Integration tests, one binary.

mod threads;
