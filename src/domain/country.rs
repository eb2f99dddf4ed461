//! Countries by code and English name.

use std::sync::LazyLock;

/// Code, name and other names (separated by `|`) of each country.
static COUNTRIES: LazyLock<Vec<[&'static str; 3]>> = LazyLock::new(|| {
    let table = include_str!("../../data/taxonomy/countries.tsv");
    let rows = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.filter_map(|row| {
        let mut cells = row.split('\t');
        Some([cells.next()?, cells.next()?, cells.next().unwrap_or_default()])
    })
    .collect()
});

/// English name of a country by its ISO 3166-1 alpha-2 code.
pub fn country_name(code: &str) -> Option<&'static str> {
    COUNTRIES.iter().find(|row| row[0] == code).map(|row| row[1])
}

/// ISO 3166-1 alpha-2 code of a country by one of its names, in any case.
pub fn country_code(name: &str) -> Option<&'static str> {
    let wanted = name.trim().to_lowercase();
    let is = |text: &str| text.to_lowercase() == wanted;
    let found = COUNTRIES.iter().find(|row| is(row[1]) || row[2].split('|').any(is));
    found.map(|row| row[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_a_code_and_a_name() {
        assert_eq!(country_name("JP"), Some("Japan"));
        assert_eq!(country_code(" japan "), Some("JP"));
        assert_eq!(country_code("UAE"), Some("AE"));
        assert_eq!(country_code("Atlantis"), None);
    }
}
