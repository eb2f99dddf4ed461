//! One saved search: its addresses, its settings, its tokens.

use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{mistake_of, visibility};
use crate::{
    accounts::Person,
    domain::{SavedSearch, SearchView, Visibility},
    export::Format,
    search::parse_query,
    serve::{
        error::AppError,
        layout::Layout,
        pages::view_href,
        saved::{self, MAX_NAME, SearchPatch, may_change},
        state::AppState,
        taxii,
        templates::view,
        visitor::{Analyst, LoggedIn, Visitor},
    },
    store::{FeedToken, FeedTokenId, Role},
};

/// An address to copy.
#[derive(Debug, Serialize)]
struct Address {
    label: String,
    value: String,
}

/// A token as the page lists it.
#[derive(Debug, Serialize)]
struct TokenRow {
    id: i64,
    label: String,
    prefix: String,
    made_by: String,
    created: Timestamp,
    last_used: Option<Timestamp>,
    revoked: Option<Timestamp>,
}

impl From<FeedToken> for TokenRow {
    fn from(token: FeedToken) -> Self {
        Self {
            id: token.id.0,
            label: token.label,
            prefix: token.prefix,
            made_by: token.made_by,
            created: token.created,
            last_used: token.last_used,
            revoked: token.revoked,
        }
    }
}

/// What happened just now.
#[derive(Default)]
struct Said {
    mistake: Option<String>,
    /// The secret of a new token, shown this once.
    secret: Option<String>,
    status: StatusCode,
}

/// `GET /exports/{name}`
pub(in crate::serve::pages) async fn get(
    State(state): State<AppState>,
    Visitor(person): Visitor,
    Path(name): Path<String>,
    headers: HeaderMap,
    layout: Layout,
) -> Result<Response, AppError> {
    let search = saved::readable(&state, person.as_ref(), &name).await?;
    page(&state, &headers, &layout, person.as_ref(), search, Said::default()).await
}

/// Changes to a search, as the form sends them.
#[derive(Debug, Deserialize)]
pub(in crate::serve::pages) struct EditForm {
    name: String,
    q: String,
    slug: String,
    view: String,
    public: Option<String>,
}

/// `POST /exports/{name}`
pub(in crate::serve::pages) async fn edit(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(name): Path<String>,
    headers: HeaderMap,
    layout: Layout,
    Form(form): Form<EditForm>,
) -> Result<Response, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let patch = SearchPatch {
        name: Some(form.name),
        slug: Some(form.slug.trim().to_owned()),
        query: Some(form.q),
        view: SearchView::from_name(&form.view),
        visibility: Some(visibility(form.public.as_deref())),
    };
    match patch.apply(&state, &search).await {
        Ok(changed) => Ok(Redirect::to(&format!("/exports/{}", changed.slug)).into_response()),
        Err(error) => {
            let mistake = Some(mistake_of(error)?);
            let said = Said { mistake, secret: None, status: StatusCode::BAD_REQUEST };
            page(&state, &headers, &layout, Some(&person), search, said).await
        }
    }
}

/// `POST /exports/{name}/delete`: back to the list, which offers the way back.
pub(in crate::serve::pages) async fn remove(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(name): Path<String>,
) -> Result<Redirect, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    state.store.remove_saved_search(search.id, state.now()).await?;
    tracing::info!(search = %search.id, by = person.name, "a saved search was deleted");
    Ok(Redirect::to(&format!("/exports?removed={}", search.id)))
}

/// `POST /exports/{id}/restore`
pub(in crate::serve::pages) async fn restore(
    State(state): State<AppState>,
    Analyst(person): Analyst,
    Path(id): Path<String>,
) -> Result<Redirect, AppError> {
    let missing = || AppError::NotFound("deleted search");
    let id = id.parse().map_err(|_| missing())?;
    let search = state.store.restore_saved_search(id, state.now()).await?.ok_or_else(missing)?;
    tracing::info!(search = %search.id, by = person.name, "a saved search was brought back");
    Ok(Redirect::to(&format!("/exports/{}", search.slug)))
}

#[derive(Debug, Deserialize)]
pub(in crate::serve::pages) struct TokenForm {
    #[serde(default)]
    label: String,
}

/// `POST /exports/{name}/tokens`: the answer itself shows the secret, since it is never shown again.
pub(in crate::serve::pages) async fn make_token(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(name): Path<String>,
    headers: HeaderMap,
    layout: Layout,
    Form(form): Form<TokenForm>,
) -> Result<Response, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let said = match saved::make_token(&state, &person, &search, &form.label).await {
        Ok((_, secret)) => Said { secret: Some(secret), ..Said::default() },
        Err(error) => {
            let mistake = Some(mistake_of(error)?);
            Said { mistake, secret: None, status: StatusCode::BAD_REQUEST }
        }
    };
    let mut response = page(&state, &headers, &layout, Some(&person), search, said).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `POST /exports/{name}/tokens/{token}/revoke`
pub(in crate::serve::pages) async fn revoke_token(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path((name, token)): Path<(String, i64)>,
) -> Result<Redirect, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    saved::revoke_token(&state, &person, &search, FeedTokenId(token)).await?;
    Ok(Redirect::to(&format!("/exports/{}#tokens", search.slug)))
}

async fn page(
    state: &AppState,
    headers: &HeaderMap,
    layout: &Layout,
    person: Option<&Person>,
    search: SavedSearch,
    said: Said,
) -> Result<Response, AppError> {
    let base = state.base_url(headers);
    let may_change = person.is_some_and(|person| may_change(person, &search));
    let tokens: Vec<TokenRow> = match may_change {
        true => state.store.feed_tokens(search.id).await?.into_iter().map(Into::into).collect(),
        false => Vec::new(),
    };
    let with_token =
        said.secret.as_ref().map(|secret| documents(&base, "feeds", Some(secret), &search));
    let query = parse_query(&search.query)?;
    let may_be_told = person.is_some_and(|person| person.may(Role::Analyst));
    let html = layout.html(
        "saved_search.html",
        view! {
            slug => search.slug,
            name => search.name,
            query => search.query,
            view => search.view.as_str(),
            made_by => search.made_by,
            changed => search.changed,
            private => search.visibility == Visibility::Private,
            documents => documents(&base, "saved", None, &search),
            platforms => platforms(&base, &search),
            with_token,
            tokens,
            may_change,
            alerts_href => may_be_told.then(|| format!("/alerts?search={}#ne", search.id)),
            mistake => said.mistake,
            search_href => view_href(&query, search.view),
            max_name => MAX_NAME,
        },
    )?;
    Ok((said.status, html).into_response())
}

/// Where the search is in each format.
fn documents(
    base: &str,
    below: &str,
    secret: Option<&String>,
    search: &SavedSearch,
) -> Vec<Address> {
    let secret = secret.map(|secret| format!("/{secret}")).unwrap_or_default();
    let address = |format: Format| Address {
        label: format.label().to_owned(),
        value: format!("{base}/{below}{secret}/{}.{}", search.slug, format.extension()),
    };
    let misp = Address {
        label: Format::Misp.label().to_owned(),
        value: match secret.is_empty() {
            true => format!("{base}/misp/{}/", search.slug),
            false => format!("{base}/{below}{secret}/misp/"),
        },
    };
    Format::documents().map(address).chain([misp]).collect()
}

/// What threat intelligence platforms are told.
fn platforms(base: &str, search: &SavedSearch) -> Vec<Address> {
    let one = |label: &str, value: String| Address { label: label.to_owned(), value };
    vec![
        one("TAXII discovery", format!("{base}{}/", taxii::DISCOVERY)),
        one("TAXII API root", format!("{base}{}/", taxii::ROOT)),
        one("TAXII collection", search.id.to_string()),
    ]
}
