//! Saved searches over HTTP: kept, changed, deleted and brought back; who may see them; their feeds.

use serde_json::{Value, json};

use siftwire::config::{Reading, ServeConfig};

use crate::analysts::{world, world_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_kept_changed_deleted_and_brought_back() {
    let world = world().await;
    let new = json!({ "name": "Our gateways", "query": " Corvane   gateway lang:EN " });
    let kept = world.api(&world.analyst, "POST", "/searches", &new).await;
    assert_eq!(kept.status(), 201, "{kept:?}");
    let item = kept.json();
    let id = item["id"].as_str().expect("an id");
    assert_eq!(kept.header("location"), format!("/api/v1/searches/{id}"));
    let told = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        [told("slug"), told("query"), told("view"), told("visibility")],
        ["our-gateways", "Corvane gateway lang:en", "articles", "private"]
    );

    let edit = json!({ "name": "Theirs", "visibility": "public" });
    let edited = world.api(&world.analyst, "PATCH", "/searches/our-gateways", &edit).await.json();
    assert_eq!((&edited["name"], &edited["slug"]), (&json!("Theirs"), &json!("our-gateways")));
    assert_eq!(edited["query"], item["query"]);

    let by_id = format!("/searches/{id}");
    assert_eq!(world.api(&world.analyst, "DELETE", &by_id, &Value::Null).await.status(), 204);
    assert_eq!(world.api(&world.analyst, "GET", &by_id, &Value::Null).await.status(), 404);
    let restore = format!("{by_id}/restore");
    let back = world.api(&world.analyst, "POST", &restore, &Value::Null).await;
    assert_eq!(back.json()["name"], "Theirs");
    assert_eq!(world.api(&world.analyst, "POST", &restore, &Value::Null).await.status(), 404);
    let listed = world.api("", "GET", "/searches", &Value::Null).await.json();
    assert_eq!(listed["searches"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_refused_with_the_reason() {
    let world = world().await;
    let refused = async |new: Value| {
        let answer = world.api(&world.analyst, "POST", "/searches", &new).await;
        assert_eq!(answer.status(), 400, "{new} {answer:?}");
        answer.json()
    };
    let broken = refused(json!({ "name": "x", "query": "gateway \"open" })).await;
    assert_eq!(broken["code"], "query-open-quote");
    assert_eq!(broken["position"]["start"], 8, "{broken}");
    for new in [
        json!({ "name": " ", "query": "" }),
        json!({ "name": "x".repeat(101), "query": "" }),
        json!({ "name": "a\u{7}b", "query": "" }),
        json!({ "name": "x", "query": "", "slug": "../x" }),
        json!({ "name": "x", "query": "", "view": "pictures" }),
        json!({ "name": "x", "query": "", "colour": "red" }),
        json!({ "name": "x" }),
        json!([]),
    ] {
        assert_eq!(refused(new).await["code"], "bad-parameter");
    }
    world.save(json!({ "name": "first", "query": "" })).await;
    let (_, slug) = world.save(json!({ "name": "First", "query": "" })).await;
    assert_eq!(slug, "first-2");
    let path = format!("/searches/{slug}");
    let taken = world.api(&world.analyst, "PATCH", &path, &json!({ "slug": "first" })).await;
    assert_eq!((taken.status(), &taken.json()["code"]), (409, &json!("taken")));
}

#[tokio::test(flavor = "multi_thread")]
async fn private_searches_are_seen_by_analysts_alone() {
    let world = world().await;
    let (id, slug) = world.save(json!({ "name": "Secret", "query": "gateway" })).await;
    world.save(json!({ "name": "Open", "query": "", "visibility": "public" })).await;
    for token in ["", world.reader.as_str()] {
        for name in [&id, &slug] {
            let one = world.api(token, "GET", &format!("/searches/{name}"), &Value::Null).await;
            assert_eq!(one.status(), 404);
            assert!(!one.body.contains("gateway"), "{one:?}");
        }
        let list = world.api(token, "GET", "/searches", &Value::Null).await.json();
        let names: Vec<_> = list["searches"].as_array().expect("a list").iter().collect();
        assert_eq!(names.len(), 1);
        assert_eq!((&names[0]["name"], &names[0]["may_change"]), (&json!("Open"), &json!(false)));
    }
    let new = json!({ "name": "x", "query": "" });
    assert_eq!(world.api("", "POST", "/searches", &new).await.status(), 401);
    for token in [&world.reader, &world.site] {
        assert_eq!(world.api(token, "POST", "/searches", &new).await.status(), 403);
        let edit = json!({ "name": "mine now" });
        assert_eq!(world.api(token, "PATCH", "/searches/open", &edit).await.status(), 403);
        assert_eq!(world.api(token, "DELETE", "/searches/open", &Value::Null).await.status(), 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_search_is_a_feed_in_every_format() {
    let world = world().await;
    let search = json!({ "name": "Gate <ways>", "query": "corvane", "visibility": "public" });
    let (id, slug) = world.save(search).await;
    for (extension, media_type, shown) in [
        ("atom", "application/atom+xml; charset=utf-8", "Gate &lt;ways&gt;"),
        ("rss", "application/rss+xml; charset=utf-8", "Gate &lt;ways&gt;"),
        ("json", "application/feed+json; charset=utf-8", "Gate <ways>"),
        ("opml", "text/x-opml; charset=utf-8", "Packet Ledger"),
        ("csv", "text/csv; charset=utf-8; header=present", "Web shells on Corvane"),
        ("ndjson", "application/x-ndjson; charset=utf-8", "Web shells on Corvane"),
    ] {
        for name in [&id, &slug] {
            let feed = world.get("", &format!("/saved/{name}.{extension}")).await;
            assert_eq!((feed.status(), feed.header("content-type")), (200, media_type));
            assert!(feed.body.contains(shown), "{extension}: {}", feed.body);
            assert!(!feed.body.contains("Hospital group"), "{extension} has what it should not");
        }
    }
    for path in ["/saved/nothing.atom", "/saved/gate-ways.exe", "/saved/gate-ways", "/saved/.atom"]
    {
        assert_eq!(world.get("", path).await.status(), 404, "{path}");
    }
    let page = world.get("", "/saved/gate-ways.json?limit=1").await.json();
    let next = page["next_url"].as_str().expect("there is more");
    assert!(next.contains("/saved/gate-ways.json?before="), "{next}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_address_opens_one_private_search_until_it_is_revoked() {
    let world =
        world_with(ServeConfig { reading: Reading::Private, ..ServeConfig::default() }).await;
    let (_, slug) = world.save(json!({ "name": "Secret", "query": "corvane" })).await;
    world.save(json!({ "name": "Other", "query": "" })).await;
    assert_eq!(world.get(&world.reader, "/saved/secret.atom").await.status(), 404);
    assert_eq!(world.get(&world.analyst, "/saved/secret.atom").await.status(), 200);

    let tokens = format!("/searches/{slug}/tokens");
    let label = json!({ "label": "phone" });
    assert_eq!(world.api(&world.reader, "POST", &tokens, &label).await.status(), 404);
    let made = world.api(&world.analyst, "POST", &tokens, &label).await;
    assert_eq!(made.status(), 201, "{made:?}");
    let made = made.json();
    let address = made["address"].as_str().expect("an address");
    let feed = world.get("", &format!("{address}.atom")).await;
    assert_eq!((feed.status(), feed.header("cache-control")), (200, "private, no-cache"));
    assert!(feed.body.contains("Web shells on Corvane"));
    let other = address.replace("/secret", "/other");
    assert_eq!(world.get("", &format!("{other}.atom")).await.status(), 404, "one search alone");
    let guess = address.replace("swf_", "swf_x");
    assert_eq!(world.get("", &format!("{guess}.atom")).await.status(), 401);

    let listed = world.api(&world.analyst, "GET", &tokens, &Value::Null).await;
    let secret = made["secret"].as_str().expect("a secret");
    assert!(!listed.body.contains(secret), "shown once");
    let token = &listed.json()["tokens"][0];
    assert_eq!((&token["label"], token["last_used"].is_string()), (&json!("phone"), true));
    let one = format!("{tokens}/{}", token["id"]);
    assert_eq!(world.api(&world.analyst, "DELETE", &one, &Value::Null).await.status(), 204);
    assert_eq!(world.api(&world.analyst, "DELETE", &one, &Value::Null).await.status(), 404);
    assert_eq!(world.get("", &format!("{address}.atom")).await.status(), 401);
    let audit = world.store.audit_log(None, 10).await.expect("a log");
    assert!(audit.iter().any(|entry| entry.action == "create-feed-token"));
    assert!(!format!("{audit:?}").contains(secret), "never in logs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_search_is_a_misp_feed() {
    let world = world().await;
    let text = "Northmere Health was hit by ransomware on Friday. The attackers entered through CVE-2026-31337 and the \
        malware calls evil-drop[.]top. Northmere Health restores its systems from backups this week.";
    for site in ["a.example", "b.example"] {
        crate::desk::publish(&*world.store, site, "one", text, 1).await;
    }
    world.settle().await;
    world
        .save(json!({ "name": "Ransom", "query": "ransomware after:2020", "visibility": "public" }))
        .await;
    let (_, private) =
        world.save(json!({ "name": "Secret", "query": "ransomware after:2020" })).await;
    let manifest = world.get("", "/misp/ransom/manifest.json").await;
    assert_eq!((manifest.status(), manifest.header("content-type")), (200, "application/json"));
    let events = manifest.json();
    let events = events.as_object().expect("a manifest");
    assert!(!events.is_empty(), "{manifest:?}");
    let known = [("If-None-Match", manifest.header("etag"))];
    let again = world.ask("", "GET", "/misp/ransom/manifest.json", &known, &[]).await;
    assert_eq!(again.status(), 304, "the tag stays while nothing changes");
    for (uuid, entry) in events {
        let event = world.get("", &format!("/misp/ransom/{uuid}.json")).await.json();
        assert_eq!(event["Event"]["uuid"], json!(uuid));
        assert_eq!(event["Event"]["timestamp"], entry["timestamp"], "list and file agree");
    }
    let hashes = world.get("", "/misp/ransom/hashes.csv").await;
    assert!(hashes.body.lines().all(|line| line.len() == 32 + 1 + 36), "{}", hashes.body);
    assert_eq!(world.get("", "/misp/all/manifest.json").await.status(), 200);
    for path in [
        "nothing/manifest.json",
        "ransom/nothing",
        "ransom/00000000-0000-4000-8000-000000000000.json",
    ] {
        assert_eq!(world.get("", &format!("/misp/{path}")).await.status(), 404, "{path}");
    }
    assert_eq!(world.get("", &format!("/misp/{private}/manifest.json")).await.status(), 404);
    let made =
        world.api(&world.analyst, "POST", "/searches/secret/tokens", &json!({})).await.json();
    let secret = made["secret"].as_str().expect("a secret");
    let opened = world.get("", &format!("/feeds/{secret}/misp/manifest.json")).await;
    assert_eq!((opened.status(), opened.header("cache-control")), (200, "private, no-cache"));
}
