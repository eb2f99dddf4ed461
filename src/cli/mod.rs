//! The command line: one file per command. Owns progress bars and terminal output, and is the only place
//! that names concrete back-ends.

mod backup;
mod batch;
mod comments;
mod crawl;
pub mod demo;
mod doctor;
mod enrich;
mod export;
mod extract;
mod names;
mod parse_feed;
mod reindex;
mod scratch;
mod search;
mod serve;
mod settings;
mod sources;
mod table;
mod token;
mod user;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::{
    config::{self, Config, LogConfig},
    enrich::{Enricher, RECOGNISERS},
    store::{SqliteStore, Store},
};

/// Sifts the security newswire: crawl, search, keep scam comments out.
#[derive(Debug, Parser)]
#[command(name = "siftwire", version, about, max_term_width = 100)]
#[command(after_help = "Start here:
  siftwire demo                                  everything at once, offline
  siftwire sources defaults && siftwire serve    the real thing, with the bundled catalogue
  siftwire search 'ransomware after:7d'          search from the terminal")]
struct Cli {
    /// Folder that holds the store and the index.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Settings file (TOML).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set one setting for this run, such as crawl.timeout_s=60; may be given several times.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
    #[command(subcommand)]
    command: Command,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE, such as log.level=debug")?;
    Ok((key.trim().to_owned(), value.to_owned()))
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
    /// Write everything that a query finds: CSV, NDJSON, feeds, STIX.
    Export(export::Args),
    /// Add, list, check, import and export sources.
    Sources(sources::Args),
    /// Turn a page into an article, as JSON.
    Extract(extract::Args),
    /// Read a feed, sound or broken, as JSON.
    ParseFeed(parse_feed::Args),
    /// Check, train and evaluate the comment filter.
    Comments(comments::Args),
    /// Add, list and lock out people who can log in.
    User(user::Args),
    /// Make, list and revoke tokens for programs and keys for blogs.
    Token(token::Args),
    /// Tell what happened to whom in articles, as JSON, or read the whole store again.
    Enrich(enrich::Args),
    /// Rebuild the search index from the store.
    Reindex(reindex::Args),
    /// Write a consistent copy of the store, while the service runs.
    Backup(backup::BackupArgs),
    /// Put a copy of the store back.
    Restore(backup::RestoreArgs),
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
        Ok(Arc::new(SqliteStore::open(&self.store_file()).await?))
    }

    /// The recognisers, with the operator's own names if the settings give any.
    fn enricher(&self) -> anyhow::Result<Recognisers> {
        let Some(file) = &self.config.enrich.names else {
            let enricher = Enricher::embedded();
            return Ok(Recognisers { enricher, fingerprint: RECOGNISERS.to_owned() });
        };
        let own = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the names in {}", file.display()))?;
        let enricher = Enricher::with_names(&own)
            .with_context(|| format!("cannot use the names in {}", file.display()))?;
        let digest = blake3::hash(own.as_bytes()).to_hex();
        Ok(Recognisers { enricher, fingerprint: format!("{RECOGNISERS}-{}", &digest[..16]) })
    }

    /// Where the store lives.
    fn store_file(&self) -> PathBuf {
        self.config.data_dir.join("siftwire.db")
    }

    /// Where the search index lives.
    fn index_dir(&self) -> PathBuf {
        self.config.data_dir.join("index")
    }
}

/// What reads articles, and what tells it from others.
struct Recognisers {
    enricher: Enricher,
    fingerprint: String,
}

/// Parses the arguments, runs the command and gives its exit code: 0 done, 1 failed, 2 wrong usage.
///
/// # Errors
/// What the command could not do, as a chain of causes for the terminal.
pub async fn run() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let config = match effective_config(&cli) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("error: {error}");
            return Ok(WRONG_USAGE.into());
        }
    };
    start_logs(&config.log, matches!(cli.command, Command::Serve(_)));
    let context = Context { config };
    match cli.command {
        Command::Demo(args) => demo::run(args, &context).await,
        Command::Serve(args) => serve::run(args, &context).await,
        Command::Crawl(args) => crawl::run(args, &context).await,
        Command::Search(args) => search::run(args, &context).await,
        Command::Export(args) => export::run(args, &context).await,
        Command::Sources(args) => sources::run(args, &context).await,
        Command::Extract(args) => extract::run(args, &context).await,
        Command::ParseFeed(args) => parse_feed::run(args, &context).await,
        Command::Comments(args) => comments::run(args, &context).await,
        Command::User(args) => user::run(args, &context).await,
        Command::Token(args) => token::run(args, &context).await,
        Command::Enrich(args) => enrich::run(args, &context).await,
        Command::Reindex(args) => reindex::run(args, &context).await,
        Command::Backup(args) => backup::backup(args, &context).await,
        Command::Restore(args) => backup::restore(args, &context).await,
        Command::Doctor(args) => doctor::run(args, &context).await,
        Command::Config(args) => settings::run(args, &context).await,
    }
}

/// Exit code for arguments or settings that make no sense.
const WRONG_USAGE: u8 = 2;

fn effective_config(cli: &Cli) -> Result<Config, config::ConfigError> {
    let default_file = config::default_file().filter(|file| file.is_file());
    let file = cli.config.clone().or(default_file);
    let mut flags: Vec<(&str, String)> =
        cli.set.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    if let Some(data) = &cli.data {
        flags.push(("data_dir", data.to_string_lossy().into_owned()));
    }
    config::load(file.as_deref(), std::env::vars(), &flags)
}

/// Logs go to standard error; a long-running service says more than a command.
fn start_logs(log: &LogConfig, service: bool) {
    let level = match log.level.as_str() {
        "auto" if service => "info",
        "auto" => "error",
        level => level,
    };
    let filter = EnvFilter::new(level);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if log.json {
        builder.json().init();
    } else {
        builder.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).with_target(false).init();
    }
}

/// Writes to standard output.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
