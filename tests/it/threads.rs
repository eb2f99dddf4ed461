//! Comment threads of the systems that make most pages.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use scraper::Html;
use siftwire::extract::threads::{Threads, find};
use url::Url;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/threads")
}

fn fixture(name: &str) -> String {
    fs::read_to_string(folder().join(name)).expect("a fixture")
}

fn read(html: &str) -> Threads {
    find(&Html::parse_document(html), Url::parse("https://blog.example/post").ok().as_ref())
}

/// Comments and what else is known of the thread.
fn summary(name: &str) -> serde_json::Value {
    let threads = read(&fixture(name));
    serde_json::json!({
        "comments": threads.comments,
        "provider": threads.provider,
        "is_thread_page": threads.is_thread_page,
        "declared_count": threads.declared_count,
    })
}

#[test]
fn threads_of_each_system_are_read() {
    let mut names: Vec<String> = fs::read_dir(folder())
        .expect("the fixtures")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names {
        insta::assert_json_snapshot!(name.trim_end_matches(".html").to_owned(), summary(&name));
    }
}

#[test]
fn boxes_hold_all_comments_and_nothing_of_the_article() {
    for name in [
        "wordpress-classic.html",
        "wordpress-html5.html",
        "blogger-threaded.html",
        "drupal.html",
        "static-site.html",
        "no-comments.html",
    ] {
        let html = fixture(name);
        let document = Html::parse_document(&html);
        let threads = find(&document, None);
        let left_out: String = document
            .tree
            .nodes()
            .filter(|node| node.ancestors().any(|up| threads.nodes.contains(&up.id())))
            .filter_map(|node| node.value().as_text().map(|text| text.to_string()))
            .collect();
        for comment in &threads.comments {
            let first = comment.text.lines().next().unwrap_or_default();
            assert!(left_out.contains(first), "{name}: {first}");
        }
        assert!(!threads.nodes.is_empty(), "{name}");
        for article in [
            "under attack",
            "langer Text",
            "Long text of a post",
            "Node text",
            "opinion piece",
            "Build notes",
        ] {
            assert!(!left_out.contains(article), "{name}: {article}");
        }
    }
}

#[test]
fn ids_are_the_same_on_every_read() {
    let html = fixture("unknown-siblings.html");
    assert_eq!(read(&html).comments, read(&html).comments);
}

#[test]
fn ten_thousand_comments_are_the_most_that_is_kept() {
    let one = "<li class=comment><cite class=fn>A</cite><p class=comment-text>b</p>";
    let html = format!("<ol class=comment-list>{}</ol>", one.repeat(12_000));
    assert_eq!(read(&html).comments.len(), 10_000);
}

#[test]
fn deep_threads_are_read() {
    let one = "<ol class=children><li class=comment><cite class=fn>A</cite><p>b</p>";
    let threads = read(&one.repeat(200));
    assert!(threads.comments.len() <= 200);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_pages_do_no_harm(which in 0_usize..15, cuts in prop::collection::vec((0.0_f64..1.0, 0_usize..40, "[<>a-z/\"' ]{0,6}"), 0..12)) {
        let mut names: Vec<PathBuf> = fs::read_dir(folder()).expect("the fixtures").filter_map(|entry| Some(entry.ok()?.path())).collect();
        names.sort();
        let mut html: Vec<char> = fs::read_to_string(&names[which % names.len()]).expect("a fixture").chars().collect();
        for (place, length, instead) in cuts {
            let from = (place * html.len() as f64) as usize;
            let to = (from + length).min(html.len());
            html.splice(from..to, instead.chars());
        }
        let html: String = html.into_iter().collect();
        for comment in read(&html).comments {
            prop_assert!(!comment.text.is_empty() && !comment.id.is_empty());
        }
    }
}
