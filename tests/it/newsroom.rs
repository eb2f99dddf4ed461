//! A small made-up newsroom: sources in every state of health, articles over a few days with an edit,
//! hostile markup and a threaded discussion. All names and addresses are invented.

use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    domain::{
        Article, ArticleDraft, ArticleId, ArticleKey, ArticleKind, CommentDraft, Health,
        HealthState, NewSource, SourceId,
    },
    store::{ArticleWrite, FetchReport, Store, StoredRobots},
};
use url::Url;

/// "Now" in all tests of pages.
pub fn now() -> Timestamp {
    "2026-11-23T14:30:00Z".parse().expect("a test time")
}

/// What was put into the store.
pub struct Newsroom {
    pub ledger: SourceId,
    pub lab: SourceId,
    /// Has an edit, tags, comments and hostile markup.
    pub gateway: ArticleId,
}

/// Fills an empty store.
pub async fn furnish(store: &dyn Store) -> Newsroom {
    let ledger = source(store, "Packet Ledger", "https://packetledger.example/feed", "en").await;
    let lab = source(store, "Copperline Lab", "https://copperline.example/rss", "en").await;
    let ward = source(store, "Ward & Wire", "https://wardwire.example/atom.xml", "en").await;
    let hafen = source(store, "Alter Hafen CERT", "https://alterhafen.example/feed", "de").await;
    let weekly = source(store, "Hexagon Weekly", "https://hexagon.example/feed", "en").await;
    source(store, "<b>Quiet</b> corner", "https://quiet.example/feed.json", "en").await;
    store.record_fetches(&reports(ledger, lab, ward, hafen, weekly), now()).await.expect("reports");
    let robots = StoredRobots {
        status: 200,
        body: "User-agent: *\nDisallow: /drafts/\nCrawl-delay: 2\n".into(),
        fetched: ago(3),
        expires: ago(-21),
    };
    store.save_robots("https://packetledger.example", &robots).await.expect("robots.txt");

    let first = store.save_articles(&[gateway(ledger, false)], ago(9)).await.expect("article");
    let gateway_id = first[0].id;
    store.save_articles(&[gateway(ledger, true)], ago(5)).await.expect("revision");
    for (hours, write) in others(lab, ward, hafen) {
        store.save_articles(&[write], ago(hours)).await.expect("article");
    }
    Newsroom { ledger, lab, gateway: gateway_id }
}

/// Stores an article once more, under another address.
pub async fn save_again(store: &dyn Store, article: &Article, url: &str, seen: Timestamp) {
    let mut again = write(article.source_id, url, &article.title, 0, &[&article.text]);
    again.article.published = Some(article.published);
    store.save_articles(&[again], seen).await.expect("article");
}

fn ago(hours: i64) -> Timestamp {
    now() - hours.hours()
}

async fn source(store: &dyn Store, title: &str, url: &str, language: &str) -> SourceId {
    let site = Url::parse(url).and_then(|url| url.join("/")).expect("an address");
    let source = NewSource {
        url: url.into(),
        title: title.into(),
        site_url: Some(site.into()),
        groups: vec!["Security".into(), "News".into()],
        language: Some(language.into()),
        ..NewSource::default()
    };
    store.add_source(&source, ago(24 * 60)).await.expect("a source").0
}

fn reports(
    ledger: SourceId,
    lab: SourceId,
    ward: SourceId,
    hafen: SourceId,
    weekly: SourceId,
) -> Vec<FetchReport> {
    let well = Health {
        state: HealthState::Well,
        http_status: Some(200),
        last_attempt: Some(now() - 4.minutes()),
        last_success: Some(now() - 4.minutes()),
        next_try: Some(now() + 26.minutes()),
        interval_s: 1_800,
        body_bytes: 41_200,
        entries: 20,
        newest_entry: Some(ago(1)),
        ..Health::default()
    };
    let repaired = Health {
        state: HealthState::Repaired,
        repairs: vec!["date zone CEST read as +02:00".into(), "bare & in a title".into()],
        ..well.clone()
    };
    let silent = Health { newest_entry: Some(ago(41 * 24)), ..well.clone() };
    let failing = Health {
        state: HealthState::Failing,
        http_status: Some(403),
        error_code: Some("http-403".into()),
        error: Some(
            "The server answers 403; set a contact address so that it knows who asks.".into(),
        ),
        failures: 7,
        last_success: Some(ago(6 * 24)),
        next_try: Some(now() + 5.hours()),
        ..well.clone()
    };
    let report = |source_id, health| FetchReport {
        source_id,
        health,
        moved_to: None,
        disable: false,
        title: None,
        site_url: None,
        language: None,
        entries: Vec::new(),
    };
    vec![
        report(ledger, well.clone()),
        report(lab, well),
        report(ward, repaired),
        report(hafen, silent),
        report(weekly, failing),
    ]
}

fn write(
    source_id: SourceId,
    url: &str,
    title: &str,
    hours: i64,
    paragraphs: &[&str],
) -> ArticleWrite {
    let address = Url::parse(url).expect("an address");
    let html: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    ArticleWrite {
        entry: None,
        article: ArticleDraft {
            source_id,
            key: ArticleKey::of(&address),
            url: address.into(),
            title: title.into(),
            authors: vec!["Ines Tavares".into()],
            published: Some(ago(hours)),
            modified: None,
            language: Some("en".into()),
            site_name: None,
            description: paragraphs.first().map(|text| (*text).to_owned()),
            image: None,
            tags: Vec::new(),
            kind: ArticleKind::Article,
            text: paragraphs.join("\n\n"),
            html,
            comment_provider: None,
            confidence: 0.97,
        },
        comments: Vec::new(),
    }
}

fn gateway(ledger: SourceId, edited: bool) -> ArticleWrite {
    let count = if edited { "120" } else { "at least 90" };
    let opening =
        format!("By Sunday morning the list had reached {count} gateways, most of them in Europe.");
    let mut paragraphs = vec![
        opening.as_str(),
        "The hole sits in the code that serves the login page. No account is needed, and a restart does not \
         remove what was written.",
        "Owners of the 9.x line should wait for the build and block the path from outside until then.",
    ];
    if edited {
        paragraphs.push(
            "The note that named a crew was withdrawn at eight. Treat the attribution as open.",
        );
    }
    let url = "https://packetledger.example/2026/web-shells?lang=en&view=full";
    let mut write =
        write(ledger, url, "Web shells on Corvane gateways, most in Europe", 9, &paragraphs);
    write.article.tags = vec!["zero-day".into(), "web shell".into()];
    write.article.image = Some("https://packetledger.example/lead.png".into());
    write.article.html = format!(
        "<p>{}</p><h4>What the file does</h4><p>{} <img src=\"https://packetledger.example/map.png\" \
         alt=\"Map of Europe\"><script>alert(1)</script></p><pre><code>GET /portal/brand?x=1&amp;y=2</code></pre>\
         <table><tr><th>Line</th><th>Fixed in</th></tr><tr><td>9.x</td><td>9.4.2</td></tr></table>\
         <blockquote><p>“Quiet means somebody is choosing.”</p></blockquote><p>{}</p>",
        paragraphs[0], paragraphs[1], paragraphs[2]
    );
    write.comments = comments();
    write
}

fn comments() -> Vec<CommentDraft> {
    let comment =
        |key: &str, parent: Option<&str>, author: &str, minutes: i64, text: &str| CommentDraft {
            key: key.into(),
            parent_key: parent.map(str::to_owned),
            author: Some(author.into()),
            author_url: Some("javascript:alert(1)".into()),
            published: Some(ago(8) + minutes.minutes()),
            text: text.into(),
        };
    vec![
        comment(
            "c1",
            None,
            "Marit H.",
            0,
            "Seen on a 9.3 box at 04:10.\n\nThe file was 712 bytes.",
        ),
        comment("c2", Some("c1"), "Ines Tavares", 13, "Thank you, that matches."),
        comment("c3", None, "qwe_ops", 39, "Blocking the path broke our logo and nothing else."),
        comment(
            "c4",
            None,
            "<script>alert(2)</script>",
            50,
            "Recover lost coins <b>now</b>, write to me",
        ),
        comment("c5", Some("c2"), "שירה", 61, "גם אצלנו, בשתי מכונות."),
    ]
}

fn others(lab: SourceId, ward: SourceId, hafen: SourceId) -> Vec<(i64, ArticleWrite)> {
    let mut german = write(
        hafen,
        "https://alterhafen.example/hinweis-17",
        "Hinweis 17: Schadprogramm in Paketen für Datumsrechnung",
        30,
        &["Zwei Pakete gaben Schlüssel aus Bauläufen an einen fremden Dienst weiter."],
    );
    german.article.language = Some("de".into());
    let mut arabic = write(
        ward,
        "https://wardwire.example/ar/1",
        "تسريب بيانات من عيادة خاصة",
        52,
        &["نشر المهاجمون عينة من سجلات المرضى."],
    );
    arabic.article.language = Some("ar".into());
    let mut untitled =
        write(ward, "https://wardwire.example/note", "", 54, &["A short note without a title."]);
    untitled.article.authors.clear();
    untitled.article.published = None;
    untitled.article.description = None;
    vec![
        (
            1,
            write(
                lab,
                "https://copperline.example/knocking",
                "Something is knocking on Corvane portals",
                1,
                &[
                    "Our sensors see one request a minute for the brand path of the Corvane gateway login page.",
                ],
            ),
        ),
        (
            2,
            write(
                ward,
                "https://wardwire.example/hospital",
                "Hospital group diverts ambulances after ransomware reaches imaging network",
                2,
                &[
                    "Northmere Health took radiology systems offline in four hospitals; surgery resumes on paper.",
                ],
            ),
        ),
        (
            28,
            write(
                lab,
                "https://copperline.example/typo",
                "Two typo-squatted packages pulled after stealing build tokens",
                28,
                &[
                    "The packages copied a date library and sent environment variables to a paste service.",
                ],
            ),
        ),
        (30, german),
        (52, arabic),
        (54, untitled),
    ]
}
