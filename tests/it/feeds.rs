//! `siftwire parse-feed` as its user meets it, and the shape of its output.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds").join(name)
}

fn parse_feed(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .arg("parse-feed")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("the program ends")
}

fn feed(name: &str, url: &str) -> Value {
    let path = fixture(name);
    let output = parse_feed(&["--url", url, path.to_str().expect("a path")], b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn a_wordpress_feed() {
    insta::assert_json_snapshot!(feed("wordpress.xml", "https://harbour.example/feed/"));
}

#[test]
fn a_blogger_feed() {
    insta::assert_json_snapshot!(feed("blogger.xml", "https://kite.example/feeds/posts/default"));
}

#[test]
fn a_broken_feed_is_mended_and_says_so() {
    insta::assert_json_snapshot!(feed("broken.xml", "https://quill.example/feed"));
}

#[test]
fn a_loose_json_feed() {
    insta::assert_json_snapshot!(feed("loose.json", "https://roof.example/feed.json"));
}

#[test]
fn a_batch_answers_in_order_and_in_place() {
    let gzipped = tempfile::NamedTempFile::with_suffix(".gz").expect("a file");
    let bytes = std::fs::read(fixture("wordpress.xml")).expect("a fixture");
    let mut encoder = flate2::write::GzEncoder::new(&gzipped, flate2::Compression::fast());
    encoder.write_all(&bytes).and_then(|()| encoder.finish().map(drop)).expect("written");
    let mut list = String::new();
    for number in 0..200 {
        let path = match number % 4 {
            0 => fixture("wordpress.xml"),
            1 => gzipped.path().to_owned(),
            2 => fixture("missing.xml"),
            _ => fixture("../../it/main.rs"),
        };
        let line = serde_json::json!({"id": number, "url": "https://ex.org/", "path": path});
        list.push_str(&format!("{line}\n"));
    }
    list.push_str("not json\n");
    let output = parse_feed(&["--batch"], list.as_bytes());
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 201);
    for (number, line) in lines.iter().take(200).enumerate() {
        assert_eq!(line["id"], number);
        match number % 4 {
            0 | 1 => assert_eq!(line["entries"].as_array().map(Vec::len), Some(2)),
            2 => assert_eq!(line["error"]["code"], "unreadable"),
            _ => assert_eq!(line["error"]["code"], "not-a-feed"),
        }
    }
    assert_eq!(lines[200]["error"]["code"], "bad-line");
}

#[test]
fn wrong_input_is_told_in_plain_words() {
    let page = parse_feed(&["-"], b"<!doctype html><html><body>Hi</body></html>");
    assert_eq!(page.status.code(), Some(1));
    let message = String::from_utf8_lossy(&page.stderr);
    assert!(message.contains("not a feed but an HTML page"), "{message}");
    assert_eq!(parse_feed(&["--url", "nonsense", "-"], b"").status.code(), Some(2));
    assert_eq!(parse_feed(&["-"], b"").status.code(), Some(1));
    assert_eq!(parse_feed(&["/nonexistent"], b"").status.code(), Some(1));
}
