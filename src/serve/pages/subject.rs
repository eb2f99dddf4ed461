//! The page of an attack or entity.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde::Serialize;

use crate::{
    domain::{Attack, Subject, SubjectKind, slug},
    serve::{
        chart::{self, Bar},
        error::AppError,
        found::{self, Chip, Tag},
        layout::Layout,
        state::AppState,
        templates::view,
        words,
    },
};

const WEEK_S: i64 = 7 * 86_400;
/// Weeks drawn.
const WEEKS: u32 = 52;
const INCIDENTS: u32 = 12;
const ARTICLES: u32 = 20;
/// Chips of one kind.
const CHIPS: usize = 10;

/// Articles per week, drawn.
#[derive(Debug, Serialize)]
struct Activity {
    label: String,
    top: u64,
    bars: Vec<Bar>,
    axis: Vec<String>,
    /// The same by month, newest first.
    months: Vec<(String, u64)>,
}

#[derive(Debug, Serialize)]
struct Related {
    name: &'static str,
    chips: Vec<Chip>,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
struct Identity {
    text: String,
    href: Option<String>,
}

/// `GET /vendors/{slug}` and its like.
pub(super) async fn get(
    State(state): State<AppState>,
    Path((kind, given)): Path<(String, String)>,
    layout: Layout,
) -> Result<Response, AppError> {
    let kind = SubjectKind::from_plural(&kind).ok_or(AppError::NoPage)?;
    let wanted = slug(&given);
    if let Some(subject) = state.store.subject(kind, &wanted).await? {
        if wanted != given {
            let to = found::subject_href(kind, &wanted);
            return Ok(Redirect::permanent(&to).into_response());
        }
        return Ok(page(&state, &layout, &subject).await?.into_response());
    }
    let known = canonical(&state, kind, &given);
    match state.store.subject(kind, &known).await? {
        Some(_) => Ok(Redirect::temporary(&found::subject_href(kind, &known)).into_response()),
        None => Err(AppError::NotFound("name in the articles read so far")),
    }
}

/// The slug under which an alias is filed.
fn canonical(state: &AppState, kind: SubjectKind, given: &str) -> String {
    let SubjectKind::Entity(kind) = kind else { return slug(given) };
    let name = given.replace('-', " ");
    let names = state.finder.names();
    let known = names.canonical(kind, given).or_else(|| names.canonical(kind, &name));
    slug(known.as_deref().unwrap_or(given))
}

async fn page(
    state: &AppState,
    layout: &Layout,
    subject: &Subject,
) -> Result<Html<String>, AppError> {
    let now = state.now();
    let (kind, slug) = (subject.kind, subject.slug.as_str());
    let numbers = state.store.subject_numbers(kind, slug, now).await?;
    let weekly = state.store.subject_timeline(kind, slug, end_of_day(now), WEEK_S, WEEKS).await?;
    let incidents = state.store.incidents_about(kind, slug, INCIDENTS).await?;
    let aliases = match kind {
        SubjectKind::Attack => Vec::new(),
        SubjectKind::Entity(kind) => state.finder.names().aliases(kind, &subject.name),
    };
    let field = kind.as_str();
    let value = if kind == SubjectKind::Attack { slug } else { &subject.name };
    layout.html(
        "subject.html",
        view! {
            name => subject.name,
            known_exploited => subject.known_exploited,
            role => found::role_of(kind),
            icon_name => found::icon_of(kind),
            aliases,
            identity => subject.id.as_deref().map(identity),
            articles => numbers.articles,
            month => numbers.articles_30d,
            month_before => numbers.articles_60d,
            first_seen => numbers.first_seen,
            last_seen => numbers.last_seen,
            activity => activity(&weekly, now),
            items => found::items(state, incidents).await?,
            related => related(state, subject).await?,
            latest => state.store.articles_about(kind, slug, ARTICLES, None).await?,
            search => super::search_href(&[(field, value)]),
            json => format!("/api/v1/entities/{field}/{slug}"),
        },
    )
}

async fn related(state: &AppState, subject: &Subject) -> Result<Vec<Related>, AppError> {
    let all = state.store.related_subjects(subject.kind, &subject.slug).await?;
    let of_kind = |kind: SubjectKind| {
        let of_kind = all.iter().filter(|one| one.subject.kind == kind).take(CHIPS);
        let mut related =
            Related { name: found::role_of(kind), chips: Vec::new(), tags: Vec::new() };
        for one in of_kind {
            match Attack::from_name(&one.subject.slug) {
                Some(attack) if kind == SubjectKind::Attack => {
                    related.tags.push(found::tag(attack))
                }
                _ => related.chips.push(found::chip(&one.subject)),
            }
        }
        related
    };
    let related = SubjectKind::ALL.into_iter().map(of_kind);
    Ok(related.filter(|one| !one.chips.is_empty() || !one.tags.is_empty()).collect())
}

fn end_of_day(now: Timestamp) -> Timestamp {
    let day = now.to_zoned(TimeZone::UTC).date();
    let next = day.checked_add(1.day()).ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    next.map_or(now, |next| next.timestamp())
}

fn activity(weekly: &[u64], now: Timestamp) -> Activity {
    let end = end_of_day(now).as_second();
    let start = |place: usize| {
        let seconds = end - WEEK_S * (weekly.len() - place) as i64;
        Timestamp::from_second(seconds).unwrap_or(now)
    };
    let most = weekly.iter().copied().max().unwrap_or_default();
    let this = weekly.last().copied().unwrap_or_default();
    let mut months: Vec<(String, u64)> = Vec::new();
    for (place, count) in weekly.iter().enumerate().rev() {
        let month = words::format(start(place), "%B %Y");
        match months.last_mut() {
            Some((last, sum)) if *last == month => *sum += count,
            _ => months.push((month, *count)),
        }
    }
    let quarter = weekly.len() / 4;
    let axis = (0..4).map(|mark| words::format(start(mark * quarter), "%b %Y"));
    Activity {
        label: format!(
            "Articles in each of the last {} weeks; most, {most}; this week {this}",
            weekly.len()
        ),
        top: most,
        bars: chart::bars(weekly),
        axis: axis.chain(["now".to_owned()]).collect(),
        months,
    }
}

/// An id with the address that tells about it, where there is one.
fn identity(id: &str) -> Identity {
    let (list, number) = id.split_once(':').unwrap_or(("", id));
    let href = match (list, number.as_bytes().first()) {
        ("attack", Some(b'G')) => Some(format!("https://attack.mitre.org/groups/{number}/")),
        ("attack", Some(b'S')) => Some(format!("https://attack.mitre.org/software/{number}/")),
        ("", Some(b'T')) => {
            Some(format!("https://attack.mitre.org/techniques/{}/", number.replace('.', "/")))
        }
        ("", Some(b'C')) => Some(format!("https://nvd.nist.gov/vuln/detail/{number}")),
        _ => None,
    };
    Identity { text: number.to_owned(), href }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_the_lists_they_come_from() {
        let href = |id: &str| identity(id).href.unwrap_or_default();
        assert_eq!(href("attack:G0007"), "https://attack.mitre.org/groups/G0007/");
        assert_eq!(href("T1001.002"), "https://attack.mitre.org/techniques/T1001/002/");
        assert_eq!(href("CVE-2026-1"), "https://nvd.nist.gov/vuln/detail/CVE-2026-1");
        assert_eq!(identity("misp:abc").href, None);
    }

    #[test]
    fn weeks_add_up_to_months() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
        let activity = activity(&[1; 10], now);
        assert_eq!(activity.months.iter().map(|(_, count)| count).sum::<u64>(), 10);
        assert_eq!(activity.months[0].0, "November 2026");
    }
}
