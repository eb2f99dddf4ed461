//! What an article is: the report of one incident, a round-up of several, or no report at all.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{
    phrases::{Phrases, head},
    sections,
};
use crate::{
    domain::{Enrichment, EntityKind},
    enrich::{Reading, reading::Shape},
};

/// Bytes of the body that are looked through for phrases.
const MOST_READ: usize = 3 << 10;
/// What an article must have against it to be no report.
const OTHER: f32 = 3.0;
/// What must speak for a round-up.
const ROUNDUP: f32 = 3.0;
/// Weak phrases and those of a round-up's body count up to this.
const MOST_WEAK: f32 = 1.5;

/// What an article is to incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Standing {
    /// Tells of one incident.
    Report,
    /// Tells of several.
    Roundup,
    /// Opinion, marketing, how-to, explainer, event notice, market news.
    Other,
}

const SEVERAL: usize = 0;
const NO_REPORT: usize = 1;
const WEAK: usize = 2;
const HAPPENED: usize = 3;

/// The standing of an article. Doubtful ones are reports: a report that is taken for something else is lost to its
/// incident, the reverse stands alone and harms nothing.
pub(super) fn of(reading: &Reading, enrichment: &Enrichment) -> Standing {
    let title = TITLES.weigh(&reading.text[..reading.title_end]);
    let body = BODIES.weigh(head(&reading.text[reading.title_end..], MOST_READ));
    let roundup = title[SEVERAL]
        + numbered_week(reading)
        + body[SEVERAL].min(MOST_WEAK)
        + sections::evidence(reading, enrichment);
    if roundup >= ROUNDUP {
        return Standing::Roundup;
    }
    let other = title[NO_REPORT] + body[NO_REPORT] + body[WEAK].min(MOST_WEAK);
    let happened = body[HAPPENED] + title[HAPPENED] + tagged(enrichment);
    if other >= OTHER && other > happened { Standing::Other } else { Standing::Report }
}

/// Issues of a series are numbered by week: `Week 12: …`.
fn numbered_week(reading: &Reading) -> f32 {
    let title =
        reading.tokens.iter().take_while(|token| reading.in_title(token.span.start)).count();
    let week = (1..title).any(|at| {
        reading.tokens[at].shape == Shape::Number
            && reading.word(at - 1).eq_ignore_ascii_case("week")
    });
    if week { 2.0 } else { 0.0 }
}

/// How much the tags say that something happened.
fn tagged(enrichment: &Enrichment) -> f32 {
    let some = |kind| if enrichment.of_kind(kind).next().is_some() { 1.0 } else { 0.0 };
    let attack = enrichment.attacks.first().map_or(0.0, |tag| tag.score);
    some(EntityKind::Victim) + some(EntityKind::Cve) + attack
}

static TITLES: LazyLock<Phrases<4>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            SEVERAL,
            3.0,
            &[
                "round-up",
                "roundup",
                "in brief",
                "week in review",
                "this week in",
                "weekly recap",
                "week in security",
                "weekly digest",
                "newsletter",
                "month in review",
                "year in review",
                "resumo da semana",
                "resumen de la semana",
                "wochenrückblick",
                "jahresrückblick",
                "résumé de la semaine",
                "biggest breaches of",
                "biggest hacks of",
                "worst breaches of",
                "biggest cyber attacks of",
                "top stories",
                "news bites",
                "week's news",
                "what we missed",
                "honours list",
                "honors list",
            ],
        ),
        (
            SEVERAL,
            2.0,
            &[
                "this week",
                "recap",
                "digest",
                "so far this year",
                "of the month",
                "look back",
                "looking back",
            ],
        ),
        (
            NO_REPORT,
            3.0,
            &[
                "opinion:",
                "comment:",
                "editorial:",
                "explainer:",
                "explained:",
                "op-ed",
                "interview:",
                "podcast:",
                "webinar",
                "how to",
                "a guide to",
                "guide:",
                "tutorial",
                "checklist",
                "call for papers",
                "whitepaper",
                "best practices",
                "things to do",
                "things you",
                "ways to",
                "tips for",
                "tips to",
                "steps to",
                "kommentar:",
                "meinung:",
                "so schützen",
                "cómo proteger",
                "cómo evitar",
                "opinión:",
                "opinião:",
                "como proteger",
                "comment protéger",
                "tribune:",
                "what is",
                "buyer's guide",
                "review:",
                "sponsored",
                "save the date",
            ],
        ),
        (
            NO_REPORT,
            1.5,
            &[
                "shares",
                "outlook",
                "earnings",
                "quarterly",
                "funding round",
                "series a",
                "series b",
                "why",
                "conference",
                "summit",
                "academy",
                "workshop",
                "meetup",
                "predictions",
                "magic quadrant",
                "resilience",
            ],
        ),
        (
            HAPPENED,
            1.5,
            &[
                "breach",
                "hacked",
                "hack",
                "attack",
                "attacked",
                "ransomware",
                "stolen",
                "leak",
                "leaked",
                "exploited",
                "flaw",
                "vulnerability",
                "zero-day",
                "backdoor",
                "malware",
                "arrested",
                "charged",
                "sentenced",
                "fined",
                "outage",
                "victims",
                "extortion",
                "incident",
                "theft",
                "steal",
                "patch",
            ],
        ),
    ])
});

static BODIES: LazyLock<Phrases<4>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            SEVERAL,
            0.75,
            &[
                "elsewhere",
                "also this week",
                "in other news",
                "honourable mention",
                "honorable mention",
                "por fim",
                "finally this week",
                "next week",
                "außerdem",
                "last but not least",
                "in brief",
                "también esta semana",
            ],
        ),
        (
            NO_REPORT,
            1.5,
            &[
                "book a demo",
                "request a demo",
                "free trial",
                "free guide",
                "download the free",
                "download our",
                "contact us",
                "contact our sales",
                "our customers",
                "our platform",
                "our solution",
                "sign up",
                "register now",
                "register at",
                "call for papers",
                "early bird",
                "submission site",
                "anmeldeschluss",
                "teilnahme kostet",
                "full-year",
                "analysts expected",
                "product revenue",
                "earnings per share",
                "in this article",
                "in this guide",
                "step 1",
                "you'll need",
                "you will need",
                "we believe",
                "we'd like to see",
                "i think",
                "in my view",
                "i believe",
                "general availability",
            ],
        ),
        (
            WEAK,
            0.5,
            &[
                "you",
                "your",
                "should",
                "boards",
                "enable",
                "make sure",
                "start with",
                "organisers",
                "organizers",
                "slots",
                "webinar",
                "revenue",
                "shares",
                "investors",
                "forecast",
                "margin",
                "our annual",
                "survey",
                "if you",
                "i can",
                "settings",
                "workshop",
                "talks on",
                "tickets",
            ],
        ),
        (
            HAPPENED,
            1.0,
            &[
                "said on monday",
                "said on tuesday",
                "said on wednesday",
                "said on thursday",
                "said on friday",
                "confirmed",
                "disclosed",
                "spokesperson",
                "spokeswoman",
                "spokesman",
                "told reporters",
                "claimed responsibility",
                "attackers",
                "hackers",
                "intruders",
                "were stolen",
                "was stolen",
                "stole",
                "been stolen",
                "breached",
                "encrypted",
                "police",
                "arrested",
                "pleaded guilty",
                "sentenced",
                "charged",
                "fined",
                "ransom note",
                "leak site",
                "taken offline",
                "exploited in the wild",
                "being exploited",
                "under attack",
                "compromised",
                "notified",
                "investigating",
                "forensic",
                "affected",
                "malicious",
                "command server",
                "incident",
                "data breach",
                "outage",
                "breach",
                "emergency",
                "regulator",
                "the company said",
                "according to",
            ],
        ),
    ])
});

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(title: &str, body: &str) -> Standing {
        of(&Reading::of(title, body), &Enrichment::default())
    }

    #[test]
    fn reports_are_reports() {
        let told = standing(
            "Grenwold Clinic confirms ransomware attack",
            "The clinic said on Monday that attackers had encrypted its records. Police are investigating.\n\nYou should call before you come, a spokesperson said.",
        );
        assert_eq!(told, Standing::Report);
    }

    #[test]
    fn general_news_is_a_report_too() {
        let told = standing(
            "Ferry runs aground off Quillsay",
            "Sixty people were brought ashore in lifeboats on Sunday night.",
        );
        assert_eq!(told, Standing::Report);
    }

    #[test]
    fn advice_offers_and_opinions_belong_to_no_incident() {
        let advice = standing(
            "How to set up passkeys for a small office",
            "You'll need an hour and your admin password. Enable the method under Settings, then ask each of your colleagues to register.",
        );
        assert_eq!(advice, Standing::Other);
        let offer = standing(
            "Stay resilient with Ostrich Vault",
            "We believe that backups come first. Download the free guide or book a demo this month.",
        );
        assert_eq!(offer, Standing::Other);
        let opinion = standing(
            "Opinion: Let them pay",
            "I think a ban on payments should never pass. Boards ask me what to do, and I tell them.",
        );
        assert_eq!(opinion, Standing::Other);
    }

    #[test]
    fn several_stories_are_a_roundup() {
        let told = standing(
            "The week in review",
            "Ransomware: Grenwold Clinic is back on paper after an attack.\n\nFlaws: Ostrich Systems fixed CVE-2031-1234.\n\nElsewhere: police arrested two people in Quillsay.",
        );
        assert_eq!(told, Standing::Roundup);
    }
}
