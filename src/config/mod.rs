//! Settings: built-in defaults, then a TOML file, then `SIFTWIRE_*` variables, then flags.
//!
//! [`settings`] is the one table of every key with its meaning; reading, checking and printing all go by it.

mod load;
pub mod settings;
mod value;

use std::{net::SocketAddr, path::PathBuf};

use ipnet::IpNet;

pub use load::{ConfigError, Mistake, default_file, load};

/// All settings, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Folder that holds the store and the index.
    pub data_dir: PathBuf,
    pub alert: AlertConfig,
    pub crawl: CrawlConfig,
    pub enrich: EnrichConfig,
    pub search: SearchConfig,
    pub serve: ServeConfig,
    pub log: LogConfig,
}

/// What is logged, and how. Logs go to standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct LogConfig {
    /// Filter in the syntax of `tracing`, such as `info` or `warn,siftwire::crawl=debug`; `auto` is
    /// `info` for the service and `error` for the other commands.
    pub level: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

/// How sources are fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct CrawlConfig {
    /// Web or mail address in the User-Agent, so that site owners can reach the operator.
    pub contact: String,
    /// Lets the crawler reach loopback and private networks.
    pub allow_private: bool,
    /// Obeys robots.txt for pages and feeds, unless a source overrides it.
    pub respect_robots: bool,
    /// Requests under way at once.
    pub concurrency: u32,
    /// Requests under way at once to one host.
    pub host_concurrency: u32,
    /// Milliseconds between requests to one host; loopback addresses need no pause.
    pub host_delay_ms: u64,
    /// Seconds for a whole request.
    pub timeout_s: u64,
    /// Seconds to connect.
    pub connect_timeout_s: u64,
    /// Hops followed.
    pub max_redirects: u32,
    /// Bytes of a feed after decompression.
    pub max_feed_bytes: u64,
    /// Bytes of a page after decompression.
    pub max_page_bytes: u64,
    /// Entries read from one feed, newest first.
    pub max_entries: u32,
    /// Bounds of the seconds between two fetches of a source.
    pub min_interval_s: u32,
    pub max_interval_s: u32,
}

/// Where alerts may go, and how mails leave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlertConfig {
    /// Lets webhooks reach loopback and private networks.
    pub allow_private: bool,
    pub smtp: SmtpConfig,
}

/// The mail server that takes alerts.
#[derive(Debug, Clone, PartialEq)]
pub struct SmtpConfig {
    /// Empty: no mails.
    pub host: String,
    pub port: u16,
    /// Empty: without a login.
    pub user: String,
    pub password: Secret,
    /// The address mails come from.
    pub from: String,
    pub tls: SmtpTls,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Begins in the clear and must switch before anything is said; port 587.
    Starttls,
    /// From the beginning; port 465.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

/// A setting that is never shown or logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "(not set)" } else { "(set)" })
    }
}

impl Default for SmtpConfig {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            user: String::new(),
            password: Secret::default(),
            from: String::new(),
            tls: SmtpTls::Starttls,
        }
    }
}

/// How articles are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EnrichConfig {
    /// File with the operator's own names.
    pub names: Option<PathBuf>,
}

/// How the index is written.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchConfig {
    /// Megabytes the index writer may use before it writes a segment.
    pub writer_memory_mb: u32,
}

/// How pages are served.
#[derive(Debug, Clone, PartialEq)]
pub struct ServeConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// The address readers use, without trailing slash; empty: taken from the request.
    pub public_url: String,
    /// Crawl in the same process.
    pub crawl: bool,
    /// Who may read.
    pub reading: Reading,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Networks,
    /// Objects of one TAXII answer at most.
    pub taxii_page_limit: u32,
}

/// Who may read. Moderation needs a login either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Anybody.
    Public,
    /// People who are logged in and programs with a token.
    Private,
}

/// Single addresses and networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: default_data_dir(),
            alert: AlertConfig::default(),
            crawl: CrawlConfig::default(),
            enrich: EnrichConfig::default(),
            search: SearchConfig { writer_memory_mb: 50 },
            serve: ServeConfig::default(),
            log: LogConfig { level: "auto".into(), json: false },
        }
    }
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8420)),
            public_url: String::new(),
            crawl: true,
            reading: Reading::Public,
            trusted_proxies: Networks::default(),
            taxii_page_limit: 1_000,
        }
    }
}

impl Default for CrawlConfig {
    fn default() -> Self {
        Self {
            contact: String::new(),
            allow_private: false,
            respect_robots: true,
            concurrency: 32,
            host_concurrency: 2,
            host_delay_ms: 500,
            timeout_s: 30,
            connect_timeout_s: 10,
            max_redirects: 5,
            max_feed_bytes: 16 << 20,
            max_page_bytes: 8 << 20,
            max_entries: 2_000,
            min_interval_s: 900,
            max_interval_s: 86_400,
        }
    }
}

fn default_data_dir() -> PathBuf {
    dirs::data_dir().unwrap_or_else(|| PathBuf::from(".")).join("siftwire")
}
