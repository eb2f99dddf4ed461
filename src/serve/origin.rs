//! Forms of other sites: a browser sends our cookie with them, so they are refused. Browsers say in
//! `Sec-Fetch-Site` or `Origin` which site a request comes from, and scripts cannot change either.
//! Programs send neither, and no browser lends them its cookies.

use axum::http::{HeaderMap, Method, header};

/// Whether a request that may change something was sent by a page of another site. `own` is our public origin,
/// such as `https://news.example`, where the operator has set it.
pub(super) fn is_foreign(method: &Method, headers: &HeaderMap, own: Option<&str>) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text =
        |name| headers.get(name).map(|value: &header::HeaderValue| value.to_str().unwrap_or(""));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let is_own = own.is_some_and(|own| own.eq_ignore_ascii_case(origin));
    let is_host = authority.is_some() && authority == text(header::HOST);
    !is_own && !is_host
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn foreign(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| {
            (header::HeaderName::from_static(name), HeaderValue::from_static(value))
        });
        is_foreign(&method, &HeaderMap::from_iter(pairs), Some("https://news.example"))
    }

    #[test]
    fn forms_of_other_sites_are_known() {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://news.example")],
            &[("origin", "https://evil.example"), ("host", "news.example")],
            &[("origin", "null"), ("host", "news.example")],
            &[("origin", "null")],
            &[("origin", "https://news.example.evil.example"), ("host", "news.example")],
        ] {
            assert!(foreign(Method::POST, headers), "{headers:?}");
            assert!(!foreign(Method::GET, headers), "{headers:?}");
        }
    }

    #[test]
    fn our_own_forms_and_programs_pass() {
        for headers in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://news.example"), ("host", "127.0.0.1:8420")],
            &[("origin", "http://localhost:8420"), ("host", "localhost:8420")],
            &[],
        ] {
            assert!(!foreign(Method::POST, headers), "{headers:?}");
        }
    }
}
