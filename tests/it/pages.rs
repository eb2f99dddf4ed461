//! Pages shaped like those of real publishing systems, hostile pages, and mutated pages.

use proptest::prelude::*;
use siftwire::{
    domain::{ArticleKind, Extracted},
    extract::page::{ExtractError, PageLimits, extract},
};
use url::Url;

const WORDPRESS: &str = include_str!("../fixtures/pages/wordpress.html");
const TABLES: &str = include_str!("../fixtures/pages/table_layout.html");
const FORUM: &str = include_str!("../fixtures/pages/forum.html");

fn read(page: &str, url: &str) -> Extracted {
    let url = Url::parse(url).expect("a test address");
    extract(page.as_bytes(), Some(&url), None, &PageLimits::default()).expect("a page")
}

#[test]
fn a_blog_post_is_read_whole() {
    insta::assert_json_snapshot!(read(WORDPRESS, "https://blog.example/2026/05/harbour-clinic/"), {
        ".confidence" => "[0 to 1]"
    });
}

#[test]
fn text_in_cells_with_breaks_is_read() {
    let found = read(TABLES, "http://old.example/log.html");
    assert!(found.text.starts_with("Am Montag fiel"), "{}", found.text);
    assert!(found.text.contains("\n\nDie Ursache"), "{}", found.text);
    assert!(!found.text.contains("Startseite"), "{}", found.text);
    assert_eq!(found.language.as_deref(), Some("de"));
}

#[test]
fn the_posts_of_a_thread_are_its_text() {
    let found = read(FORUM, "https://forum.example/viewtopic.php?t=12");
    assert_eq!(found.kind, ArticleKind::Thread);
    for post in [
        "The update broke our mail gateway",
        "Roll back to the version before",
        "That worked, thank you",
    ] {
        assert!(found.text.contains(post), "{post}: {}", found.text);
    }
}

#[test]
fn a_canonical_address_of_another_site_is_not_believed() {
    let page = "<link rel=canonical href='https://other.example/x'><p>text of the page</p>";
    let found = read(page, "https://blog.example/post");
    assert_eq!(found.canonical_url.as_deref(), Some("https://blog.example/post"));
}

#[test]
fn limits_are_reported_by_name() {
    let limits = PageLimits { bytes: 10, ..PageLimits::default() };
    let error = extract(b"<p>more than ten bytes", None, None, &limits).expect_err("too large");
    assert_eq!(error.code(), "page-too-large");
    assert!(matches!(extract(b" \n", None, None, &limits), Err(ExtractError::Empty)));
}

#[test]
fn hostile_pages_come_to_an_end() {
    let deep = |tag: &str| format!("<{tag}>").repeat(10_000);
    let attributes: String = (0..10_000).map(|n| format!(" a{n}=b")).collect();
    let pages = [
        deep("div"),
        deep("table><tr><td"),
        deep("b"),
        deep("a href=x"),
        deep("p><b"),
        deep("ul><li"),
        deep("blockquote><i"),
        deep("svg><g"),
        deep("select><option"),
        "</x>".repeat(50_000),
        "<p>word ".repeat(10_000),
        "<h2>Related</h2><p>a".repeat(5_000),
        "<article><h1>t</h1>".repeat(5_000),
        format!("<div{attributes}>text"),
        format!("<script type='application/ld+json'>{}", "[".repeat(20_000)),
        "<span class='share related comment author date'>x</span>".repeat(2_000),
        "\0".repeat(10_000),
    ];
    for page in pages {
        let _ = extract(page.as_bytes(), None, None, &PageLimits::default());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn mutated_pages_never_panic(
        which in 0usize..3,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut page = [WORDPRESS, TABLES, FORUM][which].as_bytes().to_vec();
        for (from, to, byte) in cuts {
            let (from, to) = (from.index(page.len()), to.index(page.len()));
            page.swap(from, to);
            page[from] = byte;
            if from < to && to - from < 40 {
                page.drain(from..to);
            }
        }
        let url = Url::parse("https://blog.example/post").expect("a test address");
        let found = extract(&page, Some(&url), None, &PageLimits::default());
        prop_assert!(found.is_ok_and(|found| (0.0..=1.0).contains(&found.confidence)));
    }
}
