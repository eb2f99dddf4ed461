//! Whose an indicator is: decided by how it is written, what it is, and the words beside it.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{
    classify::Candidate,
    context::{list_heading, sentence},
    hosts::{is_well_known, registrable},
    refang::Refanged,
};
use crate::domain::{IndicatorKind, IndicatorRole};

/// Words that make an address beside them the attacker's, the victim's or nobody's, with their weight.
/// Whole words, lower case.
const CUES: &[(&str, IndicatorRole, f32)] = &[
    ("company's own", IndicatorRole::Victim, 3.0),
    ("its own", IndicatorRole::Victim, 1.0),
    ("command and control", IndicatorRole::Malicious, 3.0),
    ("command-and-control", IndicatorRole::Malicious, 3.0),
    ("c2", IndicatorRole::Malicious, 3.0),
    ("c&c", IndicatorRole::Malicious, 3.0),
    ("control server", IndicatorRole::Malicious, 3.0),
    ("beacon", IndicatorRole::Malicious, 2.5),
    ("beacons", IndicatorRole::Malicious, 2.5),
    ("beaconed", IndicatorRole::Malicious, 2.5),
    ("infrastructure", IndicatorRole::Malicious, 2.0),
    ("indicators", IndicatorRole::Malicious, 2.0),
    ("iocs", IndicatorRole::Malicious, 2.5),
    ("phishing", IndicatorRole::Malicious, 1.5),
    ("phish", IndicatorRole::Malicious, 1.5),
    ("malicious", IndicatorRole::Malicious, 2.0),
    ("attacker", IndicatorRole::Malicious, 1.5),
    ("attackers", IndicatorRole::Malicious, 1.5),
    ("fraudsters", IndicatorRole::Malicious, 1.5),
    ("lookalike", IndicatorRole::Malicious, 2.5),
    ("look-alike", IndicatorRole::Malicious, 2.5),
    ("typosquat", IndicatorRole::Malicious, 2.5),
    ("spoofed", IndicatorRole::Malicious, 1.5),
    ("fake", IndicatorRole::Malicious, 2.0),
    ("bogus", IndicatorRole::Malicious, 2.0),
    ("staging", IndicatorRole::Malicious, 2.0),
    ("exfiltrated", IndicatorRole::Malicious, 2.0),
    ("exfiltration", IndicatorRole::Malicious, 2.0),
    ("payload", IndicatorRole::Malicious, 2.0),
    ("dropper", IndicatorRole::Malicious, 2.0),
    ("stager", IndicatorRole::Malicious, 2.0),
    ("second stage", IndicatorRole::Malicious, 2.0),
    ("proxy", IndicatorRole::Malicious, 1.0),
    ("tunnel", IndicatorRole::Malicious, 1.5),
    ("callback", IndicatorRole::Malicious, 1.5),
    ("worth blocking", IndicatorRole::Malicious, 3.0),
    ("to block", IndicatorRole::Malicious, 1.5),
    ("registered", IndicatorRole::Malicious, 1.0),
    ("called home", IndicatorRole::Malicious, 2.5),
    ("calls home", IndicatorRole::Malicious, 2.5),
    ("pool", IndicatorRole::Malicious, 1.0),
    ("posted to", IndicatorRole::Malicious, 1.0),
    ("came from", IndicatorRole::Malicious, 1.0),
    ("went to", IndicatorRole::Malicious, 0.5),
    ("led to", IndicatorRole::Malicious, 1.0),
    ("reply-to", IndicatorRole::Malicious, 1.5),
    ("ransom", IndicatorRole::Malicious, 1.5),
    ("leak site", IndicatorRole::Malicious, 2.0),
    ("the gang", IndicatorRole::Malicious, 1.0),
    ("traffic", IndicatorRole::Malicious, 0.7),
    ("tráfico", IndicatorRole::Malicious, 0.7),
    ("hosted on", IndicatorRole::Malicious, 1.0),
    ("downloads from", IndicatorRole::Malicious, 1.5),
    ("legitimate", IndicatorRole::Benign, 3.0),
    ("legit", IndicatorRole::Benign, 3.0),
    ("genuine", IndicatorRole::Benign, 3.0),
    ("isn't bad", IndicatorRole::Benign, 3.0),
    ("not malicious", IndicatorRole::Benign, 4.0),
    ("harmless", IndicatorRole::Benign, 2.5),
    ("is fine", IndicatorRole::Benign, 3.0),
    ("false positive", IndicatorRole::Benign, 3.0),
    ("false positives", IndicatorRole::Benign, 3.0),
    ("defenders", IndicatorRole::Benign, 2.0),
    ("researchers", IndicatorRole::Benign, 0.5),
    ("public resolver", IndicatorRole::Benign, 3.0),
    ("official", IndicatorRole::Benign, 2.0),
    ("advisory", IndicatorRole::Benign, 2.0),
    ("guidance", IndicatorRole::Benign, 2.5),
    ("documentation", IndicatorRole::Benign, 2.0),
    ("vendor's", IndicatorRole::Benign, 1.0),
    ("fix page", IndicatorRole::Benign, 3.0),
    ("details at", IndicatorRole::Benign, 2.0),
    ("more at", IndicatorRole::Benign, 2.0),
    ("read more", IndicatorRole::Benign, 2.0),
    ("register at", IndicatorRole::Benign, 2.0),
    ("tickets", IndicatorRole::Benign, 1.5),
    ("own address", IndicatorRole::Benign, 3.0),
    ("rather than", IndicatorRole::Benign, 1.5),
    ("real address", IndicatorRole::Benign, 2.5),
    ("free tool", IndicatorRole::Benign, 2.0),
    ("contact", IndicatorRole::Benign, 1.0),
    ("write to", IndicatorRole::Benign, 1.5),
    ("report it to", IndicatorRole::Benign, 2.5),
    ("victim's", IndicatorRole::Victim, 2.0),
    ("outage", IndicatorRole::Victim, 2.0),
    ("offline", IndicatorRole::Victim, 2.0),
    ("defaced", IndicatorRole::Victim, 3.0),
    ("unreachable", IndicatorRole::Victim, 2.0),
    ("belongs to the", IndicatorRole::Victim, 1.0),
    ("compromised site", IndicatorRole::Victim, 2.5),
    ("compromised website", IndicatorRole::Victim, 2.5),
    ("injected into", IndicatorRole::Victim, 2.5),
    ("served from the", IndicatorRole::Victim, 1.0),
    ("its own site", IndicatorRole::Victim, 2.0),
    ("its website", IndicatorRole::Victim, 1.5),
    ("customers of", IndicatorRole::Victim, 1.0),
    ("impersonated", IndicatorRole::Victim, 1.0),
    ("against", IndicatorRole::Victim, 1.0),
];

/// Weight that an address written defanged has for being the attacker's: authors defang what must not be clicked.
const DEFANGED: f32 = 4.0;
const HASH_OR_WALLET: f32 = 4.0;
const WELL_KNOWN: f32 = 3.0;
const BARE_ADDRESS: f32 = 1.5;
const PAGE_IN_PLAIN_WRITING: f32 = 1.0;
/// How much of a cue's weight is left at the far end of a sentence.
const FAR: f32 = 0.35;
const REACH: usize = 160;

static CUE_FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(CUES.iter().map(|(words, ..)| words))
        .expect("the cues are a valid word list")
});

/// The role of a candidate and the reason in words.
pub(super) fn judge(
    candidate: &Candidate,
    refanged: &Refanged,
    own_site: Option<&str>,
) -> (IndicatorRole, String) {
    let mut tally = Tally::default();
    tally.weigh_form(candidate, own_site);
    let (from, sentence) = sentence(&refanged.text, candidate.start, candidate.end);
    tally.weigh_words(sentence, candidate.start - from, candidate.end - from);
    if let Some(heading) = list_heading(&refanged.text, candidate.start) {
        tally.weigh_words(heading, heading.len(), heading.len());
    }
    tally.verdict()
}

/// Evidence for each role: its sum, and the strongest piece in words.
#[derive(Default)]
struct Tally {
    malicious: Evidence,
    victim: Evidence,
    benign: Evidence,
}

#[derive(Default)]
struct Evidence {
    sum: f32,
    strongest: f32,
    reason: String,
}

impl Evidence {
    fn add(&mut self, weight: f32, reason: impl FnOnce() -> String) {
        self.sum += weight;
        if weight > self.strongest {
            self.strongest = weight;
            self.reason = reason();
        }
    }
}

impl Tally {
    fn of(&mut self, role: IndicatorRole) -> &mut Evidence {
        match role {
            IndicatorRole::Malicious => &mut self.malicious,
            IndicatorRole::Victim => &mut self.victim,
            IndicatorRole::Benign => &mut self.benign,
        }
    }

    fn weigh_form(&mut self, candidate: &Candidate, own_site: Option<&str>) {
        if candidate.defanged {
            self.malicious.add(DEFANGED, || "written defanged".into());
        }
        match candidate.kind {
            IndicatorKind::Md5
            | IndicatorKind::Sha1
            | IndicatorKind::Sha256
            | IndicatorKind::Sha512 => {
                self.malicious.add(HASH_OR_WALLET, || "a file hash".into());
            }
            IndicatorKind::Btc => self.malicious.add(HASH_OR_WALLET, || "a wallet".into()),
            IndicatorKind::Ipv4 | IndicatorKind::Ipv6 => {
                self.malicious.add(BARE_ADDRESS, || "a bare address".into());
            }
            IndicatorKind::Email => {
                self.malicious.add(PAGE_IN_PLAIN_WRITING, || "a mail address".into());
            }
            IndicatorKind::Domain | IndicatorKind::Url if !candidate.defanged => {
                self.benign.add(PAGE_IN_PLAIN_WRITING, || "written as a plain link".into());
            }
            IndicatorKind::Domain | IndicatorKind::Url => {}
        }
        let Some(host) = candidate.host.as_deref() else { return };
        if is_well_known(host) {
            self.benign.add(WELL_KNOWN, || format!("{} is well known", registrable(host)));
        }
        if own_site.is_some_and(|own| registrable(host) == own) {
            self.benign.add(WELL_KNOWN, || "the article's own site".into());
        }
    }

    /// Adds the cues of a sentence, the nearer to `start..end` the heavier.
    fn weigh_words(&mut self, sentence: &str, start: usize, end: usize) {
        for cue in CUE_FINDER.find_iter(sentence) {
            if !is_whole_word(sentence, cue.start(), cue.end()) {
                continue;
            }
            let distance = if cue.end() <= start {
                start - cue.end()
            } else if cue.start() >= end {
                cue.start() - end
            } else {
                continue;
            };
            let (words, role, weight) = CUES[cue.pattern().as_usize()];
            let nearness = 1.0 - (1.0 - FAR) * (distance.min(REACH) as f32 / REACH as f32);
            self.of(role).add(weight * nearness, || format!("beside \u{201c}{words}\u{201d}"));
        }
    }

    fn verdict(self) -> (IndicatorRole, String) {
        let Self { malicious, victim, benign } = self;
        if victim.sum > malicious.sum && victim.sum > benign.sum {
            return (IndicatorRole::Victim, victim.reason);
        }
        if malicious.sum > benign.sum {
            return (IndicatorRole::Malicious, malicious.reason);
        }
        let reason = if benign.reason.is_empty() {
            "nothing speaks against it".into()
        } else {
            benign.reason
        };
        (IndicatorRole::Benign, reason)
    }
}

fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}
