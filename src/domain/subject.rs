use serde::{Deserialize, Serialize};

use super::{Attack, Entity, EntityKind, slug};

/// What kind of thing an article can be about: an attack, or an entity in a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectKind {
    Attack,
    Entity(EntityKind),
}

impl SubjectKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Attack,
        Self::Entity(EntityKind::Victim),
        Self::Entity(EntityKind::Vendor),
        Self::Entity(EntityKind::Product),
        Self::Entity(EntityKind::Actor),
        Self::Entity(EntityKind::Malware),
        Self::Entity(EntityKind::Cve),
        Self::Entity(EntityKind::Technique),
    ];

    /// The name used in the store, queries, the API and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::Entity(kind) => kind.as_str(),
        }
    }

    /// The first part of the address of its pages, as in `/vendors/canon`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Attack => "attacks",
            Self::Entity(EntityKind::Vendor) => "vendors",
            Self::Entity(EntityKind::Product) => "products",
            Self::Entity(EntityKind::Victim) => "victims",
            Self::Entity(EntityKind::Actor) => "actors",
            Self::Entity(EntityKind::Malware) => "malware",
            Self::Entity(EntityKind::Technique) => "techniques",
            Self::Entity(EntityKind::Cve) => "cves",
        }
    }

    /// Reads what [`SubjectKind::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Reads what [`SubjectKind::plural`] writes; anything else is `None`.
    pub fn from_plural(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.plural() == name)
    }
}

impl From<EntityKind> for SubjectKind {
    fn from(kind: EntityKind) -> Self {
        Self::Entity(kind)
    }
}

/// Something that articles are about and that has a page of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub kind: SubjectKind,
    pub slug: String,
    /// Canonical name.
    pub name: String,
    /// Identity outside siftwire, see [`Entity::id`].
    pub id: Option<String>,
    pub known_exploited: bool,
}

impl From<&Entity> for Subject {
    fn from(entity: &Entity) -> Self {
        Self {
            kind: entity.kind.into(),
            slug: address_of(entity),
            name: entity.name.clone(),
            id: entity.id.clone(),
            known_exploited: entity.known_exploited,
        }
    }
}

/// Techniques are known by their numbers, everything else by its name.
fn address_of(entity: &Entity) -> String {
    match &entity.id {
        Some(id) if entity.kind == EntityKind::Technique => slug(id),
        _ => entity.slug(),
    }
}

impl From<Attack> for Subject {
    fn from(attack: Attack) -> Self {
        Self {
            kind: SubjectKind::Attack,
            slug: attack.as_str().to_owned(),
            name: attack.label().to_owned(),
            id: None,
            known_exploited: false,
        }
    }
}

/// A subject and how many articles name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectCount {
    pub subject: Subject,
    pub articles: u64,
}

impl Serialize for SubjectKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SubjectKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom("no such kind"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_written_and_read_the_same_way() {
        for kind in SubjectKind::ALL {
            assert_eq!(SubjectKind::from_name(kind.as_str()), Some(kind));
            assert_eq!(SubjectKind::from_plural(kind.plural()), Some(kind));
        }
    }
}
