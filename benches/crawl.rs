//! How fast feeds are crawled over loopback, and how much memory that takes.
//!
//! `cargo bench --bench crawl [-- SOURCES]`: every source is a host of its own (127.x.y.z), served by this
//! process; the crawl is the `siftwire` command. Linux, where all of 127/8 is loopback.

use std::{
    net::Ipv4Addr,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, Response, StatusCode, header},
};
use jiff::Timestamp;
use siftwire::{
    domain::{NewSource, PageFetch},
    store::{SqliteStore, Store},
};

const SOURCES: usize = 10_000;
const ENTRIES: u32 = 5;

fn main() {
    let sources = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(SOURCES);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(sources));
}

async fn measure(sources: usize) {
    let version = Arc::new(AtomicU32::new(0));
    let port = serve(version.clone()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("siftwire.db")).await.expect("a store");
    for n in 0..sources {
        let host = Ipv4Addr::from(0x7f01_0000 + n as u32 + 1);
        let source = NewSource {
            url: format!("http://{host}:{port}/feed.xml"),
            fetch_pages: PageFetch::Never,
            ..NewSource::default()
        };
        store.add_source(&source, Timestamp::now()).await.expect("a source");
    }
    println!("{sources} sources, {ENTRIES} entries each, one host each");
    for (name, changed) in [("first crawl", false), ("all 304", false), ("all changed", true)] {
        version.fetch_add(u32::from(changed), Ordering::SeqCst);
        store.make_due(&[], Timestamp::now()).await.expect("all due");
        let run = tokio::task::spawn_blocking({
            let folder = folder.path().to_owned();
            move || crawl(&folder)
        });
        let (elapsed, peak) = run.await.expect("a crawl");
        let counts = store.counts().await.expect("counts");
        println!(
            "{name:12} {:7.1} s {:8.0} feeds/s   peak {:4} MB   {} articles",
            elapsed.as_secs_f64(),
            sources as f64 / elapsed.as_secs_f64(),
            peak / 1_024,
            counts.articles,
        );
    }
}

/// Serves the same feed on every address; its tag and first entry follow `version`.
async fn serve(version: Arc<AtomicU32>) -> u16 {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let app = Router::new().fallback(move |request: Request| {
        let response = answer(&request, version.load(Ordering::SeqCst));
        async move { response }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    port
}

fn answer(request: &Request, version: u32) -> Response<Body> {
    let tag = HeaderValue::from_str(&format!("\"{version}\"")).expect("a tag");
    if request.uri().path() != "/feed.xml" {
        return empty(StatusCode::NOT_FOUND);
    }
    if request.headers().get(header::IF_NONE_MATCH) == Some(&tag) {
        return empty(StatusCode::NOT_MODIFIED);
    }
    let host = request.headers()[header::HOST].to_str().expect("a host");
    let mut response = Response::new(Body::from(feed(host, version)));
    response.headers_mut().insert(header::ETAG, tag);
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn feed(host: &str, version: u32) -> String {
    let newest = version + ENTRIES;
    let items: String = (version..newest)
        .rev()
        .map(|n| {
            let text = "The intruders moved from the gateway to the file servers within hours. ".repeat(12);
            format!(
                "<item><title>Report {n}</title><link>http://{host}/a/{n}</link><guid>{n}</guid>\
                 <pubDate>0{} Oct 2026 10:00:00 GMT</pubDate><description>&lt;p&gt;{text}&lt;/p&gt;</description></item>",
                1 + n % 9
            )
        })
        .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>{host}</title><link>http://{host}/</link>{items}</channel></rss>"
    )
}

/// Runs a crawl; gives its time and peak memory in KiB.
fn crawl(folder: &Path) -> (Duration, u64) {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(["crawl", "--once", "--allow-private", "--set", "crawl.host_delay_ms=0"])
        .args(["--set", "crawl.concurrency=64", "--data"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("siftwire runs");
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        peak = peak_memory_kib(&status_file).unwrap_or(0).max(peak);
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(child.wait().expect("an end").success(), "the crawl works");
    (started.elapsed(), peak)
}

fn peak_memory_kib(status_file: &str) -> Option<u64> {
    let status = std::fs::read_to_string(status_file).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
