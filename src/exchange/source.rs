//! A stream of bytes to a stream of parts.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use encoding_rs::{Encoding, UTF_8};
use flate2::bufread::MultiGzDecoder;
use memchr::memmem;

use super::{
    Damage, Format, Part, ReadError, Record,
    blogger::Blogger,
    csv_file,
    disqus::Disqus,
    format::HEAD,
    json,
    record::{FileComment, Form},
    wxr::Wxr,
    xml::{Slice, Slicer, Watch},
};
use crate::exchange::Place;

/// Reads a file part by part.
pub struct Reader {
    parts: Box<dyn Parts>,
    format: Format,
    compressed: bool,
}

/// What each format's reader gives.
pub(super) trait Parts: Send {
    /// The next part, `None` at the end.
    fn next(&mut self) -> io::Result<Option<Part>>;
}

impl Reader {
    /// The format, as named or as found.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether the file was compressed with gzip.
    pub fn compressed(&self) -> bool {
        self.compressed
    }
}

impl Iterator for Reader {
    type Item = io::Result<Part>;

    fn next(&mut self) -> Option<Self::Item> {
        self.parts.next().transpose()
    }
}

/// Begins to read. Without a `format` it is told from the first bytes; gzip is undone by itself.
///
/// # Errors
/// The stream cannot be read, or is no comment file. An Isso database is refused too: it is no stream.
pub fn open(
    source: impl Read + Send + 'static,
    format: Option<Format>,
) -> Result<Reader, ReadError> {
    let mut source = BufReader::with_capacity(HEAD, source);
    let compressed = source.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let mut source: Box<dyn Read + Send> =
        if compressed { Box::new(MultiGzDecoder::new(source)) } else { Box::new(source) };
    let mut head = Vec::new();
    let broken = source.by_ref().take(HEAD as u64).read_to_end(&mut head).err();
    // A file that breaks this early may still have comments before.
    let source: Box<dyn Read + Send> = match broken {
        Some(error) if head.is_empty() => return Err(error.into()),
        Some(error) => Box::new(Broken(Some(error))),
        None => source,
    };
    let format = match format {
        Some(format) => format,
        None => Format::sniff(&head)?,
    };
    let encoding = declared_encoding(&head);
    let source = BufReader::with_capacity(HEAD, Cursor::new(head).chain(source));
    let parts: Box<dyn Parts> = match format {
        Format::Wxr => Box::new(XmlParts::new(source, encoding, Wxr::default())),
        Format::Disqus => Box::new(XmlParts::new(source, encoding, Disqus::default())),
        Format::Blogger => Box::new(XmlParts::new(source, encoding, Blogger::default())),
        Format::Jsonl => Box::new(json::JsonParts::new(source, Form::Jsonl)),
        Format::Remark42 => Box::new(json::JsonParts::new(source, Form::Remark42)),
        Format::Csv => Box::new(csv_file::CsvParts::new(source)?),
        Format::Isso => return Err(ReadError::Database),
    };
    Ok(Reader { parts, format, compressed })
}

/// What is left of a stream that broke: the error.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The encoding an XML declaration names, if markup is ASCII in it; else UTF-8.
fn declared_encoding(head: &[u8]) -> &'static Encoding {
    let declaration = &head[..head.len().min(256)];
    let end = memmem::find(declaration, b"?>").unwrap_or(0);
    let named = memmem::find(&declaration[..end], b"encoding=").and_then(|at| {
        let rest = &declaration[at + "encoding=".len()..end];
        let quote = *rest.first()?;
        let length = memchr::memchr(quote, &rest[1..])?;
        Encoding::for_label(&rest[1..=length])
    });
    named.filter(|encoding| encoding.is_ascii_compatible()).unwrap_or(UTF_8)
}

/// What turns the elements of one XML format into comments.
pub(super) trait Adapter: Send {
    const WATCH: &'static [Watch];
    const FORM: Form;

    /// Takes an element: a comment, or `None` for what is only remembered, such as an article's title.
    ///
    /// # Errors
    /// What is wrong with the element, for people.
    fn take(
        &mut self,
        name: &str,
        raw: &[u8],
        encoding: &'static Encoding,
    ) -> Result<Option<FileComment>, String>;
}

struct XmlParts<R, A> {
    slicer: Slicer<R>,
    encoding: &'static Encoding,
    adapter: A,
}

impl<R: Read, A: Adapter> XmlParts<R, A> {
    fn new(source: R, encoding: &'static Encoding, adapter: A) -> Self {
        Self { slicer: Slicer::new(source, A::WATCH), encoding, adapter }
    }

    fn element(&mut self, name: &str, raw: Vec<u8>, place: Place) -> Part {
        match self.adapter.take(name, &raw, self.encoding) {
            Ok(None) => Part::Verbatim(raw),
            Ok(Some(comment)) => {
                Part::Comment(Box::new(Record { comment, place, raw, form: A::FORM }))
            }
            Err(reason) => Part::Damaged(Damage { place, reason, raw }),
        }
    }
}

impl<R: Read + Send, A: Adapter> Parts for XmlParts<R, A> {
    fn next(&mut self) -> io::Result<Option<Part>> {
        Ok(self.slicer.next()?.map(|slice| match slice {
            Slice::Other(raw) => Part::Verbatim(raw),
            Slice::Element { name, raw, place } => self.element(name, raw, place),
            Slice::Broken { name, raw, place, reason } => Part::Damaged(Damage {
                place,
                reason: format!("<{name}> cannot be read: {reason}"),
                raw,
            }),
        }))
    }
}
