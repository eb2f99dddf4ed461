//! The pages on which analysts build, keep and share searches, in a browser.

use axum::http::StatusCode;
use siftwire::store::Role;

use crate::accounts::{Browser, House};

async fn house() -> (House, axum::Router) {
    let house = House::new().await;
    house.add_user("anna", Role::Analyst).await;
    let router = house.router().await;
    (house, router)
}

/// The value of the first field with this id.
fn field(page: &str, id: &str) -> String {
    let start = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {page}"));
    let value = page[start..].split("value=\"").nth(1).expect("a value");
    value.split('"').next().expect("an end").to_owned()
}

#[tokio::test]
async fn anybody_builds_a_search_and_sees_what_it_gives() {
    let (_house, router) = house().await;
    let mut browser = Browser::new(&router);
    for (format, sign) in [
        ("atom", "&lt;feed"),
        ("rss", "&lt;rss"),
        ("json-feed", "jsonfeed.org"),
        ("csv", "title"),
        ("ndjson", "&quot;title&quot;"),
        ("opml", "&lt;opml"),
    ] {
        let page = browser.get(&format!("/exports?q=corvane&f={format}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.body.contains(sign), "{format}: {}", page.body);
        assert!(page.body.contains("0 incidents, 2 articles"), "{}", page.body);
        assert!(field(&page.body, "a1").starts_with("https://news.example/search."));
        assert!(!page.body.contains("<script>alert"), "crawled text is escaped");
    }
    let misp = browser.get("/exports?q=corvane&f=misp").await;
    assert!(misp.body.contains("No incident is found yet"), "{}", misp.body);
    assert!(!misp.body.contains("id=\"a1\"") && misp.body.contains("href=\"#save\""));
    assert!(browser.get("/exports").await.body.contains("None yet"), "an empty state");
    let wrong = browser.get("/exports?q=%22open").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.body.contains("id=\"wrong\"") && wrong.body.contains("Mend the query"));
    let search = browser.get("/search?q=corvane").await;
    assert!(search.body.contains("href=\"/exports?q=corvane#save\""), "{}", search.body);
    let stranger = browser.post("/exports", "name=x&q=corvane").await;
    assert_ne!(stranger.status, StatusCode::OK);
}

#[tokio::test]
async fn an_analyst_keeps_changes_deletes_and_brings_back() {
    let (_house, router) = house().await;
    let mut anna = Browser::logged_in(&router, "anna").await;
    let refused = anna.post("/exports", "name=&q=corvane").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(
        refused.body.contains("write 1 to 100 characters") || refused.body.contains("1 to 100")
    );
    let saved = anna.post("/exports", "name=Our+vendors&q=corvane&view=articles").await;
    assert_eq!(
        (saved.status, saved.header("location")),
        (StatusCode::SEE_OTHER, "/exports/our-vendors")
    );
    let page = anna.get("/exports/our-vendors").await;
    assert_eq!(field(&page.body, "d1"), "https://news.example/saved/our-vendors.rss");
    assert_eq!(field(&page.body, "p2"), "https://news.example/taxii2/news/");
    let edit = "name=Theirs&q=gateway&slug=theirs&view=incidents&public=yes";
    assert_eq!(anna.post("/exports/our-vendors", edit).await.header("location"), "/exports/theirs");
    let wrong = anna.post("/exports/theirs", "name=Theirs&q=(&slug=theirs&view=articles").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.body.contains("Nothing was changed"));
    assert!(anna.get("/exports").await.body.contains("href=\"/exports/theirs\""));

    let mut marit = Browser::logged_in(&router, "marit").await;
    let page = marit.get("/exports/theirs").await;
    assert!(page.status == StatusCode::OK && !page.body.contains("Delete this search"));
    assert_eq!(marit.post("/exports/theirs/delete", "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        anna.post_from("cross-site", "/exports/theirs/delete", "").await.status,
        StatusCode::FORBIDDEN
    );

    let deleted = anna.post("/exports/theirs/delete", "").await;
    let back = deleted.header("location").to_owned();
    let list = anna.get(&back).await;
    assert!(list.body.contains("is deleted") && list.body.contains("Undo"), "{}", list.body);
    let id = back.split('=').nth(1).expect("an id");
    let restored = anna.post(&format!("/exports/{id}/restore"), "").await;
    assert_eq!(restored.header("location"), "/exports/theirs");
}

#[tokio::test]
async fn a_token_is_shown_once_and_revoked() {
    let (_house, router) = house().await;
    let mut anna = Browser::logged_in(&router, "anna").await;
    anna.post("/exports", "name=Ours&q=corvane&view=articles").await;
    let made = anna.post("/exports/ours/tokens", "label=phone").await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "private, no-cache"));
    let address = field(&made.body, "t1");
    let path = address.strip_prefix("https://news.example").expect("our own");
    assert_eq!(Browser::new(&router).get(path).await.status, StatusCode::OK);
    let page = anna.get("/exports/ours").await;
    let secret = path.split('/').nth(2).expect("a secret");
    assert!(!page.body.contains(secret) && page.body.contains(&secret[..8]), "once");
    let action =
        page.body.split("action=\"").find(|part| part.contains("/revoke\"")).expect("a form");
    let action = action.split('"').next().expect("an end").to_owned();
    assert_eq!(anna.post(&action, "").await.status, StatusCode::SEE_OTHER);
    assert!(anna.get("/exports/ours").await.body.contains("revoked"));
    assert_eq!(Browser::new(&router).get(path).await.status, StatusCode::UNAUTHORIZED);
}
