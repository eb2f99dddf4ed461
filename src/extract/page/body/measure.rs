//! How much text of what sort stands where.

use crate::extract::page::tree::{Tag, Tree};

/// Text standing directly in a block, or summed over a subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Amount {
    /// Characters, white space runs counted once, wide characters twice.
    pub chars: u32,
    /// Of these inside links.
    pub linked: u32,
    pub commas: u32,
    pub links: u32,
    /// Characters of blocks that read like running text.
    pub prose: u32,
    /// Number of such blocks.
    pub paragraphs: u32,
}

impl Amount {
    /// Share of the text that stands in links, 0 to 1.
    pub fn link_density(&self) -> f32 {
        self.linked as f32 / self.chars.max(1) as f32
    }

    fn add(&mut self, other: &Self) {
        self.chars += other.chars;
        self.linked += other.linked;
        self.commas += other.commas;
        self.links += other.links;
        self.prose += other.prose;
        self.paragraphs += other.paragraphs;
    }

    fn minus(&self, other: &Self) -> Self {
        Self {
            chars: self.chars - other.chars,
            linked: self.linked - other.linked,
            commas: self.commas - other.commas,
            links: self.links - other.links,
            prose: self.prose - other.prose,
            paragraphs: self.paragraphs - other.paragraphs,
        }
    }
}

/// The measured page: sums over any subtree in constant time.
pub(super) struct Measured {
    /// By node; what stands directly in a block, zero for all other nodes.
    pub own: Vec<Amount>,
    /// Sum over all nodes before an index.
    before: Vec<Amount>,
}

impl Measured {
    /// Measures the nodes for which `alive` is true.
    pub fn of(tree: &Tree<'_>, alive: &[bool]) -> Self {
        let mut own = vec![Amount::default(); tree.nodes.len()];
        for (node, _) in tree.nodes.iter().zip(alive).filter(|(_, alive)| **alive) {
            if let Some(text) = node.text() {
                let amount = text_amount(text, node.linked);
                own[node.block].add(&amount);
            } else if node.tag == Tag::Link {
                own[node.block].links += 1;
            }
        }
        for amount in &mut own {
            if is_prose(amount) {
                amount.prose = amount.chars - amount.linked;
                amount.paragraphs = 1;
            }
        }
        let mut before = Vec::with_capacity(own.len() + 1);
        let mut sum = Amount::default();
        before.push(sum);
        for amount in &own {
            sum.add(amount);
            before.push(sum);
        }
        Self { own, before }
    }

    /// Sum over a subtree.
    pub fn subtree(&self, tree: &Tree<'_>, index: usize) -> Amount {
        self.before[tree.nodes[index].end].minus(&self.before[index])
    }

    /// Sum over the nodes from `from` up to `to`.
    pub fn between(&self, from: usize, to: usize) -> Amount {
        self.before[to.max(from)].minus(&self.before[from])
    }

    /// Sum over the page.
    pub fn total(&self) -> Amount {
        self.before[self.before.len() - 1]
    }
}

/// Shorter blocks are labels, names and headlines more often than prose.
const MIN_PROSE: u32 = 60;

fn is_prose(amount: &Amount) -> bool {
    amount.chars >= MIN_PROSE && amount.linked * 5 < amount.chars * 2
}

fn text_amount(text: &str, linked: bool) -> Amount {
    let mut amount = Amount::default();
    let mut gap = true;
    for character in text.chars() {
        if character.is_ascii_whitespace() {
            if !gap {
                amount.chars += 1;
            }
            gap = true;
            continue;
        }
        gap = false;
        amount.chars += if ('\u{2e80}'..'\u{fb00}').contains(&character) { 2 } else { 1 };
        if matches!(character, ',' | '،' | '、' | '，') {
            amount.commas += 1;
        }
    }
    if linked {
        amount.linked = amount.chars;
    }
    amount
}
