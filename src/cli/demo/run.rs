//! The demo from start to end: sites, discovery, crawl, index, service.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{DemoSite, DemoSites, start_sites};
use crate::{
    accounts::{Accounts, one_time_password},
    cli::{
        Context,
        crawl::progress,
        enrich,
        scratch::Scratch,
        serve::{service, stop_on_signal},
        sources::{Wanted, add_site},
    },
    config::{Config, CrawlConfig},
    crawl::{
        Crawler, Fetcher, Summary,
        backfill::{Bounds, history},
        client::Client,
    },
    domain::SourceId,
    search::{self, SearchIndex},
    store::{FetchReport, Role, Store},
};

/// Where the sites are served, if free: the same addresses each time, so that a kept folder stays good.
const FIRST_SITE_PORT: u16 = 8431;
/// Ports tried after the one asked for.
const PORTS_TRIED: u16 = 50;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire demo
  siftwire demo --listen 127.0.0.1:9000 --keep /tmp/siftwire-demo
  siftwire demo --no-serve --keep demo && siftwire --data demo search ransomware")]
pub(in crate::cli) struct Args {
    /// Where to open the service; the next free port is taken if this one is in use.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    /// Keep the data in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Stop after the crawl.
    #[arg(long)]
    no_serve: bool,
}

/// Runs the command.
pub(in crate::cli) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let scratch = match &args.keep {
        Some(_) => None,
        None => Some(Scratch::new("demo")?),
    };
    let folder = args.keep.or_else(|| Some(scratch.as_ref()?.path().to_owned()));
    let folder = folder.context("no folder for the data")?;
    let context = Context { config: demo_config(&context.config, folder) };
    let cancel = CancellationToken::new();
    tokio::spawn(stop_on_signal(cancel.clone()));

    let sites = start_sites(FIRST_SITE_PORT, Timestamp::now()).await?;
    let store = context.open_store().await?;
    say(&format!("{} bundled sites on 127.0.0.1, looking for their feeds", sites.sites.len()));
    watch_all(&store, &context.config.crawl, &sites).await?;
    let summary = crawl(&store, &context.config.crawl, &cancel).await?;
    let desk = enrich::desk(&context, store.clone(), enrich::cores()).await?;
    enrich::catch_up(desk, &store, &cancel).await?;
    let index = SearchIndex::open(&context.index_dir())?;
    search::catch_up(store.clone(), &index).await?;
    say(&totals(&summary));
    if args.no_serve || summary.interrupted {
        return Ok(ExitCode::SUCCESS);
    }
    let listener = listen(args.listen).await?;
    let access = Access::prepare(&store, &sites).await?;
    say(&invitation(listener.local_addr()?, &sites, &access));
    service(&context, store, index, listener, cancel).await?;
    Ok(ExitCode::SUCCESS)
}

/// The user's settings, but with data of its own and leave to fetch from this machine without pauses.
fn demo_config(config: &Config, folder: PathBuf) -> Config {
    let crawl = CrawlConfig {
        allow_private: true,
        host_delay_ms: 0,
        host_concurrency: config.crawl.concurrency,
        ..config.crawl.clone()
    };
    Config { data_dir: folder, crawl, ..config.clone() }
}

/// Finds the source of each site from its home page alone, as `sources add` does.
async fn watch_all(
    store: &Arc<dyn Store>,
    config: &CrawlConfig,
    sites: &DemoSites,
) -> anyhow::Result<()> {
    let client = Client::new(config)?;
    let fetcher = Fetcher::new(store.clone(), config)?;
    for site in &sites.sites {
        let wanted = Wanted { groups: vec!["Demo".to_owned()], ..Wanted::default() };
        let outcome = add_site(store.as_ref(), &fetcher, &site.url, &wanted).await?;
        let Some(added) = outcome.added.first() else { continue };
        say(&format!("  {} {} ({})", site.url, site.title, added.candidate.kind.as_str()));
        if site.feed_items < site.articles {
            add_history(store.as_ref(), &client, config, site, added.id).await?;
        }
    }
    Ok(())
}

/// What the feed no longer holds comes from the sitemap, as with `sources backfill`.
async fn add_history(
    store: &dyn Store,
    client: &Client,
    config: &CrawlConfig,
    site: &DemoSite,
    id: SourceId,
) -> anyhow::Result<()> {
    let Some(source) = store.source(id).await? else { return Ok(()) };
    let now = Timestamp::now();
    let bounds = Bounds { since: None, max: site.articles };
    let history = history(client, config, &source, bounds, now).await?;
    let report = FetchReport {
        source_id: id,
        health: source.health,
        moved_to: None,
        disable: false,
        title: None,
        site_url: None,
        language: None,
        entries: history.entries,
    };
    store.record_fetches(&[report], now).await?;
    store.make_due(&[id], now).await?;
    Ok(())
}

async fn crawl(
    store: &Arc<dyn Store>,
    config: &CrawlConfig,
    cancel: &CancellationToken,
) -> anyhow::Result<Summary> {
    let crawler = Crawler::new(store.clone(), config)?;
    let observer = progress::observer();
    store.make_due(&[], Timestamp::now()).await?;
    Ok(crawler.run_once(&[], observer.as_ref(), cancel).await?)
}

/// The address asked for, or the next port that is free.
async fn listen(wanted: SocketAddr) -> anyhow::Result<TcpListener> {
    for step in 0..PORTS_TRIED {
        let mut address = wanted;
        address.set_port(wanted.port().saturating_add(step));
        if let Ok(listener) = TcpListener::bind(address).await {
            if step > 0 {
                say(&format!("port {} is in use, taking {}", wanted.port(), address.port()));
            }
            return Ok(listener);
        }
    }
    TcpListener::bind(wanted).await.with_context(|| format!("cannot listen on {wanted}"))
}

fn totals(summary: &Summary) -> String {
    format!(
        "{} articles and {} comments from {} sources in {:.1} s",
        summary.articles_new,
        summary.comments_new,
        summary.sources.len(),
        summary.elapsed.as_secs_f64(),
    )
}

/// What the newcomer needs for the pages behind the login, and for a blog of their own.
struct Access {
    password: String,
    /// The blog that the key is for.
    site: String,
    key: String,
}

/// Name to log in with, and the label of the site key.
const DEMO: &str = "demo";

impl Access {
    /// A new password and a new key with each start; those of an earlier start end.
    async fn prepare(store: &Arc<dyn Store>, sites: &DemoSites) -> anyhow::Result<Self> {
        let accounts = Accounts::new(store.clone());
        let now = Timestamp::now();
        let password = one_time_password();
        match store.user_by_name(DEMO).await? {
            Some((user, _)) => accounts.set_password(DEMO, &user, &password, now).await?,
            None => {
                accounts.add_user(DEMO, DEMO, Role::Admin, &password, now).await?;
            }
        }
        let tokens = store.tokens().await?;
        for token in tokens.iter().filter(|token| token.label == DEMO && token.revoked.is_none()) {
            store.revoke_token(token.id, now).await?;
        }
        let site = sites.sites.first().map(|site| site.url.clone()).unwrap_or_default();
        let key = accounts.add_token(DEMO, Role::Site, Some(&site), DEMO, now).await?;
        Ok(Self { password, site, key })
    }
}

fn invitation(address: SocketAddr, sites: &DemoSites, access: &Access) -> String {
    let blog = sites.sites.first().map(|site| site.url.as_str()).unwrap_or_default();
    let Access { password, site, key } = access;
    format!(
        "
Open http://{address}/ and try

  ransomware hospital             words, all of which must occur
  \"session cookie\"                a phrase
  npm -pypi after:90d             without a word, in the last 90 days
  title:bybit OR title:npm        in headlines
  lang:de                         by language

A bundled blog as its readers see it: {blog}
To decide about comments: http://{address}/login with the name {DEMO} and the password {password}
Key for the Akismet setting of {site}: {key}
Ctrl-C ends the demo."
    )
}

/// Progress is for people and goes to standard error.
fn say(text: &str) {
    eprintln!("{text}");
}
