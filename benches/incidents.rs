//! What it costs to find the incident of an article as the store grows:
//! `cargo bench --bench incidents -- 1000000` (default 100000). Articles are made up; incidents are kept as bytes, as
//! a store would, and found by their keys.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use siftwire::{
    domain::{Enrichment, Entity, EntityKind, IncidentId, Span},
    enrich::{
        Reading,
        incidents::{Assignment, Group, Signature, assign},
    },
};

/// Latest incidents looked up under a key, and incidents compared with an article, as the desk does.
const PER_KEY: usize = 40;
const CANDIDATES: usize = 24;
/// Articles per incident.
const COVERAGE: u64 = 4;
/// Seconds between two articles.
const PACE: i64 = 60;

#[derive(Default)]
struct Index {
    groups: Vec<Vec<u8>>,
    by_key: HashMap<u64, Vec<u32>>,
}

#[derive(Default)]
struct Spent {
    signature: Duration,
    find: Duration,
    assign: Duration,
    candidates: usize,
    joined: usize,
    articles: u32,
}

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let count: u64 = count.unwrap_or(100_000);
    let mut index = Index::default();
    let mut spent = Spent::default();
    println!(
        "articles  signature  find  assign  (us per article)  candidates  joined  processor us, all"
    );
    let mut processor = processor_time();
    for at in 0..count {
        index.take(at, &mut spent);
        if (at + 1) % (count / 10).max(1) == 0 {
            let now = processor_time();
            spent.print(at + 1, now.saturating_sub(processor));
            (spent, processor) = (Spent::default(), now);
        }
    }
}

impl Index {
    fn take(&mut self, at: u64, spent: &mut Spent) {
        let (reading, enrichment) = article(at);
        let published = Timestamp::from_second(1_600_000_000 + at as i64 * PACE).expect("a time");
        let start = Instant::now();
        let signature = Signature::of(&reading, &enrichment, published, at % 500);
        let keys = signature.keys();
        spent.signature += start.elapsed();
        let start = Instant::now();
        let candidates = self.candidates(&keys);
        spent.find += start.elapsed();
        let start = Instant::now();
        let assignment = assign(&signature, &candidates);
        spent.assign += start.elapsed();
        spent.candidates += candidates.len();
        spent.articles += 1;
        let id = match assignment {
            Assignment::Join { incident, .. } => {
                spent.joined += 1;
                incident.0 as u32
            }
            Assignment::New | Assignment::None => self.groups.len() as u32,
        };
        self.keep(id, &signature, keys, candidates);
    }

    /// The incidents that share most keys.
    fn candidates(&self, keys: &[u64]) -> Vec<(IncidentId, Group)> {
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for id in keys.iter().filter_map(|key| self.by_key.get(key)).flatten() {
            *shared.entry(*id).or_default() += 1;
        }
        let mut shared: Vec<(u32, u32)> =
            shared.into_iter().map(|(id, count)| (count, id)).collect();
        shared.sort_unstable_by(|a, b| b.cmp(a));
        let nearest = shared.into_iter().take(CANDIDATES);
        nearest
            .map(|(_, id)| {
                let group = postcard::from_bytes(&self.groups[id as usize]).expect("a group");
                (IncidentId(i64::from(id)), group)
            })
            .collect()
    }

    fn keep(
        &mut self,
        id: u32,
        signature: &Signature,
        keys: Vec<u64>,
        candidates: Vec<(IncidentId, Group)>,
    ) {
        let known = candidates.into_iter().find(|(incident, _)| incident.0 == i64::from(id));
        let mut group = known.map(|(_, group)| group).unwrap_or_default();
        group.add(signature);
        let bytes = postcard::to_stdvec(&group).expect("plain data");
        match self.groups.get_mut(id as usize) {
            Some(slot) => *slot = bytes,
            None => self.groups.push(bytes),
        }
        for key in keys {
            let ids = self.by_key.entry(key).or_default();
            if !ids.contains(&id) {
                if ids.len() == PER_KEY {
                    ids.remove(0);
                }
                ids.push(id);
            }
        }
    }
}

impl Spent {
    fn print(&self, articles: u64, processor: Duration) {
        let each = |spent: Duration| spent.as_secs_f64() * 1e6 / f64::from(self.articles);
        println!(
            "{articles:>8}  {:>9.0}  {:>4.0}  {:>6.0}  {:>28.1}  {:>6}  {:>17.0}",
            each(self.signature),
            each(self.find),
            each(self.assign),
            self.candidates as f64 / f64::from(self.articles),
            self.joined,
            each(processor)
        );
    }
}

/// Words that all articles draw from.
const COMMON: &str = "the of and to in a that for on was with as by at from had its been said after their were \
    company attack data systems security hackers customers network breach ransomware files access information \
    employees police officials services patients records stolen encrypted backup servers online email passwords \
    accounts investigation spokesperson statement week month year million people notified regulator experts \
    researchers group gang claimed leak site published sample demanded payment refused restore operations staff \
    offices phones paper appointments cancelled delayed schools students hospital bank trains city council county \
    state federal agency minister parliament court lawsuit fine insurance supplier contractor software update flaw \
    vulnerability exploited patch version gateway remote login credentials phishing malicious code server cloud \
    storage database exposed addresses names dates birth card numbers identity theft monitoring offered free letter \
    sent affected individuals confirmed denied unclear whether how many long days hours morning weekend outage \
    restored slowly normal again warned public report found evidence intruders months before detected alert";

/// Time that this thread was on a processor, which other work on the machine does not lengthen; none where the system
/// does not tell.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split_whitespace().next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// A made-up article: several tell of one incident, within two days of each other.
fn article(at: u64) -> (Reading, Enrichment) {
    // Articles of one incident come some thousands apart.
    let incident = at / (COVERAGE * 1000) * 1000 + at % 1000;
    let victim = format!(
        "{} {}",
        name(incident, 1),
        ["Clinic", "Bank", "Schools", "Rail"][(incident % 4) as usize]
    );
    let title = format!("{victim} hit by {}", name(incident % 97, 2));
    let mut body = format!(
        "{victim} said on Monday that attackers had taken {} records.",
        1000 + incident % 90_000
    );
    let words: Vec<&str> = COMMON.split_whitespace().collect();
    for word in 0..120 {
        body.push(' ');
        body.push_str(words[(hash(at, word) % words.len() as u64) as usize]);
        if word % 24 == 23 {
            body.push_str(&format!(". Said {}", name(hash(incident, word), 4)));
        }
    }
    let reading = Reading::of(&title, &body);
    let span = Span { start: 0, end: victim.len() };
    let entities = vec![
        Entity {
            kind: EntityKind::Victim,
            name: victim,
            id: None,
            spans: vec![span],
            evidence: span,
            known_exploited: false,
        },
        Entity {
            kind: EntityKind::Actor,
            name: name(incident % 97, 2),
            id: None,
            spans: vec![span],
            evidence: span,
            known_exploited: false,
        },
    ];
    (reading, Enrichment { language: Some("en".to_owned()), entities, ..Enrichment::default() })
}

fn hash(a: u64, b: u64) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(&a.to_le_bytes(), b)
}

/// A name of four syllables.
fn name(a: u64, seed: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "ka", "lo", "mi", "ra", "tu", "ven", "sor", "hal", "den", "fi", "gro", "bel", "nu", "pas",
        "wi", "zen",
    ];
    let mut bits = hash(a, seed);
    let mut name = String::new();
    for _ in 0..4 {
        name.push_str(SYLLABLES[(bits % 16) as usize]);
        bits /= 16;
    }
    name[..1].to_uppercase() + &name[1..]
}
