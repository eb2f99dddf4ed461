//! Pages of a TAXII collection: `cargo bench --bench taxii`. `-- --objects N` fills the collection of everything with
//! about N objects (100,000 if not given): half of them reports, the rest indicators with their observables; entities are
//! shared. Answers are asked of the router, as a server gives them but without a socket.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use jiff::Timestamp;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use siftwire::{
    config::ServeConfig,
    domain::{ArticleId, Sequence},
    search::SearchIndex,
    serve::{self, AppState},
    store::{CollectionStore as _, SqliteStore, StixBatch, StixVersion},
    taxii,
};
use tower::ServiceExt as _;
use uuid::Uuid;

const PAGE: usize = 1_000;
/// Articles put into the store at once.
const BATCH: i64 = 500;
/// Things that reports share.
const ENTITIES: u32 = 20_000;
const ROUNDS: usize = 20;
const OBJECTS: &str = "/taxii2/news/collections/all-reports/objects/";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--objects").skip(1);
    let objects = arguments.next().and_then(|number| number.parse().ok()).unwrap_or(100_000_i64);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("siftwire.db");
    let store = SqliteStore::open(&path).await.expect("a store");
    let start = Instant::now();
    fill(&store, objects / 2).await;
    let size = std::fs::metadata(&path).map_or(0, |file| file.len());
    println!(
        "{objects} objects, {:.0} a second, {:.1} GB",
        objects as f64 / start.elapsed().as_secs_f64(),
        size as f64 / 1e9
    );
    let index = SearchIndex::in_memory().expect("an index");
    let state = AppState::new(Arc::new(store), index, &ServeConfig::default());
    let router = serve::router(state);
    let (pages, count) = walk(&router).await;
    println!("the whole collection: {count} objects in {} pages", pages.len());
    tell("a page, of all", pages);
    for (what, filter) in [
        ("reports alone", "match[type]=report"),
        ("reports and indicators", "match[type]=report,indicator"),
        ("all versions", "match[version]=all"),
        ("what was added last", "added_after=2100-01-01T00:00:00Z"),
        ("one type that is rare", "match[type]=marking-definition"),
    ] {
        time(&router, what, &format!("{OBJECTS}?limit={PAGE}&{filter}")).await;
    }
    let manifest = OBJECTS.replace("objects", "manifest");
    time(&router, "manifest", &format!("{manifest}?limit={PAGE}")).await;
}

/// Articles with their objects, all in the collection of everything.
async fn fill(store: &SqliteStore, articles: i64) {
    let mut dice = StdRng::seed_from_u64(1);
    let collections = store.set_collections(&taxii::wanted(&[])).await.expect("collections");
    let entities: Vec<StixVersion> = (0..ENTITIES).map(|n| entity(n, &mut dice)).collect();
    let mut sequence = Sequence(0);
    for first in (1..=articles).step_by(BATCH as usize) {
        let ids: Vec<ArticleId> =
            (first..=(first + BATCH - 1).min(articles)).map(ArticleId).collect();
        let bundles: Vec<Vec<StixVersion>> =
            ids.iter().map(|id| bundle(*id, &entities, &mut dice)).collect();
        let named = bundles
            .iter()
            .map(|bundle| bundle.iter().map(|one| one.stix_id.clone()).collect::<Vec<_>>());
        let articles = ids.iter().copied().zip(named).collect();
        let mut versions: Vec<StixVersion> = bundles.into_iter().flatten().collect();
        let mut seen = std::collections::HashSet::new();
        versions.retain(|one| seen.insert(one.stix_id.clone()));
        let known: Vec<String> = versions.iter().map(|one| one.stix_id.clone()).collect();
        let known = store.known_objects(&known).await.expect("known");
        let known: std::collections::HashSet<_> = known.iter().map(|one| &one.stix_id).collect();
        versions.retain(|one| !known.contains(&one.stix_id));
        let after = sequence;
        sequence = Sequence(first);
        let found = collections.iter().map(|one| (one.id, ids.clone())).collect();
        let batch =
            StixBatch { after, sequence, versions, articles, found, ..StixBatch::default() };
        assert!(store.save_stix(&batch, Timestamp::now()).await.expect("saved"));
    }
}

fn version(kind: &str, mut object: Value, dice: &mut StdRng) -> StixVersion {
    let id = format!("{kind}--{}", uuid::Builder::from_random_bytes(dice.random()).into_uuid());
    object["id"] = id.as_str().into();
    object["type"] = kind.into();
    object["spec_version"] = "2.1".into();
    let now = Timestamp::UNIX_EPOCH;
    StixVersion {
        stix_id: id,
        created: now,
        modified: now,
        revoked: false,
        digest: dice.random(),
        body: object.to_string(),
    }
}

fn entity(number: u32, dice: &mut StdRng) -> StixVersion {
    let kinds = ["vulnerability", "identity", "malware", "intrusion-set"];
    let kind = kinds[number as usize % kinds.len()];
    version(kind, json!({ "name": format!("Name {number}"), "description": "d".repeat(200) }), dice)
}

/// A report with three entities it shares with others, and every second time an indicator with its observable.
fn bundle(article: ArticleId, entities: &[StixVersion], dice: &mut StdRng) -> Vec<StixVersion> {
    let mut bundle: Vec<StixVersion> =
        (0..3).map(|_| entities[dice.random_range(0..entities.len())].clone()).collect();
    if article.0 % 2 == 0 {
        let pattern = format!("[domain-name:value = 'host-{}.example']", article.0);
        bundle.push(version("domain-name", json!({ "value": pattern }), dice));
        bundle.push(version("indicator", json!({ "pattern": pattern, "name": pattern }), dice));
    }
    let refs: Vec<&str> = bundle.iter().map(|one| one.stix_id.as_str()).collect();
    let report = json!({
        "name": format!("Report {}", article.0),
        "description": "Four hundred letters of a summary. ".repeat(12),
        "object_refs": refs,
        "external_references": [{ "source_name": "A source", "url": format!("https://news.example/{}", article.0) }],
        "extensions": { format!("extension-definition--{}", Uuid::nil()): { "attacks": [] } },
    });
    bundle.push(version("report", report, dice));
    bundle
}

async fn ask(router: &Router, path: &str) -> (Duration, Value) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let start = Instant::now();
    let answer = router.clone().oneshot(request).await.expect("an answer");
    assert!(answer.status().is_success(), "{path} {answer:?}");
    let bytes = to_bytes(answer.into_body(), 64 << 20).await.expect("a body");
    (start.elapsed(), serde_json::from_slice(&bytes).expect("JSON"))
}

/// Every page of the collection, with the time each took.
async fn walk(router: &Router) -> (Vec<Duration>, usize) {
    let (mut times, mut count, mut next) = (Vec::new(), 0, String::new());
    loop {
        let (time, page) = ask(router, &format!("{OBJECTS}?limit={PAGE}&next={next}")).await;
        times.push(time);
        count += page["objects"].as_array().map_or(0, Vec::len);
        match page["next"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => return (times, count),
        }
    }
}

async fn time(router: &Router, what: &str, path: &str) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(ask(router, path).await.0);
    }
    tell(what, times);
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what}: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", at(0.5), at(0.99), at(1.0));
}
