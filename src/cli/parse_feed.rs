use std::{path::PathBuf, process::ExitCode};

use url::Url;

use super::{
    Context,
    batch::{self, BatchItem, CliError},
};
use crate::{
    domain::ParsedFeed,
    extract::feed::{self, FeedLimits},
};

const EXAMPLES: &str = "\
Examples:
  siftwire parse-feed feed.xml
  curl -s https://example.org/feed | siftwire parse-feed --url https://example.org/feed -
  siftwire parse-feed --batch list.jsonl > feeds.jsonl
      list.jsonl has a line per feed: {\"id\": 1, \"url\": \"https://example.org/feed\", \"path\": \"1.xml.gz\"}

Broken feeds are mended as far as possible; \"repairs\" says how. Gzipped files are unpacked.
Exit codes: 0 done (in a batch, errors stand in the lines), 1 not a feed or not readable, 2 wrong usage.";

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The feed, or with --batch the list; `-` is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// Where the feed came from; relative links count from here.
    #[arg(long, value_name = "URL", conflicts_with = "batch")]
    url: Option<Url>,
    /// The HTTP header of that name, for its charset.
    #[arg(long, value_name = "TYPE", conflicts_with = "batch")]
    content_type: Option<String>,
    /// Read many: JSON lines `{id, url, path, content_type}` in, a JSON line each out, in order.
    #[arg(long)]
    batch: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let limits = FeedLimits {
        max_bytes: usize::try_from(context.config.crawl.max_feed_bytes).unwrap_or(usize::MAX),
        max_entries: context.config.crawl.max_entries as usize,
        ..FeedLimits::default()
    };
    if args.batch {
        batch::run(Some(&args.file), "feeds", |item| parse_item(item, &limits))?;
        return Ok(ExitCode::SUCCESS);
    }
    let bytes = batch::read_input(&args.file, limits.max_bytes as u64)?;
    let feed = feed::parse(&bytes, args.url.as_ref(), args.content_type.as_deref(), &limits)?;
    batch::print_json(&feed)?;
    Ok(ExitCode::SUCCESS)
}

fn parse_item(item: &BatchItem, limits: &FeedLimits) -> Result<ParsedFeed, CliError> {
    let base = item.base()?;
    let bytes = batch::read_input(&item.path, limits.max_bytes as u64)?;
    feed::parse(&bytes, base.as_ref(), item.content_type.as_deref(), limits)
        .map_err(|error| CliError::new(error.code(), error.to_string()))
}
