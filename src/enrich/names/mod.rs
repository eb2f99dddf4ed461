//! Malware and actors by name, also under names that nobody has listed yet; techniques and CVEs.

pub mod candidates;
pub mod corpus;
mod cues;
mod decide;
mod entities;
mod features;
mod ids;
mod model;
pub mod train;

pub use entities::Role;
pub use model::Model;

use self::{candidates::Candidate, features::Page};
use super::{Reading, taxonomy::{Mention, Taxonomy}};
use crate::domain::Entity;

/// The model that comes with siftwire; its card is `models/enrich/names.md`.
const MODEL: &str = include_str!("../../../models/enrich/names.tsv");

/// Recognises malware, actors, techniques and CVEs.
#[derive(Debug)]
pub struct Names {
    model: Model,
}

impl Names {
    /// With the model that comes with siftwire.
    pub fn embedded() -> Names {
        Names { model: Model::parse(MODEL) }
    }

    /// With another model.
    pub fn with_model(model: Model) -> Names {
        Names { model }
    }

    /// Malware, actors, techniques and CVEs of an article, each once, in order of appearance within a kind. `mentions` are those
    /// of the taxonomy.
    pub fn find(&self, taxonomy: &Taxonomy, reading: &Reading, mentions: &[Mention]) -> Vec<Entity> {
        let candidates = candidates::find(taxonomy, reading, mentions);
        let page = Page::of(taxonomy, reading, mentions, &candidates);
        let mut entities = entities::Entities::new(&page);
        for (candidate, role) in self.judged(&page, &candidates) {
            entities.add_name(candidate, role);
        }
        ids::find(&page, &mut entities);
        entities.into_vec()
    }

    /// Every place that names malware or an actor, with what it names: for measuring.
    pub fn places(&self, taxonomy: &Taxonomy, reading: &Reading, mentions: &[Mention]) -> Vec<(Candidate, Role)> {
        let candidates = candidates::find(taxonomy, reading, mentions);
        let page = Page::of(taxonomy, reading, mentions, &candidates);
        self.judged(&page, &candidates).map(|(candidate, role)| (candidate.clone(), role)).collect()
    }

    fn judged<'a>(&self, page: &Page<'_>, candidates: &'a [Candidate]) -> impl Iterator<Item = (&'a Candidate, Role)> {
        let scores = decide::decide(page, candidates, &self.model);
        candidates.iter().zip(scores).filter(|(_, score)| score.hostile > 0.0).map(|(candidate, score)| {
            let role = if score.actor > 0.0 { Role::Actor } else { Role::Malware };
            (candidate, role)
        })
    }
}
