//! A stream cut into lines, or into rows of CSV, whose fields may hold line breaks.

use std::io::{self, Read};

use memchr::memchr;

use super::{MAX_RECORD, Place, window::Window};

/// How a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// At the line break.
    Line,
    /// At the line break outside quotes; fields are set apart by this byte.
    Row(u8),
}

/// A record with its line break, or the piece of one that is too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub raw: Vec<u8>,
    pub place: Place,
    pub fault: Option<Fault>,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Longer than [`MAX_RECORD`]; the rest of it follows.
    TooLong,
    /// The rest of a record that was too long.
    Rest,
    /// A quote that nothing closes; this is its first line.
    OpenQuote,
}

/// Cuts a stream. At most one record and one chunk are in memory.
pub(super) struct Lines<R> {
    window: Window<R>,
    cut: Cut,
    skipping: bool,
    place: Place,
}

impl<R: Read> Lines<R> {
    pub fn new(source: R, cut: Cut) -> Self {
        Self { window: Window::new(source), cut, skipping: false, place: Place::start() }
    }

    /// From here on records end in another way.
    pub fn set_cut(&mut self, cut: Cut) {
        self.cut = cut;
    }

    /// The next record, `None` at the end.
    ///
    /// # Errors
    /// The stream broke. All that came before has been given.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        let mut scan = Scan::default();
        loop {
            let cut = if self.skipping { Cut::Line } else { self.cut };
            if let Some(end) = scan.end(self.window.rest(), cut) {
                let fault = std::mem::take(&mut self.skipping).then_some(Fault::Rest);
                return Ok(Some(self.give(end, fault)));
            }
            let held = self.window.rest().len();
            if self.skipping && held > 0 {
                return Ok(Some(self.give(held, Some(Fault::Rest))));
            }
            if held > MAX_RECORD || (self.window.ended() && held > 0) {
                return Ok(Some(self.give_unfinished(&scan)));
            }
            if self.window.ended() {
                return self.window.end().map(|()| None);
            }
            self.window.fill();
        }
    }

    /// What has no end, because the file has, or because it is too long.
    fn give_unfinished(&mut self, scan: &Scan) -> Line {
        let held = self.window.rest().len();
        if scan.in_quotes() {
            let first = memchr(b'\n', self.window.rest()).map_or(held, |at| at + 1);
            return self.give(first, Some(Fault::OpenQuote));
        }
        self.skipping = held > MAX_RECORD;
        self.give(held, self.skipping.then_some(Fault::TooLong))
    }

    fn give(&mut self, length: usize, fault: Option<Fault>) -> Line {
        let raw = self.window.take(length).to_vec();
        let place = self.place;
        self.place.advance(&raw);
        Line { raw, place, fault }
    }
}

/// Looks for the end of a record, going on where it stopped when more bytes have come.
#[derive(Default)]
struct Scan {
    at: usize,
    field: Field,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Field {
    #[default]
    Start,
    Plain,
    Quoted,
    /// After a quote inside quotes: the end, or the first of two.
    Quote,
}

impl Scan {
    /// Bytes of the record with its line break, `None` if its end is not there yet.
    fn end(&mut self, bytes: &[u8], cut: Cut) -> Option<usize> {
        let Cut::Row(delimiter) = cut else {
            let end = memchr(b'\n', &bytes[self.at..]).map(|found| self.at + found + 1);
            self.at = bytes.len();
            return end;
        };
        for byte in &bytes[self.at..] {
            self.at += 1;
            self.field = match (self.field, *byte) {
                (Field::Start, b'"') | (Field::Quote, b'"') => Field::Quoted,
                (Field::Quoted, b'"') => Field::Quote,
                (Field::Quoted, _) => Field::Quoted,
                (_, b'\n') => return Some(self.at),
                (_, byte) if byte == delimiter => Field::Start,
                (_, _) => Field::Plain,
            };
        }
        None
    }

    fn in_quotes(&self) -> bool {
        self.field == Field::Quoted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::window::CHUNK;

    fn cut(text: &str, cut: Cut) -> Vec<(String, u64, Option<Fault>)> {
        let mut lines = Lines::new(text.as_bytes(), cut);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((String::from_utf8(line.raw).unwrap(), line.place.line, line.fault));
        }
        all
    }

    #[test]
    fn rows_may_hold_line_breaks() {
        let rows = cut("a,\"b\n\"\"c\"\n5\" disk,d\n", Cut::Row(b','));
        assert_eq!(
            rows,
            [("a,\"b\n\"\"c\"\n".to_owned(), 1, None), ("5\" disk,d\n".to_owned(), 3, None)]
        );
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        let rows = cut("a,\"b\nc,d\ne", Cut::Row(b','));
        assert_eq!(rows[0], ("a,\"b\n".to_owned(), 1, Some(Fault::OpenQuote)));
        assert_eq!(rows[1], ("c,d\n".to_owned(), 2, None));
        assert_eq!(rows[2], ("e".to_owned(), 3, None));
    }

    #[test]
    fn a_line_too_long_comes_in_pieces_and_the_next_is_whole() {
        let long = "x".repeat(MAX_RECORD + 3 * CHUNK);
        let lines = cut(&format!("{long}\nshort\n"), Cut::Line);
        assert_eq!(lines[0].2, Some(Fault::TooLong));
        assert_eq!(lines.iter().map(|line| line.0.len()).sum::<usize>(), long.len() + 7);
        assert_eq!(lines.last().unwrap(), &("short\n".to_owned(), 2, None));
        assert!(lines[1..lines.len() - 1].iter().all(|line| line.2 == Some(Fault::Rest)));
    }
}
