use serde::{Deserialize, Serialize};

/// What was done: the vocabulary of attack types. What ATT&CK, VERIS, RSIT and MISP call each stands in the
/// taxonomy (`data/taxonomy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attack {
    Ransomware,
    DataBreach,
    DataExposure,
    Phishing,
    BecFraud,
    Ddos,
    SupplyChain,
    ZeroDay,
    Vulnerability,
    Patch,
    Malware,
    Botnet,
    Wiper,
    AccountTakeover,
    Intrusion,
    Espionage,
    Defacement,
    Insider,
    CryptoTheft,
    Cryptojacking,
    Physical,
    LawEnforcement,
}

impl Attack {
    /// All attacks, in the order of the vocabulary.
    pub const ALL: [Self; 22] = [
        Self::Ransomware,
        Self::DataBreach,
        Self::DataExposure,
        Self::Phishing,
        Self::BecFraud,
        Self::Ddos,
        Self::SupplyChain,
        Self::ZeroDay,
        Self::Vulnerability,
        Self::Patch,
        Self::Malware,
        Self::Botnet,
        Self::Wiper,
        Self::AccountTakeover,
        Self::Intrusion,
        Self::Espionage,
        Self::Defacement,
        Self::Insider,
        Self::CryptoTheft,
        Self::Cryptojacking,
        Self::Physical,
        Self::LawEnforcement,
    ];

    /// The tag used in the store, queries, the API and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ransomware => "ransomware",
            Self::DataBreach => "data-breach",
            Self::DataExposure => "data-exposure",
            Self::Phishing => "phishing",
            Self::BecFraud => "bec-fraud",
            Self::Ddos => "ddos",
            Self::SupplyChain => "supply-chain",
            Self::ZeroDay => "zero-day",
            Self::Vulnerability => "vulnerability",
            Self::Patch => "patch",
            Self::Malware => "malware",
            Self::Botnet => "botnet",
            Self::Wiper => "wiper",
            Self::AccountTakeover => "account-takeover",
            Self::Intrusion => "intrusion",
            Self::Espionage => "espionage",
            Self::Defacement => "defacement",
            Self::Insider => "insider",
            Self::CryptoTheft => "crypto-theft",
            Self::Cryptojacking => "cryptojacking",
            Self::Physical => "physical",
            Self::LawEnforcement => "law-enforcement",
        }
    }

    /// The attack in words, for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ransomware => "Ransomware",
            Self::DataBreach => "Data breach",
            Self::DataExposure => "Data exposure",
            Self::Phishing => "Phishing",
            Self::BecFraud => "Payment fraud",
            Self::Ddos => "DDoS",
            Self::SupplyChain => "Supply chain",
            Self::ZeroDay => "Zero-day",
            Self::Vulnerability => "Vulnerability",
            Self::Patch => "Patch",
            Self::Malware => "Malware",
            Self::Botnet => "Botnet",
            Self::Wiper => "Wiper",
            Self::AccountTakeover => "Account takeover",
            Self::Intrusion => "Intrusion",
            Self::Espionage => "Espionage",
            Self::Defacement => "Defacement",
            Self::Insider => "Insider",
            Self::CryptoTheft => "Crypto theft",
            Self::Cryptojacking => "Cryptojacking",
            Self::Physical => "Physical attack",
            Self::LawEnforcement => "Law enforcement",
        }
    }

    /// The family that gives it colour and icon.
    pub fn family(self) -> &'static str {
        match self {
            Self::Ransomware | Self::Wiper => "extort",
            Self::DataBreach | Self::DataExposure => "data",
            Self::Phishing | Self::BecFraud | Self::AccountTakeover => "deceive",
            Self::Ddos | Self::Defacement => "disrupt",
            Self::Malware | Self::Botnet | Self::SupplyChain | Self::Cryptojacking => "code",
            Self::ZeroDay | Self::Vulnerability | Self::Patch => "flaw",
            Self::Intrusion | Self::Espionage | Self::Insider => "access",
            Self::CryptoTheft | Self::Physical => "money",
            Self::LawEnforcement => "law",
        }
    }

    /// Reads what [`Attack::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attack| attack.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_written_and_read_the_same_way() {
        for attack in Attack::ALL {
            assert_eq!(Attack::from_name(attack.as_str()), Some(attack));
            let json = serde_json::to_string(&attack).expect("a tag");
            assert_eq!(json, format!("\"{}\"", attack.as_str()));
        }
    }
}
