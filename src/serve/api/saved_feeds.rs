//! A saved search in every format: `/saved/our-vendors.atom`, and with a token instead of a login
//! `/feeds/TOKEN/our-vendors.atom`.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{
    exports::place,
    parameters::{Params, limit},
};
use crate::{
    domain::SavedSearch,
    export::Format,
    search::parse_query,
    serve::{
        error::AppError,
        exports::{self, Export, MAX_POSTS, POSTS},
        pages, saved,
        state::AppState,
        visitor::{ClientAddress, Visitor},
    },
};

#[derive(Debug, Deserialize)]
struct FeedParams {
    limit: Option<u32>,
    /// Where to begin, as the page before said.
    before: Option<String>,
}

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/saved/{file}", get(for_readers))
        .route("/feeds/{token}/{file}", get(with_token))
}

async fn for_readers(
    State(state): State<AppState>,
    Visitor(person): Visitor,
    Path(file): Path<String>,
    Params(params): Params<FeedParams>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let (name, format) = parts(&file)?;
    let search = saved::readable(&state, person.as_ref(), name).await?;
    let path = format!("/saved/{file}");
    export(&state, &headers, search, format, path, params).await
}

async fn with_token(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Path((token, file)): Path<(String, String)>,
    Params(params): Params<FeedParams>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let (name, format) = parts(&file)?;
    let search = saved::by_token(&state, &token, address).await?;
    if search.slug != name && search.id.to_string() != name {
        return Err(AppError::NotFound("saved search"));
    }
    let path = format!("/feeds/{token}/{file}");
    let mut response = export(&state, &headers, search, format, path, params).await?;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(response)
}

/// Slug or id, and format; slugs have no dots.
fn parts(file: &str) -> Result<(&str, Format), AppError> {
    let (name, extension) = file.split_once('.').ok_or(AppError::NoPage)?;
    let format = Format::documents().find(|format| format.extension() == extension);
    let format = format.ok_or(AppError::NoPage)?;
    Ok((name, format))
}

async fn export(
    state: &AppState,
    headers: &HeaderMap,
    search: SavedSearch,
    format: Format,
    path: String,
    params: FeedParams,
) -> Result<Response, AppError> {
    let query = parse_query(&search.query)?;
    let limit = match format.is_feed() {
        true => Some(limit(params.limit, POSTS, MAX_POSTS)?),
        false => params.limit,
    };
    let export = Export {
        view: search.view,
        format,
        limit,
        after: params.before.as_deref().map(place).transpose()?,
        title: format!("{} · siftwire", search.name),
        path,
        home: pages::view_href(&query, search.view),
        query,
    };
    exports::respond(state, headers, export).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_search_and_format() {
        assert_eq!(parts("our-vendors.atom").expect("a feed"), ("our-vendors", Format::Atom));
        for wrong in ["our-vendors", "our-vendors.exe", "our-vendors.atom.exe", "."] {
            assert!(parts(wrong).is_err(), "{wrong}");
        }
    }
}
