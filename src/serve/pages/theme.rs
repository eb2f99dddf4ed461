use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use serde::Deserialize;

use super::own_path;
use crate::serve::{
    error::AppError,
    layout::{THEME_COOKIE, THEMES},
    state::AppState,
};

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    theme: String,
    #[serde(default)]
    back: String,
}

/// `POST /theme`: keeps the choice in a cookie and goes back to the page it was made on.
pub(super) async fn post(
    State(state): State<AppState>,
    jar: CookieJar,
    Form(choice): Form<Choice>,
) -> Result<Response, AppError> {
    let Some(theme) = THEMES.into_iter().find(|theme| *theme == choice.theme) else {
        let detail = format!("write one of {}", THEMES.join(", "));
        return Err(AppError::Parameter { name: "theme", detail });
    };
    let cookie = Cookie::build((THEME_COOKIE, theme))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.is_https())
        .permanent();
    Ok((jar.add(cookie), Redirect::to(own_path(&choice.back))).into_response())
}
