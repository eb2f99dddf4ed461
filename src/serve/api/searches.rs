//! Saved searches: keep, list, change, delete, bring back.

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::moderation::Posted;
use crate::{
    accounts::Person,
    domain::{SavedSearch, SearchView, Visibility},
    serve::{
        error::{AppError, Problem},
        saved::{self, SearchDraft, SearchPatch},
        state::AppState,
        visitor::{Analyst, LoggedIn, Visitor},
    },
    store::{FeedToken, FeedTokenId},
};

/// Id or slug in the path.
pub(super) struct Named(String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let found = Path::<String>::from_request_parts(parts, state).await;
        found.map(|Path(name)| Self(name)).map_err(|_| AppError::NotFound("saved search"))
    }
}

/// Whether a search gives articles one by one, or what happened.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ViewName {
    Articles,
    Incidents,
}

/// Who may read: everybody who may read articles, or the owner and analysts alone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum VisibilityName {
    Private,
    Public,
}

/// A query that is kept under a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedSearch)]
pub(super) struct SearchItem {
    /// Never changes; also the id of its TAXII collection.
    #[schema(value_type = String, format = "uuid")]
    id: String,
    /// Its name in addresses.
    slug: String,
    name: String,
    /// In canonical form.
    query: String,
    #[schema(inline)]
    view: ViewName,
    #[schema(inline)]
    visibility: VisibilityName,
    /// Who made it.
    made_by: String,
    /// Whether the asker may change it.
    may_change: bool,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed: Timestamp,
}

impl SearchItem {
    fn new(search: SavedSearch, person: Option<&Person>) -> Self {
        Self {
            may_change: person.is_some_and(|person| saved::may_change(person, &search)),
            id: search.id.to_string(),
            slug: search.slug,
            name: search.name,
            query: search.query,
            view: match search.view {
                SearchView::Articles => ViewName::Articles,
                SearchView::Incidents => ViewName::Incidents,
            },
            visibility: match search.visibility {
                Visibility::Private => VisibilityName::Private,
                Visibility::Public => VisibilityName::Public,
            },
            made_by: search.made_by,
            created: search.created,
            changed: search.changed,
        }
    }
}

impl From<ViewName> for SearchView {
    fn from(name: ViewName) -> Self {
        match name {
            ViewName::Articles => Self::Articles,
            ViewName::Incidents => Self::Incidents,
        }
    }
}

impl From<VisibilityName> for Visibility {
    fn from(name: VisibilityName) -> Self {
        match name {
            VisibilityName::Private => Self::Private,
            VisibilityName::Public => Self::Public,
        }
    }
}

/// Saved searches, by name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedSearchList)]
pub(super) struct SearchList {
    searches: Vec<SearchItem>,
}

/// A search to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewSavedSearch)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSearch {
    /// 1 to 100 characters.
    name: String,
    /// Lower case letters, digits and hyphens; made of the name if not given. A number is put behind one in use.
    slug: Option<String>,
    /// A query as on the search page.
    query: String,
    /// `articles` if not given.
    #[schema(inline)]
    view: Option<ViewName>,
    /// `private` if not given.
    #[schema(inline)]
    visibility: Option<VisibilityName>,
}

/// What is to change; the rest stays.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SavedSearchEdit)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchEdit {
    name: Option<String>,
    /// Addresses with the earlier slug end; those with the id go on.
    slug: Option<String>,
    query: Option<String>,
    #[schema(inline)]
    view: Option<ViewName>,
    #[schema(inline)]
    visibility: Option<VisibilityName>,
}

/// Saved searches that the asker may read
#[utoipa::path(
    get, path = "/searches", operation_id = "list_saved_searches", tag = "saved searches",
    responses((status = 200, body = SearchList)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    Visitor(person): Visitor,
) -> Result<Json<SearchList>, AppError> {
    let searches = saved::all_readable(&state, person.as_ref()).await?;
    let searches = searches.into_iter().map(|search| SearchItem::new(search, person.as_ref()));
    Ok(Json(SearchList { searches: searches.collect() }))
}

/// Keep a search
#[utoipa::path(
    post, path = "/searches", operation_id = "create_saved_search", tag = "saved searches", request_body = NewSearch,
    responses(
        (status = 201, body = SearchItem, headers(("Location" = String))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem),
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    Analyst(person): Analyst,
    Posted(new): Posted<NewSearch>,
) -> Result<Response, AppError> {
    let draft = SearchDraft {
        name: new.name,
        slug: new.slug,
        query: new.query,
        view: new.view.map(Into::into).unwrap_or_default(),
        visibility: new.visibility.map(Into::into).unwrap_or_default(),
    };
    let search = draft.keep(&state, &person).await?;
    tracing::info!(search = %search.id, by = person.name, "a search was saved");
    let location = HeaderValue::from_str(&format!("/api/v1/searches/{}", search.id));
    let item = SearchItem::new(search, Some(&person));
    let mut response = (StatusCode::CREATED, Json(item)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// One saved search
#[utoipa::path(
    get, path = "/searches/{id}", operation_id = "saved_search", tag = "saved searches",
    params(("id" = String, Path, description = "Id or slug")),
    responses((status = 200, body = SearchItem), (status = 404, body = Problem)),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    Visitor(person): Visitor,
    Named(name): Named,
) -> Result<Json<SearchItem>, AppError> {
    let search = saved::readable(&state, person.as_ref(), &name).await?;
    Ok(Json(SearchItem::new(search, person.as_ref())))
}

/// Change a saved search
#[utoipa::path(
    patch, path = "/searches/{id}", operation_id = "edit_saved_search", tag = "saved searches", request_body = SearchEdit,
    params(("id" = String, Path, description = "Id or slug")),
    responses(
        (status = 200, body = SearchItem), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    ),
)]
pub(super) async fn edit(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Named(name): Named,
    Posted(edit): Posted<SearchEdit>,
) -> Result<Json<SearchItem>, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let patch = SearchPatch {
        name: edit.name,
        slug: edit.slug,
        query: edit.query,
        view: edit.view.map(Into::into),
        visibility: edit.visibility.map(Into::into),
    };
    let changed = patch.apply(&state, &search).await?;
    tracing::info!(search = %search.id, by = person.name, "a saved search was changed");
    Ok(Json(SearchItem::new(changed, Some(&person))))
}

/// Delete a saved search; it can be brought back
#[utoipa::path(
    delete, path = "/searches/{id}", operation_id = "delete_saved_search", tag = "saved searches",
    params(("id" = String, Path, description = "Id or slug")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Named(name): Named,
) -> Result<StatusCode, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    state.store.remove_saved_search(search.id, state.now()).await?;
    tracing::info!(search = %search.id, by = person.name, "a saved search was deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// Bring back a deleted search
#[utoipa::path(
    post, path = "/searches/{id}/restore", tag = "saved searches",
    params(("id" = String, Path, description = "Id")),
    responses((status = 200, body = SearchItem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn restore(
    State(state): State<AppState>,
    Analyst(person): Analyst,
    Named(name): Named,
) -> Result<Json<SearchItem>, AppError> {
    let missing = || AppError::NotFound("deleted search");
    let id = name.parse().map_err(|_| missing())?;
    let search = state.store.restore_saved_search(id, state.now()).await?.ok_or_else(missing)?;
    tracing::info!(search = %search.id, by = person.name, "a saved search was brought back");
    Ok(Json(SearchItem::new(search, Some(&person))))
}

/// A key in the address of the feeds of one search.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeedToken)]
pub(super) struct TokenItem {
    id: i64,
    label: String,
    /// First characters of the secret.
    prefix: String,
    made_by: String,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked: Option<Timestamp>,
}

/// Tokens of a search, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeedTokenList)]
pub(super) struct TokenList {
    tokens: Vec<TokenItem>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewFeedToken)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// Who or what reads with it.
    #[serde(default)]
    label: String,
}

/// A new token. Its secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeFeedToken)]
pub(super) struct MadeToken {
    id: i64,
    secret: String,
    /// Where the feeds are, such as `/feeds/SECRET/our-vendors`; a format such as `.atom` goes behind it.
    address: String,
}

/// Tokens of the feeds of a saved search
#[utoipa::path(
    get, path = "/searches/{id}/tokens", tag = "saved searches",
    params(("id" = String, Path, description = "Id or slug")),
    responses((status = 200, body = TokenList), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn tokens(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Named(name): Named,
) -> Result<Json<TokenList>, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let tokens = state.store.feed_tokens(search.id).await?;
    let item = |token: FeedToken| TokenItem {
        id: token.id.0,
        label: token.label,
        prefix: token.prefix,
        made_by: token.made_by,
        created: token.created,
        last_used: token.last_used,
        revoked: token.revoked,
    };
    Ok(Json(TokenList { tokens: tokens.into_iter().map(item).collect() }))
}

/// Make a token for the feeds of a saved search
#[utoipa::path(
    post, path = "/searches/{id}/tokens", tag = "saved searches", request_body = NewToken,
    params(("id" = String, Path, description = "Id or slug")),
    responses((status = 201, body = MadeToken), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn make_token(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Named(name): Named,
    Posted(new): Posted<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let (id, secret) = saved::make_token(&state, &person, &search, &new.label).await?;
    let address = format!("/feeds/{secret}/{}", search.slug);
    Ok((StatusCode::CREATED, Json(MadeToken { id: id.0, secret, address })))
}

/// Revoke a token of the feeds of a saved search
#[utoipa::path(
    delete, path = "/searches/{id}/tokens/{token}", tag = "saved searches",
    params(("id" = String, Path, description = "Id or slug"), ("token" = i64, Path, description = "Number of the token")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn revoke_token(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path((name, token)): Path<(String, String)>,
) -> Result<StatusCode, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let id = token.parse().map_err(|_| AppError::NotFound("token"))?;
    saved::revoke_token(&state, &person, &search, FeedTokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
