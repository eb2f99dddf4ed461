//! A server over the newsroom with tokens of an analyst and a reader, for the tests of what analysts take away.

use std::{net::SocketAddr, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;
use siftwire::{
    accounts::Accounts,
    config::ServeConfig,
    search::{self, SearchIndex},
    serve::{self, AppState},
    store::{Role, Store},
    taxii::Collector,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    newsroom,
    serve::{empty_store, index_of},
    wire::{Answer, request, send},
};

/// A running server; it ends with the value.
pub struct World {
    pub address: SocketAddr,
    pub store: Arc<dyn Store>,
    pub index: SearchIndex,
    /// Tokens.
    pub analyst: String,
    pub reader: String,
    pub site: String,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub async fn world() -> World {
    world_with(ServeConfig::default()).await
}

pub async fn world_with(config: ServeConfig) -> World {
    let (store, folder) = empty_store().await;
    newsroom::furnish(&*store).await;
    let accounts = Accounts::new(store.clone());
    let token = async |role, site| {
        accounts.add_token("test", role, site, "", newsroom::now()).await.expect("a token")
    };
    let analyst = token(Role::Analyst, None).await;
    let reader = token(Role::Reader, None).await;
    let site = token(Role::Site, Some("https://blog.example")).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let index = index_of(store.clone()).await;
    let state = AppState::new(store.clone(), index.clone(), &config);
    let stop = CancellationToken::new();
    tokio::spawn(serve::serve(state, listener, stop.clone()));
    World { address, store, index, analyst, reader, site, stop, _folder: folder }
}

impl World {
    /// Asks with a token; with an empty one as nobody.
    pub async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut all = headers.to_vec();
        if !token.is_empty() {
            all.push(("Authorization", &bearer));
        }
        send(self.address, &request(method, path, &all, body)).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.ask(token, "GET", path, &[], &[]).await
    }

    /// Asks the JSON API.
    pub async fn api(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let headers = [("Content-Type", "application/json")];
        self.ask(token, method, &format!("/api/v1{path}"), &headers, &body).await
    }

    /// Lets everything that follows the store catch up: desk, index, collections.
    pub async fn settle(&self) {
        crate::desk::read_all(&self.store).await;
        search::catch_up(self.store.clone(), &self.index).await.expect("an index");
        let collector = Collector::new(self.store.clone(), self.index.clone(), "");
        collector.catch_up(Timestamp::now).await.expect("collected");
    }

    /// Keeps a search and gives its id and slug.
    pub async fn save(&self, search: Value) -> (String, String) {
        let answer = self.api(&self.analyst, "POST", "/searches", &search).await;
        assert_eq!(answer.status(), 201, "{answer:?}");
        let text = |name: &str| answer.json()[name].as_str().expect("a text").to_owned();
        (text("id"), text("slug"))
    }
}
