//! Any search in every format, over HTTP and in the terminal.

use std::process::{Command, Output};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::Value;
use siftwire::store::SqliteStore;

use crate::{
    entity_pages::room,
    newsroom,
    serve::{Answer, get, send},
};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Asks again for what was answered under a tag.
async fn get_knowing(router: &Router, path: &str, tag: &str) -> Answer {
    let request = Request::get(path).header("if-none-match", tag);
    send(router, request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn feeds_are_paged_and_answered_with_304() {
    let room = room().await;
    for (path, media_type) in [
        ("/search.rss?q=canon", "application/rss+xml; charset=utf-8"),
        ("/search.atom?q=canon&view=incidents", "application/atom+xml; charset=utf-8"),
        ("/search.json?q=canon", "application/feed+json; charset=utf-8"),
    ] {
        let answer = get(&room.router, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), media_type);
        assert!(!answer.header("last-modified").is_empty(), "{path}");
        let again = get_knowing(&room.router, path, answer.header("etag")).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    }
}

#[tokio::test]
async fn a_json_feed_leads_through_everything() {
    let room = room().await;
    let mut path = "/search.json?limit=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = get(&room.router, &path).await.json();
        let items = page["items"].as_array().expect("items");
        seen.extend(items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()));
        let Some(next) = page["next_url"].as_str() else { break };
        path = format!("{}&limit=1", next.trim_start_matches("https://news.example"));
    }
    let mut unique = seen.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (room.articles.len(), room.articles.len()));
}

#[tokio::test]
async fn tables_and_lines_are_files_of_everything() {
    let room = room().await;
    let answer = get(&room.router, "/search.ndjson?q=canon").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson; charset=utf-8");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"siftwire-canon.ndjson\""
    );
    let found = lines(&answer.body);
    assert_eq!(found.len(), room.articles.len());
    assert_eq!(found[0]["malware"][0]["name"], "Maze");
    let incidents = lines(&get(&room.router, "/search.ndjson?view=incidents").await.body);
    assert_eq!(incidents[0]["title"], "Canon hit by ransomware");
    assert!(incidents[0]["coverage"].as_array().is_some_and(|coverage| coverage.len() > 1));
    let table = get(&room.router, "/search.csv?q=canon&limit=1").await;
    assert_eq!(table.body.lines().count(), 2, "{}", table.body);
    let sources = get(&room.router, "/search.opml?q=canon").await;
    assert_eq!(sources.body.matches("xmlUrl").count(), room.articles.len());
}

#[tokio::test]
async fn long_files_are_not_sent_again_while_nothing_changed() {
    let room = room().await;
    for address in ["/search.ndjson?q=canon", "/search.csv?q=after%3A2020", "/search.stix.json"] {
        let first = get(&room.router, address).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\"") && !first.body.is_empty(), "{address}: {tag}");
        let known = get_knowing(&room.router, address, &tag).await;
        assert_eq!((known.status, known.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        let other = get_knowing(&room.router, "/search.csv?q=maze", &tag).await;
        assert_eq!(other.status, StatusCode::OK, "another search than {address}");
    }
}

#[tokio::test]
async fn wrong_parameters_are_told() {
    let room = room().await;
    for path in [
        "/search.rss?q=%22open",
        "/search.rss?limit=0",
        "/search.json?limit=501",
        "/search.json?before=nonsense",
        "/search.csv?view=people",
    ] {
        assert_eq!(get(&room.router, path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(get(&room.router, "/search.docx").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn stix_is_a_bundle_with_a_report_for_each_article() {
    let room = room().await;
    let answer = get(&room.router, "/search.stix.json?q=canon").await;
    assert_eq!(answer.header("content-type"), "application/stix+json;version=2.1");
    let objects = answer.json()["objects"].as_array().expect("objects").clone();
    let of_kind = |kind: &str| objects.iter().filter(|one| one["type"] == kind).count();
    assert_eq!(of_kind("report"), room.articles.len());
    assert_eq!((of_kind("malware"), of_kind("location")), (1, 1), "shared by all articles");
    let again = get(&room.router, "/search.stix.json?q=canon").await;
    assert_eq!(again.body, answer.body, "ids and times do not depend on when it is asked");
}

/// `siftwire export` over a furnished store.
struct Terminal {
    folder: tempfile::TempDir,
}

impl Terminal {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("siftwire.db");
        let store = SqliteStore::open(&file).await.expect("a store");
        newsroom::furnish(&store).await;
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siftwire"));
        command.arg("--data").arg(self.folder.path()).args(arguments);
        command.output().expect("the program runs")
    }

    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

#[tokio::test]
async fn the_command_writes_every_format() {
    let terminal = Terminal::new().await;
    let lines = lines(&terminal.text(&["export", "--format", "ndjson"]));
    assert!(lines.len() > 3 && lines[0]["published"].as_str() >= lines[1]["published"].as_str());
    let table = terminal.text(&["export", "--format", "csv", "-n", "2", "corvane"]);
    assert_eq!(csv_rows(&table), 2);
    for (format, begins) in [
        ("rss", "<?xml"),
        ("atom", "<?xml"),
        ("json-feed", "{\"version\":\"https://jsonfeed.org/version/1.1\""),
        ("opml", "<?xml"),
        ("stix", "{\"type\":\"bundle\""),
    ] {
        let exported = terminal.text(&["export", "--format", format, "corvane"]);
        assert!(exported.starts_with(begins), "{format}: {exported}");
        let searched = terminal.text(&["search", "--format", format, "corvane"]);
        assert!(searched.starts_with(begins), "{format}: {searched}");
    }
}

#[tokio::test]
async fn files_are_put_in_place_whole() {
    let terminal = Terminal::new().await;
    let path = terminal.folder.path().join("all.csv");
    terminal.text(&["export", "--format", "csv", "-o", path.to_str().expect("a path")]);
    assert!(std::fs::read_to_string(&path).expect("the file").starts_with("id,published,"));
    assert!(!path.with_extension("csv.part").exists());
    let feed = terminal.folder.path().join("misp");
    let stale = feed.join("0b4c9f3c-3c3a-4f0e-9a55-111111111111.json");
    std::fs::create_dir_all(&feed).expect("a folder");
    std::fs::write(&stale, "{}").expect("an old event");
    terminal.text(&["export", "--format", "misp", "-o", feed.to_str().expect("a path")]);
    assert_eq!(std::fs::read_to_string(feed.join("manifest.json")).expect("a manifest"), "{}");
    assert!(!stale.exists());
}

#[tokio::test]
async fn wrong_usage_is_told() {
    let terminal = Terminal::new().await;
    for arguments in [
        &["export", "--format", "csv", "\"open"][..],
        &["export", "--format", "docx"],
        &["export", "--format", "misp"],
        &["export", "--format", "csv", "--view", "people"],
    ] {
        assert_eq!(terminal.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

fn csv_rows(table: &str) -> usize {
    csv::Reader::from_reader(table.as_bytes()).records().filter(Result::is_ok).count()
}
