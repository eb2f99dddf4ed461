//! What collections hold: objects, manifests, versions.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, header},
    response::Response,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    access::{Collection, Reader},
    answer::{MEDIA_TYPE, dated, precise, taxii, text, version},
    parameters::{Asked, Known},
};
use crate::{
    serve::{error::AppError, state::AppState},
    store::{Collected, CollectedFilter, VersionFilter},
};

const STIX: &str = "application/stix+json;version=2.1";

/// A part of a collection.
struct Page {
    found: Vec<Collected>,
    /// Where the next part begins, if there is more.
    next: Option<String>,
    /// What to go on from where nothing was found.
    until: Timestamp,
}

impl Page {
    async fn read(
        state: &AppState,
        collection: &Collection,
        asked: &Asked,
        known: Known,
        object: Option<&str>,
        with_bodies: bool,
    ) -> Result<Self, AppError> {
        let limit = asked.limit(state.taxii_page_limit());
        let after = asked.after(collection.uuid, object)?;
        let mut found = match asked.filter(collection.uuid, known, object)? {
            Some(filter) => {
                state.store.collected(collection.uuid, &filter, limit + 1, with_bodies).await?
            }
            None => Vec::new(),
        };
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let cursor = |last: &Collected| asked.cursor(last.added, collection.uuid, object);
        let next = found.last().filter(|_| more).map(cursor);
        Ok(Self { found, next, until: after })
    }

    /// Sends an answer with the times between which its objects were added.
    fn dated(&self, response: Response) -> Response {
        let first = self.found.first().map_or(self.until, |one| one.added);
        let last = self.found.last().map_or(self.until, |one| one.added);
        dated(response, first, last)
    }

    /// `"more":false`, or `"more":true,"next":"..."`.
    fn paging(&self) -> String {
        match &self.next {
            Some(next) => format!("\"more\":true,\"next\":{}", json!(next)),
            None => "\"more\":false".to_owned(),
        }
    }

    /// An answer that lists something of each object under this name.
    fn list(&self, name: &str, records: Vec<Value>) -> Response {
        let mut answer = json!({ "more": self.next.is_some(), name: records });
        if let Some(next) = &self.next {
            answer["next"] = next.as_str().into();
        }
        self.dated(taxii(&answer))
    }

    /// The objects as they are kept; nothing is read and written again.
    fn envelope(&self) -> Response {
        let bytes: usize = self.found.iter().map(|one| one.body.len() + 1).sum();
        let mut answer = String::with_capacity(bytes + 128);
        answer.push('{');
        answer.push_str(&self.paging());
        answer.push_str(",\"objects\":[");
        for (place, one) in self.found.iter().enumerate() {
            if place > 0 {
                answer.push(',');
            }
            answer.push_str(&one.body);
        }
        answer.push_str("]}");
        self.dated(text(answer))
    }
}

/// `GET .../objects/`
pub(super) async fn all(
    _reader: Reader,
    State(state): State<AppState>,
    collection: Collection,
    asked: Asked,
) -> Result<Response, AppError> {
    let page = Page::read(&state, &collection, &asked, Known::All, None, true).await?;
    Ok(page.envelope())
}

/// `GET .../manifest/`: the same without the objects.
pub(super) async fn manifest(
    _reader: Reader,
    State(state): State<AppState>,
    collection: Collection,
    asked: Asked,
) -> Result<Response, AppError> {
    let page = Page::read(&state, &collection, &asked, Known::All, None, false).await?;
    let record = |one: &Collected| {
        json!({
            "id": one.stix_id,
            "date_added": precise(one.added),
            "version": version(one.version),
            "media_type": STIX,
        })
    };
    let records = page.found.iter().map(record).collect();
    Ok(page.list("objects", records))
}

/// `GET .../objects/{id}/`
pub(super) async fn one(
    _reader: Reader,
    State(state): State<AppState>,
    collection: Collection,
    Path((_, object)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, AppError> {
    must_exist(&state, &collection, &object).await?;
    let page =
        Page::read(&state, &collection, &asked, Known::OfObject, Some(&object), true).await?;
    Ok(page.envelope())
}

/// `GET .../objects/{id}/versions/`
pub(super) async fn versions(
    _reader: Reader,
    State(state): State<AppState>,
    collection: Collection,
    Path((_, object)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, AppError> {
    must_exist(&state, &collection, &object).await?;
    let page =
        Page::read(&state, &collection, &asked, Known::OfVersions, Some(&object), false).await?;
    let versions = page.found.iter().map(|one| version(one.version).into()).collect();
    Ok(page.list("versions", versions))
}

/// `POST .../objects/` and `DELETE .../objects/{id}/`: collections are read only.
pub(super) async fn read_only(
    _reader: Reader,
    _collection: Collection,
    headers: HeaderMap,
) -> AppError {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_taxii = |text: &str| {
        let text = text.replace(' ', "").to_ascii_lowercase();
        text == MEDIA_TYPE || text == "application/taxii+json"
    };
    match content_type {
        Some(text) if !is_taxii(text) => AppError::UnsupportedMedia(MEDIA_TYPE),
        _ => AppError::ReadOnly,
    }
}

/// Fails where a collection has never held an object.
async fn must_exist(
    state: &AppState,
    collection: &Collection,
    object: &str,
) -> Result<(), AppError> {
    let filter = CollectedFilter {
        after: Timestamp::UNIX_EPOCH,
        ids: Some(vec![object.to_owned()]),
        kinds: None,
        versions: VersionFilter { all: true, ..VersionFilter::default() },
    };
    let found = state.store.collected(collection.uuid, &filter, 1, false).await?;
    if found.is_empty() { Err(AppError::NotFound("object")) } else { Ok(()) }
}
