//! Alerts and their outbox, over every store back-end.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    domain::{
        Alert, AlertEvent, ArticleId, Cadence, Channel, EventKind, IncidentId, Pace, SearchView,
        Sequence, Visibility,
    },
    store::{AlertRound, MessageState, NewAlert, NewSavedSearch, Outgoing, Store, Told},
};
use uuid::Uuid;

over_every_store!(
    a_round_is_written_whole_or_not_at_all,
    events_for_a_mail_are_gathered_until_it_is_tried,
    a_message_is_one_senders_until_its_lease_ends,
    what_was_given_up_can_be_sent_again,
    alerts_end_with_their_search
);

fn now() -> Timestamp {
    "2026-11-23T14:30:00Z".parse().expect("a test time")
}

/// An alert of a new saved search.
pub async fn alert(
    store: &dyn Store,
    query: &str,
    channel: Channel,
    target: &str,
    pace: Pace,
    at: Timestamp,
) -> Alert {
    let search = NewSavedSearch {
        slug: "ours".into(),
        name: "Ours & <theirs>".into(),
        query: query.into(),
        view: SearchView::Articles,
        owner: None,
        made_by: "test".into(),
        visibility: Visibility::Public,
    };
    let search = store.add_saved_search(&search, at).await.expect("a search");
    let alert = NewAlert {
        search: search.id,
        owner: None,
        made_by: "test".into(),
        channel,
        target: target.into(),
        secret: "a secret that signs".into(),
        unsubscribe: format!("end-{}", search.id),
        pace,
    };
    store.add_alert(&alert, at).await.expect("an alert")
}

pub fn at_once() -> Pace {
    Pace { cadence: Cadence::AtOnce, quiet: None, zone: "UTC".into() }
}

async fn plain(store: &dyn Store, channel: Channel) -> Alert {
    alert(store, "gateway", channel, "https://hooks.example/x", at_once(), now()).await
}

fn outgoing(alert: &Alert, number: u8, due: Timestamp) -> Outgoing {
    let event = AlertEvent {
        kind: EventKind::New,
        incident: Some(IncidentId(number.into())),
        article: ArticleId(number.into()),
        title: format!("Event {number}"),
        source: "Packet Ledger".into(),
        url: "https://a.example/1".into(),
        published: now(),
        news: Vec::new(),
    };
    let key = Uuid::from_bytes([number; 16]);
    Outgoing { alert: alert.id, channel: alert.channel, key, event, due }
}

fn round(after: i64, place: i64, outgoing: Vec<Outgoing>) -> AlertRound {
    let (after, place) = (Sequence(after), Sequence(place));
    AlertRound { after, place, outgoing, ..AlertRound::default() }
}

async fn a_round_is_written_whole_or_not_at_all(store: &dyn Store) {
    let alert = plain(store, Channel::Webhook).await;
    assert_eq!(store.alert_place().await.expect("a place"), Sequence(0));
    let told = Told {
        alert: alert.id,
        subject: "incident:1".into(),
        facts: BTreeSet::from(["victim:canon".to_owned()]),
    };
    let mut first = round(0, 5, vec![outgoing(&alert, 1, now())]);
    first.told = vec![told.clone()];
    assert!(store.save_alert_round(&first, now()).await.expect("an answer"));
    // Somebody who looked at the same part of the log comes too late.
    let late = round(0, 7, vec![outgoing(&alert, 2, now())]);
    assert!(!store.save_alert_round(&late, now()).await.expect("an answer"));
    assert_eq!(store.alert_place().await.expect("a place"), Sequence(5));
    assert_eq!(store.messages(alert.id, 9).await.expect("messages").len(), 1);
    // The same event is written once.
    let again = round(5, 6, vec![outgoing(&alert, 1, now()), outgoing(&alert, 2, now())]);
    assert!(store.save_alert_round(&again, now()).await.expect("an answer"));
    assert_eq!(store.messages(alert.id, 9).await.expect("messages").len(), 2);
    let subjects = ["incident:1".to_owned(), "incident:2".to_owned()];
    assert_eq!(store.told(alert.id, &subjects).await.expect("told"), [told]);
}

async fn events_for_a_mail_are_gathered_until_it_is_tried(store: &dyn Store) {
    let alert = plain(store, Channel::Mail).await;
    let due = now() + 1.hour();
    let both = vec![outgoing(&alert, 1, due), outgoing(&alert, 2, due)];
    store.save_alert_round(&round(0, 1, both), now()).await.expect("an answer");
    store
        .save_alert_round(&round(1, 2, vec![outgoing(&alert, 3, due)]), now() + 5.minutes())
        .await
        .expect("an answer");
    let messages = store.messages(alert.id, 9).await.expect("messages");
    assert_eq!((messages.len(), messages[0].events.len(), messages[0].due), (1, 3, due));
    let lease = due + 2.minutes();
    let claimed = store.claim_messages(due, lease, 9).await.expect("claimed");
    assert_eq!((claimed.len(), claimed[0].events.len(), claimed[0].attempts), (1, 3, 1));
    store
        .save_alert_round(&round(2, 3, vec![outgoing(&alert, 4, due)]), due)
        .await
        .expect("an answer");
    let messages = store.messages(alert.id, 9).await.expect("messages");
    assert_eq!(
        (messages.len(), messages[0].events.len()),
        (2, 1),
        "a mail under way stays as it is"
    );
}

async fn a_message_is_one_senders_until_its_lease_ends(store: &dyn Store) {
    let alert = plain(store, Channel::Webhook).await;
    let two = vec![outgoing(&alert, 1, now()), outgoing(&alert, 2, now() + 1.hour())];
    store.save_alert_round(&round(0, 1, two), now()).await.expect("an answer");
    let claim = async |at: Timestamp| {
        let claimed = store.claim_messages(at, at + 2.minutes(), 9).await.expect("claimed");
        claimed
            .iter()
            .map(|message| (message.key.as_bytes()[0], message.attempts))
            .collect::<Vec<_>>()
    };
    assert_eq!(claim(now()).await, [(1, 1)], "the other is not due");
    assert_eq!(claim(now() + 1.minute()).await, [], "somebody has it");
    assert_eq!(claim(now() + 2.minutes()).await, [(1, 2)], "whoever had it is gone");
    store.pause_alert(alert.id, true).await.expect("paused");
    assert_eq!(claim(now() + 2.hours()).await, []);
    store.pause_alert(alert.id, false).await.expect("goes on");
    assert_eq!(claim(now() + 2.hours()).await, [(1, 3), (2, 1)]);
}

async fn what_was_given_up_can_be_sent_again(store: &dyn Store) {
    let alert = plain(store, Channel::Webhook).await;
    store
        .save_alert_round(&round(0, 1, vec![outgoing(&alert, 1, now())]), now())
        .await
        .expect("an answer");
    let id = store.messages(alert.id, 9).await.expect("messages")[0].id;
    store.claim_messages(now(), now() + 1.minute(), 9).await.expect("claimed");
    store.message_failed(id, "no answer", Some(now() + 1.hour())).await.expect("noted");
    assert!(!store.resend_message(id, now()).await.expect("an answer"), "it still waits");
    assert!(
        store.claim_messages(now() + 59.minutes(), now(), 9).await.expect("claimed").is_empty()
    );
    store.message_failed(id, "gone", None).await.expect("noted");
    let message = store.message(id).await.expect("an answer").expect("the message");
    assert_eq!((message.state, message.error.as_deref()), (MessageState::Dead, Some("gone")));
    let key = message.key;
    assert!(store.resend_message(id, now()).await.expect("an answer"));
    let again = store.claim_messages(now(), now() + 1.minute(), 9).await.expect("claimed");
    assert_eq!((again[0].key, again[0].attempts), (key, 1));
    store.message_sent(id, now()).await.expect("noted");
    let message = store.message(id).await.expect("an answer").expect("the message");
    assert_eq!(
        (message.state, message.sent, message.error),
        (MessageState::Sent, Some(now()), None)
    );
}

async fn alerts_end_with_their_search(store: &dyn Store) {
    let alert = plain(store, Channel::Mail).await;
    let found = store.alert_to_unsubscribe(&alert.unsubscribe).await.expect("an answer");
    assert_eq!(found.as_ref(), Some(&alert));
    assert_eq!(
        store.alerts(Some(alert.search)).await.expect("alerts"),
        std::slice::from_ref(&alert)
    );
    store.remove_saved_search(alert.search, now()).await.expect("removed");
    assert_eq!(store.alerts(None).await.expect("alerts"), []);
    store.restore_saved_search(alert.search, now()).await.expect("restored");
    store
        .save_alert_round(&round(0, 1, vec![outgoing(&alert, 1, now())]), now())
        .await
        .expect("an answer");
    assert!(store.remove_alert(alert.id).await.expect("an answer"));
    assert!(!store.remove_alert(alert.id).await.expect("an answer"));
    assert!(store.claim_messages(now(), now(), 9).await.expect("claimed").is_empty());
}
