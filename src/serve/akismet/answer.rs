//! Answers: one word without a line end, and headers.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{accounts::Refused, moderation::Checked};

/// Reasons named in a header.
const MAX_REASONS: usize = 6;

/// A plain answer.
pub(super) fn text(body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}

/// What a request without what it needs is answered with.
pub(super) fn invalid(help: &str) -> Response {
    let mut response = text("invalid");
    set(&mut response, "x-akismet-debug-help", help);
    response
}

/// What somebody with a wrong key is answered with.
pub(super) fn refused(refused: Refused) -> Response {
    match refused {
        Refused::TooMany { retry_after_s } => {
            let mut response = text("invalid");
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
            response
        }
        Refused::Store(error) => {
            tracing::error!(%error, "a key could not be looked up");
            let mut response = text("error");
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            set(&mut response, "x-akismet-error", "unavailable");
            response
        }
        _ => invalid("We do not know this key"),
    }
}

/// The answer to a check. `is_probe`: always spam by agreement. `url` is where the reasons are.
pub(super) fn verdict(checked: &Checked, is_probe: bool, url: &str) -> Response {
    let mut response = text(if is_probe || checked.is_spam_to_blog { "true" } else { "false" });
    set(&mut response, "x-akismet-guid", &checked.guid.to_string());
    if checked.is_blatant && !is_probe {
        set(&mut response, "x-akismet-pro-tip", "discard");
    }
    set(&mut response, "x-verdict", if is_probe { "spam" } else { checked.outcome.as_str() });
    set(&mut response, "x-verdict-score", &format!("{:.4}", checked.score));
    // Names alone: what was matched is the writer's own text, which has no place in a header.
    let reasons: Vec<&str> =
        checked.signals.iter().map(|signal| signal.name.as_str()).take(MAX_REASONS).collect();
    set(&mut response, "x-verdict-reasons", &reasons.join(", "));
    set(&mut response, "x-verdict-url", url);
    response
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}
