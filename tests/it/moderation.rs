//! Moderation over HTTP: a round at the desk, what is learnt, two moderators, and a server killed on the way.

use std::{
    collections::HashMap, net::SocketAddr, path::Path, process::Stdio, sync::Arc, time::Duration,
};

use jiff::Timestamp;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use siftwire::{
    accounts::Accounts,
    domain::{CommentState, PolicyRule, RuleAction, RuleField, SitePolicy},
    moderation::{Desk, judge_waiting},
    spam::Filter,
    store::{ModerationStore as _, QueueFilter, Role, SqliteStore, Store},
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{
    moderated::{BLOG, World, world},
    newsroom,
    wire::{request, send, try_send},
};

const OBJECTS: [&str; 10] = [
    "oak benches",
    "teak tables",
    "garden swings",
    "patio umbrellas",
    "hammock stands",
    "lantern sets",
    "planter boxes",
    "picnic tables",
    "bird houses",
    "deck chairs",
];
const PARTS: [&str; 10] = [
    "parser",
    "scheduler",
    "login page",
    "mail gateway",
    "update server",
    "backup job",
    "proxy",
    "kernel module",
    "certificate store",
    "access log",
];

/// An advertisement that nothing in the shared model knows.
pub fn offer(n: usize) -> String {
    format!(
        "Our workshop in Brenfield makes {} by hand, order number {n} ships this week and the spring \
         catalogue shows all colours of the garden furniture range",
        OBJECTS[n % 10]
    )
}

/// A reader's remark.
pub fn remark(n: usize) -> String {
    format!(
        "We saw the same in the {} after the update {n}: the fix was to roll back the second patch and read the \
         release notes once more",
        PARTS[n % 10]
    )
}

async fn decide(world: &World, token: &str, comment: &Value, state: &str) -> crate::wire::Answer {
    let path = format!("/comments/{}/decisions", comment["comment"]);
    let body = json!({ "state": state, "version": comment["version"] });
    world.api(token, "POST", &path, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_teaches_the_site_and_undo_takes_it_back() {
    let world = world().await;
    let comments: Vec<Value> = (0..200)
        .map(|n| {
            let content = if n % 2 == 0 { offer(n) } else { remark(n) };
            json!({ "id": n.to_string(), "author": format!("Writer {n}"), "content": content })
        })
        .collect();
    // In parts, since an answer has a time limit and this is not an optimised build.
    let mut checked = Vec::new();
    for part in comments.chunks(25) {
        let answer = world.api(&world.key, "POST", "/comments/check", &json!(part)).await;
        checked.extend(answer.json().as_array().expect("a list").clone());
    }
    assert_eq!(checked.len(), 200);
    assert!(
        checked.iter().enumerate().all(|(n, c)| c["id"].as_str() == Some(n.to_string().as_str())),
        "order is kept"
    );

    let (alike, akin, genuine) = probes();
    let before = verdicts(&world, &world.key).await;
    assert_ne!(before[0]["verdict"], "spam", "the shared model does not know these offers");

    let decisions: Vec<Value> = checked
        .iter()
        .enumerate()
        .map(|(n, comment)| {
            let state = if n % 2 == 0 { "spam" } else { "approved" };
            json!({ "comment": comment["comment"], "state": state, "version": comment["version"] })
        })
        .collect();
    let body = json!({ "decisions": decisions });
    let token = &world.moderators[0];
    let decided = world.api(token, "POST", "/comments/decisions", &body).await.json();
    let results = decided["results"].as_array().expect("results");
    assert!(results.iter().all(|result| result["result"] == "done"), "{decided}");

    let after = verdicts(&world, &world.key).await;
    assert_eq!(after[0]["verdict"], "spam", "nearly the same text: {alike} {}", after[0]);
    let score = |verdict: &Value| verdict["score"].as_f64().expect("a score");
    assert!(score(&after[1]) > 2.0 * score(&before[1]), "{akin}: {} {}", before[1], after[1]);
    let learnt = |verdict: &Value| verdict["signals"].to_string().contains("learnt-here");
    assert!(learnt(&after[1]), "{}", after[1]);
    assert_eq!(after[2]["verdict"], "ham", "{genuine}");
    let elsewhere = verdicts(&world, &world.other_key).await;
    for (here, there) in before.iter().zip(&elsewhere) {
        assert_eq!(here["score"], there["score"], "another site is not concerned");
    }

    // A restart learns the same from the journal.
    let restarted = verdicts(&world.restarted().await, &world.key).await;
    for (live, restarted) in after.iter().zip(&restarted) {
        assert_eq!(live["score"], restarted["score"]);
    }

    let batch = &results[0]["decision"]["batch"];
    let path = format!("/comments/decisions/batches/{batch}/undo");
    let undone = world.api(token, "POST", &path, &Value::Null).await.json();
    assert_eq!(undone["results"].as_array().expect("results").len(), 200);
    let again = verdicts(&world, &world.key).await;
    for (before, again) in before.iter().zip(&again) {
        assert_eq!(before["score"], again["score"], "undoing brings the old verdict back");
        assert_eq!(before["verdict"], again["verdict"]);
    }
}

/// Nearly the same as an offer; of the same kind in other words; a remark.
fn probes() -> (String, String, String) {
    let akin = "Order deck chairs and benches from the workshop catalogue this week, the garden range ships \
        in all colours";
    (offer(9_998), akin.to_owned(), remark(9_999))
}

async fn verdicts(world: &World, key: &str) -> Vec<Value> {
    let (alike, akin, genuine) = probes();
    let comments: Vec<Value> = [alike, akin, genuine]
        .into_iter()
        .map(|content| json!({ "author": "Somebody", "content": content, "test": true }))
        .collect();
    let answer = world.api(key, "POST", "/comments/check", &json!(comments)).await;
    answer.json().as_array().expect("verdicts").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_decision_takes_effect_and_can_be_undone_and_redone() {
    let world = world().await;
    let comment = world.check(&world.key, "Eve", &offer(1)).await;
    let decided = decide(&world, &world.moderators[0], &comment, "spam").await.json();
    assert_eq!(world.check(&world.key, "Eve", &offer(1)).await["verdict"], "spam");
    let undo = async |id: &Value| {
        let path = format!("/comments/decisions/{id}/undo");
        world.api(&world.moderators[0], "POST", &path, &Value::Null).await
    };
    let undone = undo(&decided["decision"]["id"]).await.json();
    let back = world.check(&world.key, "Eve", &offer(1)).await;
    assert_eq!((&back["verdict"], &back["score"]), (&comment["verdict"], &comment["score"]));
    assert_eq!(undo(&undone["decision"]["id"]).await.json()["result"], "done");
    assert_eq!(world.check(&world.key, "Eve", &offer(1)).await["verdict"], "spam");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moderators_do_not_overrule_each_other_unseen() {
    let world = world().await;
    let mut comments = Vec::new();
    for n in 0..20 {
        comments.push(world.check(&world.key, &format!("W{n}"), &remark(n)).await);
    }
    let [mara, noor] = &world.moderators;
    // Both go through the same queue at once, each of another opinion.
    let all = async |token: &str, state: &str| {
        let mut statuses = Vec::new();
        for comment in &comments {
            statuses.push(decide(&world, token, comment, state).await.status());
        }
        statuses
    };
    let (first, second) = tokio::join!(all(mara, "spam"), all(noor, "deleted"));
    for (n, (a, b)) in first.iter().zip(&second).enumerate() {
        let mut both = [*a, *b];
        both.sort_unstable();
        assert_eq!(both, [200, 409], "comment {n}: one decides, the other is told");
    }
    assert_eq!(world.store.journal(None, None, 99).await.expect("journal").len(), 20);
    let stale = decide(&world, mara, &comments[0], "approved").await;
    assert_eq!(stale.status(), 409);
    assert_eq!(stale.header("content-type"), "application/problem+json");
    assert_eq!(stale.json()["code"], "stale-version");
    // The page is read again, then decided.
    let path = format!("/comments/{}", comments[0]["comment"]);
    let fresh = world.api(mara, "GET", &path, &Value::Null).await.json();
    let version = &fresh["comment"]["version"];
    let body = json!({ "state": "approved", "version": version, "reason": "a regular" });
    let path = format!("{path}/decisions");
    assert_eq!(world.api(mara, "POST", &path, &body).await.status(), 200);
    let history =
        world.api(mara, "GET", &path.replace("/decisions", ""), &Value::Null).await.json();
    assert_eq!(history["decisions"][0]["reason"], "a regular");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_named_allow_comes_first_and_language_only_holds() {
    let world = world().await;
    world.check(&world.key, "first", "makes the site known").await;
    let rule = |action, field, value: &str| PolicyRule { action, field, value: value.into() };
    let policy = SitePolicy {
        rules: vec![
            rule(RuleAction::Block, RuleField::Word, "patch"),
            rule(RuleAction::Allow, RuleField::Author, "Ada"),
            rule(RuleAction::Block, RuleField::Language, "de"),
        ],
        ..SitePolicy::default()
    };
    assert_eq!(world.set_policy(&policy).await.status(), 200);
    let blocked = world.check(&world.key, "Bob", &remark(1)).await;
    assert_eq!(blocked["verdict"], "spam");
    assert!(blocked["signals"].to_string().contains("block-word"), "{blocked}");
    let allowed = world.check(&world.key, "Ada", &remark(2)).await;
    assert_eq!(allowed["verdict"], "ham");
    let german =
        "Vielen Dank für den Artikel, der zweite Absatz hat mir bei der Fehlersuche sehr geholfen.";
    assert_eq!(world.check(&world.key, "Uwe", german).await["verdict"], "unsure");
    let wrong = SitePolicy {
        rules: vec![rule(RuleAction::Block, RuleField::Network, "10.0.0.0/99")],
        ..SitePolicy::default()
    };
    let refused = world.set_policy(&wrong).await;
    assert_eq!((refused.status(), refused.json()["code"].as_str()), (400, Some("bad-policy")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_earns_trust_and_can_be_forgotten() {
    let world = world().await;
    let by = |content: String| json!({ "author": "Ada", "author_email": "ada@mail.example", "content": content });
    let before = world.api(&world.key, "POST", "/comments/check", &by(offer(77))).await.json();
    for n in 0..3 {
        let answer = world.api(&world.key, "POST", "/comments/check", &by(remark(n))).await;
        decide(&world, &world.moderators[0], &answer.json(), "approved").await;
    }
    let after = world.api(&world.key, "POST", "/comments/check", &by(offer(77))).await.json();
    assert!(after["signals"].to_string().contains("trusted-author"), "{after}");
    assert!(after["score"].as_f64() < before["score"].as_f64());
    let stranger = world.check(&world.key, "Ada", &offer(77)).await;
    assert!(!stranger["signals"].to_string().contains("trusted-author"), "a name is no proof");

    let erase = json!({ "mail": "ADA@mail.example" });
    let refused = world.api(&world.moderators[0], "POST", "/comments/erase", &erase).await;
    assert_eq!(refused.status(), 403, "an admin does this");
    let accounts = Accounts::new(world.store.clone());
    let admin = accounts.add_token("test", Role::Admin, None, "", Timestamp::now()).await;
    let admin = admin.expect("a token");
    let erased = world.api(&admin, "POST", "/comments/erase", &erase).await.json();
    assert_eq!(erased["comments"], 4);
    let again = world.api(&world.key, "POST", "/comments/check", &by(offer(77))).await.json();
    assert_eq!(again["score"], before["score"]);
    let dump = format!(
        "{:?}",
        world.store.queue(&QueueFilter::default(), Default::default(), None, 99).await
    );
    assert!(!dump.contains("mail.example"), "addresses are not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_nonsense_are_refused_with_a_reason() {
    let world = world().await;
    let comment = json!({ "content": "hello" });
    let wrong = world.api("nobody", "POST", "/comments/check", &comment).await;
    assert_eq!(wrong.status(), 401);
    assert_eq!(wrong.header("content-type"), "application/problem+json");
    let reader = Accounts::new(world.store.clone())
        .add_token("test", Role::Reader, None, "", Timestamp::now())
        .await
        .expect("a token");
    assert_eq!(world.api(&reader, "GET", "/comments", &Value::Null).await.status(), 403);
    let key = &world.key;
    assert_eq!(world.api(key, "POST", "/comments/check", &json!(7)).await.status(), 400);
    let many = vec![comment.clone(); 201];
    assert_eq!(world.api(key, "POST", "/comments/check", &json!(many)).await.status(), 400);
    let head = format!(
        "POST /api/v1/comments/check HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Authorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n",
        5 << 20
    );
    assert_eq!(send(world.address, head.as_bytes()).await.status(), 413);
    let moderator = &world.moderators[0];
    assert_eq!(world.api(moderator, "POST", "/comments/check", &comment).await.status(), 400);
    let unknown = json!({ "state": "published" });
    world.check(key, "a", "b").await;
    assert_eq!(world.api(moderator, "POST", "/comments/1/decisions", &unknown).await.status(), 400);
    assert_eq!(world.api(moderator, "GET", "/comments/99", &Value::Null).await.status(), 404);
    assert_eq!(world.api(moderator, "GET", "/comments?cursor=x", &Value::Null).await.status(), 400);
    assert_eq!(world.api(&world.other_key, "GET", "/comments/1", &Value::Null).await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_listed_page_by_page() {
    let world = world().await;
    for n in 0..7 {
        world.check(&world.key, &format!("W{n}"), &remark(n)).await;
    }
    let mut seen = Vec::new();
    let mut path = "/comments?state=approved&limit=3".to_owned();
    loop {
        let page = world.api(&world.moderators[0], "GET", &path, &Value::Null).await.json();
        for comment in page["comments"].as_array().expect("comments") {
            seen.push(comment["id"].as_i64().expect("an id"));
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/comments?state=approved&limit=3&cursor={cursor}");
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_no_scam_under_an_article() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("test.db")).await.expect("a store");
    let store: Arc<dyn Store> = Arc::new(store);
    let room = newsroom::furnish(&*store).await;
    let desk = Desk::new(store.clone(), Filter::embedded());
    let all = store.comments(room.gateway).await.expect("comments");
    let before = store.public_comments(room.gateway).await.expect("comments");
    assert!(before.comments.is_empty(), "what was not judged is not shown");
    assert_eq!(before.waiting, all.len() as u64);
    while judge_waiting(&desk).await.expect("judged") > 0 {}
    let after = store.public_comments(room.gateway).await.expect("comments");
    assert_eq!(after.comments.len() as u64 + after.hidden + after.waiting, all.len() as u64);
    assert!(!after.comments.is_empty());
    let first = after.comments[0].id;
    let of_article = QueueFilter { article: Some(room.gateway), ..QueueFilter::default() };
    let queue = store.queue(&of_article, Default::default(), None, 99).await.expect("a queue");
    let judged = queue.iter().find(|comment| comment.crawled == Some(first)).expect("judged");
    let draft = siftwire::store::DecisionDraft {
        comment: judged.id,
        seen: Some(judged.version),
        to: CommentState::Spam,
        actor: "mara".into(),
        via: siftwire::domain::DecisionVia::Page,
        reason: None,
        request: None,
    };
    desk.decide(&[draft], Timestamp::now()).await.expect("decided");
    let public = store.public_comments(room.gateway).await.expect("comments");
    assert!(public.comments.iter().all(|comment| comment.id != first));
    assert_eq!(public.hidden, after.hidden + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_rules_decide_and_nothing_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("test.db")).await.expect("a store");
    let store: Arc<dyn Store> = Arc::new(store);
    let rules: &'static Filter = Box::leak(Box::new(Filter::rules_only()));
    let desk = Desk::new(store.clone(), rules);
    let new = siftwire::store::NewSite { url: BLOG.into(), ..Default::default() };
    let site = store.ensure_site(&new, Timestamp::now()).await.expect("a site");
    for content in [remark(1), String::new(), "\u{202e}\u{0}<b>".repeat(9_000)] {
        let submission = siftwire::moderation::Submission {
            input: siftwire::spam::CommentInput { content, ..Default::default() },
            ..Default::default()
        };
        let checked = desk.check(site.id, submission, Timestamp::now()).await.expect("a verdict");
        assert!(checked.id.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_no_decision_and_takes_none_twice() {
    kill_rounds(4, 20_261_125).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "many rounds take minutes"]
async fn a_server_killed_many_times_loses_no_decision() {
    for seed in 0..10 {
        kill_rounds(8, seed).await;
    }
}

/// Decides while the server is killed at a moment of chance, again and again.
async fn kill_rounds(rounds: usize, seed: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let (key, moderator) = tokens(folder.path()).await;
    let mut dice = StdRng::seed_from_u64(seed);
    // What each comment was decided to be, and whether the server said so.
    let mut asked: HashMap<i64, (&str, bool)> = HashMap::new();
    for round in 0..rounds {
        let (mut child, address) = serve(folder.path()).await;
        let comments = check_some(address, &key, round).await;
        let deadline = Duration::from_micros(dice.random_range(500..60_000));
        let decisions = async {
            for (n, comment) in comments.iter().enumerate() {
                let state = if n % 2 == 0 { "spam" } else { "approved" };
                asked.insert(*comment, (state, false));
                if decide_named(address, &moderator, *comment, state).await.is_some() {
                    asked.insert(*comment, (state, true));
                }
            }
        };
        let _ = tokio::time::timeout(deadline, decisions).await;
        child.kill().await.expect("killed");
        acknowledged_is_stored(folder.path(), &asked).await;
    }
    // Whoever got no answer asks again, with the same name.
    let (mut child, address) = serve(folder.path()).await;
    for (comment, (state, _)) in &asked {
        let result = decide_named(address, &moderator, *comment, state).await.expect("an answer");
        assert!(["done", "already"].contains(&result.as_str()), "{result}");
    }
    child.kill().await.expect("killed");
    let store = SqliteStore::open(&folder.path().join("siftwire.db")).await.expect("the store");
    for (comment, (state, _)) in asked {
        let id = siftwire::domain::CheckedId(comment);
        let lines = store.decisions_on(id).await.expect("journal");
        assert_eq!(lines.len(), 1, "comment {comment} was decided once");
        assert_eq!(store.checked(id).await.expect("read").expect("there").state.as_str(), state);
    }
}

async fn acknowledged_is_stored(folder: &Path, asked: &HashMap<i64, (&str, bool)>) {
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("the store");
    for (comment, (state, _)) in asked.iter().filter(|(_, (_, acknowledged))| *acknowledged) {
        let id = siftwire::domain::CheckedId(*comment);
        let stored = store.checked(id).await.expect("read").expect("there");
        assert_eq!(stored.state.as_str(), *state, "an acknowledged decision is lost");
        assert_eq!(store.decisions_on(id).await.expect("journal").len(), 1);
    }
    store.close().await;
}

async fn tokens(folder: &Path) -> (String, String) {
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("a store");
    let accounts = Accounts::new(Arc::new(store.clone()));
    let now = Timestamp::now();
    let key = accounts.add_token("test", Role::Site, Some(BLOG), "", now).await.expect("a key");
    let moderator = accounts.add_token("test", Role::Moderator, None, "", now).await;
    store.close().await;
    (key, moderator.expect("a token"))
}

async fn serve(folder: &Path) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(["serve", "--no-crawl", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("siftwire runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let line = lines.next_line().await.expect("output").expect("a line");
    let address =
        line.rsplit("http://").next().expect("an address").trim().trim_end_matches('/').parse();
    (child, address.expect("an address"))
}

async fn check_some(address: SocketAddr, key: &str, round: usize) -> Vec<i64> {
    let comments: Vec<Value> = (0..40)
        .map(|n| json!({ "author": format!("W{round}-{n}"), "content": remark(n) }))
        .collect();
    let mut stored = Vec::new();
    for part in comments.chunks(10) {
        let body = json!(part).to_string();
        let answer = ask(address, key, "/comments/check", &body).await.expect("verdicts");
        let list = answer.as_array().unwrap_or_else(|| panic!("no list: {answer}"));
        stored.extend(list.iter().map(|checked| checked["comment"].as_i64().expect("stored")));
    }
    stored
}

async fn decide_named(
    address: SocketAddr,
    token: &str,
    comment: i64,
    state: &str,
) -> Option<String> {
    let body = json!({ "state": state, "request": format!("r{comment}") }).to_string();
    let answer = ask(address, token, &format!("/comments/{comment}/decisions"), &body).await?;
    answer["result"].as_str().map(str::to_owned)
}

async fn ask(address: SocketAddr, token: &str, path: &str, body: &str) -> Option<Value> {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let bytes = request("POST", &format!("/api/v1{path}"), &headers, body.as_bytes());
    let answer = try_send(address, &bytes).await?;
    serde_json::from_str(&answer.body).ok()
}
