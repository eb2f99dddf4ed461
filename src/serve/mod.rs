//! The web: pages for people, an API and feeds for programs, figures for operators.
//!
//! Pages are rendered here and work without scripts. All crawled text is escaped, nothing is loaded from
//! other sites, and every request is held to limits of size and time.

mod address;
mod akismet;
mod alerts;
mod api;
mod assets;
mod body;
mod chart;
mod conditional;
mod connection;
mod cursor;
mod diff;
mod error;
mod exports;
mod found;
mod health;
mod layout;
mod metrics;
mod misp;
mod moderation;
mod origin;
mod pages;
mod reader_apps;
mod reading;
mod saved;
mod security;
mod state;
mod taxii;
mod templates;
mod thread;
mod visitor;
mod words;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate, SizeAbove},
    },
    limit::RequestBodyLimitLayer,
    timeout::TimeoutLayer,
};

pub use state::{AlertWays, AppState, Clock};

/// Starts to count what all rooms report for `/metrics`. Figures from before are lost.
pub fn count_figures() {
    metrics::install();
}

/// Serves until `shutdown`, then lets requests under way end.
pub async fn serve(state: AppState, listener: TcpListener, shutdown: CancellationToken) {
    count_figures();
    connection::accept(listener, router(state), shutdown).await;
}

/// All routes with all layers.
pub fn router(state: AppState) -> Router {
    let pages = Router::new()
        .merge(pages::routes())
        .merge(moderation::routes())
        .route("/static/{file}", get(assets::get))
        .route("/favicon.ico", get(assets::favicon))
        .fallback(no_page)
        .layer(DefaultBodyLimit::max(security::MAX_BODY))
        .layer(RequestBodyLimitLayer::new(security::MAX_BODY));
    let api = api::routes()
        .layer(DefaultBodyLimit::max(security::MAX_API_BODY))
        .layer(RequestBodyLimitLayer::new(security::MAX_API_BODY));
    let programs = taxii::routes()
        .merge(misp::routes())
        .layer(DefaultBodyLimit::max(security::MAX_BODY))
        .layer(RequestBodyLimitLayer::new(security::MAX_BODY));
    let answers = pages.merge(api).merge(programs).layer(from_fn(conditional::layer));
    let operators = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::get));
    // The last layer is the outermost.
    answers
        .layer(GlobalConcurrencyLimitLayer::new(security::MAX_AT_ONCE))
        .merge(operators)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            security::TIME_LIMIT,
        ))
        .layer(CatchPanicLayer::custom(security::on_panic))
        .layer(from_fn_with_state(state.clone(), visitor::gate))
        .layer(from_fn(security::limit_address))
        .layer(from_fn_with_state(state.clone(), error::render))
        .merge(blogs_and_apps())
        .layer(from_fn_with_state(state.clone(), visitor::identify))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(from_fn(metrics::track))
        .layer(from_fn(security::guard))
        .with_state(state)
}

/// What blogs and reader apps ask. Not held to the rules for forms: what they send comes from elsewhere by nature, and
/// carries a key of its own instead of a reader's cookie.
fn blogs_and_apps() -> Router<AppState> {
    akismet::routes()
        .merge(reader_apps::routes())
        .layer(GlobalConcurrencyLimitLayer::new(security::MAX_AT_ONCE))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            security::TIME_LIMIT,
        ))
        .layer(CatchPanicLayer::custom(security::on_panic))
}

/// Answers of a few words, such as those of the Akismet API, only grow.
fn worth_compressing() -> impl Predicate {
    const FROM_BYTES: u16 = 512;
    DefaultPredicate::new().and(SizeAbove::new(FROM_BYTES))
}

async fn no_page() -> error::AppError {
    error::AppError::NoPage
}

/// The API's description, as `/api/v1/openapi.json` gives it.
pub fn openapi_json() -> String {
    api::document_json()
}
