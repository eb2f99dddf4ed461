//! `sources backfill`: history by sitemaps.

use std::process::ExitCode;

use jiff::{Timestamp, tz::TimeZone};

use super::{BackfillArgs, named, words::counted};
use crate::{
    config::CrawlConfig,
    crawl::{
        backfill::{Bounds, history},
        client::Client,
    },
    store::{FetchReport, Store},
};

/// Runs the command: finds the pages and leaves them to the crawler.
pub(super) async fn run(
    store: &dyn Store,
    args: BackfillArgs,
    config: &CrawlConfig,
) -> anyhow::Result<ExitCode> {
    let source = named(store, &args.source).await?;
    let since = args.since.map(|day| day.to_zoned(TimeZone::UTC)).transpose()?;
    let bounds = Bounds { since: since.map(|day| day.timestamp()), max: args.max as usize };
    let client = Client::new(config)?;
    let now = Timestamp::now();
    let history = history(&client, config, &source, bounds, now).await?;
    for note in &history.notes {
        eprintln!("{note}");
    }
    let found = history.entries.len();
    let report = FetchReport {
        source_id: source.id,
        health: source.health.clone(),
        moved_to: None,
        disable: false,
        title: None,
        site_url: None,
        language: None,
        entries: history.entries,
    };
    let written = store.record_fetches(&[report], now).await?;
    let new = written.first().map_or(0, |written| written.new);
    crate::cli::print(&format!(
        "{} in {}, {new} of them new; fetch them with `siftwire crawl --once`\n",
        counted(found, "page", "pages"),
        counted(history.sitemaps, "sitemap", "sitemaps"),
    ))?;
    Ok(ExitCode::SUCCESS)
}
