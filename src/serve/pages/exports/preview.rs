//! The beginning of a document, to look at.

use axum::{
    body::{Bytes, to_bytes},
    http::HeaderMap,
};
use serde::Serialize;

use crate::{
    domain::SearchView,
    export::{Format, Item, misp::Event},
    gather::Selection,
    search::Query,
    serve::{
        error::AppError,
        exports::{self, Export},
        misp,
        pages::{export_href, view_href},
        state::AppState,
    },
};

/// Items that are shown.
const ITEMS: u32 = 3;
/// Bytes of a document of so many items.
const MAX_BYTES: usize = 4 << 20;
/// Characters that are shown.
const MAX_CHARS: usize = 6_000;

/// The beginning of a document.
#[derive(Debug, Serialize)]
pub(super) struct Preview {
    text: String,
    /// There is more than is shown.
    cut: bool,
}

/// The first items of what a query finds, as `format` writes them.
pub(super) async fn of(
    state: &AppState,
    headers: &HeaderMap,
    query: &Query,
    view: SearchView,
    format: Format,
) -> Result<Preview, AppError> {
    let whole = match format {
        Format::Misp => newest_event(state, query).await?,
        _ => first_items(state, headers, query, view, format).await?,
    };
    let whole = in_lines(format, &String::from_utf8_lossy(&whole));
    let text: String = whole.chars().take(MAX_CHARS).collect();
    Ok(Preview { cut: text.len() < whole.len(), text })
}

/// The beginning of the document that the query's address gives.
async fn first_items(
    state: &AppState,
    headers: &HeaderMap,
    query: &Query,
    view: SearchView,
    format: Format,
) -> Result<Bytes, AppError> {
    let export = Export {
        query: query.clone(),
        view,
        format,
        limit: Some(ITEMS),
        after: None,
        title: query.to_string(),
        path: export_href(query, view, format),
        home: view_href(query, view),
    };
    let document = exports::respond(state, headers, export).await?;
    let bytes = to_bytes(document.into_body(), MAX_BYTES).await;
    bytes.map_err(|error| AppError::Internal(format!("preview: {error}")))
}

/// The file of the newest incident in the feed; empty if there is none.
async fn newest_event(state: &AppState, query: &Query) -> Result<Bytes, AppError> {
    let view = SearchView::Incidents;
    let query = misp::windowed(query.clone())?;
    let selection = Selection { query, view, now: state.now() };
    let found = state.gatherer().part(&selection, None, 1).await?;
    Ok(match found.items.first() {
        Some(Item::Incident(incident)) => Event::of(&state.publisher(), incident).json().into(),
        _ => Bytes::new(),
    })
}

/// A document that is written without line breaks, broken where people can read it.
fn in_lines(format: Format, document: &str) -> String {
    match format {
        Format::Rss | Format::Atom | Format::Opml => document.replace("><", ">\n<"),
        Format::JsonFeed | Format::Stix | Format::Misp => {
            serde_json::from_str::<serde_json::Value>(document)
                .and_then(|value| serde_json::to_string_pretty(&value))
                .unwrap_or_else(|_| document.to_owned())
        }
        Format::Csv | Format::Ndjson => document.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_one_line_are_broken_for_the_eye() {
        assert_eq!(
            in_lines(Format::Atom, "<feed><id>a</id></feed>"),
            "<feed>\n<id>a</id>\n</feed>"
        );
        assert_eq!(in_lines(Format::JsonFeed, r#"{"a":1}"#), "{\n  \"a\": 1\n}");
        assert_eq!(in_lines(Format::Csv, "a,b\n"), "a,b\n");
    }
}
