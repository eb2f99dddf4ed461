//! Who may do what: users, their sessions, tokens for programs, and the log of what was done.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Result;

/// Number of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

/// Number of a session, safe to show: the secret is something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub i64);

/// Number of a token, safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub i64);

/// SHA-256 of a session's or token's secret. The secrets are random and long, so that no salt is needed.
pub type Digest = [u8; 32];

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A blog: has its own comments checked, and nothing else. For tokens alone.
    Site,
    /// Reads, where reading is private.
    Reader,
    /// Reads and decides about comments.
    Moderator,
    /// Reads, and takes exports that are large.
    Analyst,
    /// All of it.
    Admin,
}

impl Role {
    pub const ALL: [Self; 5] =
        [Self::Site, Self::Reader, Self::Moderator, Self::Analyst, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Reader => "reader",
            Self::Moderator => "moderator",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether this role may do what `wanted` may. An admin may do everything that people do; every role of
    /// people may read; a site may do nothing but what sites do.
    pub fn may(self, wanted: Self) -> bool {
        match (self, wanted) {
            (own, wanted) if own == wanted => true,
            (Self::Site, _) | (_, Self::Site) => false,
            (Self::Admin, _) | (_, Self::Reader) => true,
            _ => false,
        }
    }
}

/// Somebody who can log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    pub id: UserId,
    /// In lower case.
    pub name: String,
    pub role: Role,
    pub disabled: bool,
    pub created: Timestamp,
    pub last_login: Option<Timestamp>,
}

/// A change to a user. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserEdit {
    pub role: Option<Role>,
    /// `true` also ends the user's sessions.
    pub disabled: Option<bool>,
    /// A new argon2 hash; also ends the user's sessions.
    pub password: Option<String>,
}

/// A browser that is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    pub created: Timestamp,
    pub last_seen: Timestamp,
    pub expires: Timestamp,
    /// Where the login came from.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// A session to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    pub digest: Digest,
    pub user: UserId,
    pub expires: Timestamp,
    pub address: String,
    pub agent: String,
}

/// A program's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    pub id: TokenId,
    pub role: Role,
    /// Address of the blog, for the role site.
    pub site: Option<String>,
    pub label: String,
    /// First characters of the secret.
    pub prefix: String,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
}

/// A token to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    pub digest: Digest,
    pub role: Role,
    pub site: Option<String>,
    pub label: String,
    pub prefix: String,
}

/// Something that was done, on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditDraft {
    /// Name of the user, token or program.
    pub who: String,
    /// A verb of ours: `log-in`, `create-token`.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    pub detail: String,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    pub id: i64,
    pub at: Timestamp,
    pub who: String,
    pub action: String,
    pub subject: String,
    pub detail: String,
}

/// Keeps users, sessions, tokens and the audit log.
#[async_trait]
pub trait AccountStore: Send + Sync {
    // Users. Names are compared in lower case.

    /// Adds a user with an argon2 hash.
    ///
    /// # Errors
    /// [`StoreError::Taken`](super::StoreError::Taken) where the name is in use.
    async fn add_user(
        &self,
        name: &str,
        role: Role,
        password: &str,
        now: Timestamp,
    ) -> Result<UserId>;
    /// The user, or `None`.
    async fn user(&self, id: UserId) -> Result<Option<User>>;
    /// The user with this name and the hash of the password, or `None`.
    async fn user_by_name(&self, name: &str) -> Result<Option<(User, String)>>;
    /// All users, by name.
    async fn users(&self) -> Result<Vec<User>>;
    /// Changes what `edit` names.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](super::StoreError::NotFound) where there is no such user.
    async fn edit_user(&self, id: UserId, edit: &UserEdit) -> Result<()>;

    // Sessions.

    /// Starts a session, notes the login and forgets sessions that are over.
    async fn add_session(&self, session: &NewSession, now: Timestamp) -> Result<SessionId>;
    /// The session with its user. `None` if it is unknown or over, or the user disabled.
    async fn session(&self, digest: &Digest, now: Timestamp) -> Result<Option<(Session, User)>>;
    /// Moves a session's last use and end.
    async fn touch_session(&self, id: SessionId, now: Timestamp, expires: Timestamp) -> Result<()>;
    /// Sessions of a user that are not over, last used first.
    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>>;
    /// Ends one session of a user. `false` if there is none.
    async fn end_session(&self, user: UserId, id: SessionId) -> Result<bool>;
    /// Ends the sessions of a user, but not `except`. Gives their number.
    async fn end_sessions(&self, user: UserId, except: Option<SessionId>) -> Result<u64>;

    // Tokens.

    /// Stores a token.
    async fn add_token(&self, token: &NewToken, now: Timestamp) -> Result<TokenId>;
    /// The token with this digest, revoked or not.
    async fn token(&self, digest: &Digest) -> Result<Option<Token>>;
    /// All tokens, newest first.
    async fn tokens(&self) -> Result<Vec<Token>>;
    /// Notes that a token was used.
    async fn touch_token(&self, id: TokenId, now: Timestamp) -> Result<()>;
    /// Ends a token. `false` if it does not exist or has ended before.
    async fn revoke_token(&self, id: TokenId, now: Timestamp) -> Result<bool>;

    // Audit log.

    /// Appends to the log.
    async fn audit(&self, entry: &AuditDraft, now: Timestamp) -> Result<()>;
    /// Up to `limit` lines before line `before`, newest first.
    async fn audit_log(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_may_what_their_table_says() {
        use Role::{Admin, Analyst, Moderator, Reader, Site};
        let may = |role: Role| Role::ALL.into_iter().filter(move |wanted| role.may(*wanted));
        assert!(may(Site).eq([Site]));
        assert!(may(Reader).eq([Reader]));
        assert!(may(Moderator).eq([Reader, Moderator]));
        assert!(may(Analyst).eq([Reader, Analyst]));
        assert!(may(Admin).eq([Reader, Moderator, Analyst, Admin]));
    }
}
