//! STIX versions and what collections hold of them, over every store back-end.

use jiff::{SignedDuration, Timestamp};
use siftwire::{
    domain::{ArticleId, IncidentId, SearchView, Sequence},
    store::{
        Collected, CollectedFilter, CollectionId, StixBatch, StixVersion, Store, VersionFilter,
        WantedCollection,
    },
};
use uuid::Uuid;

const OURS: Uuid = Uuid::from_u128(1);
const INDICATORS: Uuid = Uuid::from_u128(2);

fn now() -> Timestamp {
    "2026-11-23T14:30:00Z".parse().expect("a test time")
}

over_every_store!(
    versions_come_once_and_at_different_times,
    a_batch_from_elsewhere_is_not_written,
    groupings_stand_in_the_collection_of_everything,
    a_changed_query_empties_its_collection
);

fn wanted(query: &str) -> Vec<WantedCollection> {
    let one = |uuid, only| WantedCollection {
        uuid,
        query: query.into(),
        view: SearchView::Articles,
        only,
    };
    vec![one(OURS, None), one(INDICATORS, Some("indicator"))]
}

fn version(stix_id: &str, second: i64) -> StixVersion {
    StixVersion {
        stix_id: stix_id.into(),
        created: now(),
        modified: now() + SignedDuration::from_secs(second),
        revoked: false,
        digest: second,
        body: format!("{{\"id\":\"{stix_id}\",\"at\":{second}}}"),
    }
}

/// An article with these objects, of which those in `versions` are new; all collections find it.
fn batch(after: i64, article: i64, objects: &[&str], versions: Vec<StixVersion>) -> StixBatch {
    let objects = objects.iter().map(|id| (*id).to_owned()).collect();
    let found = [1, 2].map(|id| (CollectionId(id), vec![ArticleId(article)]));
    StixBatch {
        after: Sequence(after),
        sequence: Sequence(after + 1),
        versions,
        articles: vec![(ArticleId(article), objects)],
        found: found.into(),
        ..StixBatch::default()
    }
}

async fn held(store: &dyn Store, uuid: Uuid, versions: VersionFilter) -> Vec<Collected> {
    let filter = CollectedFilter { after: Timestamp::UNIX_EPOCH, ids: None, kinds: None, versions };
    store.collected(uuid, &filter, 100, true).await.expect("a page")
}

fn newest() -> VersionFilter {
    VersionFilter { last: true, ..VersionFilter::default() }
}

async fn versions_come_once_and_at_different_times(store: &dyn Store) {
    store.set_collections(&wanted("")).await.expect("collections");
    let first = batch(
        0,
        7,
        &["malware--1", "indicator--1", "report--1"],
        vec![version("malware--1", 0), version("indicator--1", 0), version("report--1", 0)],
    );
    assert!(store.save_stix(&first, now()).await.expect("saved"));
    // The clock stands still, and the malware is known already.
    let second = batch(1, 8, &["malware--1", "report--2"], vec![version("report--2", 0)]);
    assert!(store.save_stix(&second, now()).await.expect("saved"));
    let changed = batch(2, 7, &["malware--1", "report--1"], vec![version("report--1", 60)]);
    assert!(store.save_stix(&changed, now()).await.expect("saved"));

    let all = held(store, OURS, VersionFilter { all: true, ..VersionFilter::default() }).await;
    let ids: Vec<&str> = all.iter().map(|one| one.stix_id.as_str()).collect();
    assert_eq!(ids, ["malware--1", "indicator--1", "report--1", "report--2", "report--1"]);
    assert!(all.is_sorted_by(|a, b| a.added < b.added), "{all:?}");
    let latest = held(store, OURS, newest()).await;
    let ids: Vec<&str> = latest.iter().map(|one| one.stix_id.as_str()).collect();
    assert_eq!(ids, ["malware--1", "indicator--1", "report--2", "report--1"]);
    assert!(latest[3].body.contains("60"));
    let indicators = held(store, INDICATORS, newest()).await;
    assert_eq!(indicators.len(), 1);
    assert_eq!(indicators[0].stix_id, "indicator--1");

    let filter = CollectedFilter {
        after: all[0].added,
        ids: None,
        kinds: Some(vec!["report".into(), "malware".into(), "nonsense".into()]),
        versions: newest(),
    };
    let page = store.collected(OURS, &filter, 1, false).await.expect("a page");
    assert_eq!((page.len(), page[0].stix_id.as_str(), page[0].body.as_str()), (1, "report--2", ""));
    let only = store.objects_only_of(&[ArticleId(8)]).await.expect("objects");
    assert_eq!(only, ["report--2"], "the malware stands elsewhere, too");
}

async fn a_batch_from_elsewhere_is_not_written(store: &dyn Store) {
    store.set_collections(&wanted("")).await.expect("collections");
    let one = batch(0, 7, &["report--1"], vec![version("report--1", 0)]);
    assert!(store.save_stix(&one, now()).await.expect("saved"));
    assert!(!store.save_stix(&one, now()).await.expect("an answer"), "not twice");
    assert_eq!(held(store, OURS, newest()).await.len(), 1);
    assert_eq!(store.collected_sequence().await.expect("a place"), Sequence(1));
}

async fn groupings_stand_in_the_collection_of_everything(store: &dyn Store) {
    let told = StixBatch {
        versions: vec![version("grouping--1", 0)],
        incidents: vec![(IncidentId(3), "grouping--1".into())],
        told: vec![IncidentId(3)],
        found: [1, 2].map(|id| (CollectionId(id), Vec::new())).into(),
        ..StixBatch::default()
    };
    store.set_collections(&wanted("")).await.expect("collections");
    assert!(store.save_stix(&told, now()).await.expect("saved"));
    let all = held(store, OURS, newest()).await;
    assert_eq!(all.iter().map(|one| one.stix_id.as_str()).collect::<Vec<_>>(), ["grouping--1"]);
    assert!(held(store, INDICATORS, newest()).await.is_empty(), "it takes another type");

    store.set_collections(&wanted("ransomware")).await.expect("collections");
    let again = StixBatch { versions: vec![version("grouping--1", 60)], ..told };
    assert!(store.save_stix(&again, now()).await.expect("saved"));
    assert!(held(store, OURS, newest()).await.is_empty(), "its reports may not be there");
}

async fn a_changed_query_empties_its_collection(store: &dyn Store) {
    let made = store.set_collections(&wanted("")).await.expect("collections");
    assert_eq!(made[0].filled_to, Some(ArticleId(0)));
    let one = batch(0, 7, &["report--1"], vec![version("report--1", 0)]);
    store.save_stix(&one, now()).await.expect("saved");
    store.fill_collection(made[0].id, &[ArticleId(7)], None, now()).await.expect("filled");
    assert_eq!(held(store, OURS, newest()).await.len(), 1, "what it holds is not put in again");
    let same = store.set_collections(&wanted("")).await.expect("collections");
    assert_eq!(same[0].filled_to, None);
    let other = store.set_collections(&wanted("ransomware")).await.expect("collections");
    assert_eq!((other[0].id, other[0].filled_to), (made[0].id, Some(ArticleId(0))));
    assert!(held(store, OURS, newest()).await.is_empty());
    store.fill_collection(made[0].id, &[ArticleId(7)], None, now()).await.expect("filled");
    assert_eq!(held(store, OURS, newest()).await.len(), 1);
    store.set_collections(&[]).await.expect("none");
    assert!(held(store, OURS, newest()).await.is_empty());
}
