//! Who asks: worked out once for each request by [`identify`], held against the rules by [`gate`], and given
//! to handlers by the extractors. A handler that takes [`Moderator`] cannot be reached by anybody else.

use std::{convert::Infallible, net::IpAddr, net::Ipv4Addr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    address::{Peer, client_address},
    error::AppError,
    origin,
    state::AppState,
};
use crate::{
    accounts::{Person, Refused},
    store::Role,
};

/// Paths that need no login where reading is private: what the login page and health checks need, the Akismet API, whose
/// keys come in the body, and feeds with a token in their address.
const ALWAYS_OPEN: &[&str] = &[
    "/login",
    "/theme",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/favicon.ico",
    "/manifest.webmanifest",
];
const ALWAYS_OPEN_BELOW: &[&str] =
    &["/alerts/unsubscribe/", "/static/", "/1.1/", "/1.2/", "/feeds/"];
/// What the key of a site is good for, beside the Akismet API.
const FOR_SITES_BELOW: &[&str] = &["/api/v1/comments", "/api/v1/checks"];

/// What is known of whoever sent a request.
#[derive(Debug, Clone)]
struct Identity {
    address: IpAddr,
    person: Result<Option<Person>, Arc<Refused>>,
}

/// Finds out who asks. Stands outside of the layer that renders errors, since pages name the person.
pub(super) async fn identify(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let address = client_address(peer, request.headers(), state.trusted_proxies());
    let person = if request.uri().path().starts_with("/static/") {
        Ok(None)
    } else {
        who(&state, request.headers(), address).await.map_err(Arc::new)
    };
    request.extensions_mut().insert(Identity { address, person });
    next.run(request).await
}

async fn who(
    state: &AppState,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<Option<Person>, Refused> {
    match credentials(headers) {
        Some(Credentials::Token(secret)) => {
            state.accounts.by_token(&secret, address, state.now()).await.map(Some)
        }
        Some(Credentials::Password { name, password }) => {
            state.accounts.by_password(&name, &password, address).await.map(Some)
        }
        None => match session_secret(state, headers) {
            Some(secret) => state.accounts.by_session(&secret, state.now()).await,
            None => Ok(None),
        },
    }
}

/// What a program sends with each request.
#[derive(Debug, PartialEq, Eq)]
enum Credentials {
    Token(String),
    Password { name: String, password: String },
}

/// Reads `Authorization`: `Bearer TOKEN`, `Token TOKEN` (also `Token token=TOKEN`), or `Basic` with a name and
/// password, or with a token in place of either (the key of a site
/// with the name `token`). Other schemes are nobody's.
fn credentials(headers: &HeaderMap) -> Option<Credentials> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = text.trim().split_once(' ')?;
    let value = value.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(Credentials::Token(value.to_owned())),
        "token" => {
            let token = value.strip_prefix("token=").unwrap_or(value).trim_matches('"');
            Some(Credentials::Token(token.to_owned()))
        }
        "basic" => basic(value),
        _ => None,
    }
}

fn basic(value: &str) -> Option<Credentials> {
    let text = String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?;
    let (name, password) = text.split_once(':').unwrap_or((&text, ""));
    let token = [password, name].into_iter().find(|part| part.starts_with("sw_"));
    // The key of a site does not say what it is.
    let token = token.or(matches!(name, "" | "token").then_some(password));
    Some(match token {
        Some(token) => Credentials::Token(token.to_owned()),
        None => Credentials::Password { name: name.to_owned(), password: password.to_owned() },
    })
}

/// Refuses forms of other sites, wrong credentials, and strangers where reading is private.
pub(super) async fn gate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if origin::is_foreign(request.method(), request.headers(), state.public_origin()) {
        return AppError::ForeignForm.into_response();
    }
    let person = match person_in(request.extensions()) {
        Ok(person) => person,
        Err(refused) => return AppError::Refused(refused).into_response(),
    };
    let path = request.uri().path();
    if state.is_private() && !is_always_open(path) && !may_read(person, path) {
        return AppError::LoginNeeded.into_response();
    }
    let is_person = person.is_some();
    let mut response = next.run(request).await;
    if is_person {
        // Kept by the reader's own browser at most.
        let private = HeaderValue::from_static("private, no-cache");
        response.headers_mut().insert(header::CACHE_CONTROL, private);
    }
    response
}

fn is_always_open(path: &str) -> bool {
    ALWAYS_OPEN.contains(&path) || ALWAYS_OPEN_BELOW.iter().any(|below| path.starts_with(below))
}

fn may_read(person: Option<&Person>, path: &str) -> bool {
    let site_may = || FOR_SITES_BELOW.iter().any(|below| path.starts_with(below));
    person.is_some_and(|person| person.may(Role::Reader) || site_may())
}

fn person_in(extensions: &Extensions) -> Result<Option<&Person>, Arc<Refused>> {
    match extensions.get::<Identity>().map(|identity| &identity.person) {
        Some(Ok(person)) => Ok(person.as_ref()),
        Some(Err(refused)) => Err(refused.clone()),
        None => Ok(None),
    }
}

/// Whoever asks, or nobody.
#[derive(Debug, Clone)]
pub(super) struct Visitor(pub Option<Person>);

impl Visitor {
    pub(super) fn of(extensions: &Extensions) -> Self {
        Self(person_in(extensions).ok().flatten().cloned())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// The client's address.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClientAddress(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<Identity>().map(|identity| identity.address);
        Ok(Self(address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

macro_rules! role_extractor {
    ($(#[$doc:meta])* $name:ident, $role:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(super) struct $name(pub Person);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = AppError;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
                require(&parts.extensions, $role).map(Self)
            }
        }
    };
}

role_extractor!(
    /// Anybody who has logged in, or a program with a token for people.
    LoggedIn, Role::Reader
);
role_extractor!(
    /// Somebody who may decide about comments.
    Moderator, Role::Moderator
);
role_extractor!(
    /// Somebody who may keep searches and take large exports.
    Analyst, Role::Analyst
);
role_extractor!(
    /// Somebody who may change settings for all.
    Admin, Role::Admin
);

/// The person who asks, if they may do what `wanted` may.
///
/// # Errors
/// [`AppError::LoginNeeded`] for nobody, [`AppError::NotAllowed`] for somebody else.
fn require(extensions: &Extensions, wanted: Role) -> Result<Person, AppError> {
    let person = person_in(extensions).map_err(AppError::Refused)?;
    let person = person.ok_or(AppError::LoginNeeded)?;
    if person.may(wanted) { Ok(person.clone()) } else { Err(AppError::NotAllowed(wanted)) }
}

/// The secret of the session in the request's cookies.
pub(super) fn session_secret(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let cookies = CookieJar::from_headers(headers);
    cookies.get(session_cookie_name(state)).map(|cookie| cookie.value().to_owned())
}

/// The cookie that carries a session, out of reach for scripts, other sites and other hosts.
pub(super) fn session_cookie(state: &AppState, secret: String) -> Cookie<'static> {
    Cookie::build((session_cookie_name(state), secret))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.is_https())
        .permanent()
        .build()
}

/// The `__Host-` prefix makes browsers hold the cookie to this host and to https.
fn session_cookie_name(state: &AppState) -> &'static str {
    if state.is_https() { "__Host-siftwire" } else { "siftwire" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(authorization: &str) -> Option<Credentials> {
        let value = HeaderValue::from_str(authorization).expect("a header");
        credentials(&HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
    }

    fn token(secret: &str) -> Option<Credentials> {
        Some(Credentials::Token(secret.into()))
    }

    #[test]
    fn programs_may_prove_themselves_in_three_ways() {
        for text in
            ["Bearer abc", "bearer  abc", "TOKEN abc", "Token token=\"abc\"", "token token=abc"]
        {
            assert_eq!(read(text), token("abc"), "{text}");
        }
        let basic = |text: &str| read(&format!("bAsIc {}", BASE64_STANDARD.encode(text)));
        assert_eq!(
            basic("ines:pass:word"),
            Some(Credentials::Password { name: "ines".into(), password: "pass:word".into() })
        );
        for text in ["x:sw_abc", "sw_abc:", "sw_abc"] {
            assert_eq!(basic(text), token("sw_abc"), "{text}");
        }
        assert_eq!(basic("token:k3y"), token("k3y"));
        for text in ["Negotiate abc", "Bearer", "Basic ***", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_must_be_is_open() {
        for path in ["/login", "/static/a.css", "/healthz", "/1.1/comment-check"] {
            assert!(is_always_open(path), "{path}");
        }
        for path in ["/", "/login/x", "/static", "/api/v1/articles", "/metrics", "/search.atom"] {
            assert!(!is_always_open(path), "{path}");
        }
    }
}
