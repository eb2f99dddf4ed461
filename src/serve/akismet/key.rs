//! The key of a site: in a field, or the first label of the host that was asked.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, header};
use lru::LruCache;

use super::form::Form;
use crate::{
    accounts::{Refused, digest},
    domain::Site,
    serve::{state::AppState, visitor::ClientAddress},
    store::{Digest, NewSite, Role},
};

/// Length of the keys we give out.
const KEY_LENGTH: usize = 12;
/// Keys remembered, and for how long: so long a revoked key may still be good.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");
const FOR: Duration = Duration::from_secs(5);

/// Keys that were good a moment ago, so that a busy blog does not cost two questions to the store each time.
pub(in crate::serve) struct KnownKeys(Mutex<LruCache<Digest, (Site, Instant)>>);

impl Default for KnownKeys {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl KnownKeys {
    fn get(&self, digest: &Digest) -> Option<Site> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (site, since) = known.get(digest)?;
        (since.elapsed() < FOR).then(|| site.clone())
    }

    fn put(&self, digest: Digest, site: Site) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.put(digest, (site, Instant::now()));
    }
}

/// The key of a request, in lower case.
pub(super) fn key_of(form: &Form, headers: &HeaderMap) -> Option<String> {
    let in_field = ["api_key", "key"].into_iter().find_map(|name| form.text(name));
    let in_field = in_field.map(|key| key.trim().to_lowercase()).filter(|key| !key.is_empty());
    in_field.or_else(|| key_in_host(headers))
}

fn key_in_host(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let label = host.split_once('.')?.0.to_ascii_lowercase();
    let is_key =
        label.len() == KEY_LENGTH && label.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_key.then_some(label)
}

/// The site a key belongs to. Wrong keys are counted by address.
///
/// # Errors
/// As [`Accounts::by_token`](crate::accounts::Accounts::by_token); the key of a person is a wrong key here.
pub(super) async fn site_of(
    state: &AppState,
    key: &str,
    client: ClientAddress,
) -> Result<Site, Refused> {
    let digest = digest(key);
    if let Some(site) = state.known_keys.get(&digest) {
        return Ok(site);
    }
    let now = state.now();
    let person = state.accounts.by_token(key, client.0, now).await?;
    let Some(url) = person.site.filter(|_| person.role == Role::Site) else {
        return Err(Refused::WrongToken);
    };
    let name = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).to_owned();
    let new = NewSite { url, name, ..NewSite::default() };
    let site = state.store.ensure_site(&new, now).await?;
    state.known_keys.put(digest, site.clone());
    Ok(site)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn key(body: &str, host: &'static str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
        key_of(&Form::read(b"", body.as_bytes()), &headers)
    }

    #[test]
    fn a_key_is_found_in_field_and_host() {
        let found = Some("abc123def456".to_owned());
        assert_eq!(key("api_key=ABC123def456", "x.example"), found);
        assert_eq!(key("key=abc123def456", "x.example"), found);
        assert_eq!(key("api_key=&key=", "abc123DEF456.rest.example:80"), found);
        assert_eq!(key("", "rest.example"), None);
        assert_eq!(key("", "abc-23def456.rest.example"), None);
    }
}
