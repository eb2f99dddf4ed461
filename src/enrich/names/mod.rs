//! Malware and actors by name, also under names that nobody has listed yet; techniques, CVEs and products.

pub mod candidates;
pub mod corpus;
mod cues;
mod decide;
mod entities;
mod features;
mod ids;
mod model;
mod products;
pub mod train;

pub use entities::Role;
pub use model::Model;

use self::{candidates::Candidate, features::Page};
use super::{
    Reading,
    taxonomy::{Mention, Taxonomy},
};
use crate::domain::Entity;

/// The model that comes with siftwire; its card is `models/enrich/names.md`.
const MODEL: &str = include_str!("../../../models/enrich/names.tsv");

/// Recognises malware, actors, techniques, CVEs and affected products.
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

    /// Malware, actors, techniques, CVEs and affected products of an article, each once, in order of appearance within a kind. `mentions` are those
    /// of the taxonomy.
    pub fn find(
        &self,
        taxonomy: &Taxonomy,
        reading: &Reading,
        mentions: &[Mention],
    ) -> Vec<Entity> {
        let candidates = candidates::find(taxonomy, reading, mentions);
        let page = Page::of(taxonomy, reading, mentions, &candidates);
        let mut entities = entities::Entities::new(&page);
        for (candidate, role) in self.judged(&page, &candidates) {
            entities.add_name(candidate, role);
        }
        ids::find(&page, &mut entities);
        products::find(&page, &mut entities);
        entities.into_vec()
    }

    /// Every place that names malware or an actor, with what it names: for measuring.
    pub fn places(
        &self,
        taxonomy: &Taxonomy,
        reading: &Reading,
        mentions: &[Mention],
    ) -> Vec<(Candidate, Role)> {
        let candidates = candidates::find(taxonomy, reading, mentions);
        let page = Page::of(taxonomy, reading, mentions, &candidates);
        self.judged(&page, &candidates).map(|(candidate, role)| (candidate.clone(), role)).collect()
    }

    fn judged<'a>(
        &self,
        page: &Page<'_>,
        candidates: &'a [Candidate],
    ) -> impl Iterator<Item = (&'a Candidate, Role)> {
        let scores = decide::decide(page, candidates, &self.model);
        candidates.iter().zip(scores).filter(|(_, score)| score.hostile > 0.0).map(
            |(candidate, score)| {
                let role = if score.actor > 0.0 { Role::Actor } else { Role::Malware };
                (candidate, role)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::{domain::EntityKind, enrich::Enricher};

    /// What is found, as kind and name.
    fn found(enricher: &Enricher, title: &str, body: &str) -> Vec<(EntityKind, String)> {
        let reading = Reading::of(title, body);
        let entities = enricher.enrich(&reading, None).entities;
        entities.into_iter().map(|entity| (entity.kind, entity.name)).collect()
    }

    fn hostile(title: &str, body: &str) -> Vec<String> {
        let entities = found(&Enricher::embedded(), title, body);
        let hostile = |kind| matches!(kind, EntityKind::Actor | EntityKind::Malware);
        let mut names: Vec<String> =
            entities.into_iter().filter(|(kind, _)| hostile(*kind)).map(|(_, name)| name).collect();
        names.dedup();
        names
    }

    #[test]
    fn a_gang_is_told_from_a_word() {
        assert_eq!(
            hostile(
                "Bakery hit",
                "The Play ransomware gang claimed the attack on the bakery on its leak site."
            ),
            ["Play"]
        );
        assert_eq!(
            hostile(
                "Apps pulled",
                "Google removed 12 apps from Google Play. Children could play with them, the Play Store said."
            ),
            [""; 0]
        );
        assert_eq!(
            hostile("Prince opens maze", "The royal visit went to a hedge maze. Fog delayed it."),
            [""; 0]
        );
    }

    #[test]
    fn aliases_are_one_actor_with_all_places() {
        let body = "Fancy Bear sent the mails, the ministry said. APT28, which Microsoft tracks as Forest Blizzard, has done so before.";
        let reading = Reading::of("Mails at the ministry", body);
        let entities = Enricher::embedded().enrich(&reading, None).entities;
        let actors: Vec<&Entity> =
            entities.iter().filter(|one| one.kind == EntityKind::Actor).collect();
        assert_eq!(actors.len(), 1, "{actors:?}");
        assert_eq!(
            (actors[0].name.as_str(), actors[0].id.as_deref()),
            ("APT28", Some("attack:G0007"))
        );
        let places: Vec<&str> = actors[0].spans.iter().map(|span| reading.at(*span)).collect();
        assert_eq!(places, ["Fancy Bear", "APT28", "Forest Blizzard"]);
    }

    #[test]
    fn names_that_nobody_has_listed_are_found() {
        let names = hostile(
            "New ransomware",
            "Researchers found a new ransomware family dubbed QuillLocker. The QuillLocker ransomware encrypts files. \
             It is run by a group tracked as UNC9417.",
        );
        assert_eq!(names, ["QuillLocker", "UNC9417"]);
    }

    #[test]
    fn tools_of_honest_work_are_no_malware() {
        assert_eq!(
            hostile(
                "Gang walks in",
                "The intruders installed AnyDesk and copied files with rclone, then used PsExec."
            ),
            [""; 0]
        );
    }

    #[test]
    fn vulnerabilities_and_techniques_are_named_by_id() {
        let body = "The flaw, CVE-2021-44228, is old; cve-2026\u{2011}41877 is new. Technique: T1190, then T1566.002. Model T1190X is a car.";
        let reading = Reading::of("Patch", body);
        let entities = Enricher::embedded().enrich(&reading, None).entities;
        let ids: Vec<(&str, bool)> = entities
            .iter()
            .map(|one| (one.id.as_deref().unwrap_or_default(), one.known_exploited))
            .collect();
        assert_eq!(
            ids,
            [
                ("CVE-2021-44228", true),
                ("CVE-2026-41877", false),
                ("T1190", false),
                ("T1566.002", false)
            ]
        );
    }

    #[test]
    fn a_product_counts_where_something_is_wrong_with_it() {
        let products = |body: &str| {
            let entities = found(&Enricher::embedded(), "News", body);
            let product = |(kind, name)| (kind == EntityKind::Product).then_some(name);
            entities.into_iter().filter_map(product).collect::<Vec<String>>()
        };
        assert_eq!(
            products("Attackers exploited a flaw in MOVEit Transfer to steal data."),
            ["MOVEit Transfer"]
        );
        assert_eq!(products("The school runs MOVEit Transfer and teaches Chrome."), [""; 0]);
        assert_eq!(products("The patched hunters saw Orion above the trees."), [""; 0]);
    }

    #[test]
    fn own_names_need_no_cue() {
        let enricher =
            Enricher::with_names("actor\tPaper Lantern\tLantern\tour:1").expect("good names");
        let names = found(&enricher, "A quiet week", "Lantern was seen again.");
        assert!(names.contains(&(EntityKind::Actor, "Paper Lantern".to_owned())), "{names:?}");
    }

    proptest! {
        #[test]
        fn any_text_gives_places_in_the_text(title in "\\PC{0,30}", body in "(\\PC|Play |APT28|CVE-2021-44228|T1190\\.00|ransomware | dubbed ){0,60}") {
            let reading = Reading::of(&title, &body);
            static KNOWN: LazyLock<(Names, Taxonomy)> = LazyLock::new(|| {
                (Names::embedded(), Taxonomy::with_names("malware\tx").expect("good names"))
            });
            let (names, taxonomy) = &*KNOWN;
            let mentions = taxonomy.mentions(&reading);
            for entity in names.find(taxonomy, &reading, &mentions) {
                prop_assert!(!entity.spans.is_empty());
                for span in entity.spans.iter().chain([&entity.evidence]) {
                    prop_assert!(reading.text.get(span.start..span.end).is_some());
                }
            }
        }
    }
}
