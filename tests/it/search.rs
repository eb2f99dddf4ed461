//! The index follows a real store.

use std::sync::Arc;

use jiff::Timestamp;
use siftwire::{
    domain::{ArticleDraft, ArticleKey, ArticleKind, NewSource, SourceId},
    search::{SearchIndex, SearchOptions, catch_up, parse_query},
    store::{ArticleWrite, SqliteStore, Store},
};
use url::Url;

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a time")
}

fn draft(source_id: SourceId, path: &str, title: &str, text: &str) -> ArticleWrite {
    let url = format!("https://patch.example/{path}");
    let article = ArticleDraft {
        source_id,
        key: ArticleKey::of(&Url::parse(&url).expect("an address")),
        url,
        title: title.to_owned(),
        authors: vec!["Jane Roe".to_owned()],
        published: Some(now()),
        modified: None,
        language: Some("en".to_owned()),
        site_name: None,
        description: None,
        image: None,
        tags: Vec::new(),
        kind: ArticleKind::Article,
        text: text.to_owned(),
        html: String::new(),
        comment_provider: None,
        confidence: 1.0,
    };
    ArticleWrite { entry: None, article, comments: Vec::new() }
}

fn titles(index: &SearchIndex, query: &str) -> Vec<String> {
    let query = parse_query(query).expect("a query");
    let results = index.search(&query, &SearchOptions::new(now())).expect("results");
    results.hits.iter().map(|hit| hit.title_text()).collect()
}

#[tokio::test]
async fn what_the_store_saves_changes_and_removes_is_what_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("test.db")).await.expect("a store");
    let store: Arc<dyn Store> = Arc::new(store);
    let index = SearchIndex::open(&folder.path().join("index")).expect("an index");
    let source = NewSource {
        url: "https://patch.example/feed".to_owned(),
        title: "The Daily Patch".to_owned(),
        ..NewSource::default()
    };
    let (source, _) = store.add_source(&source, now()).await.expect("added");

    let writes = [
        draft(source, "a", "Bank breach", "Attackers took customer records."),
        draft(source, "b", "Router flaw", "CVE-2026-4242 is exploited."),
    ];
    let saved = store.save_articles(&writes, now()).await.expect("saved");
    catch_up(store.clone(), &index).await.expect("caught up");
    assert_eq!(titles(&index, "customer record"), ["Bank breach"]);
    assert_eq!(titles(&index, "CVE-2026-4242 source:daily"), ["Router flaw"]);
    assert_eq!(index.sequence(), store.last_sequence().await.expect("a sequence"));

    let revised = draft(source, "a", "Bank breach confirmed", "The bank has said so.");
    store.save_articles(&[revised], now()).await.expect("saved");
    store.remove_article(saved[1].id).await.expect("removed");
    catch_up(store.clone(), &index).await.expect("caught up");
    assert_eq!(titles(&index, "customer"), Vec::<String>::new());
    assert_eq!(titles(&index, ""), ["Bank breach confirmed"]);
}
