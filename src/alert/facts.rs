//! What is known of an incident, as far as a change of it is worth telling.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Enrichment, EntityKind, IndicatorRole};

/// Facts remembered of one incident; beyond, nothing counts as new.
const MAX_FACTS: usize = 500;
/// Facts that one event names.
const MAX_NEWS: usize = 20;
const MATERIAL: [EntityKind; 3] = [EntityKind::Victim, EntityKind::Actor, EntityKind::Cve];

/// Names of facts, each with the words that tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts(BTreeMap<String, String>);

impl Facts {
    /// Victims, actors, CVEs, attacks and malicious indicators of an article.
    pub fn of(found: &Enrichment) -> Self {
        let mut facts = BTreeMap::new();
        for tag in &found.attacks {
            let name = tag.attack.as_str();
            facts.insert(format!("attack:{name}"), format!("attack {}", tag.attack.label()));
        }
        for kind in MATERIAL {
            for entity in found.of_kind(kind) {
                let name = format!("{}:{}", kind.as_str(), entity.slug());
                facts.insert(name, format!("{} {}", kind.as_str(), entity.name));
            }
        }
        for one in &found.indicators {
            if one.role == IndicatorRole::Malicious {
                facts
                    .insert(format!("indicator:{}", one.value), format!("indicator {}", one.value));
            }
        }
        Self(facts)
    }

    /// In words, what is not among `known`; and everything that is known from now on.
    pub fn news(&self, known: &BTreeSet<String>) -> (Vec<String>, BTreeSet<String>) {
        let mut all = known.clone();
        let mut news = Vec::new();
        for (name, words) in &self.0 {
            if all.len() < MAX_FACTS && all.insert(name.clone()) {
                news.push(words.clone());
            }
        }
        news.truncate(MAX_NEWS);
        (news, all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Entity, Span};

    fn naming(kind: EntityKind, name: &str) -> Enrichment {
        let at = Span { start: 0, end: 1 };
        let entity = Entity {
            kind,
            name: name.into(),
            id: None,
            spans: vec![at],
            evidence: at,
            known_exploited: false,
        };
        Enrichment { entities: vec![entity], ..Enrichment::default() }
    }

    #[test]
    fn only_what_matters_is_news() {
        let (news, known) =
            Facts::of(&naming(EntityKind::Victim, "Alder Clinic")).news(&BTreeSet::new());
        assert_eq!(news, ["victim Alder Clinic"]);
        let again = Facts::of(&naming(EntityKind::Victim, "Alder clinic")).news(&known);
        assert_eq!((again.0, &again.1), (Vec::new(), &known));
        assert_eq!(
            Facts::of(&naming(EntityKind::Product, "Gateway 9")).news(&known).0,
            Vec::<String>::new()
        );
        assert_eq!(Facts::of(&naming(EntityKind::Actor, "Moth")).news(&known).0, ["actor Moth"]);
    }
}
