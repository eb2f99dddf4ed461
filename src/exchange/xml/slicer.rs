//! Whole elements out of a stream of XML, and everything between them.

use std::io::{self, Read};

use super::lexer::{self, Kind, Mode};
use crate::exchange::{MAX_RECORD, Place};

/// Bytes read at a time, and the size of a piece of what is not cut out.
const CHUNK: usize = 64 << 10;

/// An element to be cut out, by its name without prefix.
#[derive(Debug, Clone, Copy)]
pub(in crate::exchange) enum Watch {
    /// With all that is inside.
    Whole(&'static str),
    /// The start tag alone.
    Start(&'static str),
    /// Not cut out, but its end ends whatever is still open.
    Frame(&'static str),
}

/// A piece of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::exchange) enum Slice {
    /// A watched element, well closed.
    Element { name: &'static str, raw: Vec<u8>, place: Place },
    /// A watched element that is not: too long, or not closed before something that cannot be inside it.
    Broken { name: &'static str, raw: Vec<u8>, place: Place, reason: &'static str },
    /// Anything else.
    Other(Vec<u8>),
}

/// Cuts a stream. At most one element and one chunk are in memory.
pub(in crate::exchange) struct Slicer<R> {
    source: R,
    watch: &'static [Watch],
    window: Vec<u8>,
    /// Bytes of the window that are done with.
    used: usize,
    ended: bool,
    mode: Mode,
    place: Place,
    other: Vec<u8>,
    open: Option<Open>,
    ready: Option<Slice>,
}

struct Open {
    name: &'static str,
    raw: Vec<u8>,
    place: Place,
}

impl Open {
    fn broken(self, reason: &'static str) -> Slice {
        Slice::Broken { name: self.name, raw: self.raw, place: self.place, reason }
    }
}

impl<R: Read> Slicer<R> {
    pub fn new(source: R, watch: &'static [Watch]) -> Self {
        Self {
            source,
            watch,
            window: Vec::new(),
            used: 0,
            ended: false,
            mode: Mode::default(),
            place: Place::start(),
            other: Vec::new(),
            open: None,
            ready: None,
        }
    }

    /// The next piece, `None` at the end.
    ///
    /// # Errors
    /// The stream cannot be read. What was cut so far has been given.
    pub fn next(&mut self) -> io::Result<Option<Slice>> {
        loop {
            if let Some(slice) = self.ready.take() {
                return Ok(Some(slice));
            }
            if self.other.len() >= CHUNK {
                return Ok(Some(Slice::Other(std::mem::take(&mut self.other))));
            }
            let Some((kind, length)) = self.token()? else {
                return Ok(self.rest());
            };
            let start = self.used;
            self.used += length;
            let place = self.place;
            self.place.advance(&self.window[start..self.used]);
            if let Some(slice) = self.take(kind, start..start + length, place) {
                return Ok(Some(slice));
            }
        }
    }

    /// What is left when the stream has ended.
    fn rest(&mut self) -> Option<Slice> {
        if !self.other.is_empty() {
            return Some(Slice::Other(std::mem::take(&mut self.other)));
        }
        Some(self.open.take()?.broken("the file ends within it"))
    }

    fn token(&mut self) -> io::Result<Option<(Kind, usize)>> {
        loop {
            let rest = &self.window[self.used..];
            if rest.is_empty() && self.ended {
                return Ok(None);
            }
            if !rest.is_empty()
                && let Some((kind, length, mode)) = lexer::token(rest, self.mode, self.ended)
            {
                self.mode = mode;
                return Ok(Some((kind, length)));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.window.drain(..self.used);
        self.used = 0;
        let read = self.source.by_ref().take(CHUNK as u64).read_to_end(&mut self.window)?;
        self.ended = read == 0;
        Ok(())
    }

    /// Puts a token where it belongs. A piece that became complete is given, or kept ready behind what came before.
    fn take(&mut self, kind: Kind, range: std::ops::Range<usize>, place: Place) -> Option<Slice> {
        let tag = matches!(kind, Kind::Start | Kind::Empty | Kind::End);
        let name = if tag { lexer::local(lexer::name(&self.window[range.clone()])) } else { b"" };
        let watched = self.watch.iter().find(|watch| watch.name().as_bytes() == name);
        let ends_all = kind == Kind::End && matches!(watched, Some(Watch::Frame(_)));
        let again = kind == Kind::Start
            && self.open.as_ref().is_some_and(|open| open.name.as_bytes() == name);
        if ends_all || again {
            if let Some(open) = self.open.take() {
                self.ready = Some(open.broken("it is not closed"));
            }
        }
        if let Some(open) = &mut self.open {
            open.raw.extend_from_slice(&self.window[range]);
            if kind == Kind::End && open.name.as_bytes() == name {
                let Open { name, raw, place } = self.open.take()?;
                return Some(Slice::Element { name, raw, place });
            }
            if open.raw.len() > MAX_RECORD {
                return Some(self.open.take()?.broken("it is longer than 16 MiB"));
            }
            return None;
        }
        match (watched, kind) {
            (Some(Watch::Whole(name)), Kind::Start) => {
                let raw = self.window[range].to_vec();
                self.open = Some(Open { name, raw, place });
                self.flush()
            }
            (Some(Watch::Whole(name)), Kind::Empty)
            | (Some(Watch::Start(name)), Kind::Start | Kind::Empty) => {
                let raw = self.window[range].to_vec();
                let slice = Slice::Element { name, raw, place };
                // A broken element stands ready only when another one opens or a frame ends.
                self.ready = Some(slice);
                self.flush()
            }
            _ => {
                self.other.extend_from_slice(&self.window[range]);
                None
            }
        }
    }

    /// What came before an element that was just found.
    fn flush(&mut self) -> Option<Slice> {
        let other = std::mem::take(&mut self.other);
        (!other.is_empty()).then_some(Slice::Other(other))
    }
}

impl Watch {
    fn name(&self) -> &'static str {
        match self {
            Watch::Whole(name) | Watch::Start(name) | Watch::Frame(name) => name,
        }
    }
}
