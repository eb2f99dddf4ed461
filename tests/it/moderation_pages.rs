//! The moderation pages, used as moderators use them: over HTTP, by forms.

use axum::{Router, http::StatusCode};
use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    domain::{CheckedComment, CommentState, Site, SitePolicy, UnsureAction},
    moderation::{Desk, Submission},
    spam::{CommentInput, Filter},
    store::{NewSite, QueueFilter, QueueOrder, Role},
};

use crate::{
    accounts::{Browser, House},
    newsroom,
    serve::Answer,
};

const PLAIN: &str =
    "The second paragraph confuses two patches; 4.2.1 fixes the parser, not the login page.";
const SCAM: &str = "I lost $40,000 and Mrs Clara Fixwell recovered everything in two days, write to her on \
    WhatsApp +1 555 010 9999 or clarafix (at) mail.example, she is a genius investor";
const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";

/// A house with moderators and a blog.
struct Room {
    house: House,
    router: Router,
    desk: Desk,
    site: Site,
}

impl Room {
    async fn new() -> Self {
        let house = House::new().await;
        for (name, role) in [("jo", Role::Moderator), ("root", Role::Admin)] {
            house.add_user(name, role).await;
        }
        let desk = Desk::new(house.store.clone(), Filter::embedded());
        let new = NewSite {
            url: "https://blog.example".into(),
            name: "A blog".into(),
            ..NewSite::default()
        };
        let site = house.store.ensure_site(&new, newsroom::now()).await.expect("a site");
        let router = house.router().await;
        Self { house, router, desk, site }
    }

    async fn check(&self, author: &str, content: &str, minutes: i64) -> CheckedComment {
        let input = CommentInput {
            author: author.into(),
            content: content.into(),
            context: "Two patches".into(),
            ..CommentInput::default()
        };
        self.submit(Submission { input, kind: "comment".into(), ..Submission::default() }, minutes)
            .await
    }

    async fn submit(&self, submission: Submission, minutes: i64) -> CheckedComment {
        let now: Timestamp = newsroom::now() - 600.minutes() + minutes.minutes();
        let checked = self.desk.check(self.site.id, submission, now).await.expect("a verdict");
        self.comment(checked.id.expect("it is stored").0).await
    }

    async fn comment(&self, id: i64) -> CheckedComment {
        let id = siftwire::domain::CheckedId(id);
        self.house.store.checked(id).await.expect("an answer").expect("the comment")
    }

    async fn state(&self, comment: &CheckedComment) -> CommentState {
        self.comment(comment.id.0).await.state
    }

    async fn log_in(&self, name: &str) -> Browser {
        Browser::logged_in(&self.router, name).await
    }
}

fn decision(comment: &CheckedComment, to: &str) -> String {
    format!("id={}&version={}&to={to}&back=%2Fmoderation", comment.id.0, comment.version)
}

/// The value of the first hidden field with this name.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let mark = format!("name=\"{name}\" value=\"");
    let start = page.find(&mark).unwrap_or_else(|| panic!("a field {name} in {page}")) + mark.len();
    &page[start..start + page[start..].find('"').expect("its end")]
}

fn assert_done(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn nobody_but_moderators_gets_in() {
    let room = Room::new().await;
    let comment = room.check("Ada", SCAM, 0).await;
    let pages = ["", "/campaigns", "/journal", "/sites", "/sites/1", "/all"];
    let forms = ["/decide", "/bulk", "/all", "/undo", "/sites/1", "/erase"];
    let mut stranger = Browser::new(&room.router);
    let mut reader = room.log_in("marit").await;
    let mut moderator = room.log_in("ines").await;
    for path in pages.map(|path| format!("/moderation{path}")) {
        let away = stranger.get(&path).await;
        assert!(away.header("location").starts_with("/login?back=%2Fmoderation"), "{path}");
        assert_eq!(reader.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(moderator.get(&path).await.status, StatusCode::OK, "{path}");
    }
    for path in forms.map(|path| format!("/moderation{path}")) {
        let form = decision(&comment, "approved");
        assert_eq!(stranger.post(&path, &form).await.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(reader.post(&path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
        let foreign = moderator.post_from("cross-site", &path, &form).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(room.state(&comment).await, comment.state);
    assert_eq!(moderator.get("/moderation/audit").await.status, StatusCode::FORBIDDEN);
    assert_eq!(moderator.post("/moderation/erase", "mail=a").await.status, StatusCode::FORBIDDEN);
    let mut root = room.log_in("root").await;
    assert!(root.get("/moderation/audit").await.body.contains("log-in"));
    assert!(!reader.get("/").await.body.contains("href=\"/moderation\""));
    assert!(moderator.get("/").await.body.contains("href=\"/moderation\""));
}

#[tokio::test]
async fn a_comment_is_shown_with_its_reasons() {
    let room = Room::new().await;
    let comment = room.check("Ada", SCAM, 0).await;
    let mut ines = room.log_in("ines").await;
    let path = format!("/moderation?state={}&c={}", comment.state.as_str(), comment.id.0);
    let page = ines.get(&path).await.body;
    assert!(page.contains("<ol class=\"signals\">"), "{page}");
    let listed: Vec<&str> = page
        .split("<b class=\"num\">")
        .skip(1)
        .map(|part| &part[..part.find('<').expect("a number")])
        .collect();
    assert!(listed.len() >= 3, "{listed:?}");
    let marked: Vec<&str> = page
        .split("<sup>")
        .skip(1)
        .flat_map(|part| part[..part.find('<').expect("numbers")].split(' '))
        .collect();
    assert!(!marked.is_empty(), "evidence is marked in the text");
    for number in marked {
        assert!(listed.contains(&number), "{number} is in the list {listed:?}");
    }
    for words in ["Two patches", "A blog", "this site publishes below", "first comment"] {
        assert!(page.contains(words), "{words}");
    }
}

#[tokio::test]
async fn a_decision_is_taken_and_taken_back() {
    let room = Room::new().await;
    let comment = room.check("Ada", SCAM, 0).await;
    let mut ines = room.log_in("ines").await;
    assert_done(&ines.post("/moderation/decide", &decision(&comment, "approved")).await);
    assert_eq!(room.state(&comment).await, CommentState::Approved);

    let page = ines.get("/moderation?state=approved").await.body;
    assert!(page.contains("approved by ines"), "{page}");
    assert!(page.contains("Undo: 1 comment approved"), "{page}");
    let journal = ines.get("/moderation/journal").await.body;
    assert!(journal.contains("approved by ines"));
    let undo = format!("batch={}&back=%2Fmoderation", field(&page, "batch"));
    assert_done(&ines.post("/moderation/undo", &undo).await);
    assert_eq!(room.state(&comment).await, comment.state);
    let again = ines.post("/moderation/undo", &undo).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "nothing is left to take back");
}

#[tokio::test]
async fn a_stale_page_overwrites_nothing() {
    let room = Room::new().await;
    let comment = room.check("Ada", SCAM, 0).await;
    let (mut ines, mut jo) = (room.log_in("ines").await, room.log_in("jo").await);
    assert_done(&ines.post("/moderation/decide", &decision(&comment, "approved")).await);
    let stale = jo.post("/moderation/decide", &decision(&comment, "deleted")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("approved by ines"), "{}", stale.body);
    assert_eq!(room.state(&comment).await, CommentState::Approved);

    let anew = format!(
        "id={}&version={}&to=deleted&back=%2Fmoderation",
        field(&stale.body, "id"),
        field(&stale.body, "version")
    );
    assert_done(&jo.post("/moderation/decide", &anew).await);
    assert_eq!(room.state(&comment).await, CommentState::Deleted);

    let undo = ines.get("/moderation").await;
    let batch = field(&undo.body, "batch").to_owned();
    let kept = ines.post("/moderation/undo", &format!("batch={batch}&back=%2F")).await;
    assert_eq!(kept.status, StatusCode::CONFLICT, "a later decision stands in the way");
    assert_eq!(room.state(&comment).await, CommentState::Deleted);
}

#[tokio::test]
async fn several_are_decided_and_taken_back_together() {
    let room = Room::new().await;
    let mut comments = Vec::new();
    for number in 0..3 {
        comments
            .push(room.check(&format!("Ada {number}"), &format!("{PLAIN} {number}"), number).await);
    }
    let (mut ines, mut jo) = (room.log_in("ines").await, room.log_in("jo").await);
    let picks: String = comments
        .iter()
        .map(|comment| format!("pick={}.{}&", comment.id.0, comment.version))
        .collect();
    assert_done(&jo.post("/moderation/decide", &decision(&comments[1], "deleted")).await);
    let partly = ines.post("/moderation/bulk", &format!("{picks}to=spam&back=%2Fmoderation")).await;
    assert_eq!(partly.status, StatusCode::CONFLICT);
    assert!(
        partly.body.contains("2 comments decided, 1 comment left as they are"),
        "{}",
        partly.body
    );
    let states = [CommentState::Spam, CommentState::Deleted, CommentState::Spam];
    for (comment, state) in comments.iter().zip(states) {
        assert_eq!(room.state(comment).await, state);
    }
    let page = ines.get("/moderation").await.body;
    assert!(page.contains("Undo: 2 comments marked as spam"), "{page}");
    let undo = format!("batch={}&back=%2Fmoderation", field(&page, "batch"));
    assert_done(&ines.post("/moderation/undo", &undo).await);
    assert_eq!(room.state(&comments[0]).await, comments[0].state);
    assert_eq!(room.state(&comments[1]).await, CommentState::Deleted, "jo's stays");
    let none = ines.post("/moderation/bulk", "to=spam&back=%2Fmoderation").await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn all_of_a_list_means_what_was_there() {
    let room = Room::new().await;
    for number in 0..4 {
        room.check("Ada", &format!("{SCAM} {number}"), number).await;
    }
    let all = |state| {
        let filter = QueueFilter { state: Some(state), ..QueueFilter::default() };
        let store = room.house.store.clone();
        async move { store.queue(&filter, QueueOrder::Newest, None, 50).await.expect("a queue") }
    };
    let before = all(CommentState::Spam).await;
    assert_eq!(before.len(), 4, "the filter knows this scam");
    let mut ines = room.log_in("ines").await;
    let campaign = before[0].campaign.expect("a campaign");
    let path = format!("/moderation/all?state=spam&campaign={campaign}");
    let page = ines.get(&path).await.body;
    assert!(page.contains("Decide about 4 comments"), "{page}");
    let newest = field(&page, "newest").to_owned();
    let late = room.check("Ada", &format!("{SCAM} 99"), 99).await;
    assert_done(&ines.post(&path, &format!("newest={newest}&to=deleted")).await);
    assert_eq!(all(CommentState::Deleted).await.len(), 4);
    assert_eq!(room.state(&late).await, CommentState::Spam, "it was not in the list");
    let page = ines.get("/moderation?state=spam").await.body;
    let undo = format!("batch={}&back=%2Fmoderation", field(&page, "batch"));
    assert_done(&ines.post("/moderation/undo", &undo).await);
    assert_eq!(all(CommentState::Spam).await.len(), 5);
    let campaigns = ines.get("/moderation/campaigns").await.body;
    assert!(campaigns.contains("5 comments"), "{campaigns}");
}

#[tokio::test]
async fn a_long_queue_is_paged_and_searched() {
    let room = Room::new().await;
    for number in 0..45 {
        let comment =
            room.check(&format!("Reader {number}"), &format!("{PLAIN} no {number}"), number).await;
        assert_eq!(comment.state, CommentState::Approved);
    }
    let mut ines = room.log_in("ines").await;
    let picks = |page: &str| page.matches("name=\"pick\"").count();
    let first = ines.get("/moderation?state=approved").await.body;
    assert_eq!(picks(&first), 30);
    let older =
        first.split("href=\"").find(|part| part.contains("after=")).expect("a link to the rest");
    let older = older[..older.find('"').expect("its end")].replace("&amp;", "&");
    let second = ines.get(&older).await.body;
    assert_eq!(picks(&second), 15);
    let found = ines.get("/moderation?state=approved&q=Reader+44&order=oldest&site=").await.body;
    assert_eq!(picks(&found), 1, "{found}");
    for wrong in ["state=gone", "order=size", "after=x", "c=x", "author=x", "campaign=x", "site=x"]
    {
        let answer = ines.get(&format!("/moderation?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let missing = ines.get("/moderation?c=99999").await;
    assert_eq!(missing.status, StatusCode::OK, "a comment that is gone leaves the queue usable");
}

#[tokio::test]
async fn hostile_text_stays_text_on_every_page() {
    let room = Room::new().await;
    let input = CommentInput {
        author: HOSTILE.into(),
        author_email: HOSTILE.into(),
        author_url: format!("javascript:alert(1)//{HOSTILE}"),
        user_ip: HOSTILE.into(),
        user_agent: HOSTILE.into(),
        content: format!("{SCAM} {HOSTILE}"),
        context: HOSTILE.into(),
        context_text: HOSTILE.into(),
        ..CommentInput::default()
    };
    let submission = Submission {
        input,
        kind: HOSTILE.into(),
        permalink: format!("javascript:alert(1)//{HOSTILE}"),
        ..Submission::default()
    };
    let policy = SitePolicy { keep_mail: true, keep_ip: true, ..SitePolicy::default() };
    room.desk.edit_site(room.site.id, HOSTILE, &policy).await.expect("edited");
    let comment = room.submit(submission.clone(), 0).await;
    room.submit(submission, 1).await;
    let mut ines = room.log_in("root").await;
    let decide = decision(&comment, "deleted");
    assert_done(&ines.post("/moderation/decide", &decide).await);
    let stale = ines.post("/moderation/decide", &decide.replace("deleted", "approved")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let mut pages = vec![("conflict".to_owned(), stale.body)];
    let id = comment.id.0;
    for path in [
        format!("/moderation?state=deleted&c={id}"),
        "/moderation?state=spam&host=%22%3E%3Cscript%3Ealert(1)&q=%22%3E%3Cscript%3Ealert(1)"
            .to_owned(),
        "/moderation/all?state=deleted".to_owned(),
        "/moderation/campaigns".to_owned(),
        "/moderation/journal".to_owned(),
        "/moderation/audit".to_owned(),
        "/moderation/sites".to_owned(),
        format!("/moderation/sites/{}", room.site.id.0),
    ] {
        let answer = ines.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        pages.push((path, answer.body));
    }
    let refused = ines
        .post(
            &format!("/moderation/sites/{}", room.site.id.0),
            "rules=%22%3E%3C%2Ftextarea%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&name=%22%3E%3Cscript%3Ealert(1)&unsure=hold\
             &trust_after=1&keep_days=1",
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    pages.push(("policy".to_owned(), refused.body));
    for (path, page) in pages {
        for evil in ["<script>alert", "<img", "\"'>", "href=\"javascript:"] {
            assert!(!page.contains(evil), "{path} holds {evil}");
        }
    }
}

#[tokio::test]
async fn a_site_says_what_it_wants() {
    let room = Room::new().await;
    let mut ines = room.log_in("ines").await;
    let path = format!("/moderation/sites/{}", room.site.id.0);
    let form = "name=Renamed&unsure=publish&unsure_from=0%2C3&spam_from=0.9&discard_from=&trust_after=2&keep_days=30\
                &keep_ip=yes&rules=block+host+casino.example%0D%0Aallow+author+Marit+H.";
    assert_done(&ines.post(&path, form).await);
    let site = room.house.store.site(room.site.id).await.expect("an answer").expect("the site");
    assert_eq!((site.name.as_str(), site.policy.unsure), ("Renamed", UnsureAction::Publish));
    assert_eq!((site.policy.unsure_from, site.policy.discard_from), (Some(0.3), None));
    assert_eq!(
        (site.policy.keep_ip, site.policy.keep_mail, site.policy.keep_days),
        (true, false, 30)
    );
    assert_eq!(site.policy.rules.len(), 2);
    let page = ines.get(&path).await.body;
    assert!(page.contains("block host casino.example\nallow author Marit H."), "{page}");

    for (wrong, words) in [
        (form.replace("0.9", "9"), "Spam from: write a number from 0 to 1"),
        (form.replace("block+host", "deny+host"), "Rule in line 1"),
        (form.replace("0%2C3", "0.95"), "must not be above"),
        (
            form.replace("casino.example", "x&rules=").replace("host+x", "network+x"),
            "is no network",
        ),
    ] {
        let refused = ines.post(&path, &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.body.contains(words), "{words} in {}", refused.body);
    }
    let same = room.house.store.site(room.site.id).await.expect("an answer").expect("the site");
    assert_eq!(same, site, "nothing of a wrong form is kept");
    let mut root = room.log_in("root").await;
    assert!(root.get("/moderation/audit").await.body.contains("edit-site"));
}

#[tokio::test]
async fn an_author_is_erased_by_an_admin() {
    let room = Room::new().await;
    let input = CommentInput {
        author: "Ada".into(),
        author_email: "ada@mail.example".into(),
        content: PLAIN.into(),
        ..CommentInput::default()
    };
    room.submit(Submission { input, ..Submission::default() }, 0).await;
    let kept = room.check("Bea", PLAIN, 1).await;
    let mut root = room.log_in("root").await;
    let unsure = root.post("/moderation/erase", "mail=ada%40mail.example").await;
    assert_eq!(unsure.status, StatusCode::BAD_REQUEST, "the box must be ticked");
    let done = root.post("/moderation/erase", "mail=ADA%40mail.example&sure=yes").await;
    assert!(done.body.contains("1 comment of this author removed"), "{}", done.body);
    assert_eq!(room.state(&kept).await, kept.state);
    assert!(
        !root.get("/moderation/audit").await.body.contains("ada@mail"),
        "the address is forgotten"
    );
}
