//! `sources list`: how sources are doing.

use std::process::ExitCode;

use jiff::Timestamp;

use super::{
    Format,
    words::{ago, counted, shortened},
};
use crate::{
    domain::{HealthState, Source},
    store::Store,
};

const HEAD: [&str; 6] = ["id", "title", "kind", "state", "fetched", "address"];
const MAX_TITLE: usize = 36;

/// Prints the sources.
pub(super) async fn run(
    store: &dyn Store,
    format: Format,
    failing: bool,
) -> anyhow::Result<ExitCode> {
    let mut sources = store.sources().await?;
    if failing {
        sources.retain(is_failing);
    }
    let text = match format {
        Format::Ndjson => ndjson(&sources)?,
        Format::Table => table(&sources, failing, Timestamp::now()),
    };
    crate::cli::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn is_failing(source: &Source) -> bool {
    matches!(source.health.state, HealthState::Failing | HealthState::Gone)
}

fn ndjson(sources: &[Source]) -> serde_json::Result<String> {
    let mut text = String::new();
    for source in sources {
        text.push_str(&serde_json::to_string(source)?);
        text.push('\n');
    }
    Ok(text)
}

fn table(sources: &[Source], failing: bool, now: Timestamp) -> String {
    if sources.is_empty() {
        let what = if failing { "no source is failing" } else { "nothing is watched yet" };
        let hint = if failing { "" } else { "; try `siftwire sources defaults`" };
        return format!("{what}{hint}\n");
    }
    let rows: Vec<[String; 6]> = sources.iter().map(|source| row(source, now)).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = line(&HEAD.map(str::to_owned), &widths);
    for (source, row) in sources.iter().zip(&rows) {
        text.push_str(&line(row, &widths));
        for remark in remarks(source) {
            text.push_str(&format!("{:>width$}  {remark}\n", "", width = widths[0]));
        }
    }
    text.push_str(&format!("{}\n", counted(sources.len(), "source", "sources")));
    text
}

fn row(source: &Source, now: Timestamp) -> [String; 6] {
    let state = match source.enabled {
        true => source.health.state.as_str(),
        false => "disabled",
    };
    [
        source.id.0.to_string(),
        shortened(&source.title, MAX_TITLE),
        source.kind.as_str().to_owned(),
        state.to_owned(),
        source.health.last_attempt.map_or("never".to_owned(), |time| ago(time, now)),
        source.url.clone(),
    ]
}

/// What an operator should know, a line each.
fn remarks(source: &Source) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(error) = &source.health.error {
        let tries = counted(source.health.failures as usize, "failure", "failures in a row");
        remarks.push(format!("{error} ({tries})"));
    }
    if !source.health.repairs.is_empty() {
        remarks.push(format!("repaired: {}", source.health.repairs.join("; ")));
    }
    if !source.respect_robots {
        remarks.push("robots.txt is ignored for this source".to_owned());
    }
    remarks
}

fn line(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        text.push_str(&format!("{cell:<width$}  "));
    }
    format!("{}\n", text.trim_end())
}
