//! Whether an article is about the security of computers and data at all. Names that are found elsewhere are mostly
//! chance: in general news a "victim" is whoever was hurt.

use std::sync::LazyLock;

use super::phrases::{Phrases, head};
use crate::{
    domain::{Enrichment, EntityKind},
    enrich::Reading,
};

/// Bytes that are looked through.
const MOST_READ: usize = 3 << 10;
/// From here on an article is about security.
const ENOUGH: f32 = 3.0;
/// Words that stand in other news too count up to this.
const MOST_WEAK: f32 = 1.5;

const STRONG: usize = 0;
const WEAK: usize = 1;

/// What known attackers count for, and what the surest attack does.
const ATTACKERS: f32 = 1.5;
const ATTACK: f32 = 1.0;

/// Whether an article is about security.
pub(super) fn is_security(reading: &Reading, enrichment: &Enrichment) -> bool {
    let names = |kind| enrichment.of_kind(kind).next().is_some();
    if names(EntityKind::Cve) || names(EntityKind::Technique) {
        return true;
    }
    let attackers = names(EntityKind::Actor) || names(EntityKind::Malware);
    let attack = enrichment.attacks.first().map_or(0.0, |tag| tag.score);
    weight(reading) + if attackers { ATTACKERS } else { 0.0 } + ATTACK * attack >= ENOUGH
}

fn weight(reading: &Reading) -> f32 {
    let sums = WORDS.weigh(head(&reading.text, MOST_READ));
    sums[STRONG] + sums[WEAK].min(MOST_WEAK)
}

static WORDS: LazyLock<Phrases<2>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            STRONG,
            3.0,
            &[
                "cyber*",
                "hack",
                "hacks",
                "hacked",
                "hacker*",
                "hacking",
                "hackeado*",
                "hackeo*",
                "pirates informatiques",
                "pirateado*",
                "ransom*",
                "rançongiciel*",
                "erpressungstrojaner*",
                "malware*",
                "schadsoftware",
                "phish*",
                "smishing",
                "vishing",
                "spyware",
                "botnet*",
                "ddos",
                "denial of service",
                "denial-of-service",
                "trojan*",
                "backdoor*",
                "vulnerabilit*",
                "vulnérabilité*",
                "vulnerabilidad*",
                "vulnerabilidade*",
                "schwachstelle*",
                "sicherheitslücke*",
                "zero-day*",
                "zero day",
                "0day",
                "unpatched",
                "infosec",
                "data breach*",
                "data leak*",
                "data theft",
                "datenleck*",
                "datendiebstahl",
                "datenpanne*",
                "fuga de datos",
                "filtración de datos",
                "vazamento de dados",
                "fuite de données",
                "leaked data",
                "stolen data",
                "infostealer*",
                "wiper",
                "rootkit*",
                "keylogger*",
                "remote code execution",
                "sql injection",
                "cross-site scripting",
                "command and control",
                "command-and-control",
                "leak site",
                "cryptojack*",
                "dark web",
                "darknet",
                "ciber*",
                "hackerangriff*",
                "cyberangriff*",
                "サイバー",
                "ランサム",
                "不正アクセス",
                "脆弱性",
                "マルウェア",
                "フィッシング",
                "情報漏えい",
                "情報漏洩",
                "情報流出",
                "ハッカー",
                "黑客",
                "漏洞",
                "恶意",
                "勒索",
                "网络攻击",
                "взлом*",
                "хакер*",
                "кибер*",
                "уязвимост*",
                "security flaw*",
                "security bug*",
                "security hole*",
                "裏口",
            ],
        ),
        (
            STRONG,
            2.0,
            &[
                "exploit*",
                "encrypt*",
                "decrypt*",
                "verschlüssel*",
                "credential*",
                "password*",
                "passwort*",
                "passwörter*",
                "contraseña*",
                "senha*",
                "mot de passe",
                "mots de passe",
                "breach*",
                "intruders",
                "worm",
                "skimm*",
                "spoof*",
                "firewall*",
                "vpn*",
                "proof of concept",
                "proof-of-concept",
                "defac*",
                "deepfake*",
                "scam*",
                "identity theft",
                "extort*",
                "cryptocurrenc*",
                "crypto",
                "bitcoin*",
                "ether",
                "ethereum",
                "blockchain",
                "trade secrets",
                "insider*",
                "s3",
                "misconfigur*",
                "crypto exchange",
                "leaked online",
                "hijacked accounts",
                "fake invoice*",
                "attackers",
                "intrusion",
                "infiltrat*",
                "anonymous",
                "hacktivis*",
                "sabotage",
                "tampered",
                "compromised",
                "identity fraud",
                "database*",
                "back door",
                "imposter*",
                "impersonat*",
                "informatique*",
                "informático*",
                "informática*",
                "個人情報",
                "it systems",
                "security update*",
                "security researcher*",
                "personal information",
                "personal data",
                "social security number*",
                "unauthorized access",
                "unauthorised access",
                "source code",
                "npm",
                "pypi",
                "customer data",
                "invoice*",
                "bank account*",
                "wire transfer*",
                "fraud*",
                "backups",
            ],
        ),
        (
            WEAK,
            1.0,
            &[
                "wallet*",
                "token*",
                "computer*",
                "laptop*",
                "software",
                "network",
                "networks",
                "systems",
                "data",
                "datos",
                "dados",
                "daten",
                "données",
                "e-mail*",
                "email*",
                "online",
                "website*",
                "web site*",
                "internet",
                "patch*",
                "security",
                "sicherheits*",
                "records",
                "confidential",
                "medical record*",
                "patient record*",
                "patient information",
                "health information",
                "usb",
                "hard drive*",
                "flash drive*",
                "accounts",
                "login*",
                "logged in",
                "privacy",
                "repository",
                "outage",
                "offline",
                "it team",
                "it department",
                "digital",
                "app",
                "apps",
                "android",
                "windows",
                "browser*",
                "router*",
                "device*",
                "user*",
                "customers'",
                "server*",
                "leak",
                "leaked",
                "gateway*",
                "aws",
                "cloud",
                "stolen",
                "stole",
                "theft",
                "attack",
                "attacks",
                "attacked",
            ],
        ),
    ])
});

#[cfg(test)]
mod tests {
    use super::*;

    fn is_about_security(title: &str, body: &str) -> bool {
        is_security(&Reading::of(title, body), &Enrichment::default())
    }

    #[test]
    fn general_news_is_told_from_security_news() {
        assert!(is_about_security("Grenwold Clinic confirms ransomware attack", ""));
        assert!(is_about_security("脆弱性を修正", "更新が公開された。"));
        assert!(!is_about_security(
            "Ferry runs aground off Quillsay",
            "Sixty people were brought ashore in lifeboats on Sunday night, police said. A network of volunteers helped.",
        ));
    }
}
