use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{
    Assignment, Group, Signature, Standing,
    features::{self, COUNT, Comparison},
};
use crate::domain::IncidentId;

static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../models/enrich/incidents.json"))
        .expect("the shipped model is whole")
});

/// Weights that tell whether an article belongs to an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Where article and incident both have names: victims, flaws, malware, actors, vendors, products.
    pub named: Weights,
    /// Where only the words can tell.
    pub plain: Weights,
}

/// Weights of the features, in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    pub bias: f32,
    pub weights: [f32; COUNT],
    /// Probability from which an article joins.
    pub threshold: f32,
}

/// Probability from which a section of a round-up recalls an incident.
const RECALLED: f32 = 0.4;

/// The incident that fits best.
struct Best<'a> {
    incident: IncidentId,
    score: f32,
    comparison: Comparison<'a>,
}

impl Weights {
    fn score(&self, values: &[f32; COUNT]) -> f32 {
        let sum: f32 = self.weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
        1.0 / (1.0 + (-(sum + self.bias)).exp())
    }
}

impl Model {
    /// The model of the release.
    pub fn shipped() -> &'static Model {
        &SHIPPED
    }

    /// Decides where an article belongs; of equal candidates the first.
    pub fn assign(&self, article: &Signature, candidates: &[(IncidentId, Group)]) -> Assignment {
        if article.standing != Standing::Report {
            return Assignment::None;
        }
        match self.best(article, candidates) {
            Some(best) => Assignment::Join {
                incident: best.incident,
                score: best.score,
                reasons: reasons(&best.comparison),
            },
            None => Assignment::New,
        }
    }

    /// The incident that a section of a round-up recalls: by names alone, since sections have few words.
    pub fn recalled(
        &self,
        section: &Signature,
        candidates: &[(IncidentId, Group)],
    ) -> Option<IncidentId> {
        let best = self.best(section, candidates)?;
        (best.comparison.named && best.score >= RECALLED).then_some(best.incident)
    }

    fn best<'a>(
        &self,
        article: &'a Signature,
        candidates: &'a [(IncidentId, Group)],
    ) -> Option<Best<'a>> {
        let mut best: Option<Best> = None;
        for (incident, group) in candidates {
            let comparison = features::compare(article, group);
            if comparison.barred {
                continue;
            }
            let weights = if comparison.named { &self.named } else { &self.plain };
            let score = weights.score(&comparison.values);
            if score >= weights.threshold && best.as_ref().is_none_or(|best| score > best.score) {
                best = Some(Best { incident: *incident, score, comparison });
            }
        }
        best
    }
}

/// Why an article was put to an incident, strongest first.
fn reasons(one: &Comparison) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(fact) = one.victim.fact {
        reasons.push(format!("both name {} as victim", fact.name));
    }
    if let Some(fact) = one.cve.fact {
        reasons.push(format!("share {}", fact.name));
    }
    let named = [
        (one.malware, "malware"),
        (one.actor, "actor"),
        (one.vendor, "vendor"),
        (one.product, "product"),
    ];
    for (shared, what) in named {
        if let Some(fact) = shared.fact {
            reasons.push(format!("both name {} as {what}", fact.name));
        }
    }
    if one.indicators > 0 {
        reasons.push(counted(one.indicators, "indicator"));
    }
    if one.numbers > 0 {
        reasons.push(counted(one.numbers, "figure"));
    }
    if reasons.is_empty() {
        reasons.push("tell it in like words".to_owned());
    }
    if one.refers && one.days > 30.0 {
        reasons.push("looks back on the month in which it happened".to_owned());
    }
    reasons.push(apart(one.days));
    reasons
}

fn counted(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("share {count} {what}{end}")
}

fn apart(days: f32) -> String {
    match days.round() as i64 {
        0 => "published within a day".to_owned(),
        1 => "published 1 day apart".to_owned(),
        days => format!("published {days} days apart"),
    }
}
