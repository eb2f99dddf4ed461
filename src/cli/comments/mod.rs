//! `siftwire comments`: check comments, train the filter, measure it.

mod check;
mod evaluate;
mod format;
mod input;
mod isso;
mod progress;
mod train;

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;

use super::Context;
use crate::spam::{Filter, MODEL_FILE};

/// Arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say of each comment whether it is ham, unsure or spam, and why.
    Check(check::Args),
    /// Train the filter on labelled comments.
    Train(train::Args),
    /// Measure a filter on labelled comments.
    Evaluate(evaluate::Args),
}

/// Runs the command.
pub(super) async fn run(args: Args, _context: &Context) -> anyhow::Result<ExitCode> {
    // All three are long computations on files, with nothing to wait for.
    tokio::task::spawn_blocking(move || match args.command {
        Command::Check(args) => check::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
    })
    .await?
}

/// The filter with the model in a folder, or the one that ships with the program. It is needed until the
/// command ends, so it is never freed.
fn filter(model: Option<&Path>) -> anyhow::Result<&'static Filter> {
    let Some(folder) = model else { return Ok(Filter::embedded()) };
    let file = folder.join(MODEL_FILE);
    let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let loaded = Filter::from_bytes(&bytes)
        .with_context(|| format!("cannot use the model in {}", folder.display()))?;
    Ok(Box::leak(Box::new(loaded)))
}
