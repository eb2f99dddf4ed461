//! The demo's bundled sites: enough of them, and each answers as its kind would.

use jiff::Timestamp;
use siftwire::{
    cli::demo::{DemoSites, start_sites},
    config::CrawlConfig,
    crawl::client::{Accept, Client, FetchRequest},
};

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
