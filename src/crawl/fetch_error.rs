use std::{error::Error as StdError, time::Duration};

use thiserror::Error;
use url::Url;

use super::guard::Refusal;

/// Why an address could not be fetched. `Display` is the sentence for people; [`FetchError::code`] is stable.
#[derive(Debug, Error)]
pub enum FetchError {
    #[error("the address cannot be read: {0}")]
    BadUrl(String),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the server redirected more than {max} times; use the final address")]
    TooManyRedirects { max: u32 },
    #[error("the server redirects in a circle at {url}; tell its owner or use another address")]
    RedirectLoop { url: Url },
    #[error("the server redirected without a usable address: {0}")]
    BadRedirect(String),
    #[error("no complete answer within {} seconds; it is tried again later", limit.as_secs())]
    Timeout { limit: Duration },
    #[error("the server sent nothing for too long; it is tried again later")]
    Stalled,
    #[error("{host} cannot be found in DNS; check the spelling")]
    DnsFailed { host: String, source: reqwest::Error },
    #[error("{host} does not accept connections; check address and port")]
    ConnectFailed { host: String, source: reqwest::Error },
    #[error("no secure connection to {host}: {reason}; its certificate may be invalid")]
    TlsFailed { host: String, reason: String },
    #[error("the answer is larger than {max} bytes; raise the limit if this is wanted")]
    BodyTooLarge { max: u64 },
    #[error("the server sent more headers than are accepted; tell its owner")]
    HeadersTooLarge,
    #[error("the answer's compression is broken; tell the owner of the server")]
    BadCompression { source: reqwest::Error },
    #[error("the server broke off or does not speak HTTP properly; it is tried again later")]
    BadResponse { source: reqwest::Error },
    #[error("the server answered {status}: {}", advice(*status))]
    Http { status: u16, retry_after: Option<String> },
}

impl FetchError {
    /// Stable kebab-case name, for the store, metrics and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadUrl(_) => "bad-url",
            Self::Refused(Refusal::Private { .. }) => "private-address",
            Self::Refused(Refusal::Scheme(_)) => "unsupported-scheme",
            Self::Refused(Refusal::Credentials) => "credentials-in-url",
            Self::Refused(Refusal::Port(_)) => "refused-port",
            Self::Refused(Refusal::NoHost) => "bad-url",
            Self::TooManyRedirects { .. } => "too-many-redirects",
            Self::RedirectLoop { .. } => "redirect-loop",
            Self::BadRedirect(_) => "bad-redirect",
            Self::Timeout { .. } | Self::Stalled => "timeout",
            Self::DnsFailed { .. } => "dns-failed",
            Self::ConnectFailed { .. } => "connect-failed",
            Self::TlsFailed { .. } => "tls-failed",
            Self::BodyTooLarge { .. } => "body-too-large",
            Self::HeadersTooLarge => "headers-too-large",
            Self::BadCompression { .. } => "bad-compression",
            Self::BadResponse { .. } => "bad-response",
            Self::Http { .. } => "http-error",
        }
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Http { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The `Retry-After` header, where the answer had one.
    pub fn retry_after(&self) -> Option<&str> {
        match self {
            Self::Http { retry_after, .. } => retry_after.as_deref(),
            _ => None,
        }
    }

    /// Whether asking again soon can help; `false` where the same answer is to be expected.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Http { status, .. } => matches!(status, 408 | 421 | 425 | 429 | 500..=599),
            Self::Timeout { .. }
            | Self::Stalled
            | Self::DnsFailed { .. }
            | Self::ConnectFailed { .. }
            | Self::BadResponse { .. } => true,
            _ => false,
        }
    }

    /// Sorts an error of the HTTP library by its causes.
    pub(super) fn from_reqwest(error: reqwest::Error, url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().to_owned();
        if let Some(refusal) = cause::<Refusal>(&error) {
            return Self::Refused(refusal.clone());
        }
        if let Some(tls) = cause::<rustls::Error>(&error) {
            return Self::TlsFailed { host, reason: tls.to_string() };
        }
        if cause::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse_too_large) {
            return Self::HeadersTooLarge;
        }
        if error.is_dns() {
            return Self::DnsFailed { host, source: error };
        }
        if error.is_timeout() && !error.is_connect() {
            return Self::Stalled;
        }
        if error.is_connect() {
            return Self::ConnectFailed { host, source: error };
        }
        // The library calls every failure within a compressed body a decoding error, broken connections too.
        if error.is_decode() && cause::<hyper::Error>(&error).is_none() {
            return Self::BadCompression { source: error };
        }
        Self::BadResponse { source: error }
    }
}

/// The first error of type `T` among the causes. An `io::Error` hides what it wraps from `source`, so it is opened.
fn cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => "it does not let us in; ask its owner or use another address",
        404 => "there is nothing at this address; check it",
        410 => "this address is gone for good; remove it or find the new one",
        429 => "it wants to be asked less often; the next try waits",
        500..=599 => "it is in trouble; it is tried again later",
        300..=399 => "a redirect that cannot be followed; use the final address",
        _ => "it refuses the request; check the address",
    }
}
