//! A Blogger-style blog of which only the home page is given: from its address to search results.

use std::{
    collections::HashMap,
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use siftwire::store::{SqliteStore, Store};

const HOME: &str = include_str!("blog/home.html");
const POST: &str = include_str!("blog/post.html");
const FEED: &str = include_str!("blog/feed.xml");

/// How often each path was asked for, and how often the answer was 304.
#[derive(Default)]
struct Visits {
    asked: HashMap<String, u32>,
    unchanged: u32,
}

type Shared = Arc<Mutex<Visits>>;

async fn answer(State(visits): State<Shared>, headers: HeaderMap, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let host = headers[header::HOST].to_str().expect("a host").to_owned();
    let mut visits = visits.lock().expect("no test thread has died");
    *visits.asked.entry(path.clone()).or_default() += 1;
    let (kind, body) = match path.as_str() {
        "/" => ("text/html; charset=UTF-8", HOME),
        "/robots.txt" => ("text/plain", "User-agent: *\nDisallow: /search\nAllow: /\n"),
        "/feeds/posts/default" => ("application/atom+xml; charset=UTF-8", FEED),
        "/2026/09/the-invoice-that-came-twice.html" => ("text/html; charset=UTF-8", POST),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let etag = format!("\"{}\"", body.len());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|given| given == etag.as_str()) {
        visits.unchanged += 1;
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let body = body.replace("http://blog.example", &format!("http://{host}"));
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::ETAG, etag)], body).into_response()
}

async fn start_blog() -> (String, Shared) {
    let visits = Shared::default();
    let router = Router::new().fallback(answer).with_state(visits.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, visits)
}

async fn siftwire(data: &Path, arguments: &[&str]) -> Output {
    let data = data.to_owned();
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.into()).collect();
    tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_siftwire"))
            .args(arguments)
            .arg("--data")
            .arg(data)
            .output()
            .expect("the binary runs")
    })
    .await
    .expect("the command ends")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn a_blogger_blog_is_read_from_its_home_page() {
    let (blog, visits) = start_blog().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let crawl = ["crawl", "--once", "--allow-private", &blog];
    let first = siftwire(folder.path(), &crawl).await;
    assert!(first.status.success(), "{}", text(&first));
    assert_eq!(visits.lock().expect("visits").asked.get("/robots.txt"), Some(&1));

    let store = SqliteStore::open(&folder.path().join("siftwire.db")).await.expect("the store");
    let latest = store.latest_articles(10, None, None).await.expect("articles");
    assert_eq!(latest.len(), 1, "{latest:?}");
    let article = store.article(latest[0].id).await.expect("the store").expect("the article");
    assert_eq!(article.title, "The invoice that came twice");
    assert_eq!(article.authors, ["Marta Lindgren"]);
    assert_eq!(article.published.to_string(), "2026-09-14T05:30:00Z");
    assert!(article.text.starts_with("On Monday the bookkeeper"), "{}", article.text);
    assert!(article.text.ends_with("rang the number on the old letterhead."), "{}", article.text);
    for foreign in ["Popular Posts", "Blog Archive", "Powered by", "Same story here"] {
        assert!(!article.text.contains(foreign), "{foreign} is not the article's");
    }
    let comments = store.comments(article.id).await.expect("comments");
    let seen: Vec<_> = comments
        .iter()
        .map(|comment| (comment.author.as_deref().unwrap_or(""), comment.published))
        .collect();
    assert_eq!(seen.len(), 2, "{comments:?}");
    assert_eq!(seen[0].0, "Per Aune");
    assert_eq!(seen[1].0, "Marta Lindgren");
    assert_eq!(seen[0].1.expect("a time").to_string(), "2026-09-14T09:12:00Z");
    assert_eq!(comments[1].parent_key.as_ref(), Some(&comments[0].key));

    let post = "/2026/09/the-invoice-that-came-twice.html";
    let hits_of = |path| visits.lock().expect("visits").asked.get(path).copied();
    let asked = hits_of(post);
    let again = siftwire(folder.path(), &crawl).await;
    assert!(again.status.success(), "{}", text(&again));
    let unchanged = visits.lock().expect("visits").unchanged;
    assert!(unchanged >= 1, "the feed is asked for conditionally");
    assert_eq!(hits_of(post), asked, "the page is not fetched again");
    assert_eq!(store.counts().await.expect("counts").articles, 1);

    for query in ["invoice bookkeeper", "\"second reminder\"", "after:2026-09-13 before:2026-09-16"]
    {
        let found = siftwire(folder.path(), &["search", query, "--format", "ndjson"]).await;
        let hits = String::from_utf8_lossy(&found.stdout);
        assert!(hits.lines().count() == 1 && hits.contains(post), "{query}: {}", text(&found));
    }
    let nothing =
        siftwire(folder.path(), &["search", "after:2026-10-01", "--format", "ndjson"]).await;
    assert!(nothing.stdout.is_empty(), "{}", text(&nothing));
}
