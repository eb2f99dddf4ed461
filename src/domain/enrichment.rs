use serde::{Deserialize, Serialize};

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
    /// Where it first stands in the text.
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
