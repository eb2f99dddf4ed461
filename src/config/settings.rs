//! Every setting: key, meaning, bounds. What is not in this table does not exist.

use super::{Config, value::SettingValue};

/// One setting.
pub struct Setting {
    /// Dotted key, as in the file: `crawl.timeout_s`.
    pub key: &'static str,
    /// What it does, in one sentence.
    pub meaning: &'static str,
    pub(super) read: fn(&mut Config, Given<'_>) -> Result<(), String>,
    show: fn(&Config) -> toml::Value,
}

/// Where a value comes from.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Toml(&'a toml::Value),
    Text(&'a str),
}

impl Setting {
    /// The value as it stands in `config`, as TOML.
    pub fn show(&self, config: &Config) -> String {
        (self.show)(config).to_string()
    }

    /// The variable that sets it: `SIFTWIRE_CRAWL_TIMEOUT_S`.
    pub fn variable(&self) -> String {
        format!("SIFTWIRE_{}", self.key.replace('.', "_").to_ascii_uppercase())
    }
}

fn read_value<T: SettingValue>(given: Given<'_>) -> Result<T, String> {
    let (value, shown) = match given {
        Given::Toml(value) => (T::from_toml(value), value.to_string()),
        Given::Text(text) => (T::from_text(text), format!("{text:?}")),
    };
    value.ok_or_else(|| format!("{shown} is not {}", T::EXPECTS))
}

fn within<T: PartialOrd + std::fmt::Display>(value: T, least: T, most: T) -> Result<T, String> {
    if value < least || value > most {
        return Err(format!("{value} is outside {least} to {most}"));
    }
    Ok(value)
}

macro_rules! setting {
    ($key:literal, $($field:ident).+, $meaning:literal) => {
        Setting {
            key: $key,
            meaning: $meaning,
            read: |config, given| {
                config.$($field).+ = read_value(given)?;
                Ok(())
            },
            show: |config| config.$($field).+.to_toml(),
        }
    };
    ($key:literal, $($field:ident).+, $least:literal..=$most:literal, $meaning:literal) => {
        Setting {
            key: $key,
            meaning: $meaning,
            read: |config, given| {
                config.$($field).+ = within(read_value(given)?, $least, $most)?;
                Ok(())
            },
            show: |config| config.$($field).+.to_toml(),
        }
    };
}

/// All settings, in the order in which they are printed.
pub static SETTINGS: &[Setting] = &[
    setting!("data_dir", data_dir, "folder that holds the store and the search index"),
    setting!(
        "crawl.contact",
        crawl.contact,
        "web or mail address in the User-Agent, so that site owners can reach you"
    ),
    setting!(
        "crawl.allow_private",
        crawl.allow_private,
        "let the crawler reach loopback and private networks"
    ),
    setting!(
        "crawl.respect_robots",
        crawl.respect_robots,
        "obey robots.txt, unless a source overrides it"
    ),
    setting!("crawl.concurrency", crawl.concurrency, 1..=1024, "requests under way at once"),
    setting!(
        "crawl.host_concurrency",
        crawl.host_concurrency,
        1..=64,
        "requests under way at once to one host"
    ),
    setting!(
        "crawl.host_delay_ms",
        crawl.host_delay_ms,
        0..=600_000,
        "milliseconds between requests to one host; none to this machine"
    ),
    setting!("crawl.timeout_s", crawl.timeout_s, 1..=3600, "seconds for a whole request"),
    setting!(
        "crawl.connect_timeout_s",
        crawl.connect_timeout_s,
        1..=300,
        "seconds to wait for a connection"
    ),
    setting!("crawl.max_redirects", crawl.max_redirects, 0..=20, "redirects followed"),
    setting!(
        "crawl.max_feed_bytes",
        crawl.max_feed_bytes,
        1_024..=268_435_456,
        "bytes of a feed, after decompression"
    ),
    setting!(
        "crawl.max_page_bytes",
        crawl.max_page_bytes,
        1_024..=268_435_456,
        "bytes of a page, after decompression"
    ),
    setting!(
        "crawl.max_entries",
        crawl.max_entries,
        1..=100_000,
        "entries read from one feed, newest first"
    ),
    setting!(
        "crawl.min_interval_s",
        crawl.min_interval_s,
        10..=604_800,
        "shortest time in seconds between two fetches of a source"
    ),
    setting!(
        "crawl.max_interval_s",
        crawl.max_interval_s,
        60..=2_592_000,
        "longest time in seconds between two fetches of a source"
    ),
    setting!(
        "alert.allow_private",
        alert.allow_private,
        "let webhooks of alerts reach loopback and private networks"
    ),
    setting!("alert.smtp.host", alert.smtp.host, "mail server that takes alerts; empty: no mails"),
    setting!("alert.smtp.port", alert.smtp.port, 1..=65_535, "port of the mail server"),
    setting!("alert.smtp.user", alert.smtp.user, "name to log in with; empty: without a login"),
    setting!(
        "alert.smtp.password",
        alert.smtp.password,
        "password to log in with; better given as a variable, and never shown"
    ),
    setting!("alert.smtp.from", alert.smtp.from, "address that mails come from"),
    setting!(
        "alert.smtp.tls",
        alert.smtp.tls,
        "starttls (port 587), tls (port 465) or none (a server on this machine)"
    ),
    setting!(
        "enrich.names",
        enrich.names,
        "file with names of your own, merged over those that come with siftwire"
    ),
    setting!(
        "search.writer_memory_mb",
        search.writer_memory_mb,
        15..=4_096,
        "megabytes the index writer may use before it writes a segment"
    ),
    setting!("serve.listen", serve.listen, "address to listen on"),
    setting!(
        "serve.public_url",
        serve.public_url,
        "address readers use, without trailing slash; empty: taken from each request"
    ),
    setting!("serve.crawl", serve.crawl, "crawl in the same process"),
    setting!(
        "serve.reading",
        serve.reading,
        "who may read: public (anybody) or private (people who log in, programs with a token)"
    ),
    setting!(
        "serve.trusted_proxies",
        serve.trusted_proxies,
        "addresses or networks of proxies whose X-Forwarded-For is believed"
    ),
    setting!(
        "serve.taxii_page_limit",
        serve.taxii_page_limit,
        1..=10_000,
        "objects that one TAXII answer gives at most"
    ),
    setting!(
        "log.level",
        log.level,
        "what is logged: auto, error, warn, info, debug, trace, or a filter such as warn,siftwire::crawl=debug"
    ),
    setting!("log.json", log.json, "log one JSON object a line instead of text"),
];
