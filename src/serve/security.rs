//! What every answer carries and every request is held to.

use std::{any::Any, time::Duration};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};

use tracing::Instrument as _;

use super::error::AppError;

/// Bytes of a request body: forms are small.
pub(super) const MAX_BODY: usize = 64 << 10;
/// Bytes of a request to the API: lists of comments are long.
pub(super) const MAX_API_BODY: usize = 4 << 20;
/// Bytes of path and query.
const MAX_ADDRESS: usize = 16 << 10;
/// For a whole answer.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(15);
/// Requests answered at once; others wait.
pub(super) const MAX_AT_ONCE: usize = 256;

/// Nothing is loaded but our own style sheet, script, icons and pages. Pictures of crawled pages are shown as
/// links, so that reading an article here tells its publisher nothing.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; \
    manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    // Other sites learn nothing; our own forms still say where they come from, which `no-referrer` would hide.
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Names a request in the log and in error messages.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestId(pub String);

/// Outermost layer: names the request and sets the headers of the answer.
pub(super) async fn guard(mut request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::random::<u64>());
    request.extensions_mut().insert(RequestId(id.clone()));
    // At error level, so that every message of the request carries its name whatever is logged.
    let span = tracing::error_span!("request", %id);
    let mut response = next.run(request).instrument(span).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", id);
    }
    response
}

/// Refuses addresses that are longer than any of ours.
pub(super) async fn limit_address(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if length > MAX_ADDRESS {
        return AppError::AddressTooLong(length).into_response();
    }
    next.run(request).await
}

/// Turns a panic in a handler into an answer; the cause goes to the log.
pub(super) fn on_panic(cause: Box<dyn Any + Send>) -> Response {
    let cause = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown".to_owned());
    AppError::Internal(format!("a handler panicked: {cause}")).into_response()
}
