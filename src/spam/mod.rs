//! Comment to verdict. Pure.
