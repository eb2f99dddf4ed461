//! `siftwire serve`: pages, API and crawler in one process.

use std::{io, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Context, comments, enrich, names::KnownNames};
use crate::{
    alert::{Mailer, Sender, Senders, Watcher, Webhooks},
    config::Config,
    crawl::{CrawlObserver, Crawler},
    desk::Desk,
    moderation,
    search::{self, FollowerOptions, SearchIndex},
    serve::{self, AlertWays, AppState},
    store::{Role, Store},
    taxii::{self, Collector},
};

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire serve                             crawl and serve on 127.0.0.1:8420
  siftwire serve --listen 0.0.0.0:8420       reachable from other machines
  siftwire serve --no-crawl                  serve what is there")]
pub(super) struct Args {
    /// Address to listen on, such as 127.0.0.1:8420 or [::]:80.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Do not crawl in the background.
    #[arg(long)]
    no_crawl: bool,
    /// Let the crawler reach loopback and private networks.
    #[arg(long)]
    allow_private: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let mut context = Context { config: context.config.clone() };
    let config = &mut context.config;
    config.crawl.allow_private |= args.allow_private;
    config.serve.crawl &= !args.no_crawl;
    let address = args.listen.unwrap_or_else(|| config.serve.listen.to_string());
    let listener = listen(&address).await?;
    let store = context.open_store().await?;
    let index = SearchIndex::open(&context.index_dir())?;
    super::print(&format!("siftwire listens on http://{}/\n", listener.local_addr()?))?;
    if !has_admin(&*store).await? {
        eprintln!("{NO_ADMIN}");
    }
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    service(&context, store, index, listener, stop).await?;
    Ok(ExitCode::SUCCESS)
}

/// Said until somebody can administer the service.
const NO_ADMIN: &str = "nobody can log in as admin yet; in another terminal:
  siftwire user create NAME --role admin";

async fn has_admin(store: &dyn Store) -> anyhow::Result<bool> {
    let users = store.users().await?;
    Ok(users.iter().any(|user| user.role == Role::Admin && !user.disabled))
}

/// Takes the address, or says who may have it.
pub(super) async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is taken by another program, perhaps another siftwire; stop it, or choose another \
             address with --listen"
        ),
        io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("{address} needs more rights; choose a port from 1024 up with --listen")
        }
        _ => anyhow::Error::new(error)
            .context(format!("cannot listen on {address}; write --listen HOST:PORT")),
    })
}

/// Everything that runs while the service is up: the search follower, the desk, the crawler if wanted, the web.
/// Ends when `stop` is cancelled, or when one of them fails.
pub(super) async fn service(
    context: &Context,
    store: Arc<dyn Store>,
    index: SearchIndex,
    listener: TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let config = &context.config;
    serve::count_figures();
    let filter = comments::filter_of(&config.data_dir);
    let moderators = moderation::Desk::new(store.clone(), filter);
    let mut background = JoinSet::new();
    background.spawn(ended(moderation::judge_crawled(moderators.clone(), stop.clone())));
    background.spawn(ended(moderation::keep_house(moderators.clone(), stop.clone())));
    background.spawn(follow(store.clone(), index.clone(), config, stop.clone()));
    // Half of the cores, so that pages are served while the desk works.
    let desk = enrich::desk(context, store.clone(), enrich::cores().div_ceil(2)).await?;
    let index = index.with_names(Arc::new(KnownNames(desk.enricher())));
    background.spawn(read(desk, stop.clone()));
    let collector = Collector::new(store.clone(), index.clone(), &config.serve.public_url);
    background.spawn(ended(taxii::run(collector, stop.clone())));
    background.spawn(ended(Watcher::new(store.clone(), index.clone()).run(stop.clone())));
    background.spawn(ended(sender(config, store.clone())?.run(stop.clone())));
    if config.serve.crawl {
        let crawler = Crawler::new(store.clone(), &config.crawl)?;
        background.spawn(crawl(crawler, stop.clone()));
    }
    let state =
        AppState::new(store, index, &config.serve).with_desk(moderators).with_alerts(AlertWays {
            allow_private: config.alert.allow_private,
            mail: !config.alert.smtp.host.is_empty(),
        });
    let web = serve::serve(state, listener, stop.clone());
    let failed = watch(&mut background, stop.clone());
    let ((), failed) = tokio::join!(web, failed);
    failed
}

/// What takes alerts from the outbox.
fn sender(config: &Config, store: Arc<dyn Store>) -> anyhow::Result<Sender> {
    let ways = Senders {
        webhooks: Webhooks::new(config.alert.allow_private).context("webhooks cannot be sent")?,
        mail: Mailer::new(&config.alert.smtp)?,
    };
    let own = format!("http://{}", config.serve.listen);
    let public = config.serve.public_url.as_str();
    Ok(Sender::new(store, ways, if public.is_empty() { &own } else { public }))
}

/// What ends only when it is told to, as a task among those that may fail.
async fn ended(task: impl Future<Output = ()> + Send) -> anyhow::Result<()> {
    task.await;
    Ok(())
}

fn follow(
    store: Arc<dyn Store>,
    index: SearchIndex,
    config: &Config,
    stop: CancellationToken,
) -> impl Future<Output = anyhow::Result<()>> + Send + 'static {
    let memory = config.search.writer_memory_mb as usize;
    let options =
        FollowerOptions { writer_memory_bytes: memory << 20, ..FollowerOptions::default() };
    async move { search::run(store, index, options, stop).await.context("the search index stopped") }
}

async fn read(desk: Desk, stop: CancellationToken) -> anyhow::Result<()> {
    desk.run(stop).await;
    Ok(())
}

async fn crawl(crawler: Crawler, stop: CancellationToken) -> anyhow::Result<()> {
    crawler.run_forever(&Log, &stop).await.context("the crawler stopped")
}

/// Writes what no article came of to the log; the crawler counts the rest itself.
struct Log;

impl CrawlObserver for Log {
    fn entry_failed(&self, url: &str, message: &str) {
        tracing::info!(url, message, "no article");
    }
}

/// Waits for all that runs in the background; the first failure stops everything.
async fn watch(
    background: &mut JoinSet<anyhow::Result<()>>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut first = Ok(());
    while let Some(ended) = background.join_next().await {
        let ended = ended.context("a background task broke").flatten();
        if ended.is_err() {
            stop.cancel();
        }
        first = first.and(ended);
    }
    first
}

/// The first Ctrl-C or SIGTERM lets work under way end; the second ends at once.
pub(super) async fn stop_on_signal(stop: CancellationToken) {
    signalled().await;
    eprintln!("stopping: what is under way is finished first; press Ctrl-C again to stop at once");
    stop.cancel();
    signalled().await;
    std::process::exit(130);
}

async fn signalled() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => signals.recv().await.unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = interrupted => {}
        () = terminated => {}
    }
}
