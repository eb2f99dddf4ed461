//! A server with two blogs and a moderator, for the tests of moderation.

use std::{net::SocketAddr, sync::Arc};

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use siftwire::{
    accounts::Accounts,
    config::ServeConfig,
    domain::{Site, SitePolicy},
    search::SearchIndex,
    serve::{self, AppState, Clock},
    store::{Role, SqliteStore, Store},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::wire::{Answer, form, request, send};

pub const BLOG: &str = "https://blog.example";
pub const OTHER_BLOG: &str = "https://other.example";

/// A running server; it ends with the value.
pub struct World {
    pub address: SocketAddr,
    pub store: Arc<dyn Store>,
    /// Key of [`BLOG`], and of [`OTHER_BLOG`].
    pub key: String,
    pub other_key: String,
    /// Tokens of two moderators.
    pub moderators: [String; 2],
    stop: CancellationToken,
    folder: Arc<tempfile::TempDir>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub async fn world() -> World {
    let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
    let store = SqliteStore::open(&folder.path().join("siftwire.db")).await.expect("a store");
    let store: Arc<dyn Store> = Arc::new(store);
    let accounts = Accounts::new(store.clone());
    let token = async |role, site| {
        accounts.add_token("test", role, site, "", Timestamp::now()).await.expect("a token")
    };
    let key = token(Role::Site, Some(BLOG)).await;
    let other_key = token(Role::Site, Some(OTHER_BLOG)).await;
    let moderators = [token(Role::Moderator, None).await, token(Role::Moderator, None).await];
    let (address, stop) = start(store.clone(), Clock::System).await;
    World { address, store, key, other_key, moderators, stop, folder }
}

async fn start(store: Arc<dyn Store>, clock: Clock) -> (SocketAddr, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let index = SearchIndex::in_memory().expect("an index");
    let state = AppState::new(store, index, &ServeConfig::default()).with_clock(clock);
    let stop = CancellationToken::new();
    tokio::spawn(serve::serve(state, listener, stop.clone()));
    (address, stop)
}

impl World {
    /// The same store behind another server, as after a restart.
    pub async fn restarted(&self) -> World {
        self.restarted_with(Clock::System).await
    }

    /// The same in so many days.
    pub async fn in_days(&self, days: i64) -> World {
        let then = Timestamp::now() + (days * 24).hours();
        self.restarted_with(Clock::Fixed(then)).await
    }

    async fn restarted_with(&self, clock: Clock) -> World {
        let (address, stop) = start(self.store.clone(), clock).await;
        World {
            address,
            store: self.store.clone(),
            key: self.key.clone(),
            other_key: self.other_key.clone(),
            moderators: self.moderators.clone(),
            stop,
            folder: self.folder.clone(),
        }
    }

    /// Posts a form to the Akismet API, as [`BLOG`] unless the fields hold a key.
    pub async fn akismet(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("blog", BLOG), ("user_ip", "192.0.2.7")];
        if !fields.iter().any(|(name, _)| *name == "api_key" || *name == "key") {
            all.push(("api_key", self.key.as_str()));
        }
        all.extend(fields);
        self.post_form(path, &[], &form(&all)).await
    }

    pub async fn post_form(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        send(self.address, &request("POST", path, &all, body)).await
    }

    /// Asks the JSON API with a token.
    pub async fn api(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        send(self.address, &request(method, &format!("/api/v1{path}"), &headers, &body)).await
    }

    /// What the blog's key gives for a comment.
    pub async fn check(&self, key: &str, author: &str, content: &str) -> Value {
        let comment = json!({ "author": author, "content": content });
        let answer = self.api(key, "POST", "/comments/check", &comment).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        answer.json()
    }

    pub async fn site(&self, url: &str) -> Site {
        self.store.site_by_url(url).await.expect("read").expect("a site")
    }

    /// Sets the policy of [`BLOG`] through the API.
    pub async fn set_policy(&self, policy: &SitePolicy) -> Answer {
        let site = self.site(BLOG).await;
        let edit = json!({ "name": site.name, "policy": policy });
        self.api(&self.moderators[0], "PUT", &format!("/sites/{}", site.id.0), &edit).await
    }
}
