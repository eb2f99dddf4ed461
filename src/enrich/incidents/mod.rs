//! Which articles tell of the same incident: an article's [`Signature`], what is known of an incident
//! ([`Group`]), and the decision where an article belongs ([`assign`]).

mod describe;
mod facts;
mod features;
mod group;
mod keys;
mod model;
mod phrases;
mod sections;
mod signature;
mod stance;
mod standing;
#[cfg(test)]
mod stories;
mod summary;
mod terms;
mod times;
mod topic;
pub mod train;
mod words;

pub use describe::{Description, Member, describe};
pub use group::Group;
pub use model::{Model, Weights};
pub use sections::sections;
pub use signature::Signature;

use super::Reading;
use crate::domain::{Enrichment, IncidentId};
use standing::Standing;

/// Where an article belongs.
#[derive(Debug, Clone, PartialEq)]
pub enum Assignment {
    /// To an incident that is known.
    Join {
        incident: IncidentId,
        /// Probability that it does, 0 to 1.
        score: f32,
        /// Why, in words for the reader, strongest first; at least one.
        reasons: Vec<String>,
    },
    /// It is the first to tell of its incident.
    New,
    /// It reports no single incident: round-up, opinion, marketing, how-to, market news.
    None,
}

/// Whether an article reports nothing that happened: opinion, advice, an offer, an invitation, market news.
pub(super) fn is_no_report(reading: &Reading) -> bool {
    standing::of(reading, &Enrichment::default()) == Standing::Other
}

/// How rare a word is in the news: 0 for the commonest, 9 for those that are in no list.
pub(super) fn rarity(word: &str) -> f32 {
    words::weight(words::hash(&words::stem(word)))
}

/// The incidents that a section of a round-up recalls, best first: those of which it names what they are about.
pub fn recalled(section: &Signature, candidates: &[(IncidentId, Group)]) -> Vec<IncidentId> {
    Model::shipped().recalled(section, candidates)
}

/// Decides where an article belongs, with the shipped model. `candidates` are incidents that share a key with it.
pub fn assign(article: &Signature, candidates: &[(IncidentId, Group)]) -> Assignment {
    Model::shipped().assign(article, candidates)
}
