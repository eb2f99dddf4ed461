use axum::{
    extract::{Query, State},
    response::Html,
};
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;

use super::{
    Badge,
    ask::{Ask, ORDERS},
    comment, counted, done_words, excerpt, score, site_name, tabs,
};
use crate::{
    accounts::Person,
    domain::{CheckedComment, DecisionId, Site, SiteId},
    serve::{
        chart::{self, Bar},
        error::AppError,
        layout::Layout,
        state::AppState,
        templates::view,
        visitor::Moderator,
        words,
    },
    store::{Figures, QueueCursor},
};

/// Comments of one page of the queue.
const PAGE: u32 = 30;
/// Characters of a comment in the list.
const LINE: usize = 90;
/// Days in the chart.
const DAYS: u32 = 30;
/// Lines of the journal in which one's own last decision is looked for.
const LOOK_BACK: u32 = 200;

/// A comment in the list.
#[derive(Debug, Serialize)]
struct Item {
    id: i64,
    version: u32,
    href: String,
    current: bool,
    author: String,
    line: String,
    site: String,
    received: Timestamp,
    badge: Badge,
    score: String,
    decided: bool,
}

/// What narrows the list, each with the list without it.
#[derive(Debug, Serialize)]
struct Chip {
    name: &'static str,
    value: String,
    href: String,
}

/// A hidden field.
#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    value: String,
}

/// One's own last decisions, to be taken back with a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Last {
    pub batch: i64,
    pub words: String,
}

/// A month of verdicts.
#[derive(Debug, Serialize)]
struct Month {
    label: String,
    bars: Vec<Bar>,
    axis: Vec<String>,
    rows: Vec<Day>,
    ham: u64,
    unsure: u64,
    spam: u64,
    missed: u64,
    wrong: u64,
}

#[derive(Debug, Serialize)]
struct Day {
    name: String,
    ham: u64,
    unsure: u64,
    spam: u64,
}

/// `GET /moderation`: the queue, a comment with its reasons, and what stands beside it.
pub(super) async fn get(
    State(state): State<AppState>,
    Moderator(person): Moderator,
    Query(ask): Query<Ask>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let filter = ask.filter()?;
    let queue = ask.state()?;
    let mut list = state.store.queue(&filter, ask.order()?, ask.cursor()?, PAGE + 1).await?;
    let more = list.len() > PAGE as usize;
    list.truncate(PAGE as usize);
    let sites = state.store.sites().await?;
    let counts = state.store.state_counts(filter.site).await?;
    let chosen = match ask.chosen()? {
        Some(id) => state.store.checked(id).await?,
        None => list.first().cloned(),
    };
    let (shown, context) = match &chosen {
        Some(comment) => {
            let (shown, context) = comment::show(&state, &ask, comment).await?;
            (Some(shown), Some(context))
        }
        None => (None, None),
    };
    let here = chosen.as_ref().map(|comment| comment.id);
    let place = list.iter().position(|comment| Some(comment.id) == here);
    let beside = |place: Option<usize>| {
        place.and_then(|place| list.get(place)).map(|comment| ask.with_comment(comment.id).href())
    };
    let next = beside(place.map_or(Some(0), |place| place.checked_add(1)));
    let previous = beside(place.and_then(|place| place.checked_sub(1)));
    let older = list
        .last()
        .filter(|_| more)
        .map(|last| ask.behind(QueueCursor { id: last.id, score: last.score }).href());
    let now = state.now();
    let month = state.store.figures(filter.site, now, DAYS).await?;
    layout.html(
        "moderation.html",
        view! {
            tabs => tabs(&counts, filter.site, queue.as_str()),
            state => queue.as_str(),
            items => list.iter().map(|comment| item(&ask, comment, &sites, here)).collect::<Vec<_>>(),
            chips => chips(&ask, &sites),
            fields => fields(&ask),
            narrowed => ask.is_narrowed(),
            orders => ORDERS,
            order => if ask.order.is_empty() { "newest" } else { &ask.order },
            q => ask.q,
            site => ask.site,
            sites => sites.iter().map(|site| (site.id.0, site_name(site))).collect::<Vec<_>>(),
            // After a decision the moderator goes on with the next one.
            after => next.clone().or_else(|| previous.clone()).unwrap_or_else(|| ask.list().href()),
            back => ask.href(),
            first => list.first().map(|comment| comment.id.0),
            list_href => ask.list().href(),
            last => last_of(&state, &person).await?,
            month => draw(&month, now),
            shown, context, next, previous, older,
        },
    )
}

fn item(
    ask: &Ask,
    comment: &CheckedComment,
    sites: &[Site],
    here: Option<crate::domain::CheckedId>,
) -> Item {
    Item {
        id: comment.id.0,
        version: comment.version,
        href: ask.with_comment(comment.id).href(),
        current: here == Some(comment.id),
        author: comment.author.clone(),
        line: excerpt(&comment.content, LINE),
        site: name_of(sites, comment.site),
        received: comment.received,
        badge: Badge::of_verdict(comment.verdict),
        score: score(comment.score),
        decided: comment.decision.is_some(),
    }
}

/// The name of a site among all.
pub(super) fn name_of(sites: &[Site], id: SiteId) -> String {
    sites.iter().find(|site| site.id == id).map(site_name).unwrap_or_default()
}

fn chips(ask: &Ask, sites: &[Site]) -> Vec<Chip> {
    let list = ask.list();
    let site = ask.site.parse().ok().map(|id| name_of(sites, SiteId(id)));
    let all: [(&'static str, String, Ask); 8] = [
        ("Site", site.unwrap_or_default(), Ask { site: String::new(), ..list.clone() }),
        ("Reason", list.reason.clone(), Ask { reason: String::new(), ..list.clone() }),
        ("Campaign", short(&list.campaign), Ask { campaign: String::new(), ..list.clone() }),
        ("Author", short(&list.author), Ask { author: String::new(), ..list.clone() }),
        ("Host", list.host.clone(), Ask { host: String::new(), ..list.clone() }),
        (
            "Language",
            words::language(&list.language).to_owned(),
            Ask { language: String::new(), ..list.clone() },
        ),
        ("Article", list.article.clone(), Ask { article: String::new(), ..list.clone() }),
        ("Words", list.q.clone(), Ask { q: String::new(), ..list.clone() }),
    ];
    all.into_iter()
        .filter(|(_, value, _)| !value.trim().is_empty())
        .map(|(name, value, without)| Chip { name, value, href: without.href() })
        .collect()
}

/// Digests and numbers say nothing to people beyond their beginning.
fn short(text: &str) -> String {
    text.chars().take(6).collect()
}

/// The list as hidden fields, for a form about all of it. The state is always named.
fn fields(ask: &Ask) -> Vec<Field> {
    let list = ask.list();
    let state = if list.state.is_empty() { "unsure" } else { &list.state };
    let named = Field { name: "state", value: state.to_owned() };
    let rest = list.pairs().into_iter().filter(|(name, _)| !matches!(*name, "state" | "order"));
    let rest = rest.map(|(name, value)| Field { name, value: value.to_owned() });
    std::iter::once(named).chain(rest).collect()
}

/// What this person decided last and did not take back.
pub(super) async fn last_of(state: &AppState, person: &Person) -> Result<Option<Last>, AppError> {
    let journal = state.store.journal(None, None, LOOK_BACK).await?;
    let own = |batch: Option<DecisionId>| {
        journal.iter().filter(move |line| {
            line.actor == person.name
                && line.undoes.is_none()
                && line.undone_by.is_none()
                && batch.is_none_or(|batch| line.batch == batch)
        })
    };
    let Some(last) = own(None).next() else { return Ok(None) };
    let count = own(Some(last.batch)).count() as u64;
    let words = format!("{} {}", counted(count, "comment"), done_words(last.to));
    Ok(Some(Last { batch: last.batch.0, words }))
}

fn draw(figures: &[Figures], now: Timestamp) -> Month {
    let sum = |of: fn(&Figures) -> u64| figures.iter().map(of).sum::<u64>();
    let spam: Vec<u64> = figures.iter().map(|day| day.spam).collect();
    let name = |day: i64| {
        let moment = Timestamp::from_second(day * 86_400).unwrap_or(now);
        words::date(moment, now)
    };
    let rows: Vec<Day> = figures
        .iter()
        .rev()
        .filter(|day| day.ham + day.unsure + day.spam > 0)
        .map(|day| Day { name: name(day.day), ham: day.ham, unsure: day.unsure, spam: day.spam })
        .collect();
    let most = spam.iter().copied().max().unwrap_or(0);
    let first = now - (i64::from(DAYS) * 24).hours();
    Month {
        label: format!(
            "Comments called spam on each of the last {DAYS} days: {} in all, at most {most} a day",
            sum(|day| day.spam)
        ),
        bars: chart::bars(&spam),
        axis: vec![words::date(first, now), "today".to_owned()],
        rows,
        ham: sum(|day| day.ham),
        unsure: sum(|day| day.unsure),
        spam: sum(|day| day.spam),
        missed: sum(|day| day.missed_spam),
        wrong: sum(|day| day.false_positives),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chip_widens_the_list() {
        let ask =
            Ask { host: "bad.example".into(), q: "coins".into(), c: "7".into(), ..Ask::default() };
        let chips = chips(&ask, &[]);
        let told: Vec<_> = chips.iter().map(|chip| (chip.name, chip.href.as_str())).collect();
        assert_eq!(
            told,
            [("Host", "/moderation?q=coins"), ("Words", "/moderation?host=bad.example")]
        );
    }

    #[test]
    fn a_month_adds_up() {
        let now: Timestamp = "2026-11-23T14:30:00Z".parse().expect("a time");
        let day = |day, spam, ham| Figures { day, spam, ham, ..Figures::default() };
        let month = draw(&[day(20_778, 0, 0), day(20_779, 3, 1), day(20_780, 5, 0)], now);
        assert_eq!((month.spam, month.ham, month.rows.len()), (8, 1, 2));
        assert_eq!(month.bars.len(), 3);
        assert_eq!(month.rows[0].name, "23 Nov");
    }
}
