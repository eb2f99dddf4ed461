//! The trained weights: how a set of features becomes the probability of a role.

use std::{collections::HashMap, sync::LazyLock};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The weights that ship with the program; see `models/enrich/README.md`.
pub(super) static SHIPPED: LazyLock<Model> =
    LazyLock::new(|| Model::read(include_str!("../../../models/enrich/roles.tsv")));

/// Role of an organisation in an article, as far as a model tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Victim,
    Vendor,
}

/// One weight for each feature and role.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// By feature: weight for the victim, weight for the vendor.
    weights: HashMap<u64, [f32; 2]>,
    bias: [f32; 2],
}

/// The name of the line that holds the biases.
const BIAS: &str = "(bias)";

impl Model {
    /// Reads lines of `feature<TAB>victim<TAB>vendor`. Other lines are left out.
    pub fn read(text: &str) -> Model {
        let mut model = Model::default();
        for line in text.lines() {
            let mut cells = line.split('\t');
            let Some(name) = cells.next() else { continue };
            let Some([victim, vendor]) = pair(&mut cells) else { continue };
            match name.split_once('=') {
                Some((group, value)) => {
                    model.weights.insert(feature(group, value), [victim, vendor]);
                }
                None if name == BIAS => model.bias = [victim, vendor],
                None => {}
            }
        }
        model
    }

    /// Probabilities of being the victim and of being the vendor. Features must be distinct.
    pub(super) fn probabilities(&self, features: &[u64]) -> [f32; 2] {
        let (mut sums, mut known) = ([0.0; 2], 0.0f32);
        for [victim, vendor] in features.iter().filter_map(|feature| self.weights.get(feature)) {
            sums[0] += victim;
            sums[1] += vendor;
            known += 1.0;
        }
        // Rows have length one in training.
        let scale = known.max(1.0).sqrt().recip();
        let probability =
            |role: usize| 1.0 / (1.0 + (-(sums[role] * scale + self.bias[role])).exp());
        [probability(0), probability(1)]
    }
}

fn pair<'t>(cells: &mut impl Iterator<Item = &'t str>) -> Option<[f32; 2]> {
    Some([cells.next()?.parse().ok()?, cells.next()?.parse().ok()?])
}

/// Identity of a feature: a group and its value.
pub(super) fn feature(group: &str, value: &str) -> u64 {
    xxh3_64_with_seed(value.as_bytes(), xxh3_64_with_seed(group.as_bytes(), 0))
}

/// The model as [`Model::read`] reads it.
pub(super) fn write(bias: [f32; 2], mut rows: Vec<(String, [f32; 2])>) -> String {
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows.insert(0, (BIAS.to_owned(), bias));
    let line = |(name, [victim, vendor]): (String, [f32; 2])| {
        format!("{name}\t{victim:.4}\t{vendor:.4}\n")
    };
    rows.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_read_as_it_is_written() {
        let text = write([-1.0, 0.5], vec![("next=paid".to_owned(), [2.0, -0.25])]);
        let model = Model::read(&text);
        assert_eq!(model.bias, [-1.0, 0.5]);
        assert_eq!(model.weights[&feature("next", "paid")], [2.0, -0.25]);
    }

    #[test]
    fn the_shipped_model_can_be_read() {
        assert!(SHIPPED.weights.len() > 100);
    }
}
