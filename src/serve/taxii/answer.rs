//! Answers as TAXII 2.1 has them.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::serve::error::Problem;

/// Of every answer, errors included. Clients compare it word by word.
pub(super) const MEDIA_TYPE: &str = "application/taxii+json;version=2.1";
const ADDED_FIRST: HeaderName = HeaderName::from_static("x-taxii-date-added-first");
const ADDED_LAST: HeaderName = HeaderName::from_static("x-taxii-date-added-last");

pub(super) fn taxii(answer: &Value) -> Response {
    text(answer.to_string())
}

pub(super) fn text(answer: String) -> Response {
    let media_type = HeaderValue::from_static(MEDIA_TYPE);
    ([(header::CONTENT_TYPE, media_type)], Body::from(answer)).into_response()
}

/// Says between which times the objects of an answer were added.
pub(super) fn dated(mut response: Response, first: Timestamp, last: Timestamp) -> Response {
    for (name, time) in [(ADDED_FIRST, first), (ADDED_LAST, last)] {
        if let Ok(time) = HeaderValue::from_str(&precise(time)) {
            response.headers_mut().insert(name, time);
        }
    }
    response
}

/// A time to the microsecond, such as `2026-11-23T14:30:00.123456Z`.
pub(super) fn precise(time: Timestamp) -> String {
    format!("{time:.6}")
}

/// A time to the millisecond, as our objects write theirs.
pub(super) fn version(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// A problem as TAXII's error message.
pub(in crate::serve) fn problem_document(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut message = json!({
        "title": problem.title,
        "description": problem.detail,
        "error_code": problem.code,
        "http_status": problem.status.to_string(),
    });
    if let Some(id) = &problem.request_id {
        message["error_id"] = id.as_str().into();
    }
    let mut response = taxii(&message);
    *response.status_mut() = status;
    response
}
