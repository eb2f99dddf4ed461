//! Forms whose fields may come more than once, such as the ticked comments.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use url::form_urlencoded;

use crate::serve::{error::AppError, state::AppState};

/// Fields of a form in their order.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl FromRequest<AppState> for Fields {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, AppError> {
        let body = Bytes::from_request(request, state).await.map_err(|_| AppError::Parameter {
            name: "form",
            detail: "the form cannot be read, or is too long".to_owned(),
        })?;
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}

impl Fields {
    /// The field, or an empty text.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}
