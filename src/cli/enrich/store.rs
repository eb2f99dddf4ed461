//! The desk on the command line.

use std::{io::IsTerminal as _, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{Context, search::open_caught_up, serve::stop_on_signal},
    desk::Desk,
    store::{DeskProgress, Store},
};

/// How often the progress line is drawn while nothing else happens.
const TICK: Duration = Duration::from_millis(200);

/// Reads the whole store again.
pub(super) async fn read_all_again(context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store().await?;
    let cancel = CancellationToken::new();
    tokio::spawn(stop_on_signal(cancel.clone()));
    let desk = desk(context, store.clone(), cores()).await?;
    let waiting = store.read_all_again().await?;
    eprintln!(
        "{waiting} articles are read again; stop at any time, and go on by running this again or the service"
    );
    let read = catch_up(desk, &store, &cancel).await?;
    open_caught_up(context).await?;
    eprintln!("{read} articles read");
    Ok(if cancel.is_cancelled() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A desk with the recognisers of the settings.
pub(in crate::cli) async fn desk(
    context: &Context,
    store: Arc<dyn Store>,
    threads: usize,
) -> anyhow::Result<Desk> {
    let recognisers = context.enricher()?;
    let enricher = Arc::new(recognisers.enricher);
    Ok(Desk::start(store, enricher, &recognisers.fingerprint, threads).await?)
}

/// Reads what waits, with a line of progress.
pub(in crate::cli) async fn catch_up(
    mut desk: Desk,
    store: &Arc<dyn Store>,
    cancel: &CancellationToken,
) -> anyhow::Result<u64> {
    let before = store.desk_progress().await?;
    let bar = progress_bar(before.unread + before.outdated);
    let read = desk.catch_up(cancel, |now: DeskProgress| {
        let left = now.unread + now.outdated;
        bar.set_position(bar.length().unwrap_or(left).saturating_sub(left));
    });
    let read = read.await.context("the articles could not be read")?;
    bar.finish_and_clear();
    Ok(read)
}

/// Threads for a command that does nothing else.
pub(in crate::cli) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Drawn on a terminal only.
fn progress_bar(articles: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(
        "reading {bar:30} {human_pos} of {human_len}, {per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(articles);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(TICK);
    bar
}
