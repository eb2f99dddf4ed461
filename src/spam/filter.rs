//! The filter: a comment in, a verdict with its reasons out.

use std::{
    cell::RefCell,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Serialize;

use super::{
    CommentInput,
    analysis::Analysis,
    explain,
    memory::{Memory, fingerprint},
    model::{Model, ModelError, Sums, Thresholds, Wording},
    ngrams::Ngrams,
    rules,
    signals::{self, Values},
    words::{CellSums, WordCache},
};

/// File name of a model within its folder.
pub const MODEL_FILE: &str = "model.bin";

static EMBEDDED: &[u8] = include_bytes!("../../models/comments/model.bin");

pub use crate::domain::{NamedSignal, Outcome};

/// What the filter says about a comment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    #[serde(rename = "verdict")]
    pub outcome: Outcome,
    /// Probability of spam, 0 to 1.
    pub score: f32,
    /// Log-odds of the score. The weights of `signals` add up to it.
    pub log_odds: f32,
    /// Strongest first; the last one, `rest`, sums up what is too small to name.
    pub signals: Vec<NamedSignal>,
}

/// A verdict and what it was made of.
#[derive(Debug)]
pub struct Examined<'a> {
    pub verdict: Verdict,
    pub values: &'a Values,
    pub analysis: &'a Analysis,
    /// See [`fingerprint`].
    pub fingerprint: Option<u64>,
}

/// Checks comments. Cheap to share; holds no state between comments but buffers.
#[derive(Debug)]
pub struct Filter {
    /// `None` when no model could be loaded: rules take over.
    model: Option<Model>,
    campaigns: Memory,
    /// Tells what buffers remember of this filter from what they remember of others.
    id: u64,
}

#[derive(Default)]
struct Buffers {
    analysis: Analysis,
    ngrams: Ngrams,
    words: WordCache,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::default();
}

impl Filter {
    /// The filter with the model that ships with the program. If that model cannot be used, the filter falls
    /// back to rules; [`Filter::has_model`] tells.
    pub fn embedded() -> &'static Filter {
        static FILTER: LazyLock<Filter> = LazyLock::new(|| match Model::from_bytes(EMBEDDED) {
            Ok(model) => Filter::new(model),
            Err(error) => {
                tracing::warn!(%error, "comment model not usable, rules alone decide");
                Filter::rules_only()
            }
        });
        &FILTER
    }

    /// Reads a model file (see [`MODEL_FILE`]).
    pub fn from_bytes(bytes: &[u8]) -> Result<Filter, ModelError> {
        Model::from_bytes(bytes).map(Filter::new)
    }

    pub fn new(model: Model) -> Filter {
        let campaigns = Memory::of_spam(&model.fingerprints);
        Filter { model: Some(model), campaigns, id: next_id() }
    }

    /// A filter without a model.
    pub fn rules_only() -> Filter {
        Filter { model: None, campaigns: Memory::default(), id: next_id() }
    }

    /// Whether a trained model decides, rather than rules.
    pub fn has_model(&self) -> bool {
        self.model.is_some()
    }

    /// The model, for those who look inside.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// Checks a comment and says why.
    pub fn check(&self, input: &CommentInput) -> Verdict {
        self.check_with(input, &Memory::default())
    }

    /// Checks a comment against `decided` texts too: what a moderator decided counts when it comes again.
    pub fn check_with(&self, input: &CommentInput, decided: &Memory) -> Verdict {
        self.examine(input, decided, |examined| examined.verdict)
    }

    /// Like [`Filter::check_with`], and lets `look` see what the verdict was made of: for those who learn from
    /// decisions. `look` must not check another comment.
    pub fn examine<T>(
        &self,
        input: &CommentInput,
        decided: &Memory,
        look: impl FnOnce(Examined<'_>) -> T,
    ) -> T {
        BUFFERS.with_borrow_mut(|buffers| {
            let reading = self.read(input, decided, buffers);
            let signals = explain::signals(self.model.as_ref(), &reading, input, &buffers.analysis);
            let verdict = Verdict {
                outcome: self.outcome(reading.score),
                score: reading.score,
                log_odds: reading.log_odds,
                signals,
            };
            look(Examined {
                verdict,
                values: &reading.values,
                analysis: &buffers.analysis,
                fingerprint: fingerprint(&buffers.analysis.view.text),
            })
        })
    }

    /// Outcome and score alone, for bulk work.
    pub fn classify(&self, input: &CommentInput) -> (Outcome, f32) {
        BUFFERS.with_borrow_mut(|buffers| {
            let reading = self.read(input, &Memory::default(), buffers);
            (self.outcome(reading.score), reading.score)
        })
    }

    fn read(&self, input: &CommentInput, decided: &Memory, buffers: &mut Buffers) -> Reading {
        buffers.analysis.read(input);
        let values = signals::measure(input, &buffers.analysis);
        let Some(model) = &self.model else {
            return rules::read(values);
        };
        let mut sums =
            CellSums { model, cache: &mut buffers.words, sums: Sums::default(), id: self.id };
        buffers.ngrams.read(&buffers.analysis, &mut sums);
        let wording = model.wording_of(&sums.sums);
        let seen = match fingerprint(&buffers.analysis.view.text) {
            Some(print) => self.campaigns.evidence(print) + decided.evidence(print),
            None => 0.0,
        };
        let log_odds = model.calibrated(model.logit(&wording, &values)) + seen;
        Reading { values, wording, seen, log_odds, score: logistic(log_odds) }
    }

    /// Where the outcomes part.
    pub fn thresholds(&self) -> Thresholds {
        self.model.as_ref().map_or(rules::THRESHOLDS, |m| m.header.thresholds)
    }

    fn outcome(&self, score: f32) -> Outcome {
        let Thresholds { unsure, spam } = self.thresholds();
        if score >= spam {
            Outcome::Spam
        } else if score >= unsure {
            Outcome::Unsure
        } else {
            Outcome::Ham
        }
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// What was read from one comment.
pub(super) struct Reading {
    pub values: Values,
    pub wording: Wording,
    /// Log-odds from texts seen before.
    pub seen: f32,
    pub log_odds: f32,
    pub score: f32,
}

pub(super) fn logistic(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}
