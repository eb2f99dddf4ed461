//! Lists of sources: what is written is read back.

use std::collections::HashSet;

use proptest::prelude::*;
use siftwire::{
    crawl::opml::read,
    domain::{NewSource, PageFetch, SourceKind},
    export::opml::write,
};

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9<>&\"'äß日 ;#-]{0,20}[a-z]"
        .prop_map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn source() -> impl Strategy<Value = NewSource> {
    (
        "[a-z]{1,8}(\\?[a-z]=1&b=[a-z]{1,3})?",
        name(),
        proptest::option::of("[a-z]{1,5}"),
        prop_oneof![Just(SourceKind::Feed), Just(SourceKind::Sitemap), Just(SourceKind::Page)],
        proptest::collection::vec(name(), 0..4),
        proptest::option::of(prop_oneof![Just("en".to_owned()), Just("pt-BR".to_owned())]),
        proptest::option::of(any::<bool>()),
        any::<bool>(),
    )
        .prop_map(|(path, title, site, kind, groups, language, respect_robots, full)| {
            NewSource {
                url: format!("https://ex.org/{path}"),
                title,
                site_url: site.map(|site| format!("https://{site}.example/")),
                kind,
                groups,
                language,
                respect_robots,
                fetch_pages: if full { PageFetch::Never } else { PageFetch::Always },
            }
        })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(sources in proptest::collection::vec(source(), 0..12), title in name()) {
        let mut known = HashSet::new();
        let mut sources: Vec<_> = sources.into_iter().filter(|s| known.insert(s.url.clone())).collect();
        let mut back = read(write(&title, &sources).as_bytes()).expect("our own file");
        prop_assert_eq!(back.title.as_deref(), Some(title.as_str()));
        sources.sort_by(|a, b| a.url.cmp(&b.url));
        back.sources.sort_by(|a, b| a.url.cmp(&b.url));
        prop_assert_eq!(back.sources, sources);
    }
}
