//! Lists on the terminal: columns for people, JSON Lines for programs.

use clap::ValueEnum;
use serde::Serialize;

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Table,
    Ndjson,
}

/// One JSON object a line.
///
/// # Errors
/// Where an item has no JSON form.
pub(super) fn ndjson<T: Serialize>(items: &[T]) -> anyhow::Result<String> {
    let mut text = String::new();
    for item in items {
        text.push_str(&serde_json::to_string(item)?);
        text.push('\n');
    }
    Ok(text)
}

/// Columns as wide as their widest cell.
pub(super) fn render<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(rows);
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    lines.iter().map(|line| line_of(line, &widths)).collect()
}

fn line_of<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        text.push_str(&format!("{cell:<width$}  "));
    }
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_must() {
        let rows = [["1".into(), "Größe".into()], ["22".into(), String::new()]];
        assert_eq!(render(["id", "name"], rows), "id  name\n1   Größe\n22\n");
    }
}
