//! Logging in and what it protects, asked as browsers and programs ask.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{Timestamp, ToSpan as _};
use siftwire::{
    accounts::Accounts,
    config::{Networks, Reading, ServeConfig},
    serve::{self, AppState, Clock},
    store::{Role, Store, UserEdit},
};

use crate::{
    newsroom,
    serve::{Answer, empty_store, index_of, send},
};

const PASSWORD: &str = "several plain words";

/// A server with a moderator `ines` and a reader `marit`.
pub struct House {
    pub store: Arc<dyn Store>,
    pub accounts: Accounts,
    _folder: tempfile::TempDir,
}

impl House {
    pub async fn new() -> Self {
        let (store, folder) = empty_store().await;
        newsroom::furnish(&*store).await;
        let accounts = Accounts::new(store.clone());
        let house = Self { store, accounts, _folder: folder };
        for (name, role) in [("ines", Role::Moderator), ("marit", Role::Reader)] {
            house.add_user(name, role).await;
        }
        house
    }

    pub async fn add_user(&self, name: &str, role: Role) {
        let added = self.accounts.add_user("test", name, role, PASSWORD, newsroom::now()).await;
        added.expect("a user");
    }

    /// A server with these settings, and with all counters at zero.
    async fn open(&self, config: ServeConfig, now: Timestamp) -> Router {
        let index = index_of(self.store.clone()).await;
        let state = AppState::new(self.store.clone(), index, &config);
        serve::router(state.with_clock(Clock::Fixed(now)))
    }

    pub async fn router(&self) -> Router {
        self.open(https(), newsroom::now()).await
    }
}

fn https() -> ServeConfig {
    ServeConfig { public_url: "https://news.example/".into(), ..ServeConfig::default() }
}

/// A browser: keeps its session cookie.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookie: Option<String>,
}

impl Browser {
    pub fn new(router: &Router) -> Self {
        Self { router: router.clone(), cookie: None }
    }

    pub async fn logged_in(router: &Router, name: &str) -> Self {
        let mut browser = Self::new(router);
        let answer = browser.log_in(name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "", &[]).await
    }

    pub async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.ask("POST", path, form, &[("sec-fetch-site", "same-origin")]).await
    }

    /// A form whose request says which site it comes from.
    pub async fn post_from(&mut self, site: &str, path: &str, form: &str) -> Answer {
        self.ask("POST", path, form, &[("sec-fetch-site", site)]).await
    }

    async fn log_in(&mut self, name: &str, password: &str) -> Answer {
        let form = format!("name={name}&password={}", password.replace(' ', "+"));
        self.post("/login", &form).await
    }

    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        form: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept", "text/html,*/*;q=0.8")
            .header("user-agent", "Mozilla/5.0 <script>alert(1)</script> Firefox/140.0");
        if !form.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(form.to_owned())).expect("a request");
        let answer = send(&self.router, request).await;
        if let Some(set) = answer.header("set-cookie").split(';').next().filter(|c| !c.is_empty()) {
            self.cookie = Some(set.to_owned());
        }
        answer
    }
}

#[tokio::test]
async fn a_session_begins_and_ends() {
    let house = House::new().await;
    let router = house.router().await;
    let mut browser = Browser::new(&router);
    let away = browser.get("/account").await;
    assert_eq!(
        (away.status, away.header("location")),
        (StatusCode::SEE_OTHER, "/login?back=%2Faccount")
    );

    let wrong = browser.log_in("ines", "a wrong password").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.body.contains("Name and password do not belong together"), "{}", wrong.body);
    assert_eq!(wrong.header("set-cookie"), "");
    let unknown = browser.log_in("nobody", PASSWORD).await;
    assert_eq!(unknown.body.replace("nobody", "ines"), wrong.body, "names are not given away");

    let form = format!("name=Ines&password={}&back=%2Faccount", PASSWORD.replace(' ', "+"));
    let right = browser.post("/login", &form).await;
    assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/account"));
    let cookie = right.header("set-cookie");
    assert!(cookie.starts_with("__Host-siftwire="), "{cookie}");
    for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie} has {part}");
    }
    let account = browser.get("/account").await;
    assert_eq!(account.status, StatusCode::OK);
    assert_eq!(account.header("cache-control"), "private, no-cache");
    assert!(account.body.contains("ines") && account.body.contains("moderator"));
    assert!(!account.body.contains("<script>alert"), "what a browser calls itself is text");

    let kept = browser.cookie.clone();
    assert_eq!(
        browser.get("/logout").await.header("location"),
        "/account",
        "a link logs nobody out"
    );
    assert_eq!(browser.post("/logout", "").await.status, StatusCode::SEE_OTHER);
    browser.cookie = kept;
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "the session is over");
}

#[tokio::test]
async fn a_session_cannot_be_fixed_beforehand() {
    let house = House::new().await;
    let router = house.router().await;
    let mut browser = Browser::new(&router);
    let planted = format!("__Host-siftwire={}", "a".repeat(64));
    browser.cookie = Some(planted.clone());
    browser.log_in("ines", PASSWORD).await;
    let first = browser.cookie.clone().expect("a cookie");
    assert_ne!(first, planted);
    let mut attacker = Browser::new(&router);
    attacker.cookie = Some(planted);
    assert_eq!(attacker.get("/account").await.status, StatusCode::SEE_OTHER);

    browser.log_in("ines", PASSWORD).await;
    assert_ne!(browser.cookie.as_ref(), Some(&first), "each login has a secret of its own");
    attacker.cookie = Some(first);
    assert_eq!(
        attacker.get("/account").await.status,
        StatusCode::SEE_OTHER,
        "the old one has ended"
    );
}

#[tokio::test]
async fn wrong_passwords_at_speed_are_limited_by_name() {
    let house = House::new().await;
    let router = house.router().await;
    let mut browser = Browser::new(&router);
    for attempt in 0..10 {
        let answer = browser.log_in("ines", "a wrong password").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{attempt}");
    }
    let limited = browser.log_in("INES", PASSWORD).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS, "even the right one waits");
    let wait: u64 = limited.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(limited.body.contains("too many wrong attempts"));
    let other = browser.log_in("marit", PASSWORD).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "others are not held up");
}

#[tokio::test]
async fn a_forged_forwarded_address_does_not_help() {
    let house = House::new().await;
    let router = house.router().await;
    let mut browser = Browser::new(&router);
    let try_from = |number: usize, forwarded: String| {
        let mut browser = browser.clone();
        async move {
            let form = format!("name=nobody{number}&password=wrong+wrong");
            let answer =
                browser.ask("POST", "/login", &form, &[("x-forwarded-for", &forwarded)]).await;
            answer.status
        }
    };
    for number in 0..20 {
        let status = try_from(number, format!("198.51.100.{number}")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let status = try_from(20, "198.51.100.20".into()).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "all count as the connection they came by");

    // Behind a trusted proxy (requests of this test come from 0.0.0.0) the last hop counts, not what the client wrote.
    let trusted_proxies = Networks(vec!["0.0.0.0/32".parse().expect("a network")]);
    let config = ServeConfig { trusted_proxies, ..https() };
    browser = Browser::new(&house.open(config, newsroom::now()).await);
    let try_from = |number: usize, forwarded: String| {
        let mut browser = browser.clone();
        async move {
            let form = format!("name=nobody{number}&password=wrong+wrong");
            let answer =
                browser.ask("POST", "/login", &form, &[("x-forwarded-for", &forwarded)]).await;
            answer.status
        }
    };
    for number in 0..20 {
        try_from(number, format!("203.0.113.{number}, 198.51.100.1")).await;
    }
    assert_eq!(try_from(20, "9.9.9.9, 198.51.100.1".into()).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(try_from(21, "198.51.100.1, 198.51.100.2".into()).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let house = House::new().await;
    let router = house.router().await;
    let mut browser = Browser::logged_in(&router, "ines").await;
    for path in ["/login", "/logout", "/account/password", "/account/sessions", "/theme"] {
        for header in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let answer = browser.ask("POST", path, "a=b", &[header]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {header:?}");
        }
    }
    assert_eq!(browser.get("/account").await.status, StatusCode::OK, "still logged in");
    let own = browser.ask("POST", "/logout", "", &[("origin", "https://news.example")]).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once() {
    let house = House::new().await;
    let router = house.router().await;
    let mut browser = Browser::logged_in(&router, "ines").await;
    let (user, _) = house.store.user_by_name("ines").await.expect("an answer").expect("ines");
    let disable = UserEdit { disabled: Some(true), ..UserEdit::default() };
    house.store.edit_user(user.id, &disable).await.expect("disabled");
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
    let again = browser.log_in("ines", PASSWORD).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.body.contains("do not belong together"), "as for a wrong password");
}

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let house = House::new().await;
    let router = house.router().await;
    let mut here = Browser::logged_in(&router, "ines").await;
    let mut there = Browser::logged_in(&router, "ines").await;
    let mut marit = Browser::logged_in(&router, "marit").await;
    let (user, _) = house.store.user_by_name("ines").await.expect("an answer").expect("ines");
    let sessions = house.store.sessions(user.id, newsroom::now()).await.expect("sessions");
    assert_eq!(sessions.len(), 2);
    let page = here.get("/account").await.body;
    assert_eq!(page.matches("/account/sessions/").count(), 2);

    marit.post(&format!("/account/sessions/{}", sessions[0].id.0), "").await;
    assert_eq!(house.store.sessions(user.id, newsroom::now()).await.expect("sessions").len(), 2);
    here.post("/account/sessions", "").await;
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_the_old_one() {
    let house = House::new().await;
    let router = house.router().await;
    let mut here = Browser::logged_in(&router, "ines").await;
    let mut there = Browser::logged_in(&router, "ines").await;
    let form = |present: &str, new: &str, again: &str| {
        format!("present={present}&new={new}&again={again}").replace(' ', "+")
    };
    for (form, words) in [
        (form("wrong wrong", "another long one", "another long one"), "present password is wrong"),
        (form(PASSWORD, "another long one", "another long two"), "repetition differ"),
        (form(PASSWORD, "short", "short"), "shorter than 10 characters"),
    ] {
        let answer = here.post("/account/password", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(words), "{words}");
    }
    let done = here
        .post("/account/password", &form(PASSWORD, "another long one", "another long one"))
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/account").await.status, StatusCode::OK, "this browser goes on");
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER, "others have ended");
    let old = there.log_in("ines", PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn unused_sessions_end_and_used_ones_not_for_ever() {
    let house = House::new().await;
    let start = newsroom::now();
    let cookie = Browser::logged_in(&house.router().await, "ines").await.cookie;
    let status = |days: i64| {
        let (house, cookie) = (&house, cookie.clone());
        async move {
            let mut browser = Browser::new(&house.open(https(), start + (24 * days).hours()).await);
            browser.cookie = cookie;
            browser.get("/account").await.status
        }
    };
    for days in [6, 12, 18, 24, 29] {
        assert_eq!(status(days).await, StatusCode::OK, "used after {days} days");
    }
    assert_eq!(status(31).await, StatusCode::SEE_OTHER, "a month is the most");

    let cookie = Browser::logged_in(&house.router().await, "marit").await.cookie;
    let mut browser = Browser::new(&house.open(https(), start + (8 * 24).hours()).await);
    browser.cookie = cookie;
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "a week unused");
}

#[tokio::test]
async fn private_reading_needs_a_login_or_a_token() {
    let house = House::new().await;
    let config = ServeConfig { reading: Reading::Private, ..https() };
    let router = house.open(config, newsroom::now()).await;
    let mut browser = Browser::new(&router);
    for path in ["/", "/search?q=leak", "/articles/1", "/api", "/nothing"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with("/login?back=%2F"), "{path}");
    }
    for path in ["/login", "/healthz", "/readyz", "/robots.txt", "/static/siftwire.css"] {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
    let program = |path: &str, authorization: Option<String>| {
        let mut request = Request::get(path);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let router = router.clone();
        async move { send(&router, request).await }
    };
    for path in ["/api/v1/articles", "/search.atom?q=leak", "/metrics"] {
        let answer = program(path, None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.header("www-authenticate").starts_with("Basic realm="), "{path}");
    }
    let reader = house.accounts.add_token("test", Role::Reader, None, "x", newsroom::now()).await;
    let reader = reader.expect("a token");
    let basic = |text: String| format!("Basic {}", BASE64_STANDARD.encode(text));
    for value in [
        format!("Bearer {reader}"),
        format!("token {reader}"),
        basic(format!("any:{reader}")),
        basic(format!("marit:{PASSWORD}")),
    ] {
        let answer = program("/api/v1/articles", Some(value.clone())).await;
        assert_eq!(answer.status, StatusCode::OK, "{value}");
    }
    let site = Some("https://blog.example");
    let key = house.accounts.add_token("test", Role::Site, site, "x", newsroom::now()).await;
    let key = key.expect("a key");
    for value in
        [format!("Bearer {key}"), "Bearer sw_wrong".into(), basic("marit:wrong wrong".into())]
    {
        let answer = program("/api/v1/articles", Some(value.clone())).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{value}");
        assert_eq!(answer.json()["code"], "login-needed");
    }
    let mut marit = Browser::logged_in(&router, "marit").await;
    assert_eq!(marit.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn wrong_tokens_at_speed_are_limited_and_right_ones_pass() {
    let house = House::new().await;
    let router = house.router().await;
    let token = house.accounts.add_token("test", Role::Reader, None, "x", newsroom::now()).await;
    let token = token.expect("a token");
    let ask = |secret: String| {
        let request =
            Request::get("/api/v1/stats").header("authorization", format!("Bearer {secret}"));
        let request = request.body(Body::empty()).expect("a request");
        let router = router.clone();
        async move { send(&router, request).await }
    };
    let mut last = StatusCode::OK;
    for number in 0..32 {
        last = ask(format!("sw_guess{number}")).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask(token.clone()).await.status, StatusCode::OK);
    let id = house.store.tokens().await.expect("tokens")[0].id;
    house.store.revoke_token(id, newsroom::now()).await.expect("revoked");
    assert_eq!(ask(token).await.status, StatusCode::TOO_MANY_REQUESTS, "revoked is unknown");
}

fn siftwire(folder: &std::path::Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_siftwire"))
        .args(arguments)
        .arg("--data")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let sent = child.stdin.take().expect("its input").write_all(input.as_bytes());
    sent.expect("the input is taken");
    child.wait_with_output().expect("the program ends")
}

#[test]
fn the_command_line_makes_users_and_tokens() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str], input: &str| siftwire(folder.path(), arguments, input);
    let out = |output: &Output| String::from_utf8(output.stdout.clone()).expect("text");

    let made = run(
        &["user", "create", "ines", "--role", "admin", "--password-stdin"],
        "long enough words\n",
    );
    assert!(made.status.success(), "{made:?}");
    assert_eq!(out(&made), "");
    let weak = run(&["user", "create", "marit", "--password-stdin"], "short\n");
    assert!(!weak.status.success());
    assert!(String::from_utf8_lossy(&weak.stderr).contains("shorter than 10 characters"));
    assert!(!run(&["user", "create", "INES"], "long enough words").status.success(), "taken");
    assert_eq!(run(&["user", "create", "x", "--role", "site"], "").status.code(), Some(2));
    let list = out(&run(&["user", "list", "--format", "ndjson"], ""));
    let user: serde_json::Value = serde_json::from_str(&list).expect("one user");
    assert_eq!((user["name"].as_str(), user["role"].as_str()), (Some("ines"), Some("admin")));
    assert!(!list.contains("argon2"), "hashes are not shown");
    assert!(run(&["user", "disable", "ines"], "").status.success());
    assert!(out(&run(&["user", "list"], "")).contains("disabled"));

    let key = run(&["token", "create", "--role", "site", "--site", "https://blog.example/"], "");
    let key = out(&key).trim_end().to_owned();
    assert_eq!(key.len(), 12, "{key}");
    assert!(key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{key}");
    assert_eq!(run(&["token", "create", "--role", "site"], "").status.code(), Some(2));
    let list = out(&run(&["token", "list"], ""));
    assert!(
        list.contains("https://blog.example") && list.contains(&key[..4]) && !list.contains(&key)
    );
    assert!(run(&["token", "revoke", &key[..4]], "").status.success());
    assert!(!run(&["token", "revoke", "1"], "").status.success(), "only once");
}
