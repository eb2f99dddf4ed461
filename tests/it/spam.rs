//! The comment filter as its users meet it: the library's check, and the command.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use siftwire::spam::{CommentInput, Filter, Memory, Outcome, memory::fingerprint, normalise::View};

fn comment(content: &str) -> CommentInput {
    CommentInput { content: content.into(), ..CommentInput::default() }
}

fn outcome(content: &str) -> Outcome {
    Filter::embedded().check(&comment(content)).outcome
}

#[test]
fn the_shipped_model_loads() {
    assert!(Filter::embedded().has_model(), "train it again: see models/comments/README.md");
}

#[test]
fn plain_scams_are_spam() {
    for scam in [
        "My account manager Mrs Hortensia Quill made me 12 BTC in two weeks, mail her at hortensiaquilltrade@gmail.com",
        "He recovered my stolen coins when the police gave up. Contact coinreclaim.agent@proton.me or WhatsApp +1 555 010 4433",
        "Professional hacker for hire: WhatsApp, Facebook, credit score, school grades. blackgate.services@mail.example",
    ] {
        assert_eq!(outcome(scam), Outcome::Spam, "{scam}");
    }
}

#[test]
fn disguise_does_not_help() {
    for scam in [
        "𝐌𝐲 𝐚𝐜𝐜𝐨𝐮𝐧𝐭 𝐦𝐚𝐧𝐚𝐠𝐞𝐫 𝐌𝐫𝐬 𝐇𝐨𝐫𝐭𝐞𝐧𝐬𝐢𝐚 𝐦𝐚𝐝𝐞 𝐦𝐞 𝟏𝟐 𝐁𝐓𝐂 𝐢𝐧 𝐭𝐰𝐨 𝐰𝐞𝐞𝐤𝐬, mail her at hortensiaquilltrade@gmail.com",
        "My acc0unt manag3r made me pr0fit of 12 BTC, mail hortensiaquilltrade (at) gmail dot com",
    ] {
        assert_ne!(outcome(scam), Outcome::Ham, "{scam}");
    }
}

#[test]
fn readers_who_talk_about_scams_pass() {
    for genuine in [
        "Thanks for the write-up. The seed phrase part was new to me, does the wallet show a warning before it signs?",
        "We restored the database from the WAL with pg_waldump after the ransomware hit, took 14 hours. Test your backups.",
        "The stealer hides in a cracked game and sends cookies to a Telegram bot. Are the hashes in the report complete?",
        "Danke für den Artikel, die Anleitung hat auch unter Debian 12 funktioniert.",
    ] {
        assert_ne!(outcome(genuine), Outcome::Spam, "{genuine}");
    }
}

#[test]
fn contributions_add_up_to_the_score() {
    let verdict = Filter::embedded().check(&comment(
        "I made $9,400 with Mr Elias Thackeray, reach him on WhatsApp +1 555 010 4433",
    ));
    let sum: f32 = verdict.signals.iter().map(|s| s.weight).sum();
    assert!((sum - verdict.log_odds).abs() < 1e-3);
    assert!((1.0 / (1.0 + (-verdict.log_odds).exp()) - verdict.score).abs() < 1e-5);
    assert!(verdict.signals.len() > 3);
}

#[test]
fn the_second_sighting_of_a_campaign_counts() {
    let first = comment(
        "great garden notes, our tool shed in the valley opens at nine for you, ask at 4471",
    );
    let second = comment(
        "great garden notes, our tool shed in the valley opens at nine for you, ask at 9023",
    );
    let mut view = View::default();
    view.read(&first.content);
    let mut decided = Memory::default();
    decided.remember(fingerprint(&view.text).unwrap(), true);
    let filter = Filter::embedded();
    assert!(filter.check_with(&second, &decided).log_odds > filter.check(&second).log_odds + 1.0);
}

#[test]
fn hostile_comments_get_a_verdict() {
    let bomb = format!("{}x{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
    let links = "<a href=\"http://pills.example\">pills</a> ".repeat(10_000);
    for content in [
        "",
        " \n\t ",
        "🎉🎉🎉🎉",
        "\u{200B}\u{FEFF}",
        &"a".repeat(1 << 20),
        &"@".repeat(100_000),
        &"<".repeat(100_000),
        &"[url=".repeat(50_000),
        &"\"".repeat(100_000),
        &"e\u{0301}\u{0301}".repeat(60_000),
        &bomb,
        &links,
        &String::from_utf8_lossy(b"\xff\xfe\x00broken\xc3"),
    ] {
        let verdict = Filter::embedded().check(&comment(content));
        assert!((0.0..=1.0).contains(&verdict.score));
    }
}

#[test]
fn rules_take_over_without_a_model() {
    let filter = Filter::rules_only();
    let scam = "I was scammed, Mrs Ada Ironwood recovered my lost bitcoin. Contact her: ada.recovery@gmail.com, WhatsApp +1 555 010 4433";
    assert_ne!(filter.check(&comment(scam)).outcome, Outcome::Ham);
    assert_eq!(filter.check(&comment("Typo in step 3, the port is 8443.")).outcome, Outcome::Ham);
}

#[test]
fn damaged_models_are_refused() {
    let mut bytes = std::fs::read("models/comments/model.bin").unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert_eq!(Filter::from_bytes(&bytes).unwrap_err().code(), "model-damaged");
    assert_eq!(Filter::from_bytes(b"hello").unwrap_err().code(), "model-not-a-model");
}

fn siftwire(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn check_reads_lines_and_reports_bad_ones() {
    let out = siftwire(
        &["comments", "check"],
        "{\"id\": 1, \"content\": \"nice post, thanks\"}\n{oops\n{\"id\":\"2\",\"content\":\"hello\"}\n",
    );
    assert_eq!(out.status.code(), Some(1));
    let lines: Vec<serde_json::Value> = String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["id"], "1");
    assert!(lines[0]["verdict"].is_string() && lines[0]["score"].is_number());
    assert!(String::from_utf8_lossy(&out.stderr).contains("line 2"));
}

#[test]
fn check_reads_csv() {
    let out = siftwire(
        &["comments", "check", "--format", "csv"],
        "comment_id;comment_author;comment_content\n5;Ann;\"thanks; it works\"\n",
    );
    assert_eq!(out.status.code(), Some(0));
    let line: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(line["id"], "5");
}

/// The repository alone is enough to train a model that works; on few comments here, to be quick.
#[test]
fn train_and_evaluate() {
    let dir = tempfile::tempdir().unwrap();
    let model = dir.path().join("model");
    let out = siftwire(
        &["comments", "train", "--corpus", "data/comments/blog.jsonl", "--out", path(&model)],
        "",
    );
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(std::fs::read_to_string(model.join("README.md")).unwrap().contains("Seed 7"));
    let out = siftwire(
        &["comments", "evaluate", "--model", path(&model), "--json", "data/comments/blog.jsonl"],
        "",
    );
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(report["all"]["auc"].as_f64().unwrap() > 0.95);
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
