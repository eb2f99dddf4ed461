//! Saved searches and tokens of their feeds, over every store back-end.

use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    domain::{SavedSearch, SavedSearchId, SearchView, Visibility},
    store::{NewFeedToken, NewSavedSearch, Role, SavedSearchEdit, Store, StoreError, UserId},
};

fn now() -> Timestamp {
    "2026-11-23T14:30:00Z".parse().expect("a test time")
}

fn new(slug: &str, name: &str) -> NewSavedSearch {
    NewSavedSearch {
        slug: slug.into(),
        name: name.into(),
        query: "attack:ransomware".into(),
        view: SearchView::Articles,
        owner: None,
        made_by: "ines".into(),
        visibility: Visibility::Private,
    }
}

async fn add(store: &dyn Store, slug: &str, name: &str) -> SavedSearch {
    store.add_saved_search(&new(slug, name), now()).await.expect("a saved search")
}

over_every_store!(
    searches_are_kept_and_found_by_id_and_slug,
    a_slug_belongs_to_one_search,
    what_an_edit_does_not_name_stays,
    a_removed_search_can_be_brought_back,
    feed_tokens_end_when_revoked_or_with_their_search
);

async fn searches_are_kept_and_found_by_id_and_slug(store: &dyn Store) {
    let owner = store.add_user("ines", Role::Analyst, "hash", now()).await.expect("a user");
    let search = NewSavedSearch { owner: Some(owner), ..new("ours", "ours") };
    let kept = store.add_saved_search(&search, now()).await.expect("kept");
    assert_eq!((kept.owner, kept.created, kept.changed), (Some(owner.0), now(), now()));
    assert_eq!(kept.id.0.get_version_num(), 4, "random");
    assert_eq!(store.saved_search(kept.id).await.expect("an answer").as_ref(), Some(&kept));
    let found = store.saved_search_by_slug("ours").await.expect("an answer");
    assert_eq!(found.as_ref(), Some(&kept));
    assert_eq!(store.saved_search_by_slug("theirs").await.expect("an answer"), None);
    let unknown = SavedSearchId(uuid::Uuid::nil());
    assert_eq!(store.saved_search(unknown).await.expect("an answer"), None);
    add(store, "hospitals", "Hospitals").await;
    let names: Vec<String> =
        store.saved_searches().await.expect("all").into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Hospitals", "ours"], "by name, whatever the case");
    let nobody = NewSavedSearch { owner: Some(UserId(99)), ..new("x", "x") };
    assert!(store.add_saved_search(&nobody, now()).await.is_err(), "owners exist");
}

async fn a_slug_belongs_to_one_search(store: &dyn Store) {
    let slugs =
        [add(store, "a", "A").await, add(store, "a", "A").await, add(store, "a", "A").await]
            .map(|search| search.slug);
    assert_eq!(slugs, ["a", "a-2", "a-3"]);
    let other = add(store, "b", "B").await;
    let edit = SavedSearchEdit { slug: Some("a-2".into()), ..SavedSearchEdit::default() };
    let taken = store.edit_saved_search(other.id, &edit, now()).await;
    assert!(matches!(taken, Err(StoreError::Taken { .. })), "{taken:?}");
    let own = SavedSearchEdit { slug: Some("b".into()), ..SavedSearchEdit::default() };
    let kept = store.edit_saved_search(other.id, &own, now()).await.expect("an answer");
    assert_eq!(kept.expect("the search").slug, "b");
}

async fn what_an_edit_does_not_name_stays(store: &dyn Store) {
    let search = add(store, "ours", "Ours").await;
    let later = now() + 1.hour();
    let edit = SavedSearchEdit {
        name: Some("Our vendors".into()),
        view: Some(SearchView::Incidents),
        ..SavedSearchEdit::default()
    };
    let edited = store.edit_saved_search(search.id, &edit, later).await.expect("an answer");
    let expected = SavedSearch {
        name: "Our vendors".into(),
        view: SearchView::Incidents,
        changed: later,
        ..search
    };
    assert_eq!(edited, Some(expected), "the slug stays when the name changes");
    let unknown = SavedSearchId(uuid::Uuid::nil());
    assert_eq!(store.edit_saved_search(unknown, &edit, later).await.expect("an answer"), None);
}

async fn a_removed_search_can_be_brought_back(store: &dyn Store) {
    let search = add(store, "ours", "Ours").await;
    assert!(store.remove_saved_search(search.id, now()).await.expect("an answer"));
    assert!(!store.remove_saved_search(search.id, now()).await.expect("an answer"), "only once");
    assert_eq!(store.saved_search(search.id).await.expect("an answer"), None);
    assert!(store.saved_searches().await.expect("all").is_empty());
    assert_eq!(add(store, "ours", "Another").await.slug, "ours", "the slug is free");
    let back = store.restore_saved_search(search.id, now()).await.expect("an answer");
    assert_eq!(back.expect("it is back").slug, "ours-2");
    let again = store.restore_saved_search(search.id, now()).await.expect("an answer");
    assert_eq!(again, None, "it was not removed");
}

async fn feed_tokens_end_when_revoked_or_with_their_search(store: &dyn Store) {
    let search = add(store, "ours", "Ours").await;
    let other = add(store, "theirs", "Theirs").await;
    let token = |digest: u8| NewFeedToken {
        digest: [digest; 32],
        search: search.id,
        label: "phone".into(),
        prefix: "swf_abcd".into(),
        made_by: "ines".into(),
    };
    let first = store.add_feed_token(&token(1), now()).await.expect("a token");
    let second = store.add_feed_token(&token(2), now()).await.expect("a token");
    store.touch_feed_token(first, now() + 1.hour()).await.expect("noted");
    let found = store.feed_token(&[1; 32]).await.expect("an answer").expect("the token");
    assert_eq!((found.search, found.last_used), (search.id, Some(now() + 1.hour())));
    assert!(!store.revoke_feed_token(other.id, first, now()).await.expect("an answer"));
    assert!(store.revoke_feed_token(search.id, first, now()).await.expect("an answer"));
    assert!(!store.revoke_feed_token(search.id, first, now()).await.expect("an answer"));
    assert_eq!(store.feed_token(&[1; 32]).await.expect("an answer"), None);
    let listed = store.feed_tokens(search.id).await.expect("tokens");
    let listed: Vec<_> = listed.iter().map(|one| (one.id, one.revoked.is_some())).collect();
    assert_eq!(listed, [(second, false), (first, true)]);
    store.remove_saved_search(search.id, now()).await.expect("removed");
    assert_eq!(store.feed_token(&[2; 32]).await.expect("an answer"), None);
    store.restore_saved_search(search.id, now()).await.expect("back");
    assert!(store.feed_token(&[2; 32]).await.expect("an answer").is_some());
}
