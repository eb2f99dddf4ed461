//! Logistic regression over hashed features, by dual coordinate descent (Yu, Huang and Lin, 2011). linfa's own
//! estimators take dense input only; this one stands behind the same `Fit` trait.

use linfa::{
    DatasetBase,
    dataset::Records,
    error::{Error, Result},
    traits::Fit,
};
use ndarray::Array1;
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

/// Rows of features, each row in one or more parts. A feature weighs its `idf` each time it occurs; each part has
/// a factor of its own.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Where each row's parts start, and the end of the last.
    rows: Vec<usize>,
    parts: Vec<Part>,
    features: Vec<u32>,
    /// Weight of each feature, by index.
    idf: Vec<f32>,
    /// Squared length of each row.
    squares: Vec<f32>,
    /// How much an error on the row costs.
    costs: Vec<f32>,
}

/// Features that share a factor: `features[start..end]` of [`Rows`].
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    scale: f32,
}

impl Rows {
    pub fn new(idf: Vec<f32>) -> Rows {
        Rows { rows: vec![0], idf, ..Rows::default() }
    }

    /// Adds a row of distinct features in one part, brought to length one.
    pub fn push(&mut self, features: &[u32], cost: f32) {
        let square = self.square(features);
        self.push_part(features, if square > 0.0 { square.sqrt().recip() } else { 0.0 });
        self.end_row(1.0, cost);
    }

    /// Adds a row in parts. `scale` gives the factor of a part from its number and the sum of its squares;
    /// features may come more than once in a part, and count as often.
    pub fn push_parts(&mut self, parts: &[Vec<u32>], scale: impl Fn(usize, f32) -> f32, cost: f32) {
        let mut square = 0.0;
        for (number, features) in parts.iter().enumerate() {
            let scale = scale(number, self.square(features));
            square += self.exact_square(features) * scale * scale;
            self.push_part(features, scale);
        }
        self.end_row(square, cost);
    }

    fn push_part(&mut self, features: &[u32], scale: f32) {
        let start = self.features.len();
        self.features.extend_from_slice(features);
        self.parts.push(Part { start, end: self.features.len(), scale });
    }

    fn end_row(&mut self, square: f32, cost: f32) {
        self.rows.push(self.parts.len());
        self.squares.push(square);
        self.costs.push(cost);
    }

    fn square(&self, features: &[u32]) -> f32 {
        features.iter().map(|f| self.idf[*f as usize].powi(2)).sum()
    }

    /// Squared length, with repeated features added up before they are squared.
    fn exact_square(&self, features: &[u32]) -> f32 {
        let mut sorted = features.to_vec();
        sorted.sort_unstable();
        let runs = sorted.chunk_by(|a, b| a == b);
        runs.map(|run| (self.idf[run[0] as usize] * run.len() as f32).powi(2)).sum()
    }

    fn parts(&self, at: usize) -> impl Iterator<Item = (&[u32], f32)> {
        let parts = &self.parts[self.rows[at]..self.rows[at + 1]];
        parts.iter().map(|part| (&self.features[part.start..part.end], part.scale))
    }

    fn dot(&self, at: usize, weights: &[f32]) -> f32 {
        let weigh = |f: &u32| weights[*f as usize] * self.idf[*f as usize];
        self.parts(at).map(|(ids, scale)| ids.iter().map(weigh).sum::<f32>() * scale).sum()
    }

    fn add(&self, at: usize, step: f32, weights: &mut [f32]) {
        for (ids, scale) in self.parts(at) {
            let step = step * scale;
            for f in ids {
                weights[*f as usize] += step * self.idf[*f as usize];
            }
        }
    }
}

impl Records for Rows {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.costs.len()
    }

    fn nfeatures(&self) -> usize {
        self.idf.len()
    }
}

/// L2-regularised logistic regression on [`Rows`].
#[derive(Debug, Clone)]
pub struct SparseLogistic {
    /// Inverse of the regularisation's strength.
    pub c: f32,
    pub max_sweeps: usize,
    pub tolerance: f64,
    pub seed: u64,
}

/// Weights of [`SparseLogistic`].
#[derive(Debug, Clone)]
pub struct SparseWeights {
    /// Weight of each feature, its `idf` multiplied in.
    pub weights: Vec<f32>,
    pub bias: f32,
}

impl Fit<Rows, Array1<bool>, Error> for SparseLogistic {
    type Object = SparseWeights;

    fn fit(&self, dataset: &DatasetBase<Rows, Array1<bool>>) -> Result<SparseWeights> {
        let (rows, targets) = (&dataset.records, &dataset.targets);
        if rows.nsamples() == 0 {
            return Err(Error::NotEnoughSamples);
        }
        let mut solver = Solver::new(self, rows, targets);
        let mut order: Vec<usize> = (0..rows.nsamples()).collect();
        let mut rng = StdRng::seed_from_u64(self.seed);
        for _ in 0..self.max_sweeps {
            order.shuffle(&mut rng);
            if solver.sweep(&order) < self.tolerance {
                break;
            }
        }
        let Solver { mut weights, bias, .. } = solver;
        for (weight, idf) in weights.iter_mut().zip(&rows.idf) {
            *weight *= idf;
        }
        Ok(SparseWeights { weights, bias })
    }
}

/// State of the descent. Row `i` has the dual variable `alpha[i]` in (0, C), kept with its distance to C, because
/// near either end the difference would be lost in rounding.
struct Solver<'a> {
    rows: &'a Rows,
    signs: Vec<f32>,
    limits: Vec<f64>,
    alpha: Vec<[f64; 2]>,
    weights: Vec<f32>,
    bias: f32,
    inner_tolerance: f64,
}

/// The bias is learnt as a feature of this value.
const BIAS_FEATURE: f32 = 0.5;

impl<'a> Solver<'a> {
    fn new(params: &SparseLogistic, rows: &'a Rows, targets: &Array1<bool>) -> Solver<'a> {
        let limits: Vec<f64> = rows.costs.iter().map(|cost| f64::from(params.c * cost)).collect();
        let mut solver = Solver {
            rows,
            signs: targets.iter().map(|positive| if *positive { 1.0 } else { -1.0 }).collect(),
            alpha: limits
                .iter()
                .map(|c| [(0.001 * c).min(1e-8), c - (0.001 * c).min(1e-8)])
                .collect(),
            limits,
            weights: vec![0.0; rows.nfeatures()],
            bias: 0.0,
            inner_tolerance: 1e-2,
        };
        for at in 0..rows.nsamples() {
            solver.step(at, solver.alpha[at][0]);
        }
        solver
    }

    /// Moves the weights along row `at`.
    fn step(&mut self, at: usize, change: f64) {
        let step = change as f32 * self.signs[at];
        self.rows.add(at, step, &mut self.weights);
        self.bias += step * BIAS_FEATURE * BIAS_FEATURE;
    }

    /// Solves each row's one-variable problem once; returns the largest gradient met.
    fn sweep(&mut self, order: &[usize]) -> f64 {
        let mut largest: f64 = 0.0;
        let mut newton_steps = 0;
        for &at in order {
            let margin = self.signs[at] * (self.rows.dot(at, &self.weights) + self.bias);
            let (gradient, steps) = self.solve_row(at, f64::from(margin));
            largest = largest.max(gradient);
            newton_steps += steps;
        }
        if newton_steps <= order.len() / 10 {
            self.inner_tolerance = (self.inner_tolerance * 0.1).max(1e-8);
        }
        largest
    }

    /// Newton's method on the side (0 or C) that is nearer, where the logarithm is well behaved.
    fn solve_row(&mut self, at: usize, margin: f64) -> (f64, usize) {
        const SHRINK: f64 = 0.1;
        const MAX_STEPS: usize = 100;
        let curve = f64::from(self.rows.squares[at] + BIAS_FEATURE * BIAS_FEATURE);
        let limit = self.limits[at];
        let [low, high] = self.alpha[at];
        let flipped = 0.5 * curve * (high - low) + margin < 0.0;
        let side = usize::from(flipped);
        let sign = if flipped { -1.0 } else { 1.0 };
        let old = self.alpha[at][side];
        let gradient = |z: f64| curve * (z - old) + sign * margin + (z / (limit - z)).ln();
        let mut z = if limit - old < 0.5 * limit { SHRINK * old } else { old };
        let mut slope = gradient(z);
        let first = slope.abs();
        let mut steps = 0;
        while slope.abs() >= self.inner_tolerance && steps < MAX_STEPS {
            let next = z - slope / (curve + limit / ((limit - z) * z));
            z = if next <= 0.0 { z * SHRINK } else { next.min(limit * (1.0 - 1e-12)) };
            slope = gradient(z);
            steps += 1;
        }
        if steps > 0 {
            self.alpha[at][side] = z;
            self.alpha[at][1 - side] = limit - z;
            self.step(at, sign * (z - old));
        }
        (first, steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separates_what_can_be_separated() {
        let mut rows = Rows::new(vec![1.0; 4]);
        let mut targets = Vec::new();
        for at in 0..40 {
            let positive = at % 4 == 0;
            rows.push(&[u32::from(positive), 2 + (at / 4 % 2)], 1.0);
            targets.push(positive);
        }
        let dataset = DatasetBase::new(rows, Array1::from(targets));
        let solver = SparseLogistic { c: 10.0, max_sweeps: 100, tolerance: 1e-4, seed: 1 };
        let model = solver.fit(&dataset).unwrap();
        assert!(model.weights[1] > 1.0 && model.weights[0] < -1.0, "{:?}", model.weights);
        assert!(model.weights[2].abs() < 1.0 && model.weights[3].abs() < 1.0);
    }

    #[test]
    fn parts_are_weighed_by_their_factor_and_repeated_features_add_up() {
        let mut rows = Rows::new(vec![1.0, 2.0, 1.0]);
        rows.push_parts(&[vec![0, 0], vec![1]], |part, square| [1.0, square][part], 1.0);
        assert_eq!(rows.squares, [4.0 + 64.0]);
        assert_eq!(rows.dot(0, &[1.0, 1.0, 1.0]), 2.0 + 8.0);
    }
}
