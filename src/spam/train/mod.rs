//! Training: labelled comments to a [`Model`].

mod augment;
pub mod card;
mod corpus;
mod example;
mod slots;
mod stack;

use std::collections::{BTreeSet, HashMap};

use linfa::{DatasetBase, traits::Fit};
use ndarray::Array1;
use rayon::prelude::*;

pub use augment::{Disguise, spin};
pub use corpus::Corpus;
pub use example::{Example, Label, Labelled, Reader};
use stack::StackRow;

use crate::learn::sparse::{Rows, SparseLogistic, SparseWeights};

use super::{
    evaluate::{Scored, threshold_at},
    model::{Cell, Column, Header, Model, Thresholds, Wording, lexicon_digest, part_scale},
    ngrams::{self, Features},
    signals,
};

/// Why training failed.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error(
        "training needs spam and genuine comments, at least {least} of each: found {spam} and {ham}"
    )]
    TooFew { least: usize, spam: usize, ham: usize },
    #[error("the solver failed: {0}")]
    Linfa(String),
}

impl TrainError {
    /// Stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            TrainError::TooFew { .. } => "train-too-few",
            TrainError::Linfa(_) => "train-solver",
        }
    }
}

/// What can be chosen about training. The defaults made the model that ships.
#[derive(Debug, Clone)]
pub struct Settings {
    pub seed: u64,
    /// Inverse strength of the text stage's regularisation.
    pub c: f32,
    /// Strength of the final stage's regularisation.
    pub alpha: f32,
    pub folds: usize,
    /// How far large sources are held down: 0 not at all, 1 to equal weight.
    pub balance: f32,
    /// Factor on the cost of errors, by source. Sources not named have 1.
    pub source_weights: HashMap<String, f32>,
    /// Sources whose genuine comments set the thresholds; all of them if none is named.
    pub threshold_sources: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            seed: 7,
            c: 50.0,
            alpha: 10.0,
            folds: 4,
            balance: 0.5,
            source_weights: HashMap::new(),
            threshold_sources: Vec::new(),
        }
    }
}

/// Fewer comments of a class than this teach nothing.
const LEAST: usize = 20;

/// A model, and how it scored comments it had not seen.
#[derive(Debug, Clone)]
pub struct Trained {
    pub model: Model,
    pub held_out: Vec<Scored>,
}

/// Trains a model. `training` is the digest of the comments, kept in the model.
pub fn fit(
    examples: &[&Example],
    settings: &Settings,
    training: &str,
) -> Result<Trained, TrainError> {
    let spam = examples.iter().filter(|e| e.spam).count();
    let ham = examples.len() - spam;
    if spam < LEAST || ham < LEAST {
        return Err(TrainError::TooFew { least: LEAST, spam, ham });
    }
    let costs = costs(examples, settings);
    let held_out = held_out_logits(examples, &costs, settings)?;
    let doubtful = |at: usize| is_doubtful(examples[at], &held_out[at]);
    let text = fit_text(examples, &costs, settings, |at| !doubtful(at))?;
    let copies = copies(examples, settings);
    let rows = |wanted: &dyn Fn(usize) -> bool| -> Vec<StackRow> {
        (0..examples.len())
            .filter(|at| wanted(*at) && !doubtful(*at))
            .flat_map(|at| std::iter::repeat_n(at, copies[at]))
            .map(|at| stack_row(examples[at], held_out[at]))
            .collect()
    };
    let stack = stack::fit(&rows(&|_| true), settings.alpha)?;
    let mut logits = vec![0.0; examples.len()];
    for fold in 0..settings.folds {
        let held = |at: usize| fold_of(examples[at].group, settings.folds) == fold;
        let part = stack::fit(&rows(&|at| !held(at)), settings.alpha)?;
        for at in (0..examples.len()).filter(|at| held(*at)) {
            logits[at] = part.logit(&stack_row(examples[at], held_out[at]));
        }
    }
    let measured: Vec<usize> = (0..examples.len()).filter(|at| !examples[*at].made).collect();
    let platt = stack::calibrate(
        &measured.iter().map(|at| logits[*at]).collect::<Vec<f32>>(),
        measured.iter().map(|at| examples[*at].spam).collect(),
    )?;
    let quantised = quantise(&text);
    let fingerprints = campaigns(examples);
    let mut model = Model {
        header: Header {
            feature_seed: ngrams::SEED,
            feature_bits: ngrams::BITS,
            lexicon: lexicon_digest(),
            training: training.to_owned(),
            tables: String::new(),
            weight_step: quantised.weight_step,
            idf_step: quantised.idf_step,
            text_bias: text.model.bias,
            text_weights: stack.text_weights,
            columns: columns(&stack.weights),
            bias: stack.bias,
            platt,
            thresholds: Thresholds { unsure: 0.5, spam: 0.5 },
            fingerprints: fingerprints.len() as u32,
        },
        cells: quantised.cells,
        fingerprints,
    };
    let score = |model: &Model| -> Vec<Scored> {
        let of = |at: &usize| Scored::of(model, examples[*at], &held_out[*at], logits[*at]);
        measured.iter().map(of).collect()
    };
    model.header.thresholds = thresholds(&score(&model), settings);
    let held_out = score(&model);
    Ok(Trained { model, held_out })
}

/// A comment labelled genuine that a model which never saw it is certain is spam. Moderators let some spam pass;
/// what teaches that it is genuine does harm. Such comments are measured all the same.
fn is_doubtful(example: &Example, held_out: &Wording) -> bool {
    const CERTAIN: f32 = 3.0;
    !example.spam && held_out.logit > CERTAIN
}

/// How often each comment stands in the final stage, which knows no weights: small sources several times, sources
/// of little weight only in part.
fn copies(examples: &[&Example], settings: &Settings) -> Vec<usize> {
    const FULL: f32 = 800.0;
    const MOST: f32 = 4.0;
    let sizes = class_sizes(examples);
    examples
        .iter()
        .map(|e| {
            let size = sizes[&(e.source.as_str(), e.spam)];
            let copies = (FULL / size).sqrt().clamp(1.0, MOST) * source_weight(settings, e);
            let drawn = (e.group >> 40) as f32 / (1u32 << 24) as f32;
            copies.floor() as usize + usize::from(drawn < copies.fract())
        })
        .collect()
}

/// Share of the genuine comments that may be called spam, and that may be held or called spam.
const BLOCKED_SHARE: f64 = 0.001;
const TOUCHED_SHARE: f64 = 0.0105;

fn thresholds(held_out: &[Scored], settings: &Settings) -> Thresholds {
    let named = |s: &&Scored| settings.threshold_sources.contains(&s.source);
    let mut chosen: Vec<&Scored> = held_out.iter().filter(named).collect();
    if !chosen.iter().any(|s| !s.spam) {
        chosen = held_out.iter().collect();
    }
    let spam = threshold_at(&chosen, BLOCKED_SHARE);
    Thresholds { unsure: threshold_at(&chosen, TOUCHED_SHARE).min(spam), spam }
}

/// Fingerprints of the spam, each once. Templates of the augmenter are left out: nobody posts them.
fn campaigns(examples: &[&Example]) -> Vec<u64> {
    let spam = examples.iter().filter(|e| e.spam && !e.made);
    let unique: BTreeSet<u64> = spam.filter_map(|e| e.fingerprint).collect();
    unique.into_iter().collect()
}

fn columns(weights: &[f32]) -> Vec<Column> {
    weights
        .iter()
        .enumerate()
        .map(|(at, weight)| Column { name: signals::name(at).to_owned(), weight: *weight })
        .collect()
}

fn stack_row(example: &Example, wording: Wording) -> StackRow<'_> {
    StackRow { wording, values: &example.values, spam: example.spam }
}

/// The fold a group belongs to.
pub fn fold_of(group: u64, folds: usize) -> usize {
    (group.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as usize % folds
}

/// Large sources cost less per comment, so that one habit does not drown the others.
fn costs(examples: &[&Example], settings: &Settings) -> Vec<f32> {
    const FULL: f32 = 1_500.0;
    let sizes = class_sizes(examples);
    examples
        .iter()
        .map(|e| {
            let size = sizes[&(e.source.as_str(), e.spam)];
            (FULL / size).powf(settings.balance).min(1.0) * source_weight(settings, e)
        })
        .collect()
}

/// Number of spam and of genuine comments of each source.
fn class_sizes<'a>(examples: &[&'a Example]) -> HashMap<(&'a str, bool), f32> {
    let mut sizes: HashMap<(&str, bool), f32> = HashMap::new();
    for example in examples {
        *sizes.entry((&example.source, example.spam)).or_default() += 1.0;
    }
    sizes
}

fn source_weight(settings: &Settings, example: &Example) -> f32 {
    settings.source_weights.get(&example.source).copied().unwrap_or(1.0)
}

struct TextStage {
    model: SparseWeights,
    idf: Vec<f32>,
}

fn fit_text(
    examples: &[&Example],
    costs: &[f32],
    settings: &Settings,
    wanted: impl Fn(usize) -> bool,
) -> Result<TextStage, TrainError> {
    let chosen: Vec<usize> = (0..examples.len()).filter(|at| wanted(*at)).collect();
    let idf = idf(chosen.iter().map(|at| examples[*at]), chosen.len());
    let mut rows = Rows::new(idf.clone());
    for at in &chosen {
        rows.push_parts(&examples[*at].features.0, part_scale, costs[*at]);
    }
    let targets: Array1<bool> = chosen.iter().map(|at| examples[*at].spam).collect();
    let solver =
        SparseLogistic { c: settings.c, max_sweeps: 30, tolerance: 1e-2, seed: settings.seed };
    let model = solver
        .fit(&DatasetBase::new(rows, targets))
        .map_err(|e| TrainError::Linfa(e.to_string()))?;
    Ok(TextStage { model, idf })
}

/// Features seen once say nothing and weigh nothing.
fn idf<'a>(examples: impl Iterator<Item = &'a Example>, total: usize) -> Vec<f32> {
    let mut seen = vec![0u32; ngrams::SPACE];
    let mut last = vec![u32::MAX; ngrams::SPACE];
    for (at, example) in examples.enumerate() {
        for feature in example.features.0.iter().flatten().map(|f| *f as usize) {
            seen[feature] += u32::from(last[feature] != at as u32);
            last[feature] = at as u32;
        }
    }
    let rarity = |n: u32| 1.0 + ((1.0 + total as f32) / (1.0 + n as f32)).ln();
    seen.into_iter().map(|n| if n < 2 { 0.0 } else { rarity(n) }).collect()
}

/// Text logits of comments whose group was not trained on.
fn held_out_logits(
    examples: &[&Example],
    costs: &[f32],
    settings: &Settings,
) -> Result<Vec<Wording>, TrainError> {
    let parts: Result<Vec<TextStage>, TrainError> = (0..settings.folds)
        .into_par_iter()
        .map(|fold| {
            fit_text(examples, costs, settings, |at| {
                fold_of(examples[at].group, settings.folds) != fold
            })
        })
        .collect();
    let parts = parts?;
    Ok(examples
        .iter()
        .map(|e| wording(&parts[fold_of(e.group, settings.folds)], &e.features))
        .collect())
}

fn wording(stage: &TextStage, features: &Features) -> Wording {
    let part = |part: usize| {
        let ids = &features.0[part];
        let square: f32 = ids.iter().map(|f| stage.idf[*f as usize].powi(2)).sum();
        let sum: f32 = ids.iter().map(|f| stage.model.weights[*f as usize]).sum();
        sum * part_scale(part, square)
    };
    Wording::new(std::array::from_fn(part), stage.model.bias)
}

struct Quantised {
    cells: Vec<Cell>,
    weight_step: f32,
    idf_step: f32,
}

/// Eight bits for each number. The largest weights are cut at a high quantile, so that steps stay fine.
fn quantise(text: &TextStage) -> Quantised {
    let mut sizes: Vec<f32> =
        text.model.weights.iter().map(|w| w.abs()).filter(|w| *w > 0.0).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let limit = sizes.get(sizes.len() * 9_995 / 10_000).copied().unwrap_or(1.0);
    let weight_step = limit / 127.0;
    let idf_step = text.idf.iter().copied().fold(1.0, f32::max) / 255.0;
    let cells = text
        .model
        .weights
        .iter()
        .zip(&text.idf)
        .map(|(weight, idf)| Cell {
            weight: (weight / weight_step).round().clamp(-127.0, 127.0) as i8,
            idf: (idf / idf_step).round() as u8,
        })
        .collect();
    Quantised { cells, weight_step, idf_step }
}
