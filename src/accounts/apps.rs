//! Passwords for reader apps. The protocols of these apps send the password, or a digest of it, with each request, so
//! each app gets a random one of its own that can be ended alone.

use std::{net::IpAddr, time::Instant};

use jiff::{SignedDuration, Timestamp};
use md5::{Digest as _, Md5};

use super::{
    AccountError, Accounts, Credential, MAX_LABEL, Person, Refused, TOUCH, digest, folded, network,
    secret::{new_app_secret, prefix},
    too_many,
};
use crate::store::{AppKey, AppPasswordId, NewAppPassword, User};

/// Passwords that a user may have at once.
const MAX_APPS: usize = 30;
/// What arrived before this counts as read when somebody begins to read.
const BEGIN_WITH: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Accounts {
    /// Makes a password for an app and gives its secret, which is not shown again. The first one starts the reader's
    /// list of what is unread, with what arrived in the last 30 days.
    ///
    /// # Errors
    /// [`AccountError::TooManyApps`], or where the store fails.
    pub async fn add_app_password(
        &self,
        user: &User,
        label: &str,
        now: Timestamp,
    ) -> Result<String, AccountError> {
        if self.store.app_passwords(user.id).await?.len() >= MAX_APPS {
            return Err(AccountError::TooManyApps);
        }
        let secret = new_app_secret();
        let password = NewAppPassword {
            user: user.id,
            digest: digest(&secret),
            fever_digest: digest(&fever_key(&user.name, &secret)),
            label: label.trim().chars().take(MAX_LABEL).collect(),
            prefix: prefix(&secret).to_owned(),
        };
        self.store.begin_reading(user.id, now - BEGIN_WITH).await?;
        self.store.add_app_password(&password, now).await?;
        self.note(&user.name, "create-app-password", &password.prefix, &password.label, now)
            .await?;
        Ok(secret)
    }

    /// Ends a password of a user. `false` if there is none.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn remove_app_password(
        &self,
        user: &User,
        id: AppPasswordId,
        now: Timestamp,
    ) -> Result<bool, AccountError> {
        let removed = self.store.remove_app_password(user.id, id).await?;
        if removed {
            self.note(&user.name, "revoke-app-password", &id.0.to_string(), "", now).await?;
        }
        Ok(removed)
    }

    /// Who belongs to a name and the secret of an app password.
    ///
    /// # Errors
    /// [`Refused`]; wrong ones are counted by address, right ones always pass: they cannot be guessed.
    pub async fn by_app_password(
        &self,
        name: &str,
        secret: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Person, Refused> {
        let name = folded(name);
        let key = AppKey::Secret(digest(secret));
        self.by_app_key(key, |user| user.name == name, address, now).await
    }

    /// Who belongs to the key that a Fever app makes of name and secret.
    ///
    /// # Errors
    /// As [`Accounts::by_app_password`].
    pub async fn by_fever_key(
        &self,
        key: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Person, Refused> {
        let key = AppKey::Fever(digest(&key.to_ascii_lowercase()));
        self.by_app_key(key, |_| true, address, now).await
    }

    async fn by_app_key(
        &self,
        key: AppKey,
        belongs: impl Fn(&User) -> bool + Send,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Person, Refused> {
        let known = self.store.app_password(key).await?;
        let Some((password, user)) = known.filter(|(_, user)| belongs(user)) else {
            self.limits.token.take(network(address), Instant::now()).map_err(too_many)?;
            return Err(Refused::WrongPassword);
        };
        if password.last_used.is_none_or(|used| now.duration_since(used) >= TOUCH) {
            self.store.touch_app_password(password.id, now).await?;
        }
        let by = Credential::App { id: password.id, user: user.id };
        Ok(Person { name: user.name, role: user.role, site: None, by })
    }
}

/// The key of the Fever protocol: MD5 of `name:secret` in hexadecimal digits. It protects nothing; what does is that
/// the secret is long and random.
fn fever_key(name: &str, secret: &str) -> String {
    let hash = Md5::digest(format!("{name}:{secret}"));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fever_keys_are_md5() {
        assert_eq!(fever_key("ines", "abcd-efgh"), "98eb65e12c0ceb06ecde2211f3bc6872");
    }
}
