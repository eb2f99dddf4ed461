//! What `parse-feed --batch` and `extract --batch` share: JSON Lines in, a JSON line each out, in input order,
//! on all cores, with bounded memory.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use url::Url;

/// Lines that are worked on at once, for each core.
const LINES_PER_CORE: usize = 16;
/// Longest line of the list, in bytes.
const MAX_LINE: u64 = 1 << 20;
/// Stack of a worker: html5ever drops deep trees recursively.
const WORKER_STACK: usize = 16 << 20;
const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];

/// One line of the list: what to read and how it was served.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct BatchItem {
    /// Given back as it came: text or number.
    #[serde(default)]
    pub id: serde_json::Value,
    /// Where the bytes came from; relative links are resolved against it.
    #[serde(default)]
    pub url: Option<String>,
    /// File with the bytes, as served or gzipped.
    pub path: PathBuf,
    /// The HTTP header of that name.
    #[serde(default)]
    pub content_type: Option<String>,
}

impl BatchItem {
    /// The address as a [`Url`]; an empty one counts as none.
    pub fn base(&self) -> Result<Option<Url>, CliError> {
        let Some(url) = self.url.as_deref().filter(|url| !url.trim().is_empty()) else {
            return Ok(None);
        };
        Url::parse(url.trim()).map(Some).map_err(|error| {
            CliError::new("bad-url", format!("{url:?} is not an absolute address: {error}"))
        })
    }
}

/// Why one input could not be read: a stable code and one plain sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub(super) struct CliError {
    pub code: &'static str,
    pub message: String,
}

impl CliError {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Line<T> {
    Done {
        id: serde_json::Value,
        #[serde(flatten)]
        result: T,
    },
    Failed {
        id: serde_json::Value,
        error: CliError,
    },
}

/// Runs `work` on every line of `list` (a file, or `-`/`None` for standard input) and prints a line each.
///
/// A bad line, an unreadable file or a panic in `work` becomes `{id, error: {code, message}}`; the others go on.
pub(super) fn run<T, F>(list: Option<&Path>, noun: &str, work: F) -> anyhow::Result<()>
where
    T: Serialize,
    F: Fn(&BatchItem) -> Result<T, CliError> + Sync,
{
    let list = list.filter(|path| *path != Path::new("-"));
    let mut lines = open_list(list)?;
    let folder = list.and_then(Path::parent);
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(WORKER_STACK)
        .build()
        .context("cannot start worker threads")?;
    let progress = progress_bar(noun);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut totals = Totals::default();
    loop {
        let chunk = read_lines(&mut lines, LINES_PER_CORE * pool.current_num_threads())?;
        if chunk.is_empty() {
            break;
        }
        let answers: Vec<Answer> =
            pool.install(|| chunk.par_iter().map(|line| answer(line, folder, &work)).collect());
        for answer in answers {
            totals.add(&answer);
            match out.write_all(answer.json.as_bytes()).and_then(|()| out.write_all(b"\n")) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                written => written.context("cannot write to standard output")?,
            }
            progress.inc(1);
        }
        out.flush().or_else(ignore_closed_pipe).context("cannot write to standard output")?;
    }
    progress.finish_and_clear();
    if totals.failed > 0 {
        eprintln!("{} of {} {noun} could not be read", totals.failed, totals.all);
    }
    Ok(())
}

#[derive(Default)]
struct Totals {
    all: usize,
    failed: usize,
}

impl Totals {
    fn add(&mut self, answer: &Answer) {
        self.all += 1;
        self.failed += usize::from(answer.failed);
    }
}

struct Answer {
    json: String,
    failed: bool,
}

/// A line of the list with its number, counted from 1.
pub(super) struct NumberedLine {
    pub number: usize,
    pub text: Result<String, CliError>,
}

pub(super) fn open_list(list: Option<&Path>) -> anyhow::Result<Lines> {
    let input: Box<dyn BufRead> = match list {
        Some(path) => Box::new(BufReader::new(
            File::open(path).with_context(|| format!("cannot open the list {}", path.display()))?,
        )),
        None => Box::new(BufReader::new(io::stdin())),
    };
    Ok(Lines { input, number: 0 })
}

pub(super) struct Lines {
    input: Box<dyn BufRead>,
    number: usize,
}

/// The next lines, blank ones left out; none at the end.
pub(super) fn read_lines(lines: &mut Lines, count: usize) -> anyhow::Result<Vec<NumberedLine>> {
    let mut chunk = Vec::with_capacity(count);
    while chunk.len() < count {
        let mut bytes = Vec::new();
        let read = (&mut lines.input).take(MAX_LINE).read_until(b'\n', &mut bytes);
        if read.context("cannot read the list")? == 0 {
            break;
        }
        lines.number += 1;
        let whole = bytes.len() < MAX_LINE as usize || bytes.ends_with(b"\n");
        if !whole {
            skip_line(&mut lines.input).context("cannot read the list")?;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) if whole => Ok(text),
            Ok(_) => Err(bad_line(lines.number, "longer than 1 MiB")),
            Err(_) => Err(bad_line(lines.number, "not UTF-8")),
        };
        chunk.push(NumberedLine { number: lines.number, text });
    }
    Ok(chunk)
}

fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = memchr::memchr(b'\n', buffer);
        let length = end.map_or(buffer.len(), |at| at + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

pub(super) fn bad_line(number: usize, what: impl std::fmt::Display) -> CliError {
    CliError::new("bad-line", format!("line {number} of the list: {what}"))
}

fn answer<T, F>(line: &NumberedLine, folder: Option<&Path>, work: &F) -> Answer
where
    T: Serialize,
    F: Fn(&BatchItem) -> Result<T, CliError> + Sync,
{
    let mut id = serde_json::Value::Null;
    let result = parse_line(line).and_then(|mut item| {
        id = item.id.clone();
        item.path = located(item.path, folder);
        guarded(|| work(&item))
    });
    let failed = result.is_err();
    let output = match result {
        Ok(result) => Line::Done { id: id.clone(), result },
        Err(error) => Line::Failed { id: id.clone(), error },
    };
    match serde_json::to_string(&output) {
        Ok(json) => Answer { json, failed },
        Err(error) => Answer {
            json: serde_json::json!({
                "id": id,
                "error": CliError::new("internal", format!("the result cannot be written: {error}")),
            })
            .to_string(),
            failed: true,
        },
    }
}

fn parse_line(line: &NumberedLine) -> Result<BatchItem, CliError> {
    let text = line.text.as_ref().map_err(Clone::clone)?;
    serde_json::from_str(text).map_err(|error| bad_line(line.number, error))
}

/// A relative path counts from the working folder, or else from the folder of the list.
fn located(path: PathBuf, folder: Option<&Path>) -> PathBuf {
    match folder.map(|folder| folder.join(&path)) {
        Some(beside) if !path.exists() && beside.exists() => beside,
        _ => path,
    }
}

/// Keeps a panic in one input from ending the others.
fn guarded<T>(work: impl FnOnce() -> Result<T, CliError>) -> Result<T, CliError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(CliError::new("internal", "the program failed on this input; please report it"))
    })
}

pub(super) fn progress_bar(noun: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} {msg}, {per_sec}") {
        bar.set_style(style);
    }
    bar.set_message(noun.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn ignore_closed_pipe(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

/// Prints `value` as one JSON document; a reader that has left (`| head`) is no error.
pub(super) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let json = serde_json::to_string_pretty(value).context("the result cannot be written")?;
    writeln!(out, "{json}")
        .and_then(|()| out.flush())
        .or_else(ignore_closed_pipe)
        .context("cannot write to standard output")
}

/// Reads a file, or standard input for `-`, decompressing gzip, up to `max_bytes` after decompression.
pub(super) fn read_input(path: &Path, max_bytes: u64) -> Result<Vec<u8>, CliError> {
    let standard_input = path == Path::new("-");
    let name =
        if standard_input { "standard input".to_owned() } else { path.display().to_string() };
    let unreadable =
        |error: io::Error| CliError::new("unreadable", format!("cannot read {name}: {error}"));
    let mut input: Box<dyn BufRead> = if standard_input {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(path).map_err(unreadable)?))
    };
    let gzipped = input.fill_buf().map_err(unreadable)?.starts_with(&GZIP_MAGIC);
    let mut reader: Box<dyn Read> = if gzipped {
        Box::new(flate2::bufread::MultiGzDecoder::new(input))
    } else {
        Box::new(input)
    };
    let mut bytes = Vec::new();
    reader.by_ref().take(max_bytes + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > max_bytes {
        let message = format!("{name} is larger than the limit of {max_bytes} bytes");
        return Err(CliError::new("body-too-large", message));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Length {
        length: usize,
    }

    fn run_line(text: &str) -> serde_json::Value {
        let line = NumberedLine { number: 3, text: Ok(text.to_owned()) };
        let answer = answer(&line, None, &|item: &BatchItem| {
            assert!(item.path != Path::new("panic"), "asked for");
            item.base()?;
            Ok(Length { length: item.path.as_os_str().len() })
        });
        serde_json::from_str(&answer.json).expect("an answer is JSON")
    }

    #[test]
    fn an_answer_carries_its_id() {
        assert_eq!(run_line(r#"{"id":"a","path":"xy"}"#), serde_json::json!({"id":"a","length":2}));
        assert_eq!(run_line(r#"{"id":7,"path":""}"#), serde_json::json!({"id":7,"length":0}));
    }

    #[test]
    fn what_fails_is_told_in_place() {
        for (line, code) in [
            ("{", "bad-line"),
            (r#"{"id":1}"#, "bad-line"),
            (r#"{"id":1,"path":"x","url":"/relative"}"#, "bad-url"),
            (r#"{"id":1,"path":"panic"}"#, "internal"),
        ] {
            assert_eq!(run_line(line)["error"]["code"], code, "{line}");
        }
    }

    #[test]
    fn long_and_blank_lines_are_survived() {
        let mut text = vec![b'x'; MAX_LINE as usize + 10];
        text.extend_from_slice(b"\n\n{\"path\":\"a\"}");
        let mut lines = Lines { input: Box::new(io::Cursor::new(text)), number: 0 };
        let chunk = read_lines(&mut lines, 8).expect("readable");
        assert_eq!(chunk.len(), 2);
        assert!(chunk[0].text.is_err() && chunk[1].text.is_ok());
        assert_eq!(chunk[1].number, 3);
    }

    #[test]
    fn gzip_is_unpacked_up_to_the_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.gz");
        let file = File::create(&path).expect("a file");
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        encoder
            .write_all(&[b'a'; 5000])
            .and_then(|()| encoder.finish().map(drop))
            .expect("written");
        assert_eq!(read_input(&path, 5000).expect("readable").len(), 5000);
        assert_eq!(read_input(&path, 4999).expect_err("too large").code, "body-too-large");
        assert_eq!(
            read_input(Path::new("/nonexistent"), 1).expect_err("missing").code,
            "unreadable"
        );
    }
}
