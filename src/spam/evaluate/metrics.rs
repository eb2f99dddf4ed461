//! Figures from scored comments.

use crate::spam::{
    model::{Model, Thresholds, Wording},
    train::Example,
};

/// A comment, its label and what a model said.
#[derive(Debug, Clone)]
pub struct Scored {
    pub id: String,
    pub source: String,
    pub lang: String,
    pub spam: bool,
    pub text_logit: f32,
    pub logit: f32,
    pub probability: f32,
    pub thresholds: Thresholds,
}

impl Scored {
    /// An example with what was computed for it.
    pub fn of(model: &Model, example: &Example, wording: &Wording, logit: f32) -> Scored {
        Scored {
            id: example.id.clone(),
            source: example.source.clone(),
            lang: example.lang.clone(),
            spam: example.spam,
            text_logit: wording.logit,
            logit,
            probability: model.probability(logit),
            thresholds: model.header.thresholds,
        }
    }
}

/// Chance that a spam scores above a genuine comment; ties count half. `None` without both.
pub fn auc(scored: &[&Scored]) -> Option<f64> {
    let mut order: Vec<(f32, bool)> = scored.iter().map(|s| (s.probability, s.spam)).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ham_below, mut wins, mut at) = (0.0, 0.0, 0);
    while at < order.len() {
        let end = at + order[at..].iter().take_while(|o| o.0 == order[at].0).count();
        let spam = order[at..end].iter().filter(|o| o.1).count() as f64;
        let ham = (end - at) as f64 - spam;
        wins += spam * (ham_below + ham / 2.0);
        ham_below += ham;
        at = end;
    }
    let spam = order.iter().filter(|o| o.1).count() as f64;
    (spam > 0.0 && ham_below > 0.0).then(|| wins / (spam * ham_below))
}

/// The lowest score above which at most the share `rate` of the genuine comments lies.
pub fn threshold_at(scored: &[&Scored], rate: f64) -> f32 {
    let mut ham: Vec<f32> = scored.iter().filter(|s| !s.spam).map(|s| s.probability).collect();
    ham.sort_unstable_by(|a, b| b.total_cmp(a));
    let allowed = (ham.len() as f64 * rate).floor() as usize;
    ham.get(allowed).copied().unwrap_or(0.0)
}

/// Share of the spam above the threshold at which `rate` of the genuine comments are lost.
pub fn recall_at(scored: &[&Scored], rate: f64) -> f64 {
    let threshold = threshold_at(scored, rate);
    let spam = scored.iter().filter(|s| s.spam).count();
    let found = scored.iter().filter(|s| s.spam && s.probability > threshold).count();
    found as f64 / spam.max(1) as f64
}

/// Mean gap between probability and share of spam over ten equal bins, weighted by size.
pub fn expected_calibration_error(scored: &[&Scored]) -> f64 {
    let mut bins = [(0.0, 0.0, 0.0); 10];
    for s in scored {
        let bin = &mut bins[((s.probability * 10.0) as usize).min(9)];
        bin.0 += f64::from(s.probability);
        bin.1 += f64::from(u8::from(s.spam));
        bin.2 += 1.0;
    }
    bins.iter().map(|(p, share, _)| (p - share).abs()).sum::<f64>() / scored.len().max(1) as f64
}
