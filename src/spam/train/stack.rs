//! The final stage: linfa's logistic regression over the text logit and the named values, then Platt's calibration.

use linfa::{
    Dataset, ParamGuard,
    composing::platt_scaling::{Platt, platt_newton_method},
    traits::Fit,
};
use linfa_logistic::{FittedLogisticRegression, LogisticRegression};
use ndarray::{Array1, Array2, ShapeBuilder};

use super::TrainError;
use crate::spam::{
    model::{WORDING, Wording, wording_columns},
    signals::{self, Values},
};

/// A row of the final stage.
pub(super) struct StackRow<'a> {
    pub wording: Wording,
    pub values: &'a Values,
    pub spam: bool,
}

/// Weights of the final stage, on values as they are measured.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    pub text_weights: [f32; WORDING],
    pub weights: Vec<f32>,
    pub bias: f32,
}

impl Stack {
    pub(super) fn logit(&self, row: &StackRow) -> f32 {
        let signals: f32 = self.weights.iter().zip(row.values).map(|(w, v)| w * v).sum();
        let wording = wording_columns(&row.wording, row.values);
        let text: f32 = self.text_weights.iter().zip(wording).map(|(w, v)| w * v).sum();
        text + signals + self.bias
    }
}

/// The wording's columns, the values and a constant.
const COLUMNS: usize = WORDING + signals::COUNT + 1;
/// Columns are made small so that the first gradient, a sum over all rows, is no giant step. The solution stays
/// the same, as the regularisation shrinks with them.
const SHRINK: f64 = 0.01;

/// Fits the final stage. `alpha` is the strength of its regularisation.
pub(super) fn fit(rows: &[StackRow], alpha: f32) -> Result<Stack, TrainError> {
    let scales = column_scales(rows);
    // Column-major: linfa's gradient walks columns.
    let mut records = Array2::<f64>::zeros((rows.len(), COLUMNS).f());
    for (at, row) in rows.iter().enumerate() {
        for (column, (value, scale)) in columns(row).zip(&scales).enumerate() {
            records[[at, column]] = value * scale;
        }
    }
    let targets: Array1<bool> = rows.iter().map(|r| r.spam).collect();
    let model = LogisticRegression::default()
        .alpha(f64::from(alpha) * SHRINK * SHRINK)
        .with_intercept(false)
        .max_iterations(200)
        .gradient_tolerance(1e-2)
        .fit(&Dataset::new(records, targets))
        .map_err(|e| TrainError::Linfa(e.to_string()))?;
    Ok(unscale(&model, &scales))
}

fn columns(row: &StackRow) -> impl Iterator<Item = f64> {
    let wording = wording_columns(&row.wording, row.values).into_iter();
    wording.chain(row.values.iter().copied()).chain([1.0]).map(f64::from)
}

/// One over the root mean square of each column, shrunk; zero for a column that is never set.
fn column_scales(rows: &[StackRow]) -> Vec<f64> {
    const LARGEST: f64 = 20.0;
    let mut squares = vec![0.0; COLUMNS];
    for row in rows {
        for (square, value) in squares.iter_mut().zip(columns(row)) {
            *square += value * value;
        }
    }
    let scale = |square: f64| (rows.len() as f64 / square).sqrt().min(LARGEST) * SHRINK;
    squares.into_iter().map(|square| if square == 0.0 { 0.0 } else { scale(square) }).collect()
}

/// linfa 0.8.1 calls the larger class positive; here positive always means spam.
fn unscale(model: &FittedLogisticRegression<f64, bool>, scales: &[f64]) -> Stack {
    let sign = if model.labels().pos.class { 1.0 } else { -1.0 };
    let weights: Vec<f32> =
        model.params().iter().zip(scales).map(|(w, s)| (w * s * sign) as f32).collect();
    Stack {
        text_weights: std::array::from_fn(|at| weights[at]),
        weights: weights[WORDING..COLUMNS - 1].to_vec(),
        bias: weights[COLUMNS - 1],
    }
}

/// Platt's two numbers for logits of comments that were not trained on. In `f64`: linfa's line search needs the
/// precision.
pub(super) fn calibrate(logits: &[f32], spam: Vec<bool>) -> Result<[f32; 2], TrainError> {
    let params =
        Platt::<f64, ()>::params().check().map_err(|e| TrainError::Linfa(e.to_string()))?;
    let logits: Array1<f64> = logits.iter().map(|l| f64::from(*l)).collect();
    let (a, b) = platt_newton_method(logits.view(), Array1::from(spam).view(), &params)
        .map_err(|e| TrainError::Linfa(e.to_string()))?;
    Ok([a as f32, b as f32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spam::ngrams::PARTS;

    /// Holds whichever class is larger, and whatever linfa calls positive.
    #[test]
    fn positive_means_spam() {
        for every in [3, 1] {
            let mut values = [0.0; signals::COUNT];
            values[0] = 1.0;
            let none = [0.0; signals::COUNT];
            let rows: Vec<StackRow> = (0..120)
                .map(|n| n % 4 < every)
                .map(|spam| StackRow {
                    wording: Wording { parts: [0.0; PARTS], logit: if spam { 2.0 } else { -2.0 } },
                    values: if spam { &values } else { &none },
                    spam,
                })
                .collect();
            let stack = fit(&rows, 0.1).unwrap();
            assert!(
                stack.text_weights[0] + stack.text_weights[1] > 0.0 && stack.weights[0] > 0.0,
                "{every} in 4 are spam"
            );
        }
    }

    #[test]
    fn calibration_turns_logits_into_shares() {
        let logits: Vec<f32> = (0..400).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let spam: Vec<bool> = (0..400).map(|n| (n % 2 == 0) != (n % 10 < 2)).collect();
        let [a, b] = calibrate(&logits, spam).unwrap();
        let p = 1.0 / (1.0 + (a + b).exp());
        assert!((p - 0.8).abs() < 0.05, "{p}");
    }
}
