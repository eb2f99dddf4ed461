//! What every job uses: the client behind robots.txt, and the processor behind a semaphore.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use url::Url;

use super::{
    client::{Client, ClientError, FetchRequest, Fetched},
    error::CrawlError,
    robots_policy::{Decision, RobotsPolicy},
    schedule,
};
use crate::{
    config::CrawlConfig,
    store::{Store, StoreError},
};

/// Longest time for reading one answer.
const MAX_PARSE: Duration = Duration::from_secs(60);

/// Fetches politely: what robots.txt forbids, at the address asked for or where it redirects, is not fetched.
/// Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    robots: RobotsPolicy,
    /// One permit for each core, so that parsing does not crowd out the network.
    cpu: Arc<Semaphore>,
    pub(super) config: Arc<CrawlConfig>,
}

impl Fetcher {
    /// A fetcher with the limits of `config` that remembers robots.txt in `store`.
    pub fn new(store: Arc<dyn Store>, config: &CrawlConfig) -> Result<Self, ClientError> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let client = Client::new(config)?;
        Ok(Self {
            robots: RobotsPolicy::new(store, client.clone()),
            client,
            cpu: Arc::new(Semaphore::new(cores)),
            config: Arc::new(config.clone()),
        })
    }

    /// Fetches what robots.txt allows. `pause` becomes the pause that the host asks for, if it does.
    pub(super) async fn get(
        &self,
        request: FetchRequest,
        respect_robots: bool,
        pause: &mut Option<Duration>,
    ) -> Result<Fetched, CrawlError> {
        let obey = respect_robots && self.config.respect_robots;
        if obey {
            let decision = self.robots.check(&request.url).await?;
            *pause = decision.crawl_delay.max(*pause);
            refuse_unless_allowed(decision)?;
        }
        let may_follow = async |url: Url| match obey {
            true => refuse_unless_allowed(self.robots.check(&url).await?),
            false => Ok(()),
        };
        let answer = self.client.fetch_if(request, may_follow).await;
        if let Err(error) = &answer
            && let Some(header) = error.retry_after()
        {
            *pause = schedule::retry_after(header, Timestamp::now()).max(*pause);
        }
        answer
    }

    /// Whether robots.txt allows `url`, whoever asks.
    pub async fn robots(&self, url: &Url) -> Result<Decision, StoreError> {
        self.robots.check(url).await
    }

    /// The sitemaps that the robots.txt of `url`'s host names.
    pub async fn sitemaps(&self, url: &Url) -> Result<Vec<String>, StoreError> {
        self.robots.sitemaps(url).await
    }

    /// Runs `work` off the network threads. A panic in it is an error of this item alone.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CrawlError> {
        let permit = self.cpu.clone().acquire_owned().await.map_err(|_| CrawlError::Crashed)?;
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        match tokio::time::timeout(MAX_PARSE, task).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => Err(CrawlError::Crashed),
            Err(_) => Err(CrawlError::TooSlow),
        }
    }
}

fn refuse_unless_allowed(decision: Decision) -> Result<(), CrawlError> {
    if let Some(reason) = decision.unreachable {
        return Err(CrawlError::RobotsUnreachable(reason));
    }
    if !decision.allowed {
        return Err(CrawlError::Disallowed { rule: decision.rule.unwrap_or_default() });
    }
    Ok(())
}

/// The part of an address that politeness goes by.
pub(super) fn host_of(url: &str) -> String {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_default()
}
