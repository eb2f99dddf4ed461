//! `siftwire comments import`: a blog's history into the moderation queue.

use std::{path::PathBuf, process::ExitCode};

use futures::future::try_join_all;
use jiff::Timestamp;

use super::{
    batches::{Batch, Batches},
    check::{count, printable},
    format::Format,
    progress, site,
};
use crate::{
    cli::Context,
    domain::{CheckedId, CommentState, DecisionVia, Site},
    exchange::{FileComment, State},
    extract::dates,
    moderation::{Checked, Desk, Submission},
    spam::Outcome,
    store::{Decided, DecisionDraft, NewSite},
};

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire comments import export.xml --site https://blog.example           into the queue, with the filter's verdicts
  siftwire comments import export.xml --site https://blog.example --learn   and with what the blog decided so far

A comment that is known is not added again, and nothing is decided twice. A service that runs on the same data learns
from the decisions when it next starts.")]
pub(super) struct Args {
    /// An export of WordPress, Disqus, Blogger, Isso or Remark42, JSON Lines or CSV; - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Address of the blog; it becomes a site if it is none yet.
    #[arg(long, value_name = "URL", value_parser = site::address)]
    site: String,
    /// How the comments are written; found from the first bytes if not given.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Take what the file says about a comment, published or spam, as a decision, and learn from it.
    #[arg(long)]
    learn: bool,
}

/// What became of the comments.
#[derive(Default)]
struct Summary {
    approved: u64,
    unsure: u64,
    spam: u64,
    decided: u64,
    deleted: u64,
    damaged: u64,
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let mut batches = Batches::open(&args.file, args.format).await?;
    let store = context.open_store().await?;
    let name = args.site.split_once("://").map_or(args.site.as_str(), |(_, rest)| rest).to_owned();
    let new = NewSite { url: args.site.clone(), name, ..NewSite::default() };
    let site = store.ensure_site(&new, Timestamp::now()).await?;
    let desk = Desk::new(store, super::filter_of(&context.config.data_dir));
    let bar = progress::counter("comments imported");
    let mut summary = Summary::default();
    while let Some(batch) = batches.next().await? {
        for damage in &batch.damages {
            let message = format!("{}: {}: {}", args.file.display(), damage.place, damage.reason);
            bar.suspend(|| eprintln!("{}", printable(&message)));
        }
        bar.inc(batch.comments.len() as u64);
        take(&desk, &site, batch, args.learn, &mut summary).await?;
    }
    bar.finish_and_clear();
    eprintln!("{}", summary.words(&site));
    Ok(if summary.damaged == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks and stores a batch, and takes its decisions if they are to be learnt from.
async fn take(
    desk: &Desk,
    site: &Site,
    batch: Batch,
    learn: bool,
    summary: &mut Summary,
) -> anyhow::Result<()> {
    let now = Timestamp::now();
    summary.damaged += batch.damages.len() as u64;
    let mut comments = batch.comments;
    let all = comments.len();
    comments.retain(|comment| comment.state != State::Deleted);
    summary.deleted += (all - comments.len()) as u64;
    let submissions = comments.iter().map(|c| desk.check(site.id, submission(c), now));
    let checked = try_join_all(submissions).await?;
    let mut drafts = Vec::new();
    for (comment, checked) in comments.iter().zip(&checked) {
        let label = comment.state.label().filter(|_| learn);
        summary.add(label.unwrap_or(checked.outcome));
        if let (Some(label), Checked { id: Some(id), .. }) = (label, checked) {
            drafts.push(decision(*id, label));
        }
    }
    // The journal is enough: nobody asks this process for verdicts that depend on it.
    let decided = desk.store().decide(&drafts, now).await?;
    summary.decided += decided.iter().filter(|d| matches!(d, Decided::Done(_))).count() as u64;
    Ok(())
}

fn submission(comment: &FileComment) -> Submission {
    Submission {
        input: comment.input.clone(),
        kind: comment.kind.clone(),
        permalink: comment.page.clone(),
        written: dates::parse(&comment.input.date).map(|date| date.timestamp),
        // The history of a blog is nothing its figures of today should show.
        is_recheck: true,
        ..Submission::default()
    }
}

fn decision(comment: CheckedId, label: Outcome) -> DecisionDraft {
    let to = if label == Outcome::Spam { CommentState::Spam } else { CommentState::Approved };
    DecisionDraft {
        comment,
        seen: None,
        to,
        actor: "import".into(),
        via: DecisionVia::Import,
        reason: None,
        request: None,
    }
}

impl Summary {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Ham => self.approved += 1,
            Outcome::Unsure => self.unsure += 1,
            Outcome::Spam => self.spam += 1,
        }
    }

    fn words(&self, site: &Site) -> String {
        let Summary { approved, unsure, spam, decided, deleted, damaged } = self;
        let all = count(approved + unsure + spam, "comment");
        let mut words =
            format!("{all} for {}: {approved} approved, {unsure} unsure, {spam} spam", site.url);
        if *decided > 0 {
            words += &format!("; {} taken over", count(*decided, "decision"));
        }
        if *deleted > 0 {
            words += &format!("; {deleted} deleted ones left out");
        }
        if *damaged > 0 {
            words += &format!("; {damaged} could not be read");
        }
        words
    }
}
