//! Training of the weights from labelled articles, by logistic regression.

use std::collections::{BTreeSet, HashMap};

use linfa::{DatasetBase, traits::Fit};
use ndarray::Array1;

use super::{
    features::{Scene, Sink},
    known,
    model::{self, Model},
    organisations::{self, key_of},
    words::Words,
};
use crate::{
    enrich::{Reading, Taxonomy},
    learn::sparse::{Rows, SparseLogistic, SparseWeights},
};

/// An article whose victims are known.
#[derive(Debug, Clone, Default)]
pub struct Labelled {
    /// Articles of one group are never parted between training and test.
    pub group: String,
    pub title: String,
    pub text: String,
    /// Each as all its names.
    pub victims: Vec<Vec<String>>,
    /// Each as all its names; nothing where nobody said who the vendors are.
    pub vendors: Option<Vec<Vec<String>>>,
    /// How much the article counts.
    pub weight: f32,
}

/// How the weights are fitted.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Inverse strength of the L2 penalty.
    pub c: f32,
    /// Features used at most, the most telling ones.
    pub features: usize,
    /// Articles a feature must occur in.
    pub least: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { c: 12.0, features: 2000, least: 5 }
    }
}

/// Why no weights could be fitted.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error("there is nothing to learn from: give articles with and without victims")]
    NoExamples,
    #[error("the weights cannot be fitted")]
    Fit(#[from] linfa::Error),
}

/// An organisation of a labelled article.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its fullest name.
    pub name: String,
    /// As `group=value`, sorted.
    pub features: Vec<String>,
    pub victim: bool,
    /// Nothing where the article does not say.
    pub vendor: Option<bool>,
    pub weight: f32,
}

#[derive(Default)]
struct Names(BTreeSet<String>);

impl Sink for Names {
    fn put(&mut self, group: &'static str, value: &str) {
        self.0.insert(format!("{group}={value}"));
    }
}

/// The organisations of an article with what they are, as examples.
pub fn examples(taxonomy: &Taxonomy, article: &Labelled) -> Vec<Example> {
    let reading = Reading::of(&article.title, &article.text);
    let mentions = taxonomy.mentions(&reading);
    let words = Words::of(&reading);
    let marks = known::marks(taxonomy, &words, &mentions);
    let organisations = organisations::find(&words, &marks);
    let scene = Scene::of(&words, &organisations, &marks);
    (0..organisations.len())
        .map(|at| {
            let mut names = Names::default();
            scene.describe(at, &mut names);
            let mentioned: Vec<&str> =
                organisations[at].mentions.iter().map(|name| name.text(&words)).collect();
            let is_one_of = |gold: &[Vec<String>]| {
                gold.iter()
                    .flatten()
                    .any(|gold| mentioned.iter().any(|name| means_same(name, gold)))
            };
            Example {
                name: organisations[at].fullest.text(&words).to_owned(),
                features: names.0.into_iter().collect(),
                victim: is_one_of(&article.victims),
                vendor: article.vendors.as_deref().map(is_one_of),
                weight: article.weight,
            }
        })
        .collect()
}

/// Whether two names may stand for the same organisation: the words of one are among those of the other.
pub fn means_same(one: &str, other: &str) -> bool {
    let (one, other) = (key_of(one), key_of(other));
    let within = |few: &[String], many: &[String]| {
        !few.is_empty() && few.iter().all(|word| many.contains(word))
    };
    let telling = |key: &[String]| key.iter().any(|word| word.len() >= 2);
    telling(&one) && telling(&other) && (within(&one, &other) || within(&other, &one))
}

/// Fits weights to examples, and writes them as [`Model::read`] reads them.
pub fn fit(examples: &[Example], settings: Settings) -> Result<String, TrainError> {
    let columns = choose(examples, settings);
    let victim = fit_role(examples, &columns, settings, |example| Some(example.victim))?;
    let vendor = fit_role(examples, &columns, settings, |example| example.vendor)?;
    let weights = victim.weights.iter().zip(&vendor.weights);
    let rows = columns
        .iter()
        .zip(weights)
        .map(|(name, (victim, vendor))| ((*name).to_owned(), [*victim, *vendor]));
    Ok(model::write([victim.bias, vendor.bias], rows.collect()))
}

/// Fits and reads a model at once.
pub fn fit_model(examples: &[Example], settings: Settings) -> Result<Model, TrainError> {
    fit(examples, settings).map(|text| Model::read(&text))
}

/// The features that tell most about either role.
fn choose(examples: &[Example], settings: Settings) -> Vec<&str> {
    // Examples with the feature; of these, victims and vendors.
    let mut counts: HashMap<&str, [f64; 3]> = HashMap::new();
    let mut totals = [0.0; 3];
    for example in examples {
        let marks = [1.0, f64::from(example.victim), f64::from(example.vendor == Some(true))];
        for (total, mark) in totals.iter_mut().zip(marks) {
            *total += mark;
        }
        for feature in &example.features {
            let count = counts.entry(feature).or_default();
            for (count, mark) in count.iter_mut().zip(marks) {
                *count += mark;
            }
        }
    }
    let tells = |count: &[f64; 3]| {
        let off = |role: usize| {
            let expected = count[0] * totals[role] / totals[0];
            (count[role] - expected).abs() / expected.max(0.5).sqrt()
        };
        off(1).max(off(2))
    };
    let mut chosen: Vec<(&str, f64)> = counts
        .iter()
        .filter(|(_, count)| count[0] >= settings.least as f64)
        .map(|(name, count)| (*name, tells(count)))
        .collect();
    chosen.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(other.0)));
    chosen.truncate(settings.features);
    chosen.into_iter().map(|(name, _)| name).collect()
}

/// Weights of the columns and the bias for one role; `label` leaves out what is not labelled.
fn fit_role(
    examples: &[Example],
    columns: &[&str],
    settings: Settings,
    label: impl Fn(&Example) -> Option<bool>,
) -> Result<SparseWeights, TrainError> {
    let index: HashMap<&str, u32> = columns.iter().copied().zip(0..).collect();
    let mut rows = Rows::new(vec![1.0; columns.len()]);
    let mut targets = Vec::new();
    for example in examples {
        let Some(target) = label(example) else { continue };
        let features = example.features.iter().filter_map(|name| index.get(name.as_str()).copied());
        rows.push(&features.collect::<Vec<u32>>(), example.weight);
        targets.push(target);
    }
    if targets.iter().all(|target| *target) || !targets.contains(&true) {
        return Err(TrainError::NoExamples);
    }
    let solver = SparseLogistic { c: settings.c, max_sweeps: 200, tolerance: 1e-3, seed: 1 };
    Ok(solver.fit(&DatasetBase::new(rows, Array1::from(targets)))?)
}
