//! Digests keyed with the store's own key: who is who without keeping who they are, and names for contents.

use blake3::Hasher;
use uuid::Uuid;

use super::submission::Submission;
use crate::domain::{Pseudonym, SiteId};

/// The key of all digests.
#[derive(Clone)]
pub(super) struct Key([u8; 32]);

impl Key {
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Digest of a mail address, in whatever case it is written. `None` for an empty one.
    pub fn mail(&self, address: &str) -> Option<Pseudonym> {
        self.pseudonym("mail", &address.trim().to_lowercase())
    }

    /// Digest of an IP address.
    pub fn ip(&self, address: &str) -> Option<Pseudonym> {
        self.pseudonym("ip", address.trim())
    }

    /// Digest of the author: the mail address if there is one, since names are shared, else the name.
    pub fn author(&self, submission: &Submission) -> Option<Pseudonym> {
        let name = || self.pseudonym("name", &submission.input.author.trim().to_lowercase());
        self.mail(&submission.input.author_email).or_else(name)
    }

    fn pseudonym(&self, kind: &str, text: &str) -> Option<Pseudonym> {
        if text.is_empty() {
            return None;
        }
        Some(short(&self.digest(&[kind, text])))
    }

    /// The name of a comment: the same whenever a site asks about the same content again.
    pub fn guid(&self, site: SiteId, submission: &Submission) -> Uuid {
        let input = &submission.input;
        let crawled = submission.crawled.map(|(comment, _)| comment.0.to_string());
        let digest = self.digest(&[
            "guid",
            &site.0.to_string(),
            crawled.as_deref().unwrap_or_default(),
            input.author.trim(),
            &input.author_email.trim().to_lowercase(),
            input.author_url.trim(),
            input.content.trim(),
            submission.permalink.trim(),
            &submission.kind,
        ]);
        uuid::Builder::from_custom_bytes(short(&digest)).into_uuid()
    }

    fn digest(&self, parts: &[&str]) -> blake3::Hash {
        let mut hasher = Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize()
    }
}

fn short(digest: &blake3::Hash) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spam::CommentInput;

    fn submission(author: &str, content: &str) -> Submission {
        let input = CommentInput {
            author: author.into(),
            content: content.into(),
            ..CommentInput::default()
        };
        Submission { input, ..Submission::default() }
    }

    #[test]
    fn a_guid_names_content_of_a_site() {
        let key = Key::new([7; 32]);
        let guid = key.guid(SiteId(1), &submission("a", "b"));
        assert_eq!(guid, key.guid(SiteId(1), &submission(" a", "b ")));
        assert_ne!(guid, key.guid(SiteId(2), &submission("a", "b")));
        assert_ne!(guid, key.guid(SiteId(1), &submission("ab", "")));
        assert_ne!(guid, Key::new([8; 32]).guid(SiteId(1), &submission("a", "b")));
        assert_eq!(guid.get_version_num(), 8);
    }

    #[test]
    fn an_address_is_the_same_in_any_case_and_none_is_none() {
        let key = Key::new([7; 32]);
        assert_eq!(key.mail("Ada@Example.org "), key.mail("ada@example.org"));
        assert_eq!(key.mail(" "), None);
        assert_ne!(key.mail("x"), key.ip("x"));
    }
}
