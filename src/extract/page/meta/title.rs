//! The headline.

use super::{
    super::tree::{Tag, Tree, collapse},
    Head,
};

/// Separators between the headline and the name of the site.
const SEPARATORS: &[&str] =
    &[" | ", " – ", " — ", " - ", " :: ", " » ", " · ", " • ", " « ", " / "];

/// The first `<h1>` that `<title>` or `og:title` confirms; else the JSON-LD headline; else `og:title` or
/// `<title>` without the name of the site.
pub(in crate::extract::page) fn title(head: &Head<'_>, tree: &Tree<'_>) -> Option<String> {
    let stated: Vec<String> = [head.title.as_deref(), head.meta(&["og:title"])]
        .into_iter()
        .flatten()
        .map(collapse)
        .collect();
    confirmed_heading(tree, &stated)
        .or_else(|| head.json_ld.headline.as_deref().map(unescape_collapse))
        .or_else(|| {
            let stated = head.meta(&["og:title", "twitter:title", "dc.title"]).map(collapse);
            stated.or_else(|| head.title.clone()).map(|title| without_site(&title))
        })
        .or_else(|| only_heading(tree))
        .filter(|title| !title.is_empty())
}

fn headings<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = String> + 't {
    (0..tree.nodes.len())
        .filter(|&index| tree.nodes[index].tag == Tag::Heading(1))
        .take(10)
        .map(|index| tree.plain(index, 500))
        .filter(|text| !text.is_empty())
}

fn confirmed_heading(tree: &Tree<'_>, stated: &[String]) -> Option<String> {
    let stated: Vec<String> = stated.iter().map(|title| comparable(title)).collect();
    headings(tree).find(|heading| {
        let heading = comparable(heading);
        heading.len() > 5 && stated.iter().any(|title| title.contains(&heading))
    })
}

fn only_heading(tree: &Tree<'_>) -> Option<String> {
    headings(tree).next()
}

/// Lower-case letters and digits: quotes, dashes and spaces are written differently in head and body.
fn comparable(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn unescape_collapse(text: &str) -> String {
    let text = text
        .replace("&amp;", "&")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#039;", "'");
    collapse(&text)
}

/// Cuts the name of the site off, where a separator leaves a long first part.
fn without_site(title: &str) -> String {
    let cut = SEPARATORS.iter().filter_map(|separator| title.rfind(separator)).max();
    match cut {
        Some(at) if title[..at].chars().count() >= 12 => title[..at].trim().to_owned(),
        _ => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn title_of(page: &str) -> Option<String> {
        let html = Html::parse_document(page);
        title(&Head::of(&html), &Tree::of(&html))
    }

    #[test]
    fn a_heading_confirmed_by_the_title_wins() {
        let page = "<title>Bank leaks “keys” | The Wire</title><h1>The Wire</h1><h1>Bank leaks \"keys\"</h1>";
        assert_eq!(title_of(page).as_deref(), Some("The Wire"));
        let page =
            "<title>Bank leaks “keys” | Wire</title><h1>Latest</h1><h1>Bank leaks \"keys\"</h1>";
        assert_eq!(title_of(page).as_deref(), Some("Bank leaks \"keys\""));
    }

    #[test]
    fn the_name_of_the_site_is_cut_off() {
        assert_eq!(
            title_of("<title>A long enough headline - Some Site</title>").as_deref(),
            Some("A long enough headline")
        );
        assert_eq!(title_of("<title>Short - Site</title>").as_deref(), Some("Short - Site"));
    }
}
