//! CSV (RFC 4180) that a spreadsheet takes as text: cells that would begin a formula are made harmless.

use std::borrow::Cow;

use super::{
    ArticleItem, IncidentItem, Item, View,
    text::{names_in, names_of, rfc3339, summary, tame, told},
};
use crate::domain::{Attack, EntityKind};

const ARTICLE_COLUMNS: &[&str] = &[
    "id",
    "published",
    "last_changed",
    "source",
    "title",
    "url",
    "language",
    "authors",
    "tags",
    "main_attack",
    "attacks",
    "victims",
    "vendors",
    "products",
    "actors",
    "malware",
    "cves",
    "techniques",
    "countries",
    "sectors",
    "indicators",
    "incident",
    "duplicate_of",
    "summary",
];

const INCIDENT_COLUMNS: &[&str] = &[
    "id",
    "first_seen",
    "last_seen",
    "title",
    "articles",
    "sources",
    "main_attack",
    "attacks",
    "victims",
    "vendors",
    "products",
    "actors",
    "malware",
    "cves",
    "techniques",
    "countries",
    "sectors",
    "summary",
    "coverage",
];

/// The columns of names, in the order of the table.
const KINDS: [EntityKind; 7] = EntityKind::ALL;

/// Appends the line of column names.
pub(super) fn header(view: View, out: &mut Vec<u8>) {
    let columns = match view {
        View::Articles => ARTICLE_COLUMNS,
        View::Incidents => INCIDENT_COLUMNS,
    };
    append(columns.iter().map(|column| Cow::Borrowed(*column)), out);
}

/// Appends the line of an item.
pub(super) fn row(item: &Item, out: &mut Vec<u8>) {
    match item {
        Item::Article(item) => append(article(item).into_iter(), out),
        Item::Incident(item) => append(incident(item).into_iter(), out),
    }
}

fn article(item: &ArticleItem) -> Vec<Cow<'_, str>> {
    let ArticleItem { article, found, duplicate_of, incident, .. } = item;
    let attacks = found.attacks.iter().map(|tag| tag.attack);
    let mut cells = vec![
        Cow::Owned(article.id.0.to_string()),
        Cow::Owned(rfc3339(article.published)),
        Cow::Owned(rfc3339(article.last_changed)),
        cell(&article.source),
        cell(&article.title),
        cell(&article.url),
        cell(article.language.as_deref().unwrap_or_default()),
        list(&article.authors),
        list(&article.tags),
        main_attack(found.main_attack),
        list(&attacks.map(Attack::as_str).collect::<Vec<_>>()),
    ];
    cells.extend(KINDS.map(|kind| list(&names_of(item, kind))));
    let indicators =
        found.indicators.iter().map(|one| format!("{} {}", one.role.as_str(), one.value));
    let number = |id: Option<i64>| Cow::Owned(id.map(|id| id.to_string()).unwrap_or_default());
    cells.extend([
        list(&found.countries),
        list(&found.sectors),
        list(&indicators.collect::<Vec<_>>()),
        number(incident.map(|id| id.0)),
        number(duplicate_of.map(|id| id.0)),
        Cow::Owned(cell(&summary(item).unwrap_or_default()).into_owned()),
    ]);
    cells
}

fn incident(item: &IncidentItem) -> Vec<Cow<'_, str>> {
    let IncidentItem { incident, coverage } = item;
    let mut cells = vec![
        Cow::Owned(incident.id.0.to_string()),
        Cow::Owned(rfc3339(incident.first_seen)),
        Cow::Owned(rfc3339(incident.last_seen)),
        cell(&incident.title),
        Cow::Owned(incident.article_count.to_string()),
        Cow::Owned(incident.source_count.to_string()),
        main_attack(incident.main_attack),
        list(&incident.attacks.iter().map(|attack| attack.as_str()).collect::<Vec<_>>()),
    ];
    cells.extend(KINDS.map(|kind| list(&names_in(incident, kind))));
    let addresses: Vec<&str> = coverage.iter().map(|item| item.article.url.as_str()).collect();
    cells.extend([
        list(&incident.countries),
        list(&incident.sectors),
        Cow::Owned(cell(&told(incident).unwrap_or_default()).into_owned()),
        list(&addresses),
    ]);
    cells
}

fn main_attack(attack: Option<Attack>) -> Cow<'static, str> {
    Cow::Borrowed(attack.map(Attack::as_str).unwrap_or_default())
}

fn list<T: AsRef<str>>(values: &[T]) -> Cow<'static, str> {
    let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
    Cow::Owned(cell(&values.join("; ")).into_owned())
}

/// Text that a spreadsheet takes as text: what would begin a formula gets an apostrophe before it; control characters
/// and marks of direction are left out.
pub fn cell(text: &str) -> Cow<'_, str> {
    let clean = tame(text);
    // Full-width forms too: spreadsheets of East Asian locales read them as the plain ones.
    let begins = clean.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if begins { Cow::Owned(format!("'{clean}")) } else { clean }
}

fn append<'a>(cells: impl Iterator<Item = Cow<'a, str>>, out: &mut Vec<u8>) {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let written = cells.into_iter().try_for_each(|cell| writer.write_field(cell.as_bytes()));
    let ended = written.and_then(|()| writer.write_record(None::<&[u8]>));
    ended.expect("writing to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::export::samples;

    fn written(view: View, item: &Item) -> String {
        let mut out = Vec::new();
        header(view, &mut out);
        row(item, &mut out);
        samples::text(out)
    }

    #[test]
    fn tables_have_a_header_and_a_line_for_each_item() {
        insta::assert_snapshot!("articles", written(View::Articles, &samples::article()));
        insta::assert_snapshot!("incidents", written(View::Incidents, &samples::incident()));
    }

    #[test]
    fn cells_are_no_formulas() {
        for (text, harmless) in [
            ("=HYPERLINK(\"http://evil.example\")", "'=HYPERLINK(\"http://evil.example\")"),
            ("@sum", "'@sum"),
            ("\t=1", "'\t=1"),
            (" =1", "' =1"),
            ("＝1", "'＝1"),
            ("1=1", "1=1"),
        ] {
            assert_eq!(cell(text), harmless);
        }
    }

    proptest! {
        #[test]
        fn every_line_has_a_cell_for_each_column(title in any::<String>(), text in any::<String>()) {
            for (view, item) in samples::with_texts(&title, &text) {
                let table = written(view, &item);
                let mut reader = csv::Reader::from_reader(table.as_bytes());
                let columns = reader.headers().expect("a header").len();
                let rows: Vec<_> = reader.records().collect::<Result<_, _>>().expect("a table");
                prop_assert_eq!(rows.len(), 1);
                prop_assert_eq!(rows[0].len(), columns);
                for cell in &rows[0] {
                    prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{}", cell);
                }
            }
        }
    }
}
