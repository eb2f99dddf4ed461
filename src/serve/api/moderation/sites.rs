use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Posted,
    views::{SiteListView, SiteView},
};
use crate::{
    domain::{SiteId, SitePolicy},
    serve::{
        api::parameters::Id,
        error::{AppError, Problem},
        state::AppState,
        visitor::Moderator,
    },
};

/// All sites with their policies
#[utoipa::path(
    get, path = "/sites", operation_id = "list_sites", tag = "comments",
    responses((status = 200, body = SiteListView), (status = 401, body = Problem)),
)]
pub(in crate::serve::api) async fn list(
    State(state): State<AppState>,
    _moderator: Moderator,
) -> Result<Json<SiteListView>, AppError> {
    let sites = state.store.sites().await?;
    Ok(Json(SiteListView { sites: sites.into_iter().map(Into::into).collect() }))
}

/// What a site is called and how it is moderated.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::serve::api) struct SiteEdit {
    name: String,
    /// All of it; what is left out takes its default. See the guide for moderators.
    #[schema(value_type = Object)]
    policy: SitePolicy,
}

/// Change a site's name and policy
#[utoipa::path(
    put, path = "/sites/{id}", operation_id = "edit_site", tag = "comments", request_body = SiteEdit,
    params(("id" = i64, Path, description = "Number of the site")),
    responses((status = 200, body = SiteView), (status = 401, body = Problem), (status = 400, body = Problem), (status = 404, body = Problem)),
)]
pub(in crate::serve::api) async fn edit(
    State(state): State<AppState>,
    moderator: Moderator,
    Id(id): Id,
    Posted(edit): Posted<SiteEdit>,
) -> Result<Json<SiteView>, AppError> {
    let id = SiteId(id);
    state.store.site(id).await?.ok_or(AppError::NotFound("site"))?;
    state.desk.edit_site(id, edit.name.trim(), &edit.policy).await?;
    tracing::info!(site = id.0, by = moderator.0.name, "a site's policy was changed");
    let site = state.store.site(id).await?.ok_or(AppError::NotFound("site"))?;
    Ok(Json(site.into()))
}
