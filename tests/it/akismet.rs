//! The Akismet-compatible API, asked as its clients ask it.

use siftwire::domain::{CommentState, SitePolicy, UnsureAction};

use crate::{
    moderated::{BLOG, OTHER_BLOG, World, world},
    wire::{form, request, send},
};

const THANKS: &str = "Thanks for making the web a better place.";
const HAM: &str =
    "The second paragraph mixes up two patches: 4.2.1 fixes the parser, the login came later.";
const SCAM: &str = "I lost $40,000 to a fake broker and Mrs Clara Fixwell recovered everything in two days! \
    Write to her on WhatsApp +1 555 010 9999 or clarafixwell@mail.example, invest with her and earn $9,000 weekly";

async fn check(world: &World, fields: &[(&str, &str)]) -> crate::wire::Answer {
    world.akismet("/1.1/comment-check", fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_taken_from_field_or_host() {
    let world = world().await;
    let upper = world.key.to_uppercase();
    for fields in [[("api_key", upper.as_str())], [("key", world.key.as_str())]] {
        let answer = world.akismet("/1.1/verify-key", &fields).await;
        assert_eq!((answer.status(), answer.body.as_str()), (200, "valid"));
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.header("x-akismet-debug-help"), "");
    }
    let host = format!("{}.rest.example:8420", world.key);
    let body = form(&[("blog", BLOG), ("user_ip", "192.0.2.1"), ("comment_content", HAM)]);
    let answer = world.post_form("/1.1/comment-check", &[("Host", &host)], &body).await;
    assert_eq!(answer.body, "false");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_wrong_is_told_with_status_200() {
    let world = world().await;
    let answer = world.akismet("/1.1/verify-key", &[("key", "000000000000")]).await;
    assert_eq!((answer.status(), answer.body.as_str()), (200, "invalid"));
    assert_ne!(answer.header("x-akismet-debug-help"), "");
    let answer = world.akismet("/1.1/comment-check", &[("user_ip", "")]).await;
    assert_eq!((answer.status(), answer.body.as_str()), (200, "invalid"));
    assert!(answer.header("x-akismet-debug-help").contains("user_ip"));
    // The token of a person is no key of a site.
    let answer = world.akismet("/1.1/verify-key", &[("key", &world.moderators[0])]).await;
    assert_eq!(answer.body, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_answers_one_word_and_says_why_in_headers() {
    let world = world().await;
    let spam = check(&world, &[("comment_author", "Rita"), ("comment_content", SCAM)]).await;
    assert_eq!((spam.status(), spam.body.as_str()), (200, "true"), "{spam:?}");
    assert_eq!(spam.header("x-akismet-guid").len(), 36);
    assert_ne!(spam.header("x-verdict"), "ham");
    let score: f32 = spam.header("x-verdict-score").parse().expect("a number");
    assert!(score > 0.4, "{score}");
    assert_ne!(spam.header("x-verdict-reasons"), "");
    let path = spam.header("x-verdict-url").split_once("/api/v1").expect("an address").1.to_owned();
    let explained = world.api(&world.key, "GET", &path, &serde_json::Value::Null).await;
    assert_eq!(explained.json()["content"], SCAM);
    let ham = check(&world, &[("comment_author", "Ada"), ("comment_content", HAM)]).await;
    assert_eq!(ham.body, "false", "{ham:?}");
    for header in ["x-akismet-debug-help", "x-akismet-alert-msg", "x-akismet-pro-tip"] {
        assert_eq!(ham.header(header), "", "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_has_the_same_name_and_does_not_count_twice() {
    let world = world().await;
    let fields = [("comment_author", "Ada"), ("comment_content", HAM)];
    let first = check(&world, &fields).await;
    let mut again = fields.to_vec();
    again.push(("recheck_reason", "recheck_queue"));
    let second = check(&world, &again).await;
    assert_eq!(first.header("x-akismet-guid"), second.header("x-akismet-guid"));
    let other = check(&world, &[("comment_author", "Bob"), ("comment_content", HAM)]).await;
    assert_ne!(first.header("x-akismet-guid"), other.header("x-akismet-guid"));
    let usage = world.akismet("/1.2/usage-limit", &[]).await.json();
    assert_eq!(usage["usage"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_and_administrators_are_answered_by_agreement() {
    let world = world().await;
    for probe in [
        ("comment_author", "akismet-guaranteed-spam"),
        ("comment_author", "viagra-test-123"),
        ("comment_author_email", "akismet-guaranteed-spam@example.com"),
    ] {
        assert_eq!(check(&world, &[probe, ("comment_content", HAM)]).await.body, "true");
    }
    let administrator = [("user_role", "editor,administrator"), ("comment_content", SCAM)];
    assert_eq!(check(&world, &administrator).await.body, "false");
    let counts = world.store.state_counts(None).await.expect("counts");
    assert_eq!((counts.spam, counts.approved), (0, 1), "probes are not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_leaves_no_trace() {
    let world = world().await;
    let fields = [("is_test", "1"), ("comment_author", "Ada"), ("comment_content", HAM)];
    let answer = check(&world, &fields).await;
    assert_eq!(answer.body, "false");
    assert_eq!(answer.header("x-akismet-guid").len(), 36);
    assert_eq!(world.akismet("/1.1/submit-spam", &fields).await.body, THANKS);
    assert_eq!(check(&world, &fields).await.body, "false", "a test teaches nothing");
    assert!(world.store.journal(None, None, 9).await.expect("journal").is_empty());
    assert_eq!(world.store.state_counts(None).await.expect("counts").approved, 0);
    // Some clients always send the field.
    check(&world, &[("is_test", "0"), ("comment_content", HAM)]).await;
    assert_eq!(world.store.state_counts(None).await.expect("counts").approved, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_learnt_at_once_once_and_by_its_site_alone() {
    let world = world().await;
    let comment = [("comment_author", "Ada"), ("comment_content", HAM)];
    assert_eq!(check(&world, &comment).await.body, "false");
    for _ in 0..3 {
        assert_eq!(world.akismet("/1.1/submit-spam", &comment).await.body, THANKS);
    }
    assert_eq!(world.store.journal(None, None, 9).await.expect("journal").len(), 1);
    assert_eq!(check(&world, &comment).await.body, "true");
    let elsewhere = [("api_key", world.other_key.as_str()), comment[0], comment[1]];
    assert_eq!(check(&world, &elsewhere).await.body, "false", "another site is not concerned");
    // Nearly the same from somebody else.
    let copy = HAM.replace("4.2.1", "4.2.9");
    let alike = check(&world, &[("comment_author", "Eve"), ("comment_content", &copy)]).await;
    assert_eq!(alike.header("x-verdict"), "spam", "{alike:?}");

    assert_eq!(world.akismet("/1.1/submit-ham", &comment).await.body, THANKS);
    assert_eq!(check(&world, &comment).await.body, "false");
    let month = world.store.figures(None, jiff::Timestamp::now(), 1).await.expect("figures")[0];
    assert_eq!(month.missed_spam, 0, "the report was taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_what_was_never_checked_is_learnt_too() {
    let world = world().await;
    let comment = [("comment_author", "Ada"), ("comment_content", HAM)];
    assert_eq!(world.akismet("/1.1/submit-spam", &comment).await.body, THANKS);
    assert_eq!(check(&world, &comment).await.body, "true");
    let usage = world.akismet("/1.2/usage-limit", &[]).await.json();
    assert_eq!(usage["usage"], 1, "only the check counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn discard_is_said_far_above_the_threshold_and_never_to_a_young_site() {
    let world = world().await;
    let block = |value: &str| siftwire::domain::PolicyRule {
        action: siftwire::domain::RuleAction::Block,
        field: siftwire::domain::RuleField::Author,
        value: value.into(),
    };
    check(&world, &[("comment_content", HAM)]).await;
    let policy = SitePolicy {
        discard_from: Some(0.5),
        spam_from: Some(0.45),
        unsure_from: Some(0.4),
        rules: vec![block("Rule-breaker")],
        ..SitePolicy::default()
    };
    assert_eq!(world.set_policy(&policy).await.status(), 200);
    let scam = [("comment_author", "Rita"), ("comment_content", SCAM)];
    let young = check(&world, &scam).await;
    assert_eq!((young.body.as_str(), young.header("x-akismet-pro-tip")), ("true", ""));
    let later = world.in_days(40).await;
    let old = check(&later, &scam).await;
    assert_eq!((old.body.as_str(), old.header("x-akismet-pro-tip")), ("true", "discard"));
    // What only a rule of the site calls spam is kept.
    let ruled = [("comment_author", "rule-breaker"), ("comment_content", HAM)];
    let ruled = check(&later, &ruled).await;
    assert_eq!((ruled.body.as_str(), ruled.header("x-akismet-pro-tip")), ("true", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsure_comment_is_held_or_published_as_the_site_wants() {
    let world = world().await;
    check(&world, &[("comment_content", "first")]).await;
    for (unsure, body) in [(UnsureAction::Hold, "true"), (UnsureAction::Publish, "false")] {
        let policy = SitePolicy {
            unsure,
            unsure_from: Some(0.0),
            spam_from: Some(1.0),
            ..SitePolicy::default()
        };
        assert_eq!(world.set_policy(&policy).await.status(), 200);
        let answer = check(&world, &[("comment_author", body), ("comment_content", HAM)]).await;
        assert_eq!(answer.body, body);
        assert_eq!(answer.header("x-verdict"), "unsure");
        assert_eq!(answer.header("x-akismet-pro-tip"), "");
    }
    assert_eq!(world.store.state_counts(None).await.expect("counts").unsure, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn wordpress_speaks_http_1_0() {
    let world = world().await;
    let body = String::from_utf8(form(&[
        ("blog", BLOG),
        ("user_ip", "192.0.2.9"),
        ("comment_author", "Ada"),
        ("comment_content", HAM),
        ("comment_date_gmt", "2026-11-23 10:11:12"),
        ("comment_context[]", "patches"),
        ("POST_ak_js", "163"),
        ("HTTP_ACCEPT", "*/*"),
        ("api_key", &world.key),
    ]))
    .expect("text");
    let wire = format!(
        "POST /1.1/comment-check HTTP/1.0\r\nHost: rest.akismet.com\r\n\
         User-Agent: WordPress/6.9 | Akismet/5.6\r\nReferer: {BLOG}/\r\n\
         Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = send(world.address, wire.as_bytes()).await;
    assert_eq!(answer.status_line, "HTTP/1.0 200 OK");
    assert_eq!(answer.body, "false");
    assert_eq!(answer.header("content-length"), "5");
    assert_eq!(answer.header("transfer-encoding"), "");
    assert_eq!(answer.header("x-akismet-guid").len(), 36);
    // And without a Host header at all, as HTTP/1.0 allows.
    let bare = wire.replace("Host: rest.akismet.com\r\n", "");
    assert_eq!(send(world.address, bare.as_bytes()).await.body, "false");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_real_and_in_their_shapes() {
    let world = world().await;
    for n in 0..4 {
        let author = format!("Reader {n}");
        check(&world, &[("comment_author", &author), ("comment_content", HAM)]).await;
    }
    let missed = [("comment_author", "Reader 1"), ("comment_content", HAM)];
    world.akismet("/1.1/submit-spam", &missed).await;
    let month =
        jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).strftime("%Y-%m").to_string();
    let query = format!("/1.2/key-sites?api_key={}", world.key);
    let sites = send(world.address, &request("GET", &query, &[], b"")).await.json();
    let row = &sites[&month][0];
    assert_eq!((row["site"].as_str(), row["api_calls"].as_str()), (Some(BLOG), Some("4")));
    assert_eq!((row["ham"].as_str(), row["missed_spam"].as_str()), (Some("4"), Some("1")));
    assert_eq!((sites["limit"].as_i64(), sites["total"].as_i64()), (Some(500), Some(1)));
    let csv = world.akismet("/1.2/key-sites", &[("format", "csv")]).await.body;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with(&format!("Active sites for {} during {month} (", world.key)));
    assert_eq!(lines[1], "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked");
    assert_eq!(lines[2], format!("\"{BLOG}\",4,0,4,1,0,false"));
    let usage = world.akismet("/1.2/usage-limit", &[("extended", "1")]).await.json();
    assert_eq!(usage["limit"], "none");
    assert_eq!(
        (usage["percentage"].as_str(), usage["throttled"].as_bool()),
        (Some("0.00"), Some(false))
    );
    assert!(usage.get("notice_level").is_some());
    let stats = world.akismet("/1.1/get-stats", &[("from", "6-months")]).await.json();
    assert_eq!(
        (stats["ham"].as_i64(), stats["breakdown"][&month]["ham"].as_i64()),
        (Some(4), Some(4))
    );
    let subscription = world.akismet("/1.1/get-subscription", &[]).await.json();
    assert_eq!(subscription["status"], "active");
    assert_eq!(world.akismet("/1.1/deactivate", &[]).await.body, "deactivated");
    assert_eq!(send(world.address, &request("GET", "/1.1/test", &[], b"")).await.status(), 200);
    let wrong = world.akismet("/1.2/usage-limit", &[("api_key", "000000000000")]).await;
    assert_eq!(wrong.body, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_origins_may_post_here() {
    let world = world().await;
    let body = form(&[("api_key", &world.key), ("blog", BLOG)]);
    let headers = [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(world.post_form("/1.1/verify-key", &headers, &body).await.body, "valid");
}

#[tokio::test(flavor = "multi_thread")]
async fn script_in_every_field_is_kept_as_text() {
    let world = world().await;
    let script = "<script>alert(1)</script>\r\nX-Evil: 1";
    let names = [
        "user_agent",
        "referrer",
        "permalink",
        "comment_type",
        "comment_author",
        "comment_author_email",
        "comment_author_url",
        "comment_content",
        "comment_date_gmt",
        "comment_parent",
        "blog_lang",
        "blog_charset",
        "user_role",
        "recheck_reason",
        "honeypot_field_name",
        "comment_context[]",
        "callback",
        "reporter",
        "guid",
        "user_ip",
    ];
    let fields: Vec<(&str, &str)> = names.into_iter().map(|name| (name, script)).collect();
    let answer = check(&world, &fields).await;
    assert!(["true", "false"].contains(&answer.body.as_str()));
    assert_eq!(answer.header("x-evil"), "");
    for (name, value) in &answer.headers {
        assert!(!value.contains('<'), "{name}: {value}");
    }
    assert_eq!(world.akismet("/1.1/submit-spam", &fields).await.body, THANKS);
    let path = format!("/checks/{}", answer.header("x-akismet-guid"));
    let stored = world.api(&world.key, "GET", &path, &serde_json::Value::Null).await;
    assert_eq!(stored.header("content-type"), "application/json");
    assert_eq!(stored.json()["author"], script);
    let verify = [("api_key", script)];
    assert_eq!(world.akismet("/1.1/verify-key", &verify).await.body, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_of_a_megabyte_is_checked_and_more_is_refused() {
    let world = world().await;
    let long = "lorem ipsum ".repeat((1 << 20) / 12);
    let answer = check(&world, &[("comment_content", &long)]).await;
    assert!(["true", "false"].contains(&answer.body.as_str()), "{}", answer.status_line);
    let stored = world.store.queue(&Default::default(), Default::default(), None, 1).await;
    assert!(stored.expect("a queue")[0].content.len() <= 64 << 10, "what is kept is limited");
    let head = format!(
        "POST /1.1/comment-check HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        64 << 20
    );
    assert_eq!(send(world.address, head.as_bytes()).await.status(), 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_read_in_the_blogs_character_set() {
    let world = world().await;
    for (label, bytes) in
        [("ISO-8859-1", "gr%FC%DFe"), ("UTF-8", "gr%C3%BC%C3%9Fe"), ("utf-16", "gr%FC%DFe")]
    {
        let body = format!(
            "api_key={}&blog={BLOG}&user_ip=192.0.2.1&comment_author={label}&blog_charset={label}\
             &comment_content={bytes}",
            world.key
        );
        let answer = world.post_form("/1.1/comment-check", &[], body.as_bytes()).await;
        let path = format!("/checks/{}", answer.header("x-akismet-guid"));
        let stored = world.api(&world.key, "GET", &path, &serde_json::Value::Null).await;
        assert_eq!(stored.json()["content"], "grüße", "{label}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_at_speed_are_held_up_and_forged_headers_do_not_help() {
    let world = world().await;
    let mut refused = 0;
    for n in 0..60 {
        let key = format!("{n:012}");
        let forged = format!("198.51.100.{n}");
        let headers = [
            ("X-Forwarded-For", forged.as_str()),
            ("X-Real-IP", &forged),
            ("Forwarded", "for=9.9.9.9"),
        ];
        let body = form(&[("api_key", &key), ("blog", BLOG)]);
        let answer = world.post_form("/1.1/verify-key", &headers, &body).await;
        assert_eq!(answer.body, "invalid");
        if answer.status() == 429 {
            refused += 1;
            assert!(answer.header("retry-after").parse::<u64>().expect("seconds") > 0);
        }
    }
    assert!(refused >= 20, "{refused} of 60 were held up");
    let good = world.akismet("/1.1/verify-key", &[]).await;
    assert_eq!((good.status(), good.body.as_str()), (200, "valid"), "a right key always passes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_sees_its_own_site_alone() {
    let world = world().await;
    let answer = check(&world, &[("comment_content", HAM)]).await;
    let guid = answer.header("x-akismet-guid").to_owned();
    let path = format!("/checks/{guid}");
    let other = world.api(&world.other_key, "GET", &path, &serde_json::Value::Null).await;
    assert_eq!(other.status(), 404);
    // Nor can it decide by naming it.
    let report = [
        ("api_key", world.other_key.as_str()),
        ("guid", guid.as_str()),
        ("comment_content", "something else altogether"),
    ];
    world.akismet("/1.1/submit-spam", &report).await;
    let first = world.store.checked_by_guid(guid.parse().expect("a guid")).await.expect("read");
    assert_eq!(first.expect("a comment").state, CommentState::Approved);
    assert_eq!(world.site(OTHER_BLOG).await.url, OTHER_BLOG);
}
