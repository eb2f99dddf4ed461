//! Training of the model behind names: logistic regression over what is seen of labelled candidates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use linfa::{DatasetBase, traits::Fit};
use ndarray::Array1;

use super::{
    candidates::{self, Candidate},
    corpus::{Labelled, Role},
    features::{Page, Sink, Template},
};
use crate::{
    enrich::Taxonomy,
    learn::sparse::{Rows, SparseLogistic, SparseWeights},
};

/// A feature that stands in fewer groups says more about them than about names.
const MIN_GROUPS: usize = 4;
/// Inverse strength of the regularisation, by grouped cross-validation.
const C: f32 = 12.0;
const SEED: u64 = 1;

/// Training that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error("no labelled names to learn from")]
    Empty,
    #[error("the regression failed: {0}")]
    Regression(#[from] linfa::Error),
}

/// A labelled text and how much it counts.
pub struct Example<'a> {
    pub labelled: &'a Labelled,
    pub weight: f32,
}

type Feature = (Template, String);

/// A candidate with its label.
struct Row {
    group: usize,
    weight: f32,
    features: Vec<Feature>,
    hostile: bool,
    /// For hostile ones that are not both.
    actor: Option<bool>,
}

#[derive(Default)]
struct Collect(Vec<Feature>);

impl Sink for Collect {
    fn feature(&mut self, template: Template, value: &str) {
        self.0.push((template, value.to_owned()));
    }
}

/// Trains a model and returns its lines, as [`super::Model::parse`] reads them.
pub fn train(taxonomy: &Taxonomy, examples: &[Example<'_>]) -> Result<String, TrainError> {
    let rows = rows(taxonomy, examples);
    if !rows.iter().any(|row| row.hostile) {
        return Err(TrainError::Empty);
    }
    let columns = columns(&rows);
    let hostile = fit(rows.iter().map(|row| (row, row.hostile)), &columns)?;
    let actor = fit(rows.iter().filter_map(|row| Some((row, row.actor?))), &columns)?;
    let mut lines =
        format!("{}\t\t{:.4}\t{:.4}\n", Template::Bias.as_str(), hostile.bias, actor.bias);
    for ((template, value), column) in &columns {
        let (hostile, actor) = (hostile.weights[*column as usize], actor.weights[*column as usize]);
        lines += &format!("{}\t{value}\t{hostile:.4}\t{actor:.4}\n", template.as_str());
    }
    Ok(lines)
}

fn rows(taxonomy: &Taxonomy, examples: &[Example<'_>]) -> Vec<Row> {
    let mut groups = HashMap::new();
    let mut rows = Vec::new();
    for Example { labelled, weight } in examples {
        let count = groups.len();
        let group = *groups.entry(&labelled.group).or_insert(count);
        let mentions = taxonomy.mentions(&labelled.reading);
        let candidates = candidates::find(taxonomy, &labelled.reading, &mentions);
        let page = Page::of(taxonomy, &labelled.reading, &mentions, &candidates);
        let row = |candidate| row(&page, labelled, candidate, group, *weight);
        rows.extend(candidates.iter().map(row));
    }
    rows
}

fn row(
    page: &Page<'_>,
    labelled: &Labelled,
    candidate: &Candidate,
    group: usize,
    weight: f32,
) -> Row {
    let mut features = Collect::default();
    page.features(candidate, &mut features);
    let span = candidate.span;
    let label =
        labelled.names.iter().find(|(name, _)| name.start < span.end && span.start < name.end);
    let actor = match label {
        Some((_, Role::Actor)) => Some(true),
        Some((_, Role::Malware)) => Some(false),
        Some((_, Role::Brand)) | None => None,
    };
    Row { group, weight, features: features.0, hostile: label.is_some(), actor }
}

/// The features that are not peculiar to a few groups, numbered.
fn columns(rows: &[Row]) -> BTreeMap<Feature, u32> {
    let mut seen: HashMap<&Feature, BTreeSet<usize>> = HashMap::new();
    for row in rows {
        for feature in &row.features {
            let groups = seen.entry(feature).or_default();
            if groups.len() < MIN_GROUPS {
                groups.insert(row.group);
            }
        }
    }
    let common = seen.into_iter().filter(|(_, groups)| groups.len() >= MIN_GROUPS);
    let names: BTreeSet<Feature> = common.map(|(feature, _)| feature.clone()).collect();
    names.into_iter().zip(0..).collect()
}

fn fit<'a>(
    rows: impl Iterator<Item = (&'a Row, bool)>,
    columns: &BTreeMap<Feature, u32>,
) -> Result<SparseWeights, linfa::Error> {
    let mut records = Rows::new(vec![1.0; columns.len()]);
    let mut targets = Vec::new();
    for (row, positive) in rows {
        let features = row.features.iter().filter_map(|feature| columns.get(feature).copied());
        let features: BTreeSet<u32> = features.collect();
        records.push(&features.into_iter().collect::<Vec<u32>>(), row.weight);
        targets.push(positive);
    }
    let solver = SparseLogistic { c: C, max_sweeps: 60, tolerance: 1e-2, seed: SEED };
    solver.fit(&DatasetBase::new(records, Array1::from(targets)))
}
