//! Alerts of saved searches: made, paused, tried out and deleted; what waits, what went out and what was given up.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Number;
use crate::{
    accounts::Person,
    alert::rehearse,
    domain::{Alert, AlertEvent, AlertId, Cadence, Channel, EventKind, SavedSearch},
    serve::{
        alerts::{self, AlertDraft},
        error::AppError,
        layout::Layout,
        saved,
        state::AppState,
        templates::view,
        visitor::LoggedIn,
        words,
    },
    store::{Message, MessageId, MessageState},
};

/// Messages shown of one alert.
const MESSAGES: u32 = 50;
/// What an alert is tried out on.
const TRIED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// An alert as the page lists it.
#[derive(Debug, Serialize)]
struct Row {
    id: i64,
    search: String,
    channel: &'static str,
    target: String,
    pace: String,
    paused: bool,
    waiting: usize,
    dead: usize,
    last_sent: Option<Timestamp>,
}

/// A message as the page of its alert lists it.
#[derive(Debug, Serialize)]
struct MessageRow {
    id: i64,
    title: String,
    more: usize,
    state: &'static str,
    class: &'static str,
    attempts: u32,
    error: Option<String>,
    created: Timestamp,
    due: Timestamp,
    sent: Option<Timestamp>,
}

/// Something that is or would be told.
#[derive(Debug, Serialize)]
struct EventRow {
    kind: &'static str,
    title: String,
    source: String,
    href: String,
    published: Timestamp,
    news: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct AlertForm {
    #[serde(default)]
    search: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    cadence: String,
    #[serde(default)]
    quiet: String,
    #[serde(default)]
    zone: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Params {
    /// Id of the saved search that is chosen.
    #[serde(default)]
    search: String,
}

/// `GET /alerts`
pub(super) async fn list(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Query(params): Query<Params>,
    layout: Layout,
) -> Result<Response, AppError> {
    let form = AlertForm { search: params.search, ..AlertForm::default() };
    page(&state, &person, &layout, StatusCode::OK, &form, None).await
}

/// `POST /alerts`: makes an alert and shows its page, with the secret this once.
pub(super) async fn create(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    layout: Layout,
    Form(form): Form<AlertForm>,
) -> Result<Response, AppError> {
    let search = saved::changeable(&state, &person, &form.search).await?;
    let draft = AlertDraft {
        channel: Channel::from_name(&form.channel).unwrap_or(Channel::Webhook),
        target: form.target.clone(),
        cadence: Cadence::from_name(&form.cadence).unwrap_or_default(),
        quiet: form.quiet.clone(),
        zone: form.zone.clone(),
    };
    match draft.keep(&state, &person, &search).await {
        Ok(alert) => {
            let secret = (alert.channel == Channel::Webhook).then(|| alert.secret.clone());
            let page = one_page(&state, &layout, &alert, &search, secret).await?;
            Ok((StatusCode::CREATED, page).into_response())
        }
        Err(AppError::Parameter { name, detail }) => {
            let words = words::sentence(&format!("{name}: {detail}"));
            page(&state, &person, &layout, StatusCode::UNPROCESSABLE_ENTITY, &form, Some(words))
                .await
        }
        Err(error) => Err(error),
    }
}

async fn page(
    state: &AppState,
    person: &Person,
    layout: &Layout,
    status: StatusCode,
    form: &AlertForm,
    error: Option<String>,
) -> Result<Response, AppError> {
    let mut searches = saved::all_readable(state, Some(person)).await?;
    searches.retain(|search| saved::may_change(person, search));
    let mut rows = Vec::new();
    for search in &searches {
        for alert in state.store.alerts(Some(search.id)).await? {
            rows.push(row(state, alert, search).await?);
        }
    }
    let searches: Vec<(String, String)> =
        searches.into_iter().map(|search| (search.id.to_string(), search.name)).collect();
    let cadences = Cadence::ALL.map(|cadence| (cadence.as_str(), cadence_words(cadence)));
    let page = layout.html(
        "alerts.html",
        view! {
            rows,
            searches,
            cadences,
            has_mail => state.alerts.mail,
            chosen => form.search,
            channel => form.channel,
            target => form.target,
            cadence => form.cadence,
            quiet => form.quiet,
            zone => form.zone,
            error,
        },
    )?;
    Ok((status, page).into_response())
}

async fn row(state: &AppState, alert: Alert, search: &SavedSearch) -> Result<Row, AppError> {
    let messages = state.store.messages(alert.id, MESSAGES).await?;
    let count = |wanted| messages.iter().filter(|message| message.state == wanted).count();
    Ok(Row {
        id: alert.id.0,
        search: search.name.clone(),
        channel: alert.channel.as_str(),
        pace: pace_words(&alert),
        target: alert.target,
        paused: alert.paused,
        waiting: count(MessageState::Waiting),
        dead: count(MessageState::Dead),
        last_sent: messages.iter().filter_map(|message| message.sent).max(),
    })
}

fn cadence_words(cadence: Cadence) -> &'static str {
    match cadence {
        Cadence::AtOnce => "at once",
        Cadence::Hourly => "at the full hour",
        Cadence::Daily => "at eight in the morning",
        Cadence::Weekly => "on Mondays at eight",
    }
}

fn pace_words(alert: &Alert) -> String {
    let often = cadence_words(alert.pace.cadence);
    match alert.pace.quiet {
        Some(hours) => format!("{often}, not at {hours} ({})", alert.pace.zone),
        None if alert.pace.cadence == Cadence::AtOnce => often.to_owned(),
        None => format!("{often} ({})", alert.pace.zone),
    }
}

/// `GET /alerts/{id}`: its outbox, and what it would have told.
pub(super) async fn one(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Number(id): Number,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let (alert, search) = alerts::changeable(&state, &person, AlertId(id)).await?;
    one_page(&state, &layout, &alert, &search, None).await
}

async fn one_page(
    state: &AppState,
    layout: &Layout,
    alert: &Alert,
    search: &SavedSearch,
    secret: Option<String>,
) -> Result<Html<String>, AppError> {
    let now = state.now();
    let messages = state.store.messages(alert.id, MESSAGES).await?;
    let messages: Vec<MessageRow> = messages.into_iter().map(message_row).collect();
    let events = rehearse(&*state.store, state.finder.index(), search, now - TRIED, now).await?;
    let events: Vec<EventRow> = events.into_iter().rev().map(event_row).collect();
    layout.html(
        "alert.html",
        view! {
            id => alert.id.0,
            search => search.name,
            query => search.query,
            channel => alert.channel.as_str(),
            target => alert.target,
            pace => pace_words(alert),
            paused => alert.paused,
            made_by => alert.made_by,
            created => alert.created,
            secret,
            messages,
            events,
        },
    )
}

fn message_row(message: Message) -> MessageRow {
    let (state, class) = match message.state {
        MessageState::Waiting if message.attempts > 0 => ("tried again later", "warn"),
        MessageState::Waiting => ("waiting", "plain"),
        MessageState::Sent => ("sent", "good"),
        MessageState::Dead => ("given up", "bad"),
    };
    MessageRow {
        id: message.id.0,
        title: message.events.first().map(|event| event.title.clone()).unwrap_or_default(),
        more: message.events.len().saturating_sub(1),
        state,
        class,
        attempts: message.attempts,
        error: message.error,
        created: message.created,
        due: message.due,
        sent: message.sent,
    }
}

fn event_row(event: AlertEvent) -> EventRow {
    EventRow {
        kind: match event.kind {
            EventKind::New => "new",
            EventKind::Changed => "more is known",
        },
        href: match event.incident {
            Some(id) => format!("/incidents/{}", id.0),
            None => format!("/articles/{}", event.article.0),
        },
        title: event.title,
        source: event.source,
        published: event.published,
        news: event.news.join(", "),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct PauseForm {
    paused: bool,
}

/// `POST /alerts/{id}/pause`
pub(super) async fn pause(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Number(id): Number,
    Form(form): Form<PauseForm>,
) -> Result<Redirect, AppError> {
    let (alert, _) = alerts::changeable(&state, &person, AlertId(id)).await?;
    state.store.pause_alert(alert.id, form.paused).await?;
    Ok(Redirect::to(&format!("/alerts/{id}")))
}

/// `POST /alerts/{id}/delete`
pub(super) async fn delete(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Number(id): Number,
) -> Result<Redirect, AppError> {
    let (alert, _) = alerts::changeable(&state, &person, AlertId(id)).await?;
    state.store.remove_alert(alert.id).await?;
    Ok(Redirect::to("/alerts"))
}

/// `POST /alerts/{id}/messages/{message}/resend`
pub(super) async fn resend(
    State(state): State<AppState>,
    LoggedIn(person): LoggedIn,
    Path((id, message)): Path<(i64, i64)>,
) -> Result<Redirect, AppError> {
    let (alert, _) = alerts::changeable(&state, &person, AlertId(id)).await?;
    let message = alerts::message_of(&state, &alert, MessageId(message)).await?;
    state.store.resend_message(message.id, state.now()).await?;
    Ok(Redirect::to(&format!("/alerts/{id}")))
}

/// `GET /alerts/unsubscribe/{key}`: asks; looking at an address must not end anything.
pub(super) async fn ask_to_unsubscribe(
    State(state): State<AppState>,
    Path(key): Path<String>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let alert = subscribed(&state, &key).await?;
    layout.html("unsubscribe.html", view! { ended => alert.paused, target => alert.target, key })
}

/// `POST /alerts/unsubscribe/{key}`: no more mails. Also what mail programs send for their own button (RFC 8058).
pub(super) async fn unsubscribe(
    State(state): State<AppState>,
    Path(key): Path<String>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let alert = subscribed(&state, &key).await?;
    state.store.pause_alert(alert.id, true).await?;
    tracing::info!(alert = alert.id.0, "an alert was ended by its reader");
    layout.html("unsubscribe.html", view! { ended => true, target => alert.target, key })
}

async fn subscribed(state: &AppState, key: &str) -> Result<Alert, AppError> {
    let alert = state.store.alert_to_unsubscribe(key).await?;
    alert.filter(|alert| alert.channel == Channel::Mail).ok_or(AppError::NotFound("alert"))
}
