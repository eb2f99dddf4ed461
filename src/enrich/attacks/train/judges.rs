//! Fits the judges with linfa's logistic regression, on what models said of articles they had not seen.

use linfa::{Dataset, traits::Fit};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ShapeBuilder};

use super::{Example, TrainError, place};
use crate::{
    domain::Attack,
    enrich::attacks::{
        Scores,
        features::{COLUMNS, Form},
        judge::{Judge, MAIN_COLUMNS, main_columns},
        model::{Model, log_odds},
    },
};

/// Strength of the pull of all weights towards zero.
const PENALTY: f64 = 3.0;

/// One judge for `attacks` in texts of one form, each example once for each. `sums` are what words say of each example.
pub(super) fn of_attacks(
    examples: &[&Example],
    form: Form,
    attacks: &[usize],
    sums: &[Scores],
) -> Result<Judge, TrainError> {
    let mut rows = Rows::new(COLUMNS);
    for (example, sums) in examples.iter().zip(sums).filter(|(e, _)| e.features.form == form) {
        for attack in attacks {
            let Some(label) = example.labels[*attack] else { continue };
            let columns = example.features.columns(*attack, sums[*attack]);
            rows.push(&columns, label, example.corpus.copies());
        }
    }
    rows.fit()
}

/// The judge of the main attack, on the tags of examples whose main attack is known.
pub(super) fn of_main(
    examples: &[&Example],
    model: &Model,
    scores: &[Scores],
) -> Result<Judge, TrainError> {
    let mut rows = Rows::new(MAIN_COLUMNS);
    for (example, scores) in examples.iter().zip(scores).filter(|(e, _)| !e.main.is_empty()) {
        let tags: Vec<Attack> = Attack::ALL
            .into_iter()
            .filter(|attack| model.is_tag(*attack, example.features.form, scores))
            .collect();
        // Where several would be right, the surest is the one to choose.
        let right = tags
            .iter()
            .filter(|tag| example.main.contains(tag))
            .max_by(|a, b| scores[place(**a)].total_cmp(&scores[place(**b)]))
            .copied();
        for tag in tags {
            if example.main.contains(&tag) && Some(tag) != right {
                continue;
            }
            let columns = main_columns(&example.features, place(tag), &scores.map(log_odds));
            rows.push(&columns, Some(tag) == right, example.corpus.copies());
        }
    }
    rows.fit()
}

/// Rows for linfa.
struct Rows {
    columns: usize,
    values: Vec<f32>,
    labels: Vec<bool>,
}

impl Rows {
    fn new(columns: usize) -> Rows {
        Rows { columns, values: Vec::new(), labels: Vec::new() }
    }

    fn push(&mut self, values: &[f32], label: bool, copies: usize) {
        for _ in 0..copies {
            self.values.extend_from_slice(values);
            self.labels.push(label);
        }
    }

    fn fit(self) -> Result<Judge, TrainError> {
        let (count, columns) = (self.labels.len(), self.columns);
        // Column-major: linfa's gradient walks columns.
        let mut records = Array2::<f64>::zeros((count, columns).f());
        for (row, values) in self.values.chunks_exact(columns).enumerate() {
            for (column, value) in values.iter().enumerate() {
                records[[row, column]] = f64::from(*value);
            }
        }
        let fitted = LogisticRegression::default()
            .alpha(PENALTY)
            .max_iterations(200)
            .gradient_tolerance(1e-2)
            .fit(&Dataset::new(records, Array1::from(self.labels)))
            .map_err(|error| TrainError::Linfa(error.to_string()))?;
        // linfa 0.8.1 calls the larger class positive; here positive means yes.
        let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
        let weights = fitted.params().iter().map(|weight| (sign * weight) as f32).collect();
        Ok(Judge { weights, bias: (sign * fitted.intercept()) as f32 })
    }
}
