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

/// Incidents that one section recalls, at most.
const MOST_RECALLED: usize = 4;

/// An incident that fits an article.
struct Fit<'a> {
    incident: IncidentId,
    score: f32,
    comparison: Comparison<'a>,
}

/// The better of two; of equal ones the first.
fn better<'a>(one: Fit<'a>, other: Fit<'a>) -> Fit<'a> {
    if other.score > one.score { other } else { one }
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
        let best = self.fits(article, candidates).into_iter().reduce(better);
        match best {
            Some(best) => Assignment::Join {
                incident: best.incident,
                score: best.score,
                reasons: reasons(&best.comparison),
            },
            None => Assignment::New,
        }
    }

    /// The incidents that a section of a round-up recalls, best first: by names alone, since sections have few words. Besides
    /// the best those of which the section names a victim or a flaw.
    pub fn recalled(
        &self,
        section: &Signature,
        candidates: &[(IncidentId, Group)],
    ) -> Vec<IncidentId> {
        let mut fits = self.fits(section, candidates);
        fits.retain(|fit| fit.comparison.named && fit.score >= RECALLED);
        fits.sort_by(|one, other| other.score.total_cmp(&one.score));
        let of_what_is_named = |(at, fit): (usize, Fit<'_>)| {
            let named = fit.comparison.victim.fact.is_some() || fit.comparison.cve.fact.is_some();
            (at == 0 || named).then_some(fit.incident)
        };
        fits.into_iter().enumerate().filter_map(of_what_is_named).take(MOST_RECALLED).collect()
    }

    /// The candidates that fit, in their order.
    fn fits<'a>(
        &self,
        article: &'a Signature,
        candidates: &'a [(IncidentId, Group)],
    ) -> Vec<Fit<'a>> {
        let fit = |(incident, group): &'a (IncidentId, Group)| {
            let comparison = features::compare(article, group);
            if comparison.barred {
                return None;
            }
            let weights = if comparison.named { &self.named } else { &self.plain };
            let score = weights.score(&comparison.values);
            let fits = score >= weights.threshold;
            fits.then_some(Fit { incident: *incident, score, comparison })
        };
        candidates.iter().filter_map(fit).collect()
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
