//! Domain types to bytes. Pure.
