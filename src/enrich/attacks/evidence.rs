//! The sentences that show an attack.

use super::{features::Features, model::Model, place};
use crate::{
    domain::{Attack, Span},
    enrich::Reading,
};

/// Sentences shown of one attack.
const MOST: usize = 3;
/// A sentence that says less than this part of the best one is not shown.
const SHARE: f32 = 0.4;
/// What a cue counts beside the model's weights.
const CUE: f32 = 1.0;

/// The sentences that speak loudest for an attack, strongest first; at least one where there is any text.
pub(super) fn sentences(
    reading: &Reading,
    features: &Features,
    model: &Model,
    attack: Attack,
) -> Vec<Span> {
    let mut loudness = vec![0.0; reading.sentences.len()];
    for hit in features.hits.iter().filter(|hit| hit.attack == place(attack)) {
        loudness[hit.sentence] += CUE * hit.weight;
    }
    for (hash, sentence) in &features.words {
        loudness[*sentence] += model.weight(*hash, attack).max(0.0);
    }
    let mut order: Vec<usize> = (0..loudness.len()).collect();
    order.sort_by(|a, b| loudness[*b].total_cmp(&loudness[*a]).then(a.cmp(b)));
    let best = order.first().map_or(0.0, |at| loudness[*at]);
    let shown = order.into_iter().filter(|at| loudness[*at] >= SHARE * best).take(MOST);
    shown.map(|at| reading.sentences[at].span).collect()
}
