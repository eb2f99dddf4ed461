//! Which candidate is the article: a small linear model over what can be measured in constant time.

use super::{candidates::Claimed, measure::Measured};
use crate::extract::page::{
    names::Marks,
    tree::{Tag, Tree},
};

/// Number of features of a candidate.
pub(super) const FEATURES: usize = 18;

/// What the scorer knows of the page beside the candidate.
pub(super) struct Page<'p> {
    pub measured: &'p Measured,
    pub claimed: Option<&'p Claimed>,
    /// The headline's node, where one was found.
    pub headline: Option<usize>,
}

/// Weights in the order of [`features`].
const WEIGHTS: [f32; FEATURES] =
    [3.0, 1.0, 1.5, 1.2, 0.5, 0.3, 0.2, -1.0, 0.3, 2.0, 1.0, 0.2, -1.5, -0.5, -0.5, -1.0, 0.0, 0.0];

/// How well a candidate does as the article; only the order means something.
pub(super) fn score(tree: &Tree<'_>, page: &Page<'_>, index: usize) -> f32 {
    features(tree, page, index).iter().zip(WEIGHTS).map(|(feature, weight)| feature * weight).sum()
}

/// Measures a candidate; each feature is about 0 to 1.
pub(super) fn features(tree: &Tree<'_>, page: &Page<'_>, index: usize) -> [f32; FEATURES] {
    let node = &tree.nodes[index];
    let amount = page.measured.subtree(tree, index);
    let total = page.measured.total();
    let prose_share = ratio(amount.prose, total.prose);
    let text_share = ratio(amount.chars, total.chars);
    let flag = f32::from;
    let claimed = page.claimed.map_or([0.0; 2], |claimed| {
        let within = claimed.within(tree, index);
        [ratio(within, claimed.total()), ratio(within, amount.prose)]
    });
    let headline_inside = page.headline.is_some_and(|at| tree.contains(index, at));
    let headline_before = page.headline.is_some_and(|at| at < index);
    let gap = page
        .headline
        .filter(|_| headline_before)
        .map_or(0.0, |at| ratio(page.measured.between(at, index).prose, total.prose));
    let articles = tree.nodes[tree.subtree(index)]
        .iter()
        .skip(1)
        .filter(|node| node.tag == Tag::Article)
        .count();
    [
        prose_share,
        1.0 - amount.link_density(),
        ratio(amount.prose, amount.chars),
        flag(node.marks.has(Marks::BODY)),
        flag(node.tag == Tag::Article),
        flag(node.tag == Tag::Main || node.attr("role") == Some("main")),
        flag(node.marks.has(Marks::GOOD)),
        flag(node.marks.has(Marks::WEAK.with(Marks::COMMENT).with(Marks::RELATED))),
        ((amount.prose as f32 + 1.0).ln() / 12.0).min(1.0),
        claimed[0],
        claimed[1],
        flag(headline_inside),
        gap,
        (articles as f32 / 4.0).min(1.0),
        flag(index == 0),
        text_share * (1.0 - prose_share),
        flag(headline_before),
        prose_share * prose_share,
    ]
}

fn ratio(part: u32, whole: u32) -> f32 {
    part as f32 / whole.max(1) as f32
}
