//! The calls of reader apps, replayed as Google Reader and Fever clients make them.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use jiff::ToSpan as _;
use serde_json::Value;
use siftwire::{
    accounts::Accounts,
    config::ServeConfig,
    domain::{ArticleId, ArticleKey},
    serve::{self, AppState, Clock},
    store::{Role, Store},
};

use crate::{
    accounts::{Browser, House},
    newsroom,
    serve::{Answer, empty_store, index_of, send},
};

const GREADER: &str = "/api/greader.php";
const ALL: &str = "user/-/state/com.google/reading-list";
const READ: &str = "user/-/state/com.google/read";
const STARRED: &str = "user/-/state/com.google/starred";
const FOLDER: &str = "user/-/label/Security/News";

/// A server, and an app that its reader `ines` uses.
struct World {
    router: Router,
    store: Arc<dyn Store>,
    accounts: Accounts,
    secret: String,
    _folder: tempfile::TempDir,
}

async fn world() -> World {
    let (store, folder) = empty_store().await;
    newsroom::furnish(&*store).await;
    let accounts = Accounts::new(store.clone());
    let secret = app_of(&accounts, &*store, "ines", Role::Reader).await;
    let index = index_of(store.clone()).await;
    let state = AppState::new(store.clone(), index, &ServeConfig::default());
    let router = serve::router(state.with_clock(Clock::Fixed(newsroom::now())));
    World { router, store, accounts, secret, _folder: folder }
}

async fn app_of(accounts: &Accounts, store: &dyn Store, name: &str, role: Role) -> String {
    let now = newsroom::now();
    accounts.add_user("test", name, role, "several plain words", now).await.expect("a user");
    let (user, _) = store.user_by_name(name).await.expect("an answer").expect("the user");
    accounts.add_app_password(&user, "phone", now).await.expect("a password")
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn ask(router: &Router, method: &str, path: &str, key: Option<&str>, body: String) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("user-agent", "Reader/1");
    if !body.is_empty() {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    if let Some(key) = key {
        request = request.header("authorization", format!("GoogleLogin auth={key}"));
    }
    send(router, request.body(Body::from(body)).expect("a request")).await
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {}", answer.body))
}

/// An app that has logged in to the Google Reader API.
struct Google<'a> {
    router: &'a Router,
    key: String,
}

impl<'a> Google<'a> {
    async fn log_in(world: &'a World, name: &str, secret: &str) -> Self {
        let body = form(&[("Email", name), ("Passwd", secret), ("client", "app")]);
        let path = format!("{GREADER}/accounts/ClientLogin");
        let answer = ask(&world.router, "POST", &path, None, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let key = answer.body.lines().find_map(|line| line.strip_prefix("Auth="));
        Self { router: &world.router, key: key.expect("a key").to_owned() }
    }

    async fn get(&self, call: &str, fields: &[(&str, &str)]) -> Value {
        let path = format!("{GREADER}/reader/api/0/{call}?{}", form(fields));
        json(&ask(self.router, "GET", &path, Some(&self.key), String::new()).await)
    }

    async fn post(&self, call: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("{GREADER}/reader/api/0/{call}");
        ask(self.router, "POST", &path, Some(&self.key), form(fields)).await
    }

    async fn done(&self, call: &str, fields: &[(&str, &str)]) {
        let answer = self.post(call, fields).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "OK"), "{fields:?}");
    }

    /// Numbers in a list, page by page.
    async fn ids(&self, fields: &[(&str, &str)]) -> Vec<String> {
        let mut ids = Vec::new();
        let mut continuation = String::new();
        loop {
            let mut asked = fields.to_vec();
            if !continuation.is_empty() {
                asked.push(("c", &continuation));
            }
            let page = self.get("stream/items/ids", &asked).await;
            let refs = page["itemRefs"].as_array().expect("references");
            ids.extend(refs.iter().map(|item| item["id"].as_str().expect("text").to_owned()));
            match page.get("continuation") {
                Some(next) => {
                    continuation = next.as_str().expect("text, as apps want it").to_owned()
                }
                None => return ids,
            }
        }
    }

    async fn unread(&self) -> Vec<String> {
        self.ids(&[("s", ALL), ("xt", READ), ("n", "1000")]).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_google_reader_app_syncs_marks_and_syncs_again() {
    let world = world().await;
    let app = Google::log_in(&world, "Ines", &world.secret).await;
    let token = app.post("token", &[]).await;
    assert_eq!(token.body.len(), 57);
    assert_eq!(app.get("user-info", &[("output", "json")]).await["userName"], "ines");

    let subscriptions = app.get("subscription/list", &[("output", "json")]).await;
    let subscriptions = subscriptions["subscriptions"].as_array().expect("a list");
    assert_eq!(subscriptions.len(), 6);
    let ledger = subscriptions.iter().find(|one| one["title"] == "Packet Ledger").expect("listed");
    assert_eq!(ledger["categories"][0]["id"], FOLDER);
    assert_eq!(ledger["url"], "https://packetledger.example/feed");
    let tags = app.get("tag/list", &[]).await;
    assert_eq!(tags["tags"][0]["id"], STARRED);
    assert_eq!(
        (tags["tags"][1]["id"].as_str(), tags["tags"][1]["type"].as_str()),
        (Some(FOLDER), Some("folder"))
    );

    let ids = app.ids(&[("s", ALL), ("n", "2")]).await;
    let distinct: BTreeSet<&String> = ids.iter().collect();
    let stored = world.store.counts().await.expect("counts").articles as usize;
    assert_eq!((ids.len(), distinct.len()), (stored, stored), "each exactly once");
    let oldest = app.ids(&[("s", ALL), ("n", "3"), ("r", "o")]).await;
    assert!(oldest.iter().eq(ids.iter().rev()), "{oldest:?}");

    // Apps turn short names into long ones, or send them as they came.
    let gateway = find_gateway(&world).await;
    let long = format!("tag:google.com,2005:reader/item/{:016x}", gateway.0);
    let answer =
        app.post("stream/items/contents", &[("i", &long), ("i", &ids[0]), ("i", "77777")]).await;
    let items = json(&answer);
    let items = items["items"].as_array().expect("items");
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["id"], long.as_str());
    assert_eq!(items[0]["origin"]["streamId"], ledger["id"]);
    let content = items[0]["summary"]["content"].as_str().expect("text");
    assert!(content.contains("Map of Europe") || content.contains("login page"), "{content}");
    assert_eq!(
        items[0]["alternate"][0]["href"],
        "https://packetledger.example/2026/web-shells?lang=en&view=full"
    );

    app.done("edit-tag", &[("i", &long), ("a", READ), ("T", &token.body)]).await;
    app.done("edit-tag", &[("i", &ids[0]), ("i", &ids[1]), ("a", STARRED), ("T", "stale")]).await;
    let unread = app.unread().await;
    assert_eq!(unread.len(), stored - 1);
    assert!(!unread.contains(&gateway.0.to_string()));
    assert_eq!(app.ids(&[("s", STARRED)]).await, ids[..2]);
    let item = json(&app.post("stream/items/contents", &[("i", &long)]).await);
    let categories = item["items"][0]["categories"].as_array().expect("a list").clone();
    assert!(
        categories.contains(&READ.into()) && categories.contains(&FOLDER.into()),
        "{categories:?}"
    );
    app.done("edit-tag", &[("i", &long), ("r", READ)]).await;
    app.done("edit-tag", &[("i", &ids[1]), ("r", STARRED)]).await;
    assert_eq!((app.unread().await.len(), app.ids(&[("s", STARRED)]).await.len()), (stored, 1));
}

async fn find_gateway(world: &World) -> ArticleId {
    let url = "https://packetledger.example/2026/web-shells?lang=en&view=full";
    let key = ArticleKey::of(&url.parse().expect("an address"));
    world.store.article_by_key(&key).await.expect("an answer").expect("the article").id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_between_pages_is_neither_lost_nor_told_twice() {
    let world = world().await;
    let app = Google::log_in(&world, "ines", &world.secret).await;
    let first = app.get("stream/items/ids", &[("s", ALL), ("n", "3")]).await;
    let continuation = first["continuation"].as_str().expect("more").to_owned();
    let seen = newsroom::now() - 1.minute();
    let mut late =
        world.store.article(find_gateway(&world).await).await.expect("an answer").expect("it");
    late.title = "Published long ago, found now".into();
    newsroom::save_again(&*world.store, &late, "https://packetledger.example/late", seen).await;

    let rest = app.get("stream/items/ids", &[("s", ALL), ("n", "999"), ("c", &continuation)]).await;
    let names = |page: &Value| -> Vec<String> {
        let refs = page["itemRefs"].as_array().expect("references");
        refs.iter().map(|item| item["id"].as_str().expect("text").to_owned()).collect()
    };
    let mut all = names(&first);
    all.extend(names(&rest));
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    // The next visit asks for what arrived since the last one.
    let since = (seen.as_second() - 5).to_string();
    let fresh = app.ids(&[("s", ALL), ("ot", &since)]).await;
    assert_eq!(fresh.len(), 1, "{fresh:?}");
    assert!(!all.contains(&fresh[0]));
    let until = app.ids(&[("s", ALL), ("nt", &since), ("n", "999")]).await;
    assert_eq!(until.len(), all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_streams_are_marked_as_read() {
    let world = world().await;
    let app = Google::log_in(&world, "ines", &world.secret).await;
    let all = app.unread().await.len();
    let counts = app.get("unread-count", &[("output", "json")]).await;
    let count_of = |counts: &Value, id: &str| {
        let lines = counts["unreadcounts"].as_array().expect("a list");
        lines
            .iter()
            .find(|line| line["id"] == id)
            .map(|line| line["count"].as_u64().expect("a number"))
    };
    assert_eq!(count_of(&counts, ALL), Some(all as u64));
    assert_eq!(count_of(&counts, FOLDER), Some(all as u64));
    let ledger = world.store.source_by_url("https://packetledger.example/feed").await;
    let ledger = format!("feed/{}", ledger.expect("an answer").expect("the source").id.0);
    let of_ledger = count_of(&counts, &ledger).expect("listed");
    assert!(of_ledger > 0);

    app.done("mark-all-as-read", &[("s", &ledger)]).await;
    assert_eq!(app.unread().await.len() as u64, all as u64 - of_ledger);
    let counts = app.get("unread-count", &[]).await;
    assert_eq!(count_of(&counts, &ledger), Some(0));
    let ts = (newsroom::now().as_second() * 1_000_000).to_string();
    app.done("mark-all-as-read", &[("s", ALL), ("ts", &ts)]).await;
    assert_eq!(app.unread().await, Vec::<String>::new());

    let path = format!("stream/contents/{ALL}");
    let page = app.get(&path, &[("n", "2"), ("xt", READ)]).await;
    assert_eq!(page["items"], Value::Array(Vec::new()));
    let page = app.get(&path, &[("n", "2")]).await;
    assert_eq!(page["items"].as_array().expect("items").len(), 2);
    assert!(page["continuation"].is_string());
    let page = app.get(&format!("stream/contents/{FOLDER}"), &[("n", "1")]).await;
    assert_eq!(page["items"].as_array().expect("items").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_change_what_is_watched() {
    let world = world().await;
    let app = Google::log_in(&world, "ines", &world.secret).await;
    let fields = [("ac", "subscribe"), ("s", "feed/https://new.example/feed")];
    assert_eq!(app.post("subscription/edit", &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.post("disable-tag", &[("s", FOLDER)]).await.status, StatusCode::FORBIDDEN);

    let secret = app_of(&world.accounts, &*world.store, "root", Role::Admin).await;
    let admin = Google::log_in(&world, "root", &secret).await;
    let subscribe = [("t", "New"), ("a", "user/-/label/Labs"), fields[0], fields[1]];
    admin.done("subscription/edit", &subscribe).await;
    let source = world.store.source_by_url("https://new.example/feed").await;
    let source = source.expect("an answer").expect("watched");
    assert_eq!(
        (source.title.as_str(), source.groups.as_slice()),
        ("New", &["Labs".to_owned()][..])
    );
    let feed = format!("feed/{}", source.id.0);
    admin
        .done("rename-tag", &[("s", "user/-/label/Labs"), ("dest", "user/-/label/Work/Labs")])
        .await;
    admin.done("subscription/edit", &[("ac", "edit"), ("s", &feed), ("t", "Newer")]).await;
    let source = world.store.source(source.id).await.expect("an answer").expect("watched");
    assert_eq!((source.title.as_str(), source.groups.join("/").as_str()), ("Newer", "Work/Labs"));
    admin.done("subscription/edit", &[("ac", "unsubscribe"), ("s", &feed)]).await;
    assert_eq!(world.store.source(source.id).await.expect("an answer"), None);
    for address in ["file:///etc/passwd", "javascript:alert(1)", "", "feed/"] {
        let answer = admin.post("subscription/quickadd", &[("quickadd", address)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_gets_its_password_on_the_account_page() {
    let house = House::new().await;
    let router = house.router().await;
    let mut browser = Browser::logged_in(&router, "marit").await;
    let page = browser.post("/account/apps", "label=%3Cb%3Ephone").await;
    assert_eq!(page.status, StatusCode::OK);
    let (_, rest) = page.body.split_once("<dt>Password</dt><dd><code>").expect("shown");
    let secret = rest.split('<').next().expect("a secret").to_owned();
    assert!(!page.body.contains("<b>phone"), "escaped");
    let later = browser.get("/account").await.body;
    assert!(!later.contains(&secret) && later.contains(&secret[..4]), "shown once");

    let body = form(&[("Email", "marit"), ("Passwd", &secret)]);
    let answer = ask(&router, "POST", "/accounts/ClientLogin", None, body.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let (user, _) = house.store.user_by_name("marit").await.expect("an answer").expect("the user");
    let id = house.store.app_passwords(user.id).await.expect("a list")[0].id.0;
    let mut other = Browser::logged_in(&router, "ines").await;
    other.post(&format!("/account/apps/{id}"), "").await;
    assert_eq!(
        ask(&router, "POST", "/accounts/ClientLogin", None, body.clone()).await.status,
        StatusCode::OK
    );
    let foreign = browser.post_from("cross-site", &format!("/account/apps/{id}"), "").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    browser.post(&format!("/account/apps/{id}"), "").await;
    let answer = ask(&router, "POST", "/accounts/ClientLogin", None, body).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_and_starred_on_pages_is_so_in_apps() {
    let house = House::new().await;
    let router = house.router().await;
    let mut browser = Browser::logged_in(&router, "marit").await;
    let (user, _) = house.store.user_by_name("marit").await.expect("an answer").expect("the user");
    let ids = house.store.article_ids(ArticleId(0), 9).await.expect("ids");
    let article = format!("/articles/{}", ids[0].0);
    let mark = async || house.store.reader_marks(user.id, &ids[..1]).await.expect("marks")[0];
    assert!(browser.get("/starred").await.body.contains("Nothing starred yet"));
    let page = browser.get(&article).await.body;
    assert!(page.contains("Keep unread") && mark().await.read, "opened is read");
    assert!(browser.get("/").await.body.contains("incident plain read"));

    let kept = browser.post(&format!("{article}/mark"), "read=false").await;
    let back = kept.header("location").to_owned();
    assert!(browser.get(&back).await.body.contains("Mark as read") && !mark().await.read);
    browser.post(&format!("{article}/mark"), "starred=true").await;
    assert!(mark().await.starred);
    assert!(browser.get("/starred").await.body.contains(&article));
    // A stranger sees no marks and makes none.
    let mut stranger = Browser::new(&router);
    assert!(!stranger.get(&article).await.body.contains("Keep unread"));
    let refused = stranger.post(&format!("{article}/mark"), "starred=true").await;
    assert_ne!(refused.header("location"), article);
    let foreign =
        browser.post_from("cross-site", &format!("{article}/mark"), "starred=false").await;
    assert_eq!((foreign.status, mark().await.starred), (StatusCode::FORBIDDEN, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_answered_and_nothing_breaks() {
    let world = world().await;
    let app = Google::log_in(&world, "ines", &world.secret).await;
    let stored = app.ids(&[("n", "99999999999999999999999")]).await.len();
    for n in ["0", "-5", "x", ""] {
        let page = app.get("stream/items/ids", &[("s", ALL), ("n", n)]).await;
        assert!(page["itemRefs"].as_array().expect("a list").len() <= 20, "{n}");
    }
    for (call, fields, status) in [
        ("stream/items/ids", &[("s", "feed/999999")][..], StatusCode::NOT_FOUND),
        ("stream/items/ids", &[("s", ALL), ("c", "' OR 1=1 --")], StatusCode::BAD_REQUEST),
        ("stream/contents/user/-/label/Nowhere", &[], StatusCode::NOT_FOUND),
        ("mark-all-as-read", &[("s", "user/-/label/Nowhere")], StatusCode::NOT_FOUND),
        ("edit-tag", &[("i", "1"), ("a", "user/-/label/mine")], StatusCode::BAD_REQUEST),
        ("edit-tag", &[("i", "\u{0}"), ("i", "-1"), ("i", "zz"), ("a", READ)], StatusCode::OK),
        ("stream/items/contents", &[("i", "ffffffffffffffff")], StatusCode::OK),
        ("no/such/call", &[], StatusCode::NOT_FOUND),
    ] {
        assert_eq!(app.post(call, fields).await.status, status, "{call} {fields:?}");
    }
    let many: Vec<(&str, &str)> = (0..1_001).map(|_| ("i", "1")).collect();
    assert_eq!(app.post("stream/items/contents", &many).await.status, StatusCode::BAD_REQUEST);
    let huge = vec![("i", "1"); 400_000];
    assert_eq!(app.post("edit-tag", &huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(app.ids(&[("s", ALL)]).await.len(), stored, "nothing changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_are_refused_and_counted() {
    let world = world().await;
    let path = format!("{GREADER}/reader/api/0/user-info");
    for key in [None, Some("ines/wrong"), Some(""), Some("marit/abcd-efgh-ijkl-mnop")] {
        let answer = ask(&world.router, "GET", &path, key, String::new()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{key:?}");
    }
    // The password of the account itself opens nothing here.
    let body = form(&[("Email", "ines"), ("Passwd", "several plain words")]);
    let login = "/accounts/ClientLogin";
    let answer = ask(&world.router, "POST", login, None, body.clone()).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::UNAUTHORIZED, "Error=BadAuthentication")
    );
    let mut refused = answer;
    for _ in 0..60 {
        refused = ask(&world.router, "POST", login, None, body.clone()).await;
    }
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(refused.header("retry-after"), "");
    let app = Google::log_in(&world, "ines", &world.secret).await;

    let (user, _) = world.store.user_by_name("ines").await.expect("an answer").expect("the user");
    let password = world.store.app_passwords(user.id).await.expect("a list")[0].id;
    let now = newsroom::now();
    assert!(world.accounts.remove_app_password(&user, password, now).await.expect("ended"));
    let answer = app.post("token", &[]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "ended at once, and still counted");
}

/// What a Fever app sends: names in the address, its key in the body.
async fn fever(world: &World, key: &str, query: &str, fields: &[(&str, &str)]) -> Value {
    let mut body = vec![("api_key", key)];
    body.extend(fields);
    json(&ask(&world.router, "POST", &format!("/fever/?api&{query}"), None, form(&body)).await)
}

fn fever_key(name: &str, secret: &str) -> String {
    use md5::Digest as _;
    let hash = md5::Md5::digest(format!("{name}:{secret}"));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn numbers(value: &Value) -> Vec<i64> {
    let text = value.as_str().expect("numbers with commas");
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().expect("a number"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fever_app_syncs_marks_and_syncs_again() {
    let world = world().await;
    let key = fever_key("ines", &world.secret);
    let hello = fever(&world, &key, "", &[]).await;
    assert_eq!((hello["api_version"].as_u64(), hello["auth"].as_u64()), (Some(3), Some(1)));
    assert_eq!(
        fever(&world, "0123456789abcdef", "feeds", &[]).await,
        serde_json::json!({"api_version": 3, "auth": 0})
    );

    let lists = fever(&world, &key, "groups&feeds&favicons&links", &[]).await;
    let feeds = lists["feeds"].as_array().expect("feeds");
    assert_eq!((feeds.len(), lists["groups"][0]["title"].as_str()), (6, Some("Security/News")));
    assert_eq!(lists["feeds_groups"][0]["group_id"], lists["groups"][0]["id"]);
    assert_eq!(numbers(&lists["feeds_groups"][0]["feed_ids"]).len(), 6);
    assert_eq!(lists["favicons"][0]["id"], feeds[0]["favicon_id"]);

    let first = fever(&world, &key, "items&since_id=0", &[]).await;
    let items = first["items"].as_array().expect("items");
    assert_eq!(items.len() as u64, first["total_items"].as_u64().expect("a number"));
    let last = items.last().expect("an item")["id"].as_i64().expect("a number");
    let rest = fever(&world, &key, &format!("items&since_id={last}"), &[]).await;
    assert_eq!(rest["items"], Value::Array(Vec::new()));
    let back = fever(&world, &key, &format!("items&max_id={last}"), &[]).await;
    assert_eq!(back["items"].as_array().expect("items").len(), items.len() - 1);
    let named = fever(&world, &key, &format!("items&with_ids={last},abc,999"), &[]).await;
    assert_eq!(named["items"].as_array().expect("items").len(), 1);

    let id = last.to_string();
    let mark = |mark: &'static str, what: &'static str, id: &str| {
        let fields = [("mark", mark), ("as", what), ("id", id)]
            .map(|(name, value)| (name, value.to_owned()));
        let (world, key) = (&world, &key);
        async move {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            fever(world, key, "", &fields).await
        }
    };
    let unread = mark("item", "read", &id).await;
    assert_eq!(numbers(&unread["unread_item_ids"]).len(), items.len() - 1);
    let saved = mark("item", "saved", &id).await;
    assert_eq!(numbers(&saved["saved_item_ids"]), [last]);
    let again = fever(&world, &key, &format!("items&with_ids={last}"), &[]).await;
    assert_eq!(
        (again["items"][0]["is_read"].as_u64(), again["items"][0]["is_saved"].as_u64()),
        (Some(1), Some(1))
    );
    mark("item", "unread", &id).await;
    let unsaved = mark("item", "unsaved", &id).await;
    assert_eq!(numbers(&unsaved["saved_item_ids"]), Vec::<i64>::new());

    let feed = &items[0]["feed_id"];
    let of_feed = items.iter().filter(|item| item["feed_id"] == *feed).count();
    let unread = mark("feed", "read", &feed.to_string()).await;
    assert_eq!(numbers(&unread["unread_item_ids"]).len(), items.len() - of_feed);
    let group = lists["groups"][0]["id"].to_string();
    let unread = mark("group", "read", &group).await;
    assert_eq!(numbers(&unread["unread_item_ids"]), Vec::<i64>::new());
    // Both kinds of app see the same.
    let google = Google::log_in(&world, "ines", &world.secret).await;
    assert_eq!(google.unread().await, Vec::<String>::new());
    for nonsense in [
        "items&since_id=-1",
        "items&max_id=99999999999999999999",
        "mark=item&as=eaten&id=1",
        "mark=group&as=read&id=x",
    ] {
        assert_eq!(fever(&world, &key, nonsense, &[]).await["auth"], 1, "{nonsense}");
    }
}
