//! How well feeds are read, against sets with expected values.
//!
//! `cargo bench --bench quality_feeds -- [--verbose] [FOLDER]`; the folder (default `../shared/datasets/feeds`) has
//! the sets `tolerance`, `feedparser`, `gofeed` and `feed-rs`, each with an `expect.jsonl`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use siftwire::{
    domain::{FeedEntry, ParsedFeed},
    extract::{
        feed::{self, FeedLimits},
        sanitise,
    },
};
use url::Url;

const DEFAULT_FOLDER: &str = "../shared/datasets/feeds";
/// Bytes read for the measurement of speed.
const SPEED_BYTES: usize = 100 << 20;

fn main() {
    // Cargo passes `--bench` of its own.
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let verbose = arguments.iter().any(|argument| argument == "--verbose");
    let folder = arguments.iter().find(|argument| !argument.starts_with("--"));
    let folder = PathBuf::from(folder.map_or(DEFAULT_FOLDER, String::as_str));
    if !folder.is_dir() {
        println!("no data in {}: nothing measured", folder.display());
        return;
    }
    tolerance(&folder.join("tolerance"), verbose);
    feedparser(&folder.join("feedparser"), verbose);
    gofeed(&folder.join("gofeed"), verbose);
    read_at_all(&folder.join("feed-rs"), "feed_rs", verbose);
    speed(&folder);
}

fn rows(set: &Path) -> Vec<Value> {
    let Ok(text) = fs::read_to_string(set.join("expect.jsonl")) else {
        println!("{}: absent", set.display());
        return Vec::new();
    };
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn read(set: &Path, row: &Value, base: &str, content_type: Option<&str>) -> Option<ParsedFeed> {
    let bytes = fs::read(set.join(row["file"].as_str()?)).ok()?;
    let base = Url::parse(base).ok();
    feed::parse(&bytes, base.as_ref(), content_type, &FeedLimits::default()).ok()
}

fn day(date: Timestamp) -> String {
    date.to_zoned(TimeZone::UTC).date().to_string()
}

fn tolerance(set: &Path, verbose: bool) {
    let rows = rows(set);
    let mut right = 0;
    for row in &rows {
        let found = read(set, row, "http://ex.org/feed", None).map(|feed| {
            let first = feed.entries.first().cloned().unwrap_or_default();
            serde_json::json!({
                "entries": feed.entries.len(),
                "title": first.title,
                "link": first.link,
                "date": first.published.or(first.updated).map(day),
            })
        });
        let is_right = found.as_ref().is_some_and(|found| {
            ["entries", "title", "link", "date"]
                .iter()
                .all(|name| row[*name].is_null() || row[*name] == found[*name])
        });
        right += usize::from(is_right);
        if verbose && !is_right {
            println!("  wrong: {row}\n    read: {found:?}");
        }
    }
    println!("tolerance: {right} of {} files right", rows.len());
}

/// Right and all, by field.
#[derive(Default)]
struct Scores(BTreeMap<String, (usize, usize)>);

impl Scores {
    fn add(&mut self, field: &str, right: bool) {
        let score = self.0.entry(field.to_owned()).or_default();
        score.0 += usize::from(right);
        score.1 += 1;
    }

    fn print(&self) {
        for (field, (right, all)) in &self.0 {
            println!("  {field:<24} {right:>4} of {all:>4}  {:.2}", *right as f64 / *all as f64);
        }
    }
}

fn feedparser(set: &Path, verbose: bool) {
    let rows = rows(set);
    let mut scores = Scores::default();
    let mut files = 0;
    for row in &rows {
        let header = |name: &str| {
            row["headers"]
                .as_object()?
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))?
                .1
                .as_str()
        };
        let root = Url::parse("http://127.0.0.1:8097/").expect("a fixed address");
        let file = row["file"].as_str().unwrap_or_default();
        let base = root.join(header("content-location").unwrap_or("")).unwrap_or(root.clone());
        let feed = read(set, row, base.as_str(), header("content-type"));
        files += usize::from(feed.is_some());
        let feed = feed.unwrap_or_default();
        for check in row["checks"].as_array().into_iter().flatten() {
            let Some((field, found)) = feedparser_value(&feed, &check["path"]) else { continue };
            let expected = &check["value"];
            let right = check["op"] == "eq" && loosely_equal(&found, expected);
            scores.add(&field, right);
            if verbose && !right {
                println!(
                    "  wrong: {file} {} {}\n    wanted {expected}\n    read   {found}",
                    check["path"], check["op"]
                );
            }
        }
    }
    println!("feedparser: {files} of {} files read; checks met:", rows.len());
    scores.print();
}

/// Our value for a path in feedparser's model, with the name of its field; nothing if we have no such field.
fn feedparser_value(feed: &ParsedFeed, path: &Value) -> Option<(String, Value)> {
    let path: Vec<String> = path
        .as_array()?
        .iter()
        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
        .collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let value = match path.as_slice() {
        ["feed", "title"] | ["feed", "title_detail", "value"] => feed.title.clone().into(),
        ["feed", "link"] => feed.link.clone().into(),
        ["feed", "language"] => feed.language.clone().into(),
        ["entries", at, rest @ ..] => {
            let entry = feed.entries.get(at.parse::<usize>().ok()?).cloned().unwrap_or_default();
            return entry_value(&entry, rest);
        }
        _ => return None,
    };
    Some((format!("feed {}", path[1]), value))
}

fn entry_value(entry: &FeedEntry, path: &[&str]) -> Option<(String, Value)> {
    let at = |text: &str| text.parse::<usize>().ok();
    let (field, value): (&str, Value) = match path {
        ["title"] | ["title_detail", "value"] => ("title", entry.title.clone().into()),
        ["link"] => ("link", entry.link.clone().into()),
        ["id" | "guid"] => ("id", entry.id.clone().into()),
        ["summary" | "description"] | ["summary_detail", "value"] => {
            ("summary", entry.summary.clone().or_else(|| entry.content.clone()).into())
        }
        ["content", index, "value"] => {
            let value =
                (at(index)? == 0).then(|| entry.content.clone().or_else(|| entry.summary.clone()));
            ("content", value?.into())
        }
        ["author"] | ["author_detail" | "authors", "name"] | ["authors", _, "name"] => {
            let index = path.get(1).and_then(|part| at(part)).unwrap_or(0);
            ("author", entry.authors.get(index).cloned().into())
        }
        ["author_detail", "url"] | ["authors", "0", "url"] => {
            ("author url", entry.author_url.clone().into())
        }
        ["tags", index, "term"] => ("category", entry.categories.get(at(index)?).cloned().into()),
        ["enclosures", index, name] => {
            let enclosure = entry.enclosures.get(at(index)?).cloned().unwrap_or_default();
            let value = match *name {
                "href" | "url" => enclosure.url.into(),
                "type" => enclosure.media_type.into(),
                "length" => enclosure.length.map(|length| length.to_string()).into(),
                _ => return None,
            };
            ("enclosure", value)
        }
        ["published_parsed"] => ("published", entry.published.map(tuple).into()),
        ["updated_parsed"] => ("updated", entry.updated.map(tuple).into()),
        ["comments"] => ("comments", entry.comments_url.clone().into()),
        ["slash_comments"] | ["thr_total"] => {
            ("comment count", entry.comment_count.map(|count| count.to_string()).into())
        }
        ["wfw_commentrss"] => ("comment feed", entry.comments_feed.clone().into()),
        _ => return None,
    };
    Some((format!("entry {field}"), value))
}

/// Year to second; the rest of feedparser's tuple follows from them.
fn tuple(date: Timestamp) -> Vec<i64> {
    let date = date.to_zoned(TimeZone::UTC);
    [date.year().into(), date.month().into(), date.day().into()]
        .into_iter()
        .chain([date.hour().into(), date.minute().into(), date.second().into()])
        .collect()
}

fn loosely_equal(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => expected.starts_with(found),
        (Value::String(found), Value::String(expected)) => {
            loose(found) == loose(expected) || loose(expected) == one_line(found)
        }
        (Value::Null, Value::String(expected)) => loose(expected).is_empty(),
        _ => found == expected,
    }
}

/// The words a reader sees, in either way of escaping; addresses without a closing slash.
fn loose(text: &str) -> String {
    let words =
        if text.contains(['<', '&']) { sanitise::plain_text(text) } else { text.to_owned() };
    one_line(&words)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('/').to_owned()
}

fn gofeed(set: &Path, verbose: bool) {
    let rows = rows(set);
    let mut scores = Scores::default();
    let mut files = 0;
    for row in rows.iter() {
        let Some(feed) = read(set, row, "http://ex.org/feed", None) else {
            if verbose {
                println!("  unread: {}", row["file"]);
            }
            continue;
        };
        files += 1;
        let expected = &row["gofeed"];
        let items = ["items", "entries"].iter().find_map(|name| expected[*name].as_array());
        for (at, item) in items.into_iter().flatten().enumerate() {
            let entry = feed.entries.get(at).cloned().unwrap_or_default();
            for (field, found) in [
                ("title", Value::from(entry.title.clone())),
                ("link", entry.link.clone().into()),
                ("guid", entry.id.clone().into()),
                ("id", entry.id.clone().into()),
                ("description", entry.summary.clone().into()),
                ("content", entry.content.clone().into()),
            ] {
                let Some(wanted) = item[field].as_str() else { continue };
                let right = loosely_equal(&found, &wanted.into());
                scores.add(field, right);
                if verbose && !right {
                    println!(
                        "  wrong: {} {at} {field}\n    wanted {wanted}\n    read   {found}",
                        row["file"]
                    );
                }
            }
            for (field, found) in
                [("publishedParsed", entry.published), ("updatedParsed", entry.updated)]
            {
                let Some(wanted) = item[field].as_str() else { continue };
                let right = wanted.parse::<Timestamp>().ok() == found;
                scores.add(field, right);
                if verbose && !right {
                    println!(
                        "  wrong: {} {at} {field}\n    wanted {wanted}\n    read   {found:?}",
                        row["file"]
                    );
                }
            }
        }
    }
    println!("gofeed: {files} of {} files read; values equal:", rows.len());
    scores.print();
}

fn read_at_all(set: &Path, name: &str, verbose: bool) {
    let rows = rows(set);
    let (mut files, mut complete) = (0, 0);
    for row in rows.iter().filter(|row| !row[name].is_null()) {
        let Some(feed) = read(set, row, "http://ex.org/feed", None) else { continue };
        files += 1;
        let entries = row[name]["entries"].as_array().map_or(0, Vec::len);
        complete += usize::from(feed.entries.len() >= entries);
        if verbose && (feed.entries.len() < entries || !feed.repairs.is_empty()) {
            println!(
                "  {} entries {} of {entries} {:?}",
                row["file"],
                feed.entries.len(),
                feed.repairs
            );
        }
    }
    println!("{name}: {files} of {} files read, {complete} with all entries", rows.len());
}

/// Megabytes a second over the real feeds of the feed-rs set, one thread.
fn speed(folder: &Path) {
    let set = folder.join("feed-rs");
    let bodies: Vec<Vec<u8>> = rows(&set)
        .iter()
        .filter_map(|row| fs::read(set.join(row["file"].as_str()?)).ok())
        .filter(|bytes| bytes.len() > 2_000)
        .collect();
    let once: usize = bodies.iter().map(Vec::len).sum();
    if once == 0 {
        return;
    }
    let rounds = (SPEED_BYTES / once).max(1);
    let measure = |name: &str, parse: &dyn Fn(&[u8])| {
        let start = Instant::now();
        bodies.iter().cycle().take(bodies.len() * rounds).for_each(|body| parse(body));
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "speed of {name}: {:.0} MB/s, {:.0} feeds/s over {} feeds",
            (once * rounds) as f64 / 1e6 / seconds,
            (bodies.len() * rounds) as f64 / seconds,
            bodies.len()
        );
    };
    measure("siftwire", &|body| {
        let _ = std::hint::black_box(feed::parse(body, None, None, &FeedLimits::default()));
    });
    measure("feed-rs alone", &|body| {
        let _ = std::hint::black_box(feed_rs::parser::parse(body));
    });
}
