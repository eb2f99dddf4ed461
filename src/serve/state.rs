use std::sync::Arc;

use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::{akismet::KnownKeys, misp::MispFeeds};
use crate::{
    accounts::Accounts,
    config::{Reading, ServeConfig},
    export::Publisher,
    gather::Gatherer,
    moderation::Desk,
    search::{Finder, SearchIndex},
    spam::Filter,
    store::Store,
};

/// Long exports that are sent at once: each keeps a core and the store busy.
const MAX_EXPORTS: usize = 4;

/// What every handler starts from. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub(super) store: Arc<dyn Store>,
    pub(super) finder: Finder,
    pub(super) accounts: Accounts,
    pub(super) desk: Desk,
    pub(super) known_keys: Arc<KnownKeys>,
    exports: Arc<Semaphore>,
    public_url: Option<Arc<str>>,
    public_origin: Option<Arc<str>>,
    reading: Reading,
    trusted_proxies: Arc<[IpNet]>,
    taxii_page_limit: u32,
    pub(super) misp: Arc<MispFeeds>,
    pub(super) alerts: AlertWays,
    clock: Clock,
}

/// Where alerts can go.
#[derive(Debug, Clone, Copy, Default)]
pub struct AlertWays {
    /// Webhooks may be on private networks.
    pub allow_private: bool,
    /// A mail server is set.
    pub mail: bool,
}

/// Where "now" comes from.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stands still, so that pages can be compared word for word.
    Fixed(Timestamp),
}

impl AppState {
    /// Serves what `store` holds and `index` finds.
    pub fn new(store: Arc<dyn Store>, index: SearchIndex, config: &ServeConfig) -> Self {
        let public_url = config.public_url.trim_end_matches('/');
        let origin = Url::parse(public_url).map(|url| url.origin().ascii_serialization());
        Self {
            accounts: Accounts::new(store.clone()),
            desk: Desk::new(store.clone(), Filter::embedded()),
            known_keys: Arc::default(),
            exports: Arc::new(Semaphore::new(MAX_EXPORTS)),
            store,
            finder: Finder::new(index),
            public_url: (!public_url.is_empty()).then(|| public_url.into()),
            public_origin: origin.ok().map(Into::into),
            reading: config.reading,
            trusted_proxies: config.trusted_proxies.0.as_slice().into(),
            taxii_page_limit: config.taxii_page_limit,
            misp: Arc::default(),
            alerts: AlertWays::default(),
            clock: Clock::System,
        }
    }

    /// The same with other ways out for alerts.
    pub fn with_alerts(self, alerts: AlertWays) -> Self {
        Self { alerts, ..self }
    }

    /// The same with another moderators' desk.
    pub fn with_desk(self, desk: Desk) -> Self {
        Self { desk, ..self }
    }

    /// The same with another clock.
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    pub(super) fn now(&self) -> Timestamp {
        match self.clock {
            Clock::System => Timestamp::now(),
            Clock::Fixed(moment) => moment,
        }
    }

    /// Reads what queries find.
    pub(super) fn gatherer(&self) -> Gatherer {
        Gatherer::new(self.store.clone(), self.finder.clone())
    }

    /// What ids and links of exports are made from. The Host header has no say: ids must not depend on who asks.
    pub(super) fn publisher(&self) -> Publisher {
        let url = self.public_url.as_deref().unwrap_or(Publisher::LOCAL);
        let finder = self.finder.clone();
        let aliases = move |kind, name: &str| finder.names().aliases(kind, name);
        Publisher::new(url).with_aliases(Arc::new(aliases))
    }

    /// The right to send a long export; `None` if too many are under way.
    pub(super) fn export_permit(&self) -> Option<OwnedSemaphorePermit> {
        self.exports.clone().try_acquire_owned().ok()
    }

    /// The address readers use, without trailing slash. The Host header is believed only where the operator
    /// has set no public address, and only if it is a plain host and port.
    pub(super) fn base_url(&self, headers: &HeaderMap) -> String {
        if let Some(url) = &self.public_url {
            return url.to_string();
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        match host.filter(|host| is_plain_host(host)) {
            Some(host) => format!("http://{host}"),
            None => "http://localhost".to_owned(),
        }
    }

    /// Scheme, host and port of the public address, where the operator has set it.
    pub(super) fn public_origin(&self) -> Option<&str> {
        self.public_origin.as_deref()
    }

    /// Whether reading needs a login or a token.
    pub(super) fn is_private(&self) -> bool {
        self.reading == Reading::Private
    }

    /// Objects of one TAXII answer at most.
    pub(super) fn taxii_page_limit(&self) -> u32 {
        self.taxii_page_limit
    }

    /// Proxies whose `X-Forwarded-For` is believed.
    pub(super) fn trusted_proxies(&self) -> &[IpNet] {
        &self.trusted_proxies
    }

    /// Whether readers come by https, so that cookies may be kept to it.
    pub(super) fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

fn is_plain_host(host: &str) -> bool {
    (1..=255).contains(&host.len())
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_hosts_are_believed() {
        for host in ["localhost:8420", "[::1]:80", "news.example.org"] {
            assert!(is_plain_host(host), "{host}");
        }
        for host in ["", "a/b", "a\"b", "user@host", "a b"] {
            assert!(!is_plain_host(host), "{host}");
        }
    }
}
