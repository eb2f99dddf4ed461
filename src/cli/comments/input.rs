//! Labelled comments from JSON Lines and CSV files, line by line; a bad line is reported and does not stop the rest.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::exchange::{field_of, sniff_delimiter};

/// How the comments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Jsonl,
    Csv,
}

/// A record longer than this is refused: no comment needs it.
const MAX_LINE: usize = 16 << 20;

/// Reads every record of `path` (`-` is standard input). `each` gets the record's line number, from 1, and the
/// record or what is wrong with it; an error from `each` ends the reading.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    each: impl FnMut(u64, Result<T, String>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).with_context(|| format!("cannot open {}", path.display()))?)
    };
    let mut source = BufReader::with_capacity(1 << 16, source);
    let result = match guess(path, &mut source)? {
        Format::Jsonl => read_jsonl(source, each),
        Format::Csv => read_csv(source, each),
    };
    result.with_context(|| format!("cannot read {}", path.display()))
}

/// By the file's name, else by its first byte: JSON Lines start with a brace.
fn guess(path: &Path, source: &mut impl BufRead) -> anyhow::Result<Format> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("csv" | "tsv") => return Ok(Format::Csv),
        Some("jsonl" | "ndjson" | "json") => return Ok(Format::Jsonl),
        _ => {}
    }
    let start = source.fill_buf()?;
    let first = start.iter().find(|b| !b.is_ascii_whitespace() && **b < 0x80);
    Ok(if first.is_none_or(|b| *b == b'{') { Format::Jsonl } else { Format::Csv })
}

fn read_jsonl<T: DeserializeOwned>(
    mut source: impl BufRead,
    mut each: impl FnMut(u64, Result<T, String>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = source.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        if line.len() > MAX_LINE {
            source.skip_until(b'\n')?;
            each(number, Err(format!("line longer than {} MiB", MAX_LINE >> 20)))?;
            continue;
        }
        // Comments come in every encoding there is; broken bytes are no reason to leave one unread.
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_start_matches('\u{FEFF}').trim();
        if text.is_empty() {
            continue;
        }
        each(number, serde_json::from_str(text).map_err(|e| e.to_string()))?;
    }
}

fn read_csv<T: DeserializeOwned>(
    mut source: impl BufRead,
    mut each: impl FnMut(u64, Result<T, String>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let delimiter = sniff_delimiter(source.fill_buf()?);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(source);
    let columns: Vec<Option<&'static str>> =
        reader.byte_headers()?.iter().map(|h| field_of(&String::from_utf8_lossy(h))).collect();
    if !columns.contains(&Some("content")) {
        anyhow::bail!("no column holds the comment: name one \"content\", \"comment\" or \"text\"");
    }
    let mut record = csv::ByteRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => each(line, to_comment(&columns, &record))?,
            Err(error) if error.is_io_error() => return Err(error.into()),
            Err(error) => each(line, Err(error.to_string()))?,
        }
    }
}

fn to_comment<T: DeserializeOwned>(
    columns: &[Option<&'static str>],
    record: &csv::ByteRecord,
) -> Result<T, String> {
    let mut object = Map::new();
    for (column, value) in columns.iter().zip(record) {
        if let Some(field) = column {
            let value = String::from_utf8_lossy(value).into_owned();
            object.insert((*field).to_owned(), Value::String(value));
        }
    }
    if !object.contains_key("content") {
        return Err("the row is too short: it has no comment".into());
    }
    if let Some(Value::String(label)) = object.get_mut("label") {
        *label = label_of(label).to_owned();
    }
    serde_json::from_value(Value::Object(object)).map_err(|e| e.to_string())
}

fn label_of(written: &str) -> &str {
    match written.trim().to_lowercase().as_str() {
        "spam" | "1" | "true" | "yes" => "spam",
        "ham" | "0" | "false" | "no" | "approved" | "genuine" => "ham",
        _ => "unknown",
    }
}

/// The files named, or the `.jsonl` and `.csv` files of folders named, in order of their names.
pub(super) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let folder = std::fs::read_dir(path)
            .with_context(|| format!("cannot open the folder {}", path.display()))?;
        let mut inside: Vec<PathBuf> = folder.filter_map(|f| Some(f.ok()?.path())).collect();
        inside.retain(|f| f.extension().is_some_and(|e| e == "jsonl" || e == "csv"));
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spam::CommentInput;

    fn csv(text: &str) -> Vec<Result<CommentInput, String>> {
        let mut all = Vec::new();
        read_csv(text.as_bytes(), |_, comment| {
            all.push(comment);
            Ok(())
        })
        .unwrap();
        all
    }

    #[test]
    fn csv_columns_are_mapped_and_the_delimiter_is_sniffed() {
        let comments = csv("comment_ID;comment_author;comment_content\n1;Ann;\"nice; really\"\n");
        let comment = comments[0].as_ref().unwrap();
        assert_eq!((comment.id.as_str(), comment.author.as_str()), ("1", "Ann"));
        assert_eq!(comment.content, "nice; really");
    }

    #[test]
    fn a_short_row_does_not_stop_the_rest() {
        let comments = csv("id,content\n1\n2,hello\n");
        assert!(comments[0].is_err());
        assert_eq!(comments[1].as_ref().unwrap().content, "hello");
    }

    #[test]
    fn bad_json_lines_keep_their_number() {
        let mut bad = Vec::new();
        let text: &[u8] = b"{\"content\":\"a\"}\n{oops\n\n{\"content\":\"\xff\"}\n";
        let mut good = 0;
        read_jsonl(text, |line, comment: Result<CommentInput, String>| {
            match comment {
                Ok(_) => good += 1,
                Err(_) => bad.push(line),
            }
            Ok(())
        })
        .unwrap();
        assert_eq!((good, bad), (2, vec![2]));
    }
}
