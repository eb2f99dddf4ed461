//! Servers and content made to harm: each ends in a named error on its source, and the others are crawled.

use std::{io::Write as _, path::Path, process::Stdio, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Response, header},
};
use flate2::{Compression, write::GzEncoder};
use futures::stream;
use siftwire::{
    domain::{HealthState, NewSource, Source, SourceKind},
    store::{SqliteStore, Store},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::Command,
};

use crate::{
    crawl::items,
    web::{self, Site, ok, page, paragraphs, redirect, rss, status},
};

const MEGABYTE: usize = 1 << 20;

/// `(path, code of the error; empty: the source is read)`.
const CASES: &[(&str, &str)] = &[
    ("/endless", "body-too-large"),
    ("/large", "body-too-large"),
    ("/bomb", "body-too-large"),
    ("/circle", "redirect-loop"),
    ("/chain", "too-many-redirects"),
    ("/not-a-feed", "not-a-feed"),
    ("/nothing", "feed-empty"),
    ("/deep-html", "not-a-feed"),
    ("/deep-xml", ""),
    ("/laughs", ""),
    ("/bad-utf8", ""),
    ("/nul", ""),
];

fn in_channel(base: &str, inner: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>T</title><link>{base}/</link>{inner}\
         <item><title>Sound</title><link>{base}/a/1</link></item></channel></rss>"
    )
}

fn endless(chunk: Vec<u8>) -> Body {
    let chunk = Bytes::from(chunk);
    Body::from_stream(stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone())))
}

/// 128 megabytes of spaces in less than one.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let spaces = vec![b' '; MEGABYTE];
    for _ in 0..128 {
        encoder.write_all(&spaces).expect("compressed");
    }
    encoder.finish().expect("compressed")
}

fn billion_laughs(base: &str) -> String {
    let mut entities = "<!ENTITY l0 \"ha\">".to_owned();
    for n in 1..12 {
        let earlier = format!("&l{};", n - 1).repeat(10);
        entities.push_str(&format!("<!ENTITY l{n} \"{earlier}\">"));
    }
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss [{entities}]>{}",
        in_channel(base, "<description>&l11;</description>")
    )
}

async fn hostile_site() -> Site {
    let bomb = Bytes::from(bomb());
    Site::start(move |request, base| answer(request.uri().path(), base, &bomb)).await
}

fn answer(path: &str, base: &str, bomb: &Bytes) -> Response<Body> {
    match path {
        "/endless" => ok("text/xml", endless(b"<item>and on </item>".repeat(1_000))),
        "/large" => ok("text/xml", vec![b'x'; 100 * MEGABYTE]),
        "/bomb" => {
            let mut answer = ok("text/xml", bomb.clone());
            let gzip = HeaderValue::from_static("gzip");
            answer.headers_mut().insert(header::CONTENT_ENCODING, gzip);
            answer
        }
        "/circle" => redirect(302, "/circle/back"),
        "/circle/back" => redirect(302, "/circle"),
        "/deep-html" => ok("text/html", "<div><b>".repeat(400_000)),
        "/deep-xml" => ok("text/xml", in_channel(base, &"<a>".repeat(200_000))),
        "/laughs" => ok("text/xml", billion_laughs(base)),
        "/bad-utf8" => {
            let mut body = in_channel(base, "<description>#</description>").into_bytes();
            let at = body.iter().position(|byte| *byte == b'#').expect("the mark");
            body.splice(at..=at, [0xff, 0xfe, 0xc3, 0x28, 0x80]);
            ok("text/xml; charset=utf-8", body)
        }
        "/nul" => ok("text/xml", in_channel(base, "<description>a\0b</description>")),
        "/not-a-feed" => ok("text/plain", "hello"),
        "/nothing" => ok("text/xml", ""),
        "/good.xml" => ok("text/xml", rss(base, &items(5))),
        // A page as deep as pages can be, behind an entry that all feeds share.
        "/a/1" => ok("text/html", format!("{}<p>Deep down.", "<div>".repeat(300_000))),
        _ if path.starts_with("/chain") => redirect(302, &format!("{path}x")),
        _ if path.starts_with("/a/") => ok("text/html", page("Report", &paragraphs(path.len()))),
        _ => status(404),
    }
}

/// Answers robots.txt with 404, and everything else with what `misbehave` does.
async fn below_http<F, Fut>(misbehave: F) -> String
where
    F: Fn(TcpStream) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    web::raw(move |mut socket| {
        let misbehave = misbehave.clone();
        async move {
            let mut request = [0; 4_096];
            let read = socket.read(&mut request).await.unwrap_or(0);
            if request[..read].starts_with(b"GET /robots.txt") {
                let none =
                    b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
                let _ = socket.write_all(none).await;
                return;
            }
            misbehave(socket).await;
        }
    })
    .await
}

async fn slow_drip(mut socket: TcpStream) {
    let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n").await;
    while socket.write_all(b"<").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn header_flood(mut socket: TcpStream) {
    let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n").await;
    while socket.write_all(b"X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n").await.is_ok() {}
}

async fn silence(socket: TcpStream) {
    tokio::time::sleep(Duration::from_secs(600)).await;
    drop(socket);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_among_hostile_servers_goes_on() {
    let site = hostile_site().await;
    let mut expected: Vec<(String, &str)> =
        CASES.iter().map(|(path, code)| (site.url(path), *code)).collect();
    expected.push((below_http(slow_drip).await + "/drip", "timeout"));
    expected.push((below_http(silence).await + "/silence", "timeout"));
    expected.push((below_http(header_flood).await + "/flood", "headers-too-large"));
    expected.push((site.url("/good.xml"), ""));
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    for (url, _) in &expected {
        add(&store, url, SourceKind::Feed).await;
    }

    let peak_kib = crawl_in_a_process(folder.path(), &["--allow-private"]).await;

    for (url, code) in &expected {
        let source = source(&store, url).await;
        let found = source.health.error_code.as_deref().unwrap_or_default();
        assert_eq!(found, *code, "{url}: {:?}", source.health.error);
        assert_eq!(source.health.error.is_some(), !code.is_empty(), "{url}: a sentence for people");
        assert!(source.health.next_try.is_some(), "{url}: it is tried again");
    }
    assert_eq!(source(&store, &site.url("/good.xml")).await.health.state, HealthState::Well);
    let counts = store.entry_counts().await.expect("counts");
    assert_eq!((counts.pending, counts.failed), (0, 0), "every entry became an article");
    println!("peak memory: {} MB", peak_kib / 1_024);
    assert!(peak_kib < 300 * 1_024, "the crawl took {} MB", peak_kib / 1_024);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_refused_at_every_hop() {
    let inside = Site::start(|_, base| ok("text/xml", rss(base, &items(1)))).await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    let port = inside.base.rsplit(':').next().expect("a port");
    let hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"];
    for host in hosts {
        add(&store, &format!("http://{host}:{port}/feed"), SourceKind::Feed).await;
    }
    crawl_in_a_process(folder.path(), &[]).await;
    for source in store.sources().await.expect("sources") {
        assert_eq!(source.health.error_code.as_deref(), Some("private-address"), "{}", source.url);
    }
    assert_eq!(inside.all_hits().len(), 0, "nothing was sent");
}

async fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(&folder.join("siftwire.db")).await.expect("a store")
}

async fn add(store: &SqliteStore, url: &str, kind: SourceKind) {
    let source = NewSource { url: url.to_owned(), kind, ..NewSource::default() };
    store.add_source(&source, jiff::Timestamp::now()).await.expect("a source");
}

async fn source(store: &SqliteStore, url: &str) -> Source {
    store.source_by_url(url).await.expect("an answer").expect("the source")
}

/// Crawls in a process of its own; gives the most memory it took, in KiB (0 where that cannot be known).
async fn crawl_in_a_process(folder: &Path, flags: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(["crawl", "--once", "--set", "crawl.host_delay_ms=0", "--set", "crawl.timeout_s=4"])
        .args(["--set", "crawl.host_concurrency=8", "--data"])
        .arg(folder)
        .args(flags)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("siftwire runs");
    let status_file = format!("/proc/{}/status", child.id().expect("an id"));
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        peak = peak_memory_kib(&status_file).unwrap_or(0).max(peak);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(child.wait().await.expect("an end").success());
    peak
}

fn peak_memory_kib(status_file: &str) -> Option<u64> {
    let status = std::fs::read_to_string(status_file).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
