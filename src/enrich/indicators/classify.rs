//! From refanged text to candidates: which tokens are addresses, hashes or wallets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Url;

use super::{
    btc,
    context::{follows_version_word, precedes_version_word},
    hosts::{is_host, looks_like_file_or_prose},
    refang::Refanged,
};
use crate::domain::IndicatorKind;

/// Longest URL taken for one.
const MAX_URL: usize = 2_048;

/// A token that is an indicator, with its place in the refanged text.
pub(super) struct Candidate {
    pub(super) kind: IndicatorKind,
    pub(super) value: String,
    /// The host of a domain, URL or mail address; lower case.
    pub(super) host: Option<String>,
    pub(super) defanged: bool,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All candidates, in order of appearance.
pub(super) fn candidates(refanged: &Refanged) -> Vec<Candidate> {
    let text = refanged.text.as_str();
    tokens(text)
        .filter_map(|(start, end)| {
            let token = Token { text, start, end, defanged: refanged.was_defanged(start, end) };
            token.classify()
        })
        .collect()
}

/// Maximal runs of what addresses are written with, without the punctuation around them.
fn tokens(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let rest = &text[at..];
            let skipped = rest.find(is_token_char).unwrap_or(rest.len());
            let start = at + skipped;
            let length = text[start..].find(|c| !is_token_char(c)).unwrap_or(text.len() - start);
            at = start + length;
            let (start, end) = trim(text, start, at);
            if end - start >= 4 {
                return Some((start, end));
            }
        }
        None
    })
}

/// Non-ASCII letters belong (international names); CJK text does not, since it has no spaces around addresses.
fn is_token_char(c: char) -> bool {
    match c {
        '!'..='~' => !matches!(c, '"' | '<' | '>' | '|' | '`' | '^' | ',' | ';' | '{' | '}' | '\\'),
        c => c.is_alphanumeric() && (c as u32) < 0x2e80,
    }
}

fn trim(text: &str, mut start: usize, mut end: usize) -> (usize, usize) {
    let opens = |c: char| matches!(c, '(' | '[' | '\'' | '*' | '.' | '-' | '#' | '=' | '~' | '$');
    let closes = |c: char| {
        matches!(c, '.' | ':' | '!' | '?' | '\'' | ')' | ']' | '*' | '-' | '_' | '~' | '=' | '&')
    };
    while let Some(c) = text[start..end].chars().next().filter(|c| opens(*c)) {
        start += c.len_utf8();
    }
    while let Some(c) = text[start..end].chars().next_back().filter(|c| closes(*c)) {
        let keeps = matches!(c, ')' | ']') && is_balanced(&text[start..end], c);
        if keeps {
            break;
        }
        end -= c.len_utf8();
    }
    (start, end)
}

fn is_balanced(token: &str, close: char) -> bool {
    let open = if close == ')' { '(' } else { '[' };
    token.matches(open).count() >= token.matches(close).count()
}

struct Token<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    defanged: bool,
}

impl Token<'_> {
    fn written(&self) -> &str {
        &self.text[self.start..self.end]
    }

    fn candidate(&self, kind: IndicatorKind, value: String, host: Option<String>) -> Candidate {
        let Self { start, end, defanged, .. } = *self;
        Candidate { kind, value, host, defanged, start, end }
    }

    fn classify(&self) -> Option<Candidate> {
        let written = self.written();
        if written.contains("://") {
            return self.url();
        }
        if let Some((local, host)) = written.rsplit_once('@') {
            return self.email(local, host);
        }
        if !written.contains(['.', ':']) {
            return self.hash().or_else(|| self.wallet());
        }
        self.label_and_value().or_else(|| self.address()).or_else(|| self.host_or_page())
    }

    /// `sha256:abc…`, `MD5=abc…`, `C2:evil.com`: what stands before the mark is a label.
    fn label_and_value(&self) -> Option<Candidate> {
        let written = self.written();
        let mark = written.find([':', '='])?;
        let label = &written[..mark];
        let is_label =
            label.len() >= 2 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let rest = &written[mark + 1..];
        if !is_label || rest.len() < 7 || rest.contains(':') || label.parse::<u32>().is_ok() {
            return None;
        }
        let value = Token { start: self.start + mark + 1, ..*self };
        value.hash().or_else(|| value.address()).or_else(|| value.host_or_page())
    }

    fn hash(&self) -> Option<Candidate> {
        let written = self.written();
        let kind = match written.len() {
            32 => IndicatorKind::Md5,
            40 => IndicatorKind::Sha1,
            64 => IndicatorKind::Sha256,
            128 => IndicatorKind::Sha512,
            _ => return None,
        };
        let is_hex = written.bytes().all(|byte| byte.is_ascii_hexdigit());
        // A run of digits alone is an order number, a run of one letter a separator.
        let varied = written.bytes().any(|byte| byte.is_ascii_alphabetic())
            && written.bytes().any(|byte| byte != written.as_bytes()[0]);
        (is_hex && varied).then(|| self.candidate(kind, written.to_ascii_lowercase(), None))
    }

    fn wallet(&self) -> Option<Candidate> {
        let written = self.written();
        btc::is_address(written)
            .then(|| self.candidate(IndicatorKind::Btc, written.to_owned(), None))
    }

    fn email(&self, local: &str, host: &str) -> Option<Candidate> {
        let local = local.rsplit(['(', '[', ':', '/', '=']).next().unwrap_or(local);
        let host = host.split(['/', ':', '?', ')', ']']).next().unwrap_or(host);
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let local_fits = (1..=64).contains(&local.len())
            && local.chars().all(|c| c.is_alphanumeric() || "._%+-'".contains(c));
        if !local_fits || !is_host(&host) {
            return None;
        }
        let value = format!("{}@{host}", local.to_lowercase());
        Some(self.candidate(IndicatorKind::Email, value, Some(host)))
    }

    fn url(&self) -> Option<Candidate> {
        let written = self.written();
        let scheme_end = written.find("://")?;
        let scheme_start = written[..scheme_end]
            .rfind(|c: char| !c.is_ascii_alphabetic())
            .map_or(0, |before| before + 1);
        let scheme = written[scheme_start..scheme_end].to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https" | "ftp" | "ftps" | "ws" | "wss" | "tcp") {
            return None;
        }
        let rest = &written[scheme_end + 3..];
        let value = format!("{scheme}://{rest}");
        if value.len() > MAX_URL {
            return None;
        }
        let host = host_of(&value)?;
        Some(self.candidate(IndicatorKind::Url, value, Some(host)))
    }

    fn address(&self) -> Option<Candidate> {
        let written = self.written();
        let bare = written.split('/').next().unwrap_or(written);
        if let Ok(address) = bare.trim_matches(['[', ']']).parse::<Ipv6Addr>() {
            let meaningful = bare.len() > 4 && bare.matches(':').count() >= 2;
            return meaningful
                .then(|| self.candidate(IndicatorKind::Ipv6, address.to_string(), None));
        }
        let (host, port) = bare.split_once(':').unwrap_or((bare, ""));
        let address: Ipv4Addr = host.parse().ok()?;
        let port_fits = port.is_empty() || port.parse::<u16>().is_ok();
        let is_page = written.len() > bare.len() && !is_network_size(&written[bare.len()..]);
        if !port_fits || self.is_version(address) {
            return None;
        }
        if is_page {
            let value = written.to_owned();
            return Some(self.candidate(IndicatorKind::Url, value, Some(host.to_owned())));
        }
        Some(self.candidate(IndicatorKind::Ipv4, address.to_string(), Some(host.to_owned())))
    }

    /// Version numbers have the shape of addresses. What stands beside them tells.
    fn is_version(&self, address: Ipv4Addr) -> bool {
        if self.defanged {
            return false;
        }
        let octets = address.octets();
        if octets[0] == 0 || self.is_glued_to_name() {
            return true;
        }
        let before = &self.text[..self.start];
        let after = &self.text[self.end..];
        follows_version_word(before)
            || precedes_version_word(after)
            || octets.iter().all(|o| *o < 10)
    }

    /// `v1.2.3.4` and `-1.2.3.4` continue a name.
    fn is_glued_to_name(&self) -> bool {
        self.text[..self.start].ends_with(['-', '_', '+', '/'])
    }

    fn host_or_page(&self) -> Option<Candidate> {
        let written = self.written();
        let host_end = written.find(['/', ':', '?', '#']).unwrap_or(written.len());
        let host_written = written[..host_end].trim_end_matches('.');
        let host = host_written.to_lowercase();
        if !is_host(&host) || is_handle_or_path(&self.text[..self.start]) {
            return None;
        }
        let rest = &written[host_end..];
        let has_page = rest.len() > 1 && rest.starts_with('/');
        if !self.defanged && !has_page && looks_like_file_or_prose(host_written) {
            return None;
        }
        if has_page && !rest[1..].contains(char::is_alphanumeric) {
            return Some(self.candidate(IndicatorKind::Domain, host.clone(), Some(host)));
        }
        if has_page {
            let value = format!("{host}{rest}");
            return Some(self.candidate(IndicatorKind::Url, value, Some(host)));
        }
        let domain = host.strip_suffix('.').unwrap_or(&host).to_owned();
        Some(self.candidate(IndicatorKind::Domain, domain, Some(host)))
    }
}

fn is_network_size(rest: &str) -> bool {
    rest[1..].parse::<u8>().is_ok_and(|bits| bits <= 32)
}

/// `@name.tld`, `/lib/name.tld` and `\name.tld` are no hosts.
fn is_handle_or_path(before: &str) -> bool {
    before.ends_with(['@', '\\', '/', '~', '$', '%', '_'])
}

/// The host of a URL, whether name or address, if it can be one.
fn host_of(url: &str) -> Option<String> {
    let parsed = Url::parse(&url.replacen("tcp://", "http://", 1)).ok()?;
    let host = parsed.host_str()?.trim_matches(['[', ']']).to_ascii_lowercase();
    let is_address = host.parse::<IpAddr>().is_ok();
    (is_address || is_host(&host)).then_some(host)
}
