//! Users, sessions, tokens and the audit log, over every store back-end.

use jiff::{Timestamp, ToSpan as _};
use siftwire::store::{
    AuditDraft, NewSession, NewToken, Role, SessionId, Store, StoreError, UserEdit, UserId,
};

fn now() -> Timestamp {
    "2026-11-23T14:30:00Z".parse().expect("a test time")
}

fn session(user: UserId, digest: u8, hours: i64) -> NewSession {
    NewSession {
        digest: [digest; 32],
        user,
        expires: now() + hours.hours(),
        address: "192.0.2.1".into(),
        agent: "test".into(),
    }
}

over_every_store!(
    names_are_taken_once_and_compared_in_lower_case,
    sessions_end_in_time_and_with_their_user,
    tokens_are_found_by_digest_until_revoked,
    the_audit_log_is_read_backwards
);

async fn names_are_taken_once_and_compared_in_lower_case(store: &dyn Store) {
    let id = store.add_user("Ines", Role::Moderator, "hash", now()).await.expect("a user");
    let again = store.add_user("iNES", Role::Admin, "other", now()).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })), "{again:?}");
    let (user, hash) = store.user_by_name("INES").await.expect("an answer").expect("the user");
    assert_eq!((user.id, user.name.as_str(), hash.as_str()), (id, "ines", "hash"));
    assert_eq!((user.role, user.disabled, user.last_login), (Role::Moderator, false, None));

    let edit = UserEdit { role: Some(Role::Analyst), ..UserEdit::default() };
    store.edit_user(id, &edit).await.expect("edited");
    let (user, hash) = store.user_by_name("ines").await.expect("an answer").expect("the user");
    assert_eq!((user.role, hash.as_str()), (Role::Analyst, "hash"), "the rest stays");
    let missing = store.edit_user(UserId(99), &edit).await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })), "{missing:?}");
    assert_eq!(store.users().await.expect("users").len(), 1);
}

async fn sessions_end_in_time_and_with_their_user(store: &dyn Store) {
    let ines = store.add_user("ines", Role::Moderator, "hash", now()).await.expect("a user");
    let marit = store.add_user("marit", Role::Reader, "hash", now()).await.expect("a user");
    let first = store.add_session(&session(ines, 1, 1), now()).await.expect("a session");
    let second = store.add_session(&session(ines, 2, 5), now()).await.expect("a session");
    store.add_session(&session(marit, 3, 5), now()).await.expect("a session");
    let live = |digest: u8, at: Timestamp| async move {
        store.session(&[digest; 32], at).await.expect("an answer").is_some()
    };
    assert!(live(1, now()).await && !live(9, now()).await);
    assert!(!live(1, now() + 1.hour()).await, "over");
    store.touch_session(first, now(), now() + 3.hours()).await.expect("moved");
    assert!(live(1, now() + 1.hour()).await, "longer");

    assert!(!store.end_session(marit, first).await.expect("an answer"), "not hers");
    assert_eq!(store.end_sessions(ines, Some(second)).await.expect("ended"), 1);
    assert!(!live(1, now()).await && live(2, now()).await);

    let disable = UserEdit { disabled: Some(true), ..UserEdit::default() };
    store.edit_user(ines, &disable).await.expect("disabled");
    assert!(!live(2, now()).await && live(3, now()).await);
    let enable = UserEdit { disabled: Some(false), ..UserEdit::default() };
    store.edit_user(ines, &enable).await.expect("enabled");
    assert!(!live(2, now()).await, "an ended session does not come back");

    let password = UserEdit { password: Some("new".into()), ..UserEdit::default() };
    store.edit_user(marit, &password).await.expect("changed");
    assert!(!live(3, now()).await);
    assert_eq!(store.end_sessions(marit, None).await.expect("ended"), 0);
    assert!(!store.end_session(ines, SessionId(77)).await.expect("an answer"));
}

async fn tokens_are_found_by_digest_until_revoked(store: &dyn Store) {
    let token = NewToken {
        digest: [7; 32],
        role: Role::Site,
        site: Some("https://blog.example".into()),
        label: "the blog".into(),
        prefix: "k3yp".into(),
    };
    let id = store.add_token(&token, now()).await.expect("a token");
    let found = store.token(&[7; 32]).await.expect("an answer").expect("the token");
    assert_eq!((found.id, found.role, found.last_used), (id, Role::Site, None));
    assert_eq!(found.site.as_deref(), Some("https://blog.example"));
    store.touch_token(id, now()).await.expect("noted");
    assert!(store.revoke_token(id, now()).await.expect("an answer"));
    assert!(!store.revoke_token(id, now()).await.expect("an answer"), "only once");
    let found = store.token(&[7; 32]).await.expect("an answer").expect("the token");
    assert_eq!((found.last_used, found.revoked), (Some(now()), Some(now())));
    assert!(store.token(&[8; 32]).await.expect("an answer").is_none());
}

async fn the_audit_log_is_read_backwards(store: &dyn Store) {
    for number in 1..=5 {
        let entry = AuditDraft {
            who: "ines".into(),
            action: "log-in".into(),
            subject: number.to_string(),
            detail: String::new(),
        };
        store.audit(&entry, now()).await.expect("noted");
    }
    let page = store.audit_log(None, 2).await.expect("a page");
    let subjects = |page: &[siftwire::store::AuditEntry]| {
        page.iter().map(|entry| entry.subject.clone()).collect::<Vec<_>>()
    };
    assert_eq!(subjects(&page), ["5", "4"]);
    let next = store.audit_log(Some(page[1].id), 10).await.expect("a page");
    assert_eq!(subjects(&next), ["3", "2", "1"]);
}
