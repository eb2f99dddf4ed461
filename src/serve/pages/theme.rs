use axum::{
    Form,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use serde::Deserialize;

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
    headers: HeaderMap,
    jar: CookieJar,
    Form(choice): Form<Choice>,
) -> Result<Response, AppError> {
    let from = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if from.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(AppError::ForeignForm);
    }
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

/// `back` if it stays on this server, else the front page.
fn own_path(back: &str) -> &str {
    let stays = back.starts_with('/')
        && !back.starts_with("//")
        && back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if stays { back } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_here() {
        for back in ["/", "/search?q=a%20b", "/articles/1#c"] {
            assert_eq!(own_path(back), back);
        }
        for back in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"] {
            assert_eq!(own_path(back), "/", "{back:?}");
        }
    }
}
