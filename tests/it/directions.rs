//! Holds the directions between the rooms: who may know whom.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Room, and the rooms it may name.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &[]),
    ("extract", &["domain"]),
    ("learn", &[]),
    ("enrich", &["domain", "learn"]),
    ("spam", &["domain", "learn"]),
    ("exchange", &["domain", "extract", "spam"]),
    ("export", &["domain"]),
    ("store", &["domain"]),
    ("accounts", &["domain", "store"]),
    ("alert", &["config", "crawl", "domain", "search", "store"]),
    ("desk", &["domain", "enrich", "store"]),
    ("search", &["domain", "store"]),
    ("gather", &["domain", "export", "search", "store"]),
    ("moderation", &["domain", "spam", "store"]),
    ("taxii", &["domain", "export", "gather", "search", "store"]),
    ("crawl", &["config", "domain", "extract", "store"]),
    (
        "serve",
        &[
            "accounts",
            "alert",
            "config",
            "crawl",
            "domain",
            "export",
            "extract",
            "gather",
            "moderation",
            "search",
            "spam",
            "store",
            "taxii",
        ],
    ),
    (
        "cli",
        &[
            "accounts",
            "alert",
            "config",
            "crawl",
            "desk",
            "domain",
            "enrich",
            "exchange",
            "export",
            "extract",
            "gather",
            "moderation",
            "search",
            "serve",
            "spam",
            "store",
            "taxii",
        ],
    ),
];

/// Rooms that take bytes and types and give types: no network, no database, no clock.
const PURE: &[&str] = &["domain", "learn", "extract", "enrich", "spam", "exchange", "export"];
const IMPURE_NAMES: &[&str] = &[
    "reqwest::",
    "sqlx::",
    "tokio::",
    "std::net::Tcp",
    "std::fs",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
];

fn sources_of(room: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![src.join(room)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a room is a folder") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// The rooms named in a source text, as `crate::room` or within `crate::{...}`.
fn rooms_named(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(group_heads(group)),
            None => rooms.extend(identifier(rest)),
        }
    }
    rooms
}

/// The first names of the members of a `{...}` group whose opening brace has been read.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut at_start = true;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            letter if at_start && letter.is_alphabetic() => {
                heads.extend(identifier(&group[at..]));
                at_start = false;
            }
            _ => {}
        }
    }
    heads
}

fn identifier(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// Source without line comments, which may name anything.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a readable source file");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn rooms_know_only_whom_they_may() {
    for (room, allowed) in DIRECTIONS {
        for file in sources_of(room) {
            for named in rooms_named(&code_of(&file)) {
                let is_room = DIRECTIONS.iter().any(|(name, _)| *name == named);
                let fine = !is_room || named == *room || allowed.contains(&named.as_str());
                assert!(fine, "{} must not know {named}", file.display());
            }
        }
    }
}

#[test]
fn pure_rooms_have_no_network_database_or_clock() {
    for room in PURE {
        for file in sources_of(room) {
            let code = code_of(&file);
            for name in IMPURE_NAMES {
                assert!(!code.contains(name), "{} names {name}", file.display());
            }
        }
    }
}

#[test]
fn only_the_store_speaks_sql_and_only_the_edge_names_a_back_end() {
    for (room, _) in DIRECTIONS {
        for file in sources_of(room) {
            let code = code_of(&file);
            let path = file.display();
            assert!(*room == "store" || !code.contains("sqlx::"), "{path} speaks SQL");
            let may_name = ["store", "cli"].contains(room);
            assert!(may_name || !code.contains("SqliteStore"), "{path} names SQLite");
        }
    }
}

#[test]
fn every_room_has_a_direction() {
    let lib = code_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    for line in lib.lines() {
        let Some(name) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'))
        else {
            continue;
        };
        assert!(DIRECTIONS.iter().any(|(room, _)| *room == name), "{name} has no direction");
    }
}

#[test]
fn names_are_read_from_groups() {
    let named = rooms_named("use crate::{\n domain::{Article, store},\n store,\n}; crate::a::b()");
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["a", "domain", "store"]);
}
