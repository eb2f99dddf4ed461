//! What the decisions on one site teach, beyond the texts themselves: a small online learner that corrects
//! the shared model for that site alone. It starts at zero, so that a site without decisions is judged by the
//! shared model, and what it may add is bounded.

use linfa::{DatasetBase, ParamGuard as _, dataset::Pr};
use linfa_ftrl::Ftrl;
use ndarray::{Array1, Array2};
use xxhash_rust::xxh3::xxh3_64;

use crate::spam::signals::{COUNT, Values};

/// Columns of hashed words, after those of the named signals.
const WORDS: usize = 512;
const COLUMNS: usize = COUNT + WORDS;
/// Words of a text that are looked at.
const MAX_WORDS: usize = 300;
/// Learning rate and decay of linfa's follow-the-regularised-leader.
const ALPHA: f32 = 0.4;
const BETA: f32 = 1.0;
const L2: f32 = 0.5;
/// The same text teaches this often, and no more.
const REPEATS: u32 = 3;
/// Log-odds the learner may add however one-sided the decisions are, and once both sides have been heard.
const ONE_SIDED: f32 = 1.2;
const BOTH_SIDES: f32 = 4.0;
/// Decisions of the other side after which it counts as heard.
const HEARD: f32 = 10.0;

/// The columns of a comment that are not zero.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row(Vec<(u16, f32)>);

impl Row {
    /// `text` is normalised.
    pub fn of(values: &Values, text: &str) -> Self {
        let mut columns: Vec<(u16, f32)> = values
            .iter()
            .enumerate()
            .filter(|(_, value)| **value != 0.0)
            .map(|(at, value)| (at as u16, value.clamp(-3.0, 3.0)))
            .collect();
        let mut words: Vec<u16> = text
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| word.len() > 2)
            .take(MAX_WORDS)
            .map(|word| (COUNT + (xxh3_64(word.as_bytes()) as usize % WORDS)) as u16)
            .collect();
        words.sort_unstable();
        words.dedup();
        let weight = 2.0 / (words.len().max(1) as f32).sqrt();
        columns.extend(words.into_iter().map(|column| (column, weight)));
        Self(columns)
    }

    fn dense(&self) -> Array2<f32> {
        let mut dense = Array2::zeros((1, COLUMNS));
        for (column, value) in &self.0 {
            dense[[0, usize::from(*column)]] = *value;
        }
        dense
    }
}

/// Corrects the shared model's log-odds for one site.
#[derive(Clone, Default)]
pub(super) struct Learner {
    model: Option<Ftrl<f32>>,
    /// Weights of the columns, kept since working them out for each comment would take longer than using them.
    weights: Vec<f32>,
    spam: u32,
    ham: u32,
    taught: std::collections::HashMap<u64, u32>,
}

impl Learner {
    /// Learns from one decision. `log_odds` is what the shared model says, `text` names the text: the same text
    /// teaches only a few times.
    pub fn learn(&mut self, row: &Row, log_odds: f32, text: u64, spam: bool) {
        *(if spam { &mut self.spam } else { &mut self.ham }) += 1;
        let taught = self.taught.entry(text).or_default();
        *taught += 1;
        if *taught > REPEATS {
            return;
        }
        let dataset = DatasetBase::new(row.dense(), Array1::from_elem(1, spam));
        let said = 1.0 / (1.0 + (-(log_odds + self.raw(row))).exp());
        let model = self.model.get_or_insert_with(untaught);
        model.update(&dataset, Array1::from_elem(1, Pr::new(said.clamp(0.0, 1.0))).view());
        self.weights = model.get_weights().to_vec();
    }

    /// What the site's decisions add to the log-odds of a comment.
    pub fn correction(&self, row: &Row) -> f32 {
        let open =
            |other: u32| ONE_SIDED + (BOTH_SIDES - ONE_SIDED) * (other as f32 / HEARD).min(1.0);
        self.raw(row).clamp(-open(self.spam), open(self.ham))
    }

    fn raw(&self, row: &Row) -> f32 {
        if self.weights.is_empty() {
            return 0.0;
        }
        row.0.iter().map(|(column, value)| self.weights[usize::from(*column)] * value).sum()
    }

    /// The named value that moves the correction most in its own direction, if one does.
    pub fn strongest(&self, row: &Row, spam: bool) -> Option<usize> {
        if self.weights.is_empty() {
            return None;
        }
        let sign = if spam { 1.0 } else { -1.0 };
        row.0
            .iter()
            .filter(|(column, _)| usize::from(*column) < COUNT)
            .map(|(column, value)| {
                (usize::from(*column), sign * value * self.weights[usize::from(*column)])
            })
            .filter(|(_, pull)| *pull > 0.05)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(column, _)| column)
    }
}

/// linfa starts its weights at random, so that a column never seen would count: start at zero instead.
fn untaught() -> Ftrl<f32> {
    let params = Ftrl::<f32>::params().alpha(ALPHA).beta(BETA).l1_ratio(0.0).l2_ratio(L2);
    let params = params.check().expect("the constants above are within linfa's limits");
    let fresh = Ftrl::new(params, 1);
    let mut stored = serde_json::to_value(&fresh).expect("a model is numbers");
    let zeros = serde_json::json!({ "v": 1, "dim": [COLUMNS], "data": vec![0.0_f32; COLUMNS] });
    stored["z"] = zeros.clone();
    stored["n"] = zeros;
    serde_json::from_value(stored).expect("the shape linfa writes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(signal: usize, text: &str) -> Row {
        let mut values = [0.0; COUNT];
        values[signal] = 1.0;
        Row::of(&values, text)
    }

    #[test]
    fn an_untaught_learner_says_nothing() {
        assert_eq!(Learner::default().correction(&row(3, "some words here")), 0.0);
        assert!(untaught().get_weights().iter().all(|weight| *weight == 0.0));
    }

    #[test]
    fn what_is_decided_moves_what_is_alike_and_nothing_else() {
        let mut learner = Learner::default();
        for n in 0..12 {
            learner.learn(&row(3, &format!("garden furniture offer {n}")), -2.0, n, true);
            learner.learn(&row(5, &format!("thanks patched server {n}")), 1.0, 100 + n, false);
        }
        assert!(learner.correction(&row(3, "garden furniture today")) > 1.5);
        assert!(learner.correction(&row(5, "server patched")) < -1.0);
        assert!(learner.correction(&row(9, "wholly unrelated")).abs() < 0.3);
        assert_eq!(learner.strongest(&row(3, ""), true), Some(3));
    }

    #[test]
    fn one_sided_decisions_move_little() {
        let mut learner = Learner::default();
        for n in 0..500 {
            learner.learn(&row(3, &format!("offer number {n}")), -4.0, n, true);
        }
        assert!(learner.correction(&row(3, "offer number")) <= ONE_SIDED);
    }

    #[test]
    fn the_same_text_teaches_a_few_times_only() {
        let mut learner = Learner::default();
        let comment = row(3, "the very same offer");
        for _ in 0..REPEATS {
            learner.learn(&comment, -2.0, 7, true);
        }
        let before = learner.correction(&comment);
        for _ in 0..100 {
            learner.learn(&comment, -2.0, 7, true);
        }
        assert_eq!(learner.correction(&comment), before);
    }
}
