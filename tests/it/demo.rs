//! The demo's bundled sites: enough of them, and each answers as its kind would.

use std::sync::Arc;

use jiff::Timestamp;
use siftwire::{
    cli::demo::{DemoSites, start_sites},
    config::CrawlConfig,
    crawl::{
        Crawler, Fetcher,
        client::{Accept, Client, FetchRequest},
        discover::discover,
    },
    domain::{ArticleId, NewSource},
    store::{SqliteStore, Store},
};
use tokio_util::sync::CancellationToken;

async fn sites() -> DemoSites {
    start_sites(0, Timestamp::now()).await.expect("the sites start")
}

fn client() -> Client {
    let config = CrawlConfig { allow_private: true, ..CrawlConfig::default() };
    Client::new(&config).expect("a client")
}

fn request(url: &str) -> FetchRequest {
    FetchRequest::new(url.parse().expect("an address"), Accept::Any, 1 << 20)
}

#[tokio::test]
async fn there_is_enough_to_see() {
    let demo = sites().await;
    assert!(demo.sites.len() >= 12, "{} sites", demo.sites.len());
    assert!(demo.articles >= 60, "{} articles", demo.articles);
    assert!(demo.incidents >= 25, "{} incidents", demo.incidents);
    assert!(demo.comments >= 150, "{} comments", demo.comments);
    assert!(demo.scams * 3 >= demo.comments, "{} of {}", demo.scams, demo.comments);
}

#[tokio::test]
async fn pages_carry_validators_and_honour_them() {
    let demo = sites().await;
    let client = client();
    for site in &demo.sites {
        let first = client.fetch(request(&site.url)).await.expect(&site.title);
        assert!(first.body.len() > 500, "{}", site.title);
        let again = FetchRequest { etag: first.headers.etag.clone(), ..request(&site.url) };
        assert!(client.fetch(again).await.expect("again").not_modified, "{}", site.title);
        let dated =
            FetchRequest { last_modified: first.headers.last_modified, ..request(&site.url) };
        assert!(client.fetch(dated).await.expect("dated").not_modified, "{}", site.title);
        let missing = client.fetch(request(&format!("{}nothing/here", site.url))).await;
        assert_eq!(missing.expect_err("no such page").status(), Some(404));
    }
}

/// What the demo promises, through the crawler that everybody uses: whole articles with dates, and comments.
#[tokio::test]
async fn every_article_is_crawled_with_its_own_text() {
    let demo = sites().await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("demo.db")).await.expect("a store");
    let store: Arc<dyn Store> = Arc::new(store);
    let config = CrawlConfig { allow_private: true, host_delay_ms: 0, ..CrawlConfig::default() };
    let fetcher = Fetcher::new(store.clone(), &config).expect("a fetcher");
    for site in &demo.sites {
        let home = site.url.parse().expect("an address");
        let best = discover(&fetcher, &home).await.expect(&site.title).candidates.remove(0);
        let source = NewSource { url: best.url.into(), kind: best.kind, ..NewSource::default() };
        store.add_source(&source, Timestamp::now()).await.expect("added");
    }
    let crawler = Crawler::new(store.clone(), &config).expect("a crawler");
    let summary = crawler.run_once(&[], &(), &CancellationToken::new()).await.expect("a crawl");
    assert!(summary.sources.iter().all(|source| source.is_well()), "{summary:?}");
    assert!(summary.articles_new >= 100, "{} articles", summary.articles_new);
    assert!(summary.comments_new >= 150, "{} comments", summary.comments_new);
    let ids = store.article_ids(ArticleId(0), 1_000).await.expect("ids");
    for article in store.articles(&ids).await.expect("articles") {
        assert!(article.published_stated, "{}", article.url);
        assert!(!article.text.is_empty(), "{}", article.url);
        for furniture in ["cookies", "Most read", "All texts are inventions", "Related posts"] {
            assert!(!article.text.contains(furniture), "{}: {furniture}", article.url);
        }
    }
    let again = crawler.run_once(&[], &(), &CancellationToken::new()).await.expect("a crawl");
    assert_eq!((again.articles_new, again.comments_new), (0, 0));
}
