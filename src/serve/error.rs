//! What can go wrong in a request, told twice: the cause goes to the log, one plain sentence with a
//! stable code to the person. Handlers return [`AppError`]; the layer [`render`] turns it into a page
//! for people or `application/problem+json` (RFC 9457) for programs, and does the same for refusals
//! that come from outer layers (time limit, body limit, panic).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

use url::form_urlencoded;

use super::{
    layout::Layout, security::RequestId, state::AppState, taxii, templates::view, visitor::Visitor,
    words,
};
use crate::{
    accounts::Refused,
    alert::AlertError,
    domain::CommentState,
    gather::GatherError,
    moderation::DeskError,
    search::{QueryError, SearchError},
    store::{Role, StoreError},
};

/// Why a request was not answered.
#[derive(Debug, Error)]
pub(super) enum AppError {
    #[error("no such page")]
    NoPage,
    #[error("no such {0}")]
    NotFound(&'static str),
    #[error("query: {0}")]
    Query(#[from] QueryError),
    #[error("parameter {name}: {detail}")]
    Parameter { name: &'static str, detail: String },
    #[error("address of {0} bytes")]
    AddressTooLong(usize),
    #[error("posted from another site")]
    ForeignForm,
    #[error("nobody is logged in")]
    LoginNeeded,
    #[error("not allowed without the role {}", .0.as_str())]
    NotAllowed(Role),
    #[error("refused: {0}")]
    Refused(Arc<Refused>),
    #[error("the body is too large")]
    BodyTooLarge,
    #[error("the comment is {} at version {version} now", .state.as_str())]
    Stale { state: CommentState, version: u32 },
    #[error("only {0} is spoken here")]
    NotAcceptable(&'static str),
    #[error("only {0} is read here")]
    UnsupportedMedia(&'static str),
    #[error("nothing can be added or removed here")]
    ReadOnly,
    #[error("there is already a {what} {value}")]
    Taken { what: &'static str, value: String },
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Template(#[from] minijinja::Error),
    #[error("{0}")]
    Internal(String),
}

/// The answer to a request that failed, as RFC 9457 has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Where the problem is explained, relative to this server.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time and what to do, in one sentence.
    pub detail: String,
    /// Stable name for programs.
    pub code: String,
    /// The part of the query that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Names the request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A span of the query, in characters from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Position {
    pub start: usize,
    pub end: usize,
}

impl AppError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NoPage | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Query(_) | Self::Parameter { .. } => StatusCode::BAD_REQUEST,
            Self::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Self::UnsupportedMedia(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::AddressTooLong(_) => StatusCode::URI_TOO_LONG,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Stale { .. } | Self::Taken { .. } => StatusCode::CONFLICT,
            Self::Desk(DeskError::NoSite(_)) => StatusCode::NOT_FOUND,
            Self::Desk(DeskError::Policy(_)) => StatusCode::BAD_REQUEST,
            Self::Desk(DeskError::Stopped) => StatusCode::SERVICE_UNAVAILABLE,
            Self::ForeignForm | Self::NotAllowed(_) | Self::ReadOnly => StatusCode::FORBIDDEN,
            Self::LoginNeeded => StatusCode::UNAUTHORIZED,
            Self::Refused(refused) => status_of_refusal(refused),
            Self::Search(SearchError::TooDeep { .. }) => StatusCode::BAD_REQUEST,
            Self::Search(SearchError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_)
            | Self::Search(_)
            | Self::Template(_)
            | Self::Internal(_)
            | Self::Desk(DeskError::Store(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &str {
        match self {
            Self::Query(error) => error.code(),
            Self::Parameter { .. } => "bad-parameter",
            Self::Search(error @ (SearchError::TooDeep { .. } | SearchError::Busy)) => error.code(),
            Self::ForeignForm => "foreign-form",
            Self::NotAllowed(_) => "not-allowed",
            Self::Stale { .. } => "stale-version",
            Self::Taken { .. } => "taken",
            Self::ReadOnly => "read-only",
            Self::Desk(DeskError::Policy(_)) => "bad-policy",
            _ => code_of(self.status()),
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Query(_) => "The query cannot be read",
            Self::Parameter { .. } => "A parameter cannot be read",
            Self::ForeignForm => "Sent from another site",
            Self::Stale { .. } => "Somebody was faster",
            Self::Taken { .. } => "In use already",
            Self::ReadOnly => "Read only",
            Self::Desk(DeskError::Policy(_)) => "The policy makes no sense",
            Self::NotAllowed(_) => "Not yours to do",
            _ => title_of(self.status()),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotFound(what) => {
                format!("There is no such {what}; it may have been removed, or the link is wrong.")
            }
            Self::Query(error) => words::sentence(&error.to_string()),
            Self::Stale { state, version } => format!(
                "Somebody else changed the comment: it is {} now (version {version}). Look at it again, then \
                 decide.",
                state.as_str()
            ),
            Self::NotAcceptable(media_type) => {
                format!("This address answers with {media_type}; accept that.")
            }
            Self::UnsupportedMedia(media_type) => {
                format!("This address reads {media_type} alone.")
            }
            Self::ReadOnly => {
                "Collections follow their searches; nothing can be added to them or taken out."
                    .to_owned()
            }
            Self::Taken { what, value } => {
                format!("Something else has the {what} {value} already; choose another.")
            }
            Self::Desk(DeskError::Policy(error)) => words::sentence(&error.to_string()),
            Self::Parameter { name, detail } => words::sentence(&format!("{name}: {detail}")),
            Self::Search(error @ (SearchError::TooDeep { .. } | SearchError::Busy)) => {
                words::sentence(&error.to_string())
            }
            Self::ForeignForm => "This form works only from the pages of this server.".to_owned(),
            Self::NotAllowed(role) => format!(
                "This needs the role {}. Ask the operator, or log in with another account.",
                role.as_str()
            ),
            Self::Refused(refused) => detail_of_refusal(refused),
            _ => detail_of(self.status()).to_owned(),
        }
    }

    /// What the person or program is told.
    pub(super) fn problem(&self) -> Problem {
        let position = match self {
            Self::Query(error) => Some(Position { start: error.start_char, end: error.end_char }),
            _ => None,
        };
        Problem { position, ..problem(self.status(), self.code(), self.title(), self.detail()) }
    }
}

impl From<GatherError> for AppError {
    fn from(error: GatherError) -> Self {
        match error {
            GatherError::Search(error) => error.into(),
            GatherError::Store(error) => error.into(),
        }
    }
}

impl From<AlertError> for AppError {
    fn from(error: AlertError) -> Self {
        match error {
            AlertError::Store(error) => error.into(),
            AlertError::Search(error) => error.into(),
            AlertError::Query(error) => error.into(),
            AlertError::Ended(error) => Self::Internal(error.to_string()),
        }
    }
}

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        Self::Refused(Arc::new(refused))
    }
}

impl IntoResponse for AppError {
    /// An empty answer that carries the problem; [`render`] fills it in.
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %chain(&self), "request failed");
        }
        let mut response = status.into_response();
        if let Self::Refused(refused) = &self
            && let Refused::TooMany { retry_after_s } = **refused
        {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
        }
        response.extensions_mut().insert(self.problem());
        response
    }
}

pub(super) fn status_of_refusal(refused: &Refused) -> StatusCode {
    match refused {
        Refused::WrongPassword | Refused::WrongToken => StatusCode::UNAUTHORIZED,
        Refused::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refused::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Refused::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What somebody who was not let in is told.
pub(super) fn detail_of_refusal(refused: &Refused) -> String {
    match refused {
        Refused::WrongPassword => "Name and password do not belong together.".to_owned(),
        Refused::WrongToken => "The token is unknown or revoked.".to_owned(),
        Refused::TooMany { retry_after_s } => format!(
            "There were too many wrong attempts. Try again in {}.",
            words::span(i64::try_from(*retry_after_s).unwrap_or(i64::MAX))
        ),
        Refused::Busy => "Many people log in at once. Try again in a moment.".to_owned(),
        Refused::Store(_) => detail_of(StatusCode::INTERNAL_SERVER_ERROR).to_owned(),
    }
}

/// The error with its causes.
fn chain(error: &AppError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Gives every failed answer a body: a page, or a problem document below `/api/`.
pub(super) async fn render(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let visitor = Visitor::of(request.extensions());
    let layout = Layout::of(request.headers(), request.uri(), visitor, state.now());
    let form = ErrorForm::at(request.uri().path());
    let reads_pages = form == ErrorForm::Page && accepts_pages(request.headers());
    // An address with a token in it is opened by the token alone; no other address is to carry it on.
    let may_log_in = reads_pages && !request.uri().path().starts_with("/feeds/");
    let login = (may_log_in && request.method() == Method::GET).then(|| login_path(&request));
    let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() || is_complete(&response) {
        return response;
    }
    if status == StatusCode::UNAUTHORIZED
        && let Some(login) = login
    {
        return Redirect::to(&login).into_response();
    }
    let known = response.extensions().get::<Problem>().cloned();
    let problem = known.unwrap_or_else(|| {
        problem(status, code_of(status), title_of(status), detail_of(status).to_owned())
    });
    let problem = Problem { request_id: Some(request_id.0), ..problem };
    let mut full = match form {
        ErrorForm::Problem => as_document(&problem),
        ErrorForm::Taxii => taxii::problem_document(&problem),
        ErrorForm::Page => as_page(&layout, &problem),
    };
    copy_headers(&response, &mut full);
    // A browser would ask for name and password in a box of its own, which our login page does better.
    if status == StatusCode::UNAUTHORIZED && !reads_pages {
        full.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    }
    full
}

/// How errors are told at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ErrorForm {
    Page,
    /// As RFC 9457 has it.
    Problem,
    /// As TAXII has it.
    Taxii,
}

impl ErrorForm {
    fn at(path: &str) -> Self {
        match path {
            path if path.starts_with("/api/") => Self::Problem,
            path if taxii::is_below(path) => Self::Taxii,
            _ => Self::Page,
        }
    }
}

/// What programs are asked for.
const CHALLENGE: &str = "Basic realm=\"siftwire\", charset=\"UTF-8\", Bearer realm=\"siftwire\"";

fn accepts_pages(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|types| types.contains("text/html"))
}

/// The login page, with the way back to what was asked for.
fn login_path(request: &Request) -> String {
    let back = request.uri().path_and_query().map_or("/", |here| here.as_str());
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("back", back).finish();
    format!("/login?{query}")
}

/// Pages that explain an error themselves (a wrong query) and health reports are left alone.
fn is_complete(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| {
        value.as_bytes().starts_with(b"text/html") || value.as_bytes().starts_with(b"application/")
    })
}

fn as_document(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    let media_type = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

fn as_page(layout: &Layout, problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = layout.html("error.html", view! { problem, request_id => problem.request_id });
    match page {
        Ok(page) => (status, page).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "error page failed");
            (status, problem.detail.clone()).into_response()
        }
    }
}

/// Keeps what the refusing layer said beside the body, such as `Allow`.
fn copy_headers(from: &Response, to: &mut Response) {
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = from.headers().get(&name) {
            to.headers_mut().insert(name, value.clone());
        }
    }
}

fn problem(status: StatusCode, code: &str, title: &str, detail: String) -> Problem {
    Problem {
        // All mistakes in a query are explained in one place.
        kind: format!("/help#problem-{}", if code.starts_with("query-") { "query" } else { code }),
        title: title.to_owned(),
        status: status.as_u16(),
        detail,
        code: code.to_owned(),
        position: None,
        request_id: None,
    }
}

fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "login-needed",
        StatusCode::FORBIDDEN => "not-allowed",
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method-not-allowed",
        StatusCode::NOT_ACCEPTABLE => "not-acceptable",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported-media-type",
        StatusCode::PAYLOAD_TOO_LARGE => "body-too-large",
        StatusCode::URI_TOO_LONG => "address-too-long",
        StatusCode::TOO_MANY_REQUESTS => "too-many-attempts",
        StatusCode::SERVICE_UNAVAILABLE => "busy",
        status if status.is_client_error() => "bad-request",
        _ => "internal",
    }
}

fn title_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Log in first",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::METHOD_NOT_ALLOWED => "Not done this way",
        StatusCode::NOT_ACCEPTABLE | StatusCode::UNSUPPORTED_MEDIA_TYPE => "In no form we share",
        StatusCode::PAYLOAD_TOO_LARGE => "Too much was sent",
        StatusCode::URI_TOO_LONG => "The address is too long",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        StatusCode::SERVICE_UNAVAILABLE => "Busy",
        status if status.is_client_error() => "Not understood",
        _ => "Something broke here",
    }
}

fn detail_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => {
            "This needs a login; programs send a token. Ask the operator for either."
        }
        StatusCode::TOO_MANY_REQUESTS => "Wait a while before you try again.",
        StatusCode::NOT_FOUND => {
            "There is nothing at this address; the link may be old or mistyped."
        }
        StatusCode::METHOD_NOT_ALLOWED => "This address does not answer to that kind of request.",
        StatusCode::PAYLOAD_TOO_LARGE => "The request is larger than this server accepts.",
        StatusCode::URI_TOO_LONG => {
            "The address is longer than this server reads. Shorten the query."
        }
        StatusCode::SERVICE_UNAVAILABLE => "The answer took too long. Try again in a moment.",
        status if status.is_client_error() => "The request cannot be read as it was sent.",
        _ => "The cause is in the server's log. Trying again may help; if not, tell the operator.",
    }
}

/// Codes a program may meet, with what they mean: the list on the help page.
pub(super) const CODES: &[(&str, &str)] = &[
    ("not-found", "there is nothing at this address, or the article or source is gone"),
    ("bad-parameter", "a parameter of the address is missing or has a value that makes no sense"),
    (
        "query-…",
        "and query-open-quote, query-bad-date and so on: the position says where, the detail what to write instead",
    ),
    ("bad-request", "the request cannot be read as it was sent"),
    ("address-too-long", "the whole address is longer than is read"),
    ("body-too-large", "more was sent than is accepted"),
    ("method-not-allowed", "the address exists, but not for this method"),
    ("search-too-deep", "results so far down the list are not given; narrow the search"),
    ("stale-version", "somebody else changed the comment since you saw it; nothing was decided"),
    ("not-acceptable", "the address does not answer in a form that the client accepts"),
    ("unsupported-media-type", "the address does not read what was sent"),
    ("read-only", "nothing can be added here or taken out"),
    ("taken", "something else has this name already; choose another"),
    ("bad-policy", "a site's policy has a value or rule that makes no sense"),
    ("foreign-form", "a form was sent from another site"),
    ("login-needed", "nobody is logged in, or name, password or token are wrong"),
    ("not-allowed", "the account or token has another role than this needs"),
    ("too-many-attempts", "too many wrong passwords or tokens; Retry-After says how long to wait"),
    ("busy", "too much at once, or the answer took too long: try again"),
    ("internal", "a fault of the server; its log has the cause under the request id"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_plain_code_is_explained() {
        for status in [400, 401, 403, 404, 405, 406, 413, 414, 415, 429, 500, 503] {
            let code = code_of(StatusCode::from_u16(status).expect("status"));
            assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
        }
    }
}
