//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The other end of the connection: the client, or the proxy before us.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub IpAddr);

/// The client's address. `X-Forwarded-For` is read from its end, each hop only as long as the one after it
/// is a proxy in `trusted`: what a client writes there itself is never believed.
pub(super) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let lines = headers.get_all("x-forwarded-for").iter();
    let hops: Vec<&str> =
        lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&client) {
            break;
        }
        let Some(address) = address_of(hop) else { break };
        client = address.to_canonical();
    }
    client
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, lines: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let trusted: Vec<IpNet> =
            trusted.iter().map(|network| network.parse().expect("a network")).collect();
        client_address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(client("192.0.2.7", &["198.51.100.1"], &[]), "192.0.2.7");
        assert_eq!(client("192.0.2.7", &["198.51.100.1"], &["10.0.0.0/8"]), "192.0.2.7");
    }

    #[test]
    fn a_proxy_names_the_hop_before_it_and_the_rest_is_forged() {
        let proxies = ["10.0.0.0/8", "::1/128"];
        for (lines, expected) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            (&["203.0.113.9", "198.51.100.1, 10.1.1.1"], "198.51.100.1"),
            (&["127.0.0.1, 198.51.100.1:4711"], "198.51.100.1"),
            (&["[2001:db8::1]:80"], "2001:db8::1"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
            (&["198.51.100.1, nonsense"], "10.0.0.1"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1", lines, &proxies), expected, "{lines:?}");
        }
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.1"], &proxies), "198.51.100.1");
    }
}
