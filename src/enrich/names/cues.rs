//! Words beside a name that say what it names.

use std::{collections::HashMap, sync::LazyLock};

/// What a word says about a name beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cue {
    /// `trojan`: what stands beside it is malware.
    Malware,
    /// `gang`: what stands beside it attacks.
    Gang,
    /// `dubbed`: a name follows.
    Naming,
    /// `patch`, `vulnerability`: what stands beside it is flawed.
    Flaw,
    /// `claimed`: done by people.
    Deed,
}

impl Cue {
    /// What a word, in lower case, says; most say nothing.
    pub fn of(word: &str) -> Option<Cue> {
        static CUES: LazyLock<HashMap<&str, Cue>> = LazyLock::new(|| {
            let lists = [
                // The first that has a word speaks for it, so it comes last.
                (Cue::Deed, DEED),
                (Cue::Flaw, FLAW),
                (Cue::Naming, NAMING),
                (Cue::Gang, GANG),
                (Cue::Malware, MALWARE),
            ];
            lists
                .into_iter()
                .flat_map(|(cue, words)| words.iter().map(move |word| (*word, cue)))
                .collect()
        });
        CUES.get(word).copied()
    }
}

/// Sorted.
const MALWARE: &[&str] = &[
    "adware",
    "backdoor",
    "backdoors",
    "banker",
    "beacon",
    "bootkit",
    "bot",
    "botnet",
    "botnets",
    "cryptojacker",
    "cryptominer",
    "downloader",
    "dropper",
    "encryptor",
    "exploit",
    "family",
    "implant",
    "implants",
    "infections",
    "infostealer",
    "keylogger",
    "loader",
    "locker",
    "malware",
    "miner",
    "payload",
    "payloads",
    "ransomware",
    "rat",
    "rootkit",
    "sample",
    "samples",
    "spyware",
    "stalkerware",
    "stealer",
    "strain",
    "toolkit",
    "trojan",
    "trojans",
    "variant",
    "variants",
    "virus",
    "webshell",
    "wiper",
    "worm",
    "マルウェア",
    "ランサムウェア",
];

/// Sorted.
const GANG: &[&str] = &[
    "actor",
    "actors",
    "affiliate",
    "affiliates",
    "apt",
    "attackers",
    "bande",
    "campaign",
    "cartel",
    "collective",
    "crew",
    "cybercriminals",
    "extortionists",
    "gang",
    "gangs",
    "group",
    "groups",
    "grupo",
    "gruppe",
    "hacker",
    "hackers",
    "hacktivist",
    "hacktivists",
    "intruders",
    "member",
    "members",
    "operation",
    "operator",
    "operators",
    "spies",
    "team",
];

/// Sorted.
const NAMING: &[&str] = &[
    "aka",
    "alias",
    "call",
    "called",
    "calling",
    "calls",
    "christened",
    "codenamed",
    "dub",
    "dubbed",
    "dubs",
    "genannt",
    "identified",
    "known",
    "label",
    "labeled",
    "labelled",
    "llamado",
    "moniker",
    "named",
    "nicknamed",
    "publicly",
    "referred",
    "track",
    "tracked",
    "tracking",
    "tracks",
];

/// Sorted.
const FLAW: &[&str] = &[
    "advisory",
    "affected",
    "affects",
    "bug",
    "bugs",
    "bypass",
    "compromised",
    "cve",
    "exploited",
    "exploiting",
    "exploits",
    "fix",
    "fixed",
    "flaw",
    "flaws",
    "patch",
    "patched",
    "patches",
    "poisoned",
    "tampered",
    "unpatched",
    "update",
    "updates",
    "upgrade",
    "version",
    "versions",
    "vulnerabilities",
    "vulnerability",
    "vulnerable",
    "zero",
];

/// Sorted.
const DEED: &[&str] = &[
    "attacked",
    "attributed",
    "behind",
    "blamed",
    "breached",
    "claimed",
    "claims",
    "compromised",
    "demanded",
    "encrypted",
    "hacked",
    "leaked",
    "listed",
    "posted",
    "published",
    "ransom",
    "stole",
    "stolen",
    "targeted",
    "targeting",
    "targets",
    "threatened",
];

/// Words that begin a sentence or stand in a headline and are no part of a name. Sorted.
const PLAIN: &[&str] = &[
    "a",
    "about",
    "according",
    "after",
    "all",
    "also",
    "although",
    "an",
    "and",
    "another",
    "any",
    "are",
    "as",
    "at",
    "based",
    "because",
    "before",
    "both",
    "but",
    "by",
    "can",
    "did",
    "do",
    "during",
    "each",
    "even",
    "every",
    "figure",
    "first",
    "following",
    "for",
    "from",
    "further",
    "given",
    "had",
    "has",
    "have",
    "he",
    "her",
    "here",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "instead",
    "is",
    "it",
    "its",
    "last",
    "like",
    "many",
    "more",
    "most",
    "mr",
    "mrs",
    "ms",
    "much",
    "my",
    "new",
    "next",
    "no",
    "not",
    "now",
    "of",
    "on",
    "once",
    "one",
    "only",
    "or",
    "other",
    "our",
    "over",
    "researchers",
    "same",
    "second",
    "several",
    "she",
    "since",
    "so",
    "some",
    "such",
    "than",
    "that",
    "the",
    "their",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "though",
    "through",
    "thus",
    "to",
    "two",
    "under",
    "until",
    "upon",
    "use",
    "using",
    "via",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "why",
    "will",
    "with",
    "would",
    "yes",
    "yet",
    "you",
    "your",
];

/// Whether a word, in lower case, is no part of a name at its start.
pub fn is_plain(word: &str) -> bool {
    PLAIN.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_lists_are_sorted() {
        for words in [MALWARE, GANG, NAMING, FLAW, DEED, PLAIN] {
            assert!(words.is_sorted(), "{words:?}");
        }
    }

    #[test]
    fn cues_are_told() {
        assert_eq!(Cue::of("gang"), Some(Cue::Gang));
        assert_eq!(Cue::of("trojan"), Some(Cue::Malware));
        assert_eq!(Cue::of("tree"), None);
    }
}
