//! `siftwire sources`: what is watched.

mod add;
mod backfill;
mod change;
mod check;
mod files;
mod list;
pub(super) mod words;

use std::{path::PathBuf, process::ExitCode};

use clap::{Subcommand, ValueEnum};

pub(super) use self::add::{Wanted, add_site, explain};
use super::Context;
use crate::{
    config::CrawlConfig,
    domain::{PageFetch, Source, SourceId},
    store::Store,
};

/// Arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Watch a site, found by any of its addresses, or a feed or sitemap.
    #[command(after_help = "Examples:
  siftwire sources add blog.example.org
  siftwire sources add https://example.org/feed.xml --group 'Blogs/English'
  siftwire sources add https://example.org --all")]
    Add(AddArgs),
    /// Try a site or feed and show what would be stored; stores nothing.
    #[command(after_help = "Example:
  siftwire sources check https://blog.example.org/")]
    Check {
        /// Address of a site, feed or sitemap.
        url: String,
        /// Entries whose articles are fetched.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
        entries: u32,
        #[command(flatten)]
        reach: Reach,
    },
    #[command(flatten)]
    Stored(StoredAction),
}

/// What is done to the sources in the store.
#[derive(Debug, Subcommand)]
enum StoredAction {
    /// List what is watched, and how it is doing.
    #[command(after_help = "Examples:
  siftwire sources list --failing
  siftwire sources list --format ndjson | jq -r .url")]
    List {
        /// Lines for people, or one JSON object for each source.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        /// Those alone whose last fetch failed.
        #[arg(long)]
        failing: bool,
    },
    /// Watch all sources of an OPML file.
    Import {
        /// File to read; `-` for standard input.
        file: PathBuf,
    },
    /// Write all sources as OPML.
    Export {
        /// File to write instead of standard output.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Watch the sources of the bundled catalogue.
    Defaults,
    /// Stop watching; articles that were read stay.
    Remove(Names),
    /// Watch again, from now on.
    Enable(Names),
    /// Keep a source but do not fetch it.
    Disable(Names),
    /// Change how a source is shown or fetched.
    #[command(after_help = "Examples:
  siftwire sources edit 7 --title 'Example blog' --group Blogs/English
  siftwire sources edit https://example.org/feed --robots ignore --fetch-pages never")]
    Edit(EditArgs),
    /// Fetch history that the feed no longer holds, by the site's sitemaps.
    #[command(after_help = "Example:
  siftwire sources backfill 7 --since 2025-01-01 --max 500 && siftwire crawl --once")]
    Backfill(BackfillArgs),
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// Addresses of sites, feeds or sitemaps.
    #[arg(required = true, value_name = "URL")]
    urls: Vec<String>,
    /// Watch everything that is found, not the best alone.
    #[arg(long)]
    all: bool,
    /// Group, with `/` between nested ones.
    #[arg(long, value_name = "G/H")]
    group: Option<String>,
    /// Name to show instead of the feed's own.
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

/// Sources by number or address.
#[derive(Debug, clap::Args)]
struct Names {
    #[arg(required = true, value_name = "ID|URL")]
    sources: Vec<String>,
}

#[derive(Debug, clap::Args)]
struct EditArgs {
    #[arg(value_name = "ID|URL")]
    source: String,
    /// New address.
    #[arg(long)]
    url: Option<String>,
    #[arg(long)]
    title: Option<String>,
    /// Group, with `/` between nested ones; empty for none.
    #[arg(long, value_name = "G/H")]
    group: Option<String>,
    /// Language of the source, such as `de`.
    #[arg(long)]
    language: Option<String>,
    /// Whether robots.txt is obeyed for this source.
    #[arg(long, value_enum)]
    robots: Option<Robots>,
    /// Whether the page behind an entry is fetched, or the feed's text is enough.
    #[arg(long, value_enum)]
    fetch_pages: Option<FetchPages>,
}

#[derive(Debug, clap::Args)]
struct BackfillArgs {
    #[arg(value_name = "ID|URL")]
    source: String,
    /// Oldest day, such as 2025-01-31; without it pages without a date count, too.
    #[arg(long, value_name = "DATE")]
    since: Option<jiff::civil::Date>,
    /// Pages at most, newest first.
    #[arg(long, default_value_t = 1_000)]
    max: u32,
    #[command(flatten)]
    reach: Reach,
}

/// Which networks requests may go to.
#[derive(Debug, clap::Args)]
struct Reach {
    /// Let the crawler reach loopback and private networks.
    #[arg(long)]
    allow_private: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Robots {
    Obey,
    Ignore,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FetchPages {
    Always,
    Never,
}

impl From<FetchPages> for PageFetch {
    fn from(choice: FetchPages) -> Self {
        match choice {
            FetchPages::Always => Self::Always,
            FetchPages::Never => Self::Never,
        }
    }
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    match args.action {
        Action::Check { url, entries, reach } => {
            check::run(&url, entries, &reach.config(context)).await
        }
        Action::Add(args) => add::run(args, context).await,
        Action::Stored(action) => stored(action, context).await,
    }
}

async fn stored(action: StoredAction, context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store().await?;
    let store = store.as_ref();
    match action {
        StoredAction::List { format, failing } => list::run(store, format, failing).await,
        StoredAction::Import { file } => files::import(store, &file).await,
        StoredAction::Export { output } => files::export(store, output.as_deref()).await,
        StoredAction::Defaults => files::defaults(store).await,
        StoredAction::Remove(names) => change::remove(store, &names.sources).await,
        StoredAction::Enable(names) => change::switch(store, &names.sources, true).await,
        StoredAction::Disable(names) => change::switch(store, &names.sources, false).await,
        StoredAction::Edit(args) => change::edit(store, args).await,
        StoredAction::Backfill(args) => {
            let config = args.reach.config(context);
            backfill::run(store, args, &config).await
        }
    }
}

impl Reach {
    fn config(&self, context: &Context) -> CrawlConfig {
        let mut config = context.config.crawl.clone();
        config.allow_private |= self.allow_private;
        config
    }
}

/// The source that a number or an address names.
async fn named(store: &dyn Store, name: &str) -> anyhow::Result<Source> {
    let found = match name.parse() {
        Ok(number) => store.source(SourceId(number)).await?,
        Err(_) => by_address(store, name).await?,
    };
    found.ok_or_else(|| anyhow::anyhow!("there is no source {name}; see `siftwire sources list`"))
}

/// By the source's own address, else by its site's.
async fn by_address(store: &dyn Store, address: &str) -> anyhow::Result<Option<Source>> {
    let url = crate::crawl::discover::read_address(address)?;
    if let Some(source) = store.source_by_url(url.as_str()).await? {
        return Ok(Some(source));
    }
    let bare = |text: &str| text.trim_end_matches('/').to_owned();
    let is_site = |source: &Source| {
        source.site_url.as_deref().is_some_and(|site| bare(site) == bare(url.as_str()))
    };
    Ok(store.sources().await?.into_iter().find(is_site))
}

/// `News/English` as a path of groups.
fn group_path(text: &str) -> Vec<String> {
    text.split('/').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
