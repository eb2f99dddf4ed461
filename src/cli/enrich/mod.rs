//! `siftwire enrich`: what happened to whom, in articles from standard input or in the whole store.

mod output;
mod store;

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use jiff::{Timestamp, civil, tz::TimeZone};
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Context,
    batch::{self, CliError, NumberedLine},
};
use crate::{
    desk::{ReadArticle, Reader, Stream, ToRead},
    domain::ArticleId,
};
use output::{Found, Line};

pub(super) use store::{catch_up, cores, desk};

/// Lines that are worked on at once, for each core.
const LINES_PER_CORE: usize = 32;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads JSON Lines {id, url, published, title, text} and writes one line for each, in the same order:
{id, language, attacks: [{tag, score, evidence}], main_attack, vendors, products, victims, actors,
malware, techniques, cves, indicators: [{type, value, role, reason}], countries, sectors,
duplicate_of, incident}. Names are {name, id, evidence, spans}; evidence is the sentence.

Examples:
  siftwire enrich articles.jsonl > tags.jsonl
  siftwire enrich --incidents < articles.jsonl | jq -r '[.incident, .id] | @tsv'
  siftwire enrich --all                       read the whole store again")]
pub(super) struct Args {
    /// Articles as JSON Lines; standard input if none is named.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Group the articles into incidents, named after the first article of each, and find copies. Reads all articles
    /// before it writes the first line.
    #[arg(long)]
    incidents: bool,
    /// Read all articles of the store again; the service may be running meanwhile.
    #[arg(long, conflicts_with_all = ["file", "incidents"])]
    all: bool,
}

/// An article of the input.
#[derive(Debug, Deserialize)]
struct Input {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    published: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    if args.all {
        return store::read_all_again(context).await;
    }
    let enricher = Arc::new(context.enricher()?.enricher);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let reader = Reader::new(enricher, cores)?;

    let stream = args.incidents.then(Vec::new);
    let mut work = Work { reader, chunk: LINES_PER_CORE * cores, stream, failed: 0 };
    let done =
        tokio::task::spawn_blocking(move || work.run(args.file.as_deref()).map(|()| work.failed))
            .await?;
    match done {
        Ok(0) => Ok(ExitCode::SUCCESS),
        Ok(failed) => {
            eprintln!("{failed} lines could not be read");
            Ok(ExitCode::FAILURE)
        }
        // The reader of our output has seen enough.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
    }
}

struct Work {
    reader: Reader,
    chunk: usize,
    /// Lines that wait for their incidents, if these are asked for.
    stream: Option<Vec<Waiting>>,
    failed: usize,
}

/// A line that waits for its incident.
struct Waiting {
    line: Line,
    read: Option<(Timestamp, ReadArticle)>,
}

impl Work {
    fn run(&mut self, file: Option<&Path>) -> anyhow::Result<()> {
        let mut lines = batch::open_list(file.filter(|file| *file != Path::new("-")))?;
        let bar = batch::progress_bar("articles");
        let mut out = BufWriter::new(io::stdout().lock());
        loop {
            let chunk = batch::read_lines(&mut lines, self.chunk)?;
            if chunk.is_empty() {
                break;
            }
            let answers: Vec<Waiting> =
                chunk.par_iter().map(|line| answer(&self.reader, line)).collect();
            bar.inc(answers.len() as u64);
            self.failed +=
                answers.iter().filter(|answer| matches!(answer.line, Line::Failed { .. })).count();
            match &mut self.stream {
                Some(waiting) => waiting.extend(answers),
                None => {
                    for answer in answers {
                        write(&mut out, &answer.line)?;
                    }
                    out.flush()?;
                }
            }
        }
        for waiting in self.stream.take().map(grouped).unwrap_or_default() {
            write(&mut out, &waiting.line)?;
        }
        out.flush()?;
        bar.finish_and_clear();
        Ok(())
    }
}

fn write(out: &mut impl Write, line: &Line) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n").context("cannot write to standard output")
}

fn answer(reader: &Reader, line: &NumberedLine) -> Waiting {
    match parse(line) {
        Ok(input) => found(reader, input),
        Err(error) => Waiting { line: Line::Failed { id: Value::Null, error }, read: None },
    }
}

fn parse(line: &NumberedLine) -> Result<Input, CliError> {
    let text = line.text.as_ref().map_err(Clone::clone)?;
    let bad = |what: &dyn std::fmt::Display| batch::bad_line(line.number, what);
    let input: Input = serde_json::from_str(text).map_err(|error| bad(&error))?;
    if input.title.is_none() && input.text.is_none() {
        return Err(bad(&"neither title nor text"));
    }
    Ok(input)
}

fn found(reader: &Reader, input: Input) -> Waiting {
    let published = input.published.as_deref().and_then(moment).unwrap_or(Timestamp::UNIX_EPOCH);
    let url = input.url.unwrap_or_default();
    let article = ToRead {
        source: crate::desk::source_of(&url),
        title: input.title.unwrap_or_default(),
        text: input.text.unwrap_or_default(),
        url,
        published,
    };
    let mut read = reader.read(&article);
    let enrichment = std::mem::take(&mut read.enrichment);
    let found = Found::new(input.id, &article.title, &article.text, enrichment);
    Waiting { line: Line::Found(Box::new(found)), read: Some((published, read)) }
}

/// A moment or a day.
fn moment(text: &str) -> Option<Timestamp> {
    let day = || {
        let date: civil::Date = text.get(..10)?.parse().ok()?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    text.trim().parse().ok().or_else(day)
}

/// Groups articles in order of publication, and gives them back in the order in which they came.
fn grouped(mut waiting: Vec<Waiting>) -> Vec<Waiting> {
    let id_of = |waiting: &[Waiting], at: ArticleId| match &waiting[at.0 as usize].line {
        Line::Found(found) => found.id.clone(),
        Line::Failed { .. } => Value::Null,
    };
    let mut order: Vec<(Timestamp, usize)> = waiting
        .iter()
        .enumerate()
        .filter_map(|(at, one)| Some((one.read.as_ref()?.0, at)))
        .collect();
    order.sort_unstable();
    let mut stream = Stream::default();
    for (published, at) in order {
        let Some((_, read)) = waiting[at].read.take() else { continue };
        let place = stream.add(ArticleId(at as i64), published, &read.signature);
        let incident = place.first.map(|first| id_of(&waiting, first));
        let duplicate_of = place.duplicate_of.map(|original| id_of(&waiting, original));
        if let Line::Found(found) = &mut waiting[at].line {
            found.incident = incident;
            found.duplicate_of = duplicate_of;
        }
    }
    waiting
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_days_are_understood() {
        let at = |text: &str| moment(text).map(|at| at.to_string());
        assert_eq!(at("2026-11-23T01:02:03Z").as_deref(), Some("2026-11-23T01:02:03Z"));
        assert_eq!(at("2026-11-23").as_deref(), Some("2026-11-23T00:00:00Z"));
        assert_eq!(at("2026-11-23 10:00").as_deref(), Some("2026-11-23T00:00:00Z"));
        assert_eq!(at("soon"), None);
    }
}
