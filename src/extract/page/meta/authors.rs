//! Who wrote it: stated for machines, else the byline.

use super::{
    super::{
        body::Body,
        names::Marks,
        tree::{Tag, Tree, collapse},
    },
    Head,
};

/// Longer lists are not bylines.
const MAX_AUTHORS: usize = 12;

/// Names of accounts, not of people.
const NOBODY: &[&str] = &[
    "admin",
    "administrator",
    "editor",
    "webmaster",
    "staff",
    "guest",
    "author",
    "root",
    "user",
    "null",
    "undefined",
    "unknown",
    "anonymous",
    "none",
    "redaktion",
    "by",
    "von",
    "test",
];

/// JSON-LD, then `<meta name=author>`, then the byline near the headline.
pub(super) fn find(
    head: &Head<'_>,
    tree: &Tree<'_>,
    body: &Body,
    site: Option<&str>,
) -> Vec<String> {
    let stated = names(head.json_ld.authors.iter().map(String::as_str), site);
    if !stated.is_empty() {
        return stated;
    }
    let metas = [
        "author",
        "article:author",
        "dc.creator",
        "dcterms.creator",
        "dc.creator.creator",
        "byl",
        "parsely-author",
        "sailthru.author",
        "article:author_name",
        "citation_author",
        "twitter:data1-author",
    ];
    for name in metas {
        let stated = names(head.meta(&[name]).into_iter(), site);
        if !stated.is_empty() {
            return stated;
        }
    }
    byline(tree, body, site)
}

fn names<'t>(texts: impl Iterator<Item = &'t str>, site: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in texts.flat_map(split).filter_map(|name| clean(&name, site)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(MAX_AUTHORS);
    names
}

/// `By Ann Lee, Bo Ek and Cy Day` is three names.
fn split(text: &str) -> Vec<String> {
    if text.contains("://") {
        return Vec::new();
    }
    let text = collapse(
        &text
            .replace(" and ", ",")
            .replace(" und ", ",")
            .replace(" & ", ",")
            .replace(" et ", ",")
            .replace(" y ", ","),
    );
    text.split([',', ';', '|', '/']).map(str::to_owned).collect()
}

fn clean(name: &str, site: Option<&str>) -> Option<String> {
    let mut name = name.trim();
    for lead in [
        "by ",
        "von ",
        "par ",
        "por ",
        "di ",
        "door ",
        "written by ",
        "posted by ",
        "autor: ",
        "author: ",
        "text: ",
        "texte: ",
    ] {
        if let Some(start) = name.get(..lead.len())
            && start.eq_ignore_ascii_case(lead)
        {
            name = &name[lead.len()..];
        }
    }
    let name = name.trim_matches(|character: char| {
        !character.is_alphanumeric() && !matches!(character, ')' | '.' | '(' | '@')
    });
    let words = name.split_whitespace().count();
    let lower = name.to_lowercase();
    let is_name = (2..=70).contains(&name.len())
        && words <= 6
        && !name.contains("://")
        && !name.contains("www.")
        && !name.contains('@')
        && !NOBODY.contains(&lower.as_str())
        && !is_action(&lower)
        && name.chars().filter(|character| character.is_ascii_digit()).count() <= 2
        && site.is_none_or(|site| !site.eq_ignore_ascii_case(name));
    is_name.then(|| name.to_owned())
}

/// Words that begin what a reader can do with an article. They stand in bylines beside names.
const ACTIONS: &[&str] = &[
    "print",
    "share",
    "email",
    "e-mail",
    "follow",
    "subscribe",
    "save",
    "listen",
    "comment",
    "read",
    "drucken",
    "teilen",
    "folgen",
    "merken",
    "imprimer",
    "partager",
    "suivre",
    "imprimir",
    "compartir",
    "compartilhar",
    "seguir",
    "stampa",
    "condividi",
    "drukuj",
    "udostępnij",
    "delen",
];

/// Whether a lower-case text says what to do rather than who wrote: "print this page", "share", but not
/// "grant read" or "sharer".
fn is_action(lower: &str) -> bool {
    let mut words = lower.split_whitespace();
    let starts_so = words.next().is_some_and(|first| ACTIONS.contains(&first));
    const OBJECTS: &[&str] =
        &["this", "the", "page", "article", "story", "on", "via", "to", "us", "me", "more", "by"];
    starts_so && words.next().is_none_or(|second| OBJECTS.contains(&second))
}

/// An element marked as the author, nearest to the headline or the text.
fn byline(tree: &Tree<'_>, body: &Body, site: Option<&str>) -> Vec<String> {
    let start = body.roots.first().copied().unwrap_or(0);
    let anchor = body.headline.unwrap_or(start);
    let mut best: Option<(usize, Vec<String>)> = None;
    for index in 0..tree.nodes.len() {
        let Some(strength) = author_mark(tree, index) else { continue };
        let text = tree.plain(index, 200);
        if text.is_empty() || text.len() > 150 {
            continue;
        }
        let found = names(std::iter::once(text.as_str()), site);
        if found.is_empty() {
            continue;
        }
        let distance = index.abs_diff(anchor) + strength;
        if best.as_ref().is_none_or(|(nearest, _)| distance < *nearest) {
            best = Some((distance, found));
        }
    }
    best.map(|(_, found)| found).unwrap_or_default()
}

/// How far an author mark is to be trusted, as extra distance; none if there is no mark.
fn author_mark(tree: &Tree<'_>, index: usize) -> Option<usize> {
    let node = &tree.nodes[index];
    if node.tag == Tag::Text || node.marks.has(Marks::COMMENT.with(Marks::RELATED)) {
        return None;
    }
    if super::has_token(node.attr("rel"), "author")
        || super::has_token(node.attr("itemprop"), "author")
    {
        return Some(0);
    }
    if node.attr("href").is_some_and(|href| href.contains("/author/") || href.contains("/authors/"))
    {
        return Some(20);
    }
    node.marks.has(Marks::AUTHOR).then_some(40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_names_are_split_and_cleaned() {
        assert_eq!(
            names(["By Ann Lee, Bo Ek and Cy Day"].into_iter(), None),
            ["Ann Lee", "Bo Ek", "Cy Day"]
        );
    }

    #[test]
    fn actions_beside_a_name_are_left_out() {
        assert_eq!(names(["By Ann Lee | Print this page"].into_iter(), None), ["Ann Lee"]);
        assert_eq!(names(["Read Montague", "Sharer Doe"].into_iter(), None).len(), 2);
        assert!(names(["Share", "Teilen"].into_iter(), None).is_empty());
    }

    #[test]
    fn what_is_no_person_is_left_out() {
        for text in ["admin", "https://ex.org/ann", "The Wire", "a@b.org", "12345678"] {
            assert!(names([text].into_iter(), Some("The Wire")).is_empty(), "{text}");
        }
    }
}
