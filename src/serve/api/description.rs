//! The OpenAPI document (version 3.1): what it says of the whole, and what is the same for all operations.

use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::{Info, License, OpenApi, Server};

/// What the API is, before its operations are added.
pub(super) fn about() -> OpenApi {
    let mut info = Info::new("siftwire", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Articles of the security newswire. Times are RFC 3339 in UTC. Errors are `application/problem+json` \
         (RFC 9457). Reading needs no key unless the operator wants one; \
         what concerns moderation needs the key of a site or a moderator's token. Any search is also a feed or a file: `/search.atom?q=`, likewise `.rss`, `.json` (JSON Feed), `.csv`, `.ndjson`, \
         `.stix.json` and `.opml`; `view=incidents` gives incidents instead of articles."
            .to_owned(),
    );
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let mut document = OpenApi::new(info, utoipa::openapi::Paths::new());
    document.servers = Some(vec![Server::new("/")]);
    document
}

/// The document with what operations need not repeat: each response has a description, errors their media type, and
/// what may answer 401 takes a token.
pub(super) fn completed(document: &OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "made with `siftwire token create`",
        },
    });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for (_, operation) in operations.filter(|(_, operation)| operation["responses"].is_object()) {
        complete_operation(operation);
    }
    document
}

fn complete_operation(operation: &mut Value) {
    if operation["responses"].get("401").is_some() {
        operation["security"] = json!([{ "token": [] }]);
    }
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let reason = status
            .parse()
            .ok()
            .and_then(|code| StatusCode::from_u16(code).ok()?.canonical_reason());
        if response["description"].as_str().is_none_or(str::is_empty) {
            response["description"] = reason.unwrap_or("An answer").into();
        }
        if is_error(status)
            && let Some(content) = response["content"].as_object_mut()
            && let Some(problem) = content.remove("application/json")
        {
            content.insert("application/problem+json".to_owned(), problem);
        }
    }
}

fn is_error(status: &str) -> bool {
    status.starts_with('4') || status.starts_with('5')
}
