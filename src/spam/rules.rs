//! What decides when no model can be loaded: few rules, set by hand, that hold rather than block.

use super::{
    filter::{Reading, logistic},
    intents::Intent,
    lexicon::Class,
    model::{Thresholds, Wording},
    signals::{Signal, Values, class_at, intent_at, signal_at},
};

pub(super) const THRESHOLDS: Thresholds = Thresholds { unsure: 0.5, spam: 0.95 };

const BIAS: f32 = -3.0;

const WEIGHTS: [(Signal, f32); 18] = [
    (Signal::ContactNearClaim, 1.5),
    (Signal::InviteContact, 1.0),
    (Signal::ChatLink, 1.5),
    (Signal::MoneyHandle, 2.0),
    (Signal::SpelledMail, 1.0),
    (Signal::TestimonialGain, 1.0),
    (Signal::PersonPraise, 0.8),
    (Signal::Invisible, 0.8),
    (Signal::Styled, 0.8),
    (Signal::Lookalikes, 0.8),
    (Signal::Spaced, 1.5),
    (Signal::Leet, 0.8),
    (Signal::ManyLinks, 1.2),
    (Signal::PraiseTail, 0.8),
    (Signal::AuthorKeyword, 1.5),
    (Signal::AuthorUrlCheap, 1.0),
    (Signal::OnTopic, -1.0),
    (Signal::Quoted, -1.0),
];

/// The strongest intent counts, once.
const INTENT: f32 = 1.2;
const TECHNICAL: f32 = -0.5;

/// The weight of the value at `at`, for the explanation.
pub(super) fn weight(at: usize, values: &Values) -> f32 {
    if at == class_at(Class::Technical) {
        return TECHNICAL;
    }
    if strongest_intent(values) == Some(at) {
        return INTENT;
    }
    WEIGHTS.iter().find(|(signal, _)| signal_at(*signal) == at).map_or(0.0, |(_, weight)| *weight)
}

fn strongest_intent(values: &Values) -> Option<usize> {
    Intent::ALL.iter().map(|i| intent_at(*i)).max_by(|a, b| values[*a].total_cmp(&values[*b]))
}

pub(super) fn read(values: Values) -> Reading {
    let sum: f32 = values.iter().enumerate().map(|(at, value)| weight(at, &values) * value).sum();
    let log_odds = BIAS + sum;
    Reading { values, wording: Wording::default(), seen: 0.0, log_odds, score: logistic(log_odds) }
}
