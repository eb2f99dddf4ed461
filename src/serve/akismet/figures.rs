//! What a blog's settings page asks for: how much was asked, and what was found.

use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::{Asked, answer::refused, form::Form};
use crate::{
    accounts::Refused,
    domain::SiteId,
    serve::{state::AppState, visitor::ClientAddress},
    store::Figures,
};

/// Sites of one answer at most.
const MAX_SITES: usize = 500;
/// Months of statistics.
const MONTHS: i64 = 6;
/// Seconds a person needs to look at a comment, for "time saved".
const LOOK_S: u64 = 6;

fn store_failed(error: crate::store::StoreError) -> Response {
    refused(Refused::Store(error))
}

/// `POST|GET /1.2/key-sites`: the sites of a key, of which ours have one.
pub(super) async fn key_sites(
    State(state): State<AppState>,
    client: ClientAddress,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let asked = Asked::read(&state, client, &headers, query.as_deref(), &body).await?;
    let form = &asked.form;
    let month = Month::asked(form, state.now());
    let figures = month.figures(&state, asked.site.id).await?;
    let wanted = form.text_or_empty("filter");
    let is_wanted = wanted.is_empty() || asked.site.url.contains(wanted.trim());
    let number = |name| form.text(name).and_then(|text| text.trim().parse::<usize>().ok());
    let limit = number("limit").unwrap_or(MAX_SITES).min(MAX_SITES);
    let offset = number("offset").unwrap_or(0);
    let shown = is_wanted && figures.calls > 0 && limit > 0 && offset == 0;
    let total = usize::from(is_wanted && figures.calls > 0);
    if form.text_or_empty("format") == "csv" {
        let key = super::key::key_of(form, &headers).unwrap_or_default();
        let range = format!("limit:{limit}, offset: {offset}, total: {total}");
        return Ok(csv(&key, &month, &range, shown.then_some((asked.site.url.as_str(), &figures))));
    }
    let rows = if shown { vec![row(&asked.site.url, &figures)] } else { Vec::new() };
    let mut answer = Map::new();
    answer.insert(month.name(), Value::from(rows));
    answer.insert("limit".into(), limit.into());
    answer.insert("offset".into(), offset.into());
    answer.insert("total".into(), total.into());
    Ok(Json(answer).into_response())
}

/// Numbers are strings, as clients know them.
fn row(site: &str, figures: &Figures) -> Value {
    json!({
        "site": site,
        "api_calls": figures.calls.to_string(),
        "spam": (figures.spam + figures.unsure).to_string(),
        "ham": figures.ham.to_string(),
        "missed_spam": figures.missed_spam.to_string(),
        "false_positives": figures.false_positives.to_string(),
        "is_revoked": false,
    })
}

fn csv(key: &str, month: &Month, range: &str, row: Option<(&str, &Figures)>) -> Response {
    let name = month.name();
    let mut out = format!("Active sites for {key} during {name} ({range})\n");
    out.push_str("Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked\n");
    if let Some((site, figures)) = row {
        let Figures { calls, spam, unsure, ham, missed_spam, false_positives, .. } = figures;
        let spam = spam + unsure;
        out.push_str(&format!(
            "\"{}\",{calls},{spam},{ham},{missed_spam},{false_positives},false\n",
            site.replace('"', "\"\"")
        ));
    }
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], out).into_response()
}

/// `POST|GET /1.2/usage-limit`: there is none.
pub(super) async fn usage_limit(
    State(state): State<AppState>,
    client: ClientAddress,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let asked = Asked::read(&state, client, &headers, query.as_deref(), &body).await?;
    let figures = Month::of(state.now()).figures(&state, asked.site.id).await?;
    let mut answer = json!({
        "limit": "none",
        "usage": figures.calls,
        "percentage": "0.00",
        "throttled": false,
    });
    if asked.form.flag("extended") {
        answer["notice_level"] = Value::Null;
        answer["upgrade"] = Value::Null;
    }
    Ok(Json(answer).into_response())
}

/// `POST /1.1/get-stats`: the last months, for a page of the blog's administrator.
pub(super) async fn get_stats(
    State(state): State<AppState>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let asked = Asked::read(&state, client, &headers, None, &body).await?;
    let mut all = Figures::default();
    let mut breakdown = Map::new();
    for back in (0..MONTHS).rev() {
        let month = Month::of(state.now()).back(back);
        let figures = month.figures(&state, asked.site.id).await?;
        breakdown.insert(month.name(), stats(&figures));
        all.spam += figures.spam + figures.unsure;
        all.ham += figures.ham;
        all.missed_spam += figures.missed_spam;
        all.false_positives += figures.false_positives;
    }
    let judged = all.spam + all.ham;
    let wrong = all.missed_spam + all.false_positives;
    let accuracy = 100.0 * (1.0 - wrong.min(judged) as f64 / judged.max(1) as f64);
    let mut answer = stats(&all);
    answer["accuracy"] = json!((accuracy * 100.0).round() / 100.0);
    answer["time_saved"] = json!(all.spam * LOOK_S);
    answer["breakdown"] = Value::Object(breakdown);
    Ok(Json(answer).into_response())
}

fn stats(figures: &Figures) -> Value {
    json!({
        "spam": figures.spam,
        "ham": figures.ham,
        "missed_spam": figures.missed_spam,
        "false_positives": figures.false_positives,
    })
}

/// `POST /1.1/get-subscription`: nobody pays anybody.
pub(super) async fn get_subscription(
    State(state): State<AppState>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let asked = Asked::read(&state, client, &headers, None, &body).await?;
    let answer = json!({
        "account_id": asked.site.id,
        "account_name": asked.site.name,
        "account_type": "self-hosted",
        "status": "active",
        "limit_reached": false,
        "next_billing_date": false,
    });
    Ok(Json(answer).into_response())
}

/// A month of the calendar in UTC.
struct Month(Date);

impl Month {
    fn of(now: Timestamp) -> Self {
        Self(now.to_zoned(TimeZone::UTC).date().first_of_month())
    }

    /// `month=YYYY-MM`, or the current one.
    fn asked(form: &Form, now: Timestamp) -> Self {
        let text = form.text_or_empty("month");
        let asked = format!("{}-01", text.trim()).parse();
        asked.map_or_else(|_| Self::of(now), Self)
    }

    fn back(self, months: i64) -> Self {
        Self(self.0.checked_sub(months.months()).unwrap_or(self.0))
    }

    fn name(&self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }

    async fn figures(&self, state: &AppState, site: SiteId) -> Result<Figures, Response> {
        let (first, last) = (day(self.0), day(self.0.last_of_month()));
        let all = state.store.site_figures(first, last).await.map_err(store_failed)?;
        let own = all.into_iter().find(|(id, _)| *id == site);
        Ok(own.map(|(_, figures)| figures).unwrap_or_default())
    }
}

/// Days since 1970.
fn day(date: Date) -> i64 {
    let midnight = date.to_zoned(TimeZone::UTC);
    midnight.map_or(0, |midnight| midnight.timestamp().as_second().div_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_and_counted_back() {
        let now: Timestamp = "2026-03-31T23:00:00Z".parse().expect("a time");
        let asked = |body: &str| Month::asked(&Form::read(b"", body.as_bytes()), now).name();
        assert_eq!(asked("month=2022-09"), "2022-09");
        assert_eq!(asked("month=later"), "2026-03");
        assert_eq!(Month::of(now).back(3).name(), "2025-12");
        assert_eq!(day(Month::of(now).0.last_of_month()) - day(Month::of(now).0), 30);
    }
}
