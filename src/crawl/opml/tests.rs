use proptest::prelude::*;

use super::*;

const SAMPLE: &str = r#"<?xml version="1.0"?>
<opml version="1.1">
  <head><title>My &amp; your feeds</title></head>
  <body>
    <outline text="News">
      <outline text="Deutsch">
        <outline type="rss" text="K&uuml;stenblick &#8211; IT" XMLURL="https://ex.org/feed?a=1&b=2" htmlUrl="https://ex.org/"/>
      </outline>
      <outline title="Titel" text="Text" xmlurl='feed://ex.net/rss' language="en"/>
    </outline>
    <outline text="Flat" xmlUrl="https://ex.com/atom" category="/Tech/Security,/Other"/>
    <outline text="Mail" xmlUrl="mailto:a@ex.org"/>
    <outline text="Again" xmlUrl="https://ex.com/atom"/>
  </body>
</opml>"#;

#[test]
fn groups_titles_and_spellings_are_read() {
    let opml = read(SAMPLE.as_bytes()).expect("a sound file");
    assert_eq!(opml.title.as_deref(), Some("My & your feeds"));
    let found: Vec<_> = opml
        .sources
        .iter()
        .map(|s| (s.url.as_str(), s.title.as_str(), s.groups.join("/")))
        .collect();
    assert_eq!(
        found,
        [
            ("https://ex.org/feed?a=1&b=2", "Küstenblick – IT", "News/Deutsch".to_owned()),
            ("http://ex.net/rss", "Titel", "News".to_owned()),
            ("https://ex.com/atom", "Flat", "Tech/Security".to_owned()),
        ]
    );
    assert_eq!(opml.sources[0].site_url.as_deref(), Some("https://ex.org/"));
    assert_eq!(opml.sources[1].language.as_deref(), Some("en"));
    assert_eq!(opml.skipped.len(), 1);
    assert_eq!(opml.skipped[0].line, 12);
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    let cases = [
        ("<opml>\n<body>\n<outline text='a'>\n</body></opml>", "opml-malformed", "line 4"),
        ("<opml>\n<body>\n<outline text='a'>", "opml-malformed", "line 3"),
        ("<opml>\n<outline text='a", "opml-malformed", "line 2"),
        ("<html><body/></html>", "opml-missing", "not an OPML file"),
        ("", "opml-missing", "not an OPML file"),
    ];
    for (text, code, words) in cases {
        let error = read(text.as_bytes()).expect_err(text);
        assert_eq!(error.code(), code, "{text}");
        assert!(error.to_string().contains(words), "{text}: {error}");
    }
}

#[test]
fn limits_are_reported_by_name() {
    let deep = format!("<opml>{}", "<outline text='a'>".repeat(MAX_DEPTH));
    assert_eq!(read(deep.as_bytes()).expect_err("deep").code(), "opml-too-deep");
    let many: String =
        (0..=MAX_SOURCES).map(|n| format!("<outline xmlUrl='http://a/{n}'/>")).collect();
    let many = format!("<opml>{many}</opml>");
    assert_eq!(read(many.as_bytes()).expect_err("many").code(), "opml-too-many");
    assert_eq!(read(&vec![b' '; MAX_BYTES + 1]).expect_err("large").code(), "opml-too-large");
}

#[test]
fn entities_a_file_defines_are_not_expanded() {
    let text = r#"<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>
        <opml><head><title>&b;</title></head><body><outline text="&b;" xmlUrl="http://ex.org/"/></body></opml>"#;
    let opml = read(text.as_bytes()).expect("readable");
    assert_eq!(opml.title.as_deref(), Some("&b;"));
    assert_eq!(opml.sources[0].title, "&b;");
}

#[test]
fn the_default_catalogue_is_sound() {
    let opml = read(include_bytes!("../../../data/sources.opml")).expect("a sound file");
    assert!(opml.skipped.is_empty(), "{:?}", opml.skipped);
    assert!(opml.sources.len() >= 150, "{} sources", opml.sources.len());
    let titles: HashSet<_> = opml.sources.iter().map(|s| &s.title).collect();
    assert_eq!(titles.len(), opml.sources.len(), "every source has its own title");
    let groups: HashSet<_> = opml.sources.iter().map(|s| &s.groups[0]).collect();
    assert!(groups.len() >= 6, "{groups:?}");
    let languages: HashSet<_> = opml.sources.iter().filter_map(|s| s.language.as_ref()).collect();
    assert!(languages.len() >= 4, "{languages:?}");
    assert!(opml.sources.iter().all(|s| s.groups.len() == 2 && s.site_url.is_some()));
}

proptest! {
    #[test]
    fn no_input_panics(text in "[<>/&;='\" a-z!\\[\\]-]{0,200}|(<opml>|<outline |xmlUrl='|http://a'|/>|</outline>|&amp;|\n){0,40}") {
        let _ = read(text.as_bytes());
    }
}
