use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use url::Url;

use super::{
    Context,
    batch::{self, BatchItem, CliError},
};
use crate::{
    domain::Extracted,
    extract::page::{self, PageLimits},
};

const EXAMPLES: &str = "\
Examples:
  siftwire extract page.html
  curl -s https://example.org/post | siftwire extract --url https://example.org/post -
  siftwire extract --batch pages.jsonl > articles.jsonl

A line of the list is {\"id\", \"url\", \"path\", \"content_type\"?}; the page may be gzipped. The answer is a line
each, in the same order: {\"id\", \"title\", \"authors\", \"published\", ...} or {\"id\", \"error\": {\"code\", \"message\"}}.";

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Address the page was fetched from; relative links are resolved against it.
    #[arg(long, value_name = "URL", conflicts_with = "batch")]
    url: Option<Url>,
    /// Content-Type header the page was served with.
    #[arg(long, value_name = "TYPE", conflicts_with = "batch")]
    content_type: Option<String>,
    /// Read a list of pages as JSON Lines, answer a line each.
    #[arg(long)]
    batch: bool,
    /// The page, or the list with --batch; standard input if absent or `-`.
    file: Option<PathBuf>,
}

/// Runs the command.
pub(super) async fn run(args: Args, _context: &Context) -> anyhow::Result<ExitCode> {
    tokio::task::spawn_blocking(move || run_blocking(&args)).await?
}

fn run_blocking(args: &Args) -> anyhow::Result<ExitCode> {
    if args.batch {
        batch::run(args.file.as_deref(), "pages", answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let path = args.file.as_deref().unwrap_or(Path::new("-"));
    let bytes = batch::read_input(path, max_bytes())?;
    let extracted = extract(&bytes, args.url.as_ref(), args.content_type.as_deref())?;
    batch::print_json(&extracted)?;
    Ok(ExitCode::SUCCESS)
}

fn answer(item: &BatchItem) -> Result<Extracted, CliError> {
    let url = item.base()?;
    let bytes = batch::read_input(&item.path, max_bytes())?;
    extract(&bytes, url.as_ref(), item.content_type.as_deref())
}

fn extract(
    bytes: &[u8],
    url: Option<&Url>,
    content_type: Option<&str>,
) -> Result<Extracted, CliError> {
    page::extract(bytes, url, content_type, &PageLimits::default())
        .map_err(|error| CliError::new(error.code(), error.to_string()))
}

fn max_bytes() -> u64 {
    PageLimits::default().bytes as u64
}
