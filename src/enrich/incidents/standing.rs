//! What an article is: the report of one incident, a round-up of several, or no report at all.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};

use super::sections;
use crate::{
    domain::{Enrichment, EntityKind},
    enrich::Reading,
};

/// Bytes of the body that are looked through for phrases.
const MOST_READ: usize = 8 << 10;
/// What an article must have against it to be no report.
const OTHER: f32 = 3.0;
/// What must speak for a round-up.
const ROUNDUP: f32 = 3.0;

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

/// The standing of an article. Doubtful ones are reports: a report that is taken for something else is lost to its
/// incident, the reverse stands alone and harms nothing.
pub(super) fn of(reading: &Reading, enrichment: &Enrichment) -> Standing {
    let title = TITLES.count(&reading.text[..reading.title_end]);
    let body = BODIES.count(head(&reading.text[reading.title_end..]));
    let happened = body.happened + title.happened + tagged(enrichment);
    let roundup = title.roundup + body.roundup.min(1.5) + sections::evidence(reading, enrichment);
    if roundup >= ROUNDUP {
        return Standing::Roundup;
    }
    let other = title.other + body.other;
    if other >= OTHER && other > happened { Standing::Other } else { Standing::Report }
}

fn head(text: &str) -> &str {
    let end = (0..=MOST_READ.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// How much the tags say that something happened.
fn tagged(enrichment: &Enrichment) -> f32 {
    let some = |kind| if enrichment.of_kind(kind).next().is_some() { 1.0 } else { 0.0 };
    let attack = enrichment.attacks.first().map_or(0.0, |tag| tag.score);
    some(EntityKind::Victim) + some(EntityKind::Cve) + attack
}

/// What phrases say of an article.
#[derive(Debug, Default, Clone, Copy)]
struct Cues {
    roundup: f32,
    other: f32,
    happened: f32,
}

#[derive(Debug, Clone, Copy)]
enum Says {
    Roundup,
    Other,
    Happened,
}

/// Phrases with what each says. A phrase counts at word boundaries; its second time for half, and no more.
struct Phrases {
    automaton: AhoCorasick,
    says: Vec<(Says, f32)>,
}

impl Phrases {
    fn new(lists: &[(Says, f32, &[&str])]) -> Phrases {
        let says =
            lists.iter().flat_map(|(says, weight, list)| list.iter().map(|_| (*says, *weight)));
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(lists.iter().flat_map(|(.., list)| list.iter()))
            .expect("a few short phrases");
        Phrases { automaton, says: says.collect() }
    }

    fn count(&self, text: &str) -> Cues {
        let mut seen = vec![0_u8; self.says.len()];
        let mut cues = Cues::default();
        for found in self.automaton.find_iter(text) {
            let at = found.pattern().as_usize();
            if seen[at] == 2 || !is_whole(text, found.start(), found.end()) {
                continue;
            }
            let (says, weight) = self.says[at];
            let weight = if seen[at] == 0 { weight } else { weight / 2.0 };
            seen[at] += 1;
            match says {
                Says::Roundup => cues.roundup += weight,
                Says::Other => cues.other += weight,
                Says::Happened => cues.happened += weight,
            }
        }
        cues
    }
}

/// Whether a match begins and ends where words do.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let before = letter(text[..start].chars().next_back()) && letter(text[start..].chars().next());
    let after = letter(text[end..].chars().next()) && letter(text[..end].chars().next_back());
    !before && !after
}

static TITLES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Says::Roundup,
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
            ],
        ),
        (
            Says::Roundup,
            2.0,
            &[
                "week 1",
                "week 2",
                "week 3",
                "week 4",
                "this week",
                "the week",
                "recap",
                "digest",
                "of the year",
                "so far this year",
                "of the month",
                "look back",
                "looking back",
            ],
        ),
        (
            Says::Roundup,
            1.0,
            &[
                "january",
                "february",
                "april",
                "june",
                "july",
                "august",
                "september",
                "october",
                "november",
                "december",
                "week",
            ],
        ),
        (
            Says::Other,
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
                "tribune",
                "what is",
                "buyer's guide",
                "lessons from",
                "review:",
                "sponsored",
                "save the date",
            ],
        ),
        (
            Says::Other,
            2.0,
            &[
                "shares",
                "stock",
                "outlook",
                "earnings",
                "quarterly",
                "raises",
                "funding",
                "series a",
                "series b",
                "acquires",
                "acquisition",
                "launches",
                "unveils",
                "announces new",
                "why",
                "conference",
                "summit",
                "academy",
                "workshop",
                "meetup",
                "explainer",
                "predictions",
                "trends",
                "partner of the year",
                "magic quadrant",
                "appoints",
                "partners with",
            ],
        ),
        (
            Says::Happened,
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
                "fix",
                "patch",
            ],
        ),
    ])
});

static BODIES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Says::Roundup,
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
            Says::Other,
            1.5,
            &[
                "book a demo",
                "request a demo",
                "free trial",
                "free guide",
                "download the",
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
                "tickets",
                "anmeldeschluss",
                "teilnahme kostet",
                "full-year",
                "forecast",
                "investors",
                "analysts expected",
                "product revenue",
                "quarterly",
                "margin",
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
                "now available",
                "workshop",
                "talks on",
                "turn it on",
                "settings",
            ],
        ),
        (
            Says::Other,
            0.75,
            &[
                "you",
                "your",
                "should",
                "ask",
                "boards",
                "enable",
                "make sure",
                "start with",
                "organisers",
                "slots",
                "programme",
                "webinar",
                "audience",
                "revenue",
                "shares",
                "our annual",
                "survey",
                "if you",
                "don't",
                "never",
            ],
        ),
        (
            Says::Happened,
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
                "had been stolen",
                "breached",
                "was breached",
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
                "is being exploited",
                "under attack",
                "compromised",
                "notified",
                "investigating",
                "forensic",
                "affected",
                "patched",
                "malicious",
                "command server",
                "incident",
                "data breach",
                "ransomware",
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
