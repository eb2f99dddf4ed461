//! What the names in an article say about the attack.

use crate::domain::{Entity, EntityKind};

/// How many of each are named, up to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hints {
    /// Gangs whose malware has their name: actor and malware at once.
    pub brands: u8,
    pub malware: u8,
    pub actors: u8,
    pub cves: u8,
    /// Vulnerabilities known to be exploited.
    pub exploited: u8,
}

impl Hints {
    /// Counts the names of an article.
    pub fn of(entities: &[Entity]) -> Hints {
        let named = |kind| entities.iter().filter(move |entity| entity.kind == kind);
        let is_actor = |name: &str| named(EntityKind::Actor).any(|actor| actor.name == name);
        let brands = named(EntityKind::Malware).filter(|one| is_actor(&one.name)).count();
        let count = |kind| named(kind).count();
        let exploited = named(EntityKind::Cve).filter(|cve| cve.known_exploited).count();
        let few = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        Hints {
            brands: few(brands),
            malware: few(count(EntityKind::Malware) - brands),
            actors: few(count(EntityKind::Actor).saturating_sub(brands)),
            cves: few(count(EntityKind::Cve)),
            exploited: few(exploited),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    fn entity(kind: EntityKind, name: &str) -> Entity {
        let span = Span { start: 0, end: 1 };
        Entity {
            kind,
            name: name.to_owned(),
            id: None,
            spans: vec![span],
            evidence: span,
            known_exploited: false,
        }
    }

    #[test]
    fn a_gang_with_malware_of_its_name_is_a_brand() {
        let named = [
            entity(EntityKind::Actor, "Akira"),
            entity(EntityKind::Malware, "Akira"),
            entity(EntityKind::Malware, "Mimikatz"),
        ];
        let hints = Hints { brands: 1, malware: 1, ..Hints::default() };
        assert_eq!(Hints::of(&named), hints);
    }
}
