use serde::{Deserialize, Serialize};

use super::Attack;

/// What was recognised in one article. All spans are places in the article's full text as
/// [`full_text`] joins it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Enrichment {
    /// BCP 47 primary language, lower case.
    pub language: Option<String>,
    /// Surest first.
    pub attacks: Vec<AttackTag>,
    /// The attack a reader would file the article under; one of `attacks`.
    pub main_attack: Option<Attack>,
    /// Of all kinds, each once, in order of appearance within a kind.
    pub entities: Vec<Entity>,
    pub indicators: Vec<Indicator>,
    /// Countries of the victims, ISO 3166-1 alpha-2, upper case.
    pub countries: Vec<String>,
    /// Sectors of the victims, one word each, such as `healthcare`.
    pub sectors: Vec<String>,
}

impl Enrichment {
    /// The entities of one kind, in order of appearance.
    pub fn of_kind(&self, kind: EntityKind) -> impl Iterator<Item = &Entity> {
        self.entities.iter().filter(move |entity| entity.kind == kind)
    }
}

/// The text that spans of an enrichment point into: title, blank line, body.
pub fn full_text(title: &str, text: &str) -> String {
    format!("{title}\n\n{text}")
}

/// An attack that an article reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttackTag {
    pub attack: Attack,
    /// Calibrated probability that the article supports the tag, 0 to 1.
    pub score: f32,
    /// Sentences that show it, strongest first; at least one.
    pub evidence: Vec<Span>,
}

/// Something with a name that an article speaks of, in one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    pub kind: EntityKind,
    /// Canonical name: aliases are resolved.
    pub name: String,
    /// Identity outside siftwire, such as `attack:G0032`, `misp:…`, `CVE-2026-1234`, `T1486`.
    pub id: Option<String>,
    /// Every place where it is named, under whatever name; at least one.
    pub spans: Vec<Span>,
    /// The sentence that shows it best.
    pub evidence: Span,
    /// A vulnerability known to be exploited (KEV); `false` for all other kinds.
    pub known_exploited: bool,
}

impl Entity {
    /// Stable name for addresses and the index: lower case, words joined by hyphens.
    pub fn slug(&self) -> String {
        slug(&self.name)
    }
}

/// Lower case letters and digits of any script, everything else a single hyphen: `Lockbit 3.0` is `lockbit-3-0`.
pub fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// In which role a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    /// Maker or supplier of what was exploited or abused.
    Vendor,
    /// What was exploited or abused.
    Product,
    /// Organisation hit in the reported incident.
    Victim,
    /// Who attacked.
    Actor,
    /// Malware, exploit kit or attack tool.
    Malware,
    /// ATT&CK technique.
    Technique,
    Cve,
}

impl EntityKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Victim,
        Self::Vendor,
        Self::Product,
        Self::Actor,
        Self::Malware,
        Self::Cve,
        Self::Technique,
    ];

    /// The name used in the store, queries, the API and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Product => "product",
            Self::Victim => "victim",
            Self::Actor => "actor",
            Self::Malware => "malware",
            Self::Technique => "technique",
            Self::Cve => "cve",
        }
    }

    /// Reads what [`EntityKind::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A technical trace named in an article (IoC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    #[serde(rename = "type")]
    pub kind: IndicatorKind,
    /// Refanged, as a tool would use it.
    pub value: String,
    pub role: IndicatorRole,
    /// Why it has this role, in words.
    pub reason: String,
    /// Where it first stands.
    pub span: Span,
}

/// Place in a text: byte offsets, `end` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// What an indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IndicatorKind {
    Domain,
    Url,
    Ipv4,
    Ipv6,
    Email,
    Md5,
    Sha1,
    Sha256,
    Sha512,
    /// Bitcoin address whose checksum is right.
    Btc,
}

impl IndicatorKind {
    const ALL: [Self; 10] = [
        Self::Domain,
        Self::Url,
        Self::Ipv4,
        Self::Ipv6,
        Self::Email,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Btc,
    ];

    /// The name used in the store, the API and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Email => "email",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Btc => "btc",
        }
    }

    /// Reads what [`IndicatorKind::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Whose an indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IndicatorRole {
    /// The attacker's: may be hunted for and blocked.
    Malicious,
    /// The victim's: never to be blocked.
    Victim,
    /// A vendor's page, a reference, a public service.
    Benign,
}

impl IndicatorRole {
    /// The name used in the store, the API and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malicious => "malicious",
            Self::Victim => "victim",
            Self::Benign => "benign",
        }
    }

    /// Reads what [`IndicatorRole::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Malicious, Self::Victim, Self::Benign].into_iter().find(|role| role.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain_words() {
        assert_eq!(slug("LockBit 3.0"), "lockbit-3-0");
        assert_eq!(slug(" AT&T, Inc. "), "at-t-inc");
        assert_eq!(slug("«Müller»"), "müller");
        assert_eq!(slug("キヤノン"), "キヤノン");
        assert_eq!(slug("!?"), "");
    }
}
