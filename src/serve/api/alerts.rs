//! Alerts of saved searches: make, list, pause, delete, try out; their outbox.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::moderation::Posted;
use crate::{
    alert::rehearse,
    domain::{Alert, AlertEvent, AlertId, Cadence, Channel, EventKind},
    serve::{
        alerts::{self, AlertDraft},
        error::{AppError, Problem},
        saved,
        state::AppState,
        visitor::LoggedIn,
    },
    store::{Message, MessageId, MessageState},
};

/// Messages that are listed, newest first.
const MESSAGES: u32 = 100;
/// Days that an alert is tried out on.
const USUAL_DAYS: u32 = 30;
const MOST_DAYS: u32 = 365;

/// By which way an alert goes out.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChannelName {
    Webhook,
    Mail,
}

/// How often messages go out: each at once; at the full hour; at eight in the morning; on Mondays at eight.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CadenceName {
    AtOnce,
    Hourly,
    Daily,
    Weekly,
}

/// An alert.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub(super) struct AlertItem {
    id: i64,
    #[schema(inline)]
    channel: ChannelName,
    /// Address of the webhook, or a mail address.
    target: String,
    #[schema(inline)]
    cadence: CadenceName,
    /// Hours in which nothing goes out, such as `22:00-07:00`.
    quiet: Option<String>,
    /// Time zone of the hours.
    zone: String,
    paused: bool,
    made_by: String,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Signs the requests of a webhook. Given once, when the alert is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl AlertItem {
    fn new(alert: Alert) -> Self {
        Self {
            id: alert.id.0,
            channel: match alert.channel {
                Channel::Webhook => ChannelName::Webhook,
                Channel::Mail => ChannelName::Mail,
            },
            target: alert.target,
            cadence: match alert.pace.cadence {
                Cadence::AtOnce => CadenceName::AtOnce,
                Cadence::Hourly => CadenceName::Hourly,
                Cadence::Daily => CadenceName::Daily,
                Cadence::Weekly => CadenceName::Weekly,
            },
            quiet: alert.pace.quiet.map(|hours| hours.to_string()),
            zone: alert.pace.zone,
            paused: alert.paused,
            made_by: alert.made_by,
            created: alert.created,
            secret: None,
        }
    }

    fn with_secret(alert: Alert) -> Self {
        let secret = Some(alert.secret.clone());
        Self { secret, ..Self::new(alert) }
    }
}

/// Alerts of a saved search, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AlertList {
    alerts: Vec<AlertItem>,
}

/// An alert to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAlert {
    #[schema(inline)]
    channel: ChannelName,
    /// Address of the webhook, or a mail address.
    target: String,
    /// `at-once` if not given.
    #[schema(inline)]
    cadence: Option<CadenceName>,
    /// Hours in which nothing goes out, such as `22:00-07:00`.
    #[serde(default)]
    quiet: String,
    /// IANA name of the time zone of the hours; `UTC` if not given.
    #[serde(default)]
    zone: String,
}

/// A change to an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertEdit {
    /// Nothing is told while this is so.
    paused: bool,
}

/// Why an event is told: matched for the first time, or more is known.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum EventKindName {
    New,
    Changed,
}

/// Something an alert tells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertEvent)]
pub(super) struct EventItem {
    #[schema(inline)]
    kind: EventKindName,
    incident: Option<i64>,
    article: i64,
    title: String,
    source: String,
    url: String,
    #[schema(value_type = String, format = DateTime)]
    published: Timestamp,
    /// What was told for the first time: victims, actors, CVEs, attacks, indicators.
    news: Vec<String>,
}

impl EventItem {
    fn new(event: AlertEvent) -> Self {
        Self {
            kind: match event.kind {
                EventKind::New => EventKindName::New,
                EventKind::Changed => EventKindName::Changed,
            },
            incident: event.incident.map(|id| id.0),
            article: event.article.0,
            title: event.title,
            source: event.source,
            url: event.url,
            published: event.published,
            news: event.news,
        }
    }
}

/// What would have been told, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rehearsal {
    events: Vec<EventItem>,
}

/// Days to try out.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct Days {
    /// The last so many days; 30 if not given, at most 365.
    days: Option<u32>,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum StateName {
    Waiting,
    Sent,
    Dead,
}

/// A message of the outbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertMessage)]
pub(super) struct MessageItem {
    id: i64,
    /// The same for each attempt.
    key: String,
    #[schema(inline)]
    state: StateName,
    events: usize,
    attempts: u32,
    /// What the last attempt failed with.
    error: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    sent: Option<Timestamp>,
}

impl MessageItem {
    fn new(message: Message) -> Self {
        Self {
            id: message.id.0,
            key: message.key.to_string(),
            state: match message.state {
                MessageState::Waiting => StateName::Waiting,
                MessageState::Sent => StateName::Sent,
                MessageState::Dead => StateName::Dead,
            },
            events: message.events.len(),
            attempts: message.attempts,
            error: message.error,
            created: message.created,
            due: message.due,
            sent: message.sent,
        }
    }
}

/// Messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessageList {
    messages: Vec<MessageItem>,
}

/// Alerts of a saved search
#[utoipa::path(
    get, path = "/searches/{id}/alerts", operation_id = "list_alerts", tag = "alerts",
    params(("id" = String, Path, description = "Id or slug of the search")),
    responses(
        (status = 200, body = AlertList), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(name): Path<String>,
) -> Result<Json<AlertList>, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let alerts = state.store.alerts(Some(search.id)).await?;
    Ok(Json(AlertList { alerts: alerts.into_iter().map(AlertItem::new).collect() }))
}

/// Make an alert
#[utoipa::path(
    post, path = "/searches/{id}/alerts", operation_id = "create_alert", tag = "alerts", request_body = NewAlert,
    params(("id" = String, Path, description = "Id or slug of the search")),
    responses(
        (status = 201, body = AlertItem), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(name): Path<String>,
    Posted(new): Posted<NewAlert>,
) -> Result<Response, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let draft = AlertDraft {
        channel: match new.channel {
            ChannelName::Webhook => Channel::Webhook,
            ChannelName::Mail => Channel::Mail,
        },
        target: new.target,
        cadence: match new.cadence {
            None | Some(CadenceName::AtOnce) => Cadence::AtOnce,
            Some(CadenceName::Hourly) => Cadence::Hourly,
            Some(CadenceName::Daily) => Cadence::Daily,
            Some(CadenceName::Weekly) => Cadence::Weekly,
        },
        quiet: new.quiet,
        zone: new.zone,
    };
    let alert = draft.keep(&state, &person, &search).await?;
    Ok((StatusCode::CREATED, Json(AlertItem::with_secret(alert))).into_response())
}

/// Pause an alert, or let it go on
#[utoipa::path(
    patch, path = "/alerts/{id}", operation_id = "edit_alert", tag = "alerts", request_body = AlertEdit,
    params(("id" = i64, Path, description = "Number of the alert")),
    responses(
        (status = 200, body = AlertItem), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn edit(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(id): Path<i64>,
    Posted(edit): Posted<AlertEdit>,
) -> Result<Json<AlertItem>, AppError> {
    let (alert, _) = alerts::changeable(&state, &person, AlertId(id)).await?;
    state.store.pause_alert(alert.id, edit.paused).await?;
    Ok(Json(AlertItem::new(Alert { paused: edit.paused, ..alert })))
}

/// Delete an alert with its messages
#[utoipa::path(
    delete, path = "/alerts/{id}", operation_id = "delete_alert", tag = "alerts",
    params(("id" = i64, Path, description = "Number of the alert")),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(id): Path<i64>,
) -> Result<StatusCode, AppError> {
    let (alert, _) = alerts::changeable(&state, &person, AlertId(id)).await?;
    state.store.remove_alert(alert.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What alerts of a saved search would have told
///
/// Nothing is sent.
#[utoipa::path(
    get, path = "/searches/{id}/alerts/test", tag = "alerts",
    params(("id" = String, Path, description = "Id or slug of the search"), Days),
    responses(
        (status = 200, body = Rehearsal), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    ),
)]
pub(super) async fn test(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(name): Path<String>,
    Query(days): Query<Days>,
) -> Result<Json<Rehearsal>, AppError> {
    let search = saved::changeable(&state, &person, &name).await?;
    let days = days.days.unwrap_or(USUAL_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        let detail = format!("write 1 to {MOST_DAYS}");
        return Err(AppError::Parameter { name: "days", detail });
    }
    let now = state.now();
    let from = now - SignedDuration::from_hours(i64::from(days) * 24);
    let events = rehearse(&*state.store, state.finder.index(), &search, from, now).await?;
    Ok(Json(Rehearsal { events: events.into_iter().map(EventItem::new).collect() }))
}

/// The newest messages of an alert, with those that were given up
#[utoipa::path(
    get, path = "/alerts/{id}/messages", tag = "alerts",
    params(("id" = i64, Path, description = "Number of the alert")),
    responses((status = 200, body = MessageList), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn messages(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path(id): Path<i64>,
) -> Result<Json<MessageList>, AppError> {
    let (alert, _) = alerts::changeable(&state, &person, AlertId(id)).await?;
    let messages = state.store.messages(alert.id, MESSAGES).await?;
    Ok(Json(MessageList { messages: messages.into_iter().map(MessageItem::new).collect() }))
}

/// Send a message again that was given up, with the same key
#[utoipa::path(
    post, path = "/alerts/{id}/messages/{message}/resend", tag = "alerts",
    params(
        ("id" = i64, Path, description = "Number of the alert"),
        ("message" = i64, Path, description = "Number of the message"),
    ),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn resend(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path((id, message)): Path<(i64, i64)>,
) -> Result<StatusCode, AppError> {
    let (alert, _) = alerts::changeable(&state, &person, AlertId(id)).await?;
    let message = alerts::message_of(&state, &alert, MessageId(message)).await?;
    state.store.resend_message(message.id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
