//! Whole elements out of a stream of XML, and everything between them.

use std::io::{self, Read};

use super::lexer::{self, Kind, Mode};
use crate::exchange::{
    MAX_RECORD, Place,
    window::{CHUNK, Window},
};

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
    window: Window<R>,
    watch: &'static [Watch],
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
            window: Window::new(source),
            watch,
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
    /// The stream broke. All that came before has been given.
    pub fn next(&mut self) -> io::Result<Option<Slice>> {
        loop {
            if let Some(slice) = self.ready.take() {
                return Ok(Some(slice));
            }
            if self.other.len() >= CHUNK {
                return Ok(Some(Slice::Other(std::mem::take(&mut self.other))));
            }
            let Some((kind, length)) = self.token() else {
                return match self.rest() {
                    Some(slice) => Ok(Some(slice)),
                    None => self.window.end().map(|()| None),
                };
            };
            if let Some(slice) = self.take(kind, length) {
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

    fn token(&mut self) -> Option<(Kind, usize)> {
        loop {
            let rest = self.window.rest();
            if rest.is_empty() && self.window.ended() {
                return None;
            }
            if !rest.is_empty()
                && let Some((kind, length, mode)) =
                    lexer::token(rest, self.mode, self.window.ended())
            {
                self.mode = mode;
                return Some((kind, length));
            }
            self.window.fill();
        }
    }

    /// Puts a token where it belongs. A piece that became complete is given, or kept ready behind what came before.
    fn take(&mut self, kind: Kind, length: usize) -> Option<Slice> {
        let bytes = self.window.take(length);
        let place = self.place;
        self.place.advance(bytes);
        let tag = matches!(kind, Kind::Start | Kind::Empty | Kind::End);
        let name = if tag { lexer::local(lexer::name(bytes)) } else { b"" };
        let watched = self.watch.iter().find(|watch| watch.name().as_bytes() == name);
        let is_frame =
            |watch: &Watch| matches!(watch, Watch::Frame(frame) if frame.as_bytes() == name);
        let ends_all = kind == Kind::End && self.watch.iter().any(is_frame);
        let again = kind == Kind::Start
            && self.open.as_ref().is_some_and(|open| open.name.as_bytes() == name);
        if (ends_all || again)
            && let Some(open) = self.open.take()
        {
            self.ready = Some(open.broken("it is not closed"));
        }
        if let Some(open) = &mut self.open {
            open.raw.extend_from_slice(bytes);
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
                let raw = bytes.to_vec();
                self.open = Some(Open { name, raw, place });
                self.flush()
            }
            (Some(Watch::Whole(name)), Kind::Empty)
            | (Some(Watch::Start(name)), Kind::Start | Kind::Empty) => {
                let raw = bytes.to_vec();
                let slice = Slice::Element { name, raw, place };
                // A broken element stands ready only when another one opens or a frame ends.
                self.ready = Some(slice);
                self.flush()
            }
            _ => {
                self.other.extend_from_slice(bytes);
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

#[cfg(test)]
mod tests {
    use super::*;

    const WATCH: &[Watch] = &[Watch::Whole("c"), Watch::Start("item"), Watch::Frame("item")];

    /// Names of what was cut out, with `!` where it was broken; and all bytes.
    fn cut(text: &str) -> (Vec<String>, String) {
        let mut slicer = Slicer::new(text.as_bytes(), WATCH);
        let (mut names, mut bytes) = (Vec::new(), Vec::new());
        while let Some(slice) = slicer.next().unwrap() {
            let raw = match slice {
                Slice::Other(raw) => raw,
                Slice::Element { name, raw, place } => {
                    names.push(format!("{name}@{}", place.line));
                    raw
                }
                Slice::Broken { name, raw, place, .. } => {
                    names.push(format!("{name}@{}!", place.line));
                    raw
                }
            };
            bytes.extend(raw);
        }
        (names, String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn elements_are_cut_out_and_damage_ends_at_the_next_one() {
        for (text, names) in [
            ("<x:item>\n<c>1</c>\n<c/>\n<c>", &["item@1", "c@2", "c@3", "c@4!"][..]),
            ("<c>1\n<c>2</c>", &["c@1!", "c@2"]),
            ("<item><c>1\n</item><item>\n<c>2</c></item>", &["item@1", "c@1!", "item@2", "c@3"]),
            ("<![CDATA[<c>]]><!--<c>--><c><![CDATA[</c>]]></c></c>", &["c@1"]),
        ] {
            let (found, bytes) = cut(text);
            assert_eq!(found, names);
            assert_eq!(bytes, text);
        }
    }

    #[test]
    fn pieces_do_not_depend_on_where_the_stream_is_read() {
        let long = format!("<c>{}</c>", "x]]>&amp;<y/>".repeat(CHUNK / 4));
        let (found, bytes) = cut(&format!("{long}{long}"));
        assert_eq!(found, ["c@1", "c@1"]);
        assert_eq!(bytes.len(), 2 * long.len());
    }
}
