//! Which comment answers which, where the page does not nest their elements.

use super::{items::Item, page::Page};

/// Attributes that name the comment answered.
const PARENT: &[&str] = &[
    "data-parent",
    "data-parent-id",
    "data-parentid",
    "data-parent-comment-id",
    "data-in-reply-to",
    "data-reply-to",
];
/// Classes of elements around answers.
const AROUND_ANSWERS: &[&str] = &[
    "children",
    "indented",
    "replies",
    "comment-replies",
    "comment-children",
    "nested",
    "nested-comments",
    "subcomments",
    "child-comments",
    "reply-list",
];

/// For each comment the place of the one it answers.
pub(super) fn parents(page: &Page<'_>, items: &[Item]) -> Vec<Option<usize>> {
    let levels: Vec<usize> = items.iter().map(|item| level(page, item.index)).collect();
    let mut open: Vec<usize> = Vec::new();
    let mut parents = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        while open.last().is_some_and(|&before| levels[before] >= levels[place]) {
            open.pop();
        }
        let by_level = open.last().copied();
        open.push(place);
        let named = || named_parent(page, items, place);
        parents.push(item.within.or_else(named).or(by_level));
    }
    parents
}

fn named_parent(page: &Page<'_>, items: &[Item], place: usize) -> Option<usize> {
    let tag = page.elements[items[place].index].tag;
    let wanted = PARENT
        .iter()
        .find_map(|name| tag.attr(name))
        .map(number)
        .filter(|id| !id.is_empty() && *id != "0")?;
    // Answers stand after what they answer, mostly close by.
    items[..place].iter().rposition(|item| item.id.as_deref().map(number) == Some(wanted))
}

fn number(id: &str) -> &str {
    let digits = &id[id.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
    if digits.is_empty() { id } else { digits }
}

/// How deep a comment stands: by its own `depth-3`, else by the lists of answers around it.
fn level(page: &Page<'_>, index: usize) -> usize {
    let tag = page.elements[index].tag;
    let stated = tag.classes().take(40).find_map(|class| {
        ["depth-", "level-", "indent-", "comment-depth-", "comment-level-"]
            .into_iter()
            .find_map(|prefix| class.strip_prefix(prefix)?.parse::<usize>().ok())
    });
    let data =
        ["data-depth", "data-level"].into_iter().find_map(|name| tag.attr(name)?.parse().ok());
    stated.or(data).unwrap_or_else(|| {
        page.ancestors(index)
            .filter(|&up| {
                page.elements[up].tag.classes().any(|class| AROUND_ANSWERS.contains(&class))
            })
            .count()
    })
}
