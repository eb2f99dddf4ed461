//! Fits the weights of words and of the model on labelled articles.

use std::collections::{BTreeMap, HashMap, HashSet};

use linfa::{Dataset, traits::Fit};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use super::{
    Group, Model, Signature, Weights,
    features::{self, COUNT, FEATURES},
    standing::Standing,
    terms::cosine,
    words,
};
use crate::enrich::{Reading, reading::Shape};

/// Unlike incidents compared with each article.
const NEGATIVES: usize = 8;
/// Strength of the pull of all weights towards zero.
const PENALTY: f64 = 0.3;
/// Words seen in fewer articles are left out of the table.
const FEWEST_ARTICLES: u32 = 3;

/// An article and the incident it belongs to.
#[derive(Debug, Clone)]
pub struct Labelled {
    pub signature: Signature,
    /// Articles with the same number belong together; `None` belongs to none.
    pub incident: Option<u32>,
}

/// Features with the answer: whether they belong together.
type Example = ([f32; COUNT], bool);

/// Probabilities from which an article joins, with names and by words alone.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    pub named: f32,
    pub plain: f32,
}

/// Trains the model. Each corpus is a stream of articles in the order in which they came.
///
/// # Errors
/// Where the examples are of one kind only, or the fit does not converge.
pub fn model(
    corpora: &[&[Labelled]],
    thresholds: Thresholds,
) -> Result<Model, linfa_logistic::error::Error> {
    let (mut named, mut plain) = (Vec::new(), Vec::new());
    corpora.iter().for_each(|corpus| add_examples(corpus, &mut named, &mut plain));
    Ok(Model {
        named: weights(&named, thresholds.named)?,
        plain: weights(&plain, thresholds.plain)?,
    })
}

/// Fits weights, and leaves out the features whose weight would contradict what they mean, until none does.
fn weights(examples: &[Example], threshold: f32) -> Result<Weights, linfa_logistic::error::Error> {
    let mut used: Vec<usize> = (0..COUNT).collect();
    loop {
        let fitted = fit(examples, &used)?;
        let (right, wrong): (Vec<usize>, Vec<usize>) =
            used.iter().partition(|at| fitted.weights[**at] * f32::from(FEATURES[**at].1) >= 0.0);
        if wrong.is_empty() {
            return Ok(Weights { threshold, ..fitted });
        }
        used = right;
    }
}

fn fit(examples: &[Example], used: &[usize]) -> Result<Weights, linfa_logistic::error::Error> {
    let shape = (examples.len(), used.len());
    let values =
        Array2::from_shape_fn(shape, |(row, column)| f64::from(examples[row].0[used[column]]));
    let answers: Array1<bool> = examples.iter().map(|(_, answer)| *answer).collect();
    let fitted = LogisticRegression::default()
        .alpha(PENALTY)
        .max_iterations(500)
        .fit(&Dataset::new(values, answers))?;
    // Which of the two answers has the positive label is up to the fit.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let mut weights = [0.0; COUNT];
    for (at, weight) in used.iter().zip(fitted.params()) {
        weights[*at] = (sign * weight) as f32;
    }
    Ok(Weights { bias: (sign * fitted.intercept()) as f32, weights, threshold: 0.5 })
}

/// Each article against what had been told of its own incident before, and against the most alike others.
fn add_examples(corpus: &[Labelled], named: &mut Vec<Example>, plain: &mut Vec<Example>) {
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    for (at, article) in corpus.iter().enumerate() {
        let own = article.incident.unwrap_or(u32::MAX - at as u32);
        let mut add = |group: &Group, answer: bool| {
            let one = features::compare(&article.signature, group);
            let examples = if one.named { &mut *named } else { &mut *plain };
            examples.push((one.values, answer));
        };
        if let Some(group) = groups.get(&own) {
            add(group, true);
        }
        let mut others: Vec<(f32, u32)> = groups
            .iter()
            .filter(|(id, _)| **id != own)
            .map(|(id, group)| (likeness(&article.signature, group), *id))
            .collect();
        others.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        others.iter().take(NEGATIVES).for_each(|(_, id)| add(&groups[id], false));
        if article.signature.standing == Standing::Report {
            groups.entry(own).or_default().add(&article.signature);
        }
    }
}

fn likeness(article: &Signature, group: &Group) -> f32 {
    let shares = article
        .facts
        .iter()
        .any(|fact| group.facts_of(fact.kind).any(|known| super::facts::same(fact, &known.fact)));
    cosine(&article.words, &group.words) + if shares { 0.2 } else { 0.0 }
}

/// Words in an article, for turning how frequent a word is into how many articles hold it.
const ARTICLE_WORDS: f64 = 150.0;

/// The table of word weights as it is shipped: from how frequent words are in their language (share of all words),
/// and from how many security articles hold them, whichever makes a word commoner.
pub fn word_weights<'a>(
    frequencies: impl IntoIterator<Item = (&'a str, f64)>,
    articles: &[Reading],
) -> Vec<u8> {
    let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
    for (word, frequency) in frequencies {
        let share = (frequency * ARTICLE_WORDS).min(1.0);
        let known = shares.entry(words::hash(&words::stem(word))).or_default();
        *known = known.max(share);
    }
    for (word, count) in articles_per_word(articles) {
        let share = f64::from(count) / articles.len() as f64;
        if count >= FEWEST_ARTICLES {
            let known = shares.entry(word).or_default();
            *known = known.max(share);
        }
    }
    let mut table = Vec::with_capacity(shares.len() * 5);
    for (hash, share) in shares {
        let weight = (-share.ln() as f32).clamp(0.0, words::UNKNOWN);
        table.extend(hash.to_le_bytes());
        table.push((weight * words::STEPS).round() as u8);
    }
    table
}

fn articles_per_word(articles: &[Reading]) -> HashMap<u32, u32> {
    let mut seen: HashMap<u32, u32> = HashMap::new();
    for article in articles {
        let words: HashSet<u32> = article
            .tokens
            .iter()
            .filter(|token| token.shape != Shape::Mark)
            .map(|token| words::hash(&words::stem(article.at(token.span))))
            .collect();
        words.into_iter().for_each(|word| *seen.entry(word).or_default() += 1);
    }
    seen
}
