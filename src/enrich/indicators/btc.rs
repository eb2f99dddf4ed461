//! Bitcoin addresses: Base58Check (P2PKH, P2SH) and Bech32 (BIP 173, BIP 350), told by their checksums.

use sha2::{Digest, Sha256};

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32_CONSTANT: u32 = 1;
const BECH32M_CONSTANT: u32 = 0x2bc8_30a3;

/// Whether `text` is a Bitcoin address of the main network.
pub(super) fn is_address(text: &str) -> bool {
    match text.as_bytes() {
        [b'1' | b'3', ..] => is_base58(text),
        [b'b', b'c', b'1', ..] => is_bech32(text),
        [b'B', b'C', b'1', ..] => is_bech32(&text.to_ascii_lowercase()),
        _ => false,
    }
}

/// 25 bytes: version, hash, and the first four bytes of the double SHA-256 of both.
fn is_base58(text: &str) -> bool {
    if !(25..=36).contains(&text.len()) {
        return false;
    }
    let mut bytes = [0_u8; 25];
    for letter in text.bytes() {
        let Some(digit) = BASE58.iter().position(|known| *known == letter) else { return false };
        let mut carry = digit as u32;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            return false;
        }
    }
    let (payload, checksum) = bytes.split_at(21);
    let digest = Sha256::digest(Sha256::digest(payload));
    matches!(payload[0], 0 | 5) && digest[..4] == *checksum
}

fn is_bech32(text: &str) -> bool {
    if !(14..=90).contains(&text.len()) {
        return false;
    }
    let mut state = prefix_state();
    for letter in text[3..].bytes() {
        let Some(value) = BECH32.iter().position(|known| *known == letter) else { return false };
        state = step(state, value as u32);
    }
    matches!(state, BECH32_CONSTANT | BECH32M_CONSTANT)
}

/// The checksum after the human-readable part `bc`.
fn prefix_state() -> u32 {
    let high = b"bc".iter().map(|letter| u32::from(letter >> 5));
    let low = b"bc".iter().map(|letter| u32::from(letter & 31));
    high.chain([0]).chain(low).fold(1, step)
}

fn step(state: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = state >> 25;
    let shifted = ((state & 0x01ff_ffff) << 5) ^ value;
    (0..5)
        .filter(|bit| (top >> bit) & 1 == 1)
        .fold(shifted, |state, bit| state ^ GENERATOR[bit as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_by_their_checksum() {
        for good in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "1234567890123456789012345678",
            "bc1",
            "3",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
