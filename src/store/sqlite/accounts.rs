//! Users, sessions, tokens and the audit log.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::FromRow;

use super::{
    SqliteStore,
    rows::{named, read_all, time, time_or_none},
};
use crate::store::{
    AccountStore, AuditDraft, AuditEntry, Digest, NewSession, NewToken, Result, Role, Session,
    SessionId, StoreError, Token, TokenId, User, UserEdit, UserId,
};

/// Ended sessions removed with each login, so that a login stays quick.
const SWEPT: i64 = 1_000;

#[derive(FromRow)]
struct UserRow {
    id: i64,
    name: String,
    role: String,
    password: String,
    disabled: i64,
    created: i64,
    last_login: Option<i64>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self> {
        Ok(Self {
            id: UserId(row.id),
            name: row.name,
            role: named("role", &row.role, Role::from_name)?,
            disabled: row.disabled != 0,
            created: time(row.created)?,
            last_login: time_or_none(row.last_login)?,
        })
    }
}

#[derive(FromRow)]
struct SessionRow {
    id: i64,
    user_id: i64,
    created: i64,
    last_seen: i64,
    expires: i64,
    address: String,
    agent: String,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self> {
        Ok(Self {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            created: time(row.created)?,
            last_seen: time(row.last_seen)?,
            expires: time(row.expires)?,
            address: row.address,
            agent: row.agent,
        })
    }
}

#[derive(FromRow)]
struct TokenRow {
    id: i64,
    role: String,
    site: Option<String>,
    label: String,
    prefix: String,
    created: i64,
    last_used: Option<i64>,
    revoked: Option<i64>,
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self> {
        Ok(Self {
            id: TokenId(row.id),
            role: named("role", &row.role, Role::from_name)?,
            site: row.site,
            label: row.label,
            prefix: row.prefix,
            created: time(row.created)?,
            last_used: time_or_none(row.last_used)?,
            revoked: time_or_none(row.revoked)?,
        })
    }
}

#[derive(FromRow)]
struct AuditRow {
    id: i64,
    at: i64,
    who: String,
    action: String,
    subject: String,
    detail: String,
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            at: time(row.at)?,
            who: row.who,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
        })
    }
}

#[async_trait]
impl AccountStore for SqliteStore {
    async fn add_user(
        &self,
        name: &str,
        role: Role,
        password: &str,
        now: Timestamp,
    ) -> Result<UserId> {
        let name = name.to_lowercase();
        let id: Option<i64> = sqlx::query_scalar(
            "INSERT INTO users (name, role, password, created) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO NOTHING RETURNING id",
        )
        .bind(&name)
        .bind(role.as_str())
        .bind(password)
        .bind(now.as_second())
        .fetch_optional(&self.writer)
        .await?;
        id.map(UserId).ok_or(StoreError::Taken { what: "user", value: name })
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        let row: Option<UserRow> = sqlx::query_as("SELECT * FROM users WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.reader)
            .await?;
        row.map(User::try_from).transpose()
    }

    async fn user_by_name(&self, name: &str) -> Result<Option<(User, String)>> {
        let row: Option<UserRow> = sqlx::query_as("SELECT * FROM users WHERE name = $1")
            .bind(name.to_lowercase())
            .fetch_optional(&self.reader)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let password = row.password.clone();
        Ok(Some((User::try_from(row)?, password)))
    }

    async fn users(&self) -> Result<Vec<User>> {
        let rows: Vec<UserRow> =
            sqlx::query_as("SELECT * FROM users ORDER BY name").fetch_all(&self.reader).await?;
        read_all(rows)
    }

    async fn edit_user(&self, id: UserId, edit: &UserEdit) -> Result<()> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE users SET role = COALESCE($2, role), disabled = COALESCE($3, disabled),
                    password = COALESCE($4, password)
             WHERE id = $1",
        )
        .bind(id.0)
        .bind(edit.role.map(Role::as_str))
        .bind(edit.disabled.map(i64::from))
        .bind(&edit.password)
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "user", id: id.0 });
        }
        if edit.password.is_some() || edit.disabled == Some(true) {
            sqlx::query("DELETE FROM sessions WHERE user_id = $1")
                .bind(id.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn add_session(&self, session: &NewSession, now: Timestamp) -> Result<SessionId> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "DELETE FROM sessions WHERE id IN
                 (SELECT id FROM sessions WHERE expires <= $1 ORDER BY expires LIMIT $2)",
        )
        .bind(now.as_second())
        .bind(SWEPT)
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE users SET last_login = $2 WHERE id = $1")
            .bind(session.user.0)
            .bind(now.as_second())
            .execute(&mut *tx)
            .await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO sessions (digest, user_id, created, last_seen, expires, address, agent)
             VALUES ($1, $2, $3, $3, $4, $5, $6) RETURNING id",
        )
        .bind(&session.digest[..])
        .bind(session.user.0)
        .bind(now.as_second())
        .bind(session.expires.as_second())
        .bind(&session.address)
        .bind(&session.agent)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(SessionId(id))
    }

    async fn session(&self, digest: &Digest, now: Timestamp) -> Result<Option<(Session, User)>> {
        let row: Option<SessionRow> =
            sqlx::query_as("SELECT * FROM sessions WHERE digest = $1 AND expires > $2")
                .bind(&digest[..])
                .bind(now.as_second())
                .fetch_optional(&self.reader)
                .await?;
        let Some(session) = row.map(Session::try_from).transpose()? else { return Ok(None) };
        let user = self.user(session.user).await?.filter(|user| !user.disabled);
        Ok(user.map(|user| (session, user)))
    }

    async fn touch_session(&self, id: SessionId, now: Timestamp, expires: Timestamp) -> Result<()> {
        sqlx::query("UPDATE sessions SET last_seen = $2, expires = $3 WHERE id = $1")
            .bind(id.0)
            .bind(now.as_second())
            .bind(expires.as_second())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let rows: Vec<SessionRow> = sqlx::query_as(
            "SELECT * FROM sessions WHERE user_id = $1 AND expires > $2
             ORDER BY last_seen DESC, id DESC",
        )
        .bind(user.0)
        .bind(now.as_second())
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn end_session(&self, user: UserId, id: SessionId) -> Result<bool> {
        let ended = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id = $2")
            .bind(user.0)
            .bind(id.0)
            .execute(&self.writer)
            .await?;
        Ok(ended.rows_affected() > 0)
    }

    async fn end_sessions(&self, user: UserId, except: Option<SessionId>) -> Result<u64> {
        let ended = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
            .bind(user.0)
            .bind(except.map_or(0, |id| id.0))
            .execute(&self.writer)
            .await?;
        Ok(ended.rows_affected())
    }

    async fn add_token(&self, token: &NewToken, now: Timestamp) -> Result<TokenId> {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO tokens (digest, role, site, label, prefix, created)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .bind(&token.digest[..])
        .bind(token.role.as_str())
        .bind(&token.site)
        .bind(&token.label)
        .bind(&token.prefix)
        .bind(now.as_second())
        .fetch_one(&self.writer)
        .await?;
        Ok(TokenId(id))
    }

    async fn token(&self, digest: &Digest) -> Result<Option<Token>> {
        let row: Option<TokenRow> = sqlx::query_as("SELECT * FROM tokens WHERE digest = $1")
            .bind(&digest[..])
            .fetch_optional(&self.reader)
            .await?;
        row.map(Token::try_from).transpose()
    }

    async fn tokens(&self) -> Result<Vec<Token>> {
        let rows: Vec<TokenRow> =
            sqlx::query_as("SELECT * FROM tokens ORDER BY id DESC").fetch_all(&self.reader).await?;
        read_all(rows)
    }

    async fn touch_token(&self, id: TokenId, now: Timestamp) -> Result<()> {
        sqlx::query("UPDATE tokens SET last_used = $2 WHERE id = $1")
            .bind(id.0)
            .bind(now.as_second())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn revoke_token(&self, id: TokenId, now: Timestamp) -> Result<bool> {
        let revoked =
            sqlx::query("UPDATE tokens SET revoked = $2 WHERE id = $1 AND revoked IS NULL")
                .bind(id.0)
                .bind(now.as_second())
                .execute(&self.writer)
                .await?;
        Ok(revoked.rows_affected() > 0)
    }

    async fn audit(&self, entry: &AuditDraft, now: Timestamp) -> Result<()> {
        sqlx::query(
            "INSERT INTO audit (at, who, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(now.as_second())
        .bind(&entry.who)
        .bind(&entry.action)
        .bind(&entry.subject)
        .bind(&entry.detail)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn audit_log(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>> {
        let rows: Vec<AuditRow> =
            sqlx::query_as("SELECT * FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2")
                .bind(before.unwrap_or(i64::MAX))
                .bind(i64::from(limit))
                .fetch_all(&self.reader)
                .await?;
        read_all(rows)
    }
}
