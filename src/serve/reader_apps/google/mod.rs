//! The Google Reader API, as self-hosted readers serve it and apps ask it. Answers are JSON whatever `output` says.
//!
//! Articles are listed in order of arrival, not of publication: an app that asks for what is new since its last
//! visit must not miss an article that was published before and found later.

mod answer;
mod edit;
mod items;
mod lists;
mod names;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, header},
    response::Response,
    routing::{MethodRouter, get},
};

use self::answer::{Refusal, text};
use super::fields::Fields;
use crate::{
    accounts::{Person, Refused},
    serve::{state::AppState, visitor::ClientAddress},
    store::{Role, UserId},
};

/// Where apps look: at the root as Google had it, and where they look on a FreshRSS server.
const BASES: [&str; 2] = ["", "/api/greader.php"];

pub(super) fn routes() -> Router<AppState> {
    let mut router = Router::new().route("/api/greader.php", get(here));
    for base in BASES {
        for login in ["/accounts/ClientLogin", "/reader/accounts/ClientLogin"] {
            router = router.route(&format!("{base}{login}"), either(log_in, log_in));
        }
        router = router
            .route(&format!("{base}/reader/ping"), get(ping))
            .route(&format!("{base}/reader/api/0/{{*call}}"), either(call, call));
    }
    router
}

/// Apps ask with GET and POST as they like.
fn either<H, G, T, S>(on_get: H, on_post: G) -> MethodRouter<S>
where
    H: axum::handler::Handler<T, S>,
    G: axum::handler::Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    get(on_get).post(on_post)
}

/// Somebody who asks, with what they ask.
struct Asked {
    state: AppState,
    person: Person,
    user: UserId,
    fields: Fields,
}

async fn here() -> Response {
    text("siftwire speaks the Google Reader API here.\n")
}

/// `ClientLogin`: name and app password for a key, which is sent with each request from then on.
async fn log_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Refusal> {
    let fields = Fields::read(query.as_deref(), &body);
    let name = fields.text("Email").unwrap_or_default();
    let secret = fields.text("Passwd").unwrap_or_default();
    let person = state.accounts.by_app_password(name, secret, address, state.now()).await;
    let person = person.map_err(Refusal::at_login)?;
    // The password itself is the key: it is random, and ending it ends the app at once.
    let key = format!("{}/{secret}", person.name);
    Ok(text(&format!("SID={key}\nLSID=none\nAuth={key}\n")))
}

async fn ping(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    who(&state, address, &headers).await?;
    Ok(text("OK"))
}

async fn call(
    State(state): State<AppState>,
    address: ClientAddress,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let person = who(&state, address, &headers).await?;
    let user = person.user().ok_or(Refusal::Unauthorized)?;
    let fields = Fields::read(query.as_deref(), &body);
    let asked = Asked { state, person, user, fields };
    match path.trim_end_matches('/') {
        "token" => Ok(lists::token()),
        "user-info" => Ok(lists::user_info(&asked)),
        "tag/list" => lists::tags(&asked).await,
        "subscription/list" => lists::subscriptions(&asked).await,
        "unread-count" => lists::unread_counts(&asked).await,
        "preference/list" => Ok(lists::preferences()),
        "preference/stream/list" => Ok(lists::stream_preferences()),
        "friend/list" => Ok(lists::friends()),
        "stream/items/ids" => items::ids(&asked).await,
        "stream/items/count" => items::count(&asked).await,
        "stream/items/contents" => items::contents_of_ids(&asked).await,
        "edit-tag" => edit::tags(&asked).await,
        "mark-all-as-read" => edit::mark_all_as_read(&asked).await,
        "subscription/edit" => edit::subscription(&asked).await,
        "subscription/quickadd" => edit::quick_add(&asked).await,
        "rename-tag" => edit::rename_folder(&asked).await,
        "disable-tag" => edit::remove_folder(&asked).await,
        other => match other.strip_prefix("stream/contents") {
            Some(stream) => items::contents(&asked, stream.trim_start_matches('/')).await,
            None => Err(Refusal::NoCall),
        },
    }
}

/// Who asks, by the key that `ClientLogin` gave. A browser's cookie does not count: these calls are not held to the
/// rules for forms.
async fn who(
    state: &AppState,
    ClientAddress(address): ClientAddress,
    headers: &HeaderMap,
) -> Result<Person, Refusal> {
    let (name, secret) = key_of(headers).ok_or(Refusal::Unauthorized)?;
    let person = state.accounts.by_app_password(name, secret, address, state.now()).await?;
    if person.may(Role::Reader) { Ok(person) } else { Err(Refusal::Unauthorized) }
}

/// Name and secret in `Authorization: GoogleLogin auth=name/secret`.
fn key_of(headers: &HeaderMap) -> Option<(&str, &str)> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, value) = text.split_once(' ')?;
    let key = value
        .trim()
        .strip_prefix("auth=")
        .filter(|_| scheme.eq_ignore_ascii_case("GoogleLogin"))?;
    key.trim_matches('"').split_once('/')
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooMany { retry_after_s } => Self::TooMany { retry_after_s },
            Refused::Busy => Self::TooMany { retry_after_s: 1 },
            Refused::Store(error) => Self::Store(error),
            Refused::WrongPassword | Refused::WrongToken => Self::Unauthorized,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_is_read_from_its_header() {
        let read = |text: &'static str| {
            let headers =
                HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(text))]);
            key_of(&headers).map(|(name, secret)| format!("{name} {secret}"))
        };
        assert_eq!(read("GoogleLogin auth=ines/abcd").as_deref(), Some("ines abcd"));
        assert_eq!(read("googlelogin  auth=\"ines/abcd\"").as_deref(), Some("ines abcd"));
        for text in ["GoogleLogin ines/abcd", "Bearer auth=ines/abcd", "GoogleLogin auth=abcd", ""]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
