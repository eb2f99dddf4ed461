//! What was done: attack tags with their evidence, and the one a reader would file the article under.
//!
//! Words that speak for an attack ([`cues`]) and a linear model over all words ([`model`]) say what
//! they see; a judge for each attack ([`judge`]) weighs both with the names in the article ([`Hints`]).

mod cues;
mod evidence;
mod features;
mod hints;
mod judge;
mod model;
pub mod train;

use std::sync::LazyLock;

use super::Reading;
use crate::domain::{Attack, AttackTag};

pub use hints::Hints;
pub use model::{Model, ModelError};

use cues::Cues;
use features::Features;

static EMBEDDED: &[u8] = include_bytes!("../../../models/enrich/attacks.bin");

/// Tells which attacks an article reports.
#[derive(Debug)]
pub struct Attacks {
    cues: &'static Cues,
    /// `None` when the model cannot be used: cues decide alone.
    model: Option<Model>,
}

/// What an article reports.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tagged {
    /// Surest first.
    pub attacks: Vec<AttackTag>,
    pub main: Option<Attack>,
}

/// Probability of each attack, in the order of [`Attack::ALL`].
pub type Scores = [f32; Attack::ALL.len()];

impl Attacks {
    /// With the model that comes with siftwire.
    pub fn embedded() -> Attacks {
        let model = Model::from_bytes(EMBEDDED)
            .inspect_err(|error| tracing::warn!(%error, "attack model not usable, cues decide"))
            .ok();
        Attacks { cues: Cues::embedded(), model }
    }

    /// With a model of one's own.
    pub fn new(model: Model) -> Attacks {
        Attacks { cues: Cues::embedded(), model: Some(model) }
    }

    /// The attacks that an article reports, with the sentences that show them.
    pub fn tag(&self, reading: &Reading, hints: Hints) -> Tagged {
        let features = Features::of(reading, self.cues, hints);
        let model = self.model.as_ref().unwrap_or_else(|| cues_only());
        let scores = model.scores(&features);
        let mut attacks: Vec<AttackTag> = Attack::ALL
            .into_iter()
            .zip(scores)
            .filter(|(attack, _)| model.is_tag(*attack, features.form, &scores))
            .map(|(attack, score)| AttackTag {
                attack,
                score,
                evidence: evidence::sentences(reading, &features, model, attack),
            })
            .collect();
        attacks.sort_by(|a, b| b.score.total_cmp(&a.score));
        let main = model.main(&features, &scores);
        Tagged { attacks, main }
    }
}

fn cues_only() -> &'static Model {
    static CUES_ONLY: LazyLock<Model> = LazyLock::new(Model::default);
    &CUES_ONLY
}

/// Place of an attack in [`Scores`].
fn place(attack: Attack) -> usize {
    Attack::ALL.iter().position(|one| *one == attack).expect("every attack is listed")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tagged(title: &str, body: &str) -> Tagged {
        Attacks::embedded().tag(&Reading::of(title, body), Hints::default())
    }

    fn has(tagged: &Tagged, attack: Attack) -> bool {
        tagged.attacks.iter().any(|tag| tag.attack == attack)
    }

    #[test]
    fn the_main_attack_is_what_the_headline_tells() {
        for (title, body, main) in [
            (
                "Ransomware halts bottling plant",
                "Files were encrypted overnight and the gang demanded a ransom of 2 million dollars.",
                Attack::Ransomware,
            ),
            (
                "Ticket seller flooded by record DDoS",
                "The denial-of-service attack peaked at 3 Tbps and kept the shop unreachable for hours.",
                Attack::Ddos,
            ),
            (
                "Two arrested over hospital hack",
                "Police arrested two men on Tuesday; prosecutors charged them with extortion.",
                Attack::LawEnforcement,
            ),
        ] {
            let tagged = tagged(title, body);
            assert_eq!(tagged.main, Some(main), "{title}: {tagged:?}");
            assert!(has(&tagged, main));
        }
    }

    #[test]
    fn each_tag_shows_a_sentence_that_speaks_for_it() {
        let title = "Retailer says customer data was stolen";
        let body = "The weather was fine. Names and addresses of 40,000 customers were stolen in the data breach.";
        let reading = Reading::of(title, body);
        let tagged = Attacks::embedded().tag(&reading, Hints::default());
        let breach = tagged.attacks.iter().find(|tag| tag.attack == Attack::DataBreach);
        let shown: Vec<&str> =
            breach.expect("a breach").evidence.iter().map(|span| reading.at(*span)).collect();
        assert!(shown.iter().any(|sentence| sentence.contains("stolen")), "{shown:?}");
        assert!(!shown.iter().any(|sentence| sentence.contains("weather")), "{shown:?}");
    }

    #[test]
    fn what_is_denied_is_not_reported() {
        let tagged = tagged(
            "Town hall outage was a cut cable",
            "Contractors severed a fibre line. It was not ransomware, the council said.",
        );
        assert!(!has(&tagged, Attack::Ransomware), "{tagged:?}");
    }

    #[test]
    fn an_article_without_an_attack_has_no_tags() {
        let tagged =
            tagged("Bakery opens second shop", "Bread and cakes from seven in the morning.");
        assert_eq!(tagged, Tagged::default());
    }

    #[test]
    fn without_a_model_cues_decide() {
        let attacks = Attacks { cues: Cues::embedded(), model: None };
        let reading = Reading::of("Ransomware hits port", "The ransomware gang demanded a ransom.");
        assert_eq!(attacks.tag(&reading, Hints::default()).main, Some(Attack::Ransomware));
    }

    proptest! {
        #[test]
        fn any_text_is_tagged_without_a_panic(title in "\\PC{0,40}", body in "(\\PC|ransomware |breach|\n|\\. ){0,80}") {
            let reading = Reading::of(&title, &body);
            for tag in Attacks::embedded().tag(&reading, Hints::default()).attacks {
                prop_assert!((0.0..=1.0).contains(&tag.score));
                prop_assert!(!tag.evidence.is_empty());
                for span in tag.evidence {
                    prop_assert!(reading.text.get(span.start..span.end).is_some());
                }
            }
        }
    }
}
