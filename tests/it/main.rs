//! Integration tests, one binary.

mod spam;
