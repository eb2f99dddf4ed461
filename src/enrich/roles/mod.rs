//! Who is who: which organisations of an article are its victims, and which made what was exploited or abused;
//! with the countries and sectors of the victims.
//!
//! Names are found by their capitals ([`names`]), put together ([`organisations`]), described by what stands around
//! them ([`features`]) and judged by trained weights ([`model`]).

mod context;
mod features;
mod japanese;
mod known;
mod makers;
mod model;
mod names;
mod organisations;
mod places;
mod sectors;
pub mod train;
mod words;

pub use model::{Model, Role};

use self::{
    features::{Scene, Sink},
    organisations::Organisation,
    words::Words,
};
use crate::{
    domain::{Entity, EntityKind, Span},
    enrich::{
        Reading, incidents,
        taxonomy::{Kind, Mention, Taxonomy},
    },
};

/// Who is who in one article.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roles {
    /// Surest first.
    pub victims: Vec<Entity>,
    /// Surest first.
    pub vendors: Vec<Entity>,
    /// Countries of the victims, ISO 3166-1 alpha-2, surest first.
    pub countries: Vec<String>,
    /// Sectors of the victims, surest first.
    pub sectors: Vec<String>,
}

/// Where the outcomes part, as probabilities.
const VICTIM_FROM: f32 = 0.35;
const VENDOR_FROM: f32 = 0.2;
/// The best candidate of an article with no sure victim is taken from here on.
const LONE_VICTIM_FROM: f32 = 0.2;
/// What the maker of a flawed thing is a vendor with, unless it is surer to be a victim.
const MAKER: f32 = 0.5;
const SURE_VICTIM: f32 = 0.7;

/// Tells who is who, with the weights that ship with the program. `mentions` are those
/// of the taxonomy in the same reading.
pub fn assign(taxonomy: &Taxonomy, reading: &Reading, mentions: &[Mention]) -> Roles {
    assign_with(&model::SHIPPED, taxonomy, reading, mentions)
}

/// Tells who is who with other weights. Articles that report nothing name nobody's victim.
pub fn assign_with(
    model: &Model,
    taxonomy: &Taxonomy,
    reading: &Reading,
    mentions: &[Mention],
) -> Roles {
    if incidents::is_no_report(reading) {
        return Roles::default();
    }
    let words = Words::of(reading);
    let marks = known::marks(taxonomy, &words, mentions);
    let organisations = organisations::find(&words, &marks);
    let scene = Scene::of(&words, &organisations, &marks);
    let scores = score(model, &scene);
    let chosen = Chosen::of(&scores);
    let victims: Vec<&Organisation> = chosen.victims.iter().map(|at| &organisations[*at]).collect();
    let setting = context::of(&words, &victims);
    let entities = |chosen: &[usize], kind| {
        let named = chosen.iter().map(|at| entity(&scene, &organisations[*at], kind));
        named.filter(|entity| !is_technique(&entity.name)).collect()
    };
    Roles {
        victims: entities(&chosen.victims, EntityKind::Victim),
        vendors: entities(&chosen.vendors, EntityKind::Vendor),
        countries: setting.countries,
        // A flaw without a victim concerns those who make and run the thing.
        sectors: if victims.is_empty() && !chosen.vendors.is_empty() {
            vec!["technology".to_owned()]
        } else {
            setting.sectors
        },
    }
}

/// Short names of techniques and things, which are written like organisations. Sorted.
const TECHNIQUES: [&str; 34] = [
    "AI", "API", "BTC", "Bitcoin", "CEO", "CFO", "CISO", "CSV", "DDoS", "DNS", "ETH", "Ethereum",
    "FTP", "HTTP", "HTTPS", "IP", "ISO", "IT", "JSON", "MFA", "PDF", "PIN", "QR", "RDP", "SIM",
    "SMS", "SQL", "SSH", "SSL", "TLS", "URL", "USB", "VPN", "XML",
];

fn is_technique(name: &str) -> bool {
    TECHNIQUES.binary_search(&name).is_ok()
}

/// Probabilities of victim and vendor for each organisation.
fn score(model: &Model, scene: &Scene) -> Vec<[f32; 2]> {
    let mut hashes = Hashes::default();
    (0..scene.organisations.len())
        .map(|at| {
            hashes.0.clear();
            scene.describe(at, &mut hashes);
            hashes.0.sort_unstable();
            hashes.0.dedup();
            let [victim, vendor] = model.probabilities(&hashes.0);
            if scene.is_product(&scene.organisations[at]) {
                return [victim, 0.0];
            }
            if victim < SURE_VICTIM && scene.makes_what_is_flawed(&scene.organisations[at]) {
                return [victim.min(VENDOR_FROM), vendor.max(MAKER)];
            }
            [victim, vendor]
        })
        .collect()
}

#[derive(Default)]
struct Hashes(Vec<u64>);

impl Sink for Hashes {
    fn put(&mut self, group: &'static str, value: &str) {
        self.0.push(model::feature(group, value));
    }
}

/// Indices of the organisations in each role, surest first.
struct Chosen {
    victims: Vec<usize>,
    vendors: Vec<usize>,
}

impl Chosen {
    fn of(scores: &[[f32; 2]]) -> Self {
        let mut victims =
            ranked(scores, |[victim, vendor]| *victim >= VICTIM_FROM && victim >= vendor, 0);
        if victims.is_empty() {
            victims = ranked(
                scores,
                |[victim, vendor]| *victim >= LONE_VICTIM_FROM && victim > vendor,
                0,
            );
            victims.truncate(1);
        }
        let vendors =
            ranked(scores, |[victim, vendor]| *vendor >= VENDOR_FROM && vendor > victim, 1);
        Self { victims, vendors }
    }
}

fn ranked(scores: &[[f32; 2]], accept: impl Fn(&[f32; 2]) -> bool, role: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..scores.len()).filter(|at| accept(&scores[*at])).collect();
    chosen.sort_by(|one, other| scores[*other][role].total_cmp(&scores[*one][role]));
    chosen
}

fn entity(scene: &Scene, organisation: &Organisation, kind: EntityKind) -> Entity {
    let words = scene.words;
    let spans: Vec<Span> = organisation.mentions.iter().map(|name| name.span).collect();
    // The first mention in the body shows more than the headline.
    let shown = organisation
        .mentions
        .iter()
        .find(|name| !words.reading.in_title(name.span.start))
        .unwrap_or(&organisation.mentions[0]);
    Entity {
        kind,
        name: canonical(scene, organisation, kind),
        id: None,
        spans,
        evidence: words.reading.sentences[shown.sentence].span,
        known_exploited: false,
    }
}

/// The fullest name, on one line; a vendor that is known goes by the name it is known under.
fn canonical(scene: &Scene, organisation: &Organisation, kind: EntityKind) -> String {
    let span = organisation.fullest.span;
    let known = known::within(scene.marks, span)
        .find(|mark| mark.kind == Kind::Vendor && mark.span == span && !mark.common);
    if let (EntityKind::Vendor, Some(mark)) = (kind, known) {
        return mark.name.to_owned();
    }
    let text = organisation.fullest.text(scene.words);
    let text = text.strip_prefix("The ").unwrap_or(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(Taxonomy::embedded);

    fn roles(title: &str, body: &str) -> Roles {
        let reading = Reading::of(title, body);
        assign(&TAXONOMY, &reading, &TAXONOMY.mentions(&reading))
    }

    fn victims(title: &str, body: &str) -> Vec<String> {
        roles(title, body).victims.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn techniques_are_no_organisations() {
        assert!(TECHNIQUES.is_sorted());
        let names =
            victims("Bitcoin hit by attack", "TLS was hacked and MFA was breached, said VPN.");
        assert!(names.iter().all(|name| !is_technique(name)), "{names:?}");
    }

    #[test]
    fn who_suffers_is_the_victim_in_either_voice() {
        assert_eq!(
            victims("", "Halden Valley Hospital suffers a ransomware attack."),
            ["Halden Valley Hospital"]
        );
        assert_eq!(
            victims("", "Halden Valley Hospital was hit by a ransomware attack."),
            ["Halden Valley Hospital"]
        );
    }

    #[test]
    fn what_reports_nothing_has_no_victims() {
        let found = roles(
            "Stay resilient with Ostrich Vault",
            "We believe that backups come first. Ostrich Vault was hit by no ransomware yet. Download the free guide or book a demo this month.",
        );
        assert_eq!(found, Roles::default());
    }

    #[test]
    fn who_makes_what_is_flawed_is_the_vendor() {
        let found = roles(
            "Patch now",
            "The flaw CVE-2031-1234 in Brightmere VPN gateways is exploited. Brightmere said so on Monday.",
        );
        let vendors: Vec<&str> = found.vendors.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(vendors, ["Brightmere"]);
        assert!(found.victims.is_empty(), "{:?}", found.victims);
    }

    #[test]
    fn a_headline_alone_is_enough() {
        assert_eq!(victims("Dunmore College Confirms Data Breach", ""), ["Dunmore College"]);
    }

    #[test]
    fn spans_and_evidence_show_the_name() {
        let reading =
            Reading::of("Corvane Clinic hit", "Corvane Clinic was hit by ransomware on Monday.");
        let found = assign(&TAXONOMY, &reading, &TAXONOMY.mentions(&reading));
        let victim = &found.victims[0];
        assert!(victim.spans.iter().all(|span| reading.at(*span) == "Corvane Clinic"));
        assert_eq!(victim.spans.len(), 2);
        assert_eq!(reading.at(victim.evidence), "Corvane Clinic was hit by ransomware on Monday.");
    }

    #[test]
    fn a_text_of_capitals_takes_bounded_work() {
        let body = "ACME Corp And Beta Of Gamma ".repeat(9_000);
        let found = roles("ALL CAPS", &body);
        assert!(found.victims.len() + found.vendors.len() < 700);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_gives_spans_that_hold(
            title in "\\PC{0,30}",
            body in "([A-Z][a-z]{0,4}|of|and|the| |,|\\.|'s|-|&|\\(|\\)|キヤノンの|ß|\\PC|\n){0,80}",
        ) {
            let reading = Reading::of(&title, &body);
            let found = assign(&TAXONOMY, &reading, &TAXONOMY.mentions(&reading));
            for entity in found.victims.iter().chain(&found.vendors) {
                prop_assert!(!entity.spans.is_empty());
                for span in &entity.spans {
                    prop_assert!(reading.text.get(span.start..span.end).is_some_and(|text| !text.is_empty()));
                }
            }
        }
    }
}
