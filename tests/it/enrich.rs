//! `siftwire enrich` as a program calls it: JSON Lines in, JSON Lines out.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

fn enrich(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .arg("enrich")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("an end")
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

const STORY: &str = "A ransomware attack took the photo storage of the camera maker offline on Tuesday, the company confirmed. Files \
    were stolen from servers in Tokyo, and a note asked for payment. The control server was evil-relay[.]net, investigators said. \
    Customers were told that no pictures leaked, and that systems are restored from backups this week.";

#[test]
fn every_line_has_the_keys_of_the_contract_and_the_order_is_kept() {
    let input: Vec<String> = (0..50)
        .map(|id| {
            json!({ "id": id, "url": "https://a.example/", "published": "2026-11-20", "title": "Photo storage offline", "text": STORY })
                .to_string()
        })
        .collect();
    let output = enrich(&[], &input.join("\n"));
    assert!(output.status.success());
    let lines = lines(&output);
    let ids: Vec<i64> = lines.iter().filter_map(|line| line["id"].as_i64()).collect();
    assert_eq!(ids, (0..50).collect::<Vec<_>>());
    let keys: Vec<&String> = lines[0].as_object().expect("an object").keys().collect();
    insta::assert_json_snapshot!("enrich-keys", keys);
    let indicator = &lines[0]["indicators"][0];
    assert_eq!(
        (&indicator["type"], &indicator["value"]),
        (&json!("domain"), &json!("evil-relay.net"))
    );
    assert_eq!(indicator["role"], "malicious");
    assert_eq!(lines[0]["language"], "en");
    assert_eq!((&lines[0]["incident"], &lines[0]["duplicate_of"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_line_that_cannot_be_read_is_told_with_its_number() {
    let input = format!("{{\"id\":\"a\",\"text\":\"x\"}}\nnonsense\n\n{}\n", json!({"id": "c"}));
    let output = enrich(&[], &input);
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    assert_eq!(lines[0]["id"], "a");
    for (line, number) in [(&lines[1], 2), (&lines[2], 4)] {
        assert_eq!(line["error"]["code"], "bad-line");
        let message = line["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(&format!("line {number}")), "{message}");
    }
}

#[test]
fn incidents_are_named_after_their_first_article_whatever_the_order_of_the_lines() {
    let line = |id: &str, day: u32, title: &str, text: &str| {
        json!({ "id": id, "url": format!("https://{id}.example/"), "published": format!("2026-11-{day}T10:00:00Z"),
                "title": title, "text": text })
        .to_string()
    };
    let other = "A dairy in Wisconsin stopped deliveries after its payroll system was encrypted over the weekend. Drivers were paid in cash \
        while technicians rebuilt the software. The cooperative said milk was never at risk, and the sheriff opened an inquiry.";
    let input = [
        line("late", 21, "Photo storage offline after ransomware", STORY),
        line("first", 20, "Camera maker: ransomware took photo storage", STORY),
        line("milk", 20, "Dairy stops deliveries", other),
    ]
    .join("\n");
    let output = enrich(&["--incidents"], &input);
    assert!(output.status.success());
    let lines = lines(&output);
    assert_eq!(
        lines.iter().map(|line| line["id"].clone()).collect::<Vec<_>>(),
        ["late", "first", "milk"]
    );
    assert_eq!(lines[0]["incident"], "first");
    assert_eq!(lines[0]["duplicate_of"], "first");
    assert_eq!(lines[1]["incident"], "first");
    assert_eq!(lines[1]["duplicate_of"], Value::Null);
    assert_ne!(lines[2]["incident"], "first");
}
