use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Number;
use crate::{
    accounts::{AccountError, Credential, Person, Refused},
    serve::{
        error::{AppError, detail_of_refusal},
        layout::Layout,
        state::AppState,
        templates::view,
        visitor::{ClientAddress, LoggedIn, session_cookie},
        words,
    },
    store::{AppPassword, AppPasswordId, Session, SessionId, User, UserId},
};

/// A session as the page lists it.
#[derive(Debug, Serialize)]
struct Row {
    id: SessionId,
    this: bool,
    browser: String,
    address: String,
    created: Timestamp,
    last_seen: Timestamp,
}

/// A reader app as the page lists it.
#[derive(Debug, Serialize)]
struct App {
    id: AppPasswordId,
    label: String,
    prefix: String,
    created: Timestamp,
    last_used: Option<Timestamp>,
}

/// A new app password with what an app asks for, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct NewApp {
    label: String,
    secret: String,
    server: String,
}

/// What the page says about a form that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Notice {
    good: bool,
    words: String,
}

/// `GET /account`: who I am, my sessions, my password.
pub(super) async fn get(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    layout: Layout,
) -> Result<Response, AppError> {
    page(&state, &layout, &person, StatusCode::OK, Told::default()).await
}

#[derive(Deserialize)]
pub(super) struct AppForm {
    #[serde(default)]
    label: String,
}

/// `POST /account/apps`: makes a password for a reader app and shows it, this once.
pub(super) async fn add_app(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    headers: HeaderMap,
    layout: Layout,
    Form(form): Form<AppForm>,
) -> Result<Response, AppError> {
    let user = user_of(&state, &person).await?;
    match state.accounts.add_app_password(&user, &form.label, state.now()).await {
        Ok(secret) => {
            let server = state.base_url(&headers);
            let app = NewApp { label: form.label.trim().to_owned(), secret, server };
            let told = Told { app: Some(app), ..Told::default() };
            page(&state, &layout, &person, StatusCode::OK, told).await
        }
        Err(error @ AccountError::TooManyApps) => {
            refuse(&state, &layout, &person, &words::sentence(&error.to_string())).await
        }
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(other) => Err(AppError::Internal(other.to_string())),
    }
}

/// `POST /account/apps/{id}`: ends an app's password.
pub(super) async fn end_app(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Number(id): Number,
) -> Result<Redirect, AppError> {
    let user = user_of(&state, &person).await?;
    match state.accounts.remove_app_password(&user, AppPasswordId(id), state.now()).await {
        Ok(_) => Ok(Redirect::to("/account#ap")),
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(other) => Err(AppError::Internal(other.to_string())),
    }
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    present: String,
    new: String,
    again: String,
}

/// `POST /account/password`: another password. All sessions end; this browser gets a new one.
pub(super) async fn set_password(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    jar: CookieJar,
    layout: Layout,
    Form(form): Form<NewPassword>,
) -> Result<Response, AppError> {
    let user = user_of(&state, &person).await?;
    if form.new != form.again {
        return refuse(&state, &layout, &person, "The new password and its repetition differ.")
            .await;
    }
    match state.accounts.check(&user.name, &form.present, address).await {
        Ok(_) => {}
        Err(Refused::WrongPassword) => {
            return refuse(&state, &layout, &person, "The present password is wrong.").await;
        }
        Err(refused @ (Refused::TooMany { .. } | Refused::Busy)) => {
            return refuse(&state, &layout, &person, &detail_of_refusal(&refused)).await;
        }
        Err(refused) => return Err(refused.into()),
    }
    let now = state.now();
    match state.accounts.set_password(&user.name, &user, &form.new, now).await {
        Ok(()) => {}
        Err(AccountError::Weak(weak)) => {
            let words = words::sentence(&weak.to_string());
            return refuse(&state, &layout, &person, &words).await;
        }
        Err(AccountError::Store(error)) => return Err(error.into()),
        Err(other) => return Err(AppError::Internal(other.to_string())),
    }
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let agent = agent.unwrap_or_default();
    let secret = state.accounts.log_in(&user.name, &form.new, address, agent, now).await?;
    Ok((jar.add(session_cookie(&state, secret)), Redirect::to("/account")).into_response())
}

/// `POST /account/sessions/{id}`: ends one session.
pub(super) async fn end_one(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Number(id): Number,
) -> Result<Redirect, AppError> {
    let user = user_id(&person)?;
    state.store.end_session(user, SessionId(id)).await?;
    Ok(Redirect::to("/account"))
}

/// `POST /account/sessions`: ends all sessions but this one.
pub(super) async fn end_others(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
) -> Result<Redirect, AppError> {
    let user = user_id(&person)?;
    state.store.end_sessions(user, own_session(&person)).await?;
    Ok(Redirect::to("/account"))
}

/// What a page says this once.
#[derive(Debug, Default)]
struct Told {
    notice: Option<Notice>,
    app: Option<NewApp>,
}

async fn refuse(
    state: &AppState,
    layout: &Layout,
    person: &Person,
    words: &str,
) -> Result<Response, AppError> {
    let notice = Some(Notice { good: false, words: words.to_owned() });
    let told = Told { notice, ..Told::default() };
    page(state, layout, person, StatusCode::UNPROCESSABLE_ENTITY, told).await
}

async fn page(
    state: &AppState,
    layout: &Layout,
    person: &Person,
    status: StatusCode,
    told: Told,
) -> Result<Response, AppError> {
    let now = state.now();
    let own = own_session(person);
    let (sessions, apps) = match person.user() {
        Some(user) => {
            (state.store.sessions(user, now).await?, state.store.app_passwords(user).await?)
        }
        None => (Vec::new(), Vec::new()),
    };
    let apps: Vec<App> = apps.into_iter().map(app).collect();
    let sessions: Vec<Row> = sessions.into_iter().map(|session| row(session, own)).collect();
    let page = layout.html(
        "account.html",
        view! {
            name => person.name,
            role => person.role,
            has_password => person.user().is_some(),
            shortest => crate::accounts::MIN_PASSWORD,
            sessions,
            apps,
            app => told.app,
            notice => told.notice,
        },
    )?;
    Ok((status, page).into_response())
}

fn row(session: Session, own: Option<SessionId>) -> Row {
    Row {
        this: own == Some(session.id),
        id: session.id,
        browser: browser_of(&session.agent),
        address: session.address,
        created: session.created,
        last_seen: session.last_seen,
    }
}

fn app(password: AppPassword) -> App {
    App {
        id: password.id,
        label: if password.label.is_empty() { "App".to_owned() } else { password.label },
        prefix: password.prefix,
        created: password.created,
        last_used: password.last_used,
    }
}

fn own_session(person: &Person) -> Option<SessionId> {
    match person.by {
        Credential::Session { id, .. } => Some(id),
        _ => None,
    }
}

/// Programs with a token have no account of their own.
fn user_id(person: &Person) -> Result<UserId, AppError> {
    person.user().ok_or(AppError::NotFound("account for a token"))
}

async fn user_of(state: &AppState, person: &Person) -> Result<User, AppError> {
    let id = user_id(person)?;
    state.store.user(id).await?.ok_or(AppError::NotFound("user"))
}

/// `Firefox on Linux`, as far as the name that a browser gives itself tells.
fn browser_of(agent: &str) -> String {
    // The first that fits: many browsers name others too.
    const BROWSERS: [(&str, &str); 6] = [
        ("Firefox/", "Firefox"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let found = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    match (found(&BROWSERS), found(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_in_words() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            ("curl/8.14.1", "curl"),
            ("<script>alert(1)</script>", "Unknown browser"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(browser_of(agent), words);
        }
    }
}
