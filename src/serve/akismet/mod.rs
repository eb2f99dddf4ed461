//! The API that blog software already speaks. It knows yes and no; what lies between, and why, goes into
//! headers of our own. Every logical error is an answer with status 200, as its clients expect.

mod answer;
mod figures;
mod form;
mod key;
mod submission;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, RawQuery, State},
    http::{HeaderMap, HeaderName},
    response::Response,
    routing::{get, post},
};
use tower_http::limit::RequestBodyLimitLayer;

pub(super) use self::key::KnownKeys;
use self::{
    answer::{invalid, refused, text, verdict},
    form::Form,
    submission::{is_probe, read_submission, reported_guid},
};
use super::{state::AppState, visitor::ClientAddress};
use crate::domain::Site;

/// Bytes of a request; comments of a megabyte must fit, written as %XX where need be.
pub(super) const MAX_BODY: usize = 4 << 20;
/// What a report is answered with; clients compare it letter by letter.
const THANKS: &str = "Thanks for making the web a better place.";

pub(super) fn routes() -> Router<AppState> {
    let mut router = Router::new();
    for version in ["/1.1", "/1.2"] {
        router = router
            .route(&format!("{version}/verify-key"), post(verify_key))
            .route(&format!("{version}/comment-check"), post(comment_check))
            .route(&format!("{version}/submit-spam"), post(submit_spam))
            .route(&format!("{version}/submit-ham"), post(submit_ham))
            .route(
                &format!("{version}/key-sites"),
                get(figures::key_sites).post(figures::key_sites),
            )
            .route(
                &format!("{version}/usage-limit"),
                get(figures::usage_limit).post(figures::usage_limit),
            )
            .route(&format!("{version}/get-stats"), post(figures::get_stats))
            .route(&format!("{version}/get-subscription"), post(figures::get_subscription))
            .route(&format!("{version}/deactivate"), post(deactivate))
            .route(&format!("{version}/test"), get(test));
    }
    router.layer(DefaultBodyLimit::max(MAX_BODY)).layer(RequestBodyLimitLayer::new(MAX_BODY))
}

/// A request whose key is good: its site and its fields.
struct Asked {
    site: Site,
    form: Form,
}

impl Asked {
    /// Reads the fields and looks up the key.
    ///
    /// # Errors
    /// The answer for who is not let in.
    async fn read(
        state: &AppState,
        client: ClientAddress,
        headers: &HeaderMap,
        query: Option<&str>,
        body: &[u8],
    ) -> Result<Self, Response> {
        let form = Form::read(query.unwrap_or_default().as_bytes(), body);
        let key = key::key_of(&form, headers).ok_or_else(|| invalid("Empty \"api_key\" value"))?;
        let site = key::site_of(state, &key, client).await.map_err(refused)?;
        Ok(Self { site, form })
    }

    /// The answer to a request that lacks one of these fields; `None` if all are there.
    fn refusal(&self, fields: &[&str]) -> Option<Response> {
        let has = |name: &str| self.form.text(name).is_some_and(|value| !value.trim().is_empty());
        let missing = fields.iter().find(|name| !has(name))?;
        Some(invalid(&format!("Empty \"{missing}\" value")))
    }
}

async fn verify_key(
    State(state): State<AppState>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    Asked::read(&state, client, &headers, None, &body).await?;
    Ok(text("valid"))
}

async fn comment_check(
    State(state): State<AppState>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let asked = Asked::read(&state, client, &headers, None, &body).await?;
    if let Some(refusal) = asked.refusal(&["blog", "user_ip"]) {
        return Err(refusal);
    }
    let mut submission = read_submission(&asked.form);
    let is_probe = is_probe(&submission);
    submission.is_test |= is_probe;
    let checked = state.desk.check(asked.site.id, submission, state.now()).await.map_err(broken)?;
    let url = format!("{}/api/v1/checks/{}", state.base_url(&headers), checked.guid);
    Ok(verdict(&checked, is_probe, &url))
}

async fn submit_spam(
    State(state): State<AppState>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    submit(&state, client, &headers, &body, true).await
}

async fn submit_ham(
    State(state): State<AppState>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    submit(&state, client, &headers, &body, false).await
}

async fn submit(
    state: &AppState,
    client: ClientAddress,
    headers: &HeaderMap,
    body: &[u8],
    spam: bool,
) -> Result<Response, Response> {
    let asked = Asked::read(state, client, headers, None, body).await?;
    if let Some(refusal) = asked.refusal(&["blog"]) {
        return Err(refusal);
    }
    let submission = read_submission(&asked.form);
    // Tests and probes teach nothing.
    if submission.is_test || is_probe(&submission) {
        return Ok(text(THANKS));
    }
    let guid = reported_guid(&asked.form);
    let reporter = asked.form.text("reporter").filter(|name| !name.trim().is_empty());
    let actor = match reporter {
        Some(name) => format!("{} ({})", asked.site.url, shortened(name.trim())),
        None => asked.site.url.clone(),
    };
    let now = state.now();
    state.desk.report(asked.site.id, submission, guid, spam, &actor, now).await.map_err(broken)?;
    Ok(text(THANKS))
}

fn shortened(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

/// A blog stops asking us. Nothing is lost: its key stays good and its comments stay.
async fn deactivate(
    State(state): State<AppState>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let asked = Asked::read(&state, client, &headers, None, &body).await?;
    tracing::info!(site = asked.site.url, "a blog stopped asking");
    Ok(text("deactivated"))
}

async fn test(_query: RawQuery) -> Response {
    text("ok")
}

/// Neither yes nor no: clients hold the comment and ask again.
fn broken(error: crate::moderation::DeskError) -> Response {
    tracing::error!(%error, "a comment could not be checked");
    let mut response = text("error");
    *response.status_mut() = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    let name = HeaderName::from_static("x-akismet-error");
    response.headers_mut().insert(name, axum::http::HeaderValue::from_static("unavailable"));
    response
}
