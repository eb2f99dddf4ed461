//! Alerts from the article to the one who is told: over real sockets, with a webhook and a mail server of our own.

use std::{
    collections::VecDeque,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use siftwire::{
    alert::{Mailer, Sender, Senders, Watcher, Webhooks, signature},
    config::{SmtpConfig, SmtpTls},
    domain::{Alert, Cadence, Channel, Pace},
    search::{self, SearchIndex},
    store::{AlertStore as _, MessageState, SqliteStore, Store},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

use crate::{
    accounts::{Browser, House},
    analysts,
    desk::{publish, read_all},
    store_alerts::{alert, at_once},
};

const CANON: &str = "Canon confirmed on Tuesday that a ransomware attack took its photo storage offline and that the Maze group \
    stole files from its servers in Tokyo. Staff could not reach e-mail for a day, and a note in the network asked for payment \
    in Bitcoin. The company told customers that no pictures leaked, and that it restores systems from backups this week.";
const MILK: &str = "A dairy in Wisconsin stopped deliveries after its payroll system was encrypted over the weekend. Drivers were \
    paid in cash while technicians rebuilt the scheduling software. The cooperative said milk was never at risk, and the sheriff \
    opened an inquiry together with the federal police.";

fn start() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().expect("a time")
}

/// A store that is followed by desk, index and alerts.
struct Room {
    store: Arc<dyn Store>,
    index: SearchIndex,
    watcher: Watcher,
    folder: tempfile::TempDir,
}

async fn room() -> Room {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("siftwire.db")).await.expect("a store");
    let store: Arc<dyn Store> = Arc::new(store);
    let index = SearchIndex::in_memory().expect("an index");
    let watcher = Watcher::new(store.clone(), index.clone());
    Room { store, index, watcher, folder }
}

impl Room {
    /// Stores an article and lets everything that follows catch up.
    async fn publish(&self, site: &str, path: &str, text: &str, hour: i64) {
        publish(&*self.store, site, path, text, hour).await;
        self.settle(start() + hour.hours()).await;
    }

    async fn settle(&self, now: Timestamp) {
        // Once before the desk has read it, once after: either may come first.
        for _ in 0..2 {
            search::catch_up(self.store.clone(), &self.index).await.expect("an index");
            while self.watcher.look(now).await.expect("looked") {}
            read_all(&self.store).await;
        }
        search::catch_up(self.store.clone(), &self.index).await.expect("an index");
        while self.watcher.look(now).await.expect("looked") {}
    }

    /// Events in the outbox of an alert, oldest message first: kind and news.
    async fn events(&self, alert: &Alert) -> Vec<(String, String)> {
        let mut messages = self.store.messages(alert.id, 99).await.expect("messages");
        messages.reverse();
        let events = messages.iter().flat_map(|message| &message.events);
        events.map(|event| (format!("{:?}", event.kind), event.news.join(", "))).collect()
    }

    fn sender(&self, mail: Option<Mailer>) -> Sender {
        let webhooks = Webhooks::new(true).expect("webhooks");
        Sender::new(self.store.clone(), Senders { webhooks, mail }, "https://news.example/")
    }
}

/// How often a test looks whether something happened.
const POLL: Duration = Duration::from_millis(20);

/// In place of a status: takes the request and never answers.
const SILENCE: u16 = 0;

/// A webhook that answers as it is told, and 200 when nothing is left to say.
#[derive(Clone, Default)]
struct Hook {
    answers: Arc<Mutex<VecDeque<u16>>>,
    requests: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Hook {
    async fn start(answers: &[u16]) -> (Self, String) {
        let hook = Self::default();
        hook.answers.lock().expect("unbroken").extend(answers);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let router = Router::new().route("/hook", post(take)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (hook, address)
    }

    fn requests(&self) -> Vec<(HeaderMap, Bytes)> {
        self.requests.lock().expect("unbroken").clone()
    }
}

async fn take(
    State(hook): State<Hook>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    hook.requests.lock().expect("unbroken").push((headers, body));
    let next = hook.answers.lock().expect("unbroken").pop_front().unwrap_or(200);
    if next == SILENCE {
        std::future::pending::<()>().await;
    }
    (StatusCode::from_u16(next).expect("a status"), "told\nso")
}

/// A mail server that keeps what it is given; it refuses the first so many mails for now.
#[derive(Clone, Default)]
struct MailSink {
    mails: Arc<Mutex<Vec<String>>>,
    refuse: Arc<Mutex<u32>>,
}

impl MailSink {
    async fn start(refuse: u32) -> (Self, Mailer) {
        let sink = Self::default();
        *sink.refuse.lock().expect("unbroken") = refuse;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let kept = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(kept.clone().talk(stream));
            }
        });
        let config = SmtpConfig {
            host: "127.0.0.1".into(),
            port,
            from: "siftwire <alerts@news.example>".into(),
            tls: SmtpTls::None,
            ..SmtpConfig::default()
        };
        (sink, Mailer::new(&config).expect("a mailer").expect("a host"))
    }

    async fn talk(self, stream: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 sink\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let verb = line.to_ascii_uppercase();
            let answer = if verb.starts_with("EHLO") {
                "250-sink\r\n250 8BITMIME\r\n"
            } else if verb.starts_with("DATA") {
                writer.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    mail.push_str(&line);
                    mail.push('\n');
                }
                self.keep(mail)
            } else if verb.starts_with("QUIT") {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            } else {
                "250 fine\r\n"
            };
            writer.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    }

    fn keep(&self, mail: String) -> &'static str {
        let mut refuse = self.refuse.lock().expect("unbroken");
        if *refuse > 0 {
            *refuse -= 1;
            return "451 come back later\r\n";
        }
        self.mails.lock().expect("unbroken").push(mail);
        "250 taken\r\n"
    }

    fn mails(&self) -> Vec<String> {
        self.mails.lock().expect("unbroken").clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_told_once_and_again_when_more_is_known() {
    let room = room().await;
    room.publish("old.example", "before", CANON, -1).await;
    let made = start() - 1.second();
    let target = "https://hooks.example/x";
    let ours = alert(&*room.store, "ransomware", Channel::Webhook, target, at_once(), made).await;
    let other = alert(&*room.store, "submarine", Channel::Webhook, target, at_once(), made).await;
    room.publish("a.example", "one", CANON, 0).await;
    let first = room.events(&ours).await;
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0].0, "New");
    assert!(first[0].1.contains("attack "), "{first:?}");

    room.publish("b.example", "copy", CANON, 3).await;
    room.publish("c.example", "milk", MILK, 4).await;
    assert_eq!(
        room.events(&ours).await.len(),
        1,
        "one more copy is no news, nor is what does not match"
    );

    let more = format!(
        "{CANON} The attackers came in through CVE-2024-21762, which was left open for weeks."
    );
    room.publish("d.example", "more", &more, 5).await;
    let told = room.events(&ours).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[1].0, "Changed");
    assert!(told[1].1.contains("cve CVE-2024-21762"), "{told:?}");
    room.publish("e.example", "more", &more, 6).await;
    assert_eq!(room.events(&ours).await.len(), 2);
    assert_eq!(room.events(&other).await, []);
    // Everything is read again: nobody is told again.
    room.store.read_all_again().await.expect("reads again");
    room.settle(start() + 7.hours()).await;
    assert_eq!(room.events(&ours).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_and_pauses_wake_nobody() {
    let room = room().await;
    let made = start() - 1.second();
    let target = "https://hooks.example/x";
    let ours = alert(&*room.store, "ransomware", Channel::Webhook, target, at_once(), made).await;
    publish(&*room.store, "archive.example", "old", CANON, -24 * 30).await;
    room.settle(start()).await;
    assert_eq!(room.events(&ours).await, [], "the archive of a new source");
    room.store.pause_alert(ours.id, true).await.expect("paused");
    room.publish("a.example", "one", CANON, 0).await;
    room.store.pause_alert(ours.id, false).await.expect("goes on");
    room.settle(start()).await;
    assert_eq!(room.events(&ours).await, [], "what happened meanwhile is not told later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_signed_and_tried_again_with_the_same_key() {
    let room = room().await;
    let (hook, address) = Hook::start(&[500, 503]).await;
    let made = start() - 1.second();
    let ours = alert(&*room.store, "ransomware", Channel::Webhook, &address, at_once(), made).await;
    room.publish("a.example", "one", CANON, 0).await;
    let sender = room.sender(None);
    let mut now = start();
    assert_eq!(sender.send_due(now).await.expect("sent"), 1);
    let message = room.store.messages(ours.id, 1).await.expect("messages").remove(0);
    assert_eq!((message.state, message.attempts), (MessageState::Waiting, 1));
    assert_eq!(
        message.error.as_deref(),
        Some("the webhook answered 500 Internal Server Error: told so")
    );
    assert_eq!(sender.send_due(now + 10.seconds()).await.expect("sent"), 0, "a pause first");
    let first_pause = message.due.as_second() - now.as_second();
    now = message.due;
    sender.send_due(now).await.expect("sent");
    let message = room.store.messages(ours.id, 1).await.expect("messages").remove(0);
    assert!(message.due.as_second() - now.as_second() > first_pause, "the pauses grow");
    now = message.due;
    sender.send_due(now).await.expect("sent");
    let message = room.store.messages(ours.id, 1).await.expect("messages").remove(0);
    assert_eq!((message.state, message.sent), (MessageState::Sent, Some(now)));
    assert_eq!(sender.send_due(now + 24.hours()).await.expect("sent"), 0, "once is enough");

    let requests = hook.requests();
    assert_eq!(requests.len(), 3);
    for (attempt, (headers, body)) in requests.iter().enumerate() {
        assert_eq!(headers["idempotency-key"], message.key.to_string());
        assert_eq!(headers["x-siftwire-attempt"], (attempt + 1).to_string());
        assert_eq!(body, &requests[0].1, "the same body each time");
    }
    let (headers, body) = &requests[2];
    assert_eq!(headers["x-siftwire-signature"], signature(&ours.secret, now, body));
    let told: Value = serde_json::from_slice(body).expect("JSON");
    assert_eq!(told["key"], message.key.to_string());
    assert_eq!(told["search"]["name"], "Ours & <theirs>");
    let event = &told["events"][0];
    assert_eq!(
        (event["kind"].as_str(), event["url"].as_str()),
        (Some("new"), Some("https://a.example/one"))
    );
    assert!(
        event["page"].as_str().expect("a page").starts_with("https://news.example/incidents/"),
        "{event}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_good_is_given_up_and_can_be_sent_by_hand() {
    let room = room().await;
    let (hook, address) = Hook::start(&[410]).await;
    let made = start() - 1.second();
    let ours = alert(&*room.store, "ransomware", Channel::Webhook, &address, at_once(), made).await;
    room.publish("a.example", "one", CANON, 0).await;
    let sender = room.sender(None);
    sender.send_due(start()).await.expect("sent");
    let dead = room.store.messages(ours.id, 1).await.expect("messages").remove(0);
    assert_eq!(dead.state, MessageState::Dead);
    assert!(room.store.resend_message(dead.id, start()).await.expect("an answer"));
    sender.send_due(start()).await.expect("sent");
    let sent = room.store.messages(ours.id, 1).await.expect("messages").remove(0);
    assert_eq!((sent.state, sent.key), (MessageState::Sent, dead.key));
    assert_eq!(hook.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_never_comes_round_ends_in_the_dead_letters() {
    let room = room().await;
    let (hook, address) = Hook::start(&[500; 20]).await;
    let made = start() - 1.second();
    let ours = alert(&*room.store, "ransomware", Channel::Webhook, &address, at_once(), made).await;
    room.publish("a.example", "one", CANON, 0).await;
    let sender = room.sender(None);
    for day in 0..100 {
        sender.send_due(start() + (day * 7).hours()).await.expect("sent");
    }
    let dead = room.store.messages(ours.id, 1).await.expect("messages").remove(0);
    assert_eq!((dead.state, dead.attempts), (MessageState::Dead, 10));
    assert_eq!(hook.requests().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_not_asked_unless_allowed() {
    let room = room().await;
    let (hook, address) = Hook::start(&[]).await;
    let made = start() - 1.second();
    let by_name = address.replace("127.0.0.1", "localhost");
    let targets = [address.as_str(), by_name.as_str()];
    for target in targets {
        alert(&*room.store, "ransomware", Channel::Webhook, target, at_once(), made).await;
    }
    room.publish("a.example", "one", CANON, 0).await;
    let ways = Senders { webhooks: Webhooks::new(false).expect("webhooks"), mail: None };
    let sender = Sender::new(room.store.clone(), ways, "https://news.example");
    assert_eq!(sender.send_due(start()).await.expect("tried"), targets.len());
    assert_eq!(hook.requests().len(), 0);
    for alert in room.store.alerts(None).await.expect("alerts") {
        let message = room.store.messages(alert.id, 1).await.expect("messages").remove(0);
        assert!(message.error.expect("an error").contains("public internet"), "{}", alert.target);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_gather_what_happened_and_keep_quiet_at_night() {
    let room = room().await;
    let (sink, mailer) = MailSink::start(1).await;
    let made = start() - 1.second();
    let quiet = Some("08:30-10:00".parse().expect("hours"));
    let pace = Pace { cadence: Cadence::Hourly, quiet, zone: "Europe/Vienna".into() };
    let query = "ransomware OR payroll";
    let ours = alert(&*room.store, query, Channel::Mail, "soc@example.org", pace, made).await;
    // At nine in Vienna; the next full hour is the end of the quiet ones.
    publish(&*room.store, "a.example", "one", CANON, 0).await;
    publish(&*room.store, "c.example", "milk", MILK, 0).await;
    room.settle(start()).await;
    let sender = room.sender(Some(mailer));
    for minute in [0, 30, 59] {
        let tried = sender.send_due(start() + minute.minutes()).await.expect("sent");
        assert_eq!(tried, 0, "quiet, and not yet the full hour");
    }
    let due = start() + 1.hour();
    assert_eq!(sender.send_due(due).await.expect("sent"), 1);
    let message = room.store.messages(ours.id, 1).await.expect("messages").remove(0);
    assert_eq!(message.state, MessageState::Waiting, "{:?}", message.error);
    assert!(message.error.as_deref().is_some_and(|error| error.contains("come back later")));
    assert_eq!(sender.send_due(message.due).await.expect("sent"), 1);

    let mails = sink.mails();
    assert_eq!(mails.len(), 1, "one mail for both");
    let mail = &mails[0];
    let has = |text: &str| assert!(mail.contains(text), "{text} is not in {mail}");
    has(&format!("Message-ID: <{}@news.example>", message.key));
    has("To: soc@example.org");
    has("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
    has("/alerts/unsubscribe/end-");
    has("Content-Type: text/plain");
    has("Content-Type: text/html");
    has("https://news.example/incidents/");
    has("Canon confirmed");
    has("A dairy in Wisconsin");
    has("New incident: a.example, 2026-11-20");
    let (_, html) = mail.split_once("Content-Type: text/html").expect("two parts");
    assert!(html.contains("&lt;theirs&gt;") && !html.contains("<theirs>"), "{html}");
}

/// What a kill -9 between sending and noting it leaves behind: a message that was claimed, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_sending_and_noting_sends_once_more_with_the_same_key() {
    let room = room().await;
    let (hook, address) = Hook::start(&[SILENCE]).await;
    let made = start() - 1.second();
    let ours = alert(&*room.store, "ransomware", Channel::Webhook, &address, at_once(), made).await;
    room.publish("a.example", "one", CANON, 0).await;
    let sender = room.sender(None);
    {
        // Dropped as the process would be: the request is out, its answer never seen.
        let mut sending = Box::pin(sender.send_due(start()));
        while hook.requests().is_empty() {
            tokio::select! {
                biased;
                () = tokio::time::sleep(Duration::from_millis(1)) => {}
                _ = &mut sending => panic!("it was to be stopped before"),
            }
        }
    }
    let path = room.folder.path().join("siftwire.db");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).await.expect("opened again"));
    let index = SearchIndex::in_memory().expect("an index");
    search::catch_up(store.clone(), &index).await.expect("an index");
    let again = Room {
        watcher: Watcher::new(store.clone(), index.clone()),
        store,
        index,
        folder: room.folder,
    };
    assert!(!again.watcher.look(start()).await.expect("looked"), "the place was kept");
    let sender = again.sender(None);
    assert_eq!(sender.send_due(start() + 1.minute()).await.expect("sent"), 0, "still leased");
    assert_eq!(sender.send_due(start() + 3.minutes()).await.expect("sent"), 1);
    assert_eq!(sender.send_due(start() + 24.hours()).await.expect("sent"), 0);
    let requests = hook.requests();
    assert_eq!(requests.len(), 2, "at least once, and no more than that allows");
    assert_eq!(requests[0].0["idempotency-key"], requests[1].0["idempotency-key"]);
    let sent = again.store.messages(ours.id, 9).await.expect("messages");
    assert_eq!((sent.len(), sent[0].state), (1, MessageState::Sent));
}

/// The same with the program itself: killed while a webhook holds its answer back.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_sends_again_with_the_same_key_and_then_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let (hook, address) = Hook::start(&[SILENCE]).await;
    let path = folder.path().join("siftwire.db");
    let store = SqliteStore::open(&path).await.expect("a store");
    let made = start() - 1.second();
    let ours = alert(&store, "ransomware", Channel::Webhook, &address, at_once(), made).await;
    publish(&store, "a.example", "one", CANON, 0).await;
    store.close().await;

    let mut server = serve_alerts(folder.path());
    until(|| !hook.requests().is_empty()).await;
    server.kill().await.expect("killed");
    let store = SqliteStore::open(&path).await.expect("a store");
    let claimed = store.messages(ours.id, 9).await.expect("messages");
    assert_eq!((claimed.len(), claimed[0].state), (1, MessageState::Waiting), "sent, not noted");
    // What the end of the lease, two minutes later, would do.
    let now = Some(Timestamp::now());
    store.message_failed(claimed[0].id, "killed", now).await.expect("due again");
    store.close().await;

    let mut server = serve_alerts(folder.path());
    until(|| hook.requests().len() == 2).await;
    let store = SqliteStore::open(&path).await.expect("a store");
    while store.messages(ours.id, 9).await.expect("messages")[0].state != MessageState::Sent {
        tokio::time::sleep(POLL).await;
    }
    server.kill().await.expect("killed");
    let mut server = serve_alerts(folder.path());
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.kill().await.expect("killed");
    let requests = hook.requests();
    assert_eq!(requests.len(), 2, "at least once, and no more than that allows");
    assert_eq!(requests[0].0["idempotency-key"], requests[1].0["idempotency-key"]);
}

/// The program, which follows the store and sends to this machine, too.
fn serve_alerts(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(["serve", "--no-crawl", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .env("SIFTWIRE_ALERT_ALLOW_PRIVATE", "true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("siftwire runs")
}

async fn until(happened: impl Fn() -> bool) {
    while !happened() {
        tokio::time::sleep(POLL).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_made_tried_out_and_deleted_through_the_api() {
    let world = analysts::world().await;
    let (search, _) = world.save(json!({ "name": "Gateways", "query": "Corvane" })).await;
    let path = format!("/searches/{search}/alerts");
    let new = json!({ "channel": "webhook", "target": "https://hooks.example/x", "quiet": "22:00-07:00", "zone": "Europe/Vienna" });
    assert_eq!(
        world.api(&world.reader, "POST", &path, &new).await.status(),
        404,
        "a private search"
    );
    assert_eq!(world.api("", "GET", &path, &Value::Null).await.status(), 401);
    let made = world.api(&world.analyst, "POST", &path, &new).await;
    assert_eq!(made.status(), 201, "{made:?}");
    let made = made.json();
    assert_eq!(made["secret"].as_str().map(str::len), Some(48));
    let listed = world.api(&world.analyst, "GET", &path, &Value::Null).await.json();
    assert_eq!(
        (&listed["alerts"][0]["id"], &listed["alerts"][0]["secret"]),
        (&made["id"], &Value::Null)
    );

    for wrong in [
        json!({ "channel": "webhook", "target": "http://127.0.0.1:9/" }),
        json!({ "channel": "webhook", "target": "file:///etc/passwd" }),
        json!({ "channel": "mail", "target": "soc@example.org" }),
        json!({ "channel": "pigeon", "target": "x" }),
        json!({ "channel": "webhook", "target": "https://a.example/", "zone": "Middle/Earth" }),
        json!({ "channel": "webhook", "target": "https://a.example/", "quiet": "late" }),
    ] {
        let refused = world.api(&world.analyst, "POST", &path, &wrong).await;
        assert_eq!(
            (refused.status(), refused.json()["code"].as_str()),
            (400, Some("bad-parameter")),
            "{wrong}"
        );
    }

    let one = format!("/alerts/{}", made["id"]);
    let paused = world.api(&world.analyst, "PATCH", &one, &json!({ "paused": true })).await.json();
    assert_eq!(paused["paused"], true);
    assert_eq!(world.api(&world.reader, "DELETE", &one, &Value::Null).await.status(), 404);
    let messages =
        world.api(&world.analyst, "GET", &format!("{one}/messages"), &Value::Null).await.json();
    assert_eq!(messages["messages"], json!([]));
    let resend = format!("{one}/messages/7/resend");
    assert_eq!(world.api(&world.analyst, "POST", &resend, &Value::Null).await.status(), 404);
    let test = format!("{path}/test?days=366");
    assert_eq!(world.api(&world.analyst, "GET", &test, &Value::Null).await.status(), 400);
    let test = world.api(&world.analyst, "GET", &format!("{path}/test"), &Value::Null).await;
    assert!(test.json()["events"].is_array(), "{test:?}");
    assert_eq!(world.api(&world.analyst, "DELETE", &one, &Value::Null).await.status(), 204);
    assert_eq!(
        world.api(&world.analyst, "GET", &format!("{one}/messages"), &Value::Null).await.status(),
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn trying_out_tells_what_would_have_been_sent_and_sends_nothing() {
    let room = room().await;
    publish(&*room.store, "a.example", "one", CANON, 0).await;
    publish(&*room.store, "b.example", "copy", CANON, 3).await;
    let more = format!(
        "{CANON} The attackers came in through CVE-2024-21762, which was left open for weeks."
    );
    publish(&*room.store, "d.example", "more", &more, 5).await;
    publish(&*room.store, "z.example", "old", MILK, -24 * 40).await;
    room.settle(start() + 6.hours()).await;
    let query = "ransomware OR payroll";
    let ours =
        alert(&*room.store, query, Channel::Webhook, "https://x.example/", at_once(), start())
            .await;
    let search =
        room.store.saved_search(ours.search).await.expect("an answer").expect("the search");
    let now = start() + 6.hours();
    let from = now - (30 * 24).hours();
    let events = siftwire::alert::rehearse(&*room.store, &room.index, &search, from, now)
        .await
        .expect("tried");
    let kinds: Vec<String> = events.iter().map(|event| format!("{:?}", event.kind)).collect();
    assert_eq!(kinds, ["New", "Changed"], "{events:?}");
    assert_eq!(room.events(&ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_alerts_make_pause_and_end_them() {
    let house = House::new().await;
    house.add_user("ana", siftwire::store::Role::Analyst).await;
    let router = house.router().await;
    let mut stranger = Browser::new(&router);
    assert_eq!(stranger.get("/alerts").await.status, StatusCode::SEE_OTHER);
    let ours =
        alert(&*house.store, "Corvane", Channel::Mail, "soc@example.org", at_once(), start()).await;
    let mut ana = Browser::logged_in(&router, "ana").await;
    let list = ana.get("/alerts").await.body;
    assert!(
        list.contains("soc@example.org") && list.contains("Ours &amp; &lt;theirs&gt;"),
        "{list}"
    );

    let form = format!("search={}&channel=webhook&target=http%3A%2F%2F127.0.0.1%2F", ours.search);
    let refused = ana.post("/alerts", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("not on the public internet"), "{}", refused.body);
    let made = ana.post("/alerts", &form.replace("127.0.0.1", "hooks.example")).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert!(
        made.body.contains("shown only now") && made.body.contains("The last 30 days"),
        "{}",
        made.body
    );

    let one = format!("/alerts/{}", ours.id.0);
    ana.post(&format!("{one}/pause"), "paused=true").await;
    let paused = house.store.alert(ours.id).await.expect("an answer").expect("the alert").paused;
    assert!(paused);
    ana.post(&format!("{one}/pause"), "paused=false").await;
    // Looking at the address in a mail ends nothing; its button does, also without a login.
    let end = format!("/alerts/unsubscribe/{}", ours.unsubscribe);
    assert!(stranger.get(&end).await.body.contains("End these mails?"));
    assert!(!house.store.alert(ours.id).await.expect("an answer").expect("the alert").paused);
    stranger.post(&end, "List-Unsubscribe=One-Click").await;
    assert!(house.store.alert(ours.id).await.expect("an answer").expect("the alert").paused);
    assert_eq!(stranger.get("/alerts/unsubscribe/nonsense").await.status, StatusCode::NOT_FOUND);
    ana.post(&format!("{one}/delete"), "").await;
    assert_eq!(ana.get(&one).await.status, StatusCode::NOT_FOUND);
}
