//! Saved searches over HTTP: kept, changed, deleted and brought back; who may see them; their feeds.

use serde_json::{Value, json};

use crate::analysts::world;

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
