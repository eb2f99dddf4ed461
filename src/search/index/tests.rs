use jiff::{Timestamp, ToSpan as _};
use tantivy::IndexWriter;

use super::*;
use crate::{
    domain::{Article, ArticleKind, SourceId},
    search::{FacetValue, Fragment, parse_query},
};

const NOW: &str = "2026-11-23T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

/// An English article of today; tests change what they are about.
pub(in crate::search) fn article(id: i64, title: &str, text: &str) -> Article {
    Article {
        id: ArticleId(id),
        source_id: SourceId(1),
        source: "The Daily Patch".to_owned(),
        url: format!("https://patch.example/2026/{id}"),
        title: title.to_owned(),
        authors: vec!["Jane Roe".to_owned()],
        published: now() - 1.hour(),
        published_stated: true,
        modified: None,
        first_seen: now(),
        last_changed: now(),
        language: Some("en".to_owned()),
        site_name: None,
        description: None,
        image: None,
        tags: Vec::new(),
        kind: ArticleKind::Article,
        text: text.to_owned(),
        html: String::new(),
        comment_provider: None,
        comment_count: 0,
        confidence: 1.0,
        revision: 1,
    }
}

fn in_language(id: i64, language: &str, title: &str, text: &str) -> Article {
    Article { language: Some(language.to_owned()), ..article(id, title, text) }
}

fn published(id: i64, date: &str, title: &str) -> Article {
    let published = format!("{date}T09:00:00Z").parse().expect("a time");
    Article { published, ..article(id, title, "the same text for all") }
}

fn index_of(articles: &[Article]) -> SearchIndex {
    let index = SearchIndex::in_memory().expect("an index");
    let generation = index.generation();
    let mut writer: IndexWriter = generation.writer(15 << 20).expect("a writer");
    for article in articles {
        let doc = document(article, None, &generation.fields).expect("a document");
        writer.add_document(doc).expect("added");
    }
    writer.commit().expect("committed");
    generation.reader.reload().expect("reloaded");
    index
}

fn options() -> SearchOptions {
    SearchOptions { facets: true, histogram: true, ..SearchOptions::new(now()) }
}

fn search(index: &SearchIndex, query: &str) -> SearchResults {
    let query = parse_query(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    index.search(&query, &options()).expect("results")
}

/// Ids of the hits, best first.
fn ids(index: &SearchIndex, query: &str) -> Vec<i64> {
    search(index, query).hits.iter().map(|hit| hit.id.0).collect()
}

/// Ids of the hits in ascending order, where the ranking does not matter.
fn found(index: &SearchIndex, query: &str) -> Vec<i64> {
    let mut ids = ids(index, query);
    ids.sort_unstable();
    ids
}

/// Hits in brackets.
fn marked(fragments: &[Fragment]) -> String {
    let mark = |piece: &Fragment| match piece.hit {
        true => format!("[{}]", piece.text),
        false => piece.text.clone(),
    };
    fragments.iter().map(mark).collect()
}

#[test]
fn words_phrases_and_operators() {
    let index = index_of(&[
        article(1, "Hospital hit by ransomware", "The attackers leaked patient records."),
        article(2, "Ransomware gang arrested", "Police seized servers of the gang."),
        article(3, "Bank leaks records", "A zero-day attack on the bank's servers."),
    ]);
    assert_eq!(found(&index, "ransomware"), [1, 2]);
    assert_eq!(found(&index, "ransomware records"), [1]);
    assert_eq!(found(&index, "hospital OR bank"), [1, 3]);
    assert_eq!(found(&index, "ransomware -gang"), [1]);
    assert_eq!(found(&index, "-ransomware"), [3]);
    assert_eq!(found(&index, "(hospital OR bank) records -patients"), [3]);
    assert_eq!(found(&index, "\"patient records\""), [1]);
    assert_eq!(found(&index, "\"records patient\""), Vec::<i64>::new());
    assert_eq!(found(&index, "zero-day"), [3]);
    assert_eq!(found(&index, "\"zero day\""), [3]);
    assert_eq!(found(&index, "ransom*"), [1, 2]);
    assert_eq!(found(&index, ""), [1, 2, 3]);
    assert_eq!(found(&index, "- & …"), [1, 2, 3]);
    assert_eq!(found(&index, "ransomware \"ransomware the\""), Vec::<i64>::new());
}

#[test]
fn words_are_stemmed_and_phrases_are_not() {
    let index = index_of(&[
        article(1, "a", "They attacked several banks."),
        article(2, "b", "One attack on a bank."),
    ]);
    assert_eq!(found(&index, "attacks bank"), [1, 2]);
    assert_eq!(found(&index, "\"several banks\""), [1]);
    assert_eq!(found(&index, "\"several bank\""), Vec::<i64>::new());
    assert_eq!(found(&index, "\"a banks\""), Vec::<i64>::new());
}

#[test]
fn a_query_finds_articles_in_all_languages() {
    let index = index_of(&[
        in_language(
            1,
            "de",
            "Sicherheitslücken bei Behörden",
            "Die Angriffe trafen mehrere Städte.",
        ),
        in_language(2, "fr", "Des vulnérabilités corrigées", "Les attaques visaient des hôpitaux."),
        in_language(3, "ru", "Новые уязвимости", "Хакеры атаковали банки."),
        in_language(4, "pl", "Atak na szpital", "Wyciek danych pacjentów."),
    ]);
    assert_eq!(found(&index, "Sicherheitslücke"), [1]);
    assert_eq!(found(&index, "sicherheitslucke angriff"), [1]);
    assert_eq!(found(&index, "vulnerabilite hopital"), [2]);
    assert_eq!(found(&index, "уязвимость"), [3]);
    assert_eq!(found(&index, "pacjentow"), [4]);
    assert_eq!(found(&index, "lang:fr attaque"), [2]);
}

#[test]
fn scripts_without_spaces_are_found_by_words_and_characters() {
    let index = index_of(&[
        in_language(1, "zh", "医院遭勒索软件攻击", "黑客窃取了患者数据。"),
        in_language(2, "ja", "東京都のサイバー攻撃", "個人情報が流出した。"),
        in_language(3, "ko", "병원 랜섬웨어 공격", "환자 정보가 유출되었다."),
    ]);
    assert_eq!(found(&index, "勒索软件"), [1]);
    assert_eq!(found(&index, "東京"), [2]);
    assert_eq!(found(&index, "랜섬웨어"), [3]);
    assert_eq!(found(&index, "击"), [1]);
    assert_eq!(found(&index, "東"), [2]);
    assert_eq!(found(&index, "软勒"), Vec::<i64>::new());
    assert_eq!(marked(&search(&index, "勒索软件").hits[0].title), "医院遭[勒索软件]攻击");
}

#[test]
fn identifiers_are_found_whole_in_part_and_defanged() {
    let index = index_of(&[article(
        1,
        "CVE-2026-1234 exploited",
        "Seen: evil[.]example[.]com, hxxps://bad.example/x, 10.1.2[.]3, log4j-2.17.1.jar and \
         d41d8cd98f00b204e9800998ecf8427e in C:\\Temp\\run.dll.",
    )]);
    for query in [
        "CVE-2026-1234",
        "cve-2026",
        "1234",
        "evil.example.com",
        "evil[.]example.com",
        "example.com",
        "https://bad.example/x",
        "10.1.2.3",
        "log4j-2.17.1",
        "log4j",
        "run.dll",
        "D41D8CD98F00B204E9800998ECF8427E",
    ] {
        assert_eq!(found(&index, query), [1], "{query}");
    }
    for query in ["CVE-2026-4321", "com.example", "10.1.3.2", "log4j-2.17.2"] {
        assert_eq!(found(&index, query), Vec::<i64>::new(), "{query}");
    }
}

#[test]
fn fields_narrow_the_search() {
    let other = Article {
        source: "Krebs and Sons".to_owned(),
        url: "https://news.blog.example/advisories/7".to_owned(),
        authors: vec!["Max Müller".to_owned(), "Li Wei".to_owned()],
        tags: vec!["Supply Chain".to_owned()],
        ..article(2, "Quiet day", "Nothing about the patch.")
    };
    let index = index_of(&[article(1, "Patch now", "A quiet fix."), other]);
    assert_eq!(found(&index, "title:quiet"), [2]);
    assert_eq!(found(&index, "quiet"), [1, 2]);
    assert_eq!(found(&index, "author:muller"), [2]);
    assert_eq!(found(&index, "author:\"li wei\""), [2]);
    assert_eq!(found(&index, "author:\"muller li\""), Vec::<i64>::new());
    assert_eq!(found(&index, "source:krebs"), [2]);
    assert_eq!(found(&index, "source:\"The Daily Patch\""), [1]);
    assert_eq!(found(&index, "source:(krebs OR daily)"), [1, 2]);
    assert_eq!(found(&index, "site:blog.example"), [2]);
    assert_eq!(found(&index, "site:news.blog.example"), [2]);
    assert_eq!(found(&index, "site:og.example"), Vec::<i64>::new());
    assert_eq!(found(&index, "url:advisories"), [2]);
    assert_eq!(found(&index, "tag:\"supply chain\""), [2]);
    assert_eq!(found(&index, "supply"), [2]);
    assert_eq!(found(&index, "-source:krebs"), [1]);
}

#[test]
fn dates_narrow_and_order_the_search() {
    let index = index_of(&[
        published(1, "2025-11-30", "breach"),
        published(2, "2026-10-31", "breach"),
        published(3, "2026-11-01", "breach"),
        published(4, "2026-11-22", "breach"),
    ]);
    assert_eq!(ids(&index, "breach sort:date"), [4, 3, 2, 1]);
    assert_eq!(found(&index, "after:2026-11"), [3, 4]);
    assert_eq!(found(&index, "before:2026-11"), [1, 2]);
    assert_eq!(found(&index, "date:2026-10..2026-11-01"), [2, 3]);
    assert_eq!(found(&index, "after:7d"), [4]);
    assert_eq!(found(&index, "breach date:yesterday"), [4]);
    assert_eq!(found(&index, "date:2025"), [1]);
    assert_eq!(ids(&index, ""), [4, 3, 2, 1]);
}

#[test]
fn a_match_in_the_title_counts_more() {
    let filler = "Some other words about the news of the day and what else happened. ".repeat(5);
    let index = index_of(&[
        article(1, "Weekly round-up", &format!("{filler} botnet {filler}")),
        article(2, "Botnet taken down", &format!("{filler} {filler}")),
    ]);
    assert_eq!(ids(&index, "botnet"), [2, 1]);
}

#[test]
fn of_equal_matches_the_newer_wins_but_not_over_a_much_better_one() {
    let index = index_of(&[
        published(1, "2024-01-05", "Acme breach"),
        published(2, "2026-11-20", "Acme breach"),
        published(3, "2026-11-22", "Round-up of the day"),
    ]);
    assert_eq!(ids(&index, "acme"), [2, 1]);
    let recency = |published: &str| {
        let at: Timestamp = published.parse().expect("a time");
        best::with_recency(1.0, at.as_second(), now().as_second())
    };
    assert_eq!(recency(NOW), 1.5);
    assert_eq!(recency("2030-01-01T00:00:00Z"), 1.5);
    assert_eq!(recency("2026-10-24T12:00:00Z"), 1.25);
    assert!(recency("1900-01-01T00:00:00Z") < 1.001);
}

/// Passing over what cannot be among the best must not change what is best.
#[test]
fn the_first_page_is_the_beginning_of_all_hits() {
    let many = (1..=700).map(|id| {
        let text = format!("{}{}", "acme breach ".repeat(id % 7), "other words ".repeat(id % 31));
        let date = format!("20{:02}-{:02}-10", 10 + id % 16, 1 + id % 12);
        published(id as i64, &date, &format!("breach {text}"))
    });
    let index = index_of(&many.collect::<Vec<_>>());
    for query in ["breach", "acme breach", "acme OR words", "acme -other"] {
        let parsed = parse_query(query).expect("a query");
        let first = |limit| {
            let options = SearchOptions { limit, snippets: false, ..options() };
            let results = index.search(&parsed, &options).expect("results");
            results.hits.iter().map(|hit| hit.id.0).collect::<Vec<_>>()
        };
        let all = first(700);
        assert!(all.len() > 10, "{query}");
        assert_eq!(first(10), all[..10], "{query}");
    }
}

#[test]
fn facets_and_histogram_count_all_matches() {
    let mut articles: Vec<Article> =
        (1..=30).map(|id| published(id, "2026-11-10", "breach")).collect();
    articles.push(Article {
        source: "Other".to_owned(),
        language: Some("de-AT".to_owned()),
        ..published(31, "2026-10-01", "breach")
    });
    articles.push(published(32, "2026-11-10", "something else"));
    let index = index_of(&articles);
    let query = parse_query("title:breach").expect("a query");
    let results = index.search(&query, &SearchOptions { limit: 5, ..options() }).expect("results");
    assert_eq!((results.total, results.hits.len()), (31, 5));
    let value = |value: &str, count| FacetValue { value: value.to_owned(), count };
    assert_eq!(results.facets[0].field, "source");
    assert_eq!(results.facets[0].values, [value("The Daily Patch", 30), value("Other", 1)]);
    assert_eq!(results.facets[1].values, [value("en", 30), value("de", 1)]);
    assert_eq!(results.facets[2].values, [value("2026-11", 30), value("2026-10", 1)]);
    assert_eq!(results.histogram.len(), 41);
    assert_eq!(results.histogram.iter().map(|bucket| bucket.count).sum::<u64>(), 31);
    for facet in &results.facets {
        let first = &facet.values[0];
        let narrowed = query.with_filter(facet.field, &first.value).expect("a filter");
        let total = index.search(&narrowed, &options()).expect("results").total;
        assert_eq!(total as u64, first.count, "{narrowed}");
    }
}

#[test]
fn one_day_is_counted_by_hour() {
    let index = index_of(&[article(1, "breach", ""), article(2, "breach", "")]);
    let histogram = search(&index, "breach").histogram;
    assert_eq!(histogram.len(), 1);
    assert_eq!(histogram[0].from.to_string(), "2026-11-23T11:00:00Z");
    assert_eq!(histogram[0].count, 2);
}

#[test]
fn pages_follow_each_other_up_to_a_limit() {
    let articles: Vec<Article> = (1..=25).map(|id| article(id, "breach", "text")).collect();
    let index = index_of(&articles);
    let query = parse_query("breach").expect("a query");
    let page = |offset| {
        let options = SearchOptions { limit: 10, offset, ..options() };
        let results = index.search(&query, &options).expect("results");
        results.hits.iter().map(|hit| hit.id.0).collect::<Vec<_>>()
    };
    let all: Vec<i64> = [page(0), page(10), page(20)].concat();
    assert_eq!(all, (1..=25).rev().collect::<Vec<_>>());
    let deep = SearchOptions { offset: MAX_HITS, ..options() };
    let error = index.search(&query, &deep).expect_err("too deep");
    assert_eq!(error.code(), "search-too-deep");
}

#[test]
fn snippets_show_where_the_query_matched() {
    let filler = "Nothing of interest is said in this sentence at all. ".repeat(20);
    let text =
        format!("{filler}\n\nThe attackers <b>leaked</b> zero-day exploits & tools.\n{filler}");
    let index = index_of(&[article(1, "Leaking exploits", &text)]);
    let hit = &search(&index, "leak \"zero day\"").hits[0];
    assert_eq!(marked(&hit.title), "[Leaking] exploits");
    let snippet = marked(&hit.snippet);
    assert!(
        snippet.contains("The attackers <b>[leaked]</b> [zero-day] exploits & tools."),
        "{snippet}"
    );
    assert!(snippet.starts_with("… ") && snippet.ends_with(" …"), "{snippet}");
    assert!(snippet.chars().count() < 300, "{snippet}");
    let plain = &search(&index, "lang:en").hits[0];
    assert!(marked(&plain.snippet).starts_with("Nothing of interest"));
    assert_eq!(plain.title_text(), "Leaking exploits");
}

#[test]
fn misspelt_words_are_mended_if_that_finds_something() {
    let index = index_of(&[
        article(1, "Ransomware gang arrested", "They demanded cryptocurrency."),
        article(2, "Ransomwave is a band", "music"),
        article(3, "More ransomware", "text"),
    ]);
    let mended = |query: &str| search(&index, query).did_you_mean;
    assert_eq!(mended("ransomwaer"), Some("ransomware".to_owned()));
    assert_eq!(mended("kransomware gang"), Some("ransomware gang".to_owned()));
    assert_eq!(mended("\"ransomware gnag\""), Some("\"ransomware gang\"".to_owned()));
    assert_eq!(
        mended("ransomware cryptocurency lang:en"),
        Some("ransomware cryptocurrency lang:en".to_owned())
    );
    assert_eq!(mended("xylophone"), None);
    assert_eq!(mended("ransomware"), None);
    assert_eq!(mended("arrested music"), None);
}

#[test]
fn what_is_being_typed_is_completed() {
    let index = index_of(&[
        article(1, "Ransomware gang", ""),
        article(2, "Ransomware ransom", ""),
        article(3, "Quiet", ""),
    ]);
    let texts = |text: &str| -> Vec<String> {
        let suggestions = index.suggest(text, 5).expect("suggestions");
        suggestions.into_iter().map(|suggestion| suggestion.text).collect()
    };
    assert_eq!(texts("gang Ran"), ["gang ransomware", "gang ransom"]);
    assert_eq!(texts("source:dai"), ["source:\"The Daily Patch\""]);
    assert_eq!(texts(""), Vec::<String>::new());
    assert_eq!(texts("zzz"), Vec::<String>::new());
}

#[test]
fn language_is_guessed_where_none_is_stated() {
    let text = "Die Angreifer haben in der vergangenen Woche mehrere Krankenhäuser lahmgelegt und \
                verlangen nun ein Lösegeld in Millionenhöhe, wie die Behörde gestern mitteilte.";
    let index = index_of(&[Article { language: None, ..article(1, "Angriff", text) }]);
    assert_eq!(found(&index, "lang:de krankenhaus"), [1]);
}

mod found_by_the_desk {
    use super::*;
    use crate::{
        domain::{
            Attack, AttackTag, Enrichment, Entity, EntityKind, IncidentId, Indicator,
            IndicatorKind, IndicatorRole, Span,
        },
        search::Names,
        store::Enriched,
    };

    const HERE: Span = Span { start: 0, end: 1 };

    fn entity(kind: EntityKind, name: &str, id: Option<&str>) -> Entity {
        Entity {
            kind,
            name: name.to_owned(),
            id: id.map(str::to_owned),
            spans: vec![HERE],
            evidence: HERE,
            known_exploited: kind == EntityKind::Cve,
        }
    }

    fn enriched(id: i64, entities: Vec<Entity>) -> Enriched {
        Enriched {
            article_id: ArticleId(id),
            enrichment: Enrichment {
                attacks: vec![AttackTag {
                    attack: Attack::DataBreach,
                    score: 0.9,
                    evidence: vec![HERE],
                }],
                main_attack: Some(Attack::DataBreach),
                entities,
                indicators: vec![Indicator {
                    kind: IndicatorKind::Domain,
                    value: "evil.example".to_owned(),
                    role: IndicatorRole::Malicious,
                    reason: "named as a control server".to_owned(),
                    span: HERE,
                }],
                countries: vec!["JP".to_owned()],
                sectors: vec!["healthcare".to_owned()],
                ..Enrichment::default()
            },
            signature: Vec::new(),
            duplicate_of: None,
            incident: Some(IncidentId(id * 10)),
            changed: Timestamp::UNIX_EPOCH,
        }
    }

    struct Aliases;

    impl Names for Aliases {
        fn canonical(&self, kind: EntityKind, text: &str) -> Option<String> {
            let known = kind == EntityKind::Actor && text.eq_ignore_ascii_case("fancy bear");
            known.then(|| "APT28".to_owned())
        }
        fn country(&self, text: &str) -> Option<String> {
            text.eq_ignore_ascii_case("japan").then(|| "JP".to_owned())
        }
        fn aliases(&self, _kind: EntityKind, _name: &str) -> Vec<String> {
            Vec::new()
        }
        fn beginning(&self, _typed: &str, _limit: usize) -> Vec<(EntityKind, String, String)> {
            Vec::new()
        }
    }

    fn index() -> SearchIndex {
        let index = SearchIndex::in_memory().expect("an index").with_names(Arc::new(Aliases));
        let generation = index.generation();
        let mut writer: IndexWriter = generation.writer(15 << 20).expect("a writer");
        let found = [
            vec![
                entity(EntityKind::Victim, "University Hospital of Ulm", None),
                entity(EntityKind::Actor, "APT28", Some("attack:G0007")),
            ],
            vec![
                entity(EntityKind::Vendor, "Canon", None),
                entity(EntityKind::Cve, "CVE-2026-1234", Some("CVE-2026-1234")),
                entity(EntityKind::Technique, "Data Encrypted for Impact", Some("T1486")),
            ],
        ];
        for (id, entities) in (1..).zip(found) {
            let enriched = enriched(id, entities);
            let doc =
                document(&article(id, "a title", "a text"), Some(&enriched), &generation.fields);
            writer.add_document(doc.expect("a document")).expect("added");
        }
        let unread = document(&article(3, "a title", "not read"), None, &generation.fields);
        writer.add_document(unread.expect("a document")).expect("added");
        writer.commit().expect("committed");
        generation.reader.reload().expect("reloaded");
        index
    }

    #[test]
    fn articles_are_found_by_what_happened_to_whom() {
        let index = index();
        for (query, expected) in [
            ("attack:data-breach", &[2, 1][..]),
            ("attack:\"Data breach\"", &[2, 1]),
            ("attack:ransomware", &[]),
            ("victim:\"university hospital\"", &[1]),
            ("victim:ulm", &[1]),
            ("vendor:canon", &[2]),
            ("vendor:ulm", &[]),
            ("actor:apt28", &[1]),
            ("actor:\"Fancy Bear\"", &[1]),
            ("actor:G0007", &[1]),
            ("cve:cve-2026-1234", &[2]),
            ("technique:T1486", &[2]),
            ("technique:\"data encrypted for impact\"", &[2]),
            ("country:jp", &[2, 1]),
            ("country:Japan", &[2, 1]),
            ("sector:Healthcare", &[2, 1]),
            ("ioc:evil[.]example", &[2, 1]),
            ("incident:20", &[2]),
            ("kev:yes", &[2]),
            ("kev:no", &[3, 1]),
            ("-attack:data-breach", &[3]),
        ] {
            assert_eq!(ids(&index, query), expected, "{query}");
        }
    }

    #[test]
    fn what_was_found_is_counted_and_shown() {
        let results = search(&index(), "");
        let values = |field: &str| {
            let facet = results.facets.iter().find(|facet| facet.field == field)?;
            Some(facet.values.iter().map(|one| (one.value.as_str(), one.count)).collect::<Vec<_>>())
        };
        assert_eq!(values("attack"), Some(vec![("data-breach", 2)]));
        assert_eq!(values("victim"), Some(vec![("University Hospital of Ulm", 1)]));
        assert_eq!(values("country"), Some(vec![("JP", 2)]));
        assert_eq!(values("malware"), None);
        let hit = results.hits.iter().find(|hit| hit.id == ArticleId(1)).expect("a hit");
        assert_eq!(
            (hit.main_attack, hit.incident),
            (Some(Attack::DataBreach), Some(IncidentId(10)))
        );
        assert_eq!(hit.names[0], (EntityKind::Victim, "University Hospital of Ulm".to_owned()));
    }

    #[test]
    fn matches_are_put_together_by_incident() {
        let query = parse_query("title").expect("a query");
        let found = index().incidents(&query, now()).expect("incidents");
        let found: Vec<_> = found.iter().map(|one| (one.id.0, one.articles)).collect();
        assert_eq!(found, [(20, 1), (10, 1)]);
    }

    #[test]
    fn wrong_values_are_told() {
        for (query, code) in [
            ("attack:picnic", "query-bad-attack"),
            ("incident:x", "query-bad-number"),
            ("kev:maybe", "query-bad-flag"),
        ] {
            assert_eq!(parse_query(query).expect_err("wrong").code(), code, "{query}");
        }
    }
}
