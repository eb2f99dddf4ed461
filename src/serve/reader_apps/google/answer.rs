//! Answers, and refusals as these apps understand them: a status and a word.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{accounts::Refused, store::StoreError};

/// Why a call was not answered.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Name and password do not fit together.
    BadLogin,
    Unauthorized,
    TooMany {
        retry_after_s: u64,
    },
    /// The person may read, but not do this.
    NotAllowed,
    NoCall,
    NotFound(&'static str),
    Bad(&'static str),
    Store(StoreError),
}

impl Refusal {
    /// A wrong password, told in the words that login screens look for.
    pub fn at_login(refused: Refused) -> Self {
        match Self::from(refused) {
            Self::Unauthorized => Self::BadLogin,
            other => other,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, words) = match &self {
            Self::BadLogin => (StatusCode::UNAUTHORIZED, "Error=BadAuthentication"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "Error=TooManyAttempts"),
            Self::NotAllowed => (StatusCode::FORBIDDEN, "only an admin may change what is watched"),
            Self::NoCall => (StatusCode::NOT_FOUND, "no such call"),
            Self::NotFound(what) => (StatusCode::NOT_FOUND, *what),
            Self::Bad(why) => (StatusCode::BAD_REQUEST, *why),
            Self::Store(error) => {
                tracing::error!(%error, "a reader app could not be answered");
                (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong on the server")
            }
        };
        let mut response = (status, text(words)).into_response();
        if let Self::TooMany { retry_after_s } = self {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
        }
        response
    }
}

/// A plain answer, never kept by anybody.
pub(super) fn text(words: &str) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, words.to_owned()).into_response()
}

/// An answer in JSON, never kept by anybody.
pub(super) fn json(value: impl Serialize) -> Response {
    let mut response = Json(value).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
