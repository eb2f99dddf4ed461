//! Finds the article in the page: measure, propose, choose, grow, prune.

mod candidates;
mod furniture;
mod measure;
mod phrases;
mod prune;
mod score;

use self::{candidates::Claimed, measure::Measured};
use super::tree::{Tag, Tree};

/// What is known of the page before its body is looked for.
pub(super) struct Hints<'h> {
    pub title: Option<&'h str>,
    /// The text as the page states it for machines.
    pub claim: Option<&'h str>,
    /// Nodes of reader comments.
    pub comments: &'h [usize],
    /// True if the comments are what the page is about.
    pub discussion: bool,
}

/// The article's nodes.
pub(super) struct Body {
    /// Subtrees that hold it, in document order.
    pub roots: Vec<usize>,
    /// By node: whether it belongs to the article, given that it lies in a root.
    pub alive: Vec<bool>,
    /// Headline element, if there is one.
    pub headline: Option<usize>,
    pub confidence: f32,
}

/// Finds the article.
pub(super) fn find(tree: &Tree<'_>, hints: &Hints<'_>) -> Body {
    let mut alive = furniture::alive(tree, hints.comments, hints.discussion);
    let measured = Measured::of(tree, &alive);
    let claimed = Claimed::of(tree, &measured, hints.claim);
    let headline = headline(tree, hints.title);
    let page = score::Page { measured: &measured, claimed: claimed.as_ref(), headline };
    let best = candidates::find(tree, &measured, &alive, claimed.as_ref())
        .into_iter()
        .max_by(|&a, &b| score::score(tree, &page, a).total_cmp(&score::score(tree, &page, b)))
        .unwrap_or(0);
    let roots = grow(tree, &measured, &alive, best);
    for &root in &roots {
        prune::prune(tree, &measured, &mut alive, root, hints);
    }
    let confidence = confidence(tree, &measured, &roots);
    Body { roots, alive, headline, confidence }
}

/// Joins siblings that look like the chosen node: bodies are often split over several sections.
fn grow(tree: &Tree<'_>, measured: &Measured, alive: &[bool], best: usize) -> Vec<usize> {
    let node = &tree.nodes[best];
    if node.parent == best {
        return vec![best];
    }
    let alike = |&sibling: &usize| {
        let other = &tree.nodes[sibling];
        let amount = measured.subtree(tree, sibling);
        alive[sibling]
            && other.tag == node.tag
            && other.tag != Tag::Article
            && other.attr("class") == node.attr("class")
            && amount.prose > 80
            && amount.link_density() < 0.3
    };
    let mut roots: Vec<usize> = tree.children(node.parent).filter(alike).collect();
    if !roots.contains(&best) {
        roots.push(best);
        roots.sort_unstable();
    }
    roots
}

/// The heading that reads like the title; else none.
fn headline(tree: &Tree<'_>, title: Option<&str>) -> Option<usize> {
    let title = title?;
    let is_title = |&index: &usize| {
        matches!(tree.nodes[index].tag, Tag::Heading(1 | 2))
            && title.contains(&tree.plain(index, 400))
            && !tree.plain(index, 10).is_empty()
    };
    (0..tree.nodes.len()).find(is_title)
}

/// Much prose, few links, and most of the page's prose: sure.
fn confidence(tree: &Tree<'_>, measured: &Measured, roots: &[usize]) -> f32 {
    let mut prose = 0;
    let mut chars = 0;
    for &root in roots {
        let amount = measured.subtree(tree, root);
        prose += amount.prose;
        chars += amount.chars;
    }
    let share = prose as f32 / measured.total().prose.max(1) as f32;
    let purity = prose as f32 / chars.max(1) as f32;
    let length = (prose as f32 / 1_500.0).min(1.0);
    (share * purity * length).sqrt()
}
