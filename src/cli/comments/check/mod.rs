//! `siftwire comments check`.

mod copy;
mod isso;
mod report;

use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use indicatif::ProgressBar;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::Serialize;

pub(super) use self::report::{count, printable};
use self::{copy::Copy, report::Report};
use super::{format::Format, progress};
use crate::{
    cli::WRONG_USAGE,
    exchange::{self, Damage, FileComment, Part, ReadError, Reader, State},
    spam::{Filter, Verdict, memory::fingerprint, normalise::View},
};

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire comments check export.xml                          a verdict for each comment, as JSON Lines
  siftwire comments check --report export.xml                 what stands out, for people
  siftwire comments check --report --write sifted.xml export.xml
                                                              the same export with decisions, to import again
  jq -c . comments.jsonl | siftwire comments check | jq -c 'select(.verdict != \"ham\")'")]
pub(super) struct Args {
    /// Comments to check: an export of WordPress, Disqus, Blogger, Isso or Remark42, JSON Lines or CSV, with gzip or
    /// without; standard input if none is named.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder of the model; the data folder's own, or else the one that ships with siftwire, if not given.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// How the comments are written; found from the first bytes if not given.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write a summary for people instead of JSON Lines.
    #[arg(long)]
    report: bool,
    /// Write the file again, in its own format and otherwise as it was, with the decisions.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// With --write: leave comments alone that the file says are published or spam.
    #[arg(long, requires = "write")]
    waiting_only: bool,
}

/// Checks every comment and writes a verdict for each, in order. Fails if a comment could not be read.
pub(super) fn run(args: &Args, data: &Path) -> anyhow::Result<ExitCode> {
    if let Some(problem) = wrong_usage(args) {
        eprintln!("error: {problem}");
        return Ok(WRONG_USAGE.into());
    }
    let filter = match &args.model {
        Some(folder) => super::filter(Some(folder))?,
        None => super::filter_of(data),
    };
    if !filter.has_model() {
        eprintln!("warning: no model could be loaded, rules alone decide");
    }
    let mut session = Session::new(filter, args);
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard_input[..] } else { &args.files };
    for file in files {
        match session.file(file, args) {
            // The reader of our output has seen enough.
            Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
            other => other?,
        }
    }
    session.finish()
}

fn wrong_usage(args: &Args) -> Option<&'static str> {
    let copy = args.write.as_deref()?;
    if args.files.len() > 1 {
        return Some("--write takes one file at a time");
    }
    if copy == Path::new("-") {
        return Some("--write needs a file: standard output has the verdicts");
    }
    let same = |file: &PathBuf| {
        let real = |path: &Path| path.canonicalize().ok();
        real(file).is_some() && real(file) == real(copy)
    };
    args.files
        .first()
        .is_some_and(same)
        .then_some("--write needs a file other than the one that is read")
}

/// Comments judged at once, on all cores.
const BATCH: usize = 1024;
/// Bytes judged at once, so that large comments do not fill the memory.
const BATCH_BYTES: usize = 8 << 20;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

/// One run over all files.
struct Session {
    judge: Judge,
    out: BufWriter<io::StdoutLock<'static>>,
    report: Option<Report>,
    waiting_only: bool,
    bar: ProgressBar,
    comments: u64,
    damaged: u64,
}

/// Checks comments on any core.
#[derive(Clone, Copy)]
struct Judge {
    filter: &'static Filter,
    /// Whether campaigns are wanted too.
    campaigns: bool,
}

impl Judge {
    fn check(self, comment: &FileComment) -> Judged {
        let campaign = || {
            let mut view = View::default();
            view.read(&comment.input.content);
            fingerprint(&view.text)
        };
        Judged {
            verdict: self.filter.check(&comment.input),
            campaign: self.campaigns.then(campaign).flatten(),
        }
    }
}

/// A verdict and, where the report wants it, what makes copies of a comment the same.
struct Judged {
    verdict: Verdict,
    campaign: Option<u64>,
}

impl Session {
    fn new(filter: &'static Filter, args: &Args) -> Self {
        Self {
            judge: Judge { filter, campaigns: args.report },
            out: BufWriter::new(io::stdout().lock()),
            report: args.report.then(Report::default),
            waiting_only: args.waiting_only,
            bar: progress::counter("comments checked"),
            comments: 0,
            damaged: 0,
        }
    }

    fn file(&mut self, path: &Path, args: &Args) -> anyhow::Result<()> {
        let comments = self.comments;
        let copy = args.write.as_deref();
        match open(path, args.format)? {
            Source::Stream(reader) => {
                let copy = copy.map(|to| Copy::create(to, reader.compressed())).transpose()?;
                self.stream(path, reader, copy)?;
            }
            Source::Isso => isso::check(self, path, copy)?,
        }
        if self.comments == comments {
            eprintln!("{}: no comment in it", path.display());
        }
        Ok(())
    }

    fn stream(
        &mut self,
        path: &Path,
        reader: Reader,
        mut copy: Option<Copy>,
    ) -> anyhow::Result<()> {
        if let Some(report) = &mut self.report {
            report.begin(path, reader.format());
        }
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut result = Ok(());
        for part in reader {
            match part {
                Ok(part) => {
                    bytes += part.raw().len();
                    batch.push(part);
                }
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
            if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                self.batch(path, &batch, copy.as_mut())?;
                batch.clear();
                bytes = 0;
            }
        }
        self.batch(path, &batch, copy.as_mut())?;
        self.out.flush()?;
        result.with_context(|| {
            let seen = self.comments;
            format!(
                "cannot read {} beyond its comment {seen}; is the file cut off?",
                path.display()
            )
        })?;
        copy.map_or(Ok(()), Copy::finish)
    }

    fn batch(
        &mut self,
        path: &Path,
        batch: &[Part],
        mut copy: Option<&mut Copy>,
    ) -> anyhow::Result<()> {
        let judge = self.judge;
        let judged: Vec<Option<Judged>> = batch
            .par_iter()
            .map(|part| match part {
                Part::Comment(record) => Some(judge.check(&record.comment)),
                Part::Verbatim(_) | Part::Damaged(_) => None,
            })
            .collect();
        for (part, judged) in batch.iter().zip(judged) {
            if let Part::Damaged(damage) = part {
                self.damage(path, damage);
            }
            let (Part::Comment(record), Some(judged)) = (part, judged) else {
                copy.as_mut().map_or(Ok(()), |copy| copy.write(part.raw()))?;
                continue;
            };
            self.comment(&record.comment, &judged)?;
            if let Some(copy) = &mut copy {
                if self.is_decided(record.comment.state) {
                    copy.write(record.raw())?;
                } else {
                    copy.write(&record.decided(&judged.verdict))?;
                }
            }
        }
        Ok(())
    }

    /// Whether what the file says is to be left as it is.
    fn is_decided(&self, state: State) -> bool {
        self.waiting_only && matches!(state, State::Published | State::Spam)
    }

    /// Takes the verdict on one comment.
    fn comment(&mut self, comment: &FileComment, judged: &Judged) -> anyhow::Result<()> {
        self.comments += 1;
        self.bar.inc(1);
        if let Some(report) = &mut self.report {
            report.add(comment, &judged.verdict, judged.campaign);
            return Ok(());
        }
        let line = Line { id: &comment.input.id, verdict: &judged.verdict };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn damage(&mut self, path: &Path, damage: &Damage) {
        self.damaged += 1;
        let message = format!("{}: {}: {}", path.display(), damage.place, damage.reason);
        self.bar.suspend(|| eprintln!("{}", printable(&message)));
    }

    fn finish(mut self) -> anyhow::Result<ExitCode> {
        self.bar.finish_and_clear();
        if let Some(report) = &self.report {
            write!(self.out, "{report}")?;
        }
        self.out.flush()?;
        if self.damaged == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("could not be read and left out: {}", count(self.damaged, "comment"));
        Ok(ExitCode::FAILURE)
    }
}

/// What a name leads to.
pub(super) enum Source {
    Stream(Reader),
    /// A database, read through the store.
    Isso,
}

/// Opens a comment file; `-` is standard input.
pub(super) fn open(path: &Path, format: Option<Format>) -> anyhow::Result<Source> {
    let is_stream = path == Path::new("-");
    let source: Box<dyn Read + Send> = if is_stream {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).with_context(|| format!("cannot open {}", path.display()))?)
    };
    match exchange::open(source, format.map(Into::into)) {
        Ok(reader) => Ok(Source::Stream(reader)),
        Err(ReadError::Database) if !is_stream => Ok(Source::Isso),
        // Nothing to check is no failure in a pipeline.
        Err(ReadError::Empty) if is_stream => {
            Ok(Source::Stream(exchange::open(io::empty(), Some(exchange::Format::Jsonl))?))
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(ErrorKind::BrokenPipe)
    })
}
