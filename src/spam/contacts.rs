//! Ways to get in touch: mail addresses (spelled out too), phone numbers, handles, links.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::lexicon::{Class, Hit};

/// Kind of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mail,
    /// A mail address written so that filters miss it ("name at gmail dot com").
    SpelledMail,
    Phone,
    Handle,
    /// A handle whose letters speak of money ("wealthwithkara").
    MoneyHandle,
    Link,
    /// A link to a messenger (wa.me, t.me).
    ChatLink,
    /// A link through a shortener or form service.
    Shortened,
    /// A host under one of the suffixes that are sold for next to nothing.
    CheapHost,
}

/// A contact and its place in the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

const MAX_CONTACTS: usize = 256;

/// Finds contacts in normalised text. `hits` are the lexicon's; `out` is cleared first.
pub fn find(text: &str, hits: &[Hit], out: &mut Vec<Contact>) {
    out.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && out.len() < MAX_CONTACTS {
        if bytes[at] <= b' ' {
            at += 1;
            continue;
        }
        let start = at;
        let (mut marks, mut digits) = (false, false);
        while at < bytes.len() && bytes[at] > b' ' {
            marks |= matches!(bytes[at], b'@' | b'.' | b'#' | b'_');
            digits |= bytes[at].is_ascii_digit();
            at += 1;
        }
        if marks {
            read_run(text, start, at, out);
        }
        if digits && let Some(end) = phone(text, start, at, hits) {
            out.push(Contact { kind: Kind::Phone, start, end });
            at = at.max(end);
        }
    }
    spelled_mails(text, hits, out);
}

/// A run with a sign in it: an address, a handle or a host.
fn read_run(text: &str, start: usize, end: usize, out: &mut Vec<Contact>) {
    let run = &text[start..end];
    let inner =
        run.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '@' | '#' | '_' | '/'));
    let start = start + (inner.as_ptr() as usize - run.as_ptr() as usize);
    let end = start + inner.len();
    let mut push = |kind| out.push(Contact { kind, start, end });
    if let Some(host) = link_host(inner) {
        match host_kind(host) {
            Some(kind) => push(kind),
            None => push(Kind::Link),
        }
        if has_cheap_suffix(host) {
            push(Kind::CheapHost);
        }
        return;
    }
    match inner.split_once('@') {
        Some(("", name)) => {
            let name = name.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
            if name.len() >= 3 {
                push(if speaks_of_money(name) { Kind::MoneyHandle } else { Kind::Handle });
            }
        }
        Some((local, host)) if !local.is_empty() && host.contains('.') && host.len() >= 4 => {
            push(Kind::Mail);
        }
        _ => {
            let tagged = inner.starts_with('#') && inner.len() > 4;
            let underscored = inner.contains('_') && inner.len() > 5;
            if (tagged || underscored) && speaks_of_money(inner) {
                push(Kind::MoneyHandle);
            } else if tagged && inner.contains('_') {
                push(Kind::Handle);
            }
        }
    }
}

/// The host of what looks like a link, with or without a scheme.
pub fn link_host(run: &str) -> Option<&str> {
    let (rest, certain) = match run.find("://") {
        Some(at) => (&run[at + 3..], true),
        None => (run, run.starts_with("www.")),
    };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or("");
    if !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-') || b >= 0x80) {
        return None;
    }
    let (name, suffix) = host.rsplit_once('.')?;
    let plausible =
        name.len() >= 2 && suffix.len() >= 2 && suffix.bytes().all(|b| b.is_ascii_alphabetic());
    let known = certain || is_common_suffix(suffix) || host_kind(host).is_some();
    let named = name.bytes().any(|b| b.is_ascii_alphabetic());
    (plausible && known && named).then_some(host)
}

/// Suffixes that make a bare word with a dot a host name. "me", "sh", "py" and the like are left out: code and
/// forgotten spaces look the same.
fn is_common_suffix(suffix: &str) -> bool {
    const SUFFIXES: [&str; 48] = [
        "com", "net", "org", "info", "biz", "xyz", "top", "site", "online", "shop", "club",
        "store", "live", "vip", "pro", "icu", "website", "space", "fun", "link", "click", "today",
        "world", "life", "work", "agency", "tech", "blog", "dev", "app", "finance", "ru", "de",
        "fr", "uk", "eu", "us", "ca", "nl", "pl", "br", "cn", "jp", "id", "cc", "tk", "lol",
        "example",
    ];
    SUFFIXES.contains(&suffix)
}

/// Whether the host's suffix is among those that mass registrations favour.
pub fn has_cheap_suffix(host: &str) -> bool {
    const CHEAP: [&str; 26] = [
        "xyz", "top", "site", "online", "shop", "club", "store", "live", "vip", "icu", "website",
        "space", "fun", "link", "click", "today", "world", "life", "work", "tk", "ml", "ga", "cf",
        "gq", "lol", "cc",
    ];
    host.rsplit_once('.').is_some_and(|(_, suffix)| CHEAP.contains(&suffix))
}

/// Messengers and shorteners.
pub fn host_kind(host: &str) -> Option<Kind> {
    const CHAT: [&str; 9] = [
        "wa.me",
        "t.me",
        "api.whatsapp.com",
        "chat.whatsapp.com",
        "telegram.me",
        "line.me",
        "discord.gg",
        "m.me",
        "signal.me",
    ];
    const SHORT: [&str; 18] = [
        "bit.ly",
        "tinyurl.com",
        "goo.gl",
        "is.gd",
        "cutt.ly",
        "rb.gy",
        "t.co",
        "ow.ly",
        "shorturl.at",
        "linktr.ee",
        "adf.ly",
        "forms.gle",
        "rebrand.ly",
        "page.link",
        "s.id",
        "tiny.cc",
        "heylink.me",
        "bio.link",
    ];
    let host = host.strip_prefix("www.").unwrap_or(host);
    if CHAT.contains(&host) {
        return Some(Kind::ChatLink);
    }
    SHORT
        .iter()
        .any(|short| host == *short || host.ends_with(&format!(".{short}")))
        .then_some(Kind::Shortened)
}

const MONEY_WORDS: [&str; 44] = [
    "trade", "trading", "forex", "invest", "crypto", "bitcoin", "btc", "wealth", "profit", "earn",
    "money", "cash", "rich", "billion", "million", "capital", "finance", "financ", "income",
    "option", "broker", "miner", "mining", "hack", "recover", "cyber", "fund", "loan", "coin",
    "signal", "pips", "fx_", "_fx", "stock", "asset", "expert", "account", "manager", "spell",
    "bet", "casino", "slot", "gacor", "payout",
];

/// Whether a handle is made of the words of the trade.
pub fn speaks_of_money(name: &str) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        AhoCorasick::new(MONEY_WORDS).expect("a short list of words makes an automaton")
    });
    WORDS.is_match(name) || name.ends_with("fx") || name.starts_with("fx")
}

/// A phone number that starts in the run `start..run_end`; returns its end. Numbers with nothing that makes them
/// a phone number (a plus, a free-call prefix, a word like "call" before) are left alone.
fn phone(text: &str, start: usize, run_end: usize, hits: &[Hit]) -> Option<usize> {
    let bytes = text.as_bytes();
    let first = start + bytes[start..run_end].iter().position(u8::is_ascii_digit)?;
    let before = &text[start..first];
    if !before.bytes().all(|b| matches!(b, b'+' | b'(' | b':' | b'#' | b'*'))
        && !before.ends_with([':', '+'])
    {
        return None;
    }
    let plus = before.contains('+');
    let (mut digits, mut end, mut at, mut dots) = (0, first, first, 0);
    let mut number = [0u8; 4];
    while at < bytes.len() && digits < 18 {
        match bytes[at] {
            b if b.is_ascii_digit() => {
                if digits < 4 {
                    number[digits] = b;
                }
                digits += 1;
                end = at + 1;
            }
            b' ' | b'-' | b'(' | b')' | b'.' | b'/' if at - end < 2 => {
                dots += usize::from(bytes[at] == b'.')
            }
            _ => break,
        }
        at += 1;
    }
    if !(8..=15).contains(&digits) || (dots == 3 && digits <= 12 && !plus) {
        return None;
    }
    let free_call = matches!(
        &number[..4],
        [b'1', b'8', ..] | [b'8', b'0' | b'4' | b'5' | b'6' | b'7' | b'8', ..]
    ) && digits >= 10
        && text[first..end].contains(['-', ' ', '(']);
    let cued = || {
        hits.iter().any(|h| {
            matches!(h.class, Class::PhoneCue | Class::Channel | Class::Support)
                && h.end <= start
                && start - h.end <= 16
        })
    };
    (plus || free_call || digits >= 9 && cued()).then_some(end)
}

/// Mail providers named without a proper address around: "name at gmail dot com", "ATgmailcom".
fn spelled_mails(text: &str, hits: &[Hit], out: &mut Vec<Contact>) {
    for hit in hits.iter().filter(|h| h.class == Class::Freemail) {
        let inside = out.iter().any(|c| c.start <= hit.start && hit.end <= c.end);
        let before = text[..hit.start].trim_end_matches([' ', '(', '[', '{', ')', ']', '}']);
        let after = text[hit.end..].trim_start_matches([' ', '(', '[', '{', ',', ')', ']', '}']);
        let dotted = after.starts_with("dot")
            || after.starts_with('.')
            || after.starts_with("com")
            || text[hit.start..hit.end].ends_with("com");
        let at = before.ends_with('@') || before.ends_with("at") || before.ends_with("arroba");
        if !inside && dotted && at && out.len() < MAX_CONTACTS {
            let start = text[..hit.start].rfind('\n').map_or(0, |n| n + 1);
            let start = text.ceil_char_boundary(start.max(hit.start.saturating_sub(24)));
            out.push(Contact { kind: Kind::SpelledMail, start, end: hit.end });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spam::lexicon::Lexicon;

    fn kinds(text: &str) -> Vec<Kind> {
        let (mut hits, mut contacts) = (Vec::new(), Vec::new());
        Lexicon::embedded().find(text, &mut hits);
        find(text, &hits, &mut contacts);
        contacts.iter().map(|c| c.kind).collect()
    }

    #[test]
    fn contacts_are_told_apart() {
        assert_eq!(kinds("mail paytrade77@mail.example now"), [Kind::Mail]);
        assert_eq!(kinds("name at gmail dot com"), [Kind::SpelledMail]);
        assert_eq!(kinds("name(at)gmail.com"), [Kind::SpelledMail]);
        assert_eq!(kinds("whatsapp +1 (555) 010-4477"), [Kind::Phone]);
        assert_eq!(kinds("call 1-888-555-0104 now"), [Kind::Phone]);
        assert_eq!(kinds("thank you @wealthwithkara"), [Kind::MoneyHandle]);
        assert_eq!(kinds("https://wa.me/15550104477"), [Kind::ChatLink]);
        assert_eq!(
            kinds("see bit.ly/x1 and cheap.xyz"),
            [Kind::Shortened, Kind::Link, Kind::CheapHost]
        );
    }

    #[test]
    fn code_and_numbers_are_not_contacts() {
        for text in [
            "console.log(x) at 10.0.0.1:8080",
            "on 2024-10-21 14:55:01 it was 1234567890123",
            "e.g. foo.bar, i.e. this.that",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }
}
