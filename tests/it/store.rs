//! Sources, articles, comments and the change log, over every store back-end.

use jiff::{Timestamp, ToSpan};
use siftwire::{
    domain::{
        ArticleDraft, ArticleId, ArticleKey, ArticleKind, ChangeKind, CommentDraft, EntryDraft,
        FeedEntry, Health, HealthState, NewSource, Sequence, SourceEdit, SourceId,
    },
    store::{
        ArticleWrite, FetchReport, FetchWritten, SaveOutcome, SqliteStore, Store, StoreError,
        StoredRobots,
    },
};
use url::Url;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a test time")
}

fn source(url: &str) -> NewSource {
    NewSource { url: url.into(), title: format!("The {url}"), ..NewSource::default() }
}

async fn add(store: &dyn Store, url: &str) -> SourceId {
    store.add_source(&source(url), at(0)).await.expect("a source is added").0
}

fn report(source_id: SourceId, next_try: Timestamp, entries: Vec<EntryDraft>) -> FetchReport {
    FetchReport {
        source_id,
        health: Health {
            state: HealthState::Well,
            http_status: Some(200),
            next_try: Some(next_try),
            etag: Some("\"v1\"".into()),
            ..Health::default()
        },
        moved_to: None,
        disable: false,
        title: None,
        site_url: None,
        language: None,
        entries,
    }
}

fn entry(key: &str, digest: &str) -> EntryDraft {
    EntryDraft {
        key: key.into(),
        url: format!("https://ex.org/{key}"),
        digest: digest.into(),
        not_before: at(0),
        item: FeedEntry { id: key.into(), title: Some(key.into()), ..FeedEntry::default() },
    }
}

fn article(source_id: SourceId, path: &str, text: &str) -> ArticleWrite {
    let url = Url::parse("https://ex.org/").and_then(|base| base.join(path)).expect("an address");
    ArticleWrite {
        entry: None,
        article: ArticleDraft {
            source_id,
            key: ArticleKey::of(&url),
            url: url.into(),
            title: format!("About {path}"),
            authors: vec!["Ada Writer".into()],
            published: Some(at(-3600)),
            modified: None,
            language: Some("en".into()),
            site_name: None,
            description: None,
            image: None,
            tags: vec!["breach".into()],
            kind: ArticleKind::Article,
            text: text.into(),
            html: format!("<p>{text}</p>"),
            comment_provider: None,
            confidence: 0.5,
        },
        comments: Vec::new(),
    }
}

fn comment(key: &str) -> CommentDraft {
    CommentDraft {
        key: key.into(),
        parent_key: None,
        author: Some("Reader".into()),
        author_url: None,
        published: None,
        text: format!("comment {key}"),
    }
}

async fn save_one(store: &dyn Store, write: ArticleWrite) -> (ArticleId, SaveOutcome) {
    let saved = store.save_articles(&[write], at(0)).await.expect("an article is saved");
    (saved[0].id, saved[0].outcome)
}

over_every_store!(
    a_source_is_added_once_and_comes_back_after_removal,
    an_edit_changes_what_it_names_alone,
    two_sources_cannot_share_an_address,
    a_claim_is_exclusive_until_its_lease_ends,
    a_fetch_sets_health_and_ends_the_claim,
    a_source_that_is_gone_is_not_asked_again,
    an_entry_is_new_once_and_again_when_its_digest_changes,
    an_entry_is_claimed_tried_again_and_given_up,
    entries_of_a_full_source_are_passed_over,
    sources_are_counted_by_health,
    an_article_is_stored_once_and_revised_when_it_changes,
    saving_an_article_ends_its_entry,
    an_article_without_a_date_has_the_time_it_was_seen,
    comments_are_added_and_never_doubled,
    the_change_log_rises_and_keeps_the_newest_state,
    articles_come_in_the_order_asked_for,
    the_latest_articles_are_paged_without_gaps,
    articles_of_a_removed_source_stay,
    robots_are_remembered,
    the_histogram_counts_by_when_articles_were_seen,
    a_backup_holds_everything_and_overwrites_nothing,
    hostile_text_is_kept_as_it_is,
    many_writers_at_once_lose_nothing,
    due_at_once_means_now
);

async fn a_source_is_added_once_and_comes_back_after_removal(store: &dyn Store) {
    let (id, new) = store.add_source(&source("https://a.org/feed"), at(0)).await.unwrap();
    assert!(new);
    let again = store.add_source(&source("https://a.org/feed"), at(1)).await.unwrap();
    assert_eq!(again, (id, false));
    assert!(store.remove_source(id).await.unwrap());
    assert!(!store.remove_source(id).await.unwrap());
    assert!(store.sources().await.unwrap().is_empty());
    assert_eq!(store.source_by_url("https://a.org/feed").await.unwrap(), None);
    let back = store.add_source(&source("https://a.org/feed"), at(2)).await.unwrap();
    assert_eq!(back, (id, true));
}

async fn an_edit_changes_what_it_names_alone(store: &dyn Store) {
    let id = add(store, "https://a.org/feed").await;
    let before = store.source(id).await.unwrap().unwrap();
    let edit = SourceEdit { respect_robots: Some(false), ..SourceEdit::default() };
    store.edit_source(id, &edit).await.unwrap();
    let after = store.source(id).await.unwrap().unwrap();
    assert!(!after.respect_robots);
    assert_eq!((after.title, after.enabled), (before.title, true));
    let missing = store.edit_source(SourceId(99), &edit).await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
}

async fn two_sources_cannot_share_an_address(store: &dyn Store) {
    add(store, "https://a.org/feed").await;
    let other = add(store, "https://b.org/feed").await;
    let edit = SourceEdit { url: Some("https://a.org/feed".into()), ..SourceEdit::default() };
    let taken = store.edit_source(other, &edit).await;
    assert!(matches!(taken, Err(StoreError::Taken { .. })));
    let mut moved = report(other, at(60), Vec::new());
    moved.moved_to = Some("https://a.org/feed".into());
    store.record_fetches(&[moved], at(0)).await.unwrap();
    let kept = store.source(other).await.unwrap().unwrap();
    assert_eq!(kept.url, "https://b.org/feed");
}

async fn a_claim_is_exclusive_until_its_lease_ends(store: &dyn Store) {
    let a = add(store, "https://a.org/feed").await;
    let b = add(store, "https://b.org/feed").await;
    let first = store.claim_sources(at(1), at(61), 1, &[]).await.unwrap();
    let second = store.claim_sources(at(1), at(61), 5, &[]).await.unwrap();
    assert_eq!((first[0].id, second[0].id, second.len()), (a, b, 1));
    assert!(store.claim_sources(at(2), at(62), 5, &[]).await.unwrap().is_empty());
    assert_eq!(store.claim_sources(at(61), at(99), 5, &[]).await.unwrap().len(), 2);
    store.release_claims().await.unwrap();
    let only = store.claim_sources(at(3), at(63), 5, &[b]).await.unwrap();
    assert_eq!(only.iter().map(|source| source.id).collect::<Vec<_>>(), [b]);
}

async fn a_fetch_sets_health_and_ends_the_claim(store: &dyn Store) {
    let id = add(store, "https://a.org/feed").await;
    store.claim_sources(at(1), at(61), 5, &[]).await.unwrap();
    store.record_fetches(&[report(id, at(900), Vec::new())], at(2)).await.unwrap();
    let health = store.source(id).await.unwrap().unwrap().health;
    assert_eq!(health.state, HealthState::Well);
    assert_eq!((health.next_try, health.etag.as_deref()), (Some(at(900)), Some("\"v1\"")));
    assert!(store.claim_sources(at(899), at(999), 5, &[]).await.unwrap().is_empty());
    assert_eq!(store.next_due().await.unwrap(), Some(at(900)));
    assert_eq!(store.claim_sources(at(900), at(999), 5, &[]).await.unwrap().len(), 1);
}

async fn a_source_that_is_gone_is_not_asked_again(store: &dyn Store) {
    let id = add(store, "https://a.org/feed").await;
    let mut gone = report(id, at(0), Vec::new());
    gone.disable = true;
    store.record_fetches(&[gone], at(0)).await.unwrap();
    assert!(store.claim_sources(at(9999), at(99999), 5, &[]).await.unwrap().is_empty());
    let enable = SourceEdit { enabled: Some(true), ..SourceEdit::default() };
    store.edit_source(id, &enable).await.unwrap();
    assert_eq!(store.claim_sources(at(1), at(61), 5, &[]).await.unwrap().len(), 1);
}

async fn an_entry_is_new_once_and_again_when_its_digest_changes(store: &dyn Store) {
    let id = add(store, "https://a.org/feed").await;
    let fetch = |digest| report(id, at(60), vec![entry("1", digest), entry("2", "x")]);
    let written = store.record_fetches(&[fetch("a")], at(0)).await.unwrap();
    assert_eq!(written, [FetchWritten { new: 2, changed: 0 }]);
    let written = store.record_fetches(&[fetch("a")], at(0)).await.unwrap();
    assert_eq!(written, [FetchWritten::default()]);
    let written = store.record_fetches(&[fetch("b")], at(0)).await.unwrap();
    assert_eq!(written, [FetchWritten { new: 0, changed: 1 }]);
    assert_eq!(store.entry_counts().await.unwrap().pending, 2);
}

async fn an_entry_is_claimed_tried_again_and_given_up(store: &dyn Store) {
    let id = add(store, "https://a.org/feed").await;
    store.record_fetches(&[report(id, at(60), vec![entry("1", "a")])], at(0)).await.unwrap();
    let claimed = store.claim_entries(at(1), at(61), 5, &[], &[]).await.unwrap();
    assert_eq!((claimed[0].attempts, claimed[0].item.title.as_deref()), (1, Some("1")));
    assert!(store.claim_entries(at(2), at(62), 5, &[], &[]).await.unwrap().is_empty());
    store.fail_entry(claimed[0].id, "no answer", Some(at(30))).await.unwrap();
    assert!(store.claim_entries(at(29), at(89), 5, &[], &[]).await.unwrap().is_empty());
    let again = store.claim_entries(at(30), at(90), 5, &[], &[]).await.unwrap();
    assert_eq!((again[0].attempts, again[0].error.as_deref()), (2, Some("no answer")));
    store.fail_entry(again[0].id, "no answer", None).await.unwrap();
    assert_eq!(store.entry_counts().await.unwrap().failed, 1);
}

async fn entries_of_a_full_source_are_passed_over(store: &dyn Store) {
    let long = add(store, "https://a.org/feed").await;
    let history: Vec<_> = (0..50).map(|n| entry(&n.to_string(), "a")).collect();
    let small = add(store, "https://b.org/feed").await;
    let mut news = entry("news", "b");
    news.not_before = at(10);
    let fetched = [report(long, at(60), history), report(small, at(60), vec![news])];
    store.record_fetches(&fetched, at(0)).await.unwrap();
    let first = store.claim_entries(at(20), at(80), 10, &[], &[]).await.unwrap();
    assert!(first.iter().all(|entry| entry.source_id == long), "the oldest come first");
    let next = store.claim_entries(at(20), at(80), 10, &[], &[long]).await.unwrap();
    assert_eq!(next.iter().map(|entry| entry.source_id).collect::<Vec<_>>(), [small]);
    let none = store.claim_entries(at(20), at(80), 10, &[long], &[long]).await.unwrap();
    assert!(none.is_empty());
    let rest = store.claim_entries(at(20), at(80), 99, &[], &[]).await.unwrap();
    assert_eq!(rest.len(), 40);
}

async fn sources_are_counted_by_health(store: &dyn Store) {
    assert!(store.source_counts().await.unwrap().is_empty());
    let well = add(store, "https://a.org/feed").await;
    add(store, "https://b.org/feed").await;
    add(store, "https://c.org/feed").await;
    let gone = add(store, "https://d.org/feed").await;
    store.remove_source(gone).await.unwrap();
    store.record_fetches(&[report(well, at(60), Vec::new())], at(0)).await.unwrap();
    let counts = store.source_counts().await.unwrap();
    assert_eq!(counts, [(HealthState::New, 2), (HealthState::Well, 1)]);
}

async fn an_article_is_stored_once_and_revised_when_it_changes(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let (id, outcome) = save_one(store, article(source, "a", "first text")).await;
    assert_eq!(outcome, SaveOutcome::New);
    let mut tracked = article(source, "a?utm_source=x", "first text");
    tracked.article.title = "About a".into();
    let same = save_one(store, tracked).await;
    assert_eq!(same, (id, SaveOutcome::Unchanged));
    let revised = save_one(store, article(source, "a", "second text")).await;
    assert_eq!(revised, (id, SaveOutcome::Revised));
    let now = store.article(id).await.unwrap().unwrap();
    assert_eq!((now.text.as_str(), now.revision), ("second text", 2));
    let before = store.revisions(id).await.unwrap();
    assert_eq!((before.len(), before[0].text.as_str()), (1, "first text"));
    assert_eq!(store.counts().await.unwrap().articles, 1);
}

async fn saving_an_article_ends_its_entry(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let fetched = report(source, at(60), vec![entry("1", "a")]);
    store.record_fetches(&[fetched], at(0)).await.unwrap();
    let claimed = store.claim_entries(at(1), at(61), 5, &[], &[]).await.unwrap();
    let write = ArticleWrite { entry: Some(claimed[0].id), ..article(source, "1", "text") };
    save_one(store, write).await;
    let counts = store.entry_counts().await.unwrap();
    assert_eq!((counts.pending, counts.done), (0, 1));
    assert!(store.claim_entries(at(999), at(9999), 5, &[], &[]).await.unwrap().is_empty());
}

async fn an_article_without_a_date_has_the_time_it_was_seen(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let mut undated = article(source, "a", "text");
    undated.article.published = None;
    let (id, _) = save_one(store, undated.clone()).await;
    let stored = store.article(id).await.unwrap().unwrap();
    assert_eq!((stored.published, stored.published_stated), (at(0), false));
    assert_eq!(save_one(store, undated).await.1, SaveOutcome::Unchanged);
    let dated = save_one(store, article(source, "a", "text")).await;
    assert_eq!(dated.1, SaveOutcome::Revised);
    let stored = store.article(id).await.unwrap().unwrap();
    assert_eq!((stored.published, stored.revision), (at(-3600), 1));
}

async fn comments_are_added_and_never_doubled(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let mut write = article(source, "a", "text");
    write.comments = vec![comment("c1")];
    let (id, _) = save_one(store, write.clone()).await;
    write.comments = vec![comment("c1"), comment("c2")];
    let saved = store.save_articles(&[write], at(5)).await.unwrap();
    assert_eq!((saved[0].outcome, saved[0].new_comments), (SaveOutcome::Unchanged, 1));
    let keys: Vec<_> =
        store.comments(id).await.unwrap().into_iter().map(|comment| comment.key).collect();
    assert_eq!(keys, ["c1", "c2"]);
    assert_eq!(store.article(id).await.unwrap().unwrap().comment_count, 2);
}

async fn the_change_log_rises_and_keeps_the_newest_state(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let (a, _) = save_one(store, article(source, "a", "one")).await;
    let (b, _) = save_one(store, article(source, "b", "one")).await;
    let seen = store.last_sequence().await.unwrap();
    save_one(store, article(source, "a", "one")).await;
    assert_eq!(store.last_sequence().await.unwrap(), seen, "nothing changed");
    save_one(store, article(source, "a", "two")).await;
    let all = store.changes_since(Sequence(0), 10).await.unwrap();
    assert_eq!(all.iter().map(|change| change.article_id).collect::<Vec<_>>(), [b, a]);
    assert!(all.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
    let fresh = store.changes_since(seen, 10).await.unwrap();
    assert_eq!((fresh.len(), fresh[0].kind), (1, ChangeKind::ArticleSaved));
    assert!(store.remove_article(a).await.unwrap());
    let last = store.changes_since(fresh[0].sequence, 10).await.unwrap();
    assert_eq!((last[0].kind, last[0].article_id), (ChangeKind::ArticleRemoved, a));
    assert_eq!(store.last_sequence().await.unwrap(), last[0].sequence);
}

async fn articles_come_in_the_order_asked_for(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let mut ids = Vec::new();
    for path in ["a", "b", "c"] {
        ids.push(save_one(store, article(source, path, path)).await.0);
    }
    ids.reverse();
    ids.push(ArticleId(999));
    let found = store.articles(&ids).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|article| article.id).collect();
    assert_eq!(found, ids[..3]);
    assert_eq!(store.article_ids(ids[2], 1).await.unwrap(), [ids[1]]);
}

async fn the_latest_articles_are_paged_without_gaps(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    for number in 0..7 {
        let mut write = article(source, &format!("a{number}"), "text");
        write.article.published = Some(at(number / 2));
        save_one(store, write).await;
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.latest_articles(3, before, Some(source)).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some((last.published, last.id));
        seen.extend(page.into_iter().map(|article| article.url));
    }
    let expected: Vec<_> = (0..7).rev().map(|n| format!("https://ex.org/a{n}")).collect();
    assert_eq!(seen, expected);
    assert_eq!(store.latest_articles(9, None, None).await.unwrap().len(), 7);
}

async fn articles_of_a_removed_source_stay(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let (id, _) = save_one(store, article(source, "a", "text")).await;
    store.remove_source(source).await.unwrap();
    let kept = store.article(id).await.unwrap().unwrap();
    assert_eq!(kept.source, "The https://a.org/feed");
}

async fn robots_are_remembered(store: &dyn Store) {
    let robots = StoredRobots {
        status: 200,
        body: "User-agent: *\nDisallow: /private\n".into(),
        fetched: at(0),
        expires: at(86_400),
    };
    assert_eq!(store.robots("https://ex.org").await.unwrap(), None);
    store.save_robots("https://ex.org", &robots).await.unwrap();
    let newer = StoredRobots { status: 404, ..robots };
    store.save_robots("https://ex.org", &newer).await.unwrap();
    assert_eq!(store.robots("https://ex.org").await.unwrap(), Some(newer));
}

async fn the_histogram_counts_by_when_articles_were_seen(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    for (path, seen) in [("a", -7000), ("b", -100), ("c", -50), ("d", -99_999)] {
        store.save_articles(&[article(source, path, "text")], at(seen)).await.unwrap();
    }
    let hours = store.article_histogram(at(0), 3600, 3).await.unwrap();
    assert_eq!(hours, [0, 1, 2]);
}

async fn a_backup_holds_everything_and_overwrites_nothing(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let (id, _) = save_one(store, article(source, "a", "text")).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.db");
    store.backup(&path).await.unwrap();
    assert!(store.backup(&path).await.is_err());
    let copy = SqliteStore::open(&path).await.unwrap();
    copy.verify().await.unwrap();
    assert_eq!(copy.article(id).await.unwrap(), store.article(id).await.unwrap());
}

async fn hostile_text_is_kept_as_it_is(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let text = "'; DROP TABLE articles; -- \u{202e}\u{0} \u{1F512} <script>";
    let (id, _) = save_one(store, article(source, "a", text)).await;
    assert_eq!(store.article(id).await.unwrap().unwrap().text, text);
}

async fn many_writers_at_once_lose_nothing(store: &dyn Store) {
    let source = add(store, "https://a.org/feed").await;
    let saves = (0..40).map(|number| async move {
        save_one(store, article(source, &format!("a{number}"), "text")).await
    });
    futures::future::join_all(saves).await;
    assert_eq!(store.counts().await.unwrap().articles, 40);
    assert_eq!(store.changes_since(Sequence(0), 99).await.unwrap().len(), 40);
}

async fn due_at_once_means_now(store: &dyn Store) {
    let id = add(store, "https://a.org/feed").await;
    let later = at(0).checked_add(5.hours()).unwrap();
    store.record_fetches(&[report(id, later, Vec::new())], at(0)).await.unwrap();
    store.make_due(&[id], at(10)).await.unwrap();
    assert_eq!(store.claim_sources(at(10), at(70), 5, &[]).await.unwrap().len(), 1);
}
