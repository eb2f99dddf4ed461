//! What the desk writes and readers ask: enrichments, subjects, incidents, moderators' decisions.

use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    domain::{
        ArticleDraft, ArticleId, ArticleKey, ArticleKind, Attack, AttackTag, Enrichment, Entity,
        EntityKind, Incident, IncidentId, Indicator, IndicatorKind, IndicatorRole, NewSource,
        RoundupMention, Span, SubjectKind,
    },
    store::{
        ArticleWrite, DeskBatch, EnrichedArticle, FoundIncident, IncidentState, Placed, Store,
    },
};
use url::Url;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a test time")
}

/// Stores an article published `seconds` after the beginning.
async fn article(store: &dyn Store, path: &str, text: &str, seconds: i64) -> ArticleId {
    let source = NewSource { url: "https://ex.org/feed".into(), ..NewSource::default() };
    let source_id = store.add_source(&source, at(0)).await.expect("a source").0;
    let url = Url::parse("https://ex.org/").and_then(|base| base.join(path)).expect("an address");
    let article = ArticleDraft {
        source_id,
        key: ArticleKey::of(&url),
        url: url.into(),
        title: format!("About {path}"),
        authors: Vec::new(),
        published: Some(at(seconds)),
        modified: None,
        language: None,
        site_name: None,
        description: None,
        image: None,
        tags: Vec::new(),
        kind: ArticleKind::Article,
        text: text.into(),
        html: String::new(),
        comment_provider: None,
        confidence: 1.0,
    };
    let write = ArticleWrite { entry: None, article, comments: Vec::new() };
    store.save_articles(&[write], at(0)).await.expect("saved")[0].id
}

const HERE: Span = Span { start: 0, end: 5 };

fn entity(kind: EntityKind, name: &str) -> Entity {
    Entity {
        kind,
        name: name.into(),
        id: None,
        spans: vec![HERE],
        evidence: HERE,
        known_exploited: false,
    }
}

fn enrichment(victim: &str) -> Enrichment {
    Enrichment {
        attacks: vec![AttackTag { attack: Attack::Ransomware, score: 0.9, evidence: vec![HERE] }],
        main_attack: Some(Attack::Ransomware),
        entities: vec![entity(EntityKind::Victim, victim), entity(EntityKind::Malware, "Maze")],
        indicators: vec![Indicator {
            kind: IndicatorKind::Domain,
            value: "evil.example".into(),
            role: IndicatorRole::Malicious,
            reason: "named as a control server".into(),
            span: HERE,
        }],
        ..Enrichment::default()
    }
}

fn told(id: IncidentId, title: &str) -> Incident {
    Incident {
        id,
        title: title.into(),
        summary: Vec::new(),
        first_seen: at(0),
        last_seen: at(0),
        modified: at(0),
        main_attack: None,
        attacks: Vec::new(),
        entities: Vec::new(),
        countries: Vec::new(),
        sectors: Vec::new(),
        article_count: 1,
        source_count: 1,
    }
}

/// Reads everything that waits: each article about `victim`, placed as `place` says.
async fn read_all(
    store: &dyn Store,
    victim: &str,
    place: impl Fn(ArticleId) -> Option<IncidentId>,
) {
    read_all_at(at(0), store, victim, place).await;
}

/// The same at a time.
async fn read_all_at(
    read: Timestamp,
    store: &dyn Store,
    victim: &str,
    place: impl Fn(ArticleId) -> Option<IncidentId>,
) {
    let state = store.desk_state().await.expect("a state");
    let waiting = store.waiting_articles(100).await.expect("articles");
    let placed: Vec<Option<IncidentId>> = waiting.iter().map(|one| place(one.id)).collect();
    let mut ids: Vec<IncidentId> = placed.iter().copied().flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let batch = DeskBatch {
        turn: state.turn,
        edition: state.edition,
        read,
        articles: waiting
            .iter()
            .zip(placed)
            .map(|(article, placed)| EnrichedArticle {
                id: article.id,
                revision: article.revision,
                published: article.published,
                enrichment: enrichment(victim),
                signature: vec![1, 2, 3],
                fingerprint: 5,
                duplicate_of: None,
                placed: placed
                    .map(|incident| Placed { incident, reasons: vec!["same victim".into()] }),
            })
            .collect(),
        mentions: Vec::new(),
        incidents: ids
            .iter()
            .map(|&id| IncidentState {
                id,
                edition: state.edition,
                state: vec![9],
                keys: vec![(7, at(0)), (id.0, at(0))],
                fresh: false,
            })
            .collect(),
    };
    assert!(store.save_desk_batch(&batch).await.expect("saved"));
    let turn = store.desk_state().await.expect("a state").turn;
    let owed = store.owed_incidents(100).await.expect("owed");
    let told: Vec<Incident> =
        owed.iter().map(|owed| told(owed.id, &format!("incident {}", owed.id.0))).collect();
    assert!(store.save_told(turn, &told, &[]).await.expect("told"));
}

fn all_into(id: i64) -> impl Fn(ArticleId) -> Option<IncidentId> {
    move |_| Some(IncidentId(id))
}

async fn covering(store: &dyn Store, id: IncidentId) -> Vec<i64> {
    let coverage = store.coverage(id, 100).await.expect("coverage");
    coverage.iter().map(|one| one.article_id.0).collect()
}

over_every_store!(
    articles_wait_until_they_are_read_and_again_when_they_change,
    an_article_that_changed_while_it_was_read_goes_on_waiting,
    other_recognisers_make_all_articles_wait_while_the_old_reading_stays,
    it_is_noted_when_what_was_recognised_became_something_else,
    what_was_read_is_told_to_followers_and_found_by_subject,
    incidents_are_found_by_key_and_time,
    an_incident_that_loses_all_articles_leads_to_where_they_went,
    a_split_outlives_another_reading_and_can_be_undone,
    a_merge_outlives_another_reading_and_leads_on,
    a_roundup_is_found_from_its_incidents_and_covers_none
);

async fn articles_wait_until_they_are_read_and_again_when_they_change(store: &dyn Store) {
    let late = article(store, "late", "b", 20).await;
    let early = article(store, "early", "a", 10).await;
    let waiting = store.waiting_articles(10).await.unwrap();
    assert_eq!(waiting.iter().map(|one| one.id).collect::<Vec<_>>(), [early, late]);
    read_all(store, "Canon", all_into(1)).await;
    assert!(store.waiting_articles(10).await.unwrap().is_empty());
    article(store, "early", "a, corrected", 10).await;
    let waiting = store.waiting_articles(10).await.unwrap();
    assert_eq!((waiting[0].id, waiting[0].edition), (early, 0));
    assert_eq!(waiting[0].coverage.as_ref().unwrap().incident_id, IncidentId(1));
    let progress = store.desk_progress().await.unwrap();
    assert_eq!((progress.articles, progress.unread, progress.outdated), (2, 1, 0));
}

async fn an_article_that_changed_while_it_was_read_goes_on_waiting(store: &dyn Store) {
    let id = article(store, "a", "first", 0).await;
    let state = store.desk_state().await.unwrap();
    article(store, "a", "second", 0).await;
    let stale = EnrichedArticle {
        id,
        revision: 1,
        published: at(0),
        enrichment: enrichment("Canon"),
        signature: Vec::new(),
        fingerprint: 0,
        duplicate_of: None,
        placed: None,
    };
    let batch = DeskBatch {
        turn: state.turn,
        edition: state.edition,
        read: at(0),
        articles: vec![stale],
        mentions: Vec::new(),
        incidents: Vec::new(),
    };
    assert!(store.save_desk_batch(&batch).await.unwrap());
    assert_eq!(store.waiting_articles(10).await.unwrap().len(), 1);
    assert!(store.enrichments(&[id]).await.unwrap().is_empty());
    // The turn is over: what rests on it is refused whole.
    assert!(!store.save_desk_batch(&batch).await.unwrap());
}

async fn other_recognisers_make_all_articles_wait_while_the_old_reading_stays(store: &dyn Store) {
    let id = article(store, "a", "text", 0).await;
    store.set_recognisers("one").await.unwrap();
    read_all(store, "Canon", all_into(1)).await;
    store.set_recognisers("one").await.unwrap();
    assert!(store.waiting_articles(10).await.unwrap().is_empty());
    store.set_recognisers("two").await.unwrap();
    let waiting = store.waiting_articles(10).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].edition), (1, 1));
    assert_eq!(store.desk_progress().await.unwrap().outdated, 1);
    assert_eq!(store.enrichments(&[id]).await.unwrap().len(), 1);
    // A fresh article goes before them.
    let fresh = article(store, "b", "text", 50).await;
    assert_eq!(store.waiting_articles(1).await.unwrap()[0].id, fresh);
    read_all(store, "Canon", all_into(1)).await;
    assert_eq!(store.read_all_again().await.unwrap(), 2);
    assert_eq!(store.waiting_articles(10).await.unwrap().len(), 2);
}

async fn it_is_noted_when_what_was_recognised_became_something_else(store: &dyn Store) {
    let id = article(store, "a", "text", 0).await;
    let changed = async || store.enrichments(&[id]).await.unwrap()[0].changed;
    read_all_at(at(10), store, "Canon", all_into(1)).await;
    assert_eq!(changed().await, at(10));
    store.read_all_again().await.unwrap();
    read_all_at(at(20), store, "Canon", all_into(1)).await;
    assert_eq!(changed().await, at(10), "read again, and the same");
    store.read_all_again().await.unwrap();
    read_all_at(at(30), store, "Ricoh", all_into(1)).await;
    assert_eq!(changed().await, at(30));
}

async fn what_was_read_is_told_to_followers_and_found_by_subject(store: &dyn Store) {
    let id = article(store, "a", "text", 0).await;
    let before = store.last_sequence().await.unwrap();
    read_all(store, "Canon Inc.", all_into(1)).await;
    let changes = store.changes_since(before, 10).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.article_id).collect::<Vec<_>>(), [id]);
    let read = &store.enrichments(&[id]).await.unwrap()[0];
    assert_eq!(read.enrichment, enrichment("Canon Inc."));
    assert_eq!((read.incident, &read.signature[..]), (Some(IncidentId(1)), &[1, 2, 3][..]));

    let victim = SubjectKind::Entity(EntityKind::Victim);
    let subject = store.subject(victim, "canon-inc").await.unwrap().expect("a subject");
    assert_eq!(subject.name, "Canon Inc.");
    assert_eq!(
        store.subject(SubjectKind::Entity(EntityKind::Vendor), "canon-inc").await.unwrap(),
        None
    );
    let numbers = store.subject_numbers(victim, "canon-inc", at(60)).await.unwrap();
    assert_eq!((numbers.articles, numbers.articles_30d, numbers.articles_60d), (1, 1, 0));
    let timeline = store.subject_timeline(victim, "canon-inc", at(5), 10, 2).await.unwrap();
    assert_eq!(timeline, [0, 1]);
    let about = store.articles_about(victim, "canon-inc", 5, None).await.unwrap();
    assert_eq!(about[0].id, id);
    let related = store.related_subjects(victim, "canon-inc").await.unwrap();
    let names: Vec<&str> = related.iter().map(|one| one.subject.name.as_str()).collect();
    assert_eq!(names, ["Maze", "Ransomware"]);
    let top = store.top_subjects(&[SubjectKind::Attack], at(-9), at(9), 3).await.unwrap();
    assert_eq!((top.len(), top[0].articles), (1, 1));
    assert_eq!(store.subjects_beginning("can", 5).await.unwrap()[0].subject.name, "Canon Inc.");
    let incidents = store.incidents_about(victim, "canon-inc", 5).await.unwrap();
    assert_eq!(incidents[0].id, IncidentId(1));

    // Read anew, what is no longer named is gone.
    store.read_all_again().await.unwrap();
    read_all(store, "Nikon", all_into(1)).await;
    assert!(store.articles_about(victim, "canon-inc", 5, None).await.unwrap().is_empty());
    assert!(store.remove_article(id).await.unwrap());
    assert!(store.articles_about(victim, "nikon", 5, None).await.unwrap().is_empty());
    assert!(covering(store, IncidentId(1)).await.is_empty());
}

async fn incidents_are_found_by_key_and_time(store: &dyn Store) {
    article(store, "a", "text", 0).await;
    read_all(store, "Canon", all_into(1)).await;
    article(store, "b", "text", 1).await;
    read_all(store, "Nikon", all_into(2)).await;
    let found = async |keys: &[i64], from, per_key| {
        let found = store.incident_keys(keys, at(from), at(9), per_key).await.unwrap();
        let mut ids: Vec<i64> = found.iter().map(|(_, id)| id.0).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(found(&[7], -9, 10).await, [1, 2]);
    assert_eq!(found(&[7], -9, 1).await, [2]);
    assert_eq!(found(&[1, 99], -9, 10).await, [1]);
    assert_eq!(found(&[7], 5, 10).await, [0i64; 0]);
    let copies = store.copy_candidates(&[IncidentId(1)], &[], 10).await.unwrap();
    assert_eq!(copies.iter().map(|one| one.article_id.0).collect::<Vec<_>>(), [1]);
    let copies = store.copy_candidates(&[], &[5], 10).await.unwrap();
    assert_eq!(copies.len(), 2);
}

async fn an_incident_that_loses_all_articles_leads_to_where_they_went(store: &dyn Store) {
    article(store, "a", "text", 0).await;
    read_all(store, "Canon", all_into(1)).await;
    store.read_all_again().await.unwrap();
    read_all(store, "Canon", all_into(2)).await;
    let found = store.incident(IncidentId(1)).await.unwrap();
    assert_eq!(found, FoundIncident::Moved(IncidentId(2)));
    let latest = store.latest_incidents(10, None).await.unwrap();
    assert_eq!(latest.iter().map(|one| one.id.0).collect::<Vec<_>>(), [2]);
    assert_eq!(store.incident(IncidentId(3)).await.unwrap(), FoundIncident::Nowhere);
}

async fn a_split_outlives_another_reading_and_can_be_undone(store: &dyn Store) {
    let mut ids = Vec::new();
    for (number, path) in ["a", "b", "c"].into_iter().enumerate() {
        ids.push(article(store, path, "text", number as i64).await);
    }
    read_all(store, "Canon", all_into(1)).await;
    let first = IncidentId(1);
    assert_eq!(store.split_incident(first, &ids, "ann", at(9)).await.unwrap(), None);
    let new = store.split_incident(first, &ids[2..], "ann", at(9)).await.unwrap().expect("split");
    assert_eq!(covering(store, first).await, [ids[0].0, ids[1].0]);
    store.read_all_again().await.unwrap();
    read_all(store, "Canon", all_into(1)).await;
    assert_eq!(covering(store, new).await, [ids[2].0]);
    let decisions = store.incident_decisions(new).await.unwrap();
    assert_eq!((decisions[0].who.as_str(), decisions[0].other), ("ann", new));
    assert!(store.undo_decision(decisions[0].id, "ann", at(10)).await.unwrap());
    assert_eq!(covering(store, first).await.len(), 3);
    assert_eq!(store.incident(new).await.unwrap(), FoundIncident::Moved(first));
    assert!(!store.undo_decision(decisions[0].id, "ann", at(10)).await.unwrap());
}

async fn a_merge_outlives_another_reading_and_leads_on(store: &dyn Store) {
    let a = article(store, "a", "text", 0).await;
    let b = article(store, "b", "text", 1).await;
    let apart = move |id| Some(IncidentId(if id == a { 1 } else { 2 }));
    read_all(store, "Canon", apart).await;
    let (one, two) = (IncidentId(1), IncidentId(2));
    let before = store.last_sequence().await.unwrap();
    assert!(!store.merge_incidents(two, two, "ann", at(9)).await.unwrap());
    assert!(store.merge_incidents(two, one, "ann", at(9)).await.unwrap());
    let changes = store.changes_since(before, 10).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.article_id).collect::<Vec<_>>(), [b]);
    assert_eq!(store.incident(two).await.unwrap(), FoundIncident::Moved(one));
    store.read_all_again().await.unwrap();
    read_all(store, "Canon", apart).await;
    assert_eq!(covering(store, one).await, [a.0, b.0]);
    let ticks = store.coverage_ticks(&[one, two], 1).await.unwrap();
    assert_eq!(ticks.iter().map(|tick| tick.article_id).collect::<Vec<_>>(), [a]);
    let decision = store.incident_decisions(one).await.unwrap()[0].id;
    assert!(
        store
            .undo_decision(decision, "ann", at(10).checked_add(1.second()).unwrap())
            .await
            .unwrap()
    );
    assert_eq!(covering(store, two).await, [b.0]);
    assert!(matches!(store.incident(two).await.unwrap(), FoundIncident::Here(_)));
}

/// Reads the article that waits as a round-up whose sections mention `incidents`.
async fn read_roundup(store: &dyn Store, incidents: &[i64]) -> ArticleId {
    let state = store.desk_state().await.expect("a state");
    let waiting = store.waiting_articles(2).await.expect("articles");
    let [roundup] = waiting.as_slice() else { panic!("one article waits: {waiting:?}") };
    let mentions = (0..).zip(incidents).map(|(at, incident)| RoundupMention {
        article_id: roundup.id,
        incident_id: IncidentId(*incident),
        section: Span { start: at * 10, end: at * 10 + 5 },
    });
    let batch = DeskBatch {
        turn: state.turn,
        edition: state.edition,
        read: at(0),
        articles: vec![EnrichedArticle {
            id: roundup.id,
            revision: roundup.revision,
            published: roundup.published,
            enrichment: Enrichment::default(),
            signature: Vec::new(),
            fingerprint: 77,
            duplicate_of: None,
            placed: None,
        }],
        mentions: mentions.collect(),
        incidents: Vec::new(),
    };
    assert!(store.save_desk_batch(&batch).await.expect("saved"));
    roundup.id
}

async fn roundups_of(store: &dyn Store, id: i64) -> Vec<ArticleId> {
    let mentions = store.roundups_of(IncidentId(id), 10).await.expect("mentions");
    mentions.iter().map(|mention| mention.article_id).collect()
}

async fn a_roundup_is_found_from_its_incidents_and_covers_none(store: &dyn Store) {
    let first = article(store, "a", "a", 0).await;
    article(store, "b", "b", 1).await;
    read_all(store, "Canon", |id| Some(IncidentId(if id == first { 1 } else { 2 }))).await;
    article(store, "week", "the week", 2).await;
    let roundup = read_roundup(store, &[1, 2]).await;
    assert_eq!(roundups_of(store, 1).await, [roundup]);
    assert_eq!(covering(store, IncidentId(1)).await, [first.0]);
    let mentioned = store.mentioned_in(roundup).await.expect("mentions");
    let mentioned: Vec<_> = mentioned.iter().map(|one| (one.incident_id.0, one.section)).collect();
    assert_eq!(mentioned, [(1, Span { start: 0, end: 5 }), (2, Span { start: 10, end: 15 })]);

    // A merged incident takes its round-ups along, each once; undone, it has its own again.
    assert!(
        store.merge_incidents(IncidentId(2), IncidentId(1), "ann", at(9)).await.expect("merged")
    );
    assert_eq!(roundups_of(store, 1).await, [roundup]);
    // What is read again replaces what was found before.
    article(store, "week", "the week, corrected", 2).await;
    read_roundup(store, &[2]).await;
    assert_eq!(roundups_of(store, 1).await, [roundup]);
    let decision = store.incident_decisions(IncidentId(1)).await.expect("decisions")[0].id;
    assert!(store.undo_decision(decision, "ann", at(10)).await.expect("undone"));
    assert!(roundups_of(store, 1).await.is_empty());
    assert_eq!(roundups_of(store, 2).await, [roundup]);
}
