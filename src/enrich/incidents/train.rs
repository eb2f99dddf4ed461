//! Fits the weights of words and of the model on labelled articles.

use std::collections::{BTreeMap, HashMap, HashSet};

use linfa::{Dataset, traits::Fit};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use super::{
    Group, Model, Signature,
    features::{self, COUNT},
    terms::cosine,
    words,
};
use crate::enrich::{Reading, reading::Shape};

/// Unlike incidents compared with each article.
const NEGATIVES: usize = 8;
/// Strength of the pull of all weights towards zero.
const PENALTY: f64 = 1.0;
/// Words seen in fewer articles are left out of the table.
const FEWEST_ARTICLES: u32 = 3;

/// An article and the incident it belongs to.
#[derive(Debug, Clone)]
pub struct Labelled {
    pub signature: Signature,
    /// Articles with the same number belong together; `None` belongs to none.
    pub incident: Option<u32>,
}

/// Trains the model. Each corpus is a stream of articles in the order in which they came.
///
/// # Errors
/// Where the examples are of one kind only, or the fit does not converge.
pub fn model(
    corpora: &[Vec<Labelled>],
    threshold: f32,
) -> Result<Model, linfa_logistic::error::Error> {
    let mut rows: Vec<[f32; COUNT]> = Vec::new();
    let mut joins: Vec<bool> = Vec::new();
    for corpus in corpora {
        for (row, join) in examples(corpus) {
            rows.push(row);
            joins.push(join);
        }
    }
    let values =
        Array2::from_shape_fn((rows.len(), COUNT), |(row, column)| f64::from(rows[row][column]));
    let fitted = LogisticRegression::default()
        .alpha(PENALTY)
        .max_iterations(500)
        .fit(&Dataset::new(values, Array1::from(joins)))?;
    // The first label linfa meets is the positive class, whichever it is.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let mut weights = [0.0; COUNT];
    for (weight, fitted) in weights.iter_mut().zip(fitted.params()) {
        *weight = (sign * fitted) as f32;
    }
    Ok(Model { bias: (sign * fitted.intercept()) as f32, weights, threshold })
}

/// Each article against what had been told of its own incident before, and against the most alike others.
fn examples(corpus: &[Labelled]) -> Vec<([f32; COUNT], bool)> {
    let mut groups: HashMap<u32, Group> = HashMap::new();
    let mut examples = Vec::new();
    for (at, article) in corpus.iter().enumerate() {
        let own = article.incident.unwrap_or(u32::MAX - at as u32);
        if let Some(group) = groups.get(&own) {
            examples.push((features::compare(&article.signature, group).values, true));
        }
        let mut others: Vec<(f32, u32)> = groups
            .iter()
            .filter(|(id, _)| **id != own)
            .map(|(id, group)| (likeness(&article.signature, group), *id))
            .collect();
        others.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, id) in others.into_iter().take(NEGATIVES) {
            examples.push((features::compare(&article.signature, &groups[&id]).values, false));
        }
        groups.entry(own).or_default().add(&article.signature);
    }
    examples
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
