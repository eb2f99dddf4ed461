//! All recognisers over one article.

use super::{
    NamesError, Reading, Taxonomy,
    attacks::{Attacks, Hints},
    indicators,
    names::Names,
    roles,
};
use crate::domain::{Enrichment, EntityKind, detect_language};

/// Recognises what happened to whom. Building it reads the taxonomy and the models: build it once, share it.
#[derive(Debug)]
pub struct Enricher {
    taxonomy: Taxonomy,
    names: Names,
    attacks: Attacks,
}

impl Enricher {
    /// With the names that come with siftwire.
    pub fn embedded() -> Enricher {
        Self::of(Taxonomy::embedded())
    }

    /// With an operator's own names merged over those that come with siftwire.
    pub fn with_names(own: &str) -> Result<Enricher, NamesError> {
        Ok(Self::of(Taxonomy::with_names(own)?))
    }

    fn of(taxonomy: Taxonomy) -> Enricher {
        Enricher { taxonomy, names: Names::embedded(), attacks: Attacks::embedded() }
    }

    /// The names that are known.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// Everything that is recognised in one article. `own_site` is the registrable domain of the article's address.
    pub fn enrich(&self, reading: &Reading, own_site: Option<&str>) -> Enrichment {
        let mentions = self.taxonomy.mentions(reading);
        let mut entities = self.names.find(&self.taxonomy, reading, &mentions);
        let tagged = self.attacks.tag(reading, Hints::of(&entities));
        let roles = roles::assign(&self.taxonomy, reading, &mentions);
        let attackers: Vec<String> = entities
            .iter()
            .filter(|entity| matches!(entity.kind, EntityKind::Actor | EntityKind::Malware))
            .map(|entity| entity.name.clone())
            .collect();
        let victims = roles.victims.into_iter();
        entities.extend(victims.filter(|victim| !attackers.contains(&victim.name)));
        entities.extend(roles.vendors);
        Enrichment {
            attacks: tagged.attacks,
            main_attack: tagged.main,
            language: detect_language(&reading.text).map(str::to_owned),
            indicators: indicators::find(&reading.text, own_site),
            entities,
            countries: roles.countries,
            sectors: roles.sectors,
        }
    }
}
