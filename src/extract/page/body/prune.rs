//! Inside the chosen node: block by block, what belongs to the article and what was put between or after it.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64;

use super::{Hints, measure::Measured, phrases};
use crate::extract::page::{
    names::Marks,
    tree::{Tag, Tree},
};

/// Shorter paragraphs may well occur twice.
const REPEATABLE: u32 = 80;

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
        if !most && (is_caption_line(tree, at) || is_foreign(tree, measured, at, hints)) {
            alive[tree.subtree(at)].fill(false);
            at = tree.nodes[at].end;
            continue;
        }
        at += 1;
    }
    drop_repeats(tree, measured, alive, root);
    drop_sections(tree, measured, alive, root);
    drop_empty_headings(tree, alive, root);
}

fn is_foreign(tree: &Tree<'_>, measured: &Measured, index: usize, hints: &Hints<'_>) -> bool {
    let node = &tree.nodes[index];
    let amount = measured.subtree(tree, index);
    if amount.chars == 0 || !node.tag.is_block() {
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
        Tag::Row | Tag::Cell if !holds_prose_or_list(tree, index) => return false,
        Tag::Heading(level) => {
            let text = tree.plain(index, 300);
            return (level <= 2 && hints.title.is_some_and(|title| same_words(title, &text)))
                || phrases::is_label(&text);
        }
        _ => {}
    }
    if amount.chars < 400 && is_foreign_line(&tree.plain(index, 600), density, hints.discussion) {
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

/// True if a short block is a label, a prompt, a credit, a date line or an appeal.
fn is_foreign_line(text: &str, density: f32, discussion: bool) -> bool {
    if phrases::is_label(text) {
        return true;
    }
    !discussion
        && ((density > 0.3 && phrases::is_prompt(text))
            || phrases::is_credit(text)
            || phrases::is_date_line(text)
            || phrases::is_appeal(text))
}

/// Captions stand in inline elements on some pages.
fn is_caption_line(tree: &Tree<'_>, index: usize) -> bool {
    let node = &tree.nodes[index];
    node.tag == Tag::Inline && node.marks.has(Marks::CAPTION)
}

/// True for a cell that holds blocks, as those of layout tables do.
fn holds_prose_or_list(tree: &Tree<'_>, index: usize) -> bool {
    tree.subtree(index).skip(1).any(|inner| {
        matches!(
            tree.nodes[inner].tag,
            Tag::List | Tag::Table | Tag::Heading(_) | Tag::Block | Tag::Paragraph
        )
    })
}

/// Drops paragraphs that were there before: pages repeat themselves for small screens and slide shows.
fn drop_repeats(tree: &Tree<'_>, measured: &Measured, alive: &mut [bool], root: usize) {
    let mut seen = HashSet::new();
    for index in tree.subtree(root) {
        if alive[index] && measured.own[index].chars >= REPEATABLE {
            let text = tree.plain(index, 2_000);
            if !seen.insert(xxh3_64(text.as_bytes())) {
                alive[tree.subtree(index)].fill(false);
            }
        }
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
