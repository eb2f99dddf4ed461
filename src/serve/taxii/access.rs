//! Who asks, for what, and whether in a form we speak.

use axum::{
    extract::{FromRequestParts, Path},
    http::{HeaderMap, header, request::Parts},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::MEDIA_TYPE;
use crate::{
    domain::SavedSearch,
    serve::{error::AppError, saved, state::AppState, visitor::Visitor},
    taxii::{INDICATORS, REPORTS},
};

/// A client that takes TAXII 2.1.
pub(super) struct Reader;

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        if accepts(&parts.headers) { Ok(Self) } else { Err(AppError::NotAcceptable(MEDIA_TYPE)) }
    }
}

/// Whether `Accept` is absent or names TAXII 2.1 or something wider.
fn accepts(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(header::ACCEPT).iter().peekable();
    if named.peek().is_none() {
        return true;
    }
    named.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(is_ours)
}

fn is_ours(range: &str) -> bool {
    let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
    let known =
        matches!(parts.next().as_deref(), Some("application/taxii+json" | "application/*" | "*/*"));
    let refused = |part: String| match part.split_once('=') {
        Some(("version", version)) => version.trim_matches('"') != "2.1",
        Some(("q", weight)) => weight.parse() == Ok(0.0),
        _ => false,
    };
    known && !parts.any(refused)
}

/// A collection that the asker may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collection {
    pub uuid: Uuid,
    alias: String,
    title: String,
    description: String,
}

impl Collection {
    /// The collections that are always there.
    pub(super) fn always() -> [Self; 2] {
        let one = |uuid, alias: &str, title: &str, description: &str| Self {
            uuid,
            alias: alias.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
        };
        [
            one(REPORTS, "all-reports", "All reports", "Every report, with what it speaks of"),
            one(INDICATORS, "indicators", "Indicators", "Indicators alone, of all reports"),
        ]
    }

    pub(super) fn of_search(search: SavedSearch) -> Self {
        let description = match search.query.as_str() {
            "" => "Everything".to_owned(),
            query => format!("What the search finds: {query}"),
        };
        Self { uuid: search.id.0, alias: search.slug, title: search.name, description }
    }

    /// The resource that describes it.
    pub(super) fn told(&self) -> Value {
        json!({
            "id": self.uuid.to_string(),
            "title": self.title,
            "description": self.description,
            "alias": self.alias,
            "can_read": true,
            "can_write": false,
            "media_types": ["application/stix+json;version=2.1"],
        })
    }
}

impl FromRequestParts<AppState> for Collection {
    type Rejection = AppError;

    /// The collection that the address names by id or alias. Whoever has not said who they are is asked to; whether
    /// there is such a collection is for those to know who may read it.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        let Visitor(person) = Visitor::of(&parts.extensions);
        let names = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Path(names) = names.map_err(|_| AppError::NotFound("collection"))?;
        let name = names.first().map_or("", |(_, value)| value);
        let is_named = |one: &Self| one.alias == name || one.uuid.to_string() == name;
        if let Some(found) = Self::always().into_iter().find(is_named) {
            return Ok(found);
        }
        match saved::readable(state, person.as_ref(), name).await {
            Ok(search) => Ok(Self::of_search(search)),
            Err(AppError::NotFound(_)) if person.is_none() => Err(AppError::LoginNeeded),
            Err(AppError::NotFound(_)) => Err(AppError::NotFound("collection")),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn clients_say_what_they_take() {
        let accepts = |value: &'static str| {
            accepts(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))]))
        };
        for fine in [
            "application/taxii+json;version=2.1",
            "application/taxii+json; version=\"2.1\"",
            "application/taxii+json",
            "Application/TAXII+json;Version=2.1",
            "*/*",
            "text/html, */*;q=0.8",
            "application/stix+json;version=2.0, application/taxii+json;version=2.1;q=0.5",
        ] {
            assert!(accepts(fine), "{fine}");
        }
        for wrong in [
            "application/taxii+json;version=2.0",
            "application/vnd.oasis.taxii+json",
            "text/html",
            "application/json",
            "*/*;q=0",
            "",
        ] {
            assert!(!accepts(wrong), "{wrong}");
        }
        assert!(super::accepts(&HeaderMap::new()));
    }
}
