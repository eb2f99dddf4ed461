//! Checks, comments and decisions for programs: what the Akismet API cannot say.

mod access;
pub(super) mod check;
pub(super) mod comments;
pub(super) mod decisions;
pub(super) mod sites;
mod views;

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
};
use serde::de::DeserializeOwned;

use crate::serve::error::AppError;

/// A body of JSON; what is wrong with it is told as a problem document.
pub(super) struct Posted<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Posted<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(posted)) => Ok(Self(posted)),
            Err(JsonRejection::BytesRejection(_)) => Err(AppError::BodyTooLarge),
            Err(rejection) => {
                Err(AppError::Parameter { name: "body", detail: rejection.body_text() })
            }
        }
    }
}
