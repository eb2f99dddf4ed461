//! How well reader comments are found, on pages with known comments.
//!
//! `cargo bench --bench quality_threads -- DATA [--list]`, where DATA holds folders with `truth.jsonl.gz` and
//! `html/<id>.html.gz`. Prints recall and precision of comment ids, the share of known comment strings
//! found, and pages without known comments where some were found. `--list` names the pages that fall short.

use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use flate2::read::GzDecoder;
use scraper::Html;
use serde::Deserialize;
use siftwire::{
    domain::ExtractedComment,
    extract::{sanitise, threads},
};
use url::Url;

#[derive(Deserialize)]
struct Truth {
    id: String,
    url: Option<String>,
    platform: Option<String>,
    #[serde(default)]
    comment_ids: Vec<String>,
    #[serde(default)]
    comments: Vec<String>,
}

#[derive(Default)]
struct Score {
    pages: usize,
    ids_known: usize,
    ids_found: usize,
    ids_right: usize,
    strings: usize,
    strings_found: usize,
    unexpected_pages: usize,
    unexpected: usize,
    comments: usize,
    with_author: usize,
    with_time: usize,
    with_parent: usize,
    reading: Duration,
    parsing: Duration,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(data) = arguments.first() else {
        println!("quality_threads: give the folder of the pages as an argument");
        return Ok(());
    };
    let list = arguments.iter().any(|argument| argument == "--list");
    let mut score = Score::default();
    for folder in folders(Path::new(data))? {
        measure(&folder, &mut score, list)?;
    }
    report(&score);
    Ok(())
}

fn folders(data: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(data).with_context(|| format!("read {}", data.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("truth.jsonl.gz").exists())
        .collect();
    folders.sort();
    Ok(folders)
}

fn measure(folder: &Path, score: &mut Score, list: bool) -> anyhow::Result<()> {
    let truth = BufReader::new(GzDecoder::new(File::open(folder.join("truth.jsonl.gz"))?));
    for line in truth.lines() {
        let truth: Truth = serde_json::from_str(&line?)?;
        let path = folder.join("html").join(format!("{}.html.gz", truth.id));
        let mut bytes = Vec::new();
        GzDecoder::new(File::open(&path)?).read_to_end(&mut bytes)?;
        judge(&truth, &String::from_utf8_lossy(&bytes), score, list);
    }
    Ok(())
}

fn judge(truth: &Truth, html: &str, score: &mut Score, list: bool) {
    let url = truth.url.as_deref().and_then(|url| Url::parse(url).ok());
    let start = Instant::now();
    let document = Html::parse_document(&sanitise::tame(html));
    let parsed = Instant::now();
    let found = threads::find(&document, url.as_ref());
    score.parsing += parsed - start;
    score.reading += parsed.elapsed();
    score.pages += 1;
    score.comments += found.comments.len();
    score.with_author += found.comments.iter().filter(|comment| comment.author.is_some()).count();
    score.with_time += found.comments.iter().filter(|comment| comment.published.is_some()).count();
    score.with_parent += found.comments.iter().filter(|comment| comment.parent.is_some()).count();

    let known: HashSet<&str> = truth.comment_ids.iter().map(String::as_str).collect();
    let ids: HashSet<&str> = found.comments.iter().map(|comment| number(&comment.id)).collect();
    let right = known.intersection(&ids).count();
    if !known.is_empty() {
        score.ids_known += known.len();
        score.ids_found += ids.len();
        score.ids_right += right;
    }
    let all: String = found.comments.iter().map(|comment| said(comment) + " \u{1} ").collect();
    let missed: Vec<&String> =
        truth.comments.iter().filter(|string| !all.contains(flat(string).trim())).collect();
    score.strings += truth.comments.len();
    score.strings_found += truth.comments.len() - missed.len();
    let unexpected = known.is_empty() && truth.comments.is_empty() && !ids.is_empty();
    score.unexpected_pages += usize::from(unexpected);
    score.unexpected += if unexpected { ids.len() } else { 0 };

    if !list {
        return;
    }
    let page = format!(
        "{} {} {} {:?}",
        truth.id,
        truth.platform.as_deref().unwrap_or("-"),
        truth.url.as_deref().unwrap_or("-"),
        found.provider
    );
    if right < known.len() || (!known.is_empty() && right < ids.len()) {
        let missing: Vec<_> = known.difference(&ids).take(4).collect();
        let extra: Vec<_> = ids.difference(&known).take(4).collect();
        println!(
            "ids      {page}: {right} of {}, {} found; missing {missing:?}, extra {extra:?}",
            known.len(),
            ids.len()
        );
    }
    if !missed.is_empty() {
        println!("strings  {page}: missing {missed:?}, {} comments found", ids.len());
    }
    if unexpected {
        let first = found.comments.first().map(|comment| {
            let text: String = comment.text.chars().take(80).collect();
            (comment.author.clone(), comment.published, text)
        });
        println!("unasked  {page}: {} found, first {first:?}", ids.len());
    }
}

/// The known ids are numbers alone: `17` for `comment-17`.
fn number(id: &str) -> &str {
    let number = &id[id.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
    if number.is_empty() || id.starts_with('x') { id } else { number }
}

/// Author and text, since the known strings are from both.
fn said(comment: &ExtractedComment) -> String {
    format!("{} {}", comment.author.as_deref().unwrap_or_default(), flat(&comment.text))
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn report(score: &Score) {
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    println!("pages                  {}", score.pages);
    println!(
        "comment ids            {} known, recall {:.3}, precision {:.3}",
        score.ids_known,
        share(score.ids_right, score.ids_known),
        share(score.ids_right, score.ids_found)
    );
    println!(
        "comment strings        {} of {} ({:.3})",
        score.strings_found,
        score.strings,
        share(score.strings_found, score.strings)
    );
    println!(
        "pages without known    {} with {} comments found",
        score.unexpected_pages, score.unexpected
    );
    println!(
        "of {} comments     author {:.3}, time {:.3}, parent {:.3}",
        score.comments,
        share(score.with_author, score.comments),
        share(score.with_time, score.comments),
        share(score.with_parent, score.comments)
    );
    println!(
        "time                   parsing {:.1} s, reading {:.1} s",
        score.parsing.as_secs_f64(),
        score.reading.as_secs_f64()
    );
}
