//! One comment with all that helps to decide about it.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Badge,
    ask::{Ask, hex},
    counted, done_words, excerpt,
    reasons::{Explained, explain},
    score, site_name,
};
use crate::{
    domain::{CheckedComment, CommentState, Decision, Site},
    serve::{error::AppError, state::AppState},
    store::{AuthorRecord, QueueFilter},
};

/// Earlier comments with nearly the same text.
const SIMILAR: u32 = 5;
/// Characters of a similar comment.
const SIMILAR_CHARS: usize = 120;
/// Characters of the article.
const ARTICLE_CHARS: usize = 280;
/// Comments alike are counted up to here.
const COUNTED: u32 = 1_000;

/// The comment in the middle.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    pub id: i64,
    pub version: u32,
    pub author: String,
    pub author_url: String,
    pub mail: Option<String>,
    pub ip: Option<String>,
    pub kind: String,
    pub language: Option<String>,
    pub title: String,
    /// The article here, or the page on the blog.
    pub article: Option<i64>,
    pub permalink: String,
    pub received: Timestamp,
    pub written: Option<Timestamp>,
    pub state: Badge,
    pub state_name: &'static str,
    pub verdict: Badge,
    pub score: String,
    pub explained: Explained,
    pub dial: Dial,
    /// What was decided about it, newest first.
    pub history: Vec<Step>,
    /// Decisions that lead out of where it stands.
    pub choices: Vec<Choice>,
    pub first_of_author: bool,
}

/// The score between the site's thresholds, in hundredths.
#[derive(Debug, Serialize)]
pub(super) struct Dial {
    pub score: String,
    pub unsure: String,
    pub unsure_width: String,
    pub spam: String,
    pub spam_width: String,
    /// What the site does below, between and above.
    pub words: String,
    pub unsure_from: String,
    pub spam_from: String,
}

/// A line of the comment's history.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub at: Timestamp,
    pub words: String,
    pub undone: bool,
}

/// A button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Choice {
    pub to: &'static str,
    pub name: &'static str,
    pub key: &'static str,
    pub icon: &'static str,
    pub class: &'static str,
}

/// What stands beside it.
#[derive(Debug, Serialize)]
pub(super) struct Context {
    pub site: String,
    pub site_id: i64,
    pub author: Option<String>,
    /// Others that have something in common, with links to them.
    pub alike: Vec<Alike>,
    pub similar: Vec<Similar>,
    pub article_text: Option<String>,
}

/// Comments that share something with this one.
#[derive(Debug, Serialize)]
pub(super) struct Alike {
    pub what: &'static str,
    pub value: String,
    /// How many they are, where the store finds them quickly.
    pub count: Option<String>,
    pub href: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Similar {
    pub href: String,
    pub text: String,
    pub state: Badge,
    pub score: String,
    pub decided: bool,
}

/// The decisions there are, by key.
const CHOICES: [(CommentState, Choice); 4] = [
    (
        CommentState::Approved,
        Choice { to: "approved", name: "Approve", key: "a", icon: "ham", class: "ham" },
    ),
    (
        CommentState::Spam,
        Choice { to: "spam", name: "Spam", key: "s", icon: "spam", class: "spam" },
    ),
    (
        CommentState::Deleted,
        Choice { to: "deleted", name: "Delete", key: "d", icon: "cross", class: "" },
    ),
    (
        CommentState::Unsure,
        Choice { to: "unsure", name: "Back to unsure", key: "w", icon: "hold", class: "" },
    ),
];

/// Decisions that change something. An unsure comment is already where the last one puts it; a verdict
/// may be confirmed, so that it is learnt.
pub(super) fn choices(state: CommentState, decided: bool) -> Vec<Choice> {
    let useless = |to: CommentState| to == state && (decided || to == CommentState::Unsure);
    CHOICES.into_iter().filter(|(to, _)| !useless(*to)).map(|(_, choice)| choice).collect()
}

/// Reads what the middle and the right of the page show.
pub(super) async fn show(
    state: &AppState,
    ask: &Ask,
    comment: &CheckedComment,
) -> Result<(Shown, Context), AppError> {
    let site = state.store.site(comment.site).await?.ok_or(AppError::NotFound("site"))?;
    let decisions = state.store.decisions_on(comment.id).await?;
    let record = match &comment.author_key {
        Some(author) => Some(state.store.author_record(author).await?),
        None => None,
    };
    let article = match comment.article {
        Some(id) => state.store.article(id).await?,
        None => None,
    };
    let similar = state.store.similar(comment.id, SIMILAR).await?;
    let context = Context {
        site: site_name(&site),
        site_id: site.id.0,
        author: record.as_ref().map(record_words),
        alike: alike(state, ask, comment).await?,
        similar: similar.iter().map(|other| similar_row(ask, other)).collect(),
        article_text: article.as_ref().map(|article| excerpt(&article.text, ARTICLE_CHARS)),
    };
    let title = article.map(|article| article.title).filter(|title| !title.trim().is_empty());
    let title = title.unwrap_or_else(|| comment.context.clone());
    let first_of_author = record.is_some_and(|record| total(&record) <= 1);
    Ok((shown(state, comment, &site, &decisions, title, first_of_author), context))
}

fn shown(
    state: &AppState,
    comment: &CheckedComment,
    site: &Site,
    decisions: &[Decision],
    title: String,
    first_of_author: bool,
) -> Shown {
    Shown {
        id: comment.id.0,
        version: comment.version,
        author: comment.author.clone(),
        author_url: comment.author_url.clone(),
        mail: comment.mail.clone(),
        ip: comment.ip.clone(),
        kind: comment.kind.clone(),
        language: comment.language.clone(),
        title,
        article: comment.article.map(|id| id.0),
        permalink: comment.permalink.clone(),
        received: comment.received,
        written: comment.written,
        state: Badge::of_state(comment.state),
        state_name: comment.state.as_str(),
        verdict: Badge::of_verdict(comment.verdict),
        score: score(comment.score),
        explained: explain(&comment.content, &comment.signals),
        dial: dial(state, site, comment.score),
        history: decisions.iter().map(step).collect(),
        choices: choices(comment.state, comment.decision.is_some()),
        first_of_author,
    }
}

fn dial(state: &AppState, site: &Site, probability: f32) -> Dial {
    let model = state.desk.filter().thresholds();
    let unsure = site.policy.unsure_from.unwrap_or(model.unsure).clamp(0.0, 1.0);
    let spam = site.policy.spam_from.unwrap_or(model.spam).clamp(unsure, 1.0);
    let hundredths = |share: f32| format!("{:.1}", share * 100.0);
    let (unsure_from, spam_from) = (score(unsure), score(spam));
    let words = format!("this site publishes below {unsure_from} and blocks from {spam_from} on");
    Dial {
        score: hundredths(probability),
        unsure_width: hundredths(spam - unsure),
        spam_width: hundredths(1.0 - spam),
        unsure: hundredths(unsure),
        spam: hundredths(spam),
        words,
        unsure_from,
        spam_from,
    }
}

/// A decision in words: `approved by ines`.
pub(super) fn step(decision: &Decision) -> Step {
    let what = match decision.undoes {
        Some(_) => format!("taken back: {} again", decision.to.as_str()),
        None => done_words(decision.to).to_owned(),
    };
    let reason = decision.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    Step {
        at: decision.at,
        words: format!("{what} by {}{reason}", decision.actor),
        undone: decision.undone_by.is_some(),
    }
}

fn total(record: &AuthorRecord) -> u64 {
    let states = &record.states;
    states.unsure + states.spam + states.approved + states.deleted
}

fn record_words(record: &AuthorRecord) -> String {
    let states = &record.states;
    if total(record) <= 1 {
        return "first comment".to_owned();
    }
    format!(
        "{} on {}: {} approved, {} spam, {} waiting",
        counted(total(record), "comment"),
        counted(record.sites, "site"),
        states.approved,
        states.spam,
        states.unsure
    )
}

/// What this comment shares with others of its queue: each a list to look at and to decide about as a whole.
async fn alike(
    state: &AppState,
    ask: &Ask,
    comment: &CheckedComment,
) -> Result<Vec<Alike>, AppError> {
    let queue =
        Ask { state: comment.state.as_str().to_owned(), site: ask.site.clone(), ..Ask::default() };
    let mut wanted: Vec<(&'static str, String, Ask)> = Vec::new();
    if let Some(campaign) = comment.campaign {
        let ask = Ask { campaign: campaign.to_string(), ..queue.clone() };
        wanted.push(("Campaign", "nearly the same text".to_owned(), ask));
    }
    if let Some(author) = &comment.author_key {
        let ask = Ask { author: hex(author), ..queue.clone() };
        wanted.push(("Author", comment.author.clone(), ask));
    }
    if let Some(host) = &comment.host {
        wanted.push(("Host", host.clone(), Ask { host: host.clone(), ..queue.clone() }));
    }
    if let Some(language) = &comment.language {
        let ask = Ask { language: language.clone(), ..queue.clone() };
        wanted.push(("Language", language.clone(), ask));
    }
    let mut alike = Vec::with_capacity(wanted.len());
    for (what, value, ask) in wanted {
        let filter = ask.filter()?;
        let is_quick = filter.campaign.is_some() || filter.author.is_some();
        let count = if is_quick { Some(count(state, &filter).await?) } else { None };
        alike.push(Alike { what, value, count, href: ask.href() });
    }
    Ok(alike)
}

/// How many comments a filter finds, in figures; counting ends somewhere.
async fn count(state: &AppState, filter: &QueueFilter) -> Result<String, AppError> {
    let found = state.store.queue_ids(filter, COUNTED + 1).await?.len();
    Ok(if found > COUNTED as usize { format!("over {COUNTED}") } else { found.to_string() })
}

fn similar_row(ask: &Ask, other: &CheckedComment) -> Similar {
    let queue =
        Ask { state: other.state.as_str().to_owned(), site: ask.site.clone(), ..Ask::default() };
    Similar {
        href: queue.with_comment(other.id).href(),
        text: excerpt(&other.content, SIMILAR_CHARS),
        state: Badge::of_state(other.state),
        score: score(other.score),
        decided: other.decision.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_decisions_that_change_something_are_offered() {
        let keys = |state, decided| {
            choices(state, decided).iter().map(|choice| choice.key).collect::<String>()
        };
        assert_eq!(keys(CommentState::Unsure, false), "asd");
        assert_eq!(keys(CommentState::Spam, false), "asdw", "a verdict may be confirmed");
        assert_eq!(keys(CommentState::Spam, true), "adw");
        assert_eq!(keys(CommentState::Approved, true), "sdw");
    }
}
