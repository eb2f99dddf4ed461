//! Names the other way round: what somebody calls a thing, to the thing.

use super::{Kind, Known, Taxonomy};
use crate::{domain::EntityKind, enrich::Reading};

impl Taxonomy {
    /// The known thing that `text` as a whole is a name of, in the role of `kind`.
    pub fn resolve(&self, kind: EntityKind, text: &str) -> Option<&Known> {
        let reading = Reading::of(text, "");
        let mentions = self.mentions(&reading);
        let whole =
            mentions.first().filter(|mention| mention.tokens == (0..reading.tokens.len()))?;
        let mut known = whole.known.iter().map(|index| self.known(*index));
        known.find(|known| fits(known.kind, kind))
    }

    /// The names of the known thing with this name, its own left out.
    pub fn aliases(&self, kind: EntityKind, name: &str) -> Vec<&str> {
        let same = |known: &Known| known.name == name && fits(known.kind, kind);
        let others = self.spellings().filter(|(form, known)| same(known) && *form != name);
        others.map(|(form, _)| form).collect()
    }

    /// Up to `limit` spellings that begin with `typed`, in any case, with what they are names of. The shortest first.
    pub fn beginning(&self, typed: &str, limit: usize) -> Vec<(&str, &Known)> {
        let begins = |form: &str| {
            form.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
        };
        let mut found: Vec<(&str, &Known)> = self
            .spellings()
            .filter(|(form, known)| known.kind != Kind::Not && begins(form))
            .collect();
        found.sort_unstable_by_key(|(form, _)| (form.len(), *form));
        found.truncate(limit);
        found
    }

    /// Every spelling and the known thing it is a name of.
    fn spellings(&self) -> impl Iterator<Item = (&str, &Known)> {
        self.gazetteer.forms().map(|(form, index)| (form, self.known(index)))
    }
}

impl Kind {
    /// The role in which things of this kind stand, where there is only one.
    pub fn role(self) -> Option<EntityKind> {
        Some(match self {
            Kind::Actor => EntityKind::Actor,
            Kind::Malware | Kind::Brand | Kind::Tool => EntityKind::Malware,
            Kind::Vendor | Kind::Company => EntityKind::Vendor,
            Kind::Product => EntityKind::Product,
            Kind::Technique => EntityKind::Technique,
            Kind::Not => return None,
        })
    }
}

/// Whether a known thing of a kind may stand in a role.
fn fits(known: Kind, role: EntityKind) -> bool {
    match role {
        EntityKind::Actor => matches!(known, Kind::Actor | Kind::Brand),
        EntityKind::Victim => known.is_maker() && known != Kind::Product,
        other => known.role() == Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_leads_to_the_name_and_back() {
        let own = "actor\tGravel Owl\tStone Bird|G Owl\tattack:G9999";
        let taxonomy = Taxonomy::with_names(own).expect("names");
        let resolve = |text: &str| taxonomy.resolve(EntityKind::Actor, text);
        assert_eq!(resolve("stone bird").map(|known| known.name.as_str()), Some("Gravel Owl"));
        assert_eq!(resolve("Stone Bird of prey"), None);
        assert_eq!(taxonomy.resolve(EntityKind::Vendor, "Stone Bird"), None);
        let aliases = taxonomy.aliases(EntityKind::Actor, "Gravel Owl");
        assert!(aliases.contains(&"Stone Bird") && !aliases.contains(&"Gravel Owl"));
        let begun = taxonomy.beginning("gravel o", 5);
        assert_eq!(begun.first().map(|(form, _)| *form), Some("Gravel Owl"));
    }
}
