//! Inside the chosen node: block by block, what belongs to the article and what was put between or after it.

use super::{Hints, measure::Measured, phrases};
use crate::extract::page::{
    names::Marks,
    tree::{Tag, Tree},
};

/// Takes out of `alive`, within `root`, the blocks that are no part of the article.
pub(super) fn prune(
    tree: &Tree<'_>,
    measured: &Measured,
    alive: &mut [bool],
    root: usize,
    hints: &Hints<'_>,
) {
    let whole = measured.subtree(tree, root);
    let mut at = root + 1;
    while at < tree.nodes[root].end {
        if !alive[at] {
            at += 1;
            continue;
        }
        let amount = measured.subtree(tree, at);
        let most = amount.prose * 2 > whole.prose && amount.prose > 0;
        if tree.nodes[at].tag.is_block() && !most && is_foreign(tree, measured, at, hints) {
            alive[tree.subtree(at)].fill(false);
            at = tree.nodes[at].end;
            continue;
        }
        at += 1;
    }
    drop_sections(tree, measured, alive, root);
    drop_empty_headings(tree, alive, root);
}

fn is_foreign(tree: &Tree<'_>, measured: &Measured, index: usize, hints: &Hints<'_>) -> bool {
    let node = &tree.nodes[index];
    let amount = measured.subtree(tree, index);
    if amount.chars == 0 {
        return false;
    }
    let density = amount.link_density();
    match node.tag {
        Tag::Figure => return true,
        Tag::Caption => return tree.nodes[node.parent].tag != Tag::Table,
        Tag::List => {
            return density > 0.6 && (amount.links > 1 || density > 0.9);
        }
        Tag::Table => return density > 0.6,
        Tag::Heading(level) => {
            let text = tree.plain(index, 300);
            return (level <= 2 && hints.title.is_some_and(|title| same_words(title, &text)))
                || phrases::is_label(&text);
        }
        _ => {}
    }
    if amount.chars < 300 && phrases::is_label(&tree.plain(index, 400)) {
        return true;
    }
    let short = amount.prose < 200;
    if hints.discussion {
        return density > 0.6 && amount.links > 3;
    }
    if short && node.marks.has(Marks::AUTHOR.with(Marks::DATE).with(Marks::CAPTION)) {
        return true;
    }
    if node.marks.has(Marks::AUTHOR) && amount.prose < 1000 && !node.marks.has(Marks::GOOD) {
        return true;
    }
    if node.tag == Tag::Header && amount.prose < 150 {
        return true;
    }
    if node.marks.has(Marks::WEAK) && short && density > 0.3 {
        return true;
    }
    match node.tag {
        Tag::Paragraph | Tag::Item => density > 0.95 && amount.chars > 25 && is_prompt(tree, index),
        _ => density > 0.6 && amount.links > 1 || density > 0.9 && amount.chars > 10,
    }
}

/// A link that stands alone in a paragraph of its own.
fn is_prompt(tree: &Tree<'_>, index: usize) -> bool {
    tree.nodes[tree.nodes[index].parent].tag != Tag::List
}

/// Drops what follows a heading such as "Related articles" up to the next heading of its level.
fn drop_sections(tree: &Tree<'_>, measured: &Measured, alive: &mut [bool], root: usize) {
    let headings: Vec<usize> = tree
        .subtree(root)
        .filter(|&index| matches!(tree.nodes[index].tag, Tag::Heading(_)))
        .filter(|&index| !alive[index] && alive[tree.nodes[index].parent])
        .filter(|&index| phrases::opens_foreign_section(&tree.plain(index, 200)))
        .collect();
    let whole = measured.subtree(tree, root).prose;
    for heading in headings {
        let Tag::Heading(level) = tree.nodes[heading].tag else { continue };
        let parent_end = tree.nodes[tree.nodes[heading].parent].end;
        let from = tree.nodes[heading].end;
        let to = (from..parent_end)
            .find(|&index| matches!(tree.nodes[index].tag, Tag::Heading(next) if next <= level))
            .unwrap_or(parent_end);
        if measured.between(from, to).prose * 4 < whole {
            alive[from..to].fill(false);
        }
    }
}

/// Drops headings with nothing below them.
fn drop_empty_headings(tree: &Tree<'_>, alive: &mut [bool], root: usize) {
    let mut follows = false;
    for index in tree.subtree(root).rev() {
        if !alive[index] {
            continue;
        }
        let node = &tree.nodes[index];
        match node.tag {
            Tag::Heading(_) if !follows => alive[tree.subtree(index)].fill(false),
            Tag::Text => {
                let in_heading = tree
                    .ancestors(index)
                    .take(4)
                    .any(|above| matches!(tree.nodes[above].tag, Tag::Heading(_)));
                let text = node.text().unwrap_or_default();
                follows |= !in_heading && !text.trim().is_empty();
            }
            _ => {}
        }
    }
}

fn same_words(a: &str, b: &str) -> bool {
    let words = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (words(a), words(b));
    !b.is_empty() && (a == b || (b.len() > 20 && a.starts_with(&b)))
}
