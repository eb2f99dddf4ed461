//! Speed and memory of exports, on articles made from a seed in a store and an index of their own.
//!
//! ```text
//! cargo bench --bench export                                       # 20,000 articles
//! cargo bench --bench export -- --articles 1000000 --keep /tmp/exports   # fill once, export again
//! ```
//!
//! Each format is written by a process of its own, so that its peak memory is its own. `VmHWM` counts pages of files that
//! are mapped, which the system takes back when it needs them; "own" is the most that the process had for itself
//! (`RssAnon`), looked at after every batch.

#[path = "search/corpus.rs"]
#[allow(dead_code, reason = "queries are for the bench of the search")]
mod corpus;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Instant,
};

use jiff::Timestamp;
use siftwire::{
    domain::{Article, ArticleDraft, ArticleId, ArticleKey, NewSource, SourceId},
    export::{Format, Publisher, Rows, View},
    gather::{Gatherer, Selection},
    search::{Finder, Query, SearchIndex, catch_up},
    store::{
        ArticleWrite, DeskBatch, EnrichedArticle, EnrichmentStore as _, SqliteStore, Store as _,
    },
};
use url::Url;

use corpus::Corpus;

const NOW: &str = "2026-11-23T12:00:00Z";
/// Articles that are stored in one transaction.
const BATCH: u64 = 1_000;
const SOURCES: usize = 5_000;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    if let (Some(folder), Some(format)) = (value("--measure"), value("--format")) {
        return measure(Path::new(&folder), Format::from_name(&format).expect("a format")).await;
    }
    let articles = value("--articles").and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = value("--keep").map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("a folder");
    fill(&folder, articles).await;
    for format in [Format::Ndjson, Format::Csv] {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.arg("--measure").arg(&folder).args(["--format", format.as_str()]);
        assert!(command.status().expect("it runs").success());
    }
}

/// Stores the articles that are not there yet, with what was found in them, and brings the index up to date.
async fn fill(folder: &Path, articles: u64) {
    let started = Instant::now();
    let corpus = Corpus::new(NOW.parse().expect("a time"));
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("a store");
    let have = store.counts().await.expect("counts").articles;
    if have == 0 {
        add_sources(&store).await;
    }
    let mut next = have + 1;
    while next <= articles {
        let until = (next + BATCH).min(articles + 1);
        add_articles(&store, &corpus, next..until).await;
        next = until;
    }
    let index = SearchIndex::open(&folder.join("index")).expect("an index");
    catch_up(Arc::new(store), &index).await.expect("an index that is up to date");
    println!("{} articles in {:.0} s", index.doc_count(), started.elapsed().as_secs_f64());
}

async fn add_sources(store: &SqliteStore) {
    for number in 0..SOURCES {
        let source = NewSource {
            url: format!("https://www.source-{number}.example/feed"),
            title: format!("Source {number}"),
            ..NewSource::default()
        };
        store.add_source(&source, NOW.parse().expect("a time")).await.expect("a source");
    }
}

async fn add_articles(store: &SqliteStore, corpus: &Corpus, numbers: std::ops::Range<u64>) {
    let now: Timestamp = NOW.parse().expect("a time");
    let writes: Vec<ArticleWrite> =
        numbers.clone().map(|number| write_of(corpus.article(number))).collect();
    let saved = store.save_articles(&writes, now).await.expect("saved");
    let read = |(number, id): (u64, ArticleId)| EnrichedArticle {
        id,
        revision: 1,
        published: corpus.article(number).published,
        enrichment: corpus.enriched(number).enrichment,
        signature: Vec::new(),
        fingerprint: number as i64,
        duplicate_of: None,
        placed: None,
    };
    let ids = saved.iter().map(|one| one.id);
    let state = store.desk_state().await.expect("a state");
    let batch = DeskBatch {
        turn: state.turn,
        edition: state.edition,
        read: now,
        articles: numbers.zip(ids).map(read).collect(),
        mentions: Vec::new(),
        incidents: Vec::new(),
    };
    assert!(store.save_desk_batch(&batch).await.expect("saved"));
}

fn write_of(article: Article) -> ArticleWrite {
    let url = Url::parse(&article.url).expect("an address");
    let SourceId(source) = article.source_id;
    let article = ArticleDraft {
        source_id: SourceId(source % SOURCES as i64 + 1),
        key: ArticleKey::of(&url),
        url: article.url,
        title: article.title,
        authors: article.authors,
        published: Some(article.published),
        modified: None,
        language: article.language,
        site_name: None,
        description: None,
        image: None,
        tags: article.tags,
        kind: article.kind,
        // As long as the text, which is what the store has of a page.
        html: article.text.clone(),
        text: article.text,
        comment_provider: None,
        confidence: 1.0,
    };
    ArticleWrite { entry: None, article, comments: Vec::new() }
}

/// Exports everything into nothing and says how fast and in how much memory.
async fn measure(folder: &Path, format: Format) {
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("a store");
    let index = SearchIndex::open(&folder.join("index")).expect("an index");
    let gatherer = Gatherer::new(Arc::new(store), Finder::new(index));
    let now = NOW.parse().expect("a time");
    let selection = Selection { query: Query::everything(), view: View::Articles, now };
    let publisher = Publisher::new(Publisher::LOCAL);
    let mut rows = Rows::new(format, View::Articles, &publisher).expect("a format of rows");
    let mut walk = gatherer.walk(selection, None);
    let (mut items, mut bytes, mut own) = (0, 0, 0);
    let mut out = Vec::new();
    let started = Instant::now();
    rows.begin(&mut out);
    while let Some(batch) = walk.next().await.expect("items") {
        batch.iter().for_each(|item| rows.item(item, &mut out));
        items += batch.len();
        bytes += out.len();
        own = own.max(memory_kb("RssAnon:"));
        out.clear();
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{:<8} {items} articles, {:.0} MB in {seconds:.1} s: {:.1} MB/s, {:.0} articles/s; {} MB own, VmHWM {} MB",
        format.as_str(),
        bytes as f64 / 1e6,
        bytes as f64 / 1e6 / seconds,
        items as f64 / seconds,
        own / 1024,
        memory_kb("VmHWM:") / 1024,
    );
}

/// A line of this process's status, from Linux; 0 elsewhere.
fn memory_kb(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
