use std::{
    io::{BufWriter, ErrorKind, Write},
    path::PathBuf,
    process::ExitCode,
};

use serde::Serialize;

use super::{input, progress};
use crate::spam::{CommentInput, Filter, Verdict};

/// Arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Comments to check, JSON Lines or CSV; standard input if none is named.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder of the model; the one that ships with siftwire if not given.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// How the comments are written; guessed if not given.
    #[arg(long, value_enum)]
    format: Option<input::Format>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

/// Checks every comment and writes a verdict for each, in order. Fails if a line could not be read.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let filter = super::filter(args.model.as_deref())?;
    if !filter.has_model() {
        eprintln!("warning: no model could be loaded, rules alone decide");
    }
    let bar = progress::counter("comments checked");
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut bad_lines = 0;
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard_input[..] } else { &args.files };
    for file in files {
        let result = input::read::<CommentInput>(file, args.format, |line, comment| {
            match comment {
                Ok(comment) => write_verdict(&mut out, filter, &comment)?,
                Err(reason) => {
                    bad_lines += 1;
                    bar.suspend(|| eprintln!("{}: line {line}: {reason}", file.display()));
                }
            }
            bar.inc(1);
            Ok(())
        });
        match result {
            // The reader of our output has seen enough.
            Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
            other => other?,
        }
    }
    out.flush()?;
    bar.finish_and_clear();
    Ok(if bad_lines == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_verdict(
    out: &mut impl Write,
    filter: &Filter,
    comment: &CommentInput,
) -> anyhow::Result<()> {
    let verdict = filter.check(comment);
    serde_json::to_writer(&mut *out, &Line { id: &comment.id, verdict: &verdict })?;
    out.write_all(b"\n")?;
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(ErrorKind::BrokenPipe)
    })
}
