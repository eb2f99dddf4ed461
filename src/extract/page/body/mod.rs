//! Finds the article in the page: measure, propose, choose, grow, prune.

mod candidates;
mod furniture;
mod measure;
mod phrases;
mod prune;
mod score;

use self::{candidates::Claimed, furniture::Trust, measure::Measured};
use super::{
    names::Marks,
    tree::{Tag, Tree},
};

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
    /// Characters of running text.
    pub prose: u32,
    pub confidence: f32,
}

impl Body {
    /// True if what was found is hardly an article.
    pub fn is_poor(&self) -> bool {
        self.prose < TOO_LITTLE
    }
}

/// Less prose than this, in characters, calls for a second look with less trust in names.
const TOO_LITTLE: u32 = 250;

/// Finds the article.
pub(super) fn find(tree: &Tree<'_>, hints: &Hints<'_>) -> Body {
    let trust = if hints.discussion { Trust::Discussion } else { Trust::Names };
    let first = find_trusting(tree, hints, trust);
    if !first.is_poor() {
        return first;
    }
    let second = find_trusting(tree, hints, Trust::Elements);
    if second.prose > 2 * first.prose.max(TOO_LITTLE) { second } else { first }
}

fn find_trusting(tree: &Tree<'_>, hints: &Hints<'_>, trust: Trust) -> Body {
    let mut alive = furniture::alive(tree, hints.comments, trust);
    let measured = Measured::of(tree, &alive);
    let claimed = Claimed::of(tree, &measured, hints.claim);
    let headline = headline(tree, hints.title);
    let bodies = (0..tree.nodes.len())
        .filter(|&index| alive[index] && tree.nodes[index].marks.has(Marks::BODY))
        .collect();
    let page = score::Page {
        measured: &measured,
        claimed: claimed.as_ref(),
        headline,
        bodies,
        discussion: hints.discussion,
    };
    let best = candidates::find(tree, &measured, &alive, claimed.as_ref())
        .into_iter()
        .map(|index| (score::score(tree, &page, index), index))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(0, |(_, index)| index);
    let roots = grow(tree, &measured, &alive, best);
    for &root in &roots {
        prune::prune(tree, &measured, &mut alive, root, hints);
    }
    let confidence = confidence(tree, &measured, &roots);
    let prose = roots.iter().map(|&root| measured.subtree(tree, root).prose).sum();
    Body { roots, alive, headline, prose, confidence }
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
