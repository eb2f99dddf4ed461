//! How well pages are read, on pages with known answers:
//!
//! ```text
//! cargo bench --bench quality_extract -- ../shared/datasets/extraction [--worst N] [--set NAME]
//! ```
//!
//! The data folder holds a folder for each set with `truth.jsonl.gz` and `html/<id>.html.gz`. Measures are those
//! of the sets' own sources: 4-token shingles (`aeb`), bags of words (`wcxb`, `fundus`), strings that must and
//! must not be in the text (`trafilatura`).

use std::{
    collections::HashMap,
    error::Error,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    time::{Duration, Instant},
};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use siftwire::{
    domain::{ArticleKind, Extracted},
    extract::{dates, page},
};
use url::Url;

const SETS: &[&str] = &["aeb", "wcxb", "trafilatura", "fundus", "readability", "postlight"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let data = arguments.first().filter(|argument| !argument.starts_with("--"));
    let Some(data) = data.map(Path::new).filter(|folder| folder.is_dir()) else {
        println!("quality_extract: no data; give the folder with the labelled pages as argument");
        return Ok(());
    };
    let worst = option("--worst").and_then(|count| count.parse().ok()).unwrap_or(0);
    let only = option("--set");
    let mut meta = Meta::default();
    let mut clock = Clock::default();
    for set in SETS.iter().filter(|set| only.as_deref().is_none_or(|only| only == **set)) {
        let Some(pages) = read_set(&data.join(set))? else {
            println!("{set:24} absent");
            continue;
        };
        let mut measured: Vec<Measured> =
            pages.iter().map(|page| measure(page, &mut meta, &mut clock)).collect();
        report(set, &measured);
        measured.sort_by(|a, b| a.f1().total_cmp(&b.f1()));
        for page in measured.iter().filter(|page| page.scored()).take(worst) {
            println!(
                "    {:.3} p {:.3} r {:.3} {} {}",
                page.f1(),
                page.precision,
                page.recall,
                page.id,
                page.note
            );
        }
    }
    meta.report();
    clock.report();
    Ok(())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Truth {
    id: String,
    url: Option<String>,
    body: Option<String>,
    page_type: Option<String>,
    title: Option<String>,
    author: Value,
    authors: Vec<String>,
    date: Option<String>,
    with: Vec<String>,
    without: Vec<String>,
    comments: Vec<String>,
    clean_html: Option<String>,
    comment_ids: Value,
}

struct Page {
    truth: Truth,
    html: Vec<u8>,
    set: String,
}

fn read_set(folder: &Path) -> Result<Option<Vec<Page>>, Box<dyn Error>> {
    let Ok(file) = File::open(folder.join("truth.jsonl.gz")) else { return Ok(None) };
    let set = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut pages = Vec::new();
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        let truth: Truth = serde_json::from_str(&line?)?;
        let file = File::open(folder.join("html").join(format!("{}.html.gz", truth.id)))?;
        let mut html = Vec::new();
        MultiGzDecoder::new(file).read_to_end(&mut html)?;
        pages.push(Page { truth, html, set: set.clone() });
    }
    Ok(Some(pages))
}

/// What one page scored; sets without a body text have strings instead.
#[derive(Default)]
struct Measured {
    id: String,
    note: String,
    group: String,
    has_body: bool,
    precision: f64,
    recall: f64,
    exact: bool,
    strings: Strings,
}

/// Strings that had to be in the text, were in it wrongly, and so on.
#[derive(Default, Clone, Copy)]
struct Strings {
    found: usize,
    missed: usize,
    leaked: usize,
}

impl Measured {
    fn f1(&self) -> f64 {
        if self.has_body { f1(self.precision, self.recall) } else { self.strings.f1() }
    }

    fn scored(&self) -> bool {
        self.has_body || self.strings.found + self.strings.missed > 0
    }
}

impl Strings {
    fn f1(self) -> f64 {
        let all = 2 * self.found + self.missed + self.leaked;
        2.0 * self.found as f64 / all.max(1) as f64
    }
}

fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
}

fn measure(page: &Page, meta: &mut Meta, clock: &mut Clock) -> Measured {
    let truth = &page.truth;
    let url = truth.url.as_deref().and_then(|url| Url::parse(url).ok());
    let start = Instant::now();
    let extracted = page::extract(&page.html, url.as_ref(), None, &page::PageLimits::default());
    clock.add(start.elapsed(), page.html.len());
    let extracted = extracted.unwrap_or_default();
    meta.add(truth, &extracted);
    let mut measured = Measured {
        id: truth.id.clone(),
        note: truth.url.clone().unwrap_or_default(),
        group: truth.page_type.clone().unwrap_or_default(),
        ..Measured::default()
    };
    let text = squeezed(&extracted.text);
    let holds = |string: &&String| text.contains(&squeezed(string));
    measured.strings.found = truth.with.iter().filter(holds).count();
    measured.strings.missed = truth.with.len() - measured.strings.found;
    measured.strings.leaked = truth.without.iter().filter(holds).count();
    let body = truth.body.clone().or_else(|| truth.clean_html.as_deref().map(plain));
    if let Some(body) = body.filter(|_| page.set != "trafilatura" && page.set != "postlight") {
        let width = if page.set == "aeb" { 4 } else { 1 };
        let expected = tokens(&body, width == 1);
        let actual = tokens(&extracted.text, width == 1);
        (measured.precision, measured.recall) = overlap(&expected, &actual, width);
        measured.exact = expected == actual;
        measured.has_body = true;
    }
    measured
}

fn report(set: &str, pages: &[Measured]) {
    let mut groups: Vec<&str> = pages.iter().map(|page| page.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        let pages: Vec<&Measured> = pages.iter().filter(|page| page.group == group).collect();
        let name = if group.is_empty() { set.to_owned() } else { format!("{set} {group}") };
        let bodies: Vec<&&Measured> = pages.iter().filter(|page| page.has_body).collect();
        if !bodies.is_empty() {
            let mean = |value: fn(&Measured) -> f64| {
                bodies.iter().map(|page| value(page)).sum::<f64>() / bodies.len() as f64
            };
            let (precision, recall) = (mean(|page| page.precision), mean(|page| page.recall));
            println!(
                "{name:24} {:4} pages  mean F1 {:.3}  F1 of means {:.3}  precision {precision:.3}  recall {recall:.3}  identical {:.3}",
                bodies.len(),
                mean(Measured::f1),
                f1(precision, recall),
                mean(|page| f64::from(u8::from(page.exact))),
            );
        }
        let mut strings = Strings::default();
        for page in &pages {
            strings.found += page.strings.found;
            strings.missed += page.strings.missed;
            strings.leaked += page.strings.leaked;
        }
        if strings.found + strings.missed > 0 {
            println!(
                "{name:24} {:4} pages  strings F1 {:.3}  found {}  missed {}  leaked {}",
                pages.len(),
                strings.f1(),
                strings.found,
                strings.missed,
                strings.leaked
            );
        }
    }
}

/// Title, author, date and comments over all sets.
#[derive(Default)]
struct Meta {
    titles: [usize; 3],
    authors: [usize; 3],
    days: [usize; 3],
    comment_strings: [usize; 3],
    comment_ids: [usize; 2],
}

impl Meta {
    fn add(&mut self, truth: &Truth, extracted: &Extracted) {
        if let Some(expected) =
            truth.title.as_deref().map(squeezed).filter(|title| !title.is_empty())
        {
            let found = squeezed(extracted.title.as_deref().unwrap_or_default());
            let contained =
                !found.is_empty() && (expected.contains(&found) || found.contains(&expected));
            count(&mut self.titles, found == expected, contained);
        }
        let expected = names(truth);
        if !expected.is_empty() {
            let found: Vec<String> =
                extracted.authors.iter().flat_map(|name| split_names(name)).collect();
            let mut sorted = [expected.clone(), found.clone()];
            sorted.iter_mut().for_each(|names| names.sort());
            count(
                &mut self.authors,
                sorted[0] == sorted[1],
                expected.iter().any(|name| found.contains(name)),
            );
        }
        if let Some(day) = truth.date.as_deref().and_then(day_of) {
            let found = extracted.published.map(|date| date.as_second().div_euclid(86_400));
            count(
                &mut self.days,
                found == Some(day),
                found.is_some_and(|found| (found - day).abs() <= 1),
            );
        }
        let comments: String = extracted
            .comments
            .iter()
            .map(|comment| comment.text.as_str())
            .collect::<Vec<_>>()
            .join("\n");
        let (comments, text) = (squeezed(&comments), squeezed(&extracted.text));
        for expected in &truth.comments {
            self.comment_strings[0] += 1;
            self.comment_strings[1] += usize::from(comments.contains(&squeezed(expected)));
            self.comment_strings[2] += usize::from(text.contains(&squeezed(expected)));
        }
        if let Some(ids) = truth.comment_ids.as_array()
            && extracted.kind != ArticleKind::Thread
        {
            self.comment_ids[0] += ids.len();
            self.comment_ids[1] += extracted.comments.len().min(ids.len());
        }
    }

    fn report(&self) {
        let share = |[all, exact, loose]: [usize; 3]| {
            let all_f = all.max(1) as f64;
            format!("{:.3} / {:.3}  of {all}", exact as f64 / all_f, loose as f64 / all_f)
        };
        println!("title exact / contained   {}", share(self.titles));
        println!("author exact / any name   {}", share(self.authors));
        println!("date same day / +-1       {}", share(self.days));
        let [all, found, leaked] = self.comment_strings;
        println!("comment strings found     {found} of {all}, {leaked} leaked into the text");
        println!("comments with ids         {} of {}", self.comment_ids[1], self.comment_ids[0]);
    }
}

fn count(counts: &mut [usize; 3], exact: bool, loose: bool) {
    counts[0] += 1;
    counts[1] += usize::from(exact);
    counts[2] += usize::from(exact || loose);
}

fn names(truth: &Truth) -> Vec<String> {
    let stated = match &truth.author {
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(names) => vec![names.clone()],
        _ => truth.authors.clone(),
    };
    stated.iter().flat_map(|name| split_names(name)).collect()
}

fn split_names(names: &str) -> Vec<String> {
    names
        .replace(" and ", ",")
        .split([',', ';'])
        .map(squeezed)
        .filter(|name| !name.is_empty())
        .collect()
}

/// Days since 1970, as the source writes the day, whatever its zone.
fn day_of(date: &str) -> Option<i64> {
    let date = date.trim();
    let plain = date.get(..10).filter(|day| day.as_bytes()[4] == b'-').unwrap_or(date);
    Some(
        dates::parse(plain).or_else(|| dates::scan(date))?.timestamp.as_second().div_euclid(86_400),
    )
}

/// Time spent, page by page.
#[derive(Default)]
struct Clock {
    times: Vec<Duration>,
    bytes: usize,
}

impl Clock {
    fn add(&mut self, time: Duration, bytes: usize) {
        self.times.push(time);
        self.bytes += bytes;
    }

    fn report(mut self) {
        self.times.sort();
        let all: Duration = self.times.iter().sum();
        let at = |share: f64| {
            let index = (self.times.len() as f64 * share) as usize;
            self.times
                .get(index.min(self.times.len().saturating_sub(1)))
                .copied()
                .unwrap_or_default()
        };
        println!(
            "speed, one thread         {:.0} pages/s  {:.1} MB/s  p50 {:.1?}  p99 {:.1?}  worst {:.1?}",
            self.times.len() as f64 / all.as_secs_f64().max(1e-9),
            self.bytes as f64 / 1e6 / all.as_secs_f64().max(1e-9),
            at(0.5),
            at(0.99),
            at(1.0),
        );
    }
}

/// Lower case, white space collapsed.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// `\w+`, in lower case if wanted.
fn tokens(text: &str, lower: bool) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|token| !token.is_empty())
        .map(|token| if lower { token.to_lowercase() } else { token.to_owned() })
        .collect()
}

/// Precision and recall over runs of `width` tokens, counted as often as they occur.
fn overlap(expected: &[String], actual: &[String], width: usize) -> (f64, f64) {
    if expected.is_empty() || actual.is_empty() {
        let equal = f64::from(u8::from(expected.is_empty() && actual.is_empty()));
        return (equal, equal);
    }
    let mut left: HashMap<&[String], usize> = HashMap::new();
    let expected_count =
        shingles(expected, width).inspect(|run| *left.entry(run).or_default() += 1).count();
    let mut common = 0;
    let actual_count = shingles(actual, width)
        .inspect(|run| {
            if let Some(count) = left.get_mut(run).filter(|count| **count > 0) {
                *count -= 1;
                common += 1;
            }
        })
        .count();
    (common as f64 / actual_count as f64, common as f64 / expected_count as f64)
}

fn shingles(tokens: &[String], width: usize) -> impl Iterator<Item = &[String]> {
    tokens.windows(width.min(tokens.len()))
}

/// The text of an HTML fragment, a space for each tag.
fn plain(html: &str) -> String {
    let fragment = scraper::Html::parse_fragment(html);
    fragment.root_element().text().collect::<Vec<_>>().join(" ")
}
