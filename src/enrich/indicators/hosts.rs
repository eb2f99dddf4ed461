//! Which dotted names are hosts, and which hosts everybody knows.

/// Endings of files that are also top-level domains: a name that ends so is a file unless something says otherwise.
const FILE_LIKE_TLDS: &[&str] = &[
    "py",
    "sh",
    "rs",
    "pl",
    "zip",
    "mov",
    "md",
    "so",
    "cc",
    "ps",
    "app",
    "java",
    "bin",
    "cab",
    "mp",
    "name",
    "properties",
    "services",
    "config",
    "foo",
    "ini",
    "lib",
    "ml",
    "db",
    "do",
    "pub",
    "prof",
    "map",
    "new",
    "tools",
    "scr",
    "act",
    "py",
    "ps1",
    "doc",
    "dot",
    "sys",
    "dat",
    "box",
    "sc",
    "as",
    "gz",
    "id",
    "is",
    "in",
    "it",
    "at",
    "to",
    "no",
    "be",
    "so",
    "am",
    "us",
    "me",
    "my",
    "am",
];

/// Of those, the ones that are ordinary words rather than file endings: only a lost space makes them look like domains.
const WORD_TLDS: &[&str] = &[
    "id", "is", "in", "it", "at", "to", "no", "be", "so", "am", "us", "me", "my", "do", "as", "new",
];

/// Product and language names with a dot.
const DOTTED_NAMES: &[&str] = &[
    "asp.net",
    "vb.net",
    "ado.net",
    "ml.net",
    "node.js",
    "paint.net",
    "system.io",
    "system.net",
    "windows.net",
    "socket.io",
    "draw.io",
    "command.com",
    "vs.net",
    "b.net",
    "c.net",
];

/// Services, vendors and references whose addresses stand in reports without being the attacker's.
/// Subdomains count too, except where customers may name them (see [`HOSTED`]).
const WELL_KNOWN: &[&str] = &[
    "microsoft.com",
    "google.com",
    "apple.com",
    "github.com",
    "gitlab.com",
    "mozilla.org",
    "cloudflare.com",
    "amazon.com",
    "cisco.com",
    "adobe.com",
    "oracle.com",
    "ibm.com",
    "vmware.com",
    "fortinet.com",
    "fortiguard.com",
    "paloaltonetworks.com",
    "crowdstrike.com",
    "mandiant.com",
    "sophos.com",
    "kaspersky.com",
    "securelist.com",
    "eset.com",
    "welivesecurity.com",
    "trendmicro.com",
    "symantec.com",
    "broadcom.com",
    "mcafee.com",
    "trellix.com",
    "sentinelone.com",
    "virustotal.com",
    "shodan.io",
    "censys.io",
    "abuse.ch",
    "urlscan.io",
    "any.run",
    "mitre.org",
    "cve.org",
    "nist.gov",
    "cisa.gov",
    "us-cert.gov",
    "fbi.gov",
    "ic3.gov",
    "justice.gov",
    "europa.eu",
    "europol.europa.eu",
    "ncsc.gov.uk",
    "bsi.bund.de",
    "anssi.fr",
    "cert.org",
    "first.org",
    "enisa.europa.eu",
    "nomoreransom.org",
    "haveibeenpwned.com",
    "owasp.org",
    "apache.org",
    "python.org",
    "pypi.org",
    "npmjs.com",
    "rubygems.org",
    "crates.io",
    "kernel.org",
    "debian.org",
    "ubuntu.com",
    "redhat.com",
    "wordpress.org",
    "drupal.org",
    "docker.com",
    "wikipedia.org",
    "twitter.com",
    "x.com",
    "linkedin.com",
    "facebook.com",
    "youtube.com",
    "reddit.com",
    "medium.com",
    "bleepingcomputer.com",
    "krebsonsecurity.com",
    "thehackernews.com",
    "darkreading.com",
    "securityweek.com",
    "theregister.com",
    "arstechnica.com",
    "wired.com",
    "reuters.com",
    "bloomberg.com",
    "bbc.co.uk",
    "bbc.com",
    "nytimes.com",
    "forbes.com",
    "solarwinds.com",
    "progress.com",
    "ivanti.com",
    "citrix.com",
    "juniper.net",
    "okta.com",
    "salesforce.com",
    "zoom.us",
    "slack.com",
    "telegram.org",
    "signal.org",
    "whatsapp.com",
    "interactsh.com",
    "dnslog.cn",
    "interact.sh",
    "open-meteo.com",
    "solana.com",
    "ethereum.org",
    "bitcoin.org",
    "anydesk.com",
    "teamviewer.com",
    "rapid7.com",
    "tenable.com",
    "qualys.com",
    "unit42.paloaltonetworks.com",
    "talosintelligence.com",
    "example.com",
    "example.org",
    "example.net",
    "schema.org",
    "w3.org",
    "ietf.org",
    "openssl.org",
    "letsencrypt.org",
];

/// Platforms where anybody gets a name: knowing the platform says nothing about the name.
const HOSTED: &[&str] = &[
    "github.io",
    "gitlab.io",
    "pages.dev",
    "workers.dev",
    "web.app",
    "firebaseapp.com",
    "azurewebsites.net",
    "blob.core.windows.net",
    "cloudfront.net",
    "amazonaws.com",
    "herokuapp.com",
    "netlify.app",
    "vercel.app",
    "ngrok.io",
    "trycloudflare.com",
    "blogspot.com",
    "wordpress.com",
    "weebly.com",
    "000webhostapp.com",
    "duckdns.org",
    "ddns.net",
    "hopto.org",
    "no-ip.org",
    "publicvm.com",
    "b-cdn.net",
    "raw.githubusercontent.com",
    "gist.github.com",
    "drive.google.com",
    "docs.google.com",
    "sites.google.com",
    "forms.gle",
    "t.me",
    "discord.com",
    "discordapp.com",
    "pastebin.com",
];

/// Whether `host` (lower case, no port) can be a host on the public internet by its form and suffix.
pub(super) fn is_host(host: &str) -> bool {
    if host.len() < 4 || host.len() > 253 || !host.contains('.') {
        return false;
    }
    let labels_fit = host.split('.').all(is_label);
    let tld = host.rsplit('.').next().unwrap_or_default();
    labels_fit
        && (has_known_suffix(host) || is_reserved_tld(tld) || is_onion(host))
        && !DOTTED_NAMES.contains(&host)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b >= 0x80)
}

fn has_known_suffix(host: &str) -> bool {
    let Some(suffix) = psl::suffix(host.as_bytes()) else { return false };
    suffix.is_known() && suffix.as_bytes().len() < host.len()
}

/// Names kept for documentation (RFC 2606, RFC 6761): reports use them in place of real ones.
fn is_reserved_tld(tld: &str) -> bool {
    matches!(tld, "example" | "test" | "invalid")
}

fn is_onion(host: &str) -> bool {
    let Some(name) = host.strip_suffix(".onion") else { return false };
    let service = name.rsplit('.').next().unwrap_or(name);
    matches!(service.len(), 16 | 56)
}

/// Whether a name that nothing marks as a host is more likely a file, a module or two sentences without a space.
pub(super) fn looks_like_file_or_prose(written: &str) -> bool {
    let lower = written.to_ascii_lowercase();
    let tld = lower.rsplit('.').next().unwrap_or_default();
    let written_tld = written.rsplit('.').next().unwrap_or_default();
    let stem = &written[..written.len() - written_tld.len()];
    if WORD_TLDS.contains(&tld) {
        let tld_has_capital = written_tld.starts_with(|c: char| c.is_ascii_uppercase());
        return tld_has_capital;
    }
    let tld_alone_has_capital = written_tld.starts_with(|c: char| c.is_ascii_uppercase())
        && stem.contains(|c: char| c.is_ascii_lowercase());
    tld_alone_has_capital || FILE_LIKE_TLDS.contains(&tld) || stem.contains('_')
}

/// The registrable domain: `example.co.uk` of `www.example.co.uk`.
pub(super) fn registrable(host: &str) -> &str {
    psl::domain_str(host).unwrap_or(host)
}

/// Whether the host belongs to a service, vendor or reference that everybody knows.
pub(super) fn is_well_known(host: &str) -> bool {
    !is_within(host, HOSTED) && is_within(host, WELL_KNOWN)
}

fn is_within(host: &str, list: &[&str]) -> bool {
    list.iter().any(|known| {
        host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_files_and_prose() {
        for host in ["evil.com", "a.b.co.uk", "image.canon", "x.example", "npmjs.help"] {
            assert!(is_host(host), "{host}");
        }
        for other in ["node.js", "theme.js", "a.dll", "com", "co.uk", "asp.net", "-a.com"] {
            assert!(!is_host(other), "{other}");
        }
        for name in ["setup.py", "install.sh", "network.It", "my_file.com"] {
            assert!(looks_like_file_or_prose(name), "{name}");
        }
        for name in ["evil.com", "fxbulls.ru", "Booking.com", "EVIL.COM", "tesla.it"] {
            assert!(!looks_like_file_or_prose(name), "{name}");
        }
    }

    #[test]
    fn names_on_open_platforms_are_nobodys() {
        assert!(is_well_known("msrc.microsoft.com"));
        assert!(!is_well_known("evil.github.io"));
        assert!(!is_well_known("notmicrosoft.com"));
    }
}
