//! The trained model that tells hostile names from others, and actors from malware.

use std::collections::HashMap;

use super::{
    candidates::Candidate,
    features::{Page, Sink, Template, identity},
};

/// Log-odds of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// That it names malware or an actor here.
    pub hostile: f32,
    /// That, if so, it names an actor.
    pub actor: f32,
}

/// Weights by feature. The score is the bias and the sum of the weights over the root of their number, as in training,
/// where every row has length one.
#[derive(Debug, Default)]
pub struct Model {
    bias: Score,
    weights: HashMap<u64, Score>,
}

impl Model {
    /// Reads lines of template, value, and two weights, tabs between; other lines are skipped.
    pub fn parse(text: &str) -> Model {
        let weights = text.lines().filter_map(|line| {
            let mut cells = line.split('\t');
            let template = Template::from_name(cells.next()?)?;
            let value = cells.next()?;
            let (hostile, actor) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
            Some((identity(template, value), Score { hostile, actor }))
        });
        let mut weights: HashMap<u64, Score> = weights.collect();
        let bias = weights.remove(&identity(Template::Bias, "")).unwrap_or_default();
        Model { bias, weights }
    }

    /// Log-odds of a candidate.
    pub fn score(&self, page: &Page<'_>, candidate: &Candidate) -> Score {
        let mut sum = Sum { model: self, score: Score::default(), seen: Vec::with_capacity(48) };
        page.features(candidate, &mut sum);
        let length = (sum.seen.len().max(1) as f32).sqrt();
        Score {
            hostile: self.bias.hostile + sum.score.hostile / length,
            actor: self.bias.actor + sum.score.actor / length,
        }
    }
}

struct Sum<'a> {
    model: &'a Model,
    score: Score,
    /// A feature that is given twice counts once.
    seen: Vec<u64>,
}

impl Sink for Sum<'_> {
    fn feature(&mut self, template: Template, value: &str) {
        let identity = identity(template, value);
        let Some(weight) = self.model.weights.get(&identity) else { return };
        if self.seen.contains(&identity) {
            return;
        }
        self.seen.push(identity);
        self.score.hostile += weight.hostile;
        self.score.actor += weight.actor;
    }
}
