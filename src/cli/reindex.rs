use std::{io::IsTerminal as _, process::ExitCode, time::Duration};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use super::Context;
use crate::search::{self, FollowerOptions, SearchIndex};

/// How often the progress line is drawn while nothing else happens.
const TICK: Duration = Duration::from_millis(200);

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The index holds nothing that the store does not: it may be deleted at any time and is built again.
While it is rebuilt, other processes go on searching the old one. Stop siftwire serve first, which
writes the index itself.")]
pub(super) struct Args {}

/// Runs the command.
pub(super) async fn run(_args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store().await?;
    let articles = store.counts().await?.articles;
    let index = SearchIndex::open(&context.index_dir()).context("cannot open the search index")?;
    let options = FollowerOptions {
        writer_memory_bytes: (context.config.search.writer_memory_mb as usize) << 20,
        ..FollowerOptions::default()
    };
    let bar = progress_bar(articles);
    let built = search::reindex(store, &index, options, |done| bar.set_position(done)).await;
    bar.finish_and_clear();
    let built = built.context("cannot rebuild the search index; the old one is still in use")?;
    eprintln!("{built} articles indexed");
    Ok(ExitCode::SUCCESS)
}

/// Drawn on a terminal only.
fn progress_bar(articles: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(
        "indexing {bar:30} {human_pos} of {human_len}, {per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(articles);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(TICK);
    bar
}
