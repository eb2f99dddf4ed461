//! Pages, API and feeds, asked as a browser or program asks them.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use siftwire::{
    config::ServeConfig,
    moderation::{Desk, judge_waiting},
    search::{self, SearchIndex},
    serve::{self, AppState, Clock},
    spam::Filter,
    store::{SqliteStore, Store},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::newsroom::{self, Newsroom};

/// A server over a furnished store.
struct World {
    router: Router,
    room: Newsroom,
    store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

pub async fn empty_store() -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = SqliteStore::open(&folder.path().join("test.db")).await.expect("a store");
    (Arc::new(store), folder)
}

async fn router(store: Arc<dyn Store>) -> Router {
    let config = ServeConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: "https://news.example/".into(),
        crawl: false,
        ..ServeConfig::default()
    };
    let index = index_of(store.clone()).await;
    let state = AppState::new(store, index, &config).with_clock(Clock::Fixed(newsroom::now()));
    serve::router(state)
}

pub async fn index_of(store: Arc<dyn Store>) -> SearchIndex {
    let index = SearchIndex::in_memory().expect("an index");
    search::catch_up(store, &index).await.expect("an index that is up to date");
    index
}

async fn world() -> World {
    let _ = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::ERROR)
        .with_test_writer()
        .try_init();
    let (store, folder) = empty_store().await;
    let room = newsroom::furnish(&*store).await;
    let desk = Desk::new(store.clone(), Filter::embedded());
    while judge_waiting(&desk).await.expect("judged comments") > 0 {}
    World { router: router(store.clone()).await, room, store, _folder: folder }
}

pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 16 << 20).await.expect("a body");
    let body = String::from_utf8(bytes.to_vec()).expect("utf-8");
    Answer { status: parts.status, headers: parts.headers, body }
}

pub async fn get(router: &Router, path: &str) -> Answer {
    send(router, Request::get(path).body(Body::empty()).expect("a request")).await
}

/// A page as it is compared: names of static files and of the request left out.
fn snapshot(name: &str, page: &str) {
    insta::with_settings!({
        filters => vec![
            (r"\.[0-9a-f]{8}\.(css|js|svg)", ".[digest].$1"),
            (r"<code>[0-9a-f]{16}</code>", "<code>[request]</code>"),
            (r#""request_id": ?"[0-9a-f]{16}""#, "\"request_id\":\"[request]\""),
        ],
    }, { insta::assert_snapshot!(name, page); });
}

#[tokio::test]
async fn pages_are_as_before() {
    let world = world().await;
    let Newsroom { ledger, lab, gateway } = &world.room;
    let pages = [
        ("today", "/".to_owned()),
        ("search", "/search?q=gateway".to_owned()),
        ("search-filtered", "/search?q=corvane+lang:en+after:2026-11-23&sort=date".to_owned()),
        ("search-nothing", "/search?q=gatway+lang:en".to_owned()),
        ("article", format!("/articles/{}", gateway.0)),
        ("sources", "/sources".to_owned()),
        ("source-robots", format!("/sources/{}", ledger.0)),
        ("source", format!("/sources/{}", lab.0)),
        ("help", "/help".to_owned()),
        ("api", "/api".to_owned()),
    ];
    for (name, path) in pages {
        let answer = get(&world.router, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        snapshot(&format!("page-{name}"), &answer.body);
    }
}

#[tokio::test]
async fn an_empty_house_says_what_to_do() {
    let (store, _folder) = empty_store().await;
    let router = router(store).await;
    for (path, words) in [
        ("/", "siftwire sources add"),
        ("/search?q=leak", "No articles yet"),
        ("/sources", "siftwire sources add"),
    ] {
        let answer = get(&router, path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains(words), "{path} says {words}");
    }
}

#[tokio::test]
async fn crawled_text_stays_text() {
    let world = world().await;
    for path in
        ["/".to_owned(), format!("/articles/{}", world.room.gateway.0), "/sources".to_owned()]
    {
        let page = get(&world.router, &path).await.body;
        assert!(!page.contains("alert(1)"), "{path}");
        assert!(!page.contains("<script>alert"), "{path}");
        assert!(!page.contains("<b>Quiet"), "{path}");
        assert!(!page.contains("<img"), "{path}");
        assert!(!page.contains(" style="), "{path}");
        assert!(!page.contains(" onclick="), "{path}");
    }
}

#[tokio::test]
async fn every_local_link_leads_somewhere() {
    let world = world().await;
    let mut waiting = vec!["/".to_owned()];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) || seen.len() > 300 {
            continue;
        }
        let answer = get(&world.router, &path).await;
        assert!(answer.status.is_success(), "{path} answers {}", answer.status);
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        for part in answer.body.split("href=\"/").skip(1) {
            let end = part.find(['"', '#']).unwrap_or(part.len());
            waiting.push(format!("/{}", part[..end].replace("&amp;", "&")));
        }
    }
    assert!(seen.len() > 20, "only {} addresses found", seen.len());
}

#[tokio::test]
async fn errors_are_pages_for_people_and_documents_for_programs() {
    let world = world().await;
    let missing = get(&world.router, "/articles/999").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    snapshot("error-page", &missing.body);

    assert_eq!(get(&world.router, "/articles/one").await.status, StatusCode::NOT_FOUND);

    let missing = get(&world.router, "/api/v1/articles/999").await;
    assert_eq!(missing.header("content-type"), "application/problem+json");
    let problem = missing.json();
    assert_eq!(
        (problem["status"].as_u64(), problem["code"].as_str()),
        (Some(404), Some("not-found"))
    );
    assert_eq!(problem["request_id"].as_str(), Some(missing.header("x-request-id")));

    for (path, status, code) in [
        ("/api/v1/nothing", 404, "not-found"),
        ("/api/v1/articles/one", 400, "bad-parameter"),
        ("/api/v1/articles?limit=0", 400, "bad-parameter"),
        ("/api/v1/articles?cursor=x", 400, "bad-parameter"),
        ("/api/v1/search?q=a&offset=99999", 400, "bad-parameter"),
        ("/api/v1/search?q=%22open", 400, "query-open-quote"),
    ] {
        let answer = get(&world.router, path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.json()["code"], code, "{path}");
    }
    let long = get(&world.router, &format!("/?{}", "a".repeat(20_000))).await;
    assert_eq!(long.status, StatusCode::URI_TOO_LONG);
    assert!(long.body.contains("<h1>"), "a page");
}

#[tokio::test]
async fn a_wrong_query_is_a_full_page_with_its_place_marked() {
    let world = world().await;
    let answer = get(&world.router, "/search?q=corvane+%28ransomware").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    snapshot("page-search-wrong", &answer.body);
    let problem = get(&world.router, "/api/v1/search?q=corvane+%28ransomware").await.json();
    assert_eq!(problem["position"], serde_json::json!({ "start": 8, "end": 9 }));
}

#[tokio::test]
async fn date_fields_become_part_of_the_query() {
    let world = world().await;
    let answer = get(&world.router, "/search?q=leak&after=2026-11-01&before=2026-11-23").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/search?q=leak+after%3A2026-11-01+before%3A2026-11-24");
    let wrong = get(&world.router, "/search?q=leak&after=soon&before=").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let world = world().await;
    for path in ["/", "/nothing", "/api/v1/stats", "/healthz", "/static/none.css"] {
        let answer = get(&world.router, path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
    }
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let world = world().await;
    for path in ["/", "/sources", "/api/v1/articles", "/search.atom"] {
        let first = get(&world.router, path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}");
        let request = Request::get(path).header("if-none-match", &tag);
        let again = send(&world.router, request.body(Body::empty()).expect("a request")).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
        assert!(again.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn static_files_may_be_kept_for_ever() {
    let world = world().await;
    let page = get(&world.router, "/").await.body;
    let start = page.find("/static/siftwire.").expect("a style sheet");
    let path = &page[start..start + page[start..].find('"').expect("its end")];
    let sheet = get(&world.router, path).await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert!(sheet.header("cache-control").contains("immutable"));
    let old = get(&world.router, "/static/siftwire.00000000.css").await;
    assert_eq!((old.status, old.header("cache-control")), (StatusCode::OK, "no-cache"));
    assert_eq!(
        get(&world.router, "/static/..%2F..%2FCargo.toml").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_theme_is_a_cookie_and_the_way_back_stays_here() {
    let world = world().await;
    let choose = |body: &'static str, site: &'static str| {
        Request::post("/theme")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .body(Body::from(body))
            .expect("a request")
    };
    let dark = send(&world.router, choose("theme=dark&back=%2Fsources", "same-origin")).await;
    assert_eq!((dark.status, dark.header("location")), (StatusCode::SEE_OTHER, "/sources"));
    let cookie = dark.header("set-cookie");
    assert!(cookie.starts_with("theme=dark; HttpOnly; SameSite=Lax; Secure; Path=/"), "{cookie}");
    let away =
        send(&world.router, choose("theme=dark&back=%2F%2Fevil.example", "same-origin")).await;
    assert_eq!(away.header("location"), "/");
    let foreign = send(&world.router, choose("theme=dark&back=%2F", "cross-site")).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);

    let request = Request::get("/").header("cookie", "theme=dark").body(Body::empty());
    let page = send(&world.router, request.expect("a request")).await.body;
    assert!(page.contains("<html lang=\"en\" data-theme=\"dark\">"));
}

#[tokio::test]
async fn the_api_pages_through_all_articles() {
    let world = world().await;
    let mut titles = Vec::new();
    let mut path = "/api/v1/articles?limit=3".to_owned();
    loop {
        let part = get(&world.router, &path).await.json();
        for article in part["articles"].as_array().expect("articles") {
            titles.push(article["title"].as_str().expect("a title").to_owned());
        }
        let Some(cursor) = part["next_cursor"].as_str() else { break };
        path = format!("/api/v1/articles?limit=3&cursor={cursor}");
    }
    assert_eq!(titles.len(), 7);
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), 7, "none comes twice");
}

#[tokio::test]
async fn the_api_gives_what_the_store_has() {
    let world = world().await;
    let id = world.room.gateway.0;
    for (name, path) in [
        ("article", format!("/api/v1/articles/{id}")),
        ("comments", format!("/api/v1/articles/{id}/comments")),
        ("revisions", format!("/api/v1/articles/{id}/revisions")),
        ("source", format!("/api/v1/sources/{}", world.room.ledger.0)),
        ("stats", "/api/v1/stats".to_owned()),
        ("search", "/api/v1/search?q=corvane+gateway&facets=true".to_owned()),
    ] {
        let answer = get(&world.router, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        insta::assert_json_snapshot!(format!("api-{name}"), answer.json(), {
            ".hits[].score" => "[score]",
        });
    }
    assert_eq!(
        get(&world.router, "/api/v1/sources").await.json()["sources"].as_array().map(Vec::len),
        Some(6)
    );
}

#[test]
fn the_api_is_described() {
    let document = serve::openapi_json();
    insta::assert_snapshot!("openapi", document);
    for part in document.split("\"#/components/schemas/").skip(1) {
        let name = &part[..part.find('"').expect("the end of a reference")];
        assert!(document.contains(&format!("\n      \"{name}\": {{")), "{name} is described");
    }
    let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|item| item.as_object().expect("operations").values());
    let mut names = std::collections::HashSet::new();
    for operation in operations {
        assert!(names.insert(&operation["operationId"]), "two operations of one name: {operation}");
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.values().all(|one| one["description"].is_string()), "{operation}");
    }
}

#[tokio::test]
async fn any_search_is_a_feed() {
    let world = world().await;
    let answer = get(&world.router, "/search.atom?q=corvane").await;
    assert_eq!(answer.header("content-type"), "application/atom+xml; charset=utf-8");
    insta::assert_snapshot!("feed", answer.body);
    let modified = answer.header("last-modified").to_owned();
    let request = Request::get("/search.atom?q=corvane").header("if-modified-since", modified);
    let again = send(&world.router, request.body(Body::empty()).expect("a request")).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn operators_see_health_and_figures() {
    let world = world().await;
    assert_eq!(get(&world.router, "/healthz").await.body, "ok\n");
    let ready = get(&world.router, "/readyz").await;
    assert_eq!((ready.status, ready.json()["ready"].as_bool()), (StatusCode::OK, Some(true)));
    get(&world.router, "/metrics").await;
    get(&world.router, "/articles/999").await;
    let figures = get(&world.router, "/metrics").await.body;
    for line in [
        "siftwire_articles 7",
        "siftwire_sources{health=\"failing\"} 1",
        "route=\"/articles/{id}\"",
        "siftwire_index_lag 0",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
    assert!(!figures.contains("/articles/999"), "no addresses in labels");
    drop(world.store);
}

#[tokio::test]
async fn answers_are_compressed_where_the_reader_can_read_that() {
    let world = world().await;
    let request = Request::get("/").header("accept-encoding", "br").body(Body::empty());
    let response = world.router.oneshot(request.expect("a request")).await.expect("an answer");
    assert_eq!(response.headers()["content-encoding"], "br");
}

#[tokio::test]
async fn the_server_refuses_huge_heads_and_stops_when_told() {
    let (store, _folder) = empty_store().await;
    let index = index_of(store.clone()).await;
    let config =
        ServeConfig { listen: ([127, 0, 0, 1], 0).into(), crawl: false, ..ServeConfig::default() };
    let listener = TcpListener::bind(config.listen).await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let stop = CancellationToken::new();
    let server =
        tokio::spawn(serve::serve(AppState::new(store, index, &config), listener, stop.clone()));

    let page = ask(address, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.ends_with("ok\n"), "{page}");
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let refused = ask(address, &format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n")).await;
    assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");

    stop.cancel();
    server.await.expect("the server ends");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

/// Sends bytes and reads until the server closes.
async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the answer is read");
    answer
}

/// Serves the newsroom until stopped, for work on pages:
/// `cargo test --test it serve::for_development -- --ignored --nocapture`
#[tokio::test]
#[ignore = "serves until stopped"]
async fn for_development() {
    let world = world().await;
    let listener = TcpListener::bind("127.0.0.1:8421").await.expect("port 8421 is free");
    let config = ServeConfig {
        listen: ([127, 0, 0, 1], 8421).into(),
        crawl: false,
        ..ServeConfig::default()
    };
    let index = index_of(world.store.clone()).await;
    let state =
        AppState::new(world.store, index, &config).with_clock(Clock::Fixed(newsroom::now()));
    println!("http://127.0.0.1:8421/");
    serve::serve(state, listener, CancellationToken::new()).await;
}
