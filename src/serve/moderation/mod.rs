//! The moderation pages: the queue with its reasons, decisions and their undoing, campaigns, the journal, and
//! what each site wants. All of it works with links and forms alone; nobody but moderators gets here.

mod ask;
mod campaigns;
mod comment;
mod decide;
mod evidence;
mod fields;
mod journal;
mod queue;
mod reasons;
mod sites;

use axum::{
    Router,
    routing::{get, post},
};
use serde::Serialize;

use super::{state::AppState, words};
use crate::{
    domain::{CommentState, Outcome, Site, SiteId},
    store::StateCounts,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/moderation", get(queue::get))
        .route("/moderation/decide", post(decide::one))
        .route("/moderation/bulk", post(decide::selected))
        .route("/moderation/all", get(decide::ask_about_all).post(decide::all))
        .route("/moderation/undo", post(decide::undo))
        .route("/moderation/campaigns", get(campaigns::get))
        .route("/moderation/journal", get(journal::decisions))
        .route("/moderation/audit", get(journal::audit))
        .route("/moderation/sites", get(sites::list))
        .route("/moderation/sites/{id}", get(sites::get).post(sites::post))
        .route("/moderation/erase", post(sites::erase))
}

/// A word with the icon and colour that repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Badge {
    word: &'static str,
    icon: &'static str,
    class: &'static str,
}

impl Badge {
    fn of_verdict(verdict: Outcome) -> Self {
        match verdict {
            Outcome::Ham => Self { word: "ham", icon: "ham", class: "good" },
            Outcome::Unsure => Self { word: "unsure", icon: "hold", class: "warn" },
            Outcome::Spam => Self { word: "spam", icon: "spam", class: "bad" },
        }
    }

    fn of_state(state: CommentState) -> Self {
        match state {
            CommentState::Unsure => Self { word: "unsure", icon: "hold", class: "warn" },
            CommentState::Spam => Self { word: "spam", icon: "spam", class: "bad" },
            CommentState::Approved => Self { word: "approved", icon: "ham", class: "good" },
            CommentState::Deleted => Self { word: "deleted", icon: "cross", class: "plain" },
        }
    }
}

/// The tabs above all moderation pages.
#[derive(Debug, Clone, Serialize)]
struct Tab {
    name: &'static str,
    href: String,
    count: Option<u64>,
    current: bool,
}

/// Tabs of the four queues and the other pages; `here` is the state or path shown. A site stays chosen.
fn tabs(counts: &StateCounts, site: Option<SiteId>, here: &str) -> Vec<Tab> {
    let chosen =
        |joint: char| site.map(|site| format!("{joint}site={}", site.0)).unwrap_or_default();
    let queue = |name, state: CommentState| Tab {
        name,
        href: format!("/moderation?state={}{}", state.as_str(), chosen('&')),
        count: Some(counts.of(state)),
        current: here == state.as_str(),
    };
    let page = |name, path: &'static str| Tab {
        name,
        href: path.to_owned(),
        count: None,
        current: here == path,
    };
    vec![
        queue("Unsure", CommentState::Unsure),
        queue("Spam", CommentState::Spam),
        queue("Approved", CommentState::Approved),
        queue("Deleted", CommentState::Deleted),
        Tab {
            href: format!("/moderation/campaigns{}", chosen('?')),
            ..page("Campaigns", "/moderation/campaigns")
        },
        page("Journal", "/moderation/journal"),
        page("Sites", "/moderation/sites"),
    ]
}

/// A site's name, or its address where it has none.
fn site_name(site: &Site) -> String {
    if site.name.trim().is_empty() { site.url.clone() } else { site.name.clone() }
}

/// The beginning of a text on one line.
fn excerpt(text: &str, most: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > most * 4 {
            break;
        }
    }
    if line.chars().count() <= most {
        return line;
    }
    line.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A probability with two digits; never 0.00 or 1.00, since the filter is never certain.
fn score(probability: f32) -> String {
    format!("{:.2}", probability.clamp(0.01, 0.99))
}

/// A count as `u64` for the templates' filters.
fn counted(value: u64, noun: &str) -> String {
    words::count(i64::try_from(value).unwrap_or(i64::MAX), noun)
}

/// The comment's queue in the past tense: `as spam`.
fn done_words(state: CommentState) -> &'static str {
    match state {
        CommentState::Unsure => "put back as unsure",
        CommentState::Spam => "marked as spam",
        CommentState::Approved => "approved",
        CommentState::Deleted => "deleted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_one_line() {
        assert_eq!(excerpt(" a\n b ", 10), "a b");
        assert_eq!(excerpt("abcdef", 4), "abc…");
        assert_eq!(excerpt(&"x".repeat(1_000_000), 4), "xxx…");
        assert_eq!(excerpt("", 4), "");
    }

    #[test]
    fn scores_never_claim_certainty() {
        assert_eq!(
            (score(0.0).as_str(), score(0.614).as_str(), score(1.0).as_str()),
            ("0.01", "0.61", "0.99")
        );
    }
}
