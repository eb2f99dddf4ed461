//! Feeds of all kinds, sound, broken and hostile.

use proptest::prelude::*;

use super::*;

const SOUND: &str = r#"<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>F</title><link>http://ex.org/</link><item><title>Alpha</title><link>http://ex.org/a</link><guid>1</guid>
<pubDate>Tue, 05 Mar 2024 10:20:30 GMT</pubDate><description>a &lt;b&gt;x&lt;/b&gt;</description><dc:creator>Ann</dc:creator></item>
<item><title>Beta</title><link>http://ex.org/b</link><guid>2</guid><description><![CDATA[<p>y</p>]]></description></item>
</channel></rss>"#;

fn read(text: &str) -> ParsedFeed {
    read_within(text.as_bytes(), &FeedLimits::default()).expect("a feed")
}

fn read_within(bytes: &[u8], limits: &FeedLimits) -> Result<ParsedFeed, FeedError> {
    parse(bytes, Url::parse("http://ex.org/feed").ok().as_ref(), None, limits)
}

fn titles(feed: &ParsedFeed) -> Vec<&str> {
    feed.entries.iter().map(|entry| entry.title.as_deref().unwrap_or("-")).collect()
}

#[test]
fn a_sound_feed_needs_no_repair() {
    let feed = read(SOUND);
    assert_eq!(titles(&feed), ["Alpha", "Beta"]);
    assert_eq!(feed.repairs, Vec::<String>::new());
    assert_eq!(feed.entries[0].summary.as_deref(), Some("a <b>x</b>"));
}

#[test]
fn every_kind_has_its_entries() {
    for text in [
        r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>F</title><items><rdf:Seq><rdf:li/></rdf:Seq></items></channel><item rdf:about="http://ex.org/a"><title>A</title><link>http://ex.org/a</link></item></rdf:RDF>"#,
        r#"<rdf:RDF xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>F</title></channel><item><title>A</title><link>http://ex.org/a</link></item></rdf:RDF>"#,
        r#"<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>F</title><entry><title>A</title><link rel="alternate" href="/a"/><modified>2024-03-05</modified></entry></feed>"#,
        r#"<feed xmlns="https://www.w3.org/2005/Atom/"><title>F</title><entry><title>A</title><link href="a"/></entry></feed>"#,
        r#"<x:feed xmlns:x="http://www.w3.org/2005/Atom"><x:title>F</x:title><x:entry><x:title>A</x:title><x:link href="a"/></x:entry></x:feed>"#,
        r#"<CHANNEL HREF="http://ex.org/"><TITLE>F</TITLE><ITEM HREF="http://ex.org/a"><TITLE>A</TITLE><ABSTRACT>x</ABSTRACT></ITEM></CHANNEL>"#,
        r#"<rss xmlns="http://example.org/unheard-of"><channel><title>F</title><item><title>A</title><guid>http://ex.org/a</guid></item></channel></rss>"#,
        r#"<rss><channel><title>F</title></channel><item><title>A</title><atom:link href="http://ex.org/a"/></item></rss>"#,
        r#"{"title":"F","items":[{"id":1,"url":"a","title":"A"}]}"#,
    ] {
        let feed = read(text);
        assert_eq!((feed.title.as_deref(), titles(&feed)), (Some("F"), vec!["A"]), "{text}");
        assert_eq!(feed.entries[0].link.as_deref(), Some("http://ex.org/a"), "{text}");
    }
}

#[test]
fn fields_of_other_elements_are_not_the_entrys() {
    let feed = read(
        r#"<feed xmlns="http://www.w3.org/2005/Atom"><entry><source><title>S</title><id>s</id><link href="s"/></source><id>urn:a</id><title>A</title><author><name>N</name><title>no</title></author></entry></feed>"#,
    );
    assert_eq!(titles(&feed), ["A"]);
    assert_eq!(feed.entries[0].id, "urn:a");
    let feed = read(
        "<rss><channel><image><title>I</title><link>/i</link></image><title>F</title></channel></rss>",
    );
    assert_eq!((feed.title.as_deref(), feed.link), (Some("F"), None));
}

#[test]
fn ids_are_stable_and_tell_entries_apart() {
    let text = "<rss><item><title>A</title></item><item><title>B</title></item></rss>";
    let ids = |feed: ParsedFeed| feed.entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>();
    let first = ids(read(text));
    assert_eq!(first, ids(read(text)));
    assert_ne!(first[0], first[1]);
    let shared = "<rss><item><guid>x</guid><link>/a</link></item><item><guid>x</guid><link>/b</link></item></rss>";
    assert_eq!(ids(read(shared)), ["http://ex.org/a", "http://ex.org/b"]);
}

#[test]
fn ambiguous_dates_follow_the_others_of_the_feed() {
    let feed = read(
        "<rss><item><link>/a</link><pubDate>05/03/2024</pubDate></item><item><link>/b</link><pubDate>28/02/2024</pubDate></item></rss>",
    );
    let date = feed.entries[0].published.map(|date| date.to_string());
    assert_eq!(date.as_deref(), Some("2024-03-05T00:00:00Z"));
}

#[test]
fn links_count_from_the_site_if_the_feed_has_no_address() {
    let text =
        "<rss><channel><link>http://ex.org/x/</link><item><link>a</link></item></channel></rss>";
    let feed = parse(text.as_bytes(), None, None, &FeedLimits::default()).expect("a feed");
    assert_eq!(feed.entries[0].link.as_deref(), Some("http://ex.org/x/a"));
}

#[test]
fn other_documents_are_refused_by_name() {
    for (text, found) in [
        ("<!doctype html><html><item>x</item></html>", "an HTML page"),
        ("<urlset><url/></urlset>", "a sitemap"),
        ("<opml><body/></opml>", "an OPML list"),
        ("hello", "plain text"),
        ("{\"a\":1}", "other JSON"),
    ] {
        assert_eq!(
            read_within(text.as_bytes(), &FeedLimits::default()),
            Err(FeedError::NotAFeed { found }),
            "{text}"
        );
    }
    assert_eq!(read_within(b" \n", &FeedLimits::default()), Err(FeedError::Empty));
}

#[test]
fn feeds_are_told_by_their_beginning() {
    assert!(looks_like_feed(SOUND.as_bytes(), None));
    assert!(looks_like_feed(b"\n<!-- x --><rdf:RDF>", None));
    assert!(looks_like_feed(b"{\"version\":\"https://jsonfeed.org/version/1.1\"", None));
    assert!(!looks_like_feed(b"<!DOCTYPE html><html><feed>", Some("application/rss+xml")));
    assert!(!looks_like_feed(b"{}", Some("application/json")));
}

#[test]
fn limits_are_kept_and_named() {
    let limits = FeedLimits {
        max_bytes: 10_000_000,
        max_entries: 10,
        max_depth: 16,
        max_attributes: 4,
        max_entity_bytes: 1_000,
        max_text_bytes: 1_000,
    };
    let item = "<item><title>A</title><link>/a</link></item>";
    for (what, text) in [
        ("entries (10)", format!("<rss>{}", item.repeat(50))),
        ("depth of elements (16)", format!("<rss>{}{item}", "<x>".repeat(100_000))),
        ("attributes of an element (4)", format!("<rss a='1' b='' c='' d='' e=''>{item}")),
        (
            "bytes of a text (1000)",
            format!("<rss><item><title>{}</title></item>", "x".repeat(2_000)),
        ),
        (
            "bytes made by entities (1000)",
            format!(
                "<!DOCTYPE x [<!ENTITY a '{}'><!ENTITY b '&a;&a;&a;'>]><rss><title>&b;</title>{item}",
                "x".repeat(900)
            ),
        ),
    ] {
        let feed = read_within(text.as_bytes(), &limits).expect("a feed");
        let repair = format!("limit reached: {what}");
        assert!(feed.repairs.contains(&repair), "{what}: {:?}", feed.repairs);
    }
    let large = vec![b' '; 10_000_001];
    assert_eq!(read_within(&large, &limits).map_err(|error| error.code()), Err("feed-too-large"));
}

/// Inputs made to cost much; each must end soon, which a quadratic reader would not.
#[test]
fn hostile_feeds_end_soon() {
    const TIMES: usize = 200_000;
    for part in [
        "<",
        "<![CDATA[",
        "<!--",
        "<?",
        "<!DOCTYPE",
        "&",
        "&amp",
        "<a b='",
        "<a b=\"<",
        "</x>",
        "<x>",
        "<x a=b>",
        "<item>",
        "<entry><title>",
        "<title>",
        "<rss>",
        "<rss xmlns='x'>",
        "<div>",
        "]]>",
        "<a b c d e",
        "<item><description><div>",
        "<description>&lt;div&gt;",
        "<link>",
        "<author>",
        "<category>x</category>",
    ] {
        let text =
            format!("<rss><item><title>A</title><description>{}", part.repeat(TIMES / part.len()));
        let _ = read_within(text.as_bytes(), &FeedLimits::default());
        let text = format!("<feed>{}", part.repeat(TIMES / part.len()));
        let _ = read_within(text.as_bytes(), &FeedLimits::default());
    }
    for part in ["[", "{\"a\":", "{\"items\":[", ",", "\""] {
        let _ = read_within(format!("{{{}", part.repeat(TIMES)).as_bytes(), &FeedLimits::default());
        let _ = read_within(part.repeat(TIMES).as_bytes(), &FeedLimits::default());
    }
}

proptest! {
    #[test]
    fn mutated_feeds_are_survived(
        cuts in prop::collection::vec((0..700_usize, 0..60_usize, "[<>&;/\"'=a-z!\\[\\]\\x00é ]{0,12}"), 1..8),
        utf16 in any::<bool>(),
    ) {
        let mut bytes = SOUND.as_bytes().to_vec();
        for (at, length, inserted) in cuts {
            let start = at.min(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, inserted.into_bytes());
        }
        if utf16 {
            bytes = String::from_utf8_lossy(&bytes).encode_utf16().flat_map(u16::to_be_bytes).collect();
        }
        if let Ok(feed) = read_within(&bytes, &FeedLimits::default()) {
            prop_assert!(feed.entries.len() <= 60);
            for entry in &feed.entries {
                prop_assert!(!entry.id.is_empty());
                prop_assert!(entry.link.as_deref().is_none_or(|link| Url::parse(link).is_ok()));
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_within(&bytes, &FeedLimits::default());
        looks_like_feed(&bytes, None);
    }
}
