use axum::response::Html;
use serde::Serialize;

use super::{query_href, search_href};
use crate::{
    search::{parse_query, query::FIELDS},
    serve::{
        error::{AppError, CODES},
        layout::Layout,
        templates::view,
    },
};

/// A field of the query language, for the table.
#[derive(Debug, Serialize)]
struct FieldRow {
    name: &'static str,
    aliases: String,
    help: &'static str,
    example: &'static str,
    href: String,
}

/// `GET /help`: the query language, keys, privacy, error codes.
pub(super) async fn get(layout: Layout) -> Result<Html<String>, AppError> {
    let fields: Vec<FieldRow> = FIELDS
        .iter()
        .map(|spec| FieldRow {
            name: spec.name,
            aliases: spec
                .aliases
                .iter()
                .map(|alias| format!("{alias}:"))
                .collect::<Vec<_>>()
                .join(" "),
            help: spec.help,
            example: spec.example,
            href: example_href(spec.example),
        })
        .collect();
    layout.html("help.html", view! { fields, codes => CODES })
}

fn example_href(example: &str) -> String {
    match parse_query(example) {
        Ok(query) => query_href(&query),
        Err(_) => search_href(&[]),
    }
}
