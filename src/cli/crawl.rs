//! `siftwire crawl`: fetch sources that are due, or the addresses given.

pub(super) mod progress;
mod table;

use std::{process::ExitCode, sync::Arc};

use anyhow::Context as _;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Context, enrich, search::open_caught_up, serve::stop_on_signal, sources::explain};
use crate::{
    config::CrawlConfig,
    crawl::{
        CrawlError, Crawler, Fetcher, SourceSummary, Summary,
        client::FetchError,
        discover::{DiscoverError, discover, read_address},
    },
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
    let addresses: Result<Vec<Url>, _> = args.urls.iter().map(|text| read_address(text)).collect();
    let addresses = match addresses {
        Ok(addresses) => addresses,
        Err(error) => {
            eprintln!("error: {error}");
            return Ok(super::WRONG_USAGE.into());
        }
    };
    let store = context.open_store().await?;
    let crawler = Crawler::new(store.clone(), &config)?;
    let cancel = CancellationToken::new();
    tokio::spawn(stop_on_signal(cancel.clone()));
    if addresses.is_empty() && !args.once {
        crawler.run_forever(&progress::Lines, &cancel).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let named = tokio::select! {
        named = name_sources(&store, &config, &addresses) => named?,
        () = cancel.cancelled() => return Ok(INTERRUPTED.into()),
    };
    if named.sources.is_empty() && !addresses.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    let observer = progress::observer();
    let summary = crawler.run_once(&named.sources, observer.as_ref(), &cancel).await?;
    drop(observer); // takes its bars off the screen
    let desk = enrich::desk(context, store.clone(), enrich::cores()).await?;
    enrich::catch_up(desk, &store, &cancel).await?;
    open_caught_up(context).await?;
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
    store: &Arc<dyn Store>,
    config: &CrawlConfig,
    addresses: &[Url],
) -> anyhow::Result<Named> {
    let fetcher = Fetcher::new(store.clone(), config)?;
    let mut named = Named::default();
    for url in addresses {
        match source_of(store.as_ref(), &fetcher, url).await {
            Ok(id) => named.sources.push(id),
            Err(error) => {
                eprintln!("error: {error:#}");
                explain(&error);
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
async fn source_of(store: &dyn Store, fetcher: &Fetcher, url: &Url) -> anyhow::Result<SourceId> {
    if let Some(source) = store.source_by_url(url.as_str()).await? {
        return Ok(source.id);
    }
    if let Some(source) = store.sources().await?.iter().find(|source| is_site_of(source, url)) {
        return Ok(source.id);
    }
    eprintln!("{url}: looking for its feed");
    let source = look_at(fetcher, url).await?;
    Ok(store.add_source(&source, Timestamp::now()).await?.0)
}

/// What is to be watched at `url`. A server that is there but fails now is watched as it is: the crawl notes
/// what is wrong, and tries again.
async fn look_at(fetcher: &Fetcher, url: &Url) -> anyhow::Result<NewSource> {
    match discover(fetcher, url).await {
        Ok(found) => {
            let best = found.candidates.iter().find(|found| !found.comments);
            let best = best.or(found.candidates.first()).context("no feed found")?;
            Ok(NewSource {
                url: best.url.to_string(),
                title: best.title.clone(),
                kind: best.kind,
                site_url: (best.url != *url).then(|| url.to_string()),
                ..NewSource::default()
            })
        }
        Err(DiscoverError::Unreachable { reason, .. }) if may_work_later(&reason) => {
            Ok(NewSource { url: url.to_string(), ..NewSource::default() })
        }
        Err(error) => Err(error.into()),
    }
}

/// Not where the address itself is wrong.
fn may_work_later(error: &CrawlError) -> bool {
    let CrawlError::Fetch(error) = error else { return false };
    match error {
        FetchError::Http { status, .. } => *status >= 500 || *status == 429,
        FetchError::BadUrl(_)
        | FetchError::Refused(_)
        | FetchError::DnsFailed { .. }
        | FetchError::ConnectFailed { .. } => false,
        _ => true,
    }
}

fn is_site_of(source: &Source, url: &Url) -> bool {
    let without_slash = |text: &str| text.trim_end_matches('/').to_owned();
    source
        .site_url
        .as_deref()
        .is_some_and(|site| without_slash(site) == without_slash(url.as_str()))
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
