//! An own small example for the tests of all formats. All names and addresses are invented.

use jiff::Timestamp;

use super::{
    ArticleItem, IncidentItem, Item, View,
    feed::{Feed, Post},
};
use crate::domain::{
    Article, ArticleId, ArticleKind, Attack, AttackTag, Citation, Enrichment, Entity, EntityKind,
    Incident, IncidentEntity, IncidentId, Indicator, IndicatorKind, IndicatorRole, SourceId, Span,
    full_text,
};

const TITLE: &str = "Gannet ransomware hits Norrby Harbour";
const TEXT: &str = "The Gannet ransomware, which Quiet Heron runs, encrypted the servers of Norrby Harbour in Sweden.\n\n\
    Quiet Heron used T1486 and came in by CVE-2026-1234, a flaw in the Corvane gateway. \
    Block gannet-cdn.example and look for 44d88612fea8a8f36de82e1278abb02f. The port writes at norrby.example.";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(super) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

/// A text without blanks and without what XML cannot carry.
pub(super) fn letters(text: &str) -> String {
    super::xml::allowed(text).split_whitespace().collect()
}

pub(super) fn feed() -> Feed {
    let mut feed = feed_with("Keys <leaked> & \u{1}sold", "“Quoted”\u{0} <b>text</b> ]]>");
    feed.posts.push(Post::of(&incident(), "https://news.example"));
    feed
}

pub(super) fn feed_with(title: &str, summary: &str) -> Feed {
    Feed {
        id: "https://news.example/search.atom?q=a".to_owned(),
        title: "a · siftwire".to_owned(),
        description: "Articles of the security newswire".to_owned(),
        self_url: "https://news.example/search.atom?q=a&b=\"c\"".to_owned(),
        home_url: "https://news.example/search?q=a".to_owned(),
        next_url: Some("https://news.example/search.atom?q=a&before=1-2".to_owned()),
        posts: vec![Post {
            id: "https://blog.example/1".to_owned(),
            title: title.to_owned(),
            url: "https://blog.example/1?x=1&y=2".to_owned(),
            published: at("2026-11-23T10:00:00.5Z"),
            updated: at("2026-11-23T10:00:00.5Z"),
            authors: Vec::new(),
            source: "A blog".to_owned(),
            language: Some("en".to_owned()),
            summary: Some(summary.to_owned()),
            tags: vec!["leak".to_owned()],
            related: Vec::new(),
        }],
    }
}

pub(super) fn article() -> Item {
    Item::Article(Box::new(article_item(TITLE, TEXT)))
}

pub(super) fn incident() -> Item {
    Item::Incident(Box::new(incident_item(TITLE, TEXT)))
}

/// The example with other texts; spans that no longer fit stay.
pub(super) fn with_texts(title: &str, text: &str) -> [(View, Item); 2] {
    [
        (View::Articles, Item::Article(Box::new(article_item(title, text)))),
        (View::Incidents, Item::Incident(Box::new(incident_item(title, text)))),
    ]
}

pub(super) fn article_item(title: &str, text: &str) -> ArticleItem {
    let article = Article {
        id: ArticleId(7),
        source_id: SourceId(1),
        source: "Harbour Watch".to_owned(),
        url: "https://harbour.example/2026/gannet?a=1&b=2".to_owned(),
        title: title.to_owned(),
        authors: vec!["Ines Tavares".to_owned()],
        published: at("2026-11-23T08:00:00Z"),
        published_stated: true,
        modified: None,
        first_seen: at("2026-11-23T08:10:00Z"),
        last_changed: at("2026-11-23T09:30:00Z"),
        language: Some("en".to_owned()),
        site_name: None,
        description: None,
        image: None,
        tags: vec!["ports".to_owned()],
        kind: ArticleKind::Article,
        text: text.to_owned(),
        html: String::new(),
        comment_provider: None,
        comment_count: 0,
        confidence: 1.0,
        revision: 2,
    };
    ArticleItem {
        found_changed: article.last_changed,
        article,
        found: enrichment(),
        duplicate_of: None,
        incident: Some(IncidentId(3)),
    }
}

fn incident_item(title: &str, text: &str) -> IncidentItem {
    let entity = |kind, name: &str, id: Option<&str>| IncidentEntity {
        kind,
        name: name.to_owned(),
        id: id.map(str::to_owned),
        articles: 1,
    };
    let incident = Incident {
        id: IncidentId(3),
        title: title.to_owned(),
        summary: vec![Citation { article_id: ArticleId(7), text: text.to_owned() }],
        first_seen: at("2026-11-23T08:00:00Z"),
        last_seen: at("2026-11-23T08:00:00Z"),
        modified: at("2026-11-23T09:30:00Z"),
        main_attack: Some(Attack::Ransomware),
        attacks: vec![Attack::Ransomware],
        entities: vec![
            entity(EntityKind::Victim, "Norrby Harbour", None),
            entity(
                EntityKind::Malware,
                "Gannet",
                Some("misp:0b4c9f3c-3c3a-4f0e-9a55-111111111111"),
            ),
            entity(EntityKind::Cve, "CVE-2026-1234", Some("CVE-2026-1234")),
        ],
        countries: vec!["SE".to_owned()],
        sectors: vec!["transport".to_owned()],
        article_count: 1,
        source_count: 1,
    };
    IncidentItem { incident, coverage: vec![article_item(title, text)] }
}

fn enrichment() -> Enrichment {
    let whole = full_text(TITLE, TEXT);
    let sentence = |start: &str, end: &str| -> Span {
        let start = whole.find(start).expect("a start");
        Span { start, end: start + whole[start..].find(end).expect("an end") + end.len() }
    };
    let first = sentence("The Gannet", "Sweden.");
    let second = sentence("Quiet Heron used", "gateway.");
    let entity = |kind, name: &str, id: Option<&str>, evidence| {
        let spans =
            whole.match_indices(name).map(|(start, _)| Span { start, end: start + name.len() });
        Entity {
            kind,
            name: name.to_owned(),
            id: id.map(str::to_owned),
            spans: spans.collect(),
            evidence,
            known_exploited: false,
        }
    };
    let indicator = |kind, value: &str, role, reason: &str| Indicator {
        kind,
        value: value.to_owned(),
        role,
        reason: reason.to_owned(),
        span: sentence(value, value),
    };
    Enrichment {
        language: Some("en".to_owned()),
        attacks: vec![AttackTag { attack: Attack::Ransomware, score: 0.97, evidence: vec![first] }],
        main_attack: Some(Attack::Ransomware),
        entities: vec![
            entity(EntityKind::Victim, "Norrby Harbour", None, first),
            entity(EntityKind::Vendor, "Corvane", None, second),
            entity(EntityKind::Actor, "Quiet Heron", Some("attack:G9001"), first),
            entity(
                EntityKind::Malware,
                "Gannet",
                Some("misp:0b4c9f3c-3c3a-4f0e-9a55-111111111111"),
                first,
            ),
            entity(EntityKind::Technique, "T1486", Some("T1486"), second),
            entity(EntityKind::Cve, "CVE-2026-1234", Some("CVE-2026-1234"), second),
        ],
        indicators: vec![
            indicator(
                IndicatorKind::Domain,
                "gannet-cdn.example",
                IndicatorRole::Malicious,
                "to be blocked",
            ),
            indicator(
                IndicatorKind::Md5,
                "44d88612fea8a8f36de82e1278abb02f",
                IndicatorRole::Malicious,
                "a hash",
            ),
            indicator(
                IndicatorKind::Domain,
                "norrby.example",
                IndicatorRole::Victim,
                "the victim's",
            ),
        ],
        countries: vec!["SE".to_owned()],
        sectors: vec!["transport".to_owned()],
    }
}
