//! Sources over real HTTP: discovery on the demo's sites.

use jiff::Timestamp;
use siftwire::{
    cli::demo::start_sites,
    config::CrawlConfig,
    crawl::{
        client::Client,
        discover::{DiscoverError, Discovery, FoundBy, discover, read_address},
    },
    domain::SourceKind,
};

fn config() -> CrawlConfig {
    CrawlConfig { allow_private: true, host_delay_ms: 0, ..CrawlConfig::default() }
}

async fn search(address: &str) -> Result<Discovery, DiscoverError> {
    let config = config();
    let client = Client::new(&config).expect("a client");
    discover(&client, &config, &read_address(address)?).await
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
