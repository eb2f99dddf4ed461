//! Training of the model behind names: linfa's logistic regression over chosen features.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use linfa::{DatasetBase, traits::Fit};
use linfa_logistic::LogisticRegression;
use ndarray::{Array2, ShapeBuilder};

use super::{
    candidates::{self, Candidate},
    corpus::{Labelled, Role},
    features::{Page, Sink, Template},
};
use crate::enrich::Taxonomy;

/// A feature that stands in fewer groups says more about them than about names.
const MIN_GROUPS: usize = 4;
/// Features kept, by chi-squared. More fit better and carry over worse.
const MAX_FEATURES: usize = 1_500;
/// L2 penalty.
const ALPHA: f64 = 2.0;
const MAX_ITERATIONS: u64 = 200;

/// Training that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error("no labelled names to learn from")]
    Empty,
    #[error("the regression did not converge")]
    Regression(#[from] linfa_logistic::error::Error),
}

/// A labelled text and how often it counts.
pub struct Example<'a> {
    pub labelled: &'a Labelled,
    pub repeat: usize,
}

type Feature = (Template, String);

/// A candidate with its label.
struct Row {
    group: usize,
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

/// Trains a model and returns its lines, as [`super::model::Model::parse`] reads them.
pub fn train(taxonomy: &Taxonomy, examples: &[Example<'_>]) -> Result<String, TrainError> {
    let rows = rows(taxonomy, examples);
    if !rows.iter().any(|row| row.hostile) {
        return Err(TrainError::Empty);
    }
    let chosen = chosen(&rows);
    let all: Vec<(&Row, bool)> = rows.iter().map(|row| (row, row.hostile)).collect();
    let told: Vec<(&Row, bool)> = rows.iter().filter_map(|row| Some((row, row.actor?))).collect();
    let hostile = weights(&all, &chosen)?;
    let actor = weights(&told, &chosen)?;
    let mut lines = String::new();
    for ((template, value), column) in &chosen {
        let name = template.as_str();
        lines += &format!("{name}\t{value}\t{:.4}\t{:.4}\n", hostile[*column], actor[*column]);
    }
    Ok(lines)
}

fn rows(taxonomy: &Taxonomy, examples: &[Example<'_>]) -> Vec<Row> {
    let mut groups = HashMap::new();
    let mut rows = Vec::new();
    for example in examples {
        let count = groups.len();
        let group = *groups.entry(&example.labelled.group).or_insert(count);
        let labelled = example.labelled;
        let mentions = taxonomy.mentions(&labelled.reading);
        let candidates = candidates::find(taxonomy, &labelled.reading, &mentions);
        let page = Page::of(taxonomy, &labelled.reading, &mentions, &candidates);
        for candidate in &candidates {
            for _ in 0..example.repeat {
                rows.push(row(&page, labelled, candidate, group));
            }
        }
    }
    rows
}

fn row(page: &Page<'_>, labelled: &Labelled, candidate: &Candidate, group: usize) -> Row {
    let mut features = Collect::default();
    page.features(candidate, &mut features);
    let span = candidate.span;
    let label = labelled.names.iter().find(|(name, _)| name.start < span.end && span.start < name.end);
    let actor = match label {
        Some((_, Role::Actor)) => Some(true),
        Some((_, Role::Malware)) => Some(false),
        Some((_, Role::Brand)) | None => None,
    };
    Row { group, features: features.0, hostile: label.is_some(), actor }
}

/// The features that tell most, with their columns.
fn chosen(rows: &[Row]) -> BTreeMap<Feature, usize> {
    let mut counts: HashMap<&Feature, ([f64; 2], BTreeSet<usize>)> = HashMap::new();
    for row in rows {
        for feature in &row.features {
            let (count, groups) = counts.entry(feature).or_default();
            count[usize::from(row.hostile)] += 1.0;
            if groups.len() < MIN_GROUPS {
                groups.insert(row.group);
            }
        }
    }
    let share = rows.iter().filter(|row| row.hostile).count() as f64 / rows.len() as f64;
    let mut features: Vec<(f64, &Feature)> = counts
        .into_iter()
        .filter(|(_, (_, groups))| groups.len() >= MIN_GROUPS)
        .map(|(feature, (count, _))| (chi_squared(count, share), feature))
        .collect();
    features.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    features.truncate(MAX_FEATURES);
    let names: BTreeSet<Feature> = features.into_iter().map(|(_, feature)| feature.clone()).collect();
    names.into_iter().zip(0..).collect()
}

/// How far `count` (of rows not hostile, hostile) is from what a share of hostile rows would give.
fn chi_squared(count: [f64; 2], share: f64) -> f64 {
    let all = count[0] + count[1];
    let expected = [all * (1.0 - share), all * share];
    (0..2).map(|side| (count[side] - expected[side]).powi(2) / expected[side].max(1e-9)).sum()
}

/// Weights by column. The bias is a feature of every row, so the regression needs no intercept of its own.
fn weights(rows: &[(&Row, bool)], columns: &BTreeMap<Feature, usize>) -> Result<Vec<f64>, TrainError> {
    // Column-major: linfa's gradient walks columns. In `f64`: its line search needs the precision.
    let mut records = Array2::<f64>::zeros((rows.len(), columns.len()).f());
    for (at, (row, _)) in rows.iter().enumerate() {
        for feature in &row.features {
            if let Some(column) = columns.get(feature) {
                records[[at, *column]] = 1.0;
            }
        }
    }
    let targets = rows.iter().map(|(_, positive)| *positive).collect();
    let dataset = DatasetBase::new(records, ndarray::Array1::from_vec(targets));
    let fitted = LogisticRegression::default()
        .alpha(ALPHA)
        .max_iterations(MAX_ITERATIONS)
        .with_intercept(false)
        .fit(&dataset)?;
    // linfa calls the larger class positive.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    Ok(fitted.params().iter().map(|weight| sign * weight).collect())
}
