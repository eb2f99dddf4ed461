//! Crawls over real sockets: what is fetched, what is stored, what is not fetched again.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::http::header;
use jiff::Timestamp;
use siftwire::{
    config::CrawlConfig,
    crawl::{Crawler, Summary},
    domain::{HealthState, NewSource, Source, SourceEdit, SourceId, SourceKind},
    store::{SqliteStore, Store},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::web::{Site, ok, page, paragraphs, redirect, rss, status};

/// A store in a folder of its own, and a crawler that may reach loopback and does not wait.
pub struct Bench {
    pub store: Arc<dyn Store>,
    config: CrawlConfig,
    _folder: TempDir,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut CrawlConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&folder.path().join("siftwire.db")).await.expect("a store");
        let mut config = CrawlConfig {
            allow_private: true,
            host_delay_ms: 0,
            timeout_s: 5,
            ..CrawlConfig::default()
        };
        change(&mut config);
        Self { store: Arc::new(store), config, _folder: folder }
    }

    pub async fn add(&self, url: &str) -> SourceId {
        self.add_kind(url, SourceKind::Feed).await
    }

    pub async fn add_kind(&self, url: &str, kind: SourceKind) -> SourceId {
        let source = NewSource { url: url.to_owned(), kind, ..NewSource::default() };
        self.store.add_source(&source, Timestamp::now()).await.expect("a source").0
    }

    /// Crawls everything that is due.
    pub async fn crawl(&self) -> Summary {
        let crawler = Crawler::new(self.store.clone(), &self.config).expect("a crawler");
        crawler.run_once(&[], &(), &CancellationToken::new()).await.expect("a crawl")
    }

    /// Makes everything due and crawls it.
    pub async fn crawl_again(&self) -> Summary {
        self.store.make_due(&[], Timestamp::now()).await.expect("all due");
        self.crawl().await
    }

    pub async fn source(&self, id: SourceId) -> Source {
        self.store.source(id).await.expect("an answer").expect("the source")
    }

    /// The code of a source's last failure.
    pub async fn code(&self, id: SourceId) -> Option<String> {
        self.source(id).await.health.error_code
    }

    /// Titles of the stored articles, in order.
    pub async fn titles(&self) -> Vec<String> {
        let articles = self.store.latest_articles(10_000, None, None).await.expect("articles");
        let mut titles: Vec<String> = articles.into_iter().map(|article| article.title).collect();
        titles.sort();
        titles
    }
}

/// `count` articles, a day apart.
pub fn items(count: usize) -> Vec<(String, String, String)> {
    (0..count)
        .map(|n| {
            let day = 1 + n % 28;
            let date = format!("{day:02} Oct 2026 10:00:00 GMT");
            (format!("/a/{n}"), format!("Report {n}"), date)
        })
        .collect()
}

fn seed_of(path: &str) -> Option<usize> {
    path.strip_prefix("/a/")?.parse().ok()
}

/// A blog with a feed of `count` articles that knows about conditional requests.
async fn blog(count: usize) -> Site {
    Site::start(move |request, base| match request.uri().path() {
        "/robots.txt" => status(404),
        "/feed.xml" => {
            if request.headers().get(header::IF_NONE_MATCH).is_some_and(|tag| tag == "\"v1\"") {
                return status(304);
            }
            let mut answer = ok("application/rss+xml", rss(base, &items(count)));
            answer.headers_mut().insert(header::ETAG, "\"v1\"".parse().expect("a tag"));
            answer
        }
        path => match seed_of(path) {
            Some(seed) => ok("text/html", page(&format!("Report {seed}"), &paragraphs(seed))),
            None => status(404),
        },
    })
    .await
}

#[tokio::test]
async fn a_blog_is_crawled_once_and_then_only_asked_for_news() {
    let site = blog(12).await;
    let bench = Bench::new().await;
    let id = bench.add(&site.url("/feed.xml")).await;
    let first = bench.crawl().await;
    assert_eq!((first.articles_new, first.sources[0].new), (12, 12));
    let source = bench.source(id).await;
    assert_eq!(source.health.state, HealthState::Well);
    assert_eq!(source.health.etag.as_deref(), Some("\"v1\""));
    assert_eq!(source.title, "Millside Watch");
    let newest = &bench.store.latest_articles(1, None, None).await.expect("articles")[0];
    let article = bench.store.article(newest.id).await.expect("an answer").expect("the article");
    assert!(article.text.contains("unpatched gateway"), "{}", article.text);
    assert!(!article.text.contains("Sidebar item"), "{}", article.text);

    let second = bench.crawl_again().await;
    assert_eq!((second.articles_new, second.sources[0].new), (0, 0));
    assert!(second.sources[0].unchanged);
    assert_eq!(bench.source(id).await.health.http_status, Some(304));
    assert_eq!(site.hits("/feed.xml"), 2);
    assert_eq!(site.hits("/robots.txt"), 1);
    assert_eq!(site.hits("/a/3"), 1);
}

#[tokio::test]
async fn the_same_bytes_without_validators_cost_no_parsing_and_no_articles() {
    let site = Site::start(|request, base| match request.uri().path() {
        "/feed.xml" => ok("text/xml", rss(base, &items(3))),
        path => seed_of(path).map_or(status(404), |n| ok("text/html", page("T", &paragraphs(n)))),
    })
    .await;
    let bench = Bench::new().await;
    bench.add(&site.url("/feed.xml")).await;
    assert_eq!(bench.crawl().await.articles_new, 3);
    let second = bench.crawl_again().await;
    assert!(second.sources[0].unchanged);
    assert_eq!(site.hits("/a/1"), 1);
}

#[tokio::test]
async fn an_edited_entry_becomes_a_revision() {
    let version = Arc::new(AtomicU32::new(1));
    let seen = version.clone();
    let site = Site::start(move |request, base| {
        let version = seen.load(Ordering::SeqCst);
        match request.uri().path() {
            "/feed.xml" => {
                let mut all = items(2);
                all[0].1 = format!("Report, version {version}");
                ok("text/xml", rss(base, &all))
            }
            "/a/0" => ok("text/html", page("T", &paragraphs(version as usize))),
            "/a/1" => ok("text/html", page("T", &paragraphs(99))),
            _ => status(404),
        }
    })
    .await;
    let bench = Bench::new().await;
    bench.add(&site.url("/feed.xml")).await;
    bench.crawl().await;
    version.store(2, Ordering::SeqCst);
    let second = bench.crawl_again().await;
    assert_eq!((second.articles_new, second.articles_revised), (0, 1));
    assert_eq!(second.sources[0].changed, 1);
    assert_eq!(bench.titles().await, ["Report 1", "Report, version 2"]);
    assert_eq!((site.hits("/a/0"), site.hits("/a/1")), (2, 1));
}

#[tokio::test]
async fn robots_txt_is_honoured_and_can_be_overridden() {
    let site = Site::start(|request, base| match request.uri().path() {
        "/robots.txt" => ok("text/plain", "User-agent: *\nDisallow: /a/1\nDisallow: /private"),
        "/feed.xml" | "/private/feed.xml" => ok("text/xml", rss(base, &items(2))),
        path => seed_of(path).map_or(status(404), |n| ok("text/html", page("T", &paragraphs(n)))),
    })
    .await;
    let bench = Bench::new().await;
    bench.add(&site.url("/feed.xml")).await;
    let hidden = bench.add(&site.url("/private/feed.xml")).await;
    bench.crawl().await;
    assert_eq!((site.hits("/a/0"), site.hits("/a/1")), (1, 0));
    assert_eq!(bench.titles().await.len(), 2, "the feed's own words are used instead");
    let source = bench.source(hidden).await;
    assert_eq!(source.health.error_code.as_deref(), Some("robots-disallowed"));
    assert!(source.health.error.is_some_and(|error| error.contains("disallow: /private")));

    let trusting = Bench::with(|config| config.respect_robots = false).await;
    trusting.add(&site.url("/private/feed.xml")).await;
    trusting.crawl().await;
    assert_eq!(site.hits("/a/1"), 1);
}

#[tokio::test]
async fn robots_txt_counts_where_a_redirect_leads() {
    let other = Site::start(|request, base| match request.uri().path() {
        "/robots.txt" => ok("text/plain", "User-agent: *\nDisallow: /closed"),
        path if path.ends_with(".xml") => ok("text/xml", rss(base, &items(1))),
        _ => ok("text/html", page("Elsewhere", &paragraphs(3))),
    })
    .await;
    let elsewhere = other.base.clone();
    let site = Site::start(move |request, base| match request.uri().path() {
        "/feed.xml" => ok("text/xml", rss(base, &items(2))),
        "/closed.xml" => redirect(302, &format!("{elsewhere}/closed/feed.xml")),
        "/open.xml" => redirect(302, &format!("{elsewhere}/open/feed.xml")),
        "/a/0" => redirect(302, &format!("{elsewhere}/closed/page")),
        "/a/1" => redirect(302, &format!("{elsewhere}/open/page")),
        _ => status(404),
    })
    .await;
    let bench = Bench::new().await;
    let closed = bench.add(&site.url("/closed.xml")).await;
    let open = bench.add(&site.url("/open.xml")).await;
    bench.add(&site.url("/feed.xml")).await;
    bench.crawl().await;
    assert_eq!(bench.code(closed).await.as_deref(), Some("robots-disallowed"));
    assert_eq!(bench.code(open).await, None);
    assert_eq!(other.hits("/robots.txt"), 1);
    assert_eq!((other.hits("/open/feed.xml"), other.hits("/open/page")), (1, 1));
    assert_eq!((other.hits("/closed/feed.xml"), other.hits("/closed/page")), (0, 0));

    let override_it = SourceEdit { respect_robots: Some(false), ..SourceEdit::default() };
    bench.store.edit_source(closed, &override_it).await.expect("edited");
    bench.crawl_again().await;
    assert_eq!((bench.code(closed).await, other.hits("/closed/feed.xml")), (None, 1));
}

#[tokio::test]
async fn an_unreachable_robots_txt_forbids_for_now() {
    let site = Site::start(|request, base| match request.uri().path() {
        "/robots.txt" => status(503),
        _ => ok("text/xml", rss(base, &[])),
    })
    .await;
    let bench = Bench::new().await;
    let id = bench.add(&site.url("/feed.xml")).await;
    bench.crawl().await;
    bench.crawl_again().await;
    assert_eq!(bench.code(id).await.as_deref(), Some("http-error"));
    assert_eq!((site.hits("/feed.xml"), site.hits("/robots.txt")), (0, 1));
}

#[tokio::test]
async fn permanent_redirects_move_a_source_and_others_do_not() {
    let site = Site::start(|request, base| match request.uri().path() {
        "/old" => redirect(301, "/new"),
        "/odd" => redirect(302, "/temporary"),
        "/gone" => status(410),
        "/broken" => redirect(301, "/page"),
        "/page" => ok("text/html", page("Not a feed", &paragraphs(1))),
        "/new" | "/temporary" => ok("text/xml", rss(base, &[])),
        _ => status(404),
    })
    .await;
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for path in ["/old", "/odd", "/gone", "/broken"] {
        ids.push(bench.add(&site.url(path)).await);
    }
    bench.crawl().await;
    assert_eq!(bench.source(ids[0]).await.url, site.url("/new"));
    assert_eq!(bench.source(ids[1]).await.url, site.url("/odd"));
    let gone = bench.source(ids[2]).await;
    assert_eq!((gone.enabled, gone.health.state), (false, HealthState::Gone));
    let broken = bench.source(ids[3]).await;
    assert_eq!(broken.url, site.url("/broken"), "nothing that reads as a feed is there");
    assert_eq!(broken.health.state, HealthState::Failing);
    bench.crawl_again().await;
    assert_eq!((site.hits("/old"), site.hits("/gone")), (1, 1));
}

#[tokio::test]
async fn retry_after_is_kept_and_failures_are_counted() {
    let site = Site::start(|request, _| match request.uri().path() {
        "/feed.xml" => {
            let mut answer = status(429);
            answer.headers_mut().insert(header::RETRY_AFTER, "7200".parse().expect("a value"));
            answer
        }
        _ => status(404),
    })
    .await;
    let bench = Bench::new().await;
    let id = bench.add(&site.url("/feed.xml")).await;
    bench.crawl().await;
    let health = bench.source(id).await.health;
    let wait = health.next_try.expect("a time").duration_since(Timestamp::now()).as_secs();
    assert!((7_100..=7_200).contains(&wait), "{wait}");
    assert_eq!((health.failures, health.http_status), (1, Some(429)));
    bench.crawl_again().await;
    assert_eq!(bench.source(id).await.health.failures, 2);
}

#[tokio::test]
async fn pages_that_fail_are_tried_again_or_replaced_by_the_feed() {
    let site = Site::start(|request, base| match request.uri().path() {
        "/feed.xml" => ok("text/xml", rss(base, &items(5))),
        "/a/0" => status(503),
        "/a/1" => status(404),
        "/a/2" => ok("application/pdf", "%PDF-1.7"),
        "/a/3" => redirect(302, "/"),
        "/a/4" | "/" => ok("text/html", page("Report 4", &paragraphs(4))),
        _ => status(404),
    })
    .await;
    let bench = Bench::new().await;
    bench.add(&site.url("/feed.xml")).await;
    let summary = bench.crawl().await;
    assert_eq!((summary.articles_new, summary.entries_postponed), (4, 1));
    assert_eq!(bench.titles().await, ["Report 1", "Report 2", "Report 3", "Report 4"]);
    assert_eq!(bench.store.entry_counts().await.expect("counts").pending, 1);
}

#[tokio::test]
async fn sitemaps_and_pages_are_sources_too() {
    let site = Site::start(|request, base| match request.uri().path() {
        "/sitemap.xml" => ok(
            "text/xml",
            format!(
                "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
                 <sitemap><loc>{base}/part.xml</loc></sitemap>\
                 <sitemap><loc>{base}/missing.xml</loc></sitemap></sitemapindex>"
            ),
        ),
        "/part.xml" => ok(
            "text/xml",
            format!(
                "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
                 <url><loc>{base}/a/1</loc><lastmod>2026-10-01</lastmod></url>\
                 <url><loc>{base}/a/2</loc></url></urlset>"
            ),
        ),
        "/watched" => ok("text/html", page("Advisories", &paragraphs(7))),
        path => seed_of(path)
            .map_or(status(404), |n| ok("text/html", page(&format!("Report {n}"), &paragraphs(n)))),
    })
    .await;
    let bench = Bench::new().await;
    let index = bench.add_kind(&site.url("/sitemap.xml"), SourceKind::Sitemap).await;
    bench.add_kind(&site.url("/watched"), SourceKind::Page).await;
    bench.crawl().await;
    assert_eq!(bench.titles().await, ["Advisories", "Report 1", "Report 2"]);
    let health = bench.source(index).await.health;
    assert_eq!(health.state, HealthState::Repaired);
    assert!(health.repairs[0].contains("/missing.xml"), "{:?}", health.repairs);
    let again = bench.crawl_again().await;
    assert_eq!((again.articles_new, again.articles_revised), (0, 0));
}

#[tokio::test]
async fn a_stop_leaves_nothing_half_done() {
    let site = blog(200).await;
    let bench = Bench::with(|config| config.host_delay_ms = 5).await;
    bench.add(&site.url("/feed.xml")).await;
    let cancel = CancellationToken::new();
    let crawler = Crawler::new(bench.store.clone(), &bench.config).expect("a crawler");
    let stop = cancel.clone();
    let probe = site.clone();
    tokio::spawn(async move {
        while probe.hits("/a/10") == 0 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    });
    let summary = crawler.run_once(&[], &(), &cancel).await.expect("a crawl");
    assert!(summary.interrupted && summary.articles_new < 200, "{}", summary.articles_new);
    assert_eq!(bench.crawl().await.articles_new, 200 - summary.articles_new);
    let hits = site.all_hits();
    assert!(hits.iter().all(|(path, hits)| *hits == 1 || path == "/feed.xml"), "{hits:?}");
}

#[tokio::test]
async fn only_the_named_sources_are_crawled() {
    let site = blog(1).await;
    let bench = Bench::new().await;
    let named = bench.add(&site.url("/feed.xml")).await;
    let other = bench.add(&site.url("/other.xml")).await;
    let crawler = Crawler::new(bench.store.clone(), &bench.config).expect("a crawler");
    crawler.run_once(&[named], &(), &CancellationToken::new()).await.expect("a crawl");
    assert_eq!(bench.source(other).await.health.state, HealthState::New);
    assert_eq!(bench.titles().await, ["Report 0"]);
}
