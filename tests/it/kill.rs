//! Killing a crawl at any moment loses nothing, doubles nothing and fetches nothing needlessly again; nor does
//! killing it while it brings the search index up to date.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    process::Stdio,
    time::Duration,
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use siftwire::{
    domain::ArticleId,
    search::{SearchIndex, SearchOptions, parse_query},
    store::{SqliteStore, Store},
};
use tokio::process::{Child, Command};
use url::Url;

use crate::{
    crawl::items,
    web::{Site, ok, page, paragraphs, rss, status},
};

/// How long the index step may take before it is killed, at most.
const INDEXING_MS: u64 = 400;
/// Requests under way at once in the killed crawls.
const AT_ONCE: usize = 16;
/// Outcomes that may wait to be written, and be lost with the process: one batch, what is running, and what
/// ended while a batch was being written.
const LOST_AT_MOST: usize = 64 + 2 * AT_ONCE;

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_survives_being_killed() {
    crawl_with_kills(2_000, 6, 20_261_123).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "many rounds take minutes"]
async fn a_crawl_survives_being_killed_many_times() {
    for seed in 0..10 {
        crawl_with_kills(2_000, 12, seed).await;
        println!("seed {seed}: 24 kills survived");
    }
}

async fn crawl_with_kills(articles: usize, kills: usize, seed: u64) {
    let site = site(articles).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut settled = HashMap::new();
    for _ in 0..kills {
        let mut child = crawl(folder.path(), &site);
        let requests = page_requests(&site) + dice.random_range(0..=articles / kills);
        until_requests(&site, requests, &mut child).await;
        tokio::time::sleep(Duration::from_micros(dice.random_range(0..30_000))).await;
        child.kill().await.expect("killed");
        settled = check(&site, folder.path(), &settled).await;
    }
    for _ in 0..kills {
        let mut child = crawl(folder.path(), &site);
        until_indexing(&site, folder.path(), articles, &mut child).await;
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..INDEXING_MS))).await;
        child.kill().await.expect("killed");
        settled = check(&site, folder.path(), &settled).await;
    }
    run_to_the_end(folder.path(), &site).await;
    let settled = check(&site, folder.path(), &settled).await;
    index_matches_store(folder.path()).await;
    assert_eq!(settled.len(), articles, "every article is there once");
    let needless = page_requests(&site) - articles;
    assert!(needless <= kills * LOST_AT_MOST, "{needless} pages were fetched needlessly");

    run_to_the_end(folder.path(), &site).await;
    assert_eq!(
        page_requests(&site),
        articles + needless,
        "a finished crawl asks for no page again"
    );
}

/// Checks that pages stored earlier are still stored and were not asked for again; gives those stored now,
/// with the number of requests for each.
async fn check(site: &Site, folder: &Path, settled: &HashMap<String, u32>) -> HashMap<String, u32> {
    let stored = stored_paths(folder).await;
    for (path, hits) in settled {
        assert!(stored.contains(path), "{path} is lost");
        assert_eq!(site.hits(path), *hits, "{path} is stored and was fetched again");
    }
    stored
        .into_iter()
        .map(|path| (site.hits(&path), path))
        .map(|(hits, path)| (path, hits))
        .collect()
}

/// A feed of `count` articles, with their pages.
async fn site(count: usize) -> Site {
    Site::start(move |request, base| match request.uri().path() {
        "/feed.xml" => ok("application/rss+xml", rss(base, &items(count))),
        path => match path.strip_prefix("/a/").and_then(|n| n.parse().ok()) {
            Some(n) => ok("text/html", page(&format!("Report {n}"), &paragraphs(n))),
            None => status(404),
        },
    })
    .await
}

fn crawl(folder: &Path, site: &Site) -> Child {
    Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(["crawl", "--once", "--allow-private", "--set", "crawl.host_delay_ms=0"])
        .args(["--set", &format!("crawl.host_concurrency={AT_ONCE}")])
        .arg("--data")
        .arg(folder)
        .arg(site.url("/feed.xml"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("siftwire runs")
}

async fn run_to_the_end(folder: &Path, site: &Site) {
    let status = crawl(folder, site).wait().await.expect("an end");
    assert!(status.success(), "{status}");
}

/// Waits until the crawl has stored all articles and is at the index, or has ended before.
async fn until_indexing(site: &Site, folder: &Path, articles: usize, child: &mut Child) {
    until_requests(site, articles, child).await;
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("the store");
    let is_short = async || store.counts().await.expect("counts").articles < articles as u64;
    while is_short().await && child.try_wait().expect("a child").is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Checks that the index finds every stored article once, and nothing else.
async fn index_matches_store(folder: &Path) {
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("the store");
    let stored = store.article_ids(ArticleId(0), 100_000).await.expect("ids");
    let index = SearchIndex::open(&folder.join("index")).expect("the index");
    let everything = parse_query("").expect("a query");
    let options =
        SearchOptions { limit: stored.len() + 1, ..SearchOptions::new(jiff::Timestamp::now()) };
    let found = index.search(&everything, &options).expect("results");
    let mut ids: Vec<ArticleId> = found.hits.iter().map(|hit| hit.id).collect();
    ids.sort();
    assert_eq!(ids, stored);
    assert!(index.is_sound().expect("checksums"));
    assert_eq!(index.sequence(), store.last_sequence().await.expect("a sequence"));
}

/// Waits for a number of requests for pages, or for the crawl to end before.
async fn until_requests(site: &Site, requests: usize, child: &mut Child) {
    while page_requests(site) < requests && child.try_wait().expect("a child").is_none() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn page_requests(site: &Site) -> usize {
    let hits = site.all_hits();
    hits.iter().filter(|(path, _)| path.starts_with("/a/")).map(|(_, hits)| *hits as usize).sum()
}

/// Paths of the stored articles. The store is opened as a restart would, after the kill.
async fn stored_paths(folder: &Path) -> HashSet<String> {
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("the store");
    store.check().await.expect("a sound store");
    let ids = store.article_ids(ArticleId(0), 100_000).await.expect("ids");
    let articles = store.articles(&ids).await.expect("articles");
    let paths: HashSet<String> = articles
        .iter()
        .map(|article| Url::parse(&article.url).expect("an address").path().to_owned())
        .collect();
    assert_eq!(paths.len(), articles.len(), "no article is there twice");
    paths
}
