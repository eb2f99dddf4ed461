//! Moderation, over every store back-end.

use jiff::Timestamp;
use siftwire::{
    domain::{
        CheckedId, CommentState, Decision, DecisionId, DecisionVia, NamedSignal, Outcome, Site,
        SitePolicy,
    },
    store::{
        CheckDraft, Decided, DecisionDraft, NewSite, QueueCursor, QueueFilter, QueueOrder, Store,
    },
};
use uuid::Uuid;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a test time")
}

async fn site(store: &dyn Store, url: &str) -> Site {
    let new = NewSite { url: url.into(), name: url.into(), ..NewSite::default() };
    store.ensure_site(&new, at(0)).await.expect("a site")
}

fn check(site: &Site, number: u128, verdict: Outcome, score: f32) -> CheckDraft {
    CheckDraft {
        guid: Uuid::from_u128(number),
        site: site.id,
        crawled: None,
        article: None,
        author: format!("Author {number}"),
        author_key: Some([number as u8; 16]),
        mail: None,
        mail_key: None,
        ip: None,
        ip_key: None,
        author_url: String::new(),
        host: Some("ex.org".into()),
        kind: "comment".into(),
        permalink: "https://ex.org/post".into(),
        context: "A post".into(),
        language: Some("en".into()),
        written: None,
        received: at(number as i64),
        content: format!("What number {number} says, 100% of it"),
        verdict,
        score,
        signals: vec![NamedSignal { name: "link".into(), weight: 1.5, evidence: "a link".into() }],
        fingerprint: Some(u64::MAX - number as u64),
        campaign: Some(u64::MAX),
        counts: true,
    }
}

async fn save(store: &dyn Store, check: CheckDraft) -> CheckedId {
    store.save_checks(&[check]).await.expect("a saved check")[0].id
}

fn draft(comment: CheckedId, seen: Option<u32>, to: CommentState) -> DecisionDraft {
    DecisionDraft {
        comment,
        seen,
        to,
        actor: "mara".into(),
        via: DecisionVia::Page,
        reason: None,
        request: None,
    }
}

async fn decide(store: &dyn Store, draft: DecisionDraft) -> Decided {
    store.decide(&[draft], at(500)).await.expect("decided").remove(0)
}

fn done(decided: Decided) -> Decision {
    match decided {
        Decided::Done(decision) => decision,
        other => panic!("not done: {other:?}"),
    }
}

async fn undo(store: &dyn Store, id: DecisionId) -> Decided {
    store.undo(id, "mara", DecisionVia::Page, at(600)).await.expect("undone")
}

over_every_store!(
    a_site_is_added_once,
    a_check_is_kept_whole_and_once,
    a_recheck_moves_what_nobody_decided,
    a_stale_decision_is_refused,
    a_named_request_decides_once,
    undoing_brings_back_what_was_and_can_be_undone,
    an_undo_does_not_overrule_a_later_decision,
    a_batch_is_undone_whole,
    a_queue_is_paged_and_filtered,
    an_author_can_be_known_and_erased,
    old_spam_goes_and_what_was_learnt_stays
);

async fn a_site_is_added_once(store: &dyn Store) {
    let first = site(store, "https://blog.example").await;
    let again = site(store, "https://blog.example").await;
    assert_eq!(first, again);
    let policy = SitePolicy { trust_after: 9, ..SitePolicy::default() };
    store.edit_site(first.id, "The blog", &policy).await.expect("edited");
    let edited = store.site(first.id).await.expect("read").expect("a site");
    assert_eq!((edited.name.as_str(), edited.policy.trust_after), ("The blog", 9));
    let key = store.moderation_key().await.expect("a key");
    assert_eq!(key, store.moderation_key().await.expect("a key"));
    assert_ne!(key, [0; 32]);
}

async fn a_check_is_kept_whole_and_once(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    let draft = check(&site, 1, Outcome::Unsure, 0.5);
    let saved = store.save_checks(&[draft.clone(), draft.clone()]).await.expect("saved");
    assert!(saved[0].new && !saved[1].new);
    assert_eq!(saved[0].id, saved[1].id);
    let stored = store.checked_by_guid(draft.guid).await.expect("read").expect("a comment");
    assert_eq!(stored.content, draft.content);
    assert_eq!(stored.signals, draft.signals);
    assert_eq!(stored.fingerprint, draft.fingerprint);
    assert_eq!(stored.author_key, draft.author_key);
    assert_eq!((stored.state, stored.version), (CommentState::Unsure, 1));
    assert_eq!(store.state_counts(None).await.expect("counts").unsure, 1);
}

async fn a_recheck_moves_what_nobody_decided(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    let id = save(store, check(&site, 1, Outcome::Ham, 0.1)).await;
    let again = CheckDraft { counts: false, ..check(&site, 1, Outcome::Spam, 0.99) };
    let saved = store.save_checks(std::slice::from_ref(&again)).await.expect("saved")[0];
    assert_eq!((saved.id, saved.state, saved.version), (id, CommentState::Spam, 2));
    done(decide(store, draft(id, Some(2), CommentState::Approved)).await);
    let saved = store.save_checks(&[again]).await.expect("saved")[0];
    assert_eq!((saved.state, saved.version), (CommentState::Approved, 3));
    let counts = store.state_counts(Some(site.id)).await.expect("counts");
    assert_eq!((counts.approved, counts.spam), (1, 0));
    let day = store.figures(Some(site.id), at(10), 1).await.expect("figures")[0];
    assert_eq!((day.calls, day.ham, day.spam), (1, 1, 0), "the recheck does not count");
}

async fn a_stale_decision_is_refused(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    let id = save(store, check(&site, 1, Outcome::Unsure, 0.5)).await;
    done(decide(store, draft(id, Some(1), CommentState::Spam)).await);
    let late = decide(store, draft(id, Some(1), CommentState::Approved)).await;
    assert_eq!(late, Decided::Stale { state: CommentState::Spam, version: 2 });
    let same = decide(store, draft(id, Some(1), CommentState::Spam)).await;
    assert_eq!(same, Decided::Already { state: CommentState::Spam, version: 2 });
    let gone = decide(store, draft(CheckedId(99), None, CommentState::Spam)).await;
    assert_eq!(gone, Decided::Missing);
    assert_eq!(store.decisions_on(id).await.expect("journal").len(), 1);
}

async fn a_named_request_decides_once(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    let id = save(store, check(&site, 1, Outcome::Unsure, 0.5)).await;
    let named = |to| DecisionDraft { request: Some("r-1".into()), ..draft(id, None, to) };
    done(decide(store, named(CommentState::Spam)).await);
    done(decide(store, draft(id, None, CommentState::Approved)).await);
    let again = decide(store, named(CommentState::Spam)).await;
    assert!(matches!(again, Decided::Already { state: CommentState::Approved, .. }));
}

async fn undoing_brings_back_what_was_and_can_be_undone(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    let id = save(store, check(&site, 1, Outcome::Ham, 0.1)).await;
    let first = done(decide(store, draft(id, None, CommentState::Spam)).await);
    let day = store.figures(None, at(500), 1).await.expect("figures")[0];
    assert_eq!(day.missed_spam, 1);
    assert_eq!(store.lessons(Some(site.id), 9).await.expect("lessons").len(), 1);

    let undone = done(undo(store, first.id).await);
    assert_eq!((undone.undoes, undone.to), (Some(first.id), CommentState::Approved));
    let stored = store.checked(id).await.expect("read").expect("a comment");
    assert_eq!((stored.state, stored.decision), (CommentState::Approved, None));
    assert!(store.lessons(Some(site.id), 9).await.expect("lessons").is_empty());
    let day = store.figures(None, at(500), 1).await.expect("figures")[0];
    assert_eq!(day.missed_spam, 0);
    assert!(matches!(undo(store, first.id).await, Decided::Already { .. }));

    done(undo(store, undone.id).await);
    let stored = store.checked(id).await.expect("read").expect("a comment");
    assert_eq!((stored.state, stored.decision), (CommentState::Spam, Some(first.id)));
    assert_eq!(store.lessons(None, 9).await.expect("lessons").len(), 1);
    done(undo(store, first.id).await);
    assert_eq!(store.journal(Some(site.id), None, 9).await.expect("journal").len(), 4);
}

async fn an_undo_does_not_overrule_a_later_decision(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    let id = save(store, check(&site, 1, Outcome::Unsure, 0.5)).await;
    let first = done(decide(store, draft(id, None, CommentState::Spam)).await);
    done(decide(store, draft(id, None, CommentState::Deleted)).await);
    assert!(matches!(undo(store, first.id).await, Decided::Stale { .. }));
}

async fn a_batch_is_undone_whole(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    let mut drafts = Vec::new();
    for number in 1..=5 {
        let id = save(store, check(&site, number, Outcome::Unsure, 0.5)).await;
        drafts.push(draft(id, Some(1), CommentState::Spam));
    }
    drafts[3].seen = Some(9);
    let decided = store.decide(&drafts, at(500)).await.expect("decided");
    assert!(matches!(decided[3], Decided::Stale { .. }));
    let batch = done(decided[0].clone()).id;
    assert_eq!(done(decided[4].clone()).batch, batch);
    assert_eq!(store.state_counts(None).await.expect("counts").spam, 4);
    let undone = store.undo_batch(batch, "mara", DecisionVia::Page, at(600)).await.expect("undone");
    assert_eq!(undone.len(), 4);
    assert_eq!(store.state_counts(None).await.expect("counts").unsure, 5);
}

async fn a_queue_is_paged_and_filtered(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    for (number, score) in [(1, 0.9), (2, 0.55), (3, 0.7), (4, 0.2), (5, 0.55)] {
        save(store, check(&site, number, Outcome::Unsure, score)).await;
    }
    let all = QueueFilter { state: Some(CommentState::Unsure), ..QueueFilter::default() };
    for (order, expected) in [
        (QueueOrder::Newest, [5, 4, 3, 2, 1]),
        (QueueOrder::Oldest, [1, 2, 3, 4, 5]),
        (QueueOrder::LeastCertain, [2, 5, 3, 4, 1]),
    ] {
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = store.queue(&all, order, cursor, 2).await.expect("a page");
            let Some(last) = page.last() else { break };
            cursor = Some(QueueCursor { id: last.id, score: last.score });
            seen.extend(page.iter().map(|comment| comment.id.0));
        }
        assert_eq!(seen, expected, "{order:?}");
    }
    let found = async |filter: QueueFilter| store.queue_ids(&filter, 9).await.expect("ids").len();
    let none = QueueFilter::default;
    assert_eq!(found(QueueFilter { text: Some("NUMBER 3".into()), ..none() }).await, 1);
    assert_eq!(found(QueueFilter { text: Some("1__%".into()), ..none() }).await, 0);
    assert_eq!(found(QueueFilter { text: Some("100%".into()), ..none() }).await, 5);
    assert_eq!(found(QueueFilter { reason: Some("link".into()), ..none() }).await, 5);
    assert_eq!(found(QueueFilter { reason: Some("lin".into()), ..none() }).await, 0);
    assert_eq!(found(QueueFilter { host: Some("ex.org".into()), ..none() }).await, 5);
    assert_eq!(found(QueueFilter { language: Some("de".into()), ..none() }).await, 0);
    assert_eq!(found(QueueFilter { author: Some([2; 16]), ..none() }).await, 1);
    assert_eq!(found(QueueFilter { campaign: Some(u64::MAX), ..none() }).await, 5);
    assert_eq!(found(QueueFilter { received: Some((at(2), at(4))), ..none() }).await, 2);
    let campaigns = store.campaigns(None, CommentState::Unsure, 3).await.expect("campaigns");
    assert_eq!((campaigns[0].campaign, campaigns[0].comments), (u64::MAX, 5));
    assert_eq!(store.similar(CheckedId(1), 3).await.expect("similar").len(), 3);
    assert_eq!(store.recent_campaigns(2).await.expect("recent").len(), 2);
}

async fn an_author_can_be_known_and_erased(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    let same = |number, verdict| CheckDraft {
        author_key: Some([7; 16]),
        ..check(&site, number, verdict, 0.5)
    };
    save(store, same(1, Outcome::Ham)).await;
    save(store, same(2, Outcome::Spam)).await;
    save(store, check(&site, 3, Outcome::Ham, 0.1)).await;
    let record = store.author_record(&[7; 16]).await.expect("a record");
    assert_eq!((record.states.approved, record.states.spam, record.sites), (1, 1, 1));
    assert_eq!(record.first_seen, Some(at(1)));
    let removed = store.erase_author(&[7; 16], None).await.expect("erased");
    assert_eq!(removed.comments, 2);
    let counts = store.state_counts(None).await.expect("counts");
    assert_eq!((counts.approved, counts.spam), (1, 0));
}

async fn old_spam_goes_and_what_was_learnt_stays(store: &dyn Store) {
    let site = site(store, "https://blog.example").await;
    save(store, check(&site, 1, Outcome::Spam, 0.99)).await;
    let decided = save(store, check(&site, 2, Outcome::Ham, 0.1)).await;
    let kept = save(store, check(&site, 3, Outcome::Ham, 0.1)).await;
    done(decide(store, draft(decided, None, CommentState::Spam)).await);
    let removed = store.expire(site.id, at(100)).await.expect("expired");
    assert_eq!(removed.comments, 1);
    let blank = store.checked(decided).await.expect("read").expect("a comment");
    assert_eq!((blank.content.as_str(), blank.author_key), ("", None));
    let lessons = store.lessons(Some(site.id), 9).await.expect("lessons");
    assert!(lessons[0].spam && lessons[0].comment.fingerprint.is_some());
    assert!(store.checked(kept).await.expect("read").is_some());
    assert_eq!(store.state_counts(None).await.expect("counts").spam, 1);
}
