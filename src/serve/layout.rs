//! What all pages share: theme, navigation, the address they are at.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, request::Parts},
    response::Html,
};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;
use minijinja::{Value, context};
use serde::Serialize;

use super::{
    error::AppError,
    state::AppState,
    templates::{self, view},
    visitor::Visitor,
};
use crate::{accounts::Person, search::query::MAX_CHARS, store::Role};

/// Name of the cookie that keeps the theme.
pub(super) const THEME_COOKIE: &str = "theme";

/// The themes a reader may choose, first the one without a cookie.
pub(super) const THEMES: [&str; 3] = ["system", "light", "dark"];

/// The frame around a page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Layout {
    theme: &'static str,
    /// Path and query, to come back to.
    here: String,
    nav: Vec<NavItem>,
    max_query: usize,
    /// Who is logged in, if anybody.
    visitor: Option<String>,
    /// Whether to offer the keys of the moderation pages on the help page.
    moderates: bool,
    #[serde(skip)]
    now: Timestamp,
}

#[derive(Debug, Clone, Serialize)]
struct NavItem {
    name: &'static str,
    href: &'static str,
    current: bool,
}

impl Layout {
    pub(super) fn of(headers: &HeaderMap, uri: &Uri, visitor: Visitor, now: Timestamp) -> Self {
        let cookies = CookieJar::from_headers(headers);
        let asked = cookies.get(THEME_COOKIE).map_or("system", |cookie| cookie.value());
        let path = uri.path();
        let item = |name, href: &'static str, current| NavItem { name, href, current };
        let mut nav = vec![
            item("Today", "/", path == "/"),
            item("Incidents", "/incidents", path.starts_with("/incidents")),
            item("Search", "/search", path == "/search"),
            item("Exports", "/exports", path.starts_with("/exports")),
            item("Sources", "/sources", path.starts_with("/sources")),
        ];
        if visitor.0.as_ref().and_then(Person::user).is_some() {
            nav.push(item("Starred", "/starred", path == "/starred"));
        }
        let moderates = visitor.0.as_ref().is_some_and(|person| person.may(Role::Moderator));
        if moderates {
            nav.push(item("Comments", "/moderation", path.starts_with("/moderation")));
        }
        if visitor.0.as_ref().is_some_and(|person| person.may(Role::Analyst)) {
            nav.push(item("Alerts", "/alerts", path.starts_with("/alerts")));
        }
        Self {
            theme: THEMES.into_iter().find(|theme| *theme == asked).unwrap_or("system"),
            here: uri.path_and_query().map_or("/", |here| here.as_str()).to_owned(),
            nav,
            max_query: MAX_CHARS,
            visitor: visitor.0.map(|person| person.name),
            moderates,
            now,
        }
    }

    /// A page from a template, with `layout` and `now` beside what `context` gives.
    pub(super) fn html(&self, template: &str, context: Value) -> Result<Html<String>, AppError> {
        let now = self.now.to_string();
        let frame = view! { layout => self, now };
        let whole = context! { ..context, ..frame };
        Ok(Html(templates::render(template, whole)?))
    }
}

impl FromRequestParts<AppState> for Layout {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let visitor = Visitor::of(&parts.extensions);
        Ok(Self::of(&parts.headers, &parts.uri, visitor, state.now()))
    }
}
