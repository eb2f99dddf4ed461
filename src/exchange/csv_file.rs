//! CSV with a header line, by whatever names and delimiter.

use std::io::{self, Read};

use serde_json::{Map, Value};

use super::{
    ReadError,
    lines::{Cut, Fault, Line, Lines},
    record::{Damage, FileComment, Form, Part, Record, State},
    source::Parts,
};
use crate::spam::Verdict;

const VERDICT: &str = "verdict";
const SCORE: &str = "score";

/// How a file is written, as far as writing a row back needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    delimiter: u8,
    /// Columns in the header, without those we add.
    columns: usize,
    /// Where the verdict and the score go.
    verdict: usize,
    score: usize,
}

/// Rows to comments.
pub(super) struct CsvParts<R> {
    lines: Lines<R>,
    fields: Vec<Option<&'static str>>,
    dialect: Dialect,
    /// The header line, until it has been given.
    header: Option<Vec<u8>>,
}

impl<R: Read> CsvParts<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// The stream cannot be read, or no column holds the comment.
    pub fn new(source: R) -> Result<Self, ReadError> {
        // Quotes do not tell where a header ends, and delimiters are not known before it is read.
        let mut lines = Lines::new(source, Cut::Line);
        let Line { raw, .. } = lines.next()?.ok_or(ReadError::Empty)?;
        let delimiter = sniff_delimiter(&raw);
        let names: Vec<String> = row(&raw, delimiter)
            .unwrap_or_default()
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim_start_matches('\u{FEFF}').to_owned())
            .collect();
        let fields: Vec<_> = names.iter().map(|name| field_of(name)).collect();
        if !fields.contains(&Some("content")) {
            return Err(ReadError::NoContentColumn);
        }
        let place_of = |name: &str| names.iter().position(|n| n.trim().eq_ignore_ascii_case(name));
        let verdict = place_of(VERDICT).unwrap_or(names.len());
        let next = names.len() + usize::from(verdict == names.len());
        let score = place_of(SCORE).unwrap_or(next);
        let dialect = Dialect { delimiter, columns: names.len(), verdict, score };
        let header = with_fields(&raw, dialect, VERDICT, SCORE);
        lines.set_cut(Cut::Row(delimiter));
        Ok(Self { lines, fields, dialect, header: Some(header) })
    }

    fn part(&self, line: Line) -> Part {
        let Line { raw, place, fault } = line;
        let reason = match fault {
            Some(Fault::Rest) => return Part::Verbatim(raw),
            Some(Fault::TooLong) => "the row is longer than 16 MiB".into(),
            Some(Fault::OpenQuote) => "a quote is not closed".into(),
            None if raw.trim_ascii().is_empty() => return Part::Verbatim(raw),
            None => match self.comment(&raw) {
                Ok(comment) => {
                    let form = Form::Csv(self.dialect);
                    return Part::Comment(Box::new(Record { comment, place, raw, form }));
                }
                Err(reason) => reason,
            },
        };
        Part::Damaged(Damage { place, reason, raw })
    }

    fn comment(&self, raw: &[u8]) -> Result<FileComment, String> {
        let row = row(raw, self.dialect.delimiter)?;
        let mut object = Map::new();
        for (field, value) in self.fields.iter().zip(&row) {
            if let Some(field) = field {
                let value = String::from_utf8_lossy(value).replace('\0', "");
                object.entry(*field).or_insert(Value::String(value));
            }
        }
        if !object.contains_key("content") {
            return Err("the row is too short: it has no comment".into());
        }
        let mut take = |field: &str| match object.remove(field) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let (parent, page, kind) = (take("parent"), take("page"), take("kind"));
        let (label, state) = (take("label"), take("state"));
        let state = match State::of_label(&label) {
            State::Unknown => State::of_approval(&state),
            labelled => labelled,
        };
        let input = serde_json::from_value(Value::Object(object)).map_err(|e| e.to_string())?;
        Ok(FileComment { input, parent, page, kind, state })
    }
}

impl<R: Read + Send> Parts for CsvParts<R> {
    fn next(&mut self) -> io::Result<Option<Part>> {
        if let Some(header) = self.header.take() {
            return Ok(Some(Part::Verbatim(header)));
        }
        Ok(self.lines.next()?.map(|line| self.part(line)))
    }
}

/// The row with verdict and score, in columns of their own behind the others unless the file has them.
pub(super) fn decided(raw: &[u8], dialect: Dialect, verdict: &Verdict) -> Vec<u8> {
    let outcome = match serde_json::to_value(verdict.outcome) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    };
    with_fields(raw, dialect, &outcome, &format!("{:.4}", verdict.score))
}

fn with_fields(raw: &[u8], dialect: Dialect, verdict: &str, score: &str) -> Vec<u8> {
    let Ok(row) = row(raw, dialect.delimiter) else { return raw.to_vec() };
    let content = raw.trim_ascii_end();
    let line_break = &raw[content.len()..];
    // The usual case leaves the row as it was.
    let both_new = dialect.verdict >= dialect.columns && dialect.score >= dialect.columns;
    if both_new && row.len() == dialect.columns && line_break.iter().all(|b| b"\r\n".contains(b)) {
        let delimiter = char::from(dialect.delimiter);
        let added = format!("{delimiter}{verdict}{delimiter}{score}");
        return [content, added.as_bytes(), line_break].concat();
    }
    let mut fields: Vec<&[u8]> = row.iter().collect();
    let wanted = dialect.columns.max(dialect.verdict + 1).max(dialect.score + 1);
    fields.resize(wanted.max(fields.len()), b"");
    fields[dialect.verdict] = verdict.as_bytes();
    fields[dialect.score] = score.as_bytes();
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.delimiter)
        .flexible(true)
        .from_writer(Vec::new());
    match writer.write_byte_record(&fields.into_iter().collect()) {
        Ok(()) => writer.into_inner().unwrap_or_else(|_| raw.to_vec()),
        Err(_) => raw.to_vec(),
    }
}

fn row(raw: &[u8], delimiter: u8) -> Result<csv::ByteRecord, String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .buffer_capacity(raw.len().clamp(64, 64 << 10))
        .from_reader(raw);
    let mut record = csv::ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(|error| error.to_string())?;
    Ok(record)
}

/// Whether a file that is neither XML nor JSON can be CSV: text, whose first line has a column for the comment.
pub(super) fn looks_like(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    if line.contains(&0) {
        return false;
    }
    let delimiter = sniff_delimiter(line);
    let names = row(line, delimiter).unwrap_or_default();
    names.iter().any(|name| field_of(&String::from_utf8_lossy(name)) == Some("content"))
        || line.iter().filter(|byte| **byte == delimiter).count() >= 2
            && std::str::from_utf8(line).is_ok()
}

/// The field a column name stands for, as blog exports name their columns.
pub fn field_of(header: &str) -> Option<&'static str> {
    let name: String = header.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    Some(match name.as_str() {
        "id" | "commentid" => "id",
        "content" | "comment" | "text" | "body" | "message" | "commentcontent" | "commenttext" => {
            "content"
        }
        "author" | "name" | "commentauthor" | "authorname" | "username" | "user" => "author",
        "authoremail" | "email" | "commentauthoremail" | "mail" => "author_email",
        "authorurl" | "url" | "website" | "commentauthorurl" | "link" => "author_url",
        "userip" | "ip" | "commentauthorip" | "authorip" => "user_ip",
        "useragent" | "agent" | "commentagent" => "user_agent",
        "date" | "commentdate" | "commentdategmt" | "created" | "createdat" | "published" => "date",
        "context" | "title" | "posttitle" | "article" | "post" => "context",
        "contexttext" | "summary" | "excerpt" => "context_text",
        "label" | "class" | "spam" | "isspam" | "category" => "label",
        "commentapproved" | "approved" | "status" | "state" => "state",
        "parent" | "commentparent" | "parentid" => "parent",
        "page" | "permalink" | "posturl" => "page",
        "kind" | "commenttype" => "kind",
        "source" => "source",
        "lang" | "language" => "lang",
        "neardupgroup" | "group" => "near_dup_group",
        "thread" => "thread",
        _ => return None,
    })
}

/// The delimiter that stands most often in the first line.
pub fn sniff_delimiter(start: &[u8]) -> u8 {
    let line = start.split(|b| *b == b'\n').next().unwrap_or(start);
    let count = |delimiter: u8| line.iter().filter(|b| **b == delimiter).count();
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}
