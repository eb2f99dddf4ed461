//! Webhooks: one signed request for each event.

use std::time::Duration;

use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use serde::Serialize;
use sha2::Sha256;
use url::Url;

use super::send::{Failure, Letter};
use crate::{
    crawl::guard::{Guard, Refusal},
    domain::{AlertEvent, SavedSearch},
};

/// For a whole request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read, for the message of a failure.
const MAX_ANSWER: usize = 4 << 10;
/// Characters of a failure that are kept.
const MAX_WORDS: usize = 200;
/// Sends requests to addresses that the guard lets pass. Follows no redirect: the signed body is for its address alone.
pub struct Webhooks {
    client: reqwest::Client,
    guard: Guard,
}

/// What a request carries. The same for each attempt, so that its digest can be compared.
#[derive(Serialize)]
struct Body<'a> {
    version: u8,
    key: String,
    alert: i64,
    search: Search<'a>,
    events: Vec<Event<'a>>,
}

#[derive(Serialize)]
struct Search<'a> {
    id: String,
    name: &'a str,
    query: &'a str,
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(flatten)]
    event: &'a AlertEvent,
    /// Its page on this server.
    page: String,
}

/// Whether an address can be a webhook, as far as can be told without asking DNS.
///
/// # Errors
/// A sentence that says what to do.
pub fn check_address(address: &str, allow_private: bool) -> Result<Url, String> {
    let url = Url::parse(address.trim()).map_err(|error| format!("not an address: {error}"))?;
    Guard::new(allow_private).check_url(&url).map_err(|refusal| match refusal {
        Refusal::Private { host } => {
            format!("{host} is not on the public internet; the operator can allow it with alert.allow_private")
        }
        other => other.to_string(),
    })?;
    Ok(url)
}

/// What stands in `X-Siftwire-Signature`: `t=` seconds since 1970 and `v1=` HMAC-SHA256, in hexadecimal digits, of
/// those seconds, a full stop and the body.
pub fn signature(secret: &str, at: Timestamp, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes any key");
    mac.update(format!("{}.", at.as_second()).as_bytes());
    mac.update(body);
    let digits: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={},v1={digits}", at.as_second())
}

impl Webhooks {
    /// # Errors
    /// Where the system's TLS cannot be set up.
    pub fn new(allow_private: bool) -> Result<Self, reqwest::Error> {
        let guard = Guard::new(allow_private);
        let client = guard.http_client(TIMEOUT)?;
        Ok(Self { client, guard })
    }

    /// Sends one message.
    ///
    /// # Errors
    /// [`Failure`], which says whether to try again.
    pub(super) async fn send(&self, letter: &Letter<'_>, now: Timestamp) -> Result<(), Failure> {
        let url =
            Url::parse(&letter.alert.target).map_err(|error| Failure::Final(error.to_string()))?;
        self.guard.check_url(&url).map_err(|refusal| Failure::Final(refusal.to_string()))?;
        let body = body_of(letter);
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("idempotency-key", letter.message.key.to_string())
            .header("x-siftwire-signature", signature(&letter.alert.secret, now, &body))
            .header("x-siftwire-attempt", letter.message.attempts.to_string())
            .body(body);
        let answer = request.send().await.map_err(|error| Failure::Temporary(words_of(&error)))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let told = told_by(answer).await;
        let words = format!("the webhook answered {status}: {told}");
        let words = words.trim_end_matches(": ").chars().take(MAX_WORDS).collect();
        // 410 says that it is gone for good; everything else may be mended.
        if status.as_u16() == 410 {
            Err(Failure::Final(words))
        } else {
            Err(Failure::Temporary(words))
        }
    }
}

fn body_of(letter: &Letter<'_>) -> Vec<u8> {
    let search: &SavedSearch = letter.search;
    let events = letter.message.events.iter();
    let body = Body {
        version: 1,
        key: letter.message.key.to_string(),
        alert: letter.alert.id.0,
        search: Search { id: search.id.to_string(), name: &search.name, query: &search.query },
        events: events.map(|event| Event { event, page: letter.page_of(event) }).collect(),
    };
    serde_json::to_vec(&body).expect("texts and numbers are valid JSON")
}

/// The beginning of an answer, on one line.
async fn told_by(mut answer: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < MAX_ANSWER {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(MAX_ANSWER);
    let text = String::from_utf8_lossy(&bytes);
    let plain = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    plain.take(MAX_WORDS).collect::<String>().trim().to_owned()
}

/// The innermost cause says most.
fn words_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() {
        "the webhook did not answer in time".to_owned()
    } else {
        cause.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_hmac_sha_256_of_time_and_body() {
        let at = Timestamp::from_second(1_700_000_000).expect("a time");
        assert_eq!(
            signature("secret", at, b"{}"),
            "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
        assert_ne!(signature("secret", at, b"{ }"), signature("secret", at, b"{}"));
        assert_ne!(signature("other", at, b"{}"), signature("secret", at, b"{}"));
    }

    #[test]
    fn private_addresses_are_refused_unless_allowed() {
        for address in [
            "http://127.0.0.1:9000/",
            "https://10.0.0.1/x",
            "http://[::1]/",
            "http://169.254.169.254/",
        ] {
            assert!(check_address(address, false).is_err(), "{address}");
            assert!(check_address(address, true).is_ok(), "{address}");
        }
        for address in ["", "ftp://a.example", "https://user@a.example/", "https://a.example:25/"] {
            assert!(check_address(address, true).is_err(), "{address}");
        }
        assert!(check_address("https://hooks.example/T1", false).is_ok());
    }
}
