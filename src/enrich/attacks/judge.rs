//! Weighs what words, cues and names say: one judge for each attack, and one that chooses the main attack.

use serde::{Deserialize, Serialize};

use super::{
    Scores,
    features::{COLUMNS, Features, Form},
};
use crate::domain::Attack;

/// Decides one question from a few columns: log-odds are their weighted sum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Judge {
    pub weights: Vec<f32>,
    pub bias: f32,
}

impl Judge {
    /// Judges an attack by its cues alone: two that nearly settle it, or one in the title, make a tag.
    pub(super) fn by_cues() -> Judge {
        let mut weights = vec![0.0; COLUMNS];
        (weights[0], weights[1], weights[2]) = (4.0, 2.0, 1.0);
        Judge { weights, bias: -6.0 }
    }

    pub(super) fn log_odds(&self, columns: &[f32]) -> f32 {
        self.bias + self.weights.iter().zip(columns).map(|(w, c)| w * c).sum::<f32>()
    }
}

/// Columns about the attack itself.
const OWN: usize = 6;
/// Columns of the judge of the main attack: see [`main_columns`].
pub(super) const MAIN_COLUMNS: usize = OWN + 2 * Attack::ALL.len();

/// What speaks for an attack as the main one, given the log-odds of all as tags: how sure it is and how much surer
/// than others, its cues, and a bonus of its own, once for all texts and once for summaries without a headline.
pub(super) fn main_columns(
    features: &Features,
    attack: usize,
    log_odds: &Scores,
) -> [f32; MAIN_COLUMNS] {
    let largest = log_odds.iter().copied().fold(f32::MIN, f32::max);
    let own = features.columns(attack, 0.0);
    let mut columns = [0.0; MAIN_COLUMNS];
    columns[..OWN].copy_from_slice(&[
        log_odds[attack].clamp(-4.0, 4.0) / 4.0,
        (log_odds[attack] - largest).max(-4.0) / 4.0,
        own[0],
        own[1],
        own[2],
        own[3],
    ]);
    columns[OWN + attack] = 1.0;
    if features.form == Form::Summary {
        columns[OWN + Attack::ALL.len() + attack] = 1.0;
    }
    columns
}
