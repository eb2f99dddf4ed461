//! For load balancers and supervisors: alive, and ready to answer.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::state::AppState;

/// Changes the index may be behind and still answer truthfully enough.
const MAX_LAG: i64 = 10_000;
const STORE_TIME: Duration = Duration::from_secs(3);

#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// Why not, in plain words.
    reasons: Vec<String>,
    /// Changes the index has yet to apply.
    index_lag: Option<i64>,
}

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: 200 if the store answers and the index is not far behind, else 503 with the reasons.
pub(super) async fn ready(State(state): State<AppState>) -> Response {
    let mut reasons = Vec::new();
    let answered = tokio::time::timeout(STORE_TIME, state.store.last_sequence()).await;
    let index_lag = match answered {
        Ok(Ok(last)) => Some((last.0 - state.finder.sequence().0).max(0)),
        Ok(Err(error)) => {
            tracing::error!(%error, "store does not answer");
            reasons.push("the store answers with an error; see the log".to_owned());
            None
        }
        Err(_) => {
            reasons.push(format!("the store has not answered for {} s", STORE_TIME.as_secs()));
            None
        }
    };
    if let Some(lag) = index_lag.filter(|lag| *lag > MAX_LAG) {
        reasons.push(format!("the search index is {lag} changes behind and catching up"));
    }
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, reasons, index_lag })).into_response()
}
