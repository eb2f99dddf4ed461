//! Conditional requests (RFC 9110 section 13): an answer that the reader already has is not sent again.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::error::AppError;

/// Bytes of an answer. Ours are pages and lists, far below.
const MAX_ANSWER: usize = 32 << 20;

/// Kept answers are to be asked about before they are shown.
pub(super) const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// Marks an answer that is sent while it is made: it passes through untouched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streamed;

/// Tags answers to GET with a digest of their content, and answers 304 where the reader has it already.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    // An answer to HEAD has no body to take a digest of.
    let reads = request.method() == Method::GET;
    let asked = request.headers().clone();
    let response = next.run(request).await;
    let whole = response.extensions().get::<Streamed>().is_none();
    if !reads || !whole || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_ANSWER).await else {
        return AppError::Internal("the answer is larger than allowed".to_owned()).into_response();
    };
    let tag = weak_tag(&bytes);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    parts.headers.entry(header::CACHE_CONTROL).or_insert(NO_CACHE);
    if !is_unchanged(&asked, &tag, &parts.headers) {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

/// Names content by its digest. Weak, since compression may change the bytes that are sent.
pub(super) fn weak_tag(content: &[u8]) -> String {
    format!("W/\"{}\"", &blake3::hash(content).to_hex()[..24])
}

/// The answer where the reader already has what `tag` names. For answers whose tag is known before they are made.
pub(super) fn not_modified(asked: &HeaderMap, tag: &HeaderValue) -> Option<Response> {
    let is_known = is_unchanged(asked, tag.to_str().ok()?, &HeaderMap::new());
    is_known.then(|| {
        let headers = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, NO_CACHE)];
        (StatusCode::NOT_MODIFIED, headers).into_response()
    })
}

/// `If-None-Match` decides; `If-Modified-Since` only where it is absent.
fn is_unchanged(asked: &HeaderMap, tag: &str, answer: &HeaderMap) -> bool {
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(tags) = text(header::IF_NONE_MATCH) {
        let opaque = tag.trim_start_matches("W/");
        return tags
            .split(',')
            .map(str::trim)
            .any(|known| known == "*" || known.trim_start_matches("W/") == opaque);
    }
    let modified = answer.get(header::LAST_MODIFIED).and_then(|value| value.to_str().ok());
    match (text(header::IF_MODIFIED_SINCE).and_then(http_date), modified.and_then(http_date)) {
        (Some(since), Some(modified)) => modified <= since,
        _ => false,
    }
}

fn http_date(text: &str) -> Option<jiff::Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_known_tag_is_unchanged() {
        let none = HeaderMap::new();
        for known in ["W/\"abc\"", "\"abc\"", "\"x\", W/\"abc\"", "*"] {
            let asked = headers(header::IF_NONE_MATCH, known);
            assert!(is_unchanged(&asked, "W/\"abc\"", &none), "{known}");
        }
        assert!(!is_unchanged(&headers(header::IF_NONE_MATCH, "\"x\""), "W/\"abc\"", &none));
    }

    #[test]
    fn a_date_counts_only_without_a_tag() {
        let answer = headers(header::LAST_MODIFIED, "Mon, 23 Nov 2026 10:00:00 GMT");
        let later = headers(header::IF_MODIFIED_SINCE, "Mon, 23 Nov 2026 10:00:00 GMT");
        assert!(is_unchanged(&later, "W/\"abc\"", &answer));
        let earlier = headers(header::IF_MODIFIED_SINCE, "Mon, 23 Nov 2026 09:59:59 GMT");
        assert!(!is_unchanged(&earlier, "W/\"abc\"", &answer));
        let mut both = later;
        both.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"x\""));
        assert!(!is_unchanged(&both, "W/\"abc\"", &answer));
    }
}
