//! Pages and API of incidents, entities and articles that the desk has read.

use std::sync::Arc;

use axum::{Router, body::Body, http::Request};
use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    config::ServeConfig,
    domain::{
        ArticleDraft, ArticleId, ArticleKey, ArticleKind, Attack, AttackTag, Citation, Enrichment,
        Entity, EntityKind, Incident, IncidentEntity, IncidentId, Indicator, IndicatorKind,
        IndicatorRole, NewSource, RoundupMention, Span,
    },
    search::Names,
    serve::{self, AppState, Clock},
    store::{ArticleWrite, DeskBatch, EnrichedArticle, IncidentState, Placed, Store},
};
use url::Url;

use crate::{
    newsroom::now,
    serve::{Answer, empty_store, get, index_of, send},
};

const TEXT: &str = "Canon was hit by <Maze>. Canon said so. The group Maze wants money.";

/// A server over a few articles that the desk has read.
pub struct Room {
    pub router: Router,
    pub store: Arc<dyn Store>,
    pub articles: Vec<ArticleId>,
    _folder: tempfile::TempDir,
}

struct Aliases;

impl Names for Aliases {
    fn canonical(&self, kind: EntityKind, text: &str) -> Option<String> {
        let known = kind == EntityKind::Malware && text.eq_ignore_ascii_case("chacha");
        known.then(|| "Maze".to_owned())
    }
    fn country(&self, _text: &str) -> Option<String> {
        None
    }
    fn aliases(&self, _kind: EntityKind, name: &str) -> Vec<String> {
        if name == "Maze" { vec!["ChaCha".to_owned()] } else { Vec::new() }
    }
    fn beginning(&self, typed: &str, _limit: usize) -> Vec<(EntityKind, String, String)> {
        let begins = "chacha".starts_with(&typed.to_lowercase());
        let found = (EntityKind::Malware, "Maze".to_owned(), "ChaCha".to_owned());
        if begins { vec![found] } else { Vec::new() }
    }
}

async fn publish(store: &dyn Store, number: i64) -> ArticleId {
    let source = NewSource {
        url: format!("https://s{number}.example/feed"),
        title: format!("Source {number}"),
        ..NewSource::default()
    };
    let source_id = store.add_source(&source, now()).await.expect("a source").0;
    let url = Url::parse(&format!("https://s{number}.example/canon")).expect("an address");
    let article = ArticleDraft {
        source_id,
        key: ArticleKey::of(&url),
        url: url.into(),
        title: format!("Canon report {number}"),
        authors: Vec::new(),
        published: Some(now() - 5.hours() + number.hours()),
        modified: None,
        language: Some("en".into()),
        site_name: None,
        description: None,
        image: None,
        tags: Vec::new(),
        kind: ArticleKind::Article,
        text: TEXT.into(),
        html: "<p>Canon was hit by &lt;Maze&gt;. Canon said so. The group Maze wants money.</p>"
            .into(),
        comment_provider: None,
        confidence: 1.0,
    };
    let write = ArticleWrite { entry: None, article, comments: Vec::new() };
    store.save_articles(&[write], now()).await.expect("saved")[0].id
}

fn span_of(number: i64, word: &str) -> Span {
    let text = siftwire::domain::full_text(&format!("Canon report {number}"), TEXT);
    let start = text.rfind(word).expect("the word");
    Span { start, end: start + word.len() }
}

fn found(number: i64) -> Enrichment {
    let entity = |kind, name: &str, id: Option<&str>| Entity {
        kind,
        name: name.to_owned(),
        id: id.map(str::to_owned),
        spans: vec![span_of(number, name)],
        evidence: span_of(number, "Canon said so."),
        known_exploited: false,
    };
    let indicator = |value: &str, role| Indicator {
        kind: IndicatorKind::Domain,
        value: value.into(),
        role,
        reason: "named <as> such".into(),
        span: span_of(number, "Canon"),
    };
    Enrichment {
        language: Some("en".into()),
        attacks: vec![AttackTag {
            attack: Attack::Ransomware,
            score: 0.93,
            evidence: vec![span_of(number, "The group Maze wants money.")],
        }],
        main_attack: Some(Attack::Ransomware),
        entities: vec![
            entity(EntityKind::Victim, "Canon", None),
            entity(EntityKind::Malware, "Maze", Some("attack:S0449")),
        ],
        indicators: vec![
            indicator("evil.example", IndicatorRole::Malicious),
            indicator("canon.example", IndicatorRole::Victim),
            indicator("docs.example", IndicatorRole::Benign),
        ],
        countries: vec!["JP".into()],
        sectors: vec!["manufacturing".into()],
    }
}

fn incident(id: IncidentId, articles: &[ArticleId], at: Timestamp) -> Incident {
    let entity =
        |kind, name: &str| IncidentEntity { kind, name: name.into(), id: None, articles: 2 };
    Incident {
        id,
        title: "Canon hit by ransomware".into(),
        summary: vec![Citation { article_id: articles[0], text: "Canon was hit.".into() }],
        first_seen: at,
        last_seen: at,
        modified: at,
        main_attack: Some(Attack::Ransomware),
        attacks: vec![Attack::Ransomware],
        entities: vec![entity(EntityKind::Victim, "Canon"), entity(EntityKind::Malware, "Maze")],
        countries: vec!["JP".into()],
        sectors: vec!["manufacturing".into()],
        article_count: 2,
        source_count: 2,
    }
}

pub async fn room() -> Room {
    let (store, folder) = empty_store().await;
    let articles = vec![publish(&*store, 1).await, publish(&*store, 2).await];
    let state = store.desk_state().await.expect("a state");
    let id = IncidentId(1);
    let read = (1..).zip(&articles).map(|(number, article)| EnrichedArticle {
        id: *article,
        revision: 1,
        published: now() - 5.hours() + number.hours(),
        enrichment: found(number),
        signature: Vec::new(),
        fingerprint: 1,
        duplicate_of: (number == 2).then_some(articles[0]),
        placed: Some(Placed { incident: id, reasons: vec!["both name Canon as victim".into()] }),
    });
    let group = IncidentState { id, edition: 1, state: Vec::new(), keys: Vec::new(), fresh: true };
    let batch = DeskBatch {
        turn: state.turn,
        edition: state.edition,
        read: now(),
        articles: read.collect(),
        mentions: Vec::new(),
        incidents: vec![group],
    };
    assert!(store.save_desk_batch(&batch).await.expect("saved"));
    let told = incident(id, &articles, now() - 3.hours());
    assert!(store.save_told(state.turn + 1, &[told], &[]).await.expect("told"));
    let index = index_of(store.clone()).await.with_names(Arc::new(Aliases));
    let state = AppState::new(store.clone(), index, &ServeConfig::default());
    let router = serve::router(state.with_clock(Clock::Fixed(now())));
    Room { router, store, articles, _folder: folder }
}

fn says(answer: &Answer, words: &[&str]) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    for words in words {
        assert!(answer.body.contains(words), "no {words:?} in {}", answer.body);
    }
}

#[tokio::test]
async fn an_incident_tells_what_when_why_and_by_whom() {
    let room = room().await;
    let page = get(&room.router, "/incidents/1").await;
    says(
        &page,
        &[
            "Canon hit by ransomware",
            "Canon was hit.",
            "evil[.]example",
            "canon[.]example",
            "both name Canon as victim",
            "the same text at",
            "Source 2",
            "/victims/canon",
            "named &lt;as&gt; such",
        ],
    );
    assert!(!page.body.contains("docs[.]example"), "a reference is no indicator to show");
    assert!(!page.body.contains("/incidents/1/split"), "readers do not moderate");
    assert_eq!(get(&room.router, "/incidents/9").await.status, 404);
    says(&get(&room.router, "/incidents").await, &["Canon hit by ransomware"]);
    says(&get(&room.router, "/").await, &["Canon hit by ransomware", "/malware/maze"]);
}

#[tokio::test]
async fn a_merged_incident_leads_on_and_only_moderators_split() {
    let room = room().await;
    let new = room.store.split_incident(IncidentId(1), &room.articles[1..], "ann", now()).await;
    let new = new.expect("split").expect("a new incident");
    room.store.merge_incidents(new, IncidentId(1), "ann", now()).await.expect("merged");
    let moved = get(&room.router, &format!("/incidents/{}", new.0)).await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (308, "/incidents/1"));
    let api = get(&room.router, &format!("/api/v1/incidents/{}", new.0)).await;
    assert_eq!(api.header("location"), "/api/v1/incidents/1");
    let form = Request::post("/incidents/1/split")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("article={}", room.articles[0].0)))
        .expect("a request");
    let refused = send(&room.router, form).await;
    assert!([303, 401, 403].contains(&refused.status.as_u16()), "{}", refused.status);
    assert_eq!(room.store.coverage(IncidentId(1), 9).await.expect("coverage").len(), 2);
}

#[tokio::test]
async fn names_have_pages_and_aliases_lead_there() {
    let room = room().await;
    says(&get(&room.router, "/victims/canon").await, &["Canon", "Maze", "Canon hit by ransomware"]);
    says(&get(&room.router, "/attacks/ransomware").await, &["Ransomware", "/victims/canon"]);
    let malware = get(&room.router, "/malware/maze").await;
    says(&malware, &["also called", "ChaCha", "https://attack.mitre.org/software/S0449/"]);
    for (path, to) in [("/malware/chacha", "/malware/maze"), ("/victims/Canon", "/victims/canon")] {
        let answer = get(&room.router, path).await;
        assert!(answer.status.is_redirection(), "{path}: {}", answer.status);
        assert_eq!(answer.header("location"), to);
    }
    for path in ["/vendors/canon", "/victims/nobody", "/nonsense/canon"] {
        assert_eq!(get(&room.router, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_article_underlines_names_and_shows_evidence() {
    let room = room().await;
    let path = format!("/articles/{}", room.articles[1].0);
    let page = get(&room.router, &path).await;
    says(
        &page,
        &[
            "<a class=\"ent\" data-ent=\"victim\" href=\"/victims/canon\">Canon</a>",
            "<blockquote dir=\"auto\">The group Maze wants money.</blockquote>",
            "93 %",
            "The same text as",
            "/incidents/1",
        ],
    );
    let plain = get(&room.router, &format!("{path}?names=off")).await;
    assert!(!plain.body.contains("class=\"ent\""));
}

#[tokio::test]
async fn searches_narrow_by_what_was_found() {
    let room = room().await;
    let page = get(&room.router, "/search?q=malware:ChaCha+country:JP").await;
    says(&page, &["2 articles", "Country: <bdi>Japan</bdi>", "Incident 1", "victim%3ACanon"]);
    let wrong = get(&room.router, "/search?q=attack:picnic").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("is not an attack"));
}

#[tokio::test]
async fn the_api_gives_the_same() {
    let room = room().await;
    let list = get(&room.router, "/api/v1/incidents").await.json();
    assert_eq!(list["incidents"][0]["title"], "Canon hit by ransomware");
    let one = get(&room.router, "/api/v1/incidents/1").await.json();
    assert_eq!(one["coverage"][1]["duplicate_of"], room.articles[0].0);
    let entity = get(&room.router, "/api/v1/entities/malware/maze").await.json();
    assert_eq!((&entity["articles"], &entity["aliases"][0]), (&2.into(), &"ChaCha".into()));
    let article =
        get(&room.router, &format!("/api/v1/articles/{}", room.articles[0].0)).await.json();
    assert_eq!(article["enrichment"]["main_attack"], "ransomware");
    assert_eq!(article["enrichment"]["incident"], 1);
    let typed = get(&room.router, "/api/v1/suggest?q=chac").await.json();
    assert_eq!(typed["suggestions"][0]["text"], "malware:Maze");
    assert_eq!(get(&room.router, "/api/v1/entities/planet/mars").await.status, 404);
}

#[tokio::test]
async fn a_roundup_and_its_incidents_lead_to_each_other() {
    let room = room().await;
    let week = publish(&*room.store, 3).await;
    let state = room.store.desk_state().await.expect("a state");
    let batch = DeskBatch {
        turn: state.turn,
        edition: state.edition,
        read: now(),
        articles: vec![EnrichedArticle {
            id: week,
            revision: 1,
            published: now() - 2.hours(),
            enrichment: Enrichment::default(),
            signature: Vec::new(),
            fingerprint: 3,
            duplicate_of: None,
            placed: None,
        }],
        mentions: vec![RoundupMention {
            article_id: week,
            incident_id: IncidentId(1),
            section: span_of(3, "wants money"),
        }],
        incidents: Vec::new(),
    };
    assert!(room.store.save_desk_batch(&batch).await.expect("saved"));
    let page = get(&room.router, "/incidents/1").await;
    says(&page, &["Mentioned in round-ups", "Canon report 3", ">wants money</blockquote>"]);
    let page = get(&room.router, &format!("/articles/{}", week.0)).await;
    says(&page, &["This round-up mentions", "/incidents/1", ">wants money</blockquote>"]);
    let one = get(&room.router, "/api/v1/incidents/1").await.json();
    assert_eq!(one["roundups"][0]["article_id"], week.0);
    assert_eq!(one["coverage"].as_array().map(Vec::len), Some(2));
    let article = get(&room.router, &format!("/api/v1/articles/{}", week.0)).await.json();
    assert_eq!(article["mentions"][0]["incident"], 1);
}
