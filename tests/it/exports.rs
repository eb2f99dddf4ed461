//! Any search in every format, over HTTP.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::Value;

use crate::{
    entity_pages::room,
    serve::{get, send},
};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
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
        let request = Request::get(path).header("if-none-match", answer.header("etag"));
        let again = send(&room.router, request.body(Body::empty()).expect("a request")).await;
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
