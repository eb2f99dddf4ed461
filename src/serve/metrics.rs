//! Figures for Prometheus. Requests are counted by route template, never by address, so that the number
//! of series stays small whatever is asked.

use std::{sync::OnceLock, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::{error::AppError, state::AppState};
use crate::domain::HealthState;

const REQUESTS: &str = "siftwire_http_requests_total";
const DURATION: &str = "siftwire_http_request_duration_seconds";
const BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the process-wide recorder, once. The crawler's and the index's figures go to the same one.
pub(super) fn install() -> &'static PrometheusHandle {
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let recorder = builder.set_buckets(BUCKETS).unwrap_or_default().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed; figures are incomplete");
        }
        describe();
        handle
    })
}

fn describe() {
    describe_counter!(REQUESTS, "Requests answered, by route template, method and status.");
    describe_histogram!(DURATION, "Seconds until a request was answered, by route template.");
    describe_counter!("siftwire_fetches_total", "Sources fetched, by result.");
    describe_counter!(
        "siftwire_entry_failures_total",
        "Tries to read an entry that gave no article."
    );
    describe_gauge!("siftwire_articles", "Articles in the store.");
    describe_gauge!("siftwire_comments", "Comments in the store.");
    describe_gauge!("siftwire_sources", "Sources by health.");
    describe_gauge!("siftwire_entries", "Feed entries by state.");
    describe_gauge!("siftwire_articles_waiting", "Articles that wait to be read, or read again.");
    describe_counter!(
        "siftwire_articles_enriched_total",
        "Articles read for what happened to whom."
    );
    describe_counter!(
        "siftwire_stix_versions_total",
        "Versions of STIX objects written for TAXII collections."
    );
    describe_gauge!("siftwire_index_lag", "Changes the search index has yet to apply.");
}

/// Counts and times each request.
pub(super) async fn track(request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = method_label(request.method());
    let started = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    let duration = started.elapsed();
    tracing::debug!(route, method, status, duration_ms = duration.as_millis() as u64, "answered");
    histogram!(DURATION, "route" => route.clone()).record(duration);
    counter!(REQUESTS, "route" => route, "method" => method, "status" => status).increment(1);
    response
}

/// Methods are free text in HTTP; those we do not serve share a label.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

/// `GET /metrics`: Prometheus text.
pub(super) async fn get(State(state): State<AppState>) -> Result<Response, AppError> {
    let handle = install();
    measure(&state).await?;
    handle.run_upkeep();
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((content_type, handle.render()).into_response())
}

/// Reads what is counted in the store rather than as it happens.
async fn measure(state: &AppState) -> Result<(), AppError> {
    let counts = state.store.counts().await?;
    let entries = state.store.entry_counts().await?;
    let sources = state.store.source_counts().await?;
    gauge!("siftwire_articles").set(counts.articles as f64);
    gauge!("siftwire_comments").set(counts.comments as f64);
    for (name, value) in
        [("pending", entries.pending), ("done", entries.done), ("failed", entries.failed)]
    {
        gauge!("siftwire_entries", "state" => name).set(value as f64);
    }
    for health in HealthState::ALL {
        let count = sources.iter().find(|(state, _)| *state == health).map_or(0, |found| found.1);
        gauge!("siftwire_sources", "health" => health.as_str()).set(count as f64);
    }
    let desk = state.store.desk_progress().await?;
    gauge!("siftwire_articles_waiting", "why" => "unread").set(desk.unread as f64);
    gauge!("siftwire_articles_waiting", "why" => "outdated").set(desk.outdated as f64);
    let lag = counts.sequence.0 - state.finder.sequence().0;
    gauge!("siftwire_index_lag").set(lag.max(0) as f64);
    Ok(())
}
