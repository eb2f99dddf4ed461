//! The files of `data/taxonomy` and an operator's own names, read into rows.

use super::{Kind, Known};

/// Names of malware, actors, brands, tools, and phrases that only look like names.
const NAMES: &str = include_str!("../../../data/taxonomy/names.tsv");
const VENDORS: &str = include_str!("../../../data/taxonomy/vendors.tsv");
const TECHNIQUES: &str = include_str!("../../../data/taxonomy/techniques.tsv");
const KEV: &str = include_str!("../../../data/taxonomy/kev.tsv");
const COMMON: &str = include_str!("../../../data/taxonomy/common.txt");

/// Longest file of own names, in bytes.
const MAX_OWN_BYTES: usize = 4 << 20;
/// Longest own name, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// A file of own names that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamesError {
    #[error("the file of own names is longer than {} MiB", MAX_OWN_BYTES >> 20)]
    TooLong,
    #[error(
        "own names, line {line}: {kind:?} is no kind; use actor, malware, brand, tool, vendor, product, company or not"
    )]
    Kind { line: usize, kind: String },
    #[error("own names, line {line}: give a kind and a name, separated by a tab")]
    NoName { line: usize },
    #[error("own names, line {line}: a name has more than {MAX_NAME_BYTES} bytes")]
    LongName { line: usize },
}

/// One row: a known thing and everything it is called, its own name first.
pub(super) struct Row {
    pub known: Known,
    pub forms: Vec<String>,
}

/// Cells of the rows of an embedded table: comments and the header left out.
fn cells(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split('\t').collect())
}

/// Rows of the names that come with siftwire.
pub(super) fn embedded() -> impl Iterator<Item = Row> {
    let names = cells(NAMES).map(|row| (row[0], row[1], row[2], row[3], ""));
    let vendors = cells(VENDORS).map(|row| (row[0], row[1], "", row[2], row[3]));
    names.chain(vendors).filter_map(|(kind, name, id, aliases, of)| {
        Some(row(Kind::from_name(kind)?, name, id, aliases, of))
    })
}

/// Rows of the ATT&CK techniques whose names have more than one word: single words are ordinary ones.
pub(super) fn techniques() -> impl Iterator<Item = Row> {
    cells(TECHNIQUES)
        .filter(|cells| cells[1].contains(' '))
        .map(|cells| row(Kind::Technique, cells[1], cells[0], "", ""))
}

/// Ids and names of all ATT&CK techniques.
pub(super) fn technique_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    cells(TECHNIQUES).map(|row| (row[0], row[1]))
}

/// CVE, vendor and product of the vulnerabilities known to be exploited.
pub(super) fn known_exploited() -> impl Iterator<Item = (&'static str, &'static str, &'static str)>
{
    cells(KEV).map(|row| (row[0], row[1], row[2]))
}

/// Names that are also ordinary words, in lower case.
pub(super) fn common_words() -> impl Iterator<Item = &'static str> {
    COMMON.lines().filter(|line| !line.starts_with('#'))
}

/// Reads an operator's own names: lines of kind, name, aliases separated by `|`, id, and vendor of a product;
/// tabs between; what is empty at the end may be left out. Empty lines and lines that begin with `#` are skipped.
pub(super) fn own(text: &str) -> Result<Vec<Row>, NamesError> {
    if text.len() > MAX_OWN_BYTES {
        return Err(NamesError::TooLong);
    }
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(at, line)| own_row(at + 1, line))
        .collect()
}

fn own_row(line: usize, text: &str) -> Result<Row, NamesError> {
    let mut cells = text.split('\t').map(str::trim);
    let kind = cells.next().unwrap_or_default();
    let name = cells.next().filter(|name| !name.is_empty()).ok_or(NamesError::NoName { line })?;
    let aliases = cells.next().unwrap_or_default();
    let id = cells.next().unwrap_or_default();
    let of = cells.next().unwrap_or_default();
    let kind =
        Kind::from_name(kind).ok_or_else(|| NamesError::Kind { line, kind: kind.to_owned() })?;
    let row = row(kind, name, id, aliases, of);
    if row.forms.iter().any(|form| form.len() > MAX_NAME_BYTES) {
        return Err(NamesError::LongName { line });
    }
    Ok(Row { known: Known { own: true, ..row.known }, ..row })
}

fn row(kind: Kind, name: &str, id: &str, aliases: &str, of: &str) -> Row {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let known = Known { kind, name: name.to_owned(), id: some(id), of: some(of), own: false };
    let aliases = aliases.split('|').map(str::trim).filter(|alias| !alias.is_empty());
    let forms = std::iter::once(name).chain(aliases).map(str::to_owned).collect();
    Row { known, forms }
}
