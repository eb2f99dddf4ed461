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

/// Rows of distinct features. Every feature of a row weighs its `idf`, every row has length one.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    starts: Vec<usize>,
    features: Vec<u32>,
    /// Weight of each feature, by index.
    idf: Vec<f32>,
    /// One over the length of each row.
    scales: Vec<f32>,
    /// How much an error on the row costs.
    costs: Vec<f32>,
}

impl Rows {
    pub fn new(idf: Vec<f32>) -> Rows {
        Rows { starts: vec![0], idf, ..Rows::default() }
    }

    pub fn push(&mut self, features: &[u32], cost: f32) {
        let square: f32 = features.iter().map(|f| self.idf[*f as usize].powi(2)).sum();
        self.features.extend_from_slice(features);
        self.starts.push(self.features.len());
        self.scales.push(if square > 0.0 { square.sqrt().recip() } else { 0.0 });
        self.costs.push(cost);
    }

    fn row(&self, at: usize) -> &[u32] {
        &self.features[self.starts[at]..self.starts[at + 1]]
    }

    fn dot(&self, at: usize, weights: &[f32]) -> f32 {
        let sum: f32 =
            self.row(at).iter().map(|f| weights[*f as usize] * self.idf[*f as usize]).sum();
        sum * self.scales[at]
    }

    fn add(&self, at: usize, step: f32, weights: &mut [f32]) {
        let step = step * self.scales[at];
        for f in self.row(at) {
            weights[*f as usize] += step * self.idf[*f as usize];
        }
    }
}

impl Records for Rows {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.scales.len()
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
        let curve = f64::from(1.0 + BIAS_FEATURE * BIAS_FEATURE);
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
}
