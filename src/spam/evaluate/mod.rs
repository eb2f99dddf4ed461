//! Measuring a model: figures from scored comments, grouped cross-validation, leave-one-source-out.

mod metrics;
mod report;

pub use metrics::{Scored, auc, expected_calibration_error, recall_at, threshold_at};
pub use report::{Figures, Report};

use super::{
    model::Model,
    train::{self, Example, Settings, TrainError, fold_of},
};

/// Scores comments with a model.
pub fn score<'a>(model: &Model, examples: impl Iterator<Item = &'a Example>) -> Vec<Scored> {
    examples
        .map(|e| {
            let wording = model.wording(&e.features);
            let logit = model.logit(&wording, &e.values);
            Scored::of(model, e, &wording, logit)
        })
        .collect()
}

/// Scores every comment with a model that saw no comment of its group. Made comments are trained on only.
pub fn cross_validate(
    examples: &[Example],
    settings: &Settings,
    folds: usize,
) -> Result<Vec<Scored>, TrainError> {
    // Outer folds are drawn apart from the inner ones.
    let outer = |e: &Example| fold_of(e.group.rotate_left(17) ^ 0xA5A5, folds);
    let mut all = Vec::new();
    for fold in 0..folds {
        let training: Vec<&Example> = examples.iter().filter(|e| outer(e) != fold).collect();
        let model = train::fit(&training, settings, "")?.model;
        all.extend(score(&model, examples.iter().filter(|e| !e.made && outer(e) == fold)));
    }
    Ok(all)
}

/// Scores the comments of `source` with a model that saw none of them.
pub fn leave_out(
    examples: &[Example],
    settings: &Settings,
    source: &str,
) -> Result<Vec<Scored>, TrainError> {
    let training: Vec<&Example> = examples.iter().filter(|e| e.source != source).collect();
    let model = train::fit(&training, settings, "")?.model;
    Ok(score(&model, examples.iter().filter(|e| !e.made && e.source == source)))
}
