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

/// Weights by feature.
#[derive(Debug, Default)]
pub struct Model {
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
        Model { weights: weights.collect() }
    }

    pub fn score(&self, page: &Page<'_>, candidate: &Candidate) -> Score {
        let mut sum = Sum { model: self, score: Score::default() };
        page.features(candidate, &mut sum);
        sum.score
    }
}

struct Sum<'a> {
    model: &'a Model,
    score: Score,
}

impl Sink for Sum<'_> {
    fn feature(&mut self, template: Template, value: &str) {
        if let Some(weight) = self.model.weights.get(&identity(template, value)) {
            self.score.hostile += weight.hostile;
            self.score.actor += weight.actor;
        }
    }
}
