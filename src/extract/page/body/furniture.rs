//! What is never part of an article's text, wherever it stands: navigation, share bars, teasers, hidden parts.

use super::measure::Measured;
use crate::extract::page::{
    names::Marks,
    tree::{Tag, Tree},
};

/// Names that speak against a subtree.
const AGAINST: Marks = Marks::FURNITURE
    .with(Marks::SHARE)
    .with(Marks::RELATED)
    .with(Marks::PROMOTION)
    .with(Marks::TAGS);

/// For each node whether it may be content. `comments` are the nodes of reader comments, `discussion` says that
/// comments are what the page is about.
pub(super) fn alive(tree: &Tree<'_>, comments: &[usize], discussion: bool) -> Vec<bool> {
    let mut alive = vec![true; tree.nodes.len()];
    let all = Measured::of(tree, &alive);
    let total = all.total();
    for &index in comments {
        alive[tree.subtree(index)].fill(false);
    }
    let mut at = 1;
    while at < tree.nodes.len() {
        if !alive[at] || !is_furniture(tree, at, discussion) {
            at += 1;
            continue;
        }
        // A wrong name must not cost the article: what holds much of the page's prose is looked into instead.
        let amount = all.subtree(tree, at);
        let share = amount.prose as f32 / total.prose.max(1) as f32;
        if share > 0.4 || (share > 0.15 && holds_body(tree, at)) {
            at += 1;
            continue;
        }
        alive[tree.subtree(at)].fill(false);
        at = tree.nodes[at].end;
    }
    alive
}

fn is_furniture(tree: &Tree<'_>, index: usize, discussion: bool) -> bool {
    let node = &tree.nodes[index];
    if node.tag == Tag::Text || node.marks.has(Marks::BODY) {
        return false;
    }
    match node.tag {
        Tag::Nav | Tag::Aside | Tag::Footer | Tag::Form => return true,
        _ => {}
    }
    if node.marks.has(Marks::HIDDEN) || node.marks.has(AGAINST) {
        return true;
    }
    !discussion && node.marks.has(Marks::COMMENT)
}

fn holds_body(tree: &Tree<'_>, index: usize) -> bool {
    tree.nodes[tree.subtree(index)]
        .iter()
        .any(|node| node.marks.has(Marks::BODY) || matches!(node.tag, Tag::Article | Tag::Main))
}
