//! Nodes that may be the article: what each school of extraction would choose, and the nodes around those.

use super::measure::Measured;
use crate::extract::page::{
    names::Marks,
    tree::{Tag, Tree},
};

/// No page needs more; bounds the scoring.
const MAX_CANDIDATES: usize = 200;

/// What the page itself says its text is (JSON-LD `articleBody`), matched onto its blocks.
pub(super) struct Claimed {
    /// By node, one more than nodes: characters before it in blocks that the claim contains.
    before: Vec<u32>,
}

impl Claimed {
    /// Matches a claimed text onto the blocks of the page.
    pub fn of(tree: &Tree<'_>, measured: &Measured, claim: Option<&str>) -> Option<Self> {
        let claim = letters(claim?);
        let mut before = Vec::with_capacity(tree.nodes.len() + 1);
        before.push(0);
        let mut sum = 0;
        for index in 0..tree.nodes.len() {
            let own = &measured.own[index];
            if own.paragraphs > 0 && claim.contains(&start_of(tree, index)) {
                sum += own.prose;
            }
            before.push(sum);
        }
        (sum > 0).then_some(Self { before })
    }

    /// Claimed characters in a subtree.
    pub fn within(&self, tree: &Tree<'_>, index: usize) -> u32 {
        self.before[tree.nodes[index].end] - self.before[index]
    }

    /// Claimed characters on the page.
    pub fn total(&self) -> u32 {
        self.before[self.before.len() - 1]
    }
}

/// The first letters of a block, enough to recognise it.
fn start_of(tree: &Tree<'_>, index: usize) -> String {
    let mut start = letters(&tree.plain(index, 160));
    let end = start.floor_char_boundary(50);
    start.truncate(end);
    start
}

/// Letters and digits in lower case, nothing else.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Finds the candidates, in document order, without doubles. Never empty: the root is one.
pub(super) fn find(
    tree: &Tree<'_>,
    measured: &Measured,
    alive: &[bool],
    claimed: Option<&Claimed>,
) -> Vec<usize> {
    let mut found = vec![0];
    found.extend(named(tree, alive));
    found.extend(readable(tree, measured));
    for share in [0.5, 0.7, 0.85, 0.95] {
        found.push(smallest_with(tree, |index| {
            measured.subtree(tree, index).prose as f32 >= share * measured.total().prose as f32
        }));
    }
    if let Some(claimed) = claimed {
        found.push(smallest_with(tree, |index| {
            claimed.within(tree, index) as f32 >= 0.9 * claimed.total() as f32
        }));
    }
    let around: Vec<usize> =
        found.iter().flat_map(|&index| tree.ancestors(index).take(3)).collect();
    found.extend(around);
    found.retain(|&index| alive[index] && tree.nodes[index].tag != Tag::Text);
    found.sort_unstable();
    found.dedup();
    found.truncate(MAX_CANDIDATES);
    found
}

/// Elements whose name or kind says that they hold the article.
fn named(tree: &Tree<'_>, alive: &[bool]) -> Vec<usize> {
    let is_named = |index: &usize| {
        let node = &tree.nodes[*index];
        alive[*index]
            && (matches!(node.tag, Tag::Article | Tag::Main)
                || node.marks.has(Marks::BODY)
                || node.attr("role") == Some("main"))
    };
    (0..tree.nodes.len()).filter(is_named).take(60).collect()
}

/// The best nodes by what paragraphs give to the blocks around them, less with each level.
fn readable(tree: &Tree<'_>, measured: &Measured) -> Vec<usize> {
    let mut scores = vec![0.0f32; tree.nodes.len()];
    for (index, own) in measured.own.iter().enumerate().filter(|(_, own)| own.paragraphs > 0) {
        let gain = 1.0 + own.commas as f32 + (own.prose as f32 / 100.0).min(3.0);
        if matches!(tree.nodes[index].tag, Tag::Block | Tag::Section | Tag::Cell | Tag::Article) {
            scores[index] += gain;
        }
        for (level, above) in tree.ancestors(index).take(5).enumerate() {
            scores[above] += gain / [1.0, 2.0, 6.0, 9.0, 12.0][level];
        }
    }
    let score = |index: usize| scores[index] * (1.0 - measured.subtree(tree, index).link_density());
    let mut best: Vec<usize> = (0..scores.len()).filter(|&index| scores[index] > 0.0).collect();
    best.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
    best.truncate(5);
    best
}

/// Goes down from the root as long as one child still meets the condition.
fn smallest_with(tree: &Tree<'_>, meets: impl Fn(usize) -> bool) -> usize {
    let mut at = 0;
    while let Some(child) = tree.children(at).find(|&child| meets(child)) {
        at = child;
    }
    at
}
