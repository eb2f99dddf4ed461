//! Which job may start next: jobs wait in a queue per host, each host has a pause between requests and a
//! number of requests at once. A slow host delays nobody else, and hosts without jobs are forgotten.
//! Pure: the time is an argument.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    net::IpAddr,
    time::{Duration, Instant},
};

use url::Url;

use crate::config::CrawlConfig;

/// Longest pause a site can ask for; beyond it a crawl would never end.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// The pause between requests to a host. This machine needs none: there is nobody to be polite to.
fn pause_for(host: &str, delay: Duration) -> Duration {
    if is_this_machine(host) { Duration::ZERO } else { delay }
}

/// The pause between requests to the host of an address, outside the queues.
pub(super) fn pause(config: &CrawlConfig, url: &Url) -> Duration {
    pause_for(url.host_str().unwrap_or_default(), Duration::from_millis(config.host_delay_ms))
}

/// Whether a host, with or without port, is a loopback address or its name.
fn is_this_machine(host: &str) -> bool {
    let without_port = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = without_port.trim_matches(['[', ']']);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Jobs, waiting per host.
#[derive(Debug)]
pub(super) struct HostQueues<J> {
    hosts: HashMap<String, Host<J>>,
    /// Hosts that have a job and a free place, by the time their pause ends.
    ready: BTreeSet<(Instant, String)>,
    delay: Duration,
    at_once: u32,
    waiting: usize,
}

#[derive(Debug)]
struct Host<J> {
    jobs: VecDeque<J>,
    running: u32,
    next_at: Instant,
    delay: Duration,
}

impl<J> HostQueues<J> {
    /// Queues with a pause of `delay` between starts and `at_once` jobs running, for each host.
    pub(super) fn new(delay: Duration, at_once: u32) -> Self {
        Self {
            hosts: HashMap::new(),
            ready: BTreeSet::new(),
            delay,
            at_once: at_once.max(1),
            waiting: 0,
        }
    }

    /// Jobs that wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Adds a job at the end of its host's queue.
    pub(super) fn push(&mut self, host: &str, job: J, now: Instant) {
        let delay = pause_for(host, self.delay);
        let entry = self.hosts.entry(host.to_owned()).or_insert_with(|| Host {
            jobs: VecDeque::new(),
            running: 0,
            next_at: now,
            delay,
        });
        entry.jobs.push_back(job);
        self.waiting += 1;
        self.mark(host);
    }

    /// Starts the job whose host has been ready for longest, if any is ready.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(String, J)> {
        let (at, host) = self.ready.first()?.clone();
        if at > now {
            return None;
        }
        self.ready.remove(&(at, host.clone()));
        let entry = self.hosts.get_mut(&host)?;
        let job = entry.jobs.pop_front()?;
        entry.running += 1;
        entry.next_at = now + entry.delay;
        self.waiting -= 1;
        self.mark(&host);
        Some((host, job))
    }

    /// Ends a job. `delay` is the pause that the host asks for; the longer of it and ours holds.
    pub(super) fn done(&mut self, host: &str, delay: Option<Duration>, now: Instant) {
        let Some(entry) = self.hosts.get_mut(host) else { return };
        entry.running = entry.running.saturating_sub(1);
        if let Some(asked) = delay {
            let asked = asked.min(MAX_DELAY);
            self.ready.remove(&(entry.next_at, host.to_owned()));
            entry.next_at = entry.next_at.max(now + asked);
            entry.delay = pause_for(host, self.delay).max(asked);
        }
        self.mark(host);
        self.prune(now);
    }

    /// When the next job can start, if one waits for a pause to end.
    pub(super) fn next_ready(&self) -> Option<Instant> {
        self.ready.first().map(|(at, _)| *at)
    }

    /// Takes out the jobs that have not started.
    pub(super) fn clear(&mut self) {
        self.hosts.clear();
        self.ready.clear();
        self.waiting = 0;
    }

    fn mark(&mut self, host: &str) {
        let Some(entry) = self.hosts.get(host) else { return };
        if !entry.jobs.is_empty() && entry.running < self.at_once {
            self.ready.insert((entry.next_at, host.to_owned()));
        }
    }

    /// Forgets hosts with nothing to do whose pause is over, now and then.
    fn prune(&mut self, now: Instant) {
        let idle_at_most = 2 * self.waiting + 64;
        if self.hosts.len() > idle_at_most {
            self.hosts
                .retain(|_, host| !host.jobs.is_empty() || host.running > 0 || host.next_at > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn this_machine_needs_no_pause() {
        for host in ["127.0.0.1:8431", "127.8.0.1", "[::1]:80", "localhost:8080", "localhost"] {
            assert_eq!(pause_for(host, SECOND), Duration::ZERO, "{host}");
        }
        for host in ["ex.org:8080", "10.0.0.1", "localhost.ex.org", "[2001:db8::1]:80"] {
            assert_eq!(pause_for(host, SECOND), SECOND, "{host}");
        }
    }

    #[test]
    fn a_host_is_asked_with_pauses_and_others_meanwhile() {
        let start = Instant::now();
        let mut queues = HostQueues::new(SECOND, 2);
        for job in 1..=3 {
            queues.push("a", job, start);
        }
        queues.push("b", 4, start);
        assert_eq!(queues.pop(start), Some(("a".to_owned(), 1)));
        assert_eq!(queues.pop(start), Some(("b".to_owned(), 4)));
        assert_eq!(queues.pop(start), None, "the pause of a");
        assert_eq!(queues.next_ready(), Some(start + SECOND));
        assert_eq!(queues.pop(start + SECOND), Some(("a".to_owned(), 2)));
        assert_eq!(queues.pop(start + 9 * SECOND), None, "two at once");
        queues.done("a", None, start + 9 * SECOND);
        assert_eq!(queues.pop(start + 9 * SECOND), Some(("a".to_owned(), 3)));
        assert_eq!(queues.waiting(), 0);
    }

    #[test]
    fn a_host_can_ask_for_a_longer_pause_within_bounds() {
        let start = Instant::now();
        let mut queues = HostQueues::new(SECOND, 1);
        for job in 1..=3 {
            queues.push("a", job, start);
        }
        assert!(queues.pop(start).is_some());
        queues.done("a", Some(5 * SECOND), start);
        assert_eq!(queues.next_ready(), Some(start + 5 * SECOND));
        assert!(queues.pop(start + 5 * SECOND).is_some());
        queues.done("a", Some(Duration::from_secs(86_400)), start + 5 * SECOND);
        assert_eq!(queues.next_ready(), Some(start + 5 * SECOND + MAX_DELAY));
    }

    #[test]
    fn idle_hosts_are_forgotten() {
        let start = Instant::now();
        let mut queues = HostQueues::new(Duration::ZERO, 1);
        for n in 0..1_000 {
            queues.push(&n.to_string(), n, start);
            let (host, _) = queues.pop(start).expect("a job");
            queues.done(&host, None, start);
        }
        assert!(queues.hosts.len() <= 65, "{} hosts", queues.hosts.len());
    }
}
