//! What analysts take away: a search built, previewed and kept; saved searches with their addresses and tokens.

mod preview;
mod saved;

use axum::{
    Form,
    extract::{Query as Parameters, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};

use super::{export_href, view_href};
use crate::{
    accounts::Person,
    domain::{SavedSearch, SearchView, Visibility},
    export::Format,
    search::{Query, SearchOptions, parse_query},
    serve::{
        error::AppError,
        layout::Layout,
        saved::{MAX_NAME, SearchDraft, all_readable},
        state::AppState,
        templates::view,
        visitor::{Analyst, Visitor},
        words,
    },
    store::Role,
};

pub(super) use saved::{edit, get as one, make_token, remove, restore, revoke_token};

/// What the address of the builder carries.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Params {
    #[serde(default)]
    q: String,
    view: Option<String>,
    /// Name of a format.
    f: Option<String>,
    /// Id of a search that was just deleted, for the way back.
    removed: Option<String>,
}

/// A format to choose.
#[derive(Debug, Serialize)]
struct Choice {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    chosen: bool,
}

/// A saved search in the list.
#[derive(Debug, Serialize)]
struct Row {
    href: String,
    name: String,
    query: String,
    view: &'static str,
    private: bool,
    made_by: String,
}

impl Row {
    fn of(search: SavedSearch) -> Self {
        Self {
            href: format!("/exports/{}", search.slug),
            name: search.name,
            query: search.query,
            view: search.view.as_str(),
            private: search.visibility == Visibility::Private,
            made_by: search.made_by,
        }
    }
}

/// What the builder shows.
struct Builder {
    q: String,
    view: SearchView,
    format: Format,
    /// The name typed so far.
    name: String,
    /// What is wrong with what was sent.
    mistake: Option<String>,
    removed: Option<String>,
    status: StatusCode,
}

/// `GET /exports`
pub(super) async fn get(
    State(state): State<AppState>,
    Visitor(person): Visitor,
    Parameters(params): Parameters<Params>,
    headers: HeaderMap,
    layout: Layout,
) -> Result<Response, AppError> {
    let builder = Builder {
        view: params.view.as_deref().and_then(SearchView::from_name).unwrap_or_default(),
        format: chosen_format(params.f.as_deref()),
        q: params.q,
        name: String::new(),
        mistake: None,
        // Nothing but an id is shown again.
        removed: params.removed.filter(|id| uuid::Uuid::parse_str(id).is_ok()),
        status: StatusCode::OK,
    };
    page(&state, &headers, &layout, person.as_ref(), builder).await
}

/// A search to keep, as the form sends it.
#[derive(Debug, Deserialize)]
pub(super) struct SaveForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    view: String,
    /// Ticked: whoever may read may read it.
    public: Option<String>,
}

/// `POST /exports`: keeps the search.
pub(super) async fn save(
    State(state): State<AppState>,
    Analyst(person): Analyst,
    headers: HeaderMap,
    layout: Layout,
    Form(form): Form<SaveForm>,
) -> Result<Response, AppError> {
    let view = SearchView::from_name(&form.view).unwrap_or_default();
    let draft = SearchDraft {
        name: form.name.clone(),
        slug: None,
        query: form.q.clone(),
        view,
        visibility: visibility(form.public.as_deref()),
    };
    match draft.keep(&state, &person).await {
        Ok(search) => Ok(Redirect::to(&format!("/exports/{}", search.slug)).into_response()),
        Err(error) => {
            let mistake = Some(mistake_of(error)?);
            let builder = Builder {
                q: form.q,
                view,
                format: Format::Atom,
                name: form.name,
                mistake,
                removed: None,
                status: StatusCode::BAD_REQUEST,
            };
            page(&state, &headers, &layout, Some(&person), builder).await
        }
    }
}

fn visibility(ticked: Option<&str>) -> Visibility {
    if ticked.is_some() { Visibility::Public } else { Visibility::Private }
}

/// What the person is told who sent something that cannot be; other errors stay errors.
fn mistake_of(error: AppError) -> Result<String, AppError> {
    match error {
        AppError::Query(_) | AppError::Parameter { .. } | AppError::Taken { .. } => {
            Ok(error.problem().detail)
        }
        other => Err(other),
    }
}

async fn page(
    state: &AppState,
    headers: &HeaderMap,
    layout: &Layout,
    person: Option<&Person>,
    builder: Builder,
) -> Result<Response, AppError> {
    let Builder { q, view, format, name, mut mistake, removed, mut status } = builder;
    let query = match parse_query(&q) {
        Ok(query) => Some(query),
        Err(error) => {
            mistake.get_or_insert_with(|| words::sentence(&error.to_string()));
            status = StatusCode::BAD_REQUEST;
            None
        }
    };
    let rows: Vec<Row> = all_readable(state, person).await?.into_iter().map(Row::of).collect();
    // A MISP feed is a folder of files; it belongs to a saved search.
    let document = query.as_ref().filter(|_| format != Format::Misp);
    let address = document.map(|query| export_href(query, view, format));
    let preview = match &query {
        Some(query) => Some(preview::of(state, headers, query, view, format).await?),
        None => None,
    };
    let html = layout.html(
        "exports.html",
        view! {
            q, name, mistake, removed, rows, preview,
            view => view.as_str(),
            choices => choices(format),
            found => found(state, query.as_ref()).await?,
            search_href => query.as_ref().map(|query| view_href(query, view)),
            address => address.as_ref().map(|path| format!("{}{path}", state.base_url(headers))),
            download => address,
            label => format.label(),
            may_save => person.is_some_and(|person| person.may(Role::Analyst)),
            max_name => MAX_NAME,
        },
    )?;
    Ok((status, html).into_response())
}

fn choices(chosen: Format) -> Vec<Choice> {
    let choice = |format: Format| Choice {
        name: format.as_str(),
        label: format.label(),
        hint: hint(format),
        chosen: format == chosen,
    };
    Format::ALL.into_iter().map(choice).collect()
}

/// The format that is asked for by name; a feed where there is none.
fn chosen_format(name: Option<&str>) -> Format {
    name.and_then(Format::from_name).unwrap_or(Format::Atom)
}

/// What a format is for.
fn hint(format: Format) -> &'static str {
    match format {
        Format::Rss | Format::Atom => "any reader",
        Format::JsonFeed => "scripts, readers",
        Format::Opml => "the sources themselves",
        Format::Csv => "spreadsheets",
        Format::Ndjson => "one object a line",
        Format::Stix => "files, TAXII",
        Format::Misp => "an event for each incident",
    }
}

/// How much a query finds, in words.
async fn found(state: &AppState, query: Option<&Query>) -> Result<Option<String>, AppError> {
    let Some(query) = query else { return Ok(None) };
    let options = SearchOptions { limit: 0, snippets: false, ..SearchOptions::new(state.now()) };
    let articles = state.finder.search(query.clone(), options).await?.total;
    let incidents = state.finder.incidents(query.clone(), state.now()).await?.len();
    let count = |number: usize, noun| words::count(i64::try_from(number).unwrap_or(i64::MAX), noun);
    Ok(Some(format!("{}, {}", count(incidents, "incident"), count(articles, "article"))))
}
