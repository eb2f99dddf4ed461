//! Tokens in addresses, by which the feeds of a private search are read without a login.

use std::net::IpAddr;

use jiff::SignedDuration;

use crate::{
    accounts::{Person, digest, feed_secret},
    domain::{SavedSearch, SavedSearchId},
    serve::{error::AppError, state::AppState},
    store::{AuditDraft, FeedToken, FeedTokenId, NewFeedToken},
};

/// Uses closer together than this are not written down.
const TOUCH: SignedDuration = SignedDuration::from_mins(5);
/// Longest label, in characters.
const MAX_LABEL: usize = 100;
/// Tokens of one search that are in force.
const MAX_TOKENS: usize = 50;

/// Makes a token for the feeds of a search. The secret is given this once.
///
/// # Errors
/// [`AppError::Parameter`] for a label that is too long, or where there are too many tokens.
pub(in crate::serve) async fn make_token(
    state: &AppState,
    person: &Person,
    search: &SavedSearch,
    label: &str,
) -> Result<(FeedTokenId, String), AppError> {
    let label = label.trim();
    if label.chars().count() > MAX_LABEL || label.chars().any(char::is_control) {
        let detail = format!("write up to {MAX_LABEL} characters");
        return Err(AppError::Parameter { name: "label", detail });
    }
    let tokens = state.store.feed_tokens(search.id).await?;
    if tokens.iter().filter(|token| token.revoked.is_none()).count() >= MAX_TOKENS {
        let detail = format!("there are {MAX_TOKENS} already; revoke some first");
        return Err(AppError::Parameter { name: "tokens", detail });
    }
    let (secret, prefix) = feed_secret();
    let token = NewFeedToken {
        digest: digest(&secret),
        search: search.id,
        label: label.to_owned(),
        prefix: prefix.clone(),
        made_by: person.name.clone(),
    };
    let id = state.store.add_feed_token(&token, state.now()).await?;
    note(state, person, "create-feed-token", search.id, &prefix).await?;
    Ok((id, secret))
}

/// Ends a token of a search.
///
/// # Errors
/// [`AppError::NotFound`] if there is none in force.
pub(in crate::serve) async fn revoke_token(
    state: &AppState,
    person: &Person,
    search: &SavedSearch,
    id: FeedTokenId,
) -> Result<(), AppError> {
    if !state.store.revoke_feed_token(search.id, id, state.now()).await? {
        return Err(AppError::NotFound("token"));
    }
    note(state, person, "revoke-feed-token", search.id, &id.0.to_string()).await
}

/// The search whose feeds a secret opens.
///
/// # Errors
/// Unknown secrets are counted by address and refused like any wrong token.
pub(in crate::serve) async fn by_token(
    state: &AppState,
    secret: &str,
    address: IpAddr,
) -> Result<SavedSearch, AppError> {
    let token = state.store.feed_token(&digest(secret)).await?;
    let Some(token) = token else { return Err(state.accounts.unknown_secret(address).into()) };
    touch(state, &token).await?;
    let search = state.store.saved_search(token.search).await?;
    search.ok_or(AppError::NotFound("saved search"))
}

async fn touch(state: &AppState, token: &FeedToken) -> Result<(), AppError> {
    let now = state.now();
    if token.last_used.is_none_or(|used| now.duration_since(used) >= TOUCH) {
        state.store.touch_feed_token(token.id, now).await?;
    }
    Ok(())
}

async fn note(
    state: &AppState,
    person: &Person,
    action: &str,
    search: SavedSearchId,
    detail: &str,
) -> Result<(), AppError> {
    let entry = AuditDraft {
        who: person.name.clone(),
        action: action.to_owned(),
        subject: search.to_string(),
        detail: detail.to_owned(),
    };
    Ok(state.store.audit(&entry, state.now()).await?)
}
