//! TAXII 2.1, read only: discovery, one API root, a collection for each saved search and two that are always there.
//!
//! Order and cursors rest on the time at which an object came into its collection, which is ours and never given twice,
//! so that clients that poll see each version exactly once.

mod access;
mod answer;
mod cursor;
mod objects;
mod parameters;

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::{MethodRouter, get},
};
use serde_json::json;

use super::{error::AppError, saved, state::AppState, visitor::Visitor};
use access::{Collection, Reader};
pub(super) use answer::problem_document;
use answer::{MEDIA_TYPE, taxii};

/// Bytes of a request that would be read.
const MAX_CONTENT: usize = 64 << 10;
/// Where discovery stands, without the slash at its end.
pub(super) const DISCOVERY: &str = "/taxii2";
/// Where the API root stands, without the slash at its end.
pub(super) const ROOT: &str = "/taxii2/news";

pub(super) fn routes() -> Router<AppState> {
    let routes = [
        ("/taxii2", get(discovery)),
        ("/taxii2/news", get(root)),
        ("/taxii2/news/status/{status}", get(status)),
        ("/taxii2/news/collections", get(collections)),
        ("/taxii2/news/collections/{collection}", get(collection)),
        ("/taxii2/news/collections/{collection}/manifest", get(objects::manifest)),
        (
            "/taxii2/news/collections/{collection}/objects",
            get(objects::all).post(objects::read_only),
        ),
        (
            "/taxii2/news/collections/{collection}/objects/{object}",
            get(objects::one).delete(objects::read_only),
        ),
        ("/taxii2/news/collections/{collection}/objects/{object}/versions", get(objects::versions)),
    ];
    routes.into_iter().fold(Router::new(), with_and_without_slash)
}

/// Addresses end with a slash; without it they answer the same, since a redirect would lose what is posted.
fn with_and_without_slash(
    router: Router<AppState>,
    (path, methods): (&str, MethodRouter<AppState>),
) -> Router<AppState> {
    router.route(path, methods.clone()).route(&format!("{path}/"), methods)
}

/// Whether errors at this address are told as TAXII tells them.
pub(super) fn is_below(path: &str) -> bool {
    path == DISCOVERY || path.starts_with("/taxii2/")
}

/// `GET /taxii2/`
async fn discovery(_reader: Reader, State(state): State<AppState>, headers: HeaderMap) -> Response {
    let root = format!("{}{ROOT}/", state.base_url(&headers));
    taxii(&json!({
        "title": "siftwire",
        "description": "The security newswire as threat intelligence",
        "default": root,
        "api_roots": [root],
    }))
}

/// `GET /taxii2/news/`
async fn root(_reader: Reader) -> Response {
    taxii(&json!({
        "title": "News",
        "description": "Reports of the security newswire, what they speak of, and indicators",
        "versions": [MEDIA_TYPE],
        "max_content_length": MAX_CONTENT,
    }))
}

/// `GET /taxii2/news/status/{id}/`: nothing can be added here, so there is no status either.
async fn status(_reader: Reader, Path(_): Path<String>) -> AppError {
    AppError::NotFound("status")
}

/// `GET /taxii2/news/collections/`
async fn collections(
    _reader: Reader,
    State(state): State<AppState>,
    Visitor(person): Visitor,
) -> Result<Response, AppError> {
    let searches = saved::all_readable(&state, person.as_ref()).await?;
    let own = searches.into_iter().map(Collection::of_search);
    let all: Vec<_> = Collection::always().into_iter().chain(own).map(|one| one.told()).collect();
    Ok(taxii(&json!({ "collections": all })))
}

/// `GET /taxii2/news/collections/{id}/`
async fn collection(_reader: Reader, collection: Collection) -> Response {
    taxii(&collection.told())
}
