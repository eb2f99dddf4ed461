//! `sources add`: from an address to sources in the store.

use std::process::ExitCode;

use jiff::Timestamp;

use super::{
    AddArgs, group_path,
    words::{ago, counted},
};
use crate::{
    cli::Context,
    crawl::{
        Fetcher,
        discover::{Candidate, DiscoverError, discover, read_address},
    },
    domain::{NewSource, SourceId, SourceKind},
    store::Store,
};

/// How found sources are to be watched.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Wanted {
    /// All that is found but comment feeds, not the best alone.
    pub all: bool,
    pub groups: Vec<String>,
    /// Name instead of the feed's own.
    pub title: Option<String>,
}

/// What became of one address.
#[derive(Debug)]
pub(in crate::cli) struct Outcome {
    pub added: Vec<Added>,
    /// Found, and left alone.
    pub others: Vec<Candidate>,
}

/// A source that is watched now.
#[derive(Debug)]
pub(in crate::cli) struct Added {
    pub id: SourceId,
    pub candidate: Candidate,
    /// `false`: it was watched before.
    pub is_new: bool,
}

/// Looks for the sources of a site and watches the best, or all.
pub(in crate::cli) async fn add_site(
    store: &dyn Store,
    fetcher: &Fetcher,
    address: &str,
    wanted: &Wanted,
) -> anyhow::Result<Outcome> {
    let url = read_address(address)?;
    let found = discover(fetcher, &url).await?.candidates;
    let (chosen, others) = choose(found, wanted.all);
    let mut added = Vec::new();
    for candidate in chosen {
        let (id, is_new) = store.add_source(&source(&candidate, wanted), Timestamp::now()).await?;
        added.push(Added { id, candidate, is_new });
    }
    Ok(Outcome { added, others })
}

fn choose(found: Vec<Candidate>, all: bool) -> (Vec<Candidate>, Vec<Candidate>) {
    if all {
        return found.into_iter().partition(|candidate| !candidate.comments);
    }
    let mut found = found;
    let others = found.split_off(found.len().min(1));
    (found, others)
}

fn source(candidate: &Candidate, wanted: &Wanted) -> NewSource {
    NewSource {
        url: candidate.url.to_string(),
        title: wanted.title.clone().unwrap_or_else(|| candidate.title.clone()),
        site_url: candidate.site_url.clone(),
        kind: candidate.kind,
        groups: wanted.groups.clone(),
        language: candidate.language.clone(),
        ..NewSource::default()
    }
}

/// Runs the command.
pub(super) async fn run(args: AddArgs, context: &Context) -> anyhow::Result<ExitCode> {
    let config = args.reach.config(context);
    let wanted = Wanted {
        all: args.all,
        groups: args.group.as_deref().map(group_path).unwrap_or_default(),
        title: args.title,
    };
    if let Some(wrong) = args.urls.iter().find_map(|text| read_address(text).err()) {
        eprintln!("error: {wrong}");
        return Ok(crate::cli::WRONG_USAGE.into());
    }
    let store = context.open_store().await?;
    let fetcher = Fetcher::new(store.clone(), &config)?;
    let mut failed = false;
    for address in &args.urls {
        match add_site(store.as_ref(), &fetcher, address, &wanted).await {
            Ok(outcome) => crate::cli::print(&report(&outcome, Timestamp::now()))?,
            Err(error) => {
                failed = true;
                eprintln!("error: {error:#}");
                explain(&error);
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What was tried in vain, for somebody who wonders why.
pub(in crate::cli) fn explain(error: &anyhow::Error) {
    if let Some(DiscoverError::NothingFound { tried, .. }) = error.downcast_ref() {
        for tried in tried {
            eprintln!("  {}: {}", tried.url, tried.outcome);
        }
    }
}

fn report(outcome: &Outcome, now: Timestamp) -> String {
    let mut text = String::new();
    for added in &outcome.added {
        let verb = if added.is_new { "added" } else { "already watched" };
        let number = added.id.0;
        text.push_str(&format!("{verb} {number}: {}\n", describe(&added.candidate, now)));
    }
    for other in &outcome.others {
        text.push_str(&format!("also found: {}\n", describe(other, now)));
    }
    text
}

/// One line: name, address, size, age, reason.
pub(super) fn describe(candidate: &Candidate, now: Timestamp) -> String {
    let kind = match candidate.kind {
        SourceKind::Feed if candidate.comments => "comment feed",
        other => other.as_str(),
    };
    let newest = candidate.newest.map(|time| format!(", newest {}", ago(time, now)));
    format!(
        "{} <{}>\n  {kind}, {}{}; {}",
        candidate.title,
        candidate.url,
        counted(candidate.entries, "entry", "entries"),
        newest.unwrap_or_default(),
        candidate.found_by.words(),
    )
}
