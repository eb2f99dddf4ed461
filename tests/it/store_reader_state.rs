//! What readers have read and starred, over every store back-end.

use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    domain::{ArticleDraft, ArticleId, ArticleKey, ArticleKind, NewSource, SourceId},
    store::{
        AppKey, ArticleWrite, MarkEdit, NewAppPassword, ReaderItem, ReaderList, Role, Store,
        UserEdit, UserId,
    },
};
use url::Url;

over_every_store!(
    app_passwords_are_found_by_either_digest,
    lists_are_paged_in_order_of_arrival,
    marks_are_a_readers_own,
    everything_up_to_a_place_is_read,
    who_begins_does_not_find_the_past_unread,
    counts_agree_with_lists
);

fn start() -> Timestamp {
    "2026-11-23T14:00:00Z".parse().expect("a test time")
}

async fn user(store: &dyn Store, name: &str) -> UserId {
    store.add_user(name, Role::Reader, "hash", start()).await.expect("a user")
}

/// Two sources; articles of both in turn, one each minute. Gives sources and articles.
async fn shelf(store: &dyn Store, articles: i64) -> ([SourceId; 2], Vec<ArticleId>) {
    let mut sources = [SourceId(0); 2];
    for (number, id) in sources.iter_mut().enumerate() {
        let source =
            NewSource { url: format!("https://s{number}.example/feed"), ..NewSource::default() };
        *id = store.add_source(&source, start()).await.expect("a source").0;
    }
    let mut ids = Vec::new();
    for number in 0..articles {
        let write = article(sources[(number % 2) as usize], number);
        let saved = store.save_articles(&[write], start() + number.minutes()).await;
        ids.push(saved.expect("an article")[0].id);
    }
    (sources, ids)
}

/// Published in the reverse order of its arrival.
fn article(source_id: SourceId, number: i64) -> ArticleWrite {
    let url: Url = format!("https://a.example/{number}").parse().expect("an address");
    let article = ArticleDraft {
        source_id,
        key: ArticleKey::of(&url),
        url: url.into(),
        title: format!("Article {number}"),
        authors: Vec::new(),
        published: Some(start() - number.hours()),
        modified: None,
        language: None,
        site_name: None,
        description: None,
        image: None,
        tags: Vec::new(),
        kind: ArticleKind::Article,
        text: "text".into(),
        html: "<p>text</p>".into(),
        comment_provider: None,
        confidence: 1.0,
    };
    ArticleWrite { entry: None, article, comments: Vec::new() }
}

async fn items(store: &dyn Store, user: UserId, list: &ReaderList, limit: u32) -> Vec<ArticleId> {
    let items: Vec<ReaderItem> = store.reader_items(user, list, limit).await.expect("items");
    items.iter().map(|item| item.id).collect()
}

fn unread() -> ReaderList {
    ReaderList { read: Some(false), ..ReaderList::default() }
}

fn read() -> MarkEdit {
    MarkEdit { read: Some(true), ..MarkEdit::default() }
}

fn not_read() -> MarkEdit {
    MarkEdit { read: Some(false), ..MarkEdit::default() }
}

fn starred(on: bool) -> MarkEdit {
    MarkEdit { starred: Some(on), ..MarkEdit::default() }
}

async fn app_passwords_are_found_by_either_digest(store: &dyn Store) {
    let (ines, marit) = (user(store, "ines").await, user(store, "marit").await);
    let password = NewAppPassword {
        user: ines,
        digest: [1; 32],
        fever_digest: [2; 32],
        label: "phone".into(),
        prefix: "abcd".into(),
    };
    let id = store.add_app_password(&password, start()).await.expect("a password");
    for key in [AppKey::Secret([1; 32]), AppKey::Fever([2; 32])] {
        let (found, user) = store.app_password(key).await.expect("an answer").expect("known");
        assert_eq!((found.id, user.id, found.last_used), (id, ines, None));
    }
    for key in [AppKey::Secret([2; 32]), AppKey::Fever([1; 32])] {
        assert_eq!(store.app_password(key).await.expect("an answer"), None, "{key:?}");
    }
    store.touch_app_password(id, start() + 1.hour()).await.expect("noted");
    let listed = store.app_passwords(ines).await.expect("a list");
    assert_eq!(listed[0].last_used, Some(start() + 1.hour()));
    assert_eq!(store.app_passwords(marit).await.expect("a list"), []);

    let disabled = |on| UserEdit { disabled: Some(on), ..UserEdit::default() };
    store.edit_user(ines, &disabled(true)).await.expect("disabled");
    assert_eq!(store.app_password(AppKey::Secret([1; 32])).await.expect("an answer"), None);
    store.edit_user(ines, &disabled(false)).await.expect("enabled");
    assert!(!store.remove_app_password(marit, id).await.expect("an answer"), "not hers");
    assert!(store.remove_app_password(ines, id).await.expect("an answer"));
    assert_eq!(store.app_password(AppKey::Secret([1; 32])).await.expect("an answer"), None);
}

async fn lists_are_paged_in_order_of_arrival(store: &dyn Store) {
    let reader = user(store, "ines").await;
    let ([first, second], ids) = shelf(store, 7).await;
    let newest = ReaderList::default();
    let reversed: Vec<ArticleId> = ids.iter().rev().copied().collect();
    assert_eq!(items(store, reader, &newest, 100).await, reversed);
    assert_eq!(items(store, reader, &newest, 2).await, reversed[..2]);
    let next = ReaderList { before: Some(reversed[1]), ..newest.clone() };
    assert_eq!(items(store, reader, &next, 2).await, reversed[2..4]);
    let oldest = ReaderList { oldest_first: true, after: Some(ids[1]), ..newest.clone() };
    assert_eq!(items(store, reader, &oldest, 2).await, ids[2..4]);

    let of = |sources| ReaderList { sources: Some(sources), ..ReaderList::default() };
    assert_eq!(items(store, reader, &of(vec![second]), 9).await, [ids[5], ids[3], ids[1]]);
    assert_eq!(items(store, reader, &of(vec![first, second]), 9).await, reversed);
    assert_eq!(items(store, reader, &of(vec![SourceId(99)]), 9).await, []);

    assert_eq!(store.arrived_until(start() - 1.second()).await.expect("a place"), ArticleId(0));
    assert_eq!(store.arrived_until(start() + 61.seconds()).await.expect("a place"), ids[1]);
    store.remove_source(second).await.expect("removed");
    assert_eq!(items(store, reader, &newest, 9).await, [ids[6], ids[4], ids[2], ids[0]]);
}

async fn marks_are_a_readers_own(store: &dyn Store) {
    let (ines, marit) = (user(store, "ines").await, user(store, "marit").await);
    let ([first, _], ids) = shelf(store, 4).await;
    store.mark_articles(ines, &[ids[0], ids[2], ArticleId(999)], read()).await.expect("marked");
    store.mark_articles(ines, &ids[..1], starred(true)).await.expect("marked");
    assert_eq!(items(store, ines, &unread(), 9).await, [ids[3], ids[1]]);
    assert_eq!(items(store, marit, &unread(), 9).await.len(), 4);
    let marks = store.reader_marks(ines, &ids).await.expect("marks");
    let told: Vec<(bool, bool)> = marks.iter().map(|mark| (mark.read, mark.starred)).collect();
    assert_eq!(told, [(true, true), (false, false), (true, false), (false, false)]);

    let star = ReaderList { starred: Some(true), ..ReaderList::default() };
    assert_eq!(items(store, ines, &star, 9).await, [ids[0]]);
    let plain = ReaderList { starred: Some(false), read: Some(true), ..ReaderList::default() };
    assert_eq!(items(store, ines, &plain, 9).await, [ids[2]]);
    store.remove_source(first).await.expect("removed");
    assert_eq!(items(store, ines, &star, 9).await, [ids[0]], "what is starred stays");
    store.mark_articles(ines, &ids, starred(false)).await.expect("marked");
    assert_eq!(items(store, ines, &star, 9).await, []);

    store.remove_article(ids[1]).await.expect("removed");
    assert_eq!(store.reader_marks(ines, &ids).await.expect("marks").len(), 3);
}

async fn everything_up_to_a_place_is_read(store: &dyn Store) {
    let reader = user(store, "ines").await;
    let ([first, second], ids) = shelf(store, 8).await;
    store.mark_articles(reader, &ids[..1], starred(true)).await.expect("marked");
    store.mark_all_read(reader, Some(&[first]), ids[4]).await.expect("read");
    assert_eq!(
        items(store, reader, &unread(), 9).await,
        [ids[7], ids[6], ids[5], ids[3], ids[1]],
        "one source up to here"
    );
    store.mark_articles(reader, &ids[2..3], not_read()).await.expect("marked");
    assert!(items(store, reader, &unread(), 9).await.contains(&ids[2]), "one of them kept");
    store.mark_all_read(reader, None, ids[5]).await.expect("read");
    store.mark_all_read(reader, None, ids[1]).await.expect("a place never goes back");
    assert_eq!(items(store, reader, &unread(), 9).await, [ids[7], ids[6]]);
    let star = ReaderList { starred: Some(true), ..ReaderList::default() };
    assert_eq!(items(store, reader, &star, 9).await, [ids[0]], "stars stay");

    store.mark_articles(reader, &[ids[1], ids[3]], not_read()).await.expect("marked");
    assert_eq!(items(store, reader, &unread(), 9).await, [ids[7], ids[6], ids[3], ids[1]]);
    let oldest = ReaderList { oldest_first: true, ..unread() };
    assert_eq!(items(store, reader, &oldest, 3).await, [ids[1], ids[3], ids[6]]);
    let of_second = ReaderList { sources: Some(vec![second]), ..unread() };
    assert_eq!(items(store, reader, &of_second, 9).await, [ids[7], ids[3], ids[1]]);
}

async fn who_begins_does_not_find_the_past_unread(store: &dyn Store) {
    let reader = user(store, "ines").await;
    let (_, ids) = shelf(store, 6).await;
    store.begin_reading(reader, start() + 150.seconds()).await.expect("begun");
    assert_eq!(items(store, reader, &unread(), 9).await, [ids[5], ids[4], ids[3]]);
    store.begin_reading(reader, start() + 1.hour()).await.expect("begun before");
    assert_eq!(items(store, reader, &unread(), 9).await.len(), 3, "only the first time counts");
}

async fn counts_agree_with_lists(store: &dyn Store) {
    let reader = user(store, "ines").await;
    let (sources, ids) = shelf(store, 20).await;
    store.mark_all_read(reader, None, ids[6]).await.expect("read");
    store.mark_all_read(reader, Some(&sources[..1]), ids[12]).await.expect("read");
    store
        .mark_articles(reader, &[ids[1], ids[2], ids[10], ids[11]], not_read())
        .await
        .expect("marked");
    store
        .mark_articles(reader, &[ids[3], ids[11], ids[15], ids[16]], read())
        .await
        .expect("marked");
    let counts = store.unread_counts(reader).await.expect("counts");
    for (source, count) in sources.iter().zip(&counts) {
        let list = ReaderList { sources: Some(vec![*source]), ..unread() };
        let listed = items(store, reader, &list, 99).await;
        assert_eq!((count.source, count.unread), (*source, listed.len() as u64));
        let marks = store.reader_marks(reader, &listed).await.expect("marks");
        assert!(marks.iter().all(|mark| !mark.read), "{marks:?}");
    }
    assert_eq!(counts[1].newest, Some(start() + 19.minutes()));
    let all = items(store, reader, &unread(), 99).await;
    assert_eq!(all.len() as u64, counts.iter().map(|count| count.unread).sum::<u64>());
}
