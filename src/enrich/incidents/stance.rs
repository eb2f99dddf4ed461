//! How an article stands to what was told before: whether it looks back on an earlier event, or tells it apart from one.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::phrases::{Phrases, head};
use crate::{
    domain::{Attack, Enrichment},
    enrich::Reading,
};

/// Bytes that are looked through.
const MOST_READ: usize = 6 << 10;
/// Different phrases of looking back from which it is sure.
const SURE: f32 = 3.0;

/// How an article stands to earlier events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Stance {
    /// How much it looks back on an earlier event (courts, fines, inquiries, "months after"), 0 to 1.
    pub back: f32,
    /// It says that what it tells has nothing to do with an earlier event.
    pub apart: bool,
}

const BACK: usize = 0;
const APART: usize = 1;

/// The stance of an article.
pub(super) fn of(reading: &Reading, enrichment: &Enrichment) -> Stance {
    let sums = PHRASES.weigh(head(&reading.text, MOST_READ));
    let law = enrichment.attacks.iter().any(|tag| tag.attack == Attack::LawEnforcement);
    let back = sums[BACK] + if law { 1.0 } else { 0.0 };
    Stance { back: (back / SURE).min(1.0), apart: sums[APART] > 0.0 }
}

static PHRASES: LazyLock<Phrases<2>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            BACK,
            1.0,
            &[
                "fined",
                "fine of",
                "penalty",
                "sentenced",
                "sentence",
                "convicted",
                "court",
                "judge",
                "judges",
                "trial",
                "pleaded",
                "pleads",
                "indicted",
                "indictment",
                "lawsuit",
                "class action",
                "settlement",
                "settles",
                "arrested",
                "arrests",
                "arrest",
                "held",
                "charged",
                "extradited",
                "extradition",
                "sanctions",
                "sanctioned",
                "auditors",
                "audit office",
                "inquiry",
                "hearing",
                "senators",
                "lawmakers",
                "committee",
                "mps",
                "commissioner",
                "report published",
                "investigation has",
                "investigation found",
                "month after",
                "months after",
                "weeks after",
                "months later",
                "weeks later",
                "month later",
                "a year on",
                "year after",
                "a year later",
                "months ago",
                "weeks ago",
                "last month's",
                "last year's",
                "last month",
                "last week's",
                "last spring",
                "last summer",
                "last autumn",
                "last winter",
                "spring attack",
                "summer attack",
                "autumn attack",
                "winter attack",
                "revises",
                "revised",
                "correction",
                "corrects",
                "count rises",
                "up from",
                "total rises",
                "lessons",
                "cost of the attack",
                "costs of the attack",
                "first time since",
                "since the attack",
                "after the attack",
                "verurteilt",
                "studie",
                "bußgeld",
                "multa",
                "condenado",
                "detenidos",
                "amende",
                "condamné",
                "verhaftet",
                "festgenommen",
            ],
        ),
        (
            APART,
            1.0,
            &[
                "no connection",
                "not connected",
                "not be connected",
                "unconnected",
                "no link",
                "not linked",
                "not believed to be linked",
                "unrelated",
                "not related",
                "no relation to",
                "nothing to do with the",
                "separate incident",
                "separate attack",
                "separate breach",
                "is separate from",
                "was separate from",
                "second incident",
                "second attack",
                "second breach",
                "second time",
                "second brush",
                "once again",
                "attacked again",
                "hit again",
                "another attack on",
                "new attack on",
                "nichts zu tun",
                "kein zusammenhang",
                "sin relación",
                "sem relação",
                "aucun lien",
            ],
        ),
    ])
});

#[cfg(test)]
mod tests {
    use super::*;

    fn stance(text: &str) -> Stance {
        of(&Reading::of("", text), &Enrichment::default())
    }

    #[test]
    fn courts_look_back_and_second_attacks_stand_apart() {
        let court = stance("A court fined the clinic, nine months after the attack.");
        assert_eq!((court.back, court.apart), (1.0, false));
        let second = stance("The clinic said it has no connection to the attack in March.");
        assert_eq!((second.back, second.apart), (0.0, true));
    }
}
