//! Who is asking, and how they prove it: passwords, sessions, tokens. Everything secret is made and compared
//! here; the store sees digests alone.

mod apps;
mod limiter;
mod password;
mod secret;

use std::{net::IpAddr, sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use url::Url;

use self::{
    limiter::{Limit, Limiter},
    secret::{new_secret, new_session, prefix},
};
pub use self::{
    password::{MAX_PASSWORD, MIN_PASSWORD, Passwords, WeakPassword, check_password},
    secret::{digest, feed_secret, one_time_password, random_key},
};
use crate::store::{
    AppPasswordId, AuditDraft, NewSession, NewToken, ReaderStateStore, Role, Session, SessionId,
    StoreError, Token, TokenId, User, UserEdit, UserId,
};

/// A session that is not used ends after this.
const IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A session ends after this, however much it is used.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Uses closer together than this are not written down.
const TOUCH: SignedDuration = SignedDuration::from_mins(5);
/// Longest user name, in characters.
const MAX_NAME: usize = 64;
/// Longest name of an app, in characters.
const MAX_LABEL: usize = 100;
/// What is kept of the name that a browser gives itself, in characters.
const MAX_AGENT: usize = 200;
/// Wrong passwords from one address: so many at once, then one for each span.
const BY_ADDRESS: Limit = Limit { burst: 20, refill_s: 15 };
/// Wrong passwords for one name, from wherever.
const BY_NAME: Limit = Limit { burst: 10, refill_s: 30 };
/// Unknown tokens from one address. A valid token always passes: it cannot be guessed.
const BY_TOKEN: Limit = Limit { burst: 30, refill_s: 2 };

/// Somebody who has proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user's name; for a token its first characters and label.
    pub name: String,
    pub role: Role,
    /// Address of the blog, for a token of the role site.
    pub site: Option<String>,
    pub by: Credential,
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    Session {
        id: SessionId,
        user: UserId,
    },
    Password {
        user: UserId,
    },
    Token(TokenId),
    /// A reader app with a password of its own.
    App {
        id: AppPasswordId,
        user: UserId,
    },
}

impl Person {
    /// Whether they may do what `wanted` may.
    pub fn may(&self, wanted: Role) -> bool {
        self.role.may(wanted)
    }

    /// The user, unless it is a program with a token.
    pub fn user(&self) -> Option<UserId> {
        match self.by {
            Credential::Session { user, .. }
            | Credential::Password { user }
            | Credential::App { user, .. } => Some(user),
            Credential::Token(_) => None,
        }
    }
}

/// Why somebody was not let in.
#[derive(Debug, Error)]
pub enum Refused {
    #[error("name and password do not belong together")]
    WrongPassword,
    #[error("unknown or revoked token")]
    WrongToken,
    #[error("too many wrong attempts")]
    TooMany { retry_after_s: u64 },
    #[error("too many people log in at once")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a user or token was not made.
#[derive(Debug, Error)]
pub enum AccountError {
    #[error("a name has 1 to 64 letters, digits, or . _ - @, and no spaces")]
    BadName,
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    #[error("the role site is for tokens, not for people")]
    SiteUser,
    #[error(
        "a token of the role site needs the address of the site, such as https://blog.example.org"
    )]
    SiteMissing,
    #[error("there are too many app passwords; end those that are not used any more")]
    TooManyApps,
    #[error("only a token of the role site has a site")]
    SiteSurplus,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets people and programs in. Cheap to clone; all clones count attempts together.
#[derive(Clone)]
pub struct Accounts {
    store: Arc<dyn ReaderStateStore>,
    passwords: Arc<Passwords>,
    limits: Arc<Limits>,
}

struct Limits {
    address: Limiter<IpAddr>,
    name: Limiter<String>,
    token: Limiter<IpAddr>,
}

impl Accounts {
    pub fn new(store: Arc<dyn ReaderStateStore>) -> Self {
        let limits = Limits {
            address: Limiter::new(BY_ADDRESS),
            name: Limiter::new(BY_NAME),
            token: Limiter::new(BY_TOKEN),
        };
        Self { store, passwords: Arc::new(Passwords::default()), limits: Arc::new(limits) }
    }

    /// Checks name and password. Takes as long for an unknown or disabled name as for a wrong password.
    ///
    /// # Errors
    /// [`Refused`]; wrong attempts are counted by address and by name.
    pub async fn check(
        &self,
        name: &str,
        password: &str,
        address: IpAddr,
    ) -> Result<User, Refused> {
        let (now, address, name) = (Instant::now(), network(address), folded(name));
        // Counted first, so that attempts made at the same moment are all counted, and given back if right.
        self.limits.address.take(address, now).map_err(too_many)?;
        self.limits.name.take(name.clone(), now).map_err(too_many)?;
        let known = self.store.user_by_name(&name).await?;
        let hash = known.as_ref().map(|(_, hash)| hash.clone());
        let right = self.passwords.verify(password, hash).await.ok_or(Refused::Busy)?;
        let user = known.map(|(user, _)| user).filter(|user| right && !user.disabled);
        let user = user.ok_or(Refused::WrongPassword)?;
        self.limits.address.give_back(&address);
        self.limits.name.give_back(&name);
        Ok(user)
    }

    /// Checks name and password and starts a session. Gives the session's secret for the cookie.
    ///
    /// # Errors
    /// As [`Accounts::check`].
    pub async fn log_in(
        &self,
        name: &str,
        password: &str,
        address: IpAddr,
        agent: &str,
        now: Timestamp,
    ) -> Result<String, Refused> {
        let user = match self.check(name, password, address).await {
            Ok(user) => user,
            Err(refused) => {
                tracing::warn!(%address, name = folded(name), error = %refused, "login refused");
                return Err(refused);
            }
        };
        let secret = new_session();
        let session = NewSession {
            digest: digest(&secret),
            user: user.id,
            expires: now + IDLE,
            address: address.to_string(),
            agent: agent.chars().take(MAX_AGENT).collect(),
        };
        self.store.add_session(&session, now).await?;
        self.note(&user.name, "log-in", &user.name, &address.to_string(), now).await?;
        Ok(secret)
    }

    /// Who belongs to a session's secret; `None` if it is over.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn by_session(
        &self,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<Person>, Refused> {
        let Some((session, user)) = self.store.session(&digest(secret), now).await? else {
            return Ok(None);
        };
        if now.duration_since(session.last_seen) >= TOUCH {
            let expires = (now + IDLE).min(session.created + LONGEST);
            self.store.touch_session(session.id, now, expires).await?;
        }
        let by = Credential::Session { id: session.id, user: user.id };
        Ok(Some(Person { name: user.name, role: user.role, site: None, by }))
    }

    /// Who belongs to a token.
    ///
    /// # Errors
    /// [`Refused`]; wrong ones are counted by address, right ones always pass.
    pub async fn by_token(
        &self,
        secret: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Person, Refused> {
        let known = self.store.token(&digest(secret)).await?;
        let Some(token) = known.filter(|token| token.revoked.is_none()) else {
            return Err(self.unknown_secret(address));
        };
        if token.last_used.is_none_or(|used| now.duration_since(used) >= TOUCH) {
            self.store.touch_token(token.id, now).await?;
        }
        let name = token_name(&token);
        Ok(Person { name, role: token.role, site: token.site, by: Credential::Token(token.id) })
    }

    /// Counts a secret nobody knows against the address it came from, and says how to refuse it.
    pub fn unknown_secret(&self, address: IpAddr) -> Refused {
        match self.limits.token.take(network(address), Instant::now()) {
            Ok(()) => Refused::WrongToken,
            Err(wait) => too_many(wait),
        }
    }

    /// Who belongs to a name and password sent with a single request.
    ///
    /// # Errors
    /// As [`Accounts::check`].
    pub async fn by_password(
        &self,
        name: &str,
        password: &str,
        address: IpAddr,
    ) -> Result<Person, Refused> {
        let user = self.check(name, password, address).await?;
        let by = Credential::Password { user: user.id };
        Ok(Person { name: user.name, role: user.role, site: None, by })
    }

    /// Ends the session that the secret belongs to, if any.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn log_out(&self, secret: &str, now: Timestamp) -> Result<(), Refused> {
        let Some((session, user)) = self.store.session(&digest(secret), now).await? else {
            return Ok(());
        };
        self.store.end_session(user.id, session.id).await?;
        self.note(&user.name, "log-out", &user.name, "", now).await?;
        Ok(())
    }

    /// Sessions of a user, last used first.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, Refused> {
        Ok(self.store.sessions(user, now).await?)
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`AccountError`]: bad or taken name, weak password, role site.
    pub async fn add_user(
        &self,
        who: &str,
        name: &str,
        role: Role,
        password: &str,
        now: Timestamp,
    ) -> Result<UserId, AccountError> {
        let name = folded(name);
        if !is_name(&name) {
            return Err(AccountError::BadName);
        }
        if role == Role::Site {
            return Err(AccountError::SiteUser);
        }
        check_password(password, &name)?;
        let hash = self.passwords.hash(password).await;
        let id = self.store.add_user(&name, role, &hash, now).await?;
        self.note(who, "create-user", &name, role.as_str(), now).await?;
        Ok(id)
    }

    /// Gives a user another password and ends all their sessions.
    ///
    /// # Errors
    /// [`AccountError`]: weak password.
    pub async fn set_password(
        &self,
        who: &str,
        user: &User,
        password: &str,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        check_password(password, &user.name)?;
        let hash = self.passwords.hash(password).await;
        let edit = UserEdit { password: Some(hash), ..UserEdit::default() };
        self.store.edit_user(user.id, &edit).await?;
        self.note(who, "set-password", &user.name, "", now).await?;
        Ok(())
    }

    /// Makes a token and gives its secret, which is not shown again.
    ///
    /// # Errors
    /// [`AccountError`] where role and site do not fit together.
    pub async fn add_token(
        &self,
        who: &str,
        role: Role,
        site: Option<&str>,
        label: &str,
        now: Timestamp,
    ) -> Result<String, AccountError> {
        let site = match (role, site) {
            (Role::Site, Some(site)) => Some(site_address(site).ok_or(AccountError::SiteMissing)?),
            (Role::Site, None) => return Err(AccountError::SiteMissing),
            (_, Some(_)) => return Err(AccountError::SiteSurplus),
            (_, None) => None,
        };
        let secret = new_secret(role);
        let token = NewToken {
            digest: digest(&secret),
            role,
            site: site.clone(),
            label: label.trim().to_owned(),
            prefix: prefix(&secret).to_owned(),
        };
        self.store.add_token(&token, now).await?;
        let subject = site.unwrap_or_else(|| token.prefix.clone());
        self.note(who, "create-token", &subject, role.as_str(), now).await?;
        Ok(secret)
    }

    async fn note(
        &self,
        who: &str,
        action: &str,
        subject: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = AuditDraft {
            who: who.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_owned(),
        };
        self.store.audit(&entry, now).await
    }
}

/// The identity of a site: its address without user, query, fragment and trailing slash.
/// `None` for what is no http or https address.
pub fn site_address(text: &str) -> Option<String> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    Some(format!("{}://{host}{port}{path}", url.scheme()))
}

fn folded(name: &str) -> String {
    name.trim().chars().take(MAX_NAME + 1).collect::<String>().to_lowercase()
}

fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    let fine = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '@');
    (1..=MAX_NAME).contains(&length) && name.chars().all(fine)
}

fn token_name(token: &Token) -> String {
    match token.label.as_str() {
        "" => format!("token {}", token.prefix),
        label => format!("token {} ({label})", token.prefix),
    }
}

/// What attempts are counted by: whoever has one IPv6 address has its whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let upper = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(upper.into())
        }
        address => address,
    }
}

fn too_many(wait: std::time::Duration) -> Refused {
    Refused::TooMany { retry_after_s: wait.as_secs() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_the_same_however_they_are_written() {
        for text in [
            "https://blog.example.org",
            "https://blog.example.org/",
            "https://user@BLOG.example.org/?a#b",
            "blog.example.org",
            "https://blog.example.org:443//",
        ] {
            assert_eq!(site_address(text).as_deref(), Some("https://blog.example.org"), "{text}");
        }
        assert_eq!(site_address("http://x:81/blog/").as_deref(), Some("http://x:81/blog"));
        for text in ["", " ", "ftp://x", "javascript:alert(1)", "http://"] {
            assert_eq!(site_address(text), None, "{text:?}");
        }
    }

    #[test]
    fn names_are_plain() {
        for name in ["ines", "ines.t@example", "Ünal".to_lowercase().as_str()] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a b", "a:b", "<b>", "a\n", &"x".repeat(65)] {
            assert!(!is_name(name), "{name:?}");
        }
    }

    #[test]
    fn neighbours_in_ipv6_count_as_one() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
