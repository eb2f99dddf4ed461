//! Comment exports as a blog owner meets them: every format in, verdicts and the same file with decisions out.

use std::{
    fs,
    io::{Read, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use proptest::prelude::*;
use serde_json::{Value, json};
use siftwire::{
    exchange::{self, Format, Part, Record},
    spam::{Filter, Outcome, Verdict},
    store::{IssoFile, IssoMode},
};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/comments");
const FILES: [(&str, Format); 6] = [
    ("wordpress.xml", Format::Wxr),
    ("disqus.xml", Format::Disqus),
    ("blogger-classic.xml", Format::Blogger),
    ("blogger-takeout.atom", Format::Blogger),
    ("remark42.jsonl", Format::Remark42),
    ("comments.csv", Format::Csv),
];

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(FIXTURES).join(name)).unwrap()
}

fn parts(bytes: &[u8], format: Option<Format>) -> Vec<Part> {
    let reader = exchange::open(std::io::Cursor::new(bytes.to_vec()), format).unwrap();
    reader.map(Result::unwrap).collect()
}

fn comments(parts: &[Part]) -> Vec<&Record> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Comment(record) => Some(record.as_ref()),
            _ => None,
        })
        .collect()
}

fn shown(part: &Part) -> Option<Value> {
    match part {
        Part::Verbatim(_) => None,
        Part::Damaged(damage) => {
            Some(json!({ "damaged": damage.reason, "line": damage.place.line }))
        }
        Part::Comment(record) => {
            let comment = &record.comment;
            let input = &comment.input;
            Some(json!({
                "line": record.place.line,
                "id": input.id,
                "author": input.author,
                "author_email": input.author_email,
                "author_url": input.author_url,
                "user_ip": input.user_ip,
                "content": input.content,
                "date": input.date,
                "context": input.context,
                "context_text": input.context_text,
                "parent": comment.parent,
                "page": comment.page,
                "kind": comment.kind,
                "state": comment.state.word(),
            }))
        }
    }
}

fn verdict(outcome: Outcome) -> Verdict {
    let mut verdict = Filter::rules_only().check(&siftwire::spam::CommentInput::default());
    (verdict.outcome, verdict.score) = (outcome, 0.5);
    verdict
}

/// The file with one decision on all comments.
fn decided(parts: &[Part], outcome: Outcome) -> Vec<u8> {
    let verdict = verdict(outcome);
    let bytes = parts.iter().flat_map(|part| match part {
        Part::Comment(record) => record.decided(&verdict),
        other => other.raw().to_vec(),
    });
    bytes.collect()
}

#[test]
fn every_format_is_read_into_one_type() {
    for (name, format) in FILES {
        let bytes = fixture(name);
        assert_eq!(Format::sniff(&bytes).unwrap(), format, "{name}");
        let read: Vec<Value> = parts(&bytes, None).iter().filter_map(shown).collect();
        insta::assert_json_snapshot!(name, read);
    }
}

#[test]
fn what_is_not_decided_about_is_kept_to_the_byte() {
    for (name, format) in FILES {
        if format == Format::Csv {
            continue; // The header gets two columns more.
        }
        let bytes = fixture(name);
        let again: Vec<u8> = parts(&bytes, None).iter().flat_map(|p| p.raw().to_vec()).collect();
        assert_eq!(again, bytes, "{name}");
    }
}

#[test]
fn decisions_are_read_back_as_they_were_written() {
    for (name, format) in FILES {
        let bytes = fixture(name);
        let before = parts(&bytes, None);
        let spam = decided(&before, Outcome::Spam);
        insta::assert_snapshot!(format!("{name}-spam"), String::from_utf8_lossy(&spam));
        for outcome in [Outcome::Ham, Outcome::Unsure, Outcome::Spam] {
            let once = decided(&before, outcome);
            let again = parts(&once, Some(format));
            assert_eq!(comments(&again).len(), comments(&before).len(), "{name}");
            assert_eq!(decided(&again, outcome), once, "{name} is written twice alike");
        }
    }
}

#[test]
fn an_encoding_that_is_not_utf_8_is_read_and_kept() {
    let text = "<?xml version='1.0' encoding='ISO-8859-1'?><disqus><post dsq:id='1'><message>Grüße aus Köln</message>\
                <isSpam>false</isSpam></post></disqus>";
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(text);
    let read = parts(&bytes, None);
    assert_eq!(comments(&read)[0].comment.input.content, "Grüße aus Köln");
    let spam = decided(&read, Outcome::Spam);
    let text = text.replace("false", "true");
    let (expected, ..) = encoding_rs::WINDOWS_1252.encode(&text);
    assert_eq!(spam, expected.into_owned());
}

#[test]
fn prefixes_that_another_tool_chose_are_fine() {
    let text = "<rss xmlns:ns0=\"http://wordpress.org/export/1.2/\"><channel><item><title>T</title><ns0:comment>\
                <ns0:comment_id>5</ns0:comment_id><ns0:comment_content>x</ns0:comment_content></ns0:comment></item></channel></rss>";
    let read = parts(text.as_bytes(), None);
    assert_eq!(comments(&read)[0].comment.input.id, "5");
    let spam = String::from_utf8(decided(&read, Outcome::Spam)).unwrap();
    assert!(
        spam.contains("<ns0:comment_approved>spam</ns0:comment_approved></ns0:comment>"),
        "{spam}"
    );
}

#[test]
fn hostile_xml_costs_neither_memory_nor_other_comments() {
    let good = "<post dsq:id='9'><message>hello</message></post>";
    let bomb = "<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let deep = "<a>".repeat(200_000);
    let huge = "x".repeat(exchange::MAX_RECORD + 100_000);
    for (hostile, damages) in [
        (format!("{bomb}<post><message>&b;&b;</message></post>"), 0),
        (format!("<post><message>{deep}</message></post>"), 1),
        (format!("<post><message>{huge}</message></post>"), 1),
        (format!("<post><message><![CDATA[{huge}]]></message></post>"), 1),
        ("<post><message>not closed".to_owned(), 1),
        (format!("<post {}>", "a".repeat(1_000_000)), 0),
        ("<".repeat(1_000_000), 0),
        ("<post>".repeat(10), 10),
        ("<post><message>a\0b</message></post>".to_owned(), 0),
        ("</post></post><![CDATA[ ]]>".to_owned(), 0),
    ] {
        let file = format!("<disqus>{hostile}\n{good}</disqus>");
        let read = parts(file.as_bytes(), Some(Format::Disqus));
        let damaged = read.iter().filter(|part| matches!(part, Part::Damaged(_))).count();
        let start = &hostile[..hostile.len().min(80)];
        assert_eq!(damaged, damages, "{start}");
        assert!(comments(&read).iter().any(|r| r.comment.input.id == "9"), "{start}");
        assert!(comments(&read).iter().all(|r| r.comment.input.content.len() < 100), "{start}");
        assert!(read.iter().all(|part| part.raw().len() <= exchange::MAX_RECORD + 200_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is done to a file, nothing is lost and nothing breaks.
    #[test]
    fn damaged_files_are_read_to_their_end(
        which in 0usize..FILES.len(),
        cuts in prop::collection::vec((0.0f64..1.0, 0usize..40, ".{0,12}"), 0..6),
        forced in 0usize..6,
    ) {
        let (name, _) = FILES[which];
        let mut bytes = fixture(name);
        for (at, length, instead) in cuts {
            let at = (bytes.len() as f64 * at) as usize;
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, instead.bytes());
        }
        let format = FILES[forced].1;
        if format == Format::Csv {
            return Ok(());
        }
        let read = parts(&bytes, Some(format));
        let again: Vec<u8> = read.iter().flat_map(|part| part.raw().to_vec()).collect();
        prop_assert_eq!(again, bytes);
        decided(&read, Outcome::Spam);
    }

    #[test]
    fn any_bytes_are_some_csv(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b','), Just(b'\n')], 0..400)) {
        let file = [b"id,content\n", bytes.as_slice()].concat();
        let read = parts(&file, Some(Format::Csv));
        let again: Vec<u8> = read.iter().skip(1).flat_map(|part| part.raw().to_vec()).collect();
        prop_assert_eq!(again, bytes);
        decided(&read, Outcome::Spam);
    }
}

fn siftwire(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siftwire"));
    command.args(["comments", "check"]).args(args).output().unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn a_wordpress_export_is_sifted_and_written_back() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("sifted.xml");
    let source = format!("{FIXTURES}/wordpress.xml");
    let out = siftwire(&["--write", path(&copy), &source]);
    assert_eq!(out.status.code(), Some(1), "one comment is damaged");
    assert!(String::from_utf8_lossy(&out.stderr).contains("line 48"), "{out:?}");
    let lines: Vec<Value> = String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let verdicts: Vec<_> =
        lines.iter().map(|l| (l["id"].as_str(), l["verdict"].as_str())).collect();
    assert_eq!(verdicts[0], (Some("101"), Some("ham")));
    assert_eq!(verdicts[1], (Some("102"), Some("spam")));
    let (before, after) = (fixture("wordpress.xml"), fs::read(&copy).unwrap());
    let expected = String::from_utf8(before)
        .unwrap()
        .replacen("<wp:comment_approved><![CDATA[0]]>", "<wp:comment_approved><![CDATA[1]]>", 1)
        .replacen("<wp:comment_approved>1<", "<wp:comment_approved>spam<", 1);
    assert_eq!(String::from_utf8(after).unwrap(), expected);
    assert!(!folder.path().join("sifted.xml.part").exists());
}

#[test]
fn what_the_blog_has_decided_can_be_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("sifted.xml");
    siftwire(&["--waiting-only", "--write", path(&copy), &format!("{FIXTURES}/wordpress.xml")]);
    let after = fs::read_to_string(copy).unwrap();
    assert!(after.contains("<wp:comment_approved>1<"), "published spam stays published");
    assert!(after.contains("<wp:comment_approved><![CDATA[1]]>"), "what waited is decided");
}

#[test]
fn a_report_says_what_stands_out() {
    let out = siftwire(&["--report", &format!("{FIXTURES}/disqus.xml")]);
    assert_eq!(out.status.code(), Some(0));
    let report = String::from_utf8(out.stdout).unwrap();
    assert!(report.contains("Published, but looks like spam"), "{report}");
    assert!(report.contains("9002  Crypto Desk: "), "{report}");
    assert!(report.contains("published"), "{report}");
}

#[test]
fn compressed_exports_stay_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&fixture("remark42.jsonl")).unwrap();
    let whole = gzip.finish().unwrap();
    let source = written(folder.path(), "backup.gz", &whole);
    let copy = folder.path().join("sifted.gz");
    let out = siftwire(&["--write", path(&copy), path(&source)]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("line 5"), "{out:?}");
    let mut text = String::new();
    GzDecoder::new(fs::File::open(copy).unwrap()).read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("\"delete\":true").count(), 2);

    let source = written(folder.path(), "half.gz", &whole[..whole.len() - 40]);
    let copy = folder.path().join("half-sifted.gz");
    let out = siftwire(&["--write", path(&copy), path(&source)]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("cut off"), "{out:?}");
    assert!(!copy.exists(), "half a file is no copy");
}

#[test]
fn a_truncated_export_gives_what_it_has_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fixture("wordpress.xml");
    let end = bytes.windows(13).position(|w| w == b"akismet_resul").unwrap();
    let source = written(folder.path(), "half.xml", &bytes[..end]);
    let out = siftwire(&[path(&source)]);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(out.stdout.iter().filter(|byte| **byte == b'\n').count(), 1);
    assert!(String::from_utf8_lossy(&out.stderr).contains("the file ends within it"), "{out:?}");
}

#[test]
fn wrong_files_are_refused_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, advice) in [
        ("empty.xml", &b""[..], "the file is empty"),
        ("image.png", b"\x89PNG\r\n\x1a\n\0\0", "no comment export"),
        ("takeout.zip", b"PK\x03\x04...", "unpack it"),
        ("page.html", b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        ("feed.xml", b"<rss version='2.0'><channel></channel></rss>", "looks like a feed"),
        ("list.json", b"[{\"content\": 1}]", "one comment a line"),
        ("table.csv", b"a,b,c\n1,2,3\n", "no column holds the comment"),
        ("other.db", b"SQLite format 3\0", "cannot read"),
    ] {
        let source = written(folder.path(), name, bytes);
        let out = siftwire(&[path(&source)]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(advice), "{name}: {said}");
        assert!(out.stdout.is_empty());
    }
    let out = siftwire(&["no-such-file.xml"]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("cannot open no-such-file.xml"));
    let source = written(folder.path(), "a.jsonl", b"{\"content\":\"x\"}\n");
    let out = siftwire(&["--write", path(&source), path(&source)]);
    assert_eq!(out.status.code(), Some(2), "a file is not written over itself");
}

/// An Isso database, as Isso makes it.
async fn isso(file: &Path) {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(false);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    for statement in [
        "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256))",
        "CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, \
         created FLOAT NOT NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, \
         author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0, \
         dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0)",
        "INSERT INTO threads VALUES (1, '/harbour/', 'Ransomware at the harbour authority')",
        "INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author, voters) VALUES \
         (1, 1, NULL, 1740909840.5, 2, '192.0.2.0', 'We had the same with our cranes. Did the tapes hold \
          the PLC projects, too?', 'Petra', x''), \
         (1, 2, 1, 1740916800.0, 1, '198.51.100.0', 'My account manager Mrs Hortensia Quill made me 12 BTC in two \
          weeks, mail her at hortensiaquilltrade@gmail.com or WhatsApp +1 555 010 4433', 'Crypto Desk', x''), \
         (1, 3, NULL, 0, 4, NULL, '', NULL, x''), \
         (9, 4, NULL, 1740916800.0, 1, NULL, CAST(x'6869ff' AS TEXT), NULL, x'')",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_isso_database_is_read_and_copied() {
    let folder = tempfile::tempdir().unwrap();
    let (source, copy) = (folder.path().join("comments.db"), folder.path().join("sifted.db"));
    isso(&source).await;
    let before = fs::read(&source).unwrap();
    let out = siftwire(&["--write", path(&copy), path(&source)]);
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    assert_eq!(out.stdout.iter().filter(|byte| **byte == b'\n').count(), 4);
    assert_eq!(fs::read(&source).unwrap(), before, "the original is not touched");
    let file = IssoFile::open(&copy).await.unwrap();
    let modes: Vec<i64> = file.comments(0, 10).await.unwrap().iter().map(|c| c.mode).collect();
    let expected =
        [IssoMode::Published, IssoMode::Deleted, IssoMode::Deleted].map(IssoMode::number);
    assert_eq!(modes[..3], expected);
}

/// Needs two gigabytes of disk and some minutes: `cargo test --test it -- --ignored --nocapture gigabyte`.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "writes a gigabyte"]
fn a_gigabyte_is_checked_in_little_memory() {
    const GIGABYTE: u64 = 1 << 30;
    const MOST: u64 = 300 << 20;
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("huge.xml");
    let bytes = fixture("wordpress.xml");
    let at = |text: &[u8]| bytes.windows(text.len()).position(|window| window == text).unwrap();
    let (items, end) = (at(b"\t<item>"), at(b"</channel>"));
    let mut file = std::io::BufWriter::new(fs::File::create(&source).unwrap());
    file.write_all(&bytes[..items]).unwrap();
    // Posts are most of a real export; a few comments are as long as any may be.
    let item = String::from_utf8_lossy(&bytes[items..end]);
    let post =
        item.replace("from tape backups.", &"from tape backups, crane by crane. ".repeat(2_000));
    let long =
        item.replace("Thanks for the write-up", &"Thanks for the write-up. ".repeat(600_000));
    let mut length = 0;
    while length < GIGABYTE {
        let piece = if length >> 20 & 0x7f == 0x40 { &long } else { &post };
        file.write_all(piece.as_bytes()).unwrap();
        length += piece.len() as u64;
    }
    file.write_all(&bytes[end..]).unwrap();
    file.into_inner().unwrap();
    let started = std::time::Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(["comments", "check", "--report", "--write", path(&folder.path().join("out.xml"))])
        .arg(&source)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
        peak = peak.max(kilobytes << 10);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let seconds = started.elapsed().as_secs();
    println!("{} MiB at most for {} MiB, in {seconds} s", peak >> 20, length >> 20);
    assert!(peak > 0 && peak < MOST, "{} MiB", peak >> 20);
}

fn comments_command(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siftwire"));
    command.args(["--data", path(data), "comments"]).args(args).output().unwrap()
}

#[test]
fn a_blogs_history_is_imported_once_and_exported_with_its_labels() {
    let folder = tempfile::tempdir().unwrap();
    let site = "https://kettle.example";
    let source = format!("{FIXTURES}/disqus.xml");
    let export = |format: &str| {
        let out = comments_command(folder.path(), &["export", "--site", site, "--format", format]);
        assert_eq!(out.status.code(), Some(0), "{out:?}");
        out.stdout
    };
    let out =
        comments_command(folder.path(), &["import", &source, "--site", "https://kettle.example/"]);
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        said.contains("2 comments for https://kettle.example: 1 approved, 0 unsure, 1 spam"),
        "{said}"
    );
    assert!(said.contains("1 deleted"), "{said}");

    let before = parts(&export("jsonl"), Some(Format::Jsonl));
    assert_eq!(comments(&before).len(), 2, "the filter's verdicts are no labels");
    assert!(!String::from_utf8(export("jsonl")).unwrap().contains("\"label\":\"spam\""));

    let learn = ["import", &source, "--site", site, "--learn"];
    let out = comments_command(folder.path(), &learn);
    assert!(String::from_utf8_lossy(&out.stderr).contains("decision"), "{out:?}");
    let lines: Vec<Value> = String::from_utf8(export("jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "nothing is there twice");
    // The blog published both, so both are labelled as published, whatever the filter thought.
    assert!(lines.iter().all(|line| line["label"] == "ham" && line["state"] == "approved"));
    let out = comments_command(folder.path(), &learn);
    assert!(!String::from_utf8_lossy(&out.stderr).contains("decision"), "nothing is decided twice");
    assert_eq!(comments(&parts(&export("csv"), Some(Format::Csv))).len(), 2);

    let out = comments_command(folder.path(), &["export", "--site", "https://other.example"]);
    assert_eq!(out.status.code(), Some(1));
    let out = comments_command(folder.path(), &["import", &source, "--site", "ftp://kettle"]);
    assert_eq!(out.status.code(), Some(2));
}
