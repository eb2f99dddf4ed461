use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{
    Assignment, Group, Signature, Standing,
    features::{self, COUNT, Comparison},
};
use crate::domain::{EntityKind, IncidentId};

static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../models/enrich/incidents.json"))
        .expect("the shipped model is whole")
});

/// Weights that tell whether an article belongs to an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub bias: f32,
    pub weights: [f32; COUNT],
    /// Probability from which an article joins.
    pub threshold: f32,
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
        let mut best: Option<(f32, IncidentId, Comparison)> = None;
        for (incident, group) in candidates {
            let comparison = features::compare(article, group);
            let score = self.score(&comparison);
            if score >= self.threshold && best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, *incident, comparison));
            }
        }
        let Some((score, incident, comparison)) = best else { return Assignment::New };
        Assignment::Join { incident, score, reasons: reasons(&comparison) }
    }

    fn score(&self, comparison: &Comparison) -> f32 {
        let sum: f32 = self.weights.iter().zip(&comparison.values).map(|(w, x)| w * x).sum();
        1.0 / (1.0 + (-(sum + self.bias)).exp())
    }
}

/// Why an article was put to an incident, strongest first.
fn reasons(one: &Comparison) -> Vec<String> {
    let mut reasons = Vec::new();
    let named = [(one.victim, EntityKind::Victim), (one.cve, EntityKind::Cve)];
    for (shared, kind) in named {
        if let Some(fact) = shared.fact {
            reasons.push(match kind {
                EntityKind::Cve => format!("share {}", fact.name),
                _ => format!("both name {} as victim", fact.name),
            });
        }
    }
    for (shared, what) in [(one.malware, "malware"), (one.actor, "actor"), (one.vendor, "vendor")] {
        if let Some(fact) = shared.fact {
            reasons.push(format!("both name {} as {what}", fact.name));
        }
    }
    if one.indicators > 0 {
        reasons.push(format!("share {} indicators", one.indicators));
    }
    if one.numbers > 0 {
        reasons.push(format!("share {} figures", one.numbers));
    }
    reasons.push(apart(one.days));
    reasons
}

fn apart(days: f32) -> String {
    match days.round() as i64 {
        0 => "published within a day".to_owned(),
        1 => "published 1 day apart".to_owned(),
        days => format!("published {days} days apart"),
    }
}
