//! The TAXII server, asked as its clients ask: the contract, paging while news comes in, versions, hostile input.

use std::collections::BTreeSet;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use siftwire::{
    config::{Reading, ServeConfig},
    taxii::{INDICATORS, REPORTS},
};

use crate::{
    analysts::{World, world_with},
    wire::Answer,
};

const MEDIA_TYPE: &str = "application/taxii+json;version=2.1";
const ROOT: &str = "/taxii2/news";

/// A server whose pages hold three objects.
async fn world() -> World {
    let config = ServeConfig { taxii_page_limit: 3, ..ServeConfig::default() };
    let world = world_with(config).await;
    publish(
        &world,
        "one",
        "Corvane gateways are attacked through CVE-2026-31337; the web shell calls evil-drop[.]top",
    )
    .await;
    publish(&world, "two", "Ransomware at Northmere Health, entered through CVE-2026-31337").await;
    world.settle().await;
    world
}

/// An article that is read, grouped, indexed and collected once the world settles.
async fn publish(world: &World, path: &str, text: &str) -> siftwire::domain::ArticleId {
    let text = format!("{text}. Staff restored the systems from backups over the weekend.");
    crate::desk::publish(&*world.store, "news.example", path, &text, 1).await
}

async fn taxii(world: &World, path: &str) -> Answer {
    let answer =
        world.ask("", "GET", &format!("{ROOT}{path}"), &[("Accept", MEDIA_TYPE)], &[]).await;
    assert_eq!(answer.header("content-type"), MEDIA_TYPE, "{answer:?}");
    answer
}

fn objects_of(collection: &str) -> String {
    format!("/collections/{collection}/objects/")
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

/// All objects of a collection, page by page; `between` happens after each page.
async fn page_through(
    world: &World,
    path: &str,
    filters: &str,
    mut between: impl AsyncFnMut(usize),
) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = String::new();
    let mut last = String::new();
    for page in 0.. {
        assert!(page < 500, "it never ends");
        let answer = taxii(world, &format!("{path}?limit=2&next={next}{filters}")).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        let body = answer.json();
        let objects = body["objects"].as_array().cloned().unwrap_or_default();
        let first = answer.header("x-taxii-date-added-first").to_owned();
        assert!(first.len() == 27 && (objects.is_empty() || first > last), "{first} after {last}");
        last = answer.header("x-taxii-date-added-last").to_owned();
        all.extend(objects);
        if body["more"] == false {
            assert!(body.get("next").is_none());
            return all;
        }
        next = text(&body, "next");
        between(page).await;
    }
    all
}

fn unique(objects: &[Value]) -> BTreeSet<String> {
    let ids: BTreeSet<String> =
        objects.iter().map(|one| format!("{} {}", one["id"], one["modified"])).collect();
    assert_eq!(ids.len(), objects.len(), "an object came twice");
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_leads_to_root_and_collections() {
    let world = world().await;
    let discovery = world.get("", "/taxii2/").await;
    assert_eq!(discovery.header("content-type"), MEDIA_TYPE);
    let root = text(&discovery.json(), "default");
    assert_eq!(discovery.json()["api_roots"], json!([root]));
    assert!(root.ends_with("/taxii2/news/"), "{root}");
    assert_eq!(world.get("", "/taxii2").await.json(), discovery.json(), "also without the slash");

    let root = taxii(&world, "/").await.json();
    assert_eq!(root["versions"], json!([MEDIA_TYPE]));
    assert!(root["title"].is_string() && root["max_content_length"].is_u64());

    let (id, _) =
        world.save(json!({ "name": "Corvane", "query": "corvane", "visibility": "public" })).await;
    let listed = taxii(&world, "/collections/").await.json();
    let listed = listed["collections"].as_array().expect("a list");
    let ids: Vec<String> = listed.iter().map(|one| text(one, "id")).collect();
    assert_eq!(ids, [REPORTS.to_string(), INDICATORS.to_string(), id.clone()]);
    for name in [id.as_str(), "corvane"] {
        let one = taxii(&world, &format!("/collections/{name}/")).await.json();
        assert_eq!((&one["id"], &one["alias"]), (&json!(id), &json!("corvane")));
        assert_eq!((&one["can_read"], &one["can_write"]), (&json!(true), &json!(false)));
    }
    assert_eq!(taxii(&world, "/status/123/").await.status(), 404);
}

/// Ids without versions: an incident is told anew while news comes in.
fn names(versions: &BTreeSet<String>) -> BTreeSet<String> {
    versions.iter().filter_map(|one| one.split(' ').next()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_object_comes_once_even_while_news_comes_in() {
    let world = world().await;
    let before = page_through(&world, &objects_of("all-reports"), "", async |_| ()).await;
    let before = unique(&before);
    let during = page_through(&world, &objects_of("all-reports"), "", async |page| {
        if page < 3 {
            publish(
                &world,
                &format!("more-{page}"),
                &format!("Story {page} of CVE-2026-4{page}00"),
            )
            .await;
            world.settle().await;
        }
    })
    .await;
    let (before, ids) = (names(&before), names(&unique(&during)));
    assert!(ids.is_superset(&before) && ids.len() >= before.len() + 3, "{before:?} {ids:?}");
    let after = page_through(&world, &objects_of("all-reports"), "", async |_| ()).await;
    assert_eq!(names(&unique(&after)), ids, "and the same for who comes later");
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_goes_on_after_the_last_date() {
    let world = world().await;
    let path = objects_of(&REPORTS.to_string());
    let all = page_through(&world, &path, "", async |_| ()).await;
    let manifest =
        page_through(&world, &path.replace("objects", "manifest"), "", async |_| ()).await;
    let of = |list: &[Value]| list.iter().map(|one| text(one, "id")).collect::<Vec<_>>();
    assert_eq!(of(&manifest), of(&all), "the manifest agrees with the objects");
    let added: Vec<String> = manifest.iter().map(|one| text(one, "date_added")).collect();
    assert!(added.is_sorted_by(|a, b| a < b), "{added:?}");
    for (record, object) in manifest.iter().zip(&all) {
        if object["modified"].is_string() {
            assert_eq!(record["version"], object["modified"]);
        }
    }
    let last = added.last().expect("objects");
    let nothing = taxii(&world, &format!("{path}?added_after={last}")).await;
    assert_eq!(nothing.json(), json!({ "more": false, "objects": [] }));
    assert_eq!(nothing.header("x-taxii-date-added-last"), last, "to poll from next time");
    let second_last = &added[added.len() - 2];
    let one = taxii(&world, &format!("{path}?added_after={second_last}")).await.json();
    assert_eq!(one["objects"].as_array().map(Vec::len), Some(1), "added_after is exclusive");

    publish(&world, "three", "A third story").await;
    world.settle().await;
    let news = page_through(&world, &path, &format!("&added_after={last}"), async |_| ()).await;
    assert!(!news.is_empty() && news.iter().all(|one| !all.contains(one)), "{news:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_story_is_a_new_version_and_a_removed_one_is_revoked() {
    let world = world().await;
    let article = publish(&world, "edit", "First words on CVE-2026-7777").await;
    world.settle().await;
    let reports = async |filters: &str| {
        page_through(
            &world,
            &objects_of("all-reports"),
            &format!("&match[type]=report{filters}"),
            async |_| (),
        )
        .await
    };
    let id = text(reports("").await.last().expect("a report"), "id");
    publish(&world, "edit", "Later words on CVE-2026-7777").await;
    world.settle().await;
    let of = |list: Vec<Value>| list.into_iter().filter(|one| one["id"] == *id).collect::<Vec<_>>();
    let newest = of(reports("").await);
    let all = of(reports("&match[version]=all").await);
    let first = of(reports("&match[version]=first").await);
    assert_eq!((newest.len(), all.len(), first.len()), (1, 2, 1));
    assert!(text(&newest[0], "modified") > text(&first[0], "modified"));
    assert_eq!(newest[0]["created"], first[0]["created"]);
    let named = of(reports(&format!("&match[version]={}", text(&first[0], "modified"))).await);
    assert_eq!(named, first);

    world.store.remove_article(article).await.expect("removed");
    world.settle().await;
    let gone = of(reports("").await);
    assert_eq!((gone.len(), &gone[0]["revoked"]), (1, &json!(true)), "never a hole");
    let object = format!("{}{id}/", objects_of("all-reports"));
    let versions = taxii(&world, &format!("{object}versions/")).await;
    assert_eq!(versions.json()["versions"].as_array().map(Vec::len), Some(3));
    assert!(!versions.header("x-taxii-date-added-first").is_empty());
    let one = taxii(&world, &object).await.json();
    assert_eq!(one["objects"], json!(gone));
    assert_eq!(
        taxii(&world, &format!("{object}?match[spec_version]=2.0")).await.json()["objects"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_search_is_a_collection_of_what_it_finds() {
    let world = world().await;
    let search = json!({ "name": "Ransom", "query": "ransomware", "visibility": "public" });
    let (id, slug) = world.save(search).await;
    world.settle().await;
    let names = async || {
        let all = page_through(&world, &objects_of(&id), "&match[type]=report", async |_| ()).await;
        all.iter().map(|one| text(one, "name")).collect::<Vec<_>>()
    };
    let filled = names().await;
    assert!(filled.iter().any(|name| name.contains("Northmere")), "filled with what was there");
    assert!(!filled.iter().any(|name| name.contains("Corvane")), "{filled:?}");
    publish(&world, "no", "A flaw in CVE-2026-1111 nobody used").await;
    publish(&world, "yes", "Another ransomware case at Ostler Freight").await;
    world.settle().await;
    let later = names().await;
    assert_eq!(later.len(), filled.len() + 1, "{later:?}");
    assert!(later.last().is_some_and(|name| name.contains("Ostler")), "at the end");
    let indicators = page_through(&world, &objects_of("indicators"), "", async |_| ()).await;
    assert!(!indicators.is_empty() && indicators.iter().all(|one| one["type"] == "indicator"));

    let edit = json!({ "query": "corvane" });
    world.api(&world.analyst, "PATCH", &format!("/searches/{slug}"), &edit).await;
    world.settle().await;
    let anew = names().await;
    assert!(!anew.is_empty() && anew.iter().all(|name| name.contains("Corvane")), "{anew:?}");
    world.api(&world.analyst, "DELETE", &format!("/searches/{slug}"), &Value::Null).await;
    world.settle().await;
    let gone = world.get(&world.reader, &format!("{ROOT}{}", objects_of(&id))).await;
    assert_eq!(gone.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_in_the_form_of_taxii() {
    let world = world().await;
    let path = objects_of("all-reports");
    let first = taxii(&world, &format!("{path}?limit=1")).await.json();
    let next = text(&first, "next");
    for query in [
        "limit=0".to_owned(),
        "limit=-3".into(),
        "limit=x".into(),
        "next=%00".into(),
        "next=AAAA".into(),
        format!("next={next}x"),
        format!("next={next}&match[type]=indicator"),
        "added_after=yesterday".into(),
        "match[version]=oldest".into(),
    ] {
        let answer = taxii(&world, &format!("{path}?{query}")).await;
        assert_eq!(answer.status(), 400, "{query}");
        let error = answer.json();
        assert_eq!(error["http_status"], "400");
        assert!(error["title"].is_string() && error["description"].is_string(), "{error}");
    }
    let another = taxii(&world, &format!("{}?next={next}", objects_of("indicators"))).await;
    assert_eq!(another.status(), 400, "a cursor belongs to its collection");
    let clipped = taxii(&world, &format!("{path}?limit=1000000&colour=red")).await.json();
    assert_eq!(clipped["objects"].as_array().map(Vec::len), Some(3));
    for path in [
        objects_of("no-such-collection"),
        format!("{path}report--00000000-0000-4000-8000-000000000000/"),
        format!("{path}%27%20OR%201=1/versions/"),
        "/nowhere/".into(),
    ] {
        let answer = world.ask(&world.reader, "GET", &format!("{ROOT}{path}"), &[], &[]).await;
        assert_eq!((answer.status(), answer.header("content-type")), (404, MEDIA_TYPE), "{path}");
    }
    for accept in ["text/html", "application/taxii+json;version=2.0", "application/json"] {
        let answer = world.ask("", "GET", "/taxii2/", &[("Accept", accept)], &[]).await;
        assert_eq!((answer.status(), answer.header("content-type")), (406, MEDIA_TYPE), "{accept}");
    }
    let post = async |content_type: &str| {
        let headers = [("Content-Type", content_type)];
        let path = format!("{ROOT}{path}");
        world.ask(&world.analyst, "POST", &path, &headers, b"{\"objects\":[]}").await.status()
    };
    assert_eq!((post(MEDIA_TYPE).await, post("application/json").await), (403, 415));
    let delete = format!("{ROOT}{path}{}/", text(&first["objects"][0], "id"));
    assert_eq!(world.ask(&world.analyst, "DELETE", &delete, &[], &[]).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_collections_are_for_analysts() {
    let world = world().await;
    let (id, slug) = world.save(json!({ "name": "Secret", "query": "corvane" })).await;
    world.settle().await;
    for name in [&id, &slug] {
        let path = format!("{ROOT}{}", objects_of(name));
        let nobody = world.get("", &path).await;
        assert_eq!((nobody.status(), nobody.header("content-type")), (401, MEDIA_TYPE));
        assert!(nobody.header("www-authenticate").starts_with("Basic realm="));
        assert_eq!(nobody.json()["http_status"], "401");
        assert_eq!(world.get(&world.reader, &path).await.status(), 404);
        assert_eq!(world.get(&world.analyst, &path).await.status(), 200);
    }
    let unknown = world.get("", &format!("{ROOT}/collections/unknown/")).await;
    assert_eq!(unknown.status(), 401, "nobody learns which names exist");
    let path = format!("{ROOT}/collections/");
    let listed = async |scheme: &str, secret: &str| {
        let value = format!("{scheme} {secret}");
        let answer = world.ask("", "GET", &path, &[("Authorization", &value)], &[]).await;
        answer.json()["collections"].as_array().map_or(0, Vec::len)
    };
    let basic = BASE64_STANDARD.encode(format!("siftwire:{}", world.analyst));
    for (scheme, secret) in [
        ("basic", &basic),
        ("BASIC", &basic),
        ("bearer", &world.analyst),
        ("Token", &world.analyst),
    ] {
        assert_eq!(listed(scheme, secret).await, 3, "{scheme}");
    }
    assert_eq!(listed("Bearer", &world.reader).await, 2);
    let wrong = world.ask("", "GET", &path, &[("Authorization", "Bearer sw_no")], &[]).await;
    assert_eq!((wrong.status(), wrong.header("content-type")), (401, MEDIA_TYPE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_instance_asks_who_is_there() {
    let world =
        world_with(ServeConfig { reading: Reading::Private, ..ServeConfig::default() }).await;
    let nobody = world.get("", "/taxii2/").await;
    assert_eq!((nobody.status(), nobody.header("content-type")), (401, MEDIA_TYPE));
    assert!(!nobody.header("www-authenticate").is_empty());
    assert_eq!(world.get(&world.reader, "/taxii2/").await.status(), 200);
    assert_eq!(world.get(&world.site, "/taxii2/").await.status(), 401);
}
