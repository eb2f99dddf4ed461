//! Speed of indexing and searching, on articles made from a seed.
//!
//! ```text
//! cargo bench --bench search                        # 50,000 articles
//! cargo bench --bench search -- --articles 1000000  # the size that the target is about
//! cargo bench --bench search -- --articles 1000000 --keep /tmp/index   # build once, search again
//! cargo bench --bench search -- --no-compare --search-only --keep /tmp/index  # what is built so far
//! ```
//!
//! Indexing is compared with tantivy alone: the same texts in the same kinds of fields, its own
//! tokenizers, one writer thread with the same memory, and no store to read from. Siftwire indexes each
//! text both as written and stemmed, which neither tokenizer of tantivy does alone. The ratios are of
//! processor time, which other programs on the machine disturb less than the time on the clock.

#[path = "search/corpus.rs"]
mod corpus;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jiff::Timestamp;
use siftwire::{
    domain::{Article, ArticleId, Change, ChangeKind, Sequence},
    search::{
        ArticleLog, Follower, FollowerOptions, SearchIndex, SearchOptions, SearchResults,
        parse_query,
    },
    store,
};
use tantivy::{
    IndexWriter, TantivyDocument,
    schema::{
        FAST, INDEXED, IndexRecordOption, STORED, STRING, Schema, TEXT, TextFieldIndexing,
        TextOptions,
    },
};

use corpus::Corpus;

/// Articles that both sides index for the comparison, at most.
const COMPARED: u64 = 50_000;
const QUERIES: usize = 1_000;
const WRITER_BYTES: usize = 50 << 20;
/// Tokenizers of tantivy that siftwire is compared with: words as written, and stemmed.
const TOKENIZERS: [&str; 2] = ["default", "en_stem"];
const NOW: &str = "2026-11-23T12:00:00Z";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let articles = value("--articles").and_then(|text| text.parse().ok()).unwrap_or(50_000);
    let keep = value("--keep").map(PathBuf::from);
    let corpus = Arc::new(Corpus::new(NOW.parse().expect("a time")));

    if !arguments.iter().any(|argument| argument == "--no-compare") {
        compare_indexing(&corpus, articles.min(COMPARED)).await;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = keep.unwrap_or_else(|| folder.path().to_owned());
    let index = SearchIndex::open(&path).expect("an index");
    if !arguments.iter().any(|argument| argument == "--search-only") {
        let started = Instant::now();
        let indexed = follow(&corpus, articles, &index).await;
        if indexed > 0 {
            report_rate("siftwire, whole index", indexed, started.elapsed());
        }
    }
    measure_queries(&corpus, &index);
}

/// Articles by number, made when they are asked for, as a store would read them.
struct Log {
    corpus: Arc<Corpus>,
    articles: u64,
}

#[async_trait]
impl ArticleLog for Log {
    async fn changes_since(&self, after: Sequence, limit: u32) -> store::Result<Vec<Change>> {
        let last = self.articles as i64;
        let numbers = (after.0 + 1..=last).take(limit as usize);
        Ok(numbers
            .map(|number| Change {
                sequence: Sequence(number),
                kind: ChangeKind::ArticleSaved,
                article_id: ArticleId(number),
            })
            .collect())
    }

    async fn last_sequence(&self) -> store::Result<Sequence> {
        Ok(Sequence(self.articles as i64))
    }

    async fn article_ids(&self, after: ArticleId, limit: u32) -> store::Result<Vec<ArticleId>> {
        Ok((after.0 + 1..=self.articles as i64).take(limit as usize).map(ArticleId).collect())
    }

    async fn articles(&self, ids: &[ArticleId]) -> store::Result<Vec<Article>> {
        Ok(ids.iter().map(|id| self.corpus.article(id.0 as u64)).collect())
    }

    async fn enrichments(&self, ids: &[ArticleId]) -> store::Result<Vec<store::Enriched>> {
        Ok(ids.iter().map(|id| self.corpus.enriched(id.0 as u64)).collect())
    }
}

async fn follow(corpus: &Arc<Corpus>, articles: u64, index: &SearchIndex) -> u64 {
    let log = Arc::new(Log { corpus: corpus.clone(), articles });
    let options =
        FollowerOptions { writer_memory_bytes: WRITER_BYTES, ..FollowerOptions::default() };
    let mut follower = Follower::start(log, index.clone(), options).expect("a follower");
    let touched = follower.catch_up().await.expect("caught up");
    follower.finish().await.expect("merged");
    touched
}

/// Both sides get articles that are already made, so that only indexing is timed.
async fn compare_indexing(corpus: &Arc<Corpus>, articles: u64) {
    let made: Vec<Article> = (1..=articles).map(|number| corpus.article(number)).collect();
    let bytes: usize = made.iter().map(|article| article.text.len()).sum();
    println!("{articles} articles, {} bytes of text each", bytes as u64 / articles.max(1));
    let mut ratios = [Vec::new(), Vec::new()];
    for _ in 0..3 {
        let ours = time_ours(&made).await;
        ours.report("siftwire", articles);
        for (tokenizer, ratios) in TOKENIZERS.iter().zip(&mut ratios) {
            let bare = time_bare(&made, tokenizer);
            bare.report(&format!("tantivy alone, {tokenizer}"), articles);
            ratios.push(bare.processor.as_secs_f64() / ours.processor.as_secs_f64());
        }
    }
    for (tokenizer, mut ratios) in TOKENIZERS.iter().zip(ratios) {
        ratios.sort_by(f64::total_cmp);
        println!("ratio to {tokenizer:<19} {:>10.2}  (median of 3)", ratios[1]);
    }
}

fn time_bare(articles: &[Article], tokenizer: &str) -> Spent {
    let folder = tempfile::tempdir().expect("a folder");
    let mut schema = Schema::builder();
    let id = schema.add_i64_field("id", INDEXED | FAST);
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizer)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(indexing).set_stored();
    let title = schema.add_text_field("title", text.clone());
    let body = schema.add_text_field("body", text);
    let author = schema.add_text_field("author", TEXT | STORED);
    let url = schema.add_text_field("url", STRING | STORED);
    let source = schema.add_text_field("source", STRING | FAST | STORED);
    let language = schema.add_text_field("lang", STRING | FAST | STORED);
    let published = schema.add_i64_field("published", FAST | STORED);
    let index = tantivy::Index::create_in_dir(folder.path(), schema.build()).expect("an index");
    let started = Stopwatch::start();
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES).expect("a writer");
    for article in articles {
        let mut doc = TantivyDocument::new();
        doc.add_i64(id, article.id.0);
        doc.add_text(title, &article.title);
        doc.add_text(body, &article.text);
        doc.add_text(author, article.authors.join(", "));
        doc.add_text(url, &article.url);
        doc.add_text(source, &article.source);
        doc.add_text(language, article.language.as_deref().unwrap_or_default());
        doc.add_i64(published, article.published.as_second());
        writer.add_document(doc).expect("added");
    }
    writer.commit().expect("committed");
    writer.wait_merging_threads().expect("merged");
    started.spent()
}

/// The whole way, through the change log: delete by id, add, commit with the sequence.
async fn time_ours(articles: &[Article]) -> Spent {
    struct Made(Vec<Article>);
    #[async_trait]
    impl ArticleLog for Made {
        async fn changes_since(&self, after: Sequence, limit: u32) -> store::Result<Vec<Change>> {
            let numbers = (after.0 + 1..=self.0.len() as i64).take(limit as usize);
            let change = |number| Change {
                sequence: Sequence(number),
                kind: ChangeKind::ArticleSaved,
                article_id: ArticleId(number),
            };
            Ok(numbers.map(change).collect())
        }
        async fn last_sequence(&self) -> store::Result<Sequence> {
            Ok(Sequence(self.0.len() as i64))
        }
        /// None, so that the follower reads the log.
        async fn article_ids(&self, _: ArticleId, _: u32) -> store::Result<Vec<ArticleId>> {
            Ok(Vec::new())
        }
        async fn articles(&self, ids: &[ArticleId]) -> store::Result<Vec<Article>> {
            Ok(ids.iter().map(|id| self.0[id.0 as usize - 1].clone()).collect())
        }
        async fn enrichments(&self, _ids: &[ArticleId]) -> store::Result<Vec<store::Enriched>> {
            Ok(Vec::new())
        }
    }

    let folder = tempfile::tempdir().expect("a folder");
    let index = SearchIndex::open(folder.path()).expect("an index");
    let empty = Arc::new(Made(Vec::new()));
    siftwire::search::catch_up(empty, &index).await.expect("an empty index");
    let log = Arc::new(Made(articles.to_vec()));
    let started = Stopwatch::start();
    let options =
        FollowerOptions { writer_memory_bytes: WRITER_BYTES, ..FollowerOptions::default() };
    let mut follower = Follower::start(log, index.clone(), options).expect("a follower");
    follower.catch_up().await.expect("caught up");
    follower.finish().await.expect("merged");
    let spent = started.spent();
    assert_eq!(index.doc_count(), articles.len() as u64);
    spent
}

/// Time on the clock and of all processors, since a moment.
struct Stopwatch {
    clock: Instant,
    processor: Duration,
}

struct Spent {
    clock: Duration,
    processor: Duration,
}

impl Stopwatch {
    fn start() -> Self {
        Self { clock: Instant::now(), processor: processor_time() }
    }

    fn spent(&self) -> Spent {
        let processor = processor_time().saturating_sub(self.processor);
        Spent { clock: self.clock.elapsed(), processor }
    }
}

impl Spent {
    fn report(&self, name: &str, count: u64) {
        report_rate(name, count, self.clock);
        report_rate("  per second of processor", count, self.processor);
    }
}

/// Processor time of this process, from Linux; on other systems the time on the clock stands for it.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<u64> =
        after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
    match ticks[..] {
        [user, system] => Duration::from_millis((user + system) * 10),
        _ => std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
    }
}

/// Two-word queries with facets, histogram, and snippets for a page of hits.
fn measure_queries(corpus: &Corpus, index: &SearchIndex) {
    let now: Timestamp = NOW.parse().expect("a time");
    println!("{} articles in the index, {} hardware threads", index.doc_count(), threads());
    for (name, first, second) in [
        ("common + common", 0..200, 0..200),
        ("common + middling", 0..200, 200..5_000),
        ("common + rare", 0..200, 5_000..100_000),
        ("middling + middling", 200..5_000, 200..5_000),
        ("rare + rare", 5_000..100_000, 5_000..100_000),
    ] {
        let queries = corpus.word_pairs(first, second, QUERIES / 5);
        let results = time_queries(index, &queries, now);
        report_latency(name, &results);
    }
    let mixed = corpus.typical_pairs(QUERIES);
    report_latency("mixed as people ask", &time_queries(index, &mixed, now));
}

struct Timed {
    elapsed: Duration,
    total: usize,
}

fn time_queries(index: &SearchIndex, queries: &[String], now: Timestamp) -> Vec<Timed> {
    let options = SearchOptions { facets: true, histogram: true, ..SearchOptions::new(now) };
    let run = |text: &String| {
        let started = Instant::now();
        let query = parse_query(text).expect("a query");
        let results: SearchResults = index.search(&query, &options).expect("results");
        Timed { elapsed: started.elapsed(), total: results.total }
    };
    queries.iter().take(20).for_each(|query| {
        run(query);
    });
    queries.iter().map(run).collect()
}

fn report_rate(name: &str, count: u64, elapsed: Duration) {
    let rate = count as f64 / elapsed.as_secs_f64();
    println!("{name:<28} {rate:>10.0} articles/s");
}

fn report_latency(name: &str, timed: &[Timed]) {
    let mut times: Vec<Duration> = timed.iter().map(|one| one.elapsed).collect();
    times.sort_unstable();
    let mut totals: Vec<usize> = timed.iter().map(|one| one.total).collect();
    totals.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!(
        "{name:<28} p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.2} ms   matches p50 {} max {}",
        ms(at(50)),
        ms(at(99)),
        ms(times[times.len() - 1]),
        totals[totals.len() / 2],
        totals[totals.len() - 1],
    );
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
