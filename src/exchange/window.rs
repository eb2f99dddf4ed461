//! A stream seen through a window that grows until a record is whole.

use std::io::{self, Read};

/// Bytes read at a time.
pub(super) const CHUNK: usize = 64 << 10;

/// Bytes of a stream that are not done with.
pub(super) struct Window<R> {
    source: R,
    bytes: Vec<u8>,
    /// Bytes at the start that are done with.
    used: usize,
    ended: bool,
    /// Why the stream ended, if it broke.
    error: Option<io::Error>,
}

impl<R: Read> Window<R> {
    pub fn new(source: R) -> Self {
        Self { source, bytes: Vec::new(), used: 0, ended: false, error: None }
    }

    /// What is in view.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.used..]
    }

    /// Whether nothing follows what is in view.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Takes bytes off the start.
    pub fn take(&mut self, length: usize) -> &[u8] {
        self.used += length;
        &self.bytes[self.used - length..self.used]
    }

    /// Brings more into view. A stream that breaks has ended; [`Window::end`] tells.
    pub fn fill(&mut self) {
        self.bytes.drain(..self.used);
        self.used = 0;
        match self.source.by_ref().take(CHUNK as u64).read_to_end(&mut self.bytes) {
            Ok(read) => self.ended = read == 0,
            Err(error) => {
                self.ended = true;
                self.error = Some(error);
            }
        }
    }

    /// How the stream ended, once.
    pub fn end(&mut self) -> io::Result<()> {
        self.error.take().map_or(Ok(()), Err)
    }
}
