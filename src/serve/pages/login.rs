use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::own_path;
use crate::{
    accounts::Refused,
    serve::{
        error::{AppError, detail_of_refusal, status_of_refusal},
        layout::Layout,
        state::AppState,
        templates::view,
        visitor::{ClientAddress, Visitor, session_cookie, session_secret},
    },
};

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
pub(super) struct Login {
    name: String,
    password: String,
    #[serde(default)]
    back: String,
}

/// `GET /login`
pub(super) async fn get(
    Visitor(visitor): Visitor,
    Query(params): Query<Params>,
    layout: Layout,
) -> Result<Response, AppError> {
    let back = own_path(&params.back);
    if visitor.is_some() {
        return Ok(Redirect::to(back).into_response());
    }
    let asked = !params.back.is_empty() && back != "/";
    let page =
        layout.html("login.html", view! { back, asked, name => "", error => None::<String> })?;
    Ok(page.into_response())
}

/// `POST /login`: starts a session with a new secret, whatever the browser brought, and ends the old one.
pub(super) async fn post(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    jar: CookieJar,
    layout: Layout,
    Form(login): Form<Login>,
) -> Result<Response, AppError> {
    let back = own_path(&login.back);
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let agent = agent.unwrap_or_default();
    let now = state.now();
    match state.accounts.log_in(&login.name, &login.password, address, agent, now).await {
        Ok(secret) => {
            if let Some(old) = session_secret(&state, &headers) {
                state.accounts.log_out(&old, now).await?;
            }
            Ok((jar.add(session_cookie(&state, secret)), Redirect::to(back)).into_response())
        }
        Err(refused @ (Refused::WrongPassword | Refused::TooMany { .. } | Refused::Busy)) => {
            try_again(&layout, &login, &refused)
        }
        Err(refused) => Err(refused.into()),
    }
}

/// The form again, with what went wrong.
fn try_again(layout: &Layout, login: &Login, refused: &Refused) -> Result<Response, AppError> {
    let status = status_of_refusal(refused);
    let page: Html<String> = layout.html(
        "login.html",
        view! {
            back => own_path(&login.back),
            asked => false,
            name => login.name,
            error => Some(detail_of_refusal(refused)),
        },
    )?;
    let mut response = (status, page).into_response();
    if let Refused::TooMany { retry_after_s } = refused {
        response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_s).into());
    }
    Ok(response)
}

/// `GET /logout`: an address alone must not log anybody out; the account page has the button.
pub(super) async fn ask_to_log_out() -> Redirect {
    Redirect::to("/account")
}

/// `POST /logout`: ends the session and forgets its cookie.
pub(super) async fn log_out(
    State(state): State<AppState>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, AppError> {
    if let Some(secret) = session_secret(&state, &headers) {
        state.accounts.log_out(&secret, state.now()).await?;
    }
    let gone = session_cookie(&state, String::new());
    Ok((StatusCode::SEE_OTHER, jar.remove(gone), Redirect::to("/")).into_response())
}
