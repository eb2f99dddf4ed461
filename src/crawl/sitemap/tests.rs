use std::io::Write;

use proptest::prelude::*;

use super::*;

const NEWS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url>
    <loc>
      https://ex.org/a?x=1&amp;y=2
    </loc>
    <image:image><image:loc>https://ex.org/a.png</image:loc><image:title>Chart</image:title></image:image>
    <news:news>
      <news:publication><news:name>Ex</news:name><news:language>de</news:language></news:publication>
      <news:publication_date>2026-03-02T10:00+01:00</news:publication_date>
      <news:title>Fische &amp; <![CDATA[Netze]]></news:title>
    </news:news>
  </url>
  <url><loc>https://ex.org/b</loc><lastmod>2026-03-01</lastmod></url>
  <url><loc>/relative</loc></url>
</urlset>"#;

fn pages(text: &str) -> (Vec<SitemapPage>, Vec<String>) {
    let parsed = parse(text.as_bytes()).expect(text);
    match parsed.sitemap {
        Sitemap::Pages(pages) => (pages, parsed.repairs),
        Sitemap::Index(_) => panic!("an index: {text}"),
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("test time")
}

#[test]
fn pages_come_with_their_news() {
    let (pages, repairs) = pages(NEWS);
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[0].url.as_str(), "https://ex.org/a?x=1&y=2");
    assert_eq!(pages[0].title.as_deref(), Some("Fische & Netze"));
    assert_eq!(pages[0].language.as_deref(), Some("de"));
    assert_eq!(pages[0].published, Some(time("2026-03-02T09:00:00Z")));
    assert_eq!(pages[1].lastmod, Some(time("2026-03-01T00:00:00Z")));
    assert_eq!(repairs, ["1 addresses that are no web addresses"]);
}

#[test]
fn an_index_names_sitemaps_and_gzip_is_unpacked() {
    let text = "<sitemapindex><sitemap><loc>https://ex.org/1.xml.gz</loc><lastmod>2026</lastmod></sitemap></sitemapindex>";
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).expect("packs");
    let packed = packer.finish().expect("packs");
    let expected = Sitemap::Index(vec![SitemapRef {
        url: Url::parse("https://ex.org/1.xml.gz").expect("test address"),
        lastmod: Some(time("2026-01-01T00:00:00Z")),
    }]);
    assert_eq!(parse(&packed).expect("readable").sitemap, expected);
    let cut = parse(&packed[..packed.len() / 2]).expect_err("cut off");
    assert_eq!(cut.code(), "sitemap-gzip-broken");
}

#[test]
fn plain_lists_and_broken_xml_give_what_they_have() {
    let (listed, _) = pages("\u{feff}https://ex.org/a\r\nhttps://ex.org/b\n");
    assert_eq!(listed.len(), 2);
    let (found, repairs) =
        pages("<urlset><url><loc>https://ex.org/a</loc></url><url><loc>https://e");
    assert_eq!(found.len(), 1);
    assert!(repairs.is_empty());
    let (found, repairs) = pages("<urlset><url><loc>https://ex.org/a</loc></url><url <");
    assert_eq!(found.len(), 1);
    assert!(repairs[0].starts_with("broken XML after 1 addresses"), "{repairs:?}");
}

#[test]
fn other_documents_are_refused() {
    for text in ["", "hello", "<html></html>", "<rss><channel/></rss>"] {
        assert_eq!(parse(text.as_bytes()), Err(SitemapError::NotSitemap), "{text}");
    }
}

#[test]
fn limits_hold() {
    let many: String =
        (0..MAX_URLS + 5).map(|n| format!("<url><loc>http://a/{n}</loc></url>")).collect();
    let (found, repairs) = pages(&format!("<urlset>{many}</urlset>"));
    assert_eq!(found.len(), MAX_URLS);
    assert_eq!(repairs, ["more than 50000 addresses: the rest left out"]);

    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1 << 20];
    (0..51).for_each(|_| packer.write_all(&zeros).expect("packs"));
    let bomb = packer.finish().expect("packs");
    assert_eq!(parse(&bomb), Err(SitemapError::TooLarge));

    let deep = format!("<urlset>{}", "<a>".repeat(100));
    assert_eq!(pages(&deep).1, ["elements nested more than 32 deep"]);
}

#[test]
fn dates_are_read_in_every_length() {
    for (text, expected) in [
        ("2026", "2026-01-01T00:00:00Z"),
        ("2026-03", "2026-03-01T00:00:00Z"),
        ("2026-03-04", "2026-03-04T00:00:00Z"),
        ("2026-03-04T05:06Z", "2026-03-04T05:06:00Z"),
        ("2026-03-04T05:06:07.5+02:00", "2026-03-04T03:06:07.5Z"),
        ("2026-03-04 05:06:07", "2026-03-04T05:06:07Z"),
    ] {
        assert_eq!(date(text), Some(time(expected)), "{text}");
    }
    for text in ["", "soon", "2026-13", "abcd"] {
        assert_eq!(date(text), None, "{text}");
    }
}

#[test]
fn selection_is_by_date_and_count() {
    let (all, _) = pages(
        "<urlset><url><loc>http://a/1</loc><lastmod>2026-01-01</lastmod></url>\
         <url><loc>http://a/2</loc></url><url><loc>http://a/3</loc><lastmod>2026-02-01</lastmod></url></urlset>",
    );
    let paths = |pages: Vec<SitemapPage>| -> Vec<String> {
        pages.iter().map(|page| page.url.path().to_owned()).collect()
    };
    assert_eq!(paths(select(all.clone(), None, 10)), ["/3", "/1", "/2"]);
    assert_eq!(paths(select(all.clone(), Some(time("2026-01-15T00:00:00Z")), 10)), ["/3"]);
    assert_eq!(paths(select(all, None, 1)), ["/3"]);
}

proptest! {
    #[test]
    fn no_input_panics(text in "(<urlset>|<url>|<loc>|http://a|</loc>|</url>|<lastmod>|2026-01|&amp;|<!\\[CDATA\\[|\\]\\]>|.){0,60}") {
        let _ = parse(text.as_bytes());
    }
}
