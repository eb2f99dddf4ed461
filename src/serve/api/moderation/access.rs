//! Who may see and decide what: a site its own comments, a moderator all.

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    accounts::Person,
    domain::{Site, SiteId},
    serve::{error::AppError, state::AppState, visitor::Visitor},
    store::{NewSite, Role},
};

/// Somebody who may ask about comments: a moderator, or a site about its own.
pub(in crate::serve::api) struct Member {
    pub person: Person,
    /// The one site, for a site.
    pub own: Option<Site>,
}

impl FromRequestParts<AppState> for Member {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        let Visitor(person) = Visitor::of(&parts.extensions);
        let person = person.ok_or(AppError::LoginNeeded)?;
        if person.may(Role::Moderator) {
            return Ok(Self { person, own: None });
        }
        let Some(url) = person.site.clone().filter(|_| person.role == Role::Site) else {
            return Err(AppError::NotAllowed(Role::Moderator));
        };
        let name = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).to_owned();
        let new = NewSite { url, name, ..NewSite::default() };
        let own = state.store.ensure_site(&new, state.now()).await?;
        Ok(Self { person, own: Some(own) })
    }
}

impl Member {
    /// The site that is meant: a site means itself, a moderator names one by its address.
    pub async fn site(&self, state: &AppState, named: Option<&str>) -> Result<Site, AppError> {
        if let Some(own) = &self.own {
            return Ok(own.clone());
        }
        let url = named.ok_or_else(|| AppError::Parameter {
            name: "site",
            detail: "name the site by its address, or send the key of a site".to_owned(),
        })?;
        let url = crate::accounts::site_address(url).unwrap_or_default();
        state.store.site_by_url(&url).await?.ok_or(AppError::NotFound("site"))
    }

    /// Whether the comments of a site are theirs to see.
    pub fn may_see(&self, site: SiteId) -> bool {
        self.own.as_ref().is_none_or(|own| own.id == site)
    }
}
