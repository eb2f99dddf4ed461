//! The API's description as a plain page.

use axum::response::Html;
use serde::Serialize;
use serde_json::Value;

use super::document_json;
use crate::serve::{error::AppError, layout::Layout, templates::view};

/// One address of the API.
#[derive(Debug, Serialize)]
struct Endpoint {
    /// `GET`, `POST` and so on.
    method: String,
    path: String,
    summary: String,
    needs_token: bool,
    parameters: Vec<Parameter>,
    /// Name of the schema of what is sent.
    body: Option<String>,
    /// Name of the schema of the answer.
    answer: Option<String>,
}

#[derive(Debug, Serialize)]
struct Parameter {
    name: String,
    place: String,
    kind: String,
    required: bool,
    description: String,
}

/// A schema, with its properties in order.
#[derive(Debug, Serialize)]
struct Schema {
    name: String,
    description: String,
    properties: Vec<Property>,
}

#[derive(Debug, Serialize)]
struct Property {
    name: String,
    kind: String,
    description: String,
}

/// `GET /api`
pub(super) async fn get(layout: Layout) -> Result<Html<String>, AppError> {
    let document: Value = serde_json::from_str(&document_json())
        .map_err(|error| AppError::Internal(format!("openapi document: {error}")))?;
    layout.html(
        "api.html",
        view! { endpoints => endpoints(&document), schemas => schemas(&document) },
    )
}

fn endpoints(document: &Value) -> Vec<Endpoint> {
    let operations = members(&document["paths"])
        .flat_map(|(path, item)| members(item).map(move |(method, one)| (path, method, one)));
    operations
        .filter(|(_, _, operation)| operation["responses"].is_object())
        .map(|(path, method, operation)| endpoint(path, method, operation))
        .collect()
}

fn endpoint(path: &str, method: &str, operation: &Value) -> Endpoint {
    let schema = |content: &Value| {
        let schema = &content["content"]["application/json"]["schema"];
        schema["$ref"].as_str().map(last_part)
    };
    let responses = &operation["responses"];
    let answer = ["200", "201"].into_iter().find_map(|status| schema(&responses[status]));
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    Endpoint {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        needs_token: operation["security"].is_array(),
        parameters: parameters.map(parameter).collect(),
        body: schema(&operation["requestBody"]),
        answer,
    }
}

fn parameter(parameter: &Value) -> Parameter {
    Parameter {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        kind: kind(&parameter["schema"]),
        required: parameter["required"].as_bool().unwrap_or(false),
        description: text(&parameter["description"]),
    }
}

fn schemas(document: &Value) -> Vec<Schema> {
    let schema = |(name, schema): (&String, &Value)| Schema {
        name: name.clone(),
        description: text(&schema["description"]),
        properties: members(&schema["properties"])
            .map(|(name, property)| Property {
                name: name.clone(),
                kind: kind(property),
                description: text(&property["description"]),
            })
            .collect(),
    };
    members(&document["components"]["schemas"]).map(schema).collect()
}

/// A type in words: `string`, `date-time`, `list of Hit`, `string or null`.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return last_part(reference);
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ");
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    let named = |name: &str| match name {
        "array" => format!("list of {}", kind(&schema["items"])),
        "string" => schema["format"].as_str().unwrap_or("string").to_owned(),
        other => other.to_owned(),
    };
    match &schema["type"] {
        Value::String(name) => named(name),
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).map(named).collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn last_part(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or(reference).to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
