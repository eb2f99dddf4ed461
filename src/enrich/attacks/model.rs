//! The trained model: a table of features with a weight for each attack, and how scores become tags.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    Scores,
    features::{COLUMNS, Features, Form, VERSION},
    judge::{Judge, MAIN_COLUMNS, main_columns},
    place,
};
use crate::domain::Attack;

const ATTACKS: usize = Attack::ALL.len();
/// First bytes of a model file.
const MAGIC: &[u8; 4] = b"SWA1";

/// Why a model file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("no attack model: the first bytes are wrong")]
    Magic,
    #[error("the attack model is damaged: its digest does not match")]
    Digest,
    #[error("the attack model was made for other features: version {0}")]
    Version(u32),
    #[error("the attack model cannot be read")]
    Format(#[from] postcard::Error),
}

/// Turns features into probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    version: u32,
    pub(super) heads: Vec<Head>,
    /// Hashes of the features, sorted.
    pub(super) hashes: Vec<u32>,
    /// How much each feature counts towards an article's length, in steps of `idf_step`.
    pub(super) idf: Vec<u8>,
    pub(super) idf_step: f32,
    /// A row of `columns` weights for each feature, in steps of their heads.
    pub(super) weights: Vec<i8>,
    pub(super) columns: usize,
    /// Chooses the main attack.
    pub(super) main: Judge,
    /// Where features stand in the table.
    #[serde(skip)]
    places: HashMap<u32, u32, std::hash::BuildHasherDefault<Unhashed>>,
}

/// How the score of one attack comes about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Column of its weights; `None` where too few articles are labelled to learn from words.
    pub column: Option<u8>,
    pub step: f32,
    pub bias: f32,
    /// How articles are judged, and how summaries.
    pub judges: [Judge; 2],
    /// The tag is given from this probability on, to articles and to summaries.
    pub thresholds: [f32; 2],
}

impl Head {
    pub(super) fn by_cues() -> Head {
        Head {
            column: None,
            step: 0.0,
            bias: 0.0,
            judges: [Judge::by_cues(), Judge::by_cues()],
            thresholds: [0.5; 2],
        }
    }
}

impl Default for Model {
    /// Cues alone, for all attacks.
    fn default() -> Model {
        Model {
            version: VERSION,
            heads: vec![Head::by_cues(); ATTACKS],
            hashes: Vec::new(),
            idf: Vec::new(),
            idf_step: 0.0,
            weights: Vec::new(),
            columns: 0,
            main: Judge { weights: main_by_cues(), bias: 0.0 },
            places: HashMap::default(),
        }
    }
}

/// The surest attack, and the one the title names.
fn main_by_cues() -> Vec<f32> {
    let mut weights = vec![0.0; MAIN_COLUMNS];
    weights[..4].fill(1.0);
    weights
}

impl Model {
    /// Reads a model file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::Magic)?;
        let (digest, body) = rest.split_at_checked(32).ok_or(ModelError::Digest)?;
        if blake3::hash(body).as_bytes() != digest {
            return Err(ModelError::Digest);
        }
        let mut model: Model = postcard::from_bytes(body)?;
        let sizes = model.hashes.len() == model.idf.len()
            && model.weights.len() == model.hashes.len() * model.columns
            && model.heads.len() == ATTACKS
            && model.main.weights.len() == MAIN_COLUMNS
            && model
                .heads
                .iter()
                .all(|head| head.judges.iter().all(|j| j.weights.len() == COLUMNS))
            && model.heads.iter().filter_map(|h| h.column).all(|c| usize::from(c) < model.columns);
        if model.version != VERSION || !sizes {
            return Err(ModelError::Version(model.version));
        }
        model.find_places();
        Ok(model)
    }

    /// The bytes of a model file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = postcard::to_stdvec(self).expect("plain numbers can be written");
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(blake3::hash(&body).as_bytes());
        bytes.extend(body);
        bytes
    }

    pub(super) fn find_places(&mut self) {
        self.places = self.hashes.iter().zip(0..).map(|(hash, at)| (*hash, at)).collect();
    }

    /// Probability of each attack.
    pub(super) fn scores(&self, features: &Features) -> Scores {
        let sums = self.sums(features);
        std::array::from_fn(|attack| {
            let head = &self.heads[attack];
            let sum =
                head.column.map_or(0.0, |column| sums[usize::from(column)] * head.step + head.bias);
            self.score(features, attack, sum)
        })
    }

    /// Probability of one attack, where words sum up to `sum`.
    pub(super) fn score(&self, features: &Features, attack: usize, sum: f32) -> f32 {
        let judge = &self.heads[attack].judges[features.form as usize];
        logistic(judge.log_odds(&features.columns(attack, sum)))
    }

    /// Weighted sums of an article's features, of length one, in steps.
    fn sums(&self, features: &Features) -> Vec<f32> {
        let mut sums = vec![0i32; self.columns];
        let mut square = 0.0;
        for hash in &features.hashes {
            let Some(at) = self.places.get(hash).map(|at| *at as usize) else { continue };
            square += (f32::from(self.idf[at]) * self.idf_step).powi(2);
            let row = &self.weights[at * self.columns..(at + 1) * self.columns];
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += i32::from(*weight);
            }
        }
        let length = if square > 0.0 { square.sqrt() } else { 1.0 };
        sums.into_iter().map(|sum| sum as f32 / length).collect()
    }

    /// Weight of one feature for an attack, as if it stood alone among a hundred.
    pub(super) fn weight(&self, hash: u32, attack: Attack) -> f32 {
        let head = &self.heads[place(attack)];
        match (head.column, self.places.get(&hash)) {
            (Some(column), Some(at)) => {
                let weight = self.weights[*at as usize * self.columns + usize::from(column)];
                f32::from(weight) * head.step / 10.0
            }
            _ => 0.0,
        }
    }

    /// The attack that an article is about, among its tags.
    pub(super) fn main(&self, features: &Features, scores: &Scores) -> Option<Attack> {
        let tags =
            Attack::ALL.into_iter().filter(|attack| self.is_tag(*attack, features.form, scores));
        let odds = scores.map(log_odds);
        let weight = |attack: &Attack| self.main_weight(features, &odds, place(*attack));
        tags.max_by(|a, b| weight(a).total_cmp(&weight(b)))
    }

    /// Whether an attack's probability makes it a tag.
    pub(super) fn is_tag(&self, attack: Attack, form: Form, scores: &Scores) -> bool {
        scores[place(attack)] >= self.heads[place(attack)].thresholds[form as usize]
    }

    fn main_weight(&self, features: &Features, log_odds: &Scores, attack: usize) -> f32 {
        self.main.log_odds(&main_columns(features, attack, log_odds))
    }
}

pub(super) fn logistic(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

pub(super) fn log_odds(probability: f32) -> f32 {
    let probability = probability.clamp(1e-4, 1.0 - 1e-4);
    (probability / (1.0 - probability)).ln()
}

/// The keys are hashes already.
#[derive(Debug, Clone, Default)]
struct Unhashed(u64);

impl std::hash::Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u32(&mut self, hash: u32) {
        // The upper bits choose the tag within a bucket of the table.
        self.0 = u64::from(hash) << 32 | u64::from(hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_written_and_read_and_damage_is_seen() {
        let model = Model::default();
        let mut bytes = model.to_bytes();
        assert_eq!(Model::from_bytes(&bytes).expect("the same"), model);
        *bytes.last_mut().expect("a body") ^= 1;
        assert!(matches!(Model::from_bytes(&bytes), Err(ModelError::Digest)));
        assert!(matches!(Model::from_bytes(b"zip"), Err(ModelError::Magic)));
    }

    #[test]
    fn a_model_with_rows_missing_is_refused() {
        let model = Model { columns: 3, hashes: vec![1], idf: vec![1], ..Model::default() };
        assert!(matches!(Model::from_bytes(&model.to_bytes()), Err(ModelError::Version(_))));
    }
}
