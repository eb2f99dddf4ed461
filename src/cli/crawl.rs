//! `siftwire crawl`: fetch sources that are due, or the addresses given.

mod progress;
mod table;

use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Context;
use crate::{
    config::CrawlConfig,
    crawl::{Crawler, SourceSummary, Summary},
    domain::{NewSource, Source, SourceEdit, SourceId},
    store::Store,
};

/// Exit code of a command that the user stopped (128 + SIGINT), as shells expect.
const INTERRUPTED: u8 = 130;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  siftwire crawl --once                       fetch what is due, then stop
  siftwire crawl https://blog.example.org/    watch this blog and fetch it now
  siftwire crawl                              keep crawling until Ctrl-C
  siftwire crawl --once --allow-private http://127.0.0.1:8080/feed.xml")]
pub(super) struct Args {
    /// Stop when nothing is due any more; the default where addresses are given.
    #[arg(long)]
    once: bool,
    /// Let the crawler reach loopback and private networks.
    #[arg(long)]
    allow_private: bool,
    /// Feeds, sitemaps or sites: watched from now on, and fetched alone, now.
    #[arg(value_name = "URL")]
    urls: Vec<String>,
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let mut config = context.config.crawl.clone();
    config.allow_private |= args.allow_private;
    let addresses: anyhow::Result<Vec<Url>> = args.urls.iter().map(|text| address(text)).collect();
    let addresses = match addresses {
        Ok(addresses) => addresses,
        Err(error) => {
            eprintln!("error: {error:#}");
            return Ok(super::WRONG_USAGE.into());
        }
    };
    let store = context.open_store().await?;
    let crawler = Crawler::new(store.clone(), &config)?;
    let cancel = stop_on_ctrl_c();
    if addresses.is_empty() && !args.once {
        crawler.run_forever(&progress::Lines, &cancel).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let named = name_sources(store.as_ref(), &config, &addresses).await?;
    if named.sources.is_empty() && !addresses.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    let observer = progress::observer();
    let summary = crawler.run_once(&named.sources, observer.as_ref(), &cancel).await?;
    drop(observer); // takes its bars off the screen
    super::print(&table::render(&summary, Timestamp::now()))?;
    Ok(exit_code(&summary, &named))
}

/// The sources that the arguments name.
#[derive(Default)]
struct Named {
    sources: Vec<SourceId>,
    /// An address led to no source; the reason has been printed.
    failed: bool,
}

/// Finds the source of each address, or watches it from now on, and makes it due.
async fn name_sources(
    store: &dyn Store,
    config: &CrawlConfig,
    addresses: &[Url],
) -> anyhow::Result<Named> {
    let mut named = Named::default();
    for url in addresses {
        match source_of(store, config, url).await {
            Ok(id) => named.sources.push(id),
            Err(error) => {
                eprintln!("error: {url}: {error:#}");
                named.failed = true;
            }
        }
    }
    for id in &named.sources {
        let edit = SourceEdit { enabled: Some(true), ..SourceEdit::default() };
        store.edit_source(*id, &edit).await?;
    }
    if !named.sources.is_empty() {
        store.make_due(&named.sources, Timestamp::now()).await?;
    }
    Ok(named)
}

/// The source at `url`, the source of the site at `url`, or a new one.
async fn source_of(
    store: &dyn Store,
    _config: &CrawlConfig,
    url: &Url,
) -> anyhow::Result<SourceId> {
    if let Some(source) = store.source_by_url(url.as_str()).await? {
        return Ok(source.id);
    }
    if let Some(source) = store.sources().await?.iter().find(|source| is_site_of(source, url)) {
        return Ok(source.id);
    }
    let source = NewSource { url: url.to_string(), ..NewSource::default() };
    Ok(store.add_source(&source, Timestamp::now()).await?.0)
}

fn is_site_of(source: &Source, url: &Url) -> bool {
    let without_slash = |text: &str| text.trim_end_matches('/').to_owned();
    source
        .site_url
        .as_deref()
        .is_some_and(|site| without_slash(site) == without_slash(url.as_str()))
}

/// Reads an address; one without scheme is taken for https.
fn address(text: &str) -> anyhow::Result<Url> {
    let text = text.trim();
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&full).with_context(|| format!("`{text}` is not an address"))?;
    anyhow::ensure!(
        matches!(url.scheme(), "http" | "https"),
        "`{text}`: only http and https addresses are fetched"
    );
    Ok(url)
}

fn stop_on_ctrl_c() -> CancellationToken {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("stopping: what is under way is finished first");
            stop.cancel();
        }
    });
    cancel
}

fn exit_code(summary: &Summary, named: &Named) -> ExitCode {
    if summary.interrupted {
        return INTERRUPTED.into();
    }
    let is_named_and_failed =
        |source: &SourceSummary| named.sources.contains(&source.id) && !source.is_well();
    if named.failed || summary.sources.iter().any(is_named_and_failed) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_may_lack_the_scheme() {
        let read = |text: &str| address(text).map(String::from);
        assert_eq!(read("ex.org").expect("an address"), "https://ex.org/");
        assert_eq!(read(" http://ex.org/feed ").expect("an address"), "http://ex.org/feed");
        assert!(read("ftp://ex.org/").is_err());
        assert!(read("http://").is_err());
        assert!(read("").is_err());
    }
}
