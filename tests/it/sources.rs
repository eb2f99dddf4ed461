//! Sources over real HTTP: discovery and history on the demo's sites.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use siftwire::{
    cli::demo::start_sites,
    config::CrawlConfig,
    crawl::{
        Fetcher,
        backfill::{Bounds, history},
        client::Client,
        discover::{DiscoverError, Discovery, FoundBy, discover, read_address},
    },
    domain::{EntryDraft, Health, PageFetch, Source, SourceId, SourceKind},
    store::SqliteStore,
};

fn config() -> CrawlConfig {
    CrawlConfig { allow_private: true, host_delay_ms: 0, ..CrawlConfig::default() }
}

async fn search(address: &str) -> Result<Discovery, DiscoverError> {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("siftwire.db")).await.expect("a store");
    let fetcher = Fetcher::new(Arc::new(store), &config()).expect("a fetcher");
    discover(&fetcher, &read_address(address)?).await
}

#[tokio::test]
async fn each_demo_site_is_found_from_its_home_page() {
    let demo = start_sites(0, Timestamp::now()).await.expect("the sites start");
    for site in &demo.sites {
        let found = search(&site.url).await.expect(&site.title);
        let best = &found.candidates[0];
        if site.feed_items == 0 {
            assert_eq!(best.kind, SourceKind::Sitemap, "{}", site.title);
            assert_eq!(best.found_by, FoundBy::Robots, "{}", site.title);
            continue;
        }
        assert_eq!(best.kind, SourceKind::Feed, "{}", site.title);
        assert!(!best.comments, "{}: {}", site.title, best.url);
        assert_eq!(best.entries, site.feed_items, "{}: {}", site.title, best.url);
        assert!(best.title.contains(&site.title), "{}: {}", site.title, best.title);
        assert!(best.newest.is_some(), "{}: {}", site.title, best.url);
    }
}

#[tokio::test]
async fn two_forms_of_one_feed_are_one_candidate() {
    let demo = start_sites(0, Timestamp::now()).await.expect("the sites start");
    let blog = demo.sites.iter().find(|site| site.title == "Breach Docket").expect("a blog");
    let found = search(&blog.url).await.expect("found");
    let feeds = found.candidates.iter().filter(|c| c.kind == SourceKind::Feed).count();
    assert_eq!(feeds, 1, "{:?}", found.candidates);
    assert!(found.candidates.iter().any(|c| c.kind == SourceKind::Sitemap));
}

#[tokio::test]
async fn a_feed_is_its_own_answer_and_nothing_is_said_in_full() {
    let demo = start_sites(0, Timestamp::now()).await.expect("the sites start");
    let paper = demo.sites.iter().find(|site| site.title == "NorthQuay News").expect("a paper");
    let found = search(&format!("{}rss.xml", paper.url)).await.expect("found");
    assert_eq!(found.candidates.len(), 1);
    assert_eq!(found.candidates[0].found_by, FoundBy::Itself);

    let error = search(&format!("{}nothing", paper.url)).await.expect_err("not there");
    assert!(matches!(error, DiscoverError::Unreachable { .. }), "{error}");
    let error = search(&format!("{}cover.svg", paper.url)).await;
    // A picture announces nothing, but the paper's front page does.
    assert_eq!(error.expect("found").candidates[0].kind, SourceKind::Feed);
}

#[tokio::test]
async fn history_is_bounded_by_date_and_count() {
    let demo = start_sites(0, Timestamp::now()).await.expect("the sites start");
    let cert = demo.sites.iter().find(|site| site.title == "Coastal CERT").expect("a CERT");
    let paper = demo.sites.iter().find(|site| site.title == "Patchwork Daily").expect("a blog");
    let whole = Bounds { since: None, max: 1_000 };
    assert_eq!(entries(&cert.url, whole).await.len(), cert.articles);
    assert_eq!(entries(&paper.url, whole).await.len(), paper.articles);
    assert_eq!(entries(&paper.url, Bounds { max: 3, ..whole }).await.len(), 3);
    let month = SignedDuration::from_hours(30 * 24);
    let recent = Bounds { since: Some(Timestamp::now() - month), ..whole };
    let recent = entries(&paper.url, recent).await.len();
    assert!(recent > 0 && recent < paper.articles, "{recent} of {}", paper.articles);
}

async fn entries(site: &str, bounds: Bounds) -> Vec<EntryDraft> {
    let source = Source {
        id: SourceId(1),
        url: format!("{site}feed/"),
        title: String::new(),
        site_url: Some(site.to_owned()),
        kind: SourceKind::Feed,
        groups: Vec::new(),
        language: None,
        enabled: true,
        respect_robots: true,
        fetch_pages: PageFetch::Always,
        added: Timestamp::UNIX_EPOCH,
        health: Health::default(),
    };
    let config = config();
    let client = Client::new(&config).expect("a client");
    let found = history(&client, &config, &source, bounds, Timestamp::now()).await;
    found.expect("a history").entries
}
