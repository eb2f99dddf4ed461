//! Fetching and remembering robots.txt, and what its absence means (RFC 9309 section 2.3.1).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    client::{Accept, Client, FetchError, FetchRequest},
    robots::{AGENT, MAX_BYTES, RobotsRules},
    schedule,
};
use crate::store::{Store, StoreError, StoredRobots};

/// How long an answer is good where its headers do not say, and at most (RFC 9309 section 2.4).
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Shortest time between two requests for one robots.txt, whatever its headers say.
const SHORTEST: SignedDuration = SignedDuration::from_mins(10);
/// When an unreachable robots.txt is asked for again.
const RETRY: SignedDuration = SignedDuration::from_mins(30);
/// After this long without an answer the host counts as having no robots.txt.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Hosts kept in memory; the store remembers the others.
const MAX_HOSTS: usize = 2_000;
/// A robots.txt beyond this is read from the store each time instead of being kept in memory.
const LARGE: usize = 32 << 10;

/// Whether an address may be fetched, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    /// The line of robots.txt that decided, if one did.
    pub rule: Option<String>,
    /// Why robots.txt could not be read, which forbids everything for a while.
    pub unreachable: Option<Unreachable>,
    /// The pause between requests that the site asks for.
    pub crawl_delay: Option<Duration>,
}

/// Why robots.txt could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// [`FetchError::code`].
    pub code: String,
    pub message: String,
}

impl Decision {
    fn allowed() -> Self {
        Self { allowed: true, rule: None, unreachable: None, crawl_delay: None }
    }
}

/// What a host's robots.txt amounts to.
#[derive(Debug, Clone)]
enum Verdict {
    Rules(Arc<RobotsRules>),
    Unreachable(Unreachable),
}

#[derive(Debug, Clone)]
struct Known {
    verdict: Verdict,
    expires: Timestamp,
}

/// One lock for each host, so that its robots.txt is asked for once however many of its pages wait.
type Slot = Arc<tokio::sync::Mutex<Option<Known>>>;

/// Asks each host for its robots.txt when needed, and keeps the answers in the store.
#[derive(Clone)]
pub struct RobotsPolicy {
    store: Arc<dyn Store>,
    client: Client,
    slots: Arc<Mutex<HashMap<String, Slot>>>,
}

impl RobotsPolicy {
    /// A policy that remembers in `store`.
    pub fn new(store: Arc<dyn Store>, client: Client) -> Self {
        Self { store, client, slots: Arc::default() }
    }

    /// Whether `url` may be fetched. Errors are the store's; an unreachable robots.txt is a decision.
    pub async fn check(&self, url: &Url) -> Result<Decision, StoreError> {
        Ok(match self.verdict(url).await? {
            Verdict::Rules(rules) => decide(&rules, url),
            Verdict::Unreachable(reason) => {
                Decision { allowed: false, unreachable: Some(reason), ..Decision::allowed() }
            }
        })
    }

    /// The sitemaps that the host of `url` names.
    pub async fn sitemaps(&self, url: &Url) -> Result<Vec<String>, StoreError> {
        Ok(match self.verdict(url).await? {
            Verdict::Rules(rules) => rules.sitemaps().to_vec(),
            Verdict::Unreachable(_) => Vec::new(),
        })
    }

    async fn verdict(&self, url: &Url) -> Result<Verdict, StoreError> {
        let origin = url.origin().ascii_serialization();
        let slot = self.slot(&origin);
        let mut known = slot.lock().await;
        let now = Timestamp::now();
        if let Some(known) = known.as_ref().filter(|known| known.expires > now) {
            return Ok(known.verdict.clone());
        }
        let stored = self.current(&origin, url, now).await?;
        let verdict = verdict_of(&stored, now);
        *known = (stored.body.len() <= LARGE)
            .then(|| Known { verdict: verdict.clone(), expires: stored.expires });
        Ok(verdict)
    }

    fn slot(&self, origin: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_HOSTS && !slots.contains_key(origin) {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1); // those in use just now
        }
        slots.entry(origin.to_owned()).or_default().clone()
    }

    /// The stored answer while it is good, else a new one.
    async fn current(
        &self,
        origin: &str,
        url: &Url,
        now: Timestamp,
    ) -> Result<StoredRobots, StoreError> {
        let stored = self.store.robots(origin).await?;
        if let Some(stored) = stored.clone().filter(|stored| stored.expires > now) {
            return Ok(stored);
        }
        let fresh = renewed(stored, self.fetch(url, now).await, now);
        self.store.save_robots(origin, &fresh).await?;
        Ok(fresh)
    }

    async fn fetch(&self, url: &Url, now: Timestamp) -> StoredRobots {
        let Ok(address) = url.join("/robots.txt") else {
            return answered(404, String::new(), now, DAY);
        };
        let mut request = FetchRequest::new(address, Accept::Any, MAX_BYTES as u64);
        request.truncate = true;
        match self.client.fetch(request).await {
            Ok(fetched) => {
                let good_for = schedule::freshness(&fetched.headers).unwrap_or(DAY);
                let text = String::from_utf8_lossy(&fetched.body).into_owned();
                answered(fetched.status, text, now, good_for.clamp(SHORTEST, DAY))
            }
            Err(error) if means_no_file(&error) => {
                answered(error.status().unwrap_or(404), String::new(), now, DAY)
            }
            Err(error) => {
                let reason = format!("{}: {error}", error.code());
                answered(error.status().unwrap_or(0), reason, now, RETRY)
            }
        }
    }
}

fn answered(status: u16, body: String, now: Timestamp, good_for: SignedDuration) -> StoredRobots {
    StoredRobots { status, body, fetched: now, expires: now + good_for }
}

/// 4xx, a redirect that leads nowhere, and addresses we never reach: there is no robots.txt. Too many
/// requests (429) is no statement about the file.
fn means_no_file(error: &FetchError) -> bool {
    match error {
        FetchError::Http { status, .. } => (300..500).contains(status) && *status != 429,
        FetchError::TooManyRedirects { .. }
        | FetchError::RedirectLoop { .. }
        | FetchError::BadRedirect(_)
        | FetchError::Refused(_)
        | FetchError::BadUrl(_) => true,
        _ => false,
    }
}

/// A host that stops answering keeps the rules it last gave; one that never gave any keeps the time since
/// when it has not answered.
fn renewed(old: Option<StoredRobots>, fresh: StoredRobots, now: Timestamp) -> StoredRobots {
    let Some(old) = old.filter(|_| is_unreachable(fresh.status)) else { return fresh };
    if now.duration_since(old.fetched) > GIVE_UP {
        return answered(404, String::new(), now, DAY);
    }
    if is_unreachable(old.status) {
        return StoredRobots { fetched: old.fetched, ..fresh };
    }
    StoredRobots { expires: fresh.expires, ..old }
}

fn is_unreachable(status: u16) -> bool {
    status == 0 || status == 429 || status >= 500
}

fn verdict_of(stored: &StoredRobots, now: Timestamp) -> Verdict {
    if !is_unreachable(stored.status) {
        return Verdict::Rules(Arc::new(RobotsRules::parse(&stored.body, AGENT)));
    }
    if now.duration_since(stored.fetched) > GIVE_UP {
        return Verdict::Rules(Arc::default());
    }
    let (code, message) = stored.body.split_once(": ").unwrap_or(("http-error", &stored.body));
    Verdict::Unreachable(Unreachable { code: code.to_owned(), message: message.to_owned() })
}

fn decide(rules: &RobotsRules, url: &Url) -> Decision {
    let crawl_delay = rules.crawl_delay();
    let (allowed, rule) =
        match rules.deciding_rule(&url[url::Position::BeforePath..url::Position::AfterQuery]) {
            Some((allowed, line)) => (allowed, Some(line)),
            None => (true, None),
        };
    Decision { allowed, rule, unreachable: None, crawl_delay }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn stored(status: u16, body: &str, fetched: i64) -> StoredRobots {
        answered(status, body.to_owned(), at(fetched), DAY)
    }

    fn unreachable(fetched: i64) -> StoredRobots {
        answered(0, "timeout: no answer".to_owned(), at(fetched), RETRY)
    }

    #[test]
    fn a_host_that_stops_answering_keeps_its_rules_for_a_while() {
        let rules = stored(200, "user-agent: *\ndisallow: /x", 0);
        let kept = renewed(Some(rules.clone()), unreachable(100), at(100));
        assert_eq!((kept.status, kept.body), (200, rules.body));
        assert_eq!(kept.expires, at(100) + RETRY);
    }

    #[test]
    fn unreachable_forbids_for_a_bounded_time() {
        let first = renewed(None, unreachable(0), at(0));
        assert!(matches!(verdict_of(&first, at(0)), Verdict::Unreachable(_)));
        let later = renewed(Some(first), unreachable(2_000), at(2_000));
        assert_eq!(later.fetched, at(0), "the time of the first failure is kept");
        let month = at(GIVE_UP.as_secs() + 1);
        let given_up = renewed(Some(later), unreachable(month.as_second()), month);
        assert!(matches!(verdict_of(&given_up, month), Verdict::Rules(_)));
    }

    #[test]
    fn the_reason_survives_the_store() {
        let Verdict::Unreachable(reason) = verdict_of(&unreachable(0), at(1)) else {
            panic!("an unreachable host forbids")
        };
        assert_eq!((reason.code.as_str(), reason.message.as_str()), ("timeout", "no answer"));
    }

    #[test]
    fn a_client_error_means_no_file() {
        let http = |status| FetchError::Http { status, retry_after: None };
        assert!([400, 401, 403, 404, 410].into_iter().all(|status| means_no_file(&http(status))));
        assert!([429, 500, 503].into_iter().all(|status| !means_no_file(&http(status))));
    }

    #[test]
    fn the_query_is_judged_and_the_fragment_is_not() {
        let rules = RobotsRules::parse("user-agent: *\ndisallow: /*?q=\ndisallow: /*top", AGENT);
        let judge = |url: &str| decide(&rules, &Url::parse(url).expect("an address"));
        let refused = judge("https://ex.org/a?q=1");
        assert_eq!((refused.allowed, refused.rule.as_deref()), (false, Some("disallow: /*?q=")));
        assert!(judge("https://ex.org/a#top").allowed);
    }
}
