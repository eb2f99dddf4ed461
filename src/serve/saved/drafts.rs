//! What somebody wants to keep, checked.

use crate::{
    accounts::Person,
    domain::{SavedSearch, SearchView, Visibility, is_search_slug, search_slug},
    search::parse_query,
    serve::{error::AppError, state::AppState},
    store::{NewSavedSearch, SavedSearchEdit, StoreError},
};

/// Longest name, in characters.
pub(in crate::serve) const MAX_NAME: usize = 100;
/// Saved searches of all: each is asked about every new article.
const MAX_SEARCHES: usize = 1_000;

/// A search somebody wants to keep, as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::serve) struct SearchDraft {
    pub name: String,
    /// From the name, if not given.
    pub slug: Option<String>,
    pub query: String,
    pub view: SearchView,
    pub visibility: Visibility,
}

/// What somebody wants to change, as it was sent. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::serve) struct SearchPatch {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub query: Option<String>,
    pub view: Option<SearchView>,
    pub visibility: Option<Visibility>,
}

impl SearchDraft {
    /// Keeps the search for `person`.
    ///
    /// # Errors
    /// [`AppError::Query`] with what is wrong with the query, [`AppError::Parameter`] for the rest.
    pub async fn keep(self, state: &AppState, person: &Person) -> Result<SavedSearch, AppError> {
        let query = canonical(&self.query)?;
        let name = checked_name(&self.name)?;
        let slug = match self.slug.filter(|slug| !slug.is_empty()) {
            Some(slug) => checked_slug(slug)?,
            None => search_slug(&name),
        };
        if state.store.saved_searches().await?.len() >= MAX_SEARCHES {
            let detail = format!("there are {MAX_SEARCHES} already; delete some first");
            return Err(AppError::Parameter { name: "searches", detail });
        }
        let new = NewSavedSearch {
            slug,
            name,
            query,
            view: self.view,
            owner: person.user(),
            made_by: person.name.clone(),
            visibility: self.visibility,
        };
        Ok(state.store.add_saved_search(&new, state.now()).await?)
    }
}

impl SearchPatch {
    /// Changes `search`.
    ///
    /// # Errors
    /// As [`SearchDraft::keep`], and [`AppError::Taken`] where another search has the slug.
    pub async fn apply(
        self,
        state: &AppState,
        search: &SavedSearch,
    ) -> Result<SavedSearch, AppError> {
        let edit = SavedSearchEdit {
            query: self.query.as_deref().map(canonical).transpose()?,
            name: self.name.as_deref().map(checked_name).transpose()?,
            slug: self.slug.map(checked_slug).transpose()?,
            view: self.view,
            visibility: self.visibility,
        };
        match state.store.edit_saved_search(search.id, &edit, state.now()).await {
            Ok(changed) => changed.ok_or(AppError::NotFound("saved search")),
            Err(StoreError::Taken { value, .. }) => Err(AppError::Taken { what: "slug", value }),
            Err(error) => Err(error.into()),
        }
    }
}

fn canonical(query: &str) -> Result<String, AppError> {
    Ok(parse_query(query)?.to_string())
}

fn checked_name(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    let detail = format!("write 1 to {MAX_NAME} characters");
    Err(AppError::Parameter { name: "name", detail })
}

fn checked_slug(slug: String) -> Result<String, AppError> {
    if is_search_slug(&slug) {
        return Ok(slug);
    }
    let detail =
        format!("write lower case letters, digits and hyphens, such as {}", search_slug(&slug));
    Err(AppError::Parameter { name: "slug", detail })
}
