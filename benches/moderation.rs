//! Comment checks over HTTP as blogs send them, with storage: `cargo bench --bench moderation`. Starts the server
//! as a process of its own on a store filled beforehand, asks from 64 connections, and reads the server's memory.
//! `-- --comments N` fills the store with N comments (100,000 if not given), `--seconds S` asks for S seconds (10).

use std::{
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use siftwire::{
    accounts::Accounts,
    domain::{CheckedId, CommentState, NamedSignal, Outcome, SiteId},
    store::{
        CheckDraft, ModerationStore as _, NewSite, QueueFilter, QueueOrder, Role, SqliteStore,
    },
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

const CONNECTIONS: usize = 64;
const BLOG: &str = "https://blog.example";
const WORDS: &str = "the update broke our mail gateway last night and we rolled back after reading the notes which \
    say that version four fixes the parser while the login needs another patch thanks for this article it helped \
    a lot we lost money to a broker who promised profit and a recovery expert asked for bitcoin on telegram please \
    check your backup before you trust any trader investment offer free earn weekly contact me whatsapp number";

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() {
    let asked = |name: &str, default: u64| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
        arguments.next().and_then(|number| number.parse().ok()).unwrap_or(default)
    };
    let comments = asked("--comments", 100_000);
    let seconds = asked("--seconds", 10);
    let folder = tempfile::tempdir().expect("a folder");
    let key = prepare(folder.path(), comments).await;
    let (mut child, address) = serve(folder.path()).await;
    let id = child.id().expect("a process");
    println!("memory at start: {}", memory(id));
    let before = processor_seconds(id);
    let mut times = load(address, &key, Duration::from_secs(seconds)).await;
    let spent = processor_seconds(id) - before;
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{:.0} checks/s at {CONNECTIONS} connections; p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        times.len() as f64 / seconds as f64,
        at(0.5),
        at(0.99),
        at(1.0)
    );
    println!(
        "the server took {:.0} us of processor time for each",
        spent * 1e6 / times.len() as f64
    );
    println!("memory after: {}", memory(id));
    child.kill().await.expect("killed");
    let store = SqliteStore::open(&folder.path().join("siftwire.db")).await.expect("the store");
    let counts = store.state_counts(None).await.expect("counts");
    println!("stored: {counts:?}");
    time_pages(&store).await;
}

/// What the moderation pages ask of a store this full.
async fn time_pages(store: &SqliteStore) {
    let queue = |filter: QueueFilter, order| async move {
        store.queue(&filter, order, None, 50).await.expect("a queue").len()
    };
    let unsure = || QueueFilter { state: Some(CommentState::Unsure), ..QueueFilter::default() };
    let text = |text: &str| QueueFilter { text: Some(text.into()), ..unsure() };
    time("newest of a queue", queue(unsure(), QueueOrder::Newest)).await;
    time("least certain of a queue", queue(unsure(), QueueOrder::LeastCertain)).await;
    time("common words in a queue", queue(text("mail gateway"), QueueOrder::Newest)).await;
    time("words that are nowhere", queue(text("zyzzyva"), QueueOrder::Newest)).await;
    time("counts per state", async { store.state_counts(None).await.expect("counts") }).await;
    let month = async { store.figures(None, Timestamp::now(), 30).await.expect("figures").len() };
    time("a month's figures", month).await;
    let campaigns =
        async { store.campaigns(None, CommentState::Unsure, 20).await.expect("campaigns").len() };
    time("campaigns", campaigns).await;
    time("similar", async { store.similar(CheckedId(7), 5).await.expect("similar").len() }).await;
}

async fn time<T>(what: &str, work: impl Future<Output = T>) {
    let start = Instant::now();
    work.await;
    println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
}

/// Fills a store and gives the key of its site.
async fn prepare(folder: &Path, comments: u64) -> String {
    let store = SqliteStore::open(&folder.join("siftwire.db")).await.expect("a store");
    let accounts = Accounts::new(Arc::new(store.clone()));
    let now = Timestamp::now();
    let key = accounts.add_token("bench", Role::Site, Some(BLOG), "", now).await.expect("a key");
    let new = NewSite { url: BLOG.into(), name: "Blog".into(), ..NewSite::default() };
    let site = store.ensure_site(&new, now).await.expect("a site").id;
    let mut dice = StdRng::seed_from_u64(1);
    let start = Instant::now();
    let mut left = comments;
    while left > 0 {
        let count = left.min(2_000);
        let drafts: Vec<CheckDraft> = (0..count).map(|_| draft(site, &mut dice, now)).collect();
        store.save_checks(&drafts).await.expect("saved");
        left -= count;
    }
    let rate = comments as f64 / start.elapsed().as_secs_f64();
    println!("store filled with {comments} comments, {rate:.0} a second");
    store.close().await;
    key
}

fn draft(site: SiteId, dice: &mut StdRng, now: Timestamp) -> CheckDraft {
    let print = dice.random();
    CheckDraft {
        guid: uuid::Uuid::from_u128(dice.random()),
        site,
        crawled: None,
        article: None,
        author: format!("Reader {}", dice.random_range(0..100_000)),
        author_key: Some(dice.random()),
        mail: None,
        mail_key: Some(dice.random()),
        ip: None,
        ip_key: Some(dice.random()),
        author_url: String::new(),
        host: None,
        kind: "comment".into(),
        permalink: format!("{BLOG}/post-{}", dice.random_range(0..1_000)),
        context: "A post about updates".into(),
        language: Some("en".into()),
        written: None,
        received: now,
        content: text(dice),
        verdict: *[Outcome::Ham, Outcome::Spam, Outcome::Unsure].choose(dice).expect("one"),
        score: dice.random(),
        signals: ["wording", "money", "on-topic", "length", "rest"]
            .map(|name| NamedSignal {
                name: name.into(),
                weight: dice.random(),
                evidence: "a few words that were matched in the text".into(),
            })
            .to_vec(),
        fingerprint: Some(print),
        campaign: Some(print),
        counts: true,
    }
}

/// A comment of 20 to 80 words, all different.
fn text(dice: &mut StdRng) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let count = dice.random_range(20..80);
    let mut text = String::new();
    for _ in 0..count {
        text.push_str(words.choose(dice).expect("a word"));
        text.push(' ');
    }
    text
}

async fn serve(folder: &Path) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(["serve", "--no-crawl", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("siftwire runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let line = lines.next_line().await.expect("output").expect("a line");
    let address =
        line.rsplit("http://").next().expect("an address").trim().trim_end_matches('/').parse();
    (child, address.expect("an address"))
}

/// Requests of a connection that are written before the clock starts, for each second of it.
const REQUESTS_A_SECOND: u64 = 150;

/// Asks from all connections until the time is up; gives how long each answer took.
async fn load(address: SocketAddr, key: &str, time: Duration) -> Vec<Duration> {
    let count = REQUESTS_A_SECOND * time.as_secs().max(1);
    let written: Vec<Vec<Vec<u8>>> = (0..CONNECTIONS as u64)
        .map(|seed| {
            let mut dice = StdRng::seed_from_u64(seed + 1_000);
            (0..count).map(|_| request(key, &mut dice)).collect()
        })
        .collect();
    let until = Instant::now() + time;
    let mut tasks = tokio::task::JoinSet::new();
    for requests in written {
        tasks.spawn(ask(address, requests, until));
    }
    tasks.join_all().await.concat()
}

async fn ask(address: SocketAddr, requests: Vec<Vec<u8>>, until: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("set");
    let mut times = Vec::new();
    let mut answer = vec![0; 16 << 10];
    for request in requests {
        if Instant::now() >= until {
            return times;
        }
        let start = Instant::now();
        stream.write_all(&request).await.expect("sent");
        let read = read_answer(&mut stream, &mut answer).await;
        times.push(start.elapsed());
        let text = &answer[..read];
        assert!(text.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(text));
    }
    panic!("the server was faster than requests were written");
}

fn request(key: &str, dice: &mut StdRng) -> Vec<u8> {
    let author = format!("Reader {}", dice.random_range(0..1_000_000));
    let mail = format!("reader{}@mail.example", dice.random_range(0..1_000_000));
    let address = format!("192.0.2.{}", dice.random_range(1..255));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("blog", BLOG)
        .append_pair("user_ip", &address)
        .append_pair("user_agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101")
        .append_pair("permalink", "https://blog.example/post-7")
        .append_pair("comment_type", "comment")
        .append_pair("comment_author", &author)
        .append_pair("comment_author_email", &mail)
        .append_pair("comment_content", &text(dice))
        .append_pair("comment_context[]", "updates")
        .append_pair("api_key", key)
        .finish();
    let head = format!(
        "POST /1.1/comment-check HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

/// Reads an answer with a length; gives its bytes in all.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> usize {
    let mut filled = 0;
    loop {
        filled += stream.read(&mut buffer[filled..]).await.expect("an answer");
        let text = std::str::from_utf8(&buffer[..filled]).expect("text");
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
            return filled;
        }
    }
}

/// Processor time of a process so far, all threads; the system counts in hundredths of a second.
fn processor_seconds(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// What the process holds in memory now and held at most, as the system says.
fn memory(id: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = |name: &str| {
        let found = status.lines().find_map(|line| line.strip_prefix(name));
        found.map_or("unknown".to_owned(), |rest| rest.trim().to_owned())
    };
    format!("{} now, {} at most", line("VmRSS:"), line("VmHWM:"))
}
