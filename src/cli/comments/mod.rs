//! `siftwire comments`: check comments, take a blog's history in and out, train the filter, measure it.

mod batches;
mod check;
mod evaluate;
mod export;
mod format;
mod import;
mod input;
mod isso;
mod progress;
mod retrain;
mod site;
mod train;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

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
    /// Take a blog's comments into the moderation queue.
    Import(import::Args),
    /// Write what is kept of a site's comments, with what was decided.
    Export(export::Args),
    /// Train the filter on labelled comments.
    Train(train::Args),
    /// Measure a filter on labelled comments.
    Evaluate(evaluate::Args),
    /// Learn from the moderators' decisions: make a new model and use it if it is better.
    Retrain(retrain::Args),
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Import(args) => import::run(args, context).await,
        Command::Export(args) => export::run(args, context).await,
        Command::Retrain(args) => retrain::run(args, context).await,
        Command::Check(args) => {
            let data = context.config.data_dir.clone();
            compute(move || check::run(&args, &data)).await
        }
        Command::Train(args) => compute(move || train::run(&args)).await,
        Command::Evaluate(args) => compute(move || evaluate::run(&args)).await,
    }
}

/// Runs a long computation on files, with nothing to wait for, away from the threads that wait.
async fn compute(
    work: impl FnOnce() -> anyhow::Result<ExitCode> + Send + 'static,
) -> anyhow::Result<ExitCode> {
    tokio::task::spawn_blocking(work).await?
}

/// Folder of a model made by `siftwire comments retrain`, within the data folder.
pub(super) fn model_dir(data: &Path) -> PathBuf {
    data.join("models").join("comments")
}

/// The filter with the data folder's own model if there is one that can be used, else with the one that ships
/// with the program. It is needed until the process ends, so it is never freed.
pub(super) fn filter_of(data: &Path) -> &'static Filter {
    let folder = model_dir(data);
    if !folder.join(MODEL_FILE).exists() {
        return Filter::embedded();
    }
    filter(Some(&folder)).unwrap_or_else(|error| {
        tracing::warn!(error = %format!("{error:#}"), "the retrained comment model is not used");
        Filter::embedded()
    })
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
