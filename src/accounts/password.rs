//! Passwords: argon2id with the parameters of OWASP's first choice that the crate has as default
//! (19 MiB, two passes), computed away from the async threads and only a few at once.

use std::{sync::LazyLock, time::Duration};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use thiserror::Error;
use tokio::sync::Semaphore;

/// Shortest password, in characters.
pub const MIN_PASSWORD: usize = 10;
/// Longest password, in bytes.
pub const MAX_PASSWORD: usize = 1_024;
/// Hashes computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// For a place among those that are computed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Compared with where there is no user, so that this takes as long as for one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password"));

/// Why a password was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WeakPassword {
    #[error("the password is shorter than {MIN_PASSWORD} characters")]
    Short,
    #[error("the password is longer than {MAX_PASSWORD} bytes")]
    Long,
    #[error("the password is the name")]
    Name,
    #[error("the password repeats a single character")]
    Repeats,
}

/// Whether a password is good enough for the user `name`.
///
/// # Errors
/// [`WeakPassword`] says what is wrong with it.
pub fn check_password(password: &str, name: &str) -> Result<(), WeakPassword> {
    if password.len() > MAX_PASSWORD {
        return Err(WeakPassword::Long);
    }
    if password.chars().count() < MIN_PASSWORD {
        return Err(WeakPassword::Short);
    }
    if password.to_lowercase() == name.to_lowercase() {
        return Err(WeakPassword::Name);
    }
    let first = password.chars().next();
    if password.chars().all(|letter| Some(letter) == first) {
        return Err(WeakPassword::Repeats);
    }
    Ok(())
}

/// Computes hashes.
pub struct Passwords {
    permits: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Semaphore::new(AT_ONCE) }
    }
}

impl Passwords {
    /// A hash with a new salt, as text that names its parameters.
    pub(super) async fn hash(&self, password: &str) -> String {
        let password = password.to_owned();
        let _permit = self.permits.acquire().await;
        tokio::task::spawn_blocking(move || hash_now(&password)).await.expect("hashing ends")
    }

    /// Whether the password belongs to the hash; without a hash it computes as much and says no.
    /// `None` if too many others wait.
    pub(super) async fn verify(&self, password: &str, hash: Option<String>) -> Option<bool> {
        if password.len() > MAX_PASSWORD {
            return Some(false);
        }
        let password = password.to_owned();
        let _permit = tokio::time::timeout(PATIENCE, self.permits.acquire()).await.ok()?;
        let verified = tokio::task::spawn_blocking(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let right = Argon2::default().verify_password(password.as_bytes(), hash.as_str());
            right.is_ok() && known
        });
        Some(verified.await.unwrap_or(false))
    }
}

fn hash_now(password: &str) -> String {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.expect("the default parameters are valid").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits_and_salts_differ() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse").await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse").await);
        assert_eq!(passwords.verify("correct horse", Some(hash.clone())).await, Some(true));
        assert_eq!(passwords.verify("correct house", Some(hash)).await, Some(false));
        assert_eq!(passwords.verify("nobody has this password", None).await, Some(false));
        assert_eq!(passwords.verify("x", Some("not a hash".into())).await, Some(false));
    }

    #[test]
    fn weak_passwords_are_named() {
        assert_eq!(check_password("a good long one", "ines"), Ok(()));
        assert_eq!(check_password("short", "ines"), Err(WeakPassword::Short));
        assert_eq!(check_password(&"xy".repeat(600), "ines"), Err(WeakPassword::Long));
        assert_eq!(check_password("Ines.Tavares", "ines.tavares"), Err(WeakPassword::Name));
        assert_eq!(check_password("ääääääääääää", "ines"), Err(WeakPassword::Repeats));
    }
}
