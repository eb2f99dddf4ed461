//! Training: labelled articles to a [`Model`].

mod corpora;
mod judges;
pub mod measure;

use std::collections::HashMap;

use linfa::{DatasetBase, traits::Fit};
use ndarray::Array1;
use rayon::prelude::*;

pub use corpora::Corpus;

use super::{
    Scores,
    features::{Features, Form},
    model::Model,
    place,
};
use crate::{
    domain::Attack,
    learn::sparse::{Rows, SparseLogistic, SparseWeights},
};

/// Inverse strength of the regularisation.
const C: f32 = 6.0;
const FOLDS: usize = 4;
/// Features seen in fewer articles are left out.
const FEWEST: u32 = 3;
/// Features kept, by how well they tell the attacks apart.
const MOST_FEATURES: usize = 60_000;
/// An attack with fewer labelled articles on either side is left to its cues.
const FEWEST_LABELS: usize = 60;

/// A labelled article.
#[derive(Debug, Clone)]
pub struct Example {
    pub features: Features,
    pub corpus: Corpus,
    /// For each of `Attack::ALL`, whether the article reports it; `None` where nobody said.
    pub labels: Vec<Option<bool>>,
    /// The main attacks that would be right; empty where nobody said.
    pub main: Vec<Attack>,
    /// VERIS actions and the class of Hackmageddon, as the set names them.
    pub veris: Vec<&'static str>,
    pub class: String,
    /// Articles of one group are never on both sides of a fold.
    pub group: u64,
}

/// Why training failed.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error("no attack has {FEWEST_LABELS} labelled articles on either side")]
    TooFew,
    #[error("linfa: {0}")]
    Linfa(String),
}

/// Fits a model. Calibration, thresholds and the choice of the main attack rest on held-out scores.
pub fn train(examples: &[&Example]) -> Result<Model, TrainError> {
    let attacks: Vec<usize> =
        (0..Attack::ALL.len()).filter(|attack| is_learnable(examples, *attack)).collect();
    if attacks.is_empty() {
        return Err(TrainError::TooFew);
    }
    let table = Table::of(examples, &attacks);
    let fitted: Vec<SparseWeights> = attacks
        .par_iter()
        .map(|attack| table.fit(examples, *attack, |_| true))
        .collect::<Result<_, _>>()?;
    let mut model = quantised(&table, &attacks, &fitted);
    let held_out = held_out(&table, examples, &attacks)?;
    let sums: Vec<Scores> = (0..examples.len())
        .map(|at| {
            let mut sums = Scores::default();
            for (column, attack) in attacks.iter().enumerate() {
                sums[*attack] = held_out[column][at];
            }
            sums
        })
        .collect();
    for form in [Form::Article, Form::Summary] {
        set_judges(&mut model, examples, form, &sums)?;
    }
    let scores: Vec<Scores> = examples
        .iter()
        .zip(&sums)
        .map(|(e, sums)| {
            std::array::from_fn(|attack| model.score(&e.features, attack, sums[attack]))
        })
        .collect();
    for form in [Form::Article, Form::Summary] {
        for attack in 0..Attack::ALL.len() {
            model.heads[attack].thresholds[form as usize] =
                threshold(examples, form, attack, &scores);
        }
    }
    model.main = judges::of_main(examples, &model, &scores)?;
    model.find_places();
    Ok(model)
}

/// A judge for each attack in texts of one form. Attacks that few such texts report share one, which learns from all.
fn set_judges(
    model: &mut Model,
    examples: &[&Example],
    form: Form,
    sums: &[Scores],
) -> Result<(), TrainError> {
    let all: Vec<usize> = (0..Attack::ALL.len()).collect();
    // What words say is on another scale for each attack, so the shared judge does without.
    let shared = judges::of_attacks(examples, form, &all, &vec![Scores::default(); sums.len()])?;
    for attack in all {
        let common = labelled(examples, form, attack, true) >= FEWEST_LABELS;
        model.heads[attack].judges[form as usize] = if common {
            judges::of_attacks(examples, form, &[attack], sums)?
        } else {
            shared.clone()
        };
    }
    Ok(())
}

fn labelled(examples: &[&Example], form: Form, attack: usize, label: bool) -> usize {
    let is = |e: &&&Example| e.features.form == form && e.labels[attack] == Some(label);
    examples.iter().filter(is).count()
}

fn is_learnable(examples: &[&Example], attack: usize) -> bool {
    let count = |wanted| examples.iter().filter(|e| e.labels[attack] == Some(wanted)).count();
    count(true) >= FEWEST_LABELS && count(false) >= FEWEST_LABELS
}

/// Features that are kept, with their weights towards an article's length.
struct Table {
    hashes: Vec<u32>,
    idf: Vec<f32>,
    /// Features of each example, as places in `hashes`.
    rows: Vec<Vec<u32>>,
}

impl Table {
    fn of(examples: &[&Example], attacks: &[usize]) -> Table {
        let mut seen: HashMap<u32, u32> = HashMap::new();
        for hash in examples.iter().flat_map(|example| &example.features.hashes) {
            *seen.entry(*hash).or_default() += 1;
        }
        seen.retain(|_, times| *times >= FEWEST);
        let mut hashes: Vec<u32> = seen.keys().copied().collect();
        if hashes.len() > MOST_FEATURES {
            let worth = worth(examples, attacks, &seen);
            hashes.sort_unstable_by(|a, b| worth[b].total_cmp(&worth[a]).then(a.cmp(b)));
            hashes.truncate(MOST_FEATURES);
        }
        hashes.sort_unstable();
        let total = examples.len() as f32;
        let idf = hashes.iter().map(|hash| 1.0 + (total / seen[hash] as f32).ln()).collect();
        let row = |example: &&Example| -> Vec<u32> {
            let places = example.features.hashes.iter().map(|hash| hashes.binary_search(hash));
            places.flatten().map(|at| at as u32).collect()
        };
        let rows = examples.iter().map(row).collect();
        Table { hashes, idf, rows }
    }

    fn fit(
        &self,
        examples: &[&Example],
        attack: usize,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<SparseWeights, TrainError> {
        let mut rows = Rows::new(self.idf.clone());
        let mut targets = Vec::new();
        for at in (0..examples.len()).filter(|at| wanted(*at)) {
            let Some(label) = examples[at].labels[attack] else { continue };
            rows.push(&self.rows[at], examples[at].corpus.cost());
            targets.push(label);
        }
        let solver = SparseLogistic { c: C, max_sweeps: 40, tolerance: 1e-2, seed: 1 };
        solver
            .fit(&DatasetBase::new(rows, Array1::from(targets)))
            .map_err(|error| TrainError::Linfa(error.to_string()))
    }

    fn sum(&self, at: usize, weights: &SparseWeights) -> f32 {
        let row = &self.rows[at];
        let square: f32 = row.iter().map(|f| self.idf[*f as usize].powi(2)).sum();
        let sum: f32 = row.iter().map(|f| weights.weights[*f as usize]).sum();
        weights.bias + if square > 0.0 { sum / square.sqrt() } else { 0.0 }
    }
}

/// How well a feature tells any of the attacks apart: the largest chi-square.
fn worth(examples: &[&Example], attacks: &[usize], seen: &HashMap<u32, u32>) -> HashMap<u32, f32> {
    let mut worth: HashMap<u32, f32> = seen.keys().map(|hash| (*hash, 0.0)).collect();
    for attack in attacks {
        let mut with: HashMap<u32, [f32; 2]> = HashMap::new();
        let mut totals = [0.0f32; 2];
        for example in examples {
            let Some(label) = example.labels[*attack] else { continue };
            totals[usize::from(label)] += 1.0;
            for hash in example.features.hashes.iter().filter(|hash| seen.contains_key(hash)) {
                with.entry(*hash).or_default()[usize::from(label)] += 1.0;
            }
        }
        for (hash, counts) in with {
            let entry = worth.entry(hash).or_default();
            *entry = entry.max(chi_square(counts, totals));
        }
    }
    worth
}

fn chi_square([no, yes]: [f32; 2], [all_no, all_yes]: [f32; 2]) -> f32 {
    let share = (no + yes) / (all_no + all_yes);
    let part = |seen: f32, all: f32| {
        let expected = (all * share).max(1e-6);
        (seen - expected).powi(2) / expected
    };
    part(no, all_no) + part(yes, all_yes)
}

/// For each learnt attack, the sums of all examples by models that saw none of their group.
fn held_out(
    table: &Table,
    examples: &[&Example],
    attacks: &[usize],
) -> Result<Vec<Vec<f32>>, TrainError> {
    let fold = |at: usize| fold_of(examples[at].group, FOLDS);
    attacks
        .par_iter()
        .map(|attack| {
            let mut sums = vec![0.0; examples.len()];
            for held in 0..FOLDS {
                let weights = table.fit(examples, *attack, |at| fold(at) != held)?;
                for at in (0..examples.len()).filter(|at| fold(*at) == held) {
                    sums[at] = table.sum(at, &weights);
                }
            }
            Ok(sums)
        })
        .collect()
}

/// The fold a group belongs to.
pub fn fold_of(group: u64, folds: usize) -> usize {
    (group.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as usize % folds
}

/// Thresholds beyond these are luck.
const THRESHOLDS: [f32; 9] = [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65];

/// The threshold with the best F1 on held-out scores. An attack with few labels keeps the middle.
fn threshold(examples: &[&Example], form: Form, attack: usize, scores: &[Scores]) -> f32 {
    const MIDDLE: f32 = 0.4;
    if labelled(examples, form, attack, true) < FEWEST_LABELS {
        return MIDDLE;
    }
    let f1 = |threshold: f32| {
        let (mut right, mut given, mut wanted) = (0.0, 0.0, 0.0);
        for (example, scores) in examples.iter().zip(scores) {
            if example.features.form != form {
                continue;
            }
            let Some(label) = example.labels[attack] else { continue };
            let (cost, tagged) = (example.corpus.cost(), scores[attack] >= threshold);
            right += if tagged && label { cost } else { 0.0 };
            given += if tagged { cost } else { 0.0 };
            wanted += if label { cost } else { 0.0 };
        }
        2.0 * right / (given + wanted)
    };
    THRESHOLDS.into_iter().max_by(|a, b| f1(*a).total_cmp(&f1(*b))).unwrap_or(MIDDLE)
}

/// Eight bits for each number.
fn quantised(table: &Table, attacks: &[usize], fitted: &[SparseWeights]) -> Model {
    let columns = attacks.len();
    let mut model = Model::default();
    model.hashes = table.hashes.clone();
    model.idf_step = table.idf.iter().copied().fold(1.0, f32::max) / 255.0;
    model.columns = columns;
    model.weights = vec![0; table.hashes.len() * columns];
    model.idf = table.idf.iter().map(|idf| (idf / model.idf_step).round() as u8).collect();
    for (column, (attack, fitted)) in attacks.iter().zip(fitted).enumerate() {
        let largest = fitted.weights.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        let step = (largest / 127.0).max(f32::MIN_POSITIVE);
        for (at, weight) in fitted.weights.iter().enumerate() {
            model.weights[at * columns + column] = (weight / step).round() as i8;
        }
        let head = &mut model.heads[*attack];
        head.column = Some(column as u8);
        (head.step, head.bias) = (step, fitted.bias);
    }
    model
}
