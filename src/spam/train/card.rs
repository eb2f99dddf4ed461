//! The model card: what a model was trained on, how, and how well it does.

use std::{collections::BTreeMap, fmt::Write};

use super::{Corpus, Settings, Trained};
use crate::spam::{evaluate::Report, ngrams};

/// Writes the card of a trained model.
pub fn write(corpus: &Corpus, trained: &Trained, settings: &Settings, command: &str) -> String {
    let header = &trained.model.header;
    let mut card = String::new();
    let mut line = |text: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(card, "{text}");
    };
    line("# Comment model\n".into());
    line(format!("Made by\n\n```sh\n{command}\n```\n"));
    line("The card is written by the command; licences and remarks on the sources stand in `SOURCES.md`.\n".into());
    line("| source | spam | genuine | weight | made by the augmenter |\n| --- | ---: | ---: | ---: | ---: |".into());
    for (source, [spam, ham, made]) in counts(corpus) {
        let weight = settings.source_weights.get(source).copied().unwrap_or(1.0);
        line(format!("| {source} | {spam} | {ham} | {weight} | {made} |"));
    }
    line(format!(
        "\nText stage: L2-regularised logistic regression on 2^{} hashed features, C = {}. Final stage: \
         `linfa-logistic` over the text logit and {} named signals, alpha = {}. Calibration: Platt.\n",
        ngrams::BITS,
        settings.c,
        header.columns.len(),
        settings.alpha
    ));
    line(format!(
        "Seed {}, feature-hash seed {:#x}, {} folds.",
        settings.seed, header.feature_seed, settings.folds
    ));
    line(format!("Training data digest (blake3) `{}`.", header.training));
    line(format!(
        "Unsure from probability {:.3}, spam from {:.3}. Remembered campaigns: {}.\n",
        header.thresholds.unsure, header.thresholds.spam, header.fingerprints
    ));
    line("## Figures\n".into());
    line(
        "Held out: each comment was scored by a model whose text stage and final stage saw no comment of its \
         campaign. Thresholds and calibration were set on these same scores; figures on other comments will be \
         lower.\n"
            .into(),
    );
    line(format!("```text\n{}```", Report::of(&trained.held_out)));
    card
}

fn counts(corpus: &Corpus) -> BTreeMap<&str, [u32; 3]> {
    let mut counts: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    for example in &corpus.examples {
        let column = if example.made { 2 } else { usize::from(!example.spam) };
        counts.entry(&example.source).or_default()[column] += 1;
    }
    counts
}
