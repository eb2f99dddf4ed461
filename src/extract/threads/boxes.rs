//! The parts of a page that hold comments, to be left out of the article.

use std::collections::HashSet;

use ego_tree::NodeId;

use super::{
    items::Item,
    page::{Element, Page},
};
use crate::extract::sanitise::BlockText;

/// Text of a box beside its comments, in letters: headings, forms and their hints.
const MAX_BESIDE: usize = 2_000;
/// How far up a box may be from a comment.
const MAX_CLIMB: usize = 8;

/// The outermost subtrees with comments, and boxes for comments that are empty.
pub(super) fn find(page: &Page<'_>, items: &[Item], opening: Option<usize>) -> HashSet<NodeId> {
    let mut tops: Vec<usize> = items
        .iter()
        .enumerate()
        .filter(|(place, item)| item.within.is_none() && Some(*place) != opening)
        .map(|(_, item)| climb(page, items, item.index, opening))
        .collect();
    tops.extend(empty_boxes(page));
    tops.sort_unstable();
    let mut end = 0;
    let mut nodes = HashSet::new();
    for top in tops {
        if top >= end {
            end = page.elements[top].end;
            nodes.insert(page.elements[top].node.id());
        }
    }
    nodes
}

/// The highest box for comments around one, as long as it holds little else.
fn climb(page: &Page<'_>, items: &[Item], index: usize, opening: Option<usize>) -> usize {
    let holds_opening =
        |up: usize| opening.is_some_and(|place| page.contains(up, items[place].index));
    page.ancestors(index)
        .take(MAX_CLIMB)
        .take_while(|&up| !holds_opening(up))
        .filter(|&up| page.is_thread_box(up) && beside(page, items, up) <= MAX_BESIDE)
        .last()
        .unwrap_or(index)
}

/// Letters in a box that belong to no comment.
fn beside(page: &Page<'_>, items: &[Item], index: usize) -> usize {
    let from = items.partition_point(|item| item.index < index);
    let inside = items[from..].iter().take_while(|item| page.contains(index, item.index));
    let mut end = 0;
    let mut letters = page.text_len(index);
    for item in inside {
        if item.index >= end {
            end = page.elements[item.index].end;
            letters = letters.saturating_sub(page.text_len(item.index));
        }
    }
    letters
}

/// Forms, headings and widgets for comments where none was found.
fn empty_boxes<'p>(page: &'p Page<'_>) -> impl Iterator<Item = usize> + 'p {
    let holds = |element: &Element<'_>| {
        matches!(
            element.tag.name(),
            "div" | "section" | "ol" | "ul" | "aside" | "form" | "dl" | "footer"
        )
    };
    (0..page.elements.len()).filter(move |&index| {
        let element = &page.elements[index];
        (element.mark.container || element.mark.elsewhere)
            && holds(element)
            && page.text_len(index) <= MAX_BESIDE
            && page.is_thread_box(index)
    })
}

/// The number in a heading such as `12 Comments`.
pub(super) fn declared_count(page: &Page<'_>) -> Option<u32> {
    page.elements.iter().enumerate().find_map(|(index, element)| {
        let heading =
            matches!(element.tag.name(), "h2" | "h3" | "h4" | "h5") || element.mark.comment;
        if !heading || !(1..=60).contains(&page.text_len(index)) {
            return None;
        }
        let inside = page.ancestors(index).take(3).any(|up| page.elements[up].mark.container);
        if !(inside || element.mark.comment) || page.elements[index].mark.elsewhere {
            return None;
        }
        let mut text = BlockText::default();
        for node in element.node.descendants().filter_map(|node| node.value().as_text()) {
            text.push(node);
        }
        count_in(&text.finish())
    })
}

/// Reads `12 Comments`, `1.977 commentaires`, `Kommentare (3)`.
fn count_in(text: &str) -> Option<u32> {
    let lower = text.to_lowercase();
    let speaks = super::words::COMMENT_STEMS.iter().any(|stem| lower.contains(stem))
        || ["thoughts", "responses", "replies", "antworten", "réponses"]
            .iter()
            .any(|word| lower.contains(word));
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let number: String = text[start..]
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\u{a0}'))
        .filter(char::is_ascii_digit)
        .collect();
    speaks.then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_out_of_headings() {
        for (text, count) in [
            ("12 Comments", Some(12)),
            ("1.977 commentaires", Some(1977)),
            ("Kommentare (3)", Some(3)),
            ("3 thoughts on “Ten ways”", Some(3)),
            ("Top 10 tools", None),
            ("Comments", None),
        ] {
            assert_eq!(count_in(text), count, "{text}");
        }
    }
}
