//! Random secrets and their digests.

use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::store::{Digest, Role};

/// What secrets are written in: fit for DNS labels, headers, addresses and the eye.
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Akismet clients refuse keys of any other length.
const SITE_KEY: usize = 12;
/// About 248 bits.
const LONG_KEY: usize = 48;
/// What long keys begin with, so that scanners for leaked secrets can know them.
const MARK: &str = "sw_";
/// What secrets in addresses of feeds begin with.
const FEED_MARK: &str = "swf_";
/// About 206 bits.
const FEED_KEY: usize = 40;
/// Characters of a secret that may be shown later.
const SHOWN: usize = 4;
/// Characters of a one-time password: about 83 bits.
const ONE_TIME: usize = 16;

/// SHA-256 of a secret: what the store keeps and looks up.
pub fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// A password for an account that is made without asking for one.
pub fn one_time_password() -> String {
    random(ONE_TIME)
}

/// A secret for the address of feeds, and the first characters of it that may be shown.
pub fn feed_secret() -> (String, String) {
    let secret = format!("{FEED_MARK}{}", random(FEED_KEY));
    let shown = secret[..FEED_MARK.len() + SHOWN].to_owned();
    (secret, shown)
}

/// A key that signs, or that stands in an address: 48 letters and digits, about 248 bits.
pub fn random_key() -> String {
    random(LONG_KEY)
}

/// A session's secret: 256 bits as hexadecimal digits.
pub(super) fn new_session() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A token's secret.
pub(super) fn new_secret(role: Role) -> String {
    match role {
        Role::Site => random(SITE_KEY),
        _ => format!("{MARK}{}", random(LONG_KEY)),
    }
}

/// A reader app's password: about 83 bits in groups of four, since it is typed on a phone.
pub(super) fn new_app_secret() -> String {
    const GROUPS: usize = 4;
    const LETTERS: usize = 4;
    (0..GROUPS).map(|_| random(LETTERS)).collect::<Vec<_>>().join("-")
}

/// The first characters of a secret, by which its owner knows it again.
pub(super) fn prefix(secret: &str) -> &str {
    let marked = if secret.starts_with(MARK) { MARK.len() } else { 0 };
    &secret[..marked + SHOWN]
}

/// From the thread's generator, which is made for secrets and seeded by the system.
fn random(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_their_shapes() {
        let key = new_secret(Role::Site);
        assert_eq!(key.len(), 12);
        assert!(key.bytes().all(|byte| ALPHABET.contains(&byte)), "{key}");
        assert_eq!(prefix(&key), &key[..4]);
        let token = new_secret(Role::Analyst);
        assert_eq!((token.len(), &token[..3], prefix(&token)), (51, "sw_", &token[..7]));
        let app = new_app_secret();
        assert_eq!((app.len(), app.split('-').count(), prefix(&app)), (19, 4, &app[..4]));
        let (feed, shown) = feed_secret();
        assert_eq!((feed.len(), shown.len(), &feed[..8]), (44, 8, &*shown));
        assert_eq!(new_session().len(), 64);
        assert_ne!(new_session(), new_session());
    }

    #[test]
    fn digests_are_sha_256() {
        let hex: String = digest("abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
