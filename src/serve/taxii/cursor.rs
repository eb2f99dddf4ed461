//! Where the next page begins.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use uuid::Uuid;

use crate::serve::error::AppError;

/// Bytes of the digest of what was asked.
const DIGEST: usize = 6;
const VERSION: u8 = 1;

/// The time at which the last object of a page was added, bound to collection and filters, but not to the number asked
/// for: clients change that between pages. It holds everything itself, so that it never expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor(pub Timestamp);

impl Cursor {
    /// As text that is opaque to clients. `filters` are those of the request in one canonical text.
    pub(super) fn write(self, collection: Uuid, filters: &str) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.0.as_microsecond().to_be_bytes());
        bytes.extend(digest(collection, filters));
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what an answer to the same question gave.
    pub(super) fn read(text: &str, collection: Uuid, filters: &str) -> Result<Self, AppError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let added = bytes.get(1..9).and_then(|part| <[u8; 8]>::try_from(part).ok());
        let is_whole = bytes.first() == Some(&VERSION) && bytes.len() == 9 + DIGEST;
        let Some(added) = added.filter(|_| is_whole) else {
            return Err(bad("not a cursor; take it from the answer before"));
        };
        if bytes[9..] != digest(collection, filters) {
            return Err(bad(
                "a cursor of another collection or other filters; begin anew without it",
            ));
        }
        let added = Timestamp::from_microsecond(i64::from_be_bytes(added));
        added.map(Self).map_err(|_| bad("not a cursor; take it from the answer before"))
    }
}

fn bad(detail: &str) -> AppError {
    AppError::Parameter { name: "next", detail: detail.to_owned() }
}

fn digest(collection: Uuid, filters: &str) -> [u8; DIGEST] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(collection.as_bytes()).update(filters.as_bytes());
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..DIGEST]);
    digest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: Uuid = Uuid::nil();

    #[test]
    fn a_cursor_belongs_to_what_was_asked() {
        let added = Timestamp::from_microsecond(1_764_000_000_123_456).expect("a time");
        let text = Cursor(added).write(OURS, "type=report");
        assert_eq!(Cursor::read(&text, OURS, "type=report").expect("a cursor"), Cursor(added));
        assert!(Cursor::read(&text, OURS, "").is_err());
        assert!(Cursor::read(&text, Uuid::max(), "type=report").is_err());
    }

    proptest! {
        #[test]
        fn nonsense_is_refused(text in "\\PC{0,40}") {
            prop_assert!(Cursor::read(&text, OURS, "").is_err());
        }
    }
}
