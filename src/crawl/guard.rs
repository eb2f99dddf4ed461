//! Which addresses the crawler may talk to. Feeds and pages name addresses of their choice, so without this
//! a stranger could make us read the operator's own network (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::{Host, Url};

/// Why an address is refused before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("only http and https addresses are fetched, not {0}")]
    Scheme(String),
    #[error("the address holds a user name or password; remove it")]
    Credentials,
    #[error("the address names no host")]
    NoHost,
    #[error("port {0} belongs to another service; use 80, 443 or one above 1023")]
    Port(u16),
    #[error(
        "{host} is not on the public internet; allow it with --allow-private or crawl.allow_private if it is yours"
    )]
    Private { host: String },
}

/// The policy: public addresses alone, or private ones too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    allow_private: bool,
}

impl Guard {
    /// With `allow_private`, loopback and private networks may be reached.
    pub fn new(allow_private: bool) -> Self {
        Self { allow_private }
    }

    /// Checks everything that can be known without asking DNS. To be called for every hop: the resolver
    /// below is not asked where the host is an IP address already.
    pub fn check_url(self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        if let Some(port) = url.port()
            && !is_web_port(port)
        {
            return Err(Refusal::Port(port));
        }
        match url.host() {
            None => Err(Refusal::NoHost),
            Some(Host::Domain(_)) => Ok(()),
            Some(Host::Ipv4(ip)) => self.check_ip(ip.into()),
            Some(Host::Ipv6(ip)) => self.check_ip(ip.into()),
        }
    }

    fn check_ip(self, ip: IpAddr) -> Result<(), Refusal> {
        if self.allows(ip) { Ok(()) } else { Err(Refusal::Private { host: ip.to_string() }) }
    }

    fn allows(self, ip: IpAddr) -> bool {
        self.allow_private || is_public(ip)
    }
}

/// Ports below 1024 other than the web's own speak other protocols, which a crafted address could reach.
fn is_web_port(port: u16) -> bool {
    matches!(port, 80 | 443) || port >= 1024
}

/// Whether an address is reachable by anyone on the internet (IANA special-purpose registries).
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        [0 | 10 | 127, ..] => true, // this network, private, loopback
        [100, second, ..] => second & 0xc0 == 64, // carrier-grade NAT 100.64/10
        [169, 254, ..] => true,     // link-local, cloud metadata
        [172, second, ..] => second & 0xf0 == 16, // private 172.16/12
        [192, 0, 0 | 2, _] => true, // protocol assignments, documentation
        [192, 88, 99, _] => true,   // 6to4 relays, withdrawn
        [192, 168, ..] => true,     // private
        [198, 18 | 19, ..] => true, // benchmarking
        [198, 51, 100, _] | [203, 0, 113, _] => true, // documentation
        [first, ..] => first >= 224, // multicast, reserved, broadcast
    };
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(ip) {
        return is_public_v4(inner);
    }
    let segments = ip.segments();
    let global_unicast = segments[0] & 0xe000 == 0x2000; // 2000::/3; all else is loopback, local, multicast or unused
    let special = match segments {
        [0x2001, second, ..] => second < 0x200 || second == 0xdb8, // protocol assignments, Teredo, documentation
        [0x3fff, second, ..] => second < 0x1000,                   // documentation 3fff::/20
        _ => false,
    };
    global_unicast && !special
}

/// The IPv4 address a packet to `ip` would end at: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056).
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = ip.segments();
    let [high, low] = match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => [high, low],
        [0x2002, ..] => [b, c],
        _ => return None,
    };
    Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
}

/// Asks DNS and drops answers that the guard refuses. The connection goes to the very addresses that were
/// checked, so a name cannot change its answer in between.
#[derive(Debug, Clone)]
pub(super) struct GuardedResolver {
    guard: Guard,
}

impl GuardedResolver {
    pub(super) fn new(guard: Guard) -> Self {
        Self { guard }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard;
        Box::pin(async move {
            let host = name.as_str();
            let answers = tokio::net::lookup_host((host, 0)).await?;
            let allowed = permitted(guard, host, answers)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn permitted(
    guard: Guard,
    host: &str,
    answers: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, Refusal> {
    let allowed: Vec<_> = answers.filter(|answer| guard.allows(answer.ip())).collect();
    if allowed.is_empty() {
        return Err(Refusal::Private { host: host.to_owned() });
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().expect("test address"))
    }

    fn check(url: &str) -> Result<(), Refusal> {
        Guard::new(false).check_url(&Url::parse(url).expect("test address"))
    }

    #[test]
    fn special_addresses_are_not_public() {
        for ip in [
            "0.0.0.0",
            "0.255.1.1",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:1::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:c0a8:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(ip), "{ip}");
        }
    }

    #[test]
    fn neighbours_of_special_ranges_are_public() {
        for ip in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.1.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.1.1",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
            "3fff:1000::1",
        ] {
            assert!(public(ip), "{ip}");
        }
    }

    #[test]
    fn disguised_literals_are_seen_through() {
        for url in [
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]:8080/",
            "http://[::ffff:7f00:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://\u{ff11}27.0.0.1/",
        ] {
            assert!(matches!(check(url), Err(Refusal::Private { .. })), "{url}");
        }
    }

    #[test]
    fn only_plain_web_addresses_pass() {
        assert_eq!(check("https://example.org/feed"), Ok(()));
        assert_eq!(check("http://example.org:8080/feed"), Ok(()));
        assert_eq!(check("ftp://example.org/"), Err(Refusal::Scheme("ftp".into())));
        assert_eq!(check("file:///etc/passwd"), Err(Refusal::Scheme("file".into())));
        assert_eq!(check("https://user@example.org/"), Err(Refusal::Credentials));
        assert_eq!(check("https://:secret@example.org/"), Err(Refusal::Credentials));
        assert_eq!(check("http://example.org:25/"), Err(Refusal::Port(25)));
    }

    #[test]
    fn private_addresses_pass_where_allowed() {
        let url = Url::parse("http://127.0.0.1:4000/").expect("test address");
        assert_eq!(Guard::new(true).check_url(&url), Ok(()));
    }

    #[test]
    fn dns_answers_are_filtered_and_none_left_is_a_refusal() {
        let answers =
            ["10.0.0.1:0", "93.184.215.14:0", "[::1]:0"].map(|text| text.parse().unwrap());
        let kept = permitted(Guard::new(false), "ex.org", answers.into_iter()).unwrap();
        assert_eq!(kept, ["93.184.215.14:0".parse().unwrap()]);
        let refused = permitted(Guard::new(false), "ex.org", answers.into_iter().take(1));
        assert_eq!(refused, Err(Refusal::Private { host: "ex.org".into() }));
        assert!(permitted(Guard::new(true), "ex.org", std::iter::empty()).is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused() {
        let resolver = GuardedResolver::new(Guard::new(false));
        let result = resolver.resolve("localhost".parse().expect("a name")).await;
        let error = result.err().expect("localhost is private");
        assert!(error.downcast_ref::<Refusal>().is_some(), "{error}");
    }
}
