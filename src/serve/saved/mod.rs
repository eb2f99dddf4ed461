//! Saved searches: who may see and change them, and what they may be, for pages, API and feeds alike.

mod drafts;
mod tokens;

pub(super) use drafts::{MAX_NAME, SearchDraft, SearchPatch};
pub(super) use tokens::{by_token, make_token, revoke_token};

use super::{error::AppError, state::AppState};
use crate::{
    accounts::Person,
    domain::{SavedSearch, Visibility},
    store::Role,
};

/// The saved search with this id or slug, if the person may read it. Who may not is not told that it exists.
pub(super) async fn readable(
    state: &AppState,
    person: Option<&Person>,
    name: &str,
) -> Result<SavedSearch, AppError> {
    let search = named(state, name).await?;
    search.filter(|search| may_read(person, search)).ok_or(AppError::NotFound("saved search"))
}

/// The saved search with this id or slug, if the person may change it.
pub(super) async fn changeable(
    state: &AppState,
    person: &Person,
    name: &str,
) -> Result<SavedSearch, AppError> {
    let search = readable(state, Some(person), name).await?;
    if may_change(person, &search) { Ok(search) } else { Err(AppError::NotAllowed(Role::Analyst)) }
}

/// All saved searches that the person may read, by name.
pub(super) async fn all_readable(
    state: &AppState,
    person: Option<&Person>,
) -> Result<Vec<SavedSearch>, AppError> {
    let mut searches = state.store.saved_searches().await?;
    searches.retain(|search| may_read(person, search));
    Ok(searches)
}

async fn named(state: &AppState, name: &str) -> Result<Option<SavedSearch>, AppError> {
    let found = match name.parse() {
        Ok(id) => state.store.saved_search(id).await?,
        Err(_) => state.store.saved_search_by_slug(name).await?,
    };
    Ok(found)
}

pub(super) fn may_read(person: Option<&Person>, search: &SavedSearch) -> bool {
    search.visibility == Visibility::Public
        || person.is_some_and(|person| person.may(Role::Analyst) || owns(person, search))
}

pub(super) fn may_change(person: &Person, search: &SavedSearch) -> bool {
    person.may(Role::Analyst) || owns(person, search)
}

fn owns(person: &Person, search: &SavedSearch) -> bool {
    person.user().is_some_and(|user| search.owner == Some(user.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::Credential,
        domain::{SavedSearchId, SearchView},
        store::{TokenId, UserId},
    };

    fn search(visibility: Visibility) -> SavedSearch {
        SavedSearch {
            id: SavedSearchId(uuid::Uuid::nil()),
            slug: "ours".into(),
            name: "Ours".into(),
            query: "gateway".into(),
            view: SearchView::Articles,
            owner: Some(7),
            made_by: "ines".into(),
            visibility,
            created: jiff::Timestamp::UNIX_EPOCH,
            changed: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn user(role: Role, id: i64) -> Person {
        let by = Credential::Password { user: UserId(id) };
        Person { name: "somebody".into(), role, site: None, by }
    }

    #[test]
    fn private_searches_are_for_owner_and_analysts() {
        let private = search(Visibility::Private);
        for person in [user(Role::Reader, 7), user(Role::Analyst, 8), user(Role::Admin, 9)] {
            assert!(may_read(Some(&person), &private) && may_change(&person, &private));
        }
        let by = Credential::Token(TokenId(7));
        let token = Person { by, ..user(Role::Reader, 0) };
        for person in [user(Role::Reader, 8), user(Role::Moderator, 8), token] {
            assert!(!may_read(Some(&person), &private) && !may_change(&person, &private));
        }
        assert!(!may_read(None, &private) && may_read(None, &search(Visibility::Public)));
    }
}
