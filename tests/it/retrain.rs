//! `siftwire comments retrain`: what the journal teaches becomes a model, if it is better.

use std::{path::Path, process::Output, sync::Arc};

use jiff::Timestamp;
use siftwire::{
    domain::{CommentState, DecisionVia},
    moderation::{Desk, Submission},
    spam::{CommentInput, Filter},
    store::{DecisionDraft, NewSite, SqliteStore, Store},
};
use tokio::process::Command;

use crate::moderation::{offer, remark};

async fn siftwire(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(arguments)
        .arg("--data")
        .arg(folder)
        .output()
        .await
        .expect("siftwire runs")
}

/// Checks and decides so many comments: offers are spam, remarks are not.
async fn fill_journal(folder: &Path, comments: usize) {
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("a store");
    let store: Arc<dyn Store> = Arc::new(store);
    let desk = Desk::new(store.clone(), Filter::embedded());
    let new = NewSite { url: "https://blog.example".into(), ..NewSite::default() };
    let site = store.ensure_site(&new, Timestamp::now()).await.expect("a site");
    let mut drafts = Vec::new();
    for n in 0..comments {
        // Each of another wording, so that they are no campaign.
        let content = if n % 2 == 0 { offer(n) } else { remark(n) };
        let words: Vec<&str> = content.split(' ').collect();
        let content = format!("{} {}", words[n % words.len()..].join(" "), n * 7_919);
        let input = CommentInput { author: format!("W{n}"), content, ..CommentInput::default() };
        let submission = Submission { input, ..Submission::default() };
        let checked = desk.check(site.id, submission, Timestamp::now()).await.expect("checked");
        let to = if n % 2 == 0 { CommentState::Spam } else { CommentState::Approved };
        drafts.push(DecisionDraft {
            comment: checked.id.expect("stored"),
            seen: None,
            to,
            actor: "mara".into(),
            via: DecisionVia::Page,
            reason: None,
            request: None,
        });
    }
    desk.decide(&drafts, Timestamp::now()).await.expect("decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_better_model_is_put_in_place_and_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = siftwire(folder.path(), &["comments", "retrain"]).await;
    assert_eq!(empty.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&empty.stderr).contains("too little to measure on"));

    fill_journal(folder.path(), 400).await;
    let model = folder.path().join("models/comments/model.bin");
    let dry = siftwire(folder.path(), &["comments", "retrain", "--dry-run"]).await;
    assert!(dry.status.success(), "{dry:?}");
    assert!(!model.exists());
    let output = siftwire(folder.path(), &["comments", "retrain"]).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("The new model is in"), "{output:?}");
    assert!(said.contains("log loss"), "{said}");
    assert!(model.exists());

    let file = folder.path().join("comments.jsonl");
    let line = serde_json::json!({ "id": "1", "content": offer(77_777) }).to_string();
    std::fs::write(&file, line).expect("written");
    let path = file.to_str().expect("a path");
    let checked = siftwire(folder.path(), &["comments", "check", path]).await;
    let verdict: serde_json::Value = serde_json::from_slice(&checked.stdout).expect("a verdict");
    assert_ne!(verdict["verdict"], "ham", "the data folder's model is used: {verdict}");
    // A damaged model is not used, and nothing fails.
    std::fs::write(&model, b"SIFTSPAM?").expect("written");
    let checked = siftwire(folder.path(), &["comments", "check", path]).await;
    assert!(checked.status.success(), "{checked:?}");
}
