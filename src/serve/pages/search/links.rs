//! Addresses of searches.

use url::form_urlencoded;

use crate::{
    export::{Format, View},
    search::{Query, SortOrder},
};

/// `/search` with a query made of fields, such as `[("source", "A blog"), ("after", "7d")]`.
/// A value that its field cannot have is left out.
pub(crate) fn search_href(fields: &[(&str, &str)]) -> String {
    let query = fields.iter().fold(Query::everything(), |query, (name, value)| {
        query.with_filter(name, value).unwrap_or(query)
    });
    href(&query, None, 1)
}

/// `/search` with a query.
pub(crate) fn query_href(query: &Query) -> String {
    href(query, None, 1)
}

/// `/search` with a query, by article or by incident.
pub(crate) fn view_href(query: &Query, view: View) -> String {
    let by_article = query_href(query);
    match view {
        View::Articles => by_article,
        View::Incidents => format!("{by_article}&view={}", view.as_str()),
    }
}

/// `/search` with a query, an order where one was chosen beside the query, and a page.
pub(super) fn href(query: &Query, sort: Option<SortOrder>, page: usize) -> String {
    let mut parts = form_urlencoded::Serializer::new(String::new());
    parts.append_pair("q", &query.to_string());
    if let Some(sort) = sort {
        parts.append_pair("sort", sort_name(sort));
    }
    if page > 1 {
        parts.append_pair("page", &page.to_string());
    }
    format!("/search?{}", parts.finish())
}

/// `/search.atom` and the like with a query.
pub(crate) fn export_href(query: &Query, view: View, format: Format) -> String {
    let path = format!("/search.{}", format.extension());
    let mut parts = form_urlencoded::Serializer::new(String::new());
    if !query.is_empty() {
        parts.append_pair("q", &query.to_string());
    }
    if view != View::default() {
        parts.append_pair("view", view.as_str());
    }
    match parts.finish() {
        parts if parts.is_empty() => path,
        parts => format!("{path}?{parts}"),
    }
}

/// The page on which a search is kept.
pub(super) fn save_href(query: &Query, view: View) -> String {
    let mut parts = form_urlencoded::Serializer::new(String::new());
    parts.append_pair("q", &query.to_string());
    if view != View::default() {
        parts.append_pair("view", view.as_str());
    }
    format!("/exports?{}#save", parts.finish())
}

pub(super) fn sort_name(sort: SortOrder) -> &'static str {
    match sort {
        SortOrder::Relevance => "relevance",
        SortOrder::Date => "date",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_have_addresses() {
        assert_eq!(
            search_href(&[("source", "Ward & Wire"), ("after", "7d")]),
            "/search?q=source%3A%22Ward+%26+Wire%22+after%3A7d"
        );
        assert_eq!(search_href(&[("after", "nonsense")]), "/search?q=");
        let everything = Query::everything();
        assert_eq!(export_href(&everything, View::Articles, Format::Atom), "/search.atom");
        let query = everything.with_filter("lang", "de").expect("a query");
        assert_eq!(
            export_href(&query, View::Incidents, Format::Csv),
            "/search.csv?q=lang%3Ade&view=incidents"
        );
    }
}
