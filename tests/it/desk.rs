//! The desk over a real store: what it reads, how it groups, and that killing it loses nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    desk::Desk,
    domain::{
        ArticleDraft, ArticleId, ArticleKey, ArticleKind, Incident, IncidentId, NewSource,
        full_text,
    },
    enrich::Enricher,
    store::{ArticleWrite, FoundIncident, SqliteStore, Store},
};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use url::Url;

const CANON: &str = "Canon confirmed on Tuesday that a ransomware attack took its photo storage offline and that the Maze group \
    stole files from its servers in Tokyo. Staff could not reach e-mail for a day, and a note in the network asked for payment \
    in Bitcoin. The company told customers that no pictures leaked, and that it restores systems from backups this week.";
const MILK: &str = "A dairy in Wisconsin stopped deliveries after its payroll system was encrypted over the weekend. Drivers were \
    paid in cash while technicians rebuilt the scheduling software. The cooperative said milk was never at risk, and the sheriff \
    opened an inquiry together with the federal police.";

async fn store_in(folder: &Path) -> Arc<dyn Store> {
    std::fs::create_dir_all(folder).expect("a folder");
    Arc::new(SqliteStore::open(&folder.join("siftwire.db")).await.expect("a store"))
}

fn start() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().expect("a time")
}

pub async fn publish(
    store: &dyn Store,
    site: &str,
    path: &str,
    text: &str,
    hour: i64,
) -> ArticleId {
    let source = NewSource { url: format!("https://{site}/feed"), ..NewSource::default() };
    let source_id = store.add_source(&source, start()).await.expect("a source").0;
    let url = Url::parse(&format!("https://{site}/{path}")).expect("an address");
    let article = ArticleDraft {
        source_id,
        key: ArticleKey::of(&url),
        url: url.into(),
        title: text.split(['.', ',']).next().unwrap_or_default().chars().take(80).collect(),
        authors: Vec::new(),
        published: Some(start() + hour.hours()),
        modified: None,
        language: Some("en".into()),
        site_name: None,
        description: None,
        image: None,
        tags: Vec::new(),
        kind: ArticleKind::Article,
        text: text.into(),
        html: format!("<p>{text}</p>"),
        comment_provider: None,
        confidence: 1.0,
    };
    let write = ArticleWrite { entry: None, article, comments: Vec::new() };
    store.save_articles(&[write], start()).await.expect("saved")[0].id
}

pub async fn read_all(store: &Arc<dyn Store>) -> u64 {
    let enricher = Arc::new(Enricher::embedded());
    let mut desk = Desk::start(store.clone(), enricher, "test", 1).await.expect("a desk");
    desk.catch_up(&CancellationToken::new(), |_| ()).await.expect("caught up")
}

/// Which articles are together, by incident.
async fn groups(store: &dyn Store) -> BTreeMap<IncidentId, BTreeSet<ArticleId>> {
    let ids = store.article_ids(ArticleId(0), 100_000).await.expect("ids");
    let mut groups: BTreeMap<IncidentId, BTreeSet<ArticleId>> = BTreeMap::new();
    for read in store.enrichments(&ids).await.expect("enrichments") {
        if let Some(incident) = read.incident {
            groups.entry(incident).or_default().insert(read.article_id);
        }
    }
    groups
}

#[tokio::test]
async fn copies_are_folded_and_another_story_is_another_incident() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path()).await;
    let first = publish(&*store, "a.example", "one", CANON, 0).await;
    let copy = publish(&*store, "b.example", "two", CANON, 3).await;
    let other = publish(&*store, "a.example", "milk", MILK, 5).await;
    assert_eq!(read_all(&store).await, 3);
    let read = store.enrichments(&[first, copy, other]).await.expect("read");
    assert_eq!(read[0].enrichment.language.as_deref(), Some("en"));
    assert_eq!(read[1].duplicate_of, Some(first));
    assert!(read[0].incident.is_some());
    assert_eq!(read[0].incident, read[1].incident);
    assert_ne!(read[0].incident, read[2].incident);
    let told = store.latest_incidents(10, None).await.expect("incidents");
    let canon = told.iter().find(|one| Some(one.id) == read[0].incident).expect("told");
    assert_eq!((canon.article_count, canon.first_seen), (2, start()));
    // Nothing is left, and the desk does not chase its own changes.
    assert_eq!(read_all(&store).await, 0);
    assert!(store.owed_incidents(10).await.expect("owed").is_empty());
}

const WEEK: &str = "Week 47 in brief, the round-up of the week.\n\nCameras: Canon is still restoring the storage that a ransomware \
    attack by the Maze group took offline.\n\nFlaws: Ostrich Systems fixed CVE-2031-1234 in its gateways.\n\nElsewhere: the council of \
    Quillsay wants a new museum of locks.";

#[tokio::test]
async fn a_roundup_mentions_incidents_and_changes_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path()).await;
    let first = publish(&*store, "a.example", "one", CANON, 0).await;
    read_all(&store).await;
    let before = store.latest_incidents(10, None).await.expect("incidents");
    let week = publish(&*store, "b.example", "week", WEEK, 30).await;
    for _ in 0..2 {
        read_all(&store).await;
        let mentions = store.mentioned_in(week).await.expect("mentions");
        assert_eq!(mentions.len(), 1, "{mentions:?}");
        assert_eq!(mentions[0].incident_id, before[0].id);
        let article = store.article(week).await.expect("read").expect("there");
        let text = full_text(article.title.trim(), &article.text);
        let section = &text[mentions[0].section.start..mentions[0].section.end];
        assert!(section.starts_with("Cameras: Canon"), "{section}");
        let after = store.latest_incidents(10, None).await.expect("incidents");
        let told = |one: &Incident| (one.id, one.title.clone(), one.article_count, one.last_seen);
        let [before, after] = [&before, &after].map(|all| all.iter().map(told).collect::<Vec<_>>());
        assert_eq!(after, before);
        assert_eq!(groups(&*store).await.into_values().collect::<Vec<_>>(), [[first].into()]);
        store.read_all_again().await.expect("again");
    }
}

#[tokio::test]
async fn what_tells_of_no_attack_victim_or_flaw_opens_no_incident() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path()).await;
    let ferry = "Ferry runs aground off Quillsay. Sixty people were brought ashore in lifeboats on Sunday night, and the harbour master \
        praised the crew. Divers will look at the hull when the storm is over. Tickets stay valid.";
    publish(&*store, "a.example", "ferry", ferry, 0).await;
    assert_eq!(read_all(&store).await, 1);
    assert!(groups(&*store).await.is_empty());
}

#[tokio::test]
async fn incidents_keep_their_numbers_when_all_articles_are_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path()).await;
    for hour in 0..4 {
        publish(&*store, &format!("s{hour}.example"), "canon", CANON, hour).await;
        publish(&*store, &format!("s{hour}.example"), "milk", MILK, hour).await;
    }
    read_all(&store).await;
    let before = groups(&*store).await;
    assert_eq!(before.len(), 2);
    store.read_all_again().await.expect("again");
    assert_eq!(read_all(&store).await, 8);
    assert_eq!(groups(&*store).await, before);
}

#[tokio::test]
async fn what_a_moderator_split_stays_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path()).await;
    let first = publish(&*store, "a.example", "one", CANON, 0).await;
    let copy = publish(&*store, "b.example", "two", CANON, 3).await;
    read_all(&store).await;
    let whole = *groups(&*store).await.keys().next().expect("an incident");
    let new = store.split_incident(whole, &[copy], "ann", start()).await.expect("split");
    let new = new.expect("a new incident");
    read_all(&store).await;
    store.read_all_again().await.expect("again");
    read_all(&store).await;
    let expected =
        BTreeMap::from([(whole, BTreeSet::from([first])), (new, BTreeSet::from([copy]))]);
    assert_eq!(groups(&*store).await, expected);
    assert!(matches!(store.incident(new).await.expect("found"), FoundIncident::Here(_)));
}

#[tokio::test]
async fn an_incident_looks_no_older_when_its_newest_article_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path()).await;
    publish(&*store, "one.example", "a", CANON, 0).await;
    let newest = publish(&*store, "two.example", "b", CANON, 5).await;
    read_all(&store).await;
    let (id, _) = groups(&*store).await.pop_first().expect("an incident");
    let modified = async || store.incidents(&[id]).await.expect("read")[0].modified;
    let before = modified().await;
    assert!(before > start() + 5.hours(), "{before}");
    store.split_incident(id, &[newest], "ann", start()).await.expect("split");
    read_all(&store).await;
    assert!(modified().await > before);
}

#[tokio::test]
async fn an_article_that_changes_is_read_again_and_stays_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path()).await;
    let id = publish(&*store, "a.example", "one", CANON, 0).await;
    read_all(&store).await;
    let before = groups(&*store).await;
    let changed = format!(
        "{CANON} It calls hxxps://relay[.]evil-shop[.]top/a, a control server of the attackers."
    );
    publish(&*store, "a.example", "one", &changed, 0).await;
    assert_eq!(read_all(&store).await, 1);
    assert_eq!(groups(&*store).await, before);
    let read = store.enrichments(&[id]).await.expect("read");
    assert_eq!(read[0].enrichment.indicators.len(), 1);
}

/// `kill -9` in the middle of reading: what was read is whole, and the rest is read next time.
#[tokio::test(flavor = "multi_thread")]
async fn reading_survives_being_killed() {
    const ARTICLES: i64 = 600;
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path()).await;
    for number in 0..ARTICLES {
        let story = number / 3;
        let base = if story % 2 == 0 { CANON } else { MILK };
        let text = format!("{base} Reference {story:05} of the case at plant {}.", story * 7919);
        publish(
            &*store,
            &format!("s{}.example", number % 3),
            &format!("{number}"),
            &text,
            story * 48,
        )
        .await;
    }
    for round in 0..6 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
            .args(["--data", &folder.path().to_string_lossy(), "enrich", "--all"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        tokio::time::sleep(Duration::from_millis(150 + round * 130)).await;
        child.kill().await.expect("killed");
        is_whole(&*store).await;
    }
    let progress = store.desk_progress().await.expect("progress");
    let waited = progress.unread + progress.outdated;
    assert_eq!(progress.articles, ARTICLES as u64);
    assert!(waited > 0, "the kills came too late to mean anything");
    let done = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(["--data", &folder.path().to_string_lossy(), "enrich", "--all"])
        .stderr(Stdio::null())
        .status()
        .await
        .expect("a process");
    assert!(done.success());
    is_whole(&*store).await;
    let ids = store.article_ids(ArticleId(0), 10_000).await.expect("ids");
    assert_eq!(store.enrichments(&ids).await.expect("read").len(), ids.len());
    assert!(store.waiting_articles(1).await.expect("waiting").is_empty());
    assert!(store.owed_incidents(1).await.expect("owed").is_empty());
}

/// Every incident that is listed covers as many articles as say that they are in it.
async fn is_whole(store: &dyn Store) {
    store.verify().await.expect("a sound file");
    let groups = groups(store).await;
    for (id, articles) in &groups {
        let covering = store.coverage(*id, 10_000).await.expect("coverage");
        let covering: BTreeSet<ArticleId> = covering.iter().map(|one| one.article_id).collect();
        assert_eq!(&covering, articles, "incident {}", id.0);
    }
}
