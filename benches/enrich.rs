//! How fast articles are read and grouped, on one thread: `cargo bench --bench enrich [-- ARTICLES]`.
//!
//! The articles are those of the demo, each told again with other names and numbers, so that no two are the same.

use std::{fs, sync::Arc, time::Instant};

use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use siftwire::{
    desk::{Reader, Stream, ToRead},
    domain::ArticleId,
    enrich::Enricher,
};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ARTICLES: usize = 20_000;
/// Articles read before the clock starts.
const WARM_UP: usize = 200;

#[derive(Deserialize)]
struct Told {
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    paragraphs: Vec<String>,
}

fn main() {
    let articles = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let articles: usize = articles.unwrap_or(ARTICLES);
    let told = told();
    let started = Instant::now();
    let reader = Reader::new(Arc::new(Enricher::embedded()), 1).expect("a reader");
    println!("recognisers built in {} ms", started.elapsed().as_millis());
    (0..WARM_UP).for_each(|number| drop(reader.read(&article(&told, number))));

    let mut stream = Stream::default();
    let (mut reading_s, mut grouping_s, mut bytes) = (0.0, 0.0, 0);
    let mut mark = articles.div_ceil(8).max(1);
    let (mut since, mut since_s) = (0, 0.0);
    for number in 0..articles {
        let article = article(&told, number);
        bytes += article.text.len();
        let started = Instant::now();
        let read = reader.read(&article);
        reading_s += started.elapsed().as_secs_f64();
        let started = Instant::now();
        stream.add(ArticleId(number as i64), article.published, &read.signature);
        let spent = started.elapsed().as_secs_f64();
        grouping_s += spent;
        since_s += spent;
        since += 1;
        if number + 1 == mark || number + 1 == articles {
            println!(
                "grouped {:>8}: {:>6.1} µs an article",
                number + 1,
                since_s / since as f64 * 1e6
            );
            (since, since_s) = (0, 0.0);
            mark = (mark * 2).min(articles);
        }
    }
    let rate = |seconds: f64| articles as f64 / seconds;
    println!("{articles} articles, {} bytes each on average", bytes / articles.max(1));
    println!("reading alone:      {:>8.0} articles/s", rate(reading_s));
    println!("reading + grouping: {:>8.0} articles/s", rate(reading_s + grouping_s));
    println!("peak memory:        {:>8} MB", peak_memory_mb());
}

fn told() -> Vec<Told> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo/articles.jsonl");
    let lines = fs::read_to_string(path).expect("the demo's articles");
    lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The article with this number: a demo article with a victim, a vulnerability and figures of its own.
fn article(told: &[Told], number: usize) -> ToRead {
    let base = &told[number % told.len()];
    let round = number / told.len();
    let body = if base.text.is_empty() { base.paragraphs.join("\n\n") } else { base.text.clone() };
    let start: Timestamp = "2024-01-01T00:00:00Z".parse().expect("a time");
    ToRead {
        url: format!("https://site{}.example/{number}", number % 97),
        title: format!("{} at Plant{round}", base.title),
        text: format!(
            "{body}\n\nPlant{round} of Norbert{} Works named CVE-2026-{} and {} records.",
            round % 1_013,
            10_000 + round,
            1_000 + number * 37
        ),
        published: start + (number as i64 * 11).minutes(),
        source: (number % 97) as u64,
    }
}

/// The most memory this process ever had, where the system says so.
fn peak_memory_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
