//! Path and query parameters whose errors are problem documents like all others.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::serve::error::AppError;

/// The number in the path.
pub(super) struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let found = Path::<i64>::from_request_parts(parts, state).await;
        found.map(|Path(id)| Self(id)).map_err(|_| AppError::Parameter {
            name: "id",
            detail: "write a whole number".to_owned(),
        })
    }
}

/// The parameters after the question mark.
pub(super) struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let found = Query::<T>::from_request_parts(parts, state).await;
        found.map(|Query(params)| Self(params)).map_err(|rejection| AppError::Parameter {
            name: "query string",
            detail: rejection.body_text(),
        })
    }
}

/// A number of results between 1 and `most`, or an error that says so.
pub(super) fn limit(asked: Option<u32>, default: u32, most: u32) -> Result<u32, AppError> {
    let limit = asked.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    Err(AppError::Parameter { name: "limit", detail: format!("write a number from 1 to {most}") })
}
