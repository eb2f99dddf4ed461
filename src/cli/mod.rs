//! The command line: one file per command. Owns progress bars and terminal output, and is the only place
//! that names concrete back-ends.

mod comments;
mod crawl;
mod demo;
mod doctor;
mod extract;
mod parse_feed;
mod reindex;
mod search;
mod serve;
mod settings;
mod sources;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::{
    config::Config,
    store::{SqliteStore, Store},
};

/// Sifts the security newswire: crawl, search, keep scam comments out.
#[derive(Debug, Parser)]
#[command(name = "siftwire", version, about, max_term_width = 100)]
struct Cli {
    /// Folder that holds the store and the index.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Settings file (TOML).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// See everything at once: crawl the bundled sites and open the service on them, offline.
    Demo(demo::Args),
    /// Serve pages and API, and crawl in the background.
    Serve(serve::Args),
    /// Fetch sources that are due, or the addresses given.
    Crawl(crawl::Args),
    /// Search the articles.
    Search(search::Args),
    /// Add, list, check, import and export sources.
    Sources(sources::Args),
    /// Turn a page into an article, as JSON.
    Extract(extract::Args),
    /// Read a feed, sound or broken, as JSON.
    ParseFeed(parse_feed::Args),
    /// Check, train and evaluate the comment filter.
    Comments(comments::Args),
    /// Rebuild the search index from the store.
    Reindex(reindex::Args),
    /// Check the installation and say what to do about what is wrong.
    Doctor(doctor::Args),
    /// Print the effective settings, with comments.
    Config(settings::Args),
}

/// What every command starts from.
pub struct Context {
    pub config: Config,
}

impl Context {
    /// Opens the store in the data folder, creating it if need be.
    async fn open_store(&self) -> anyhow::Result<Arc<dyn Store>> {
        let folder = &self.config.data_dir;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the data folder {}", folder.display()))?;
        let _ = SqliteStore::open;
        anyhow::bail!("the store is not written yet")
    }

    /// Where the search index lives.
    fn index_dir(&self) -> PathBuf {
        self.config.data_dir.join("index")
    }
}

/// Parses the arguments, runs the command and gives its exit code: 0 done, 1 failed, 2 wrong usage.
pub async fn run() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let mut config = Config::default();
    if let Some(data) = cli.data {
        config.data_dir = data;
    }
    let context = Context { config };
    match cli.command {
        Command::Demo(args) => demo::run(args, &context).await,
        Command::Serve(args) => serve::run(args, &context).await,
        Command::Crawl(args) => crawl::run(args, &context).await,
        Command::Search(args) => search::run(args, &context).await,
        Command::Sources(args) => sources::run(args, &context).await,
        Command::Extract(args) => extract::run(args, &context).await,
        Command::ParseFeed(args) => parse_feed::run(args, &context).await,
        Command::Comments(args) => comments::run(args, &context).await,
        Command::Reindex(args) => reindex::run(args, &context).await,
        Command::Doctor(args) => doctor::run(args, &context).await,
        Command::Config(args) => settings::run(args, &context).await,
    }
}
