//! `siftwire comments export`: what is kept of a site's comments, with what was decided.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;

use super::site;
use crate::{
    cli::Context,
    domain::{CheckedComment, CommentState},
    exchange::{Exporter, FileComment, State},
    spam::CommentInput,
    store::{QueueCursor, QueueFilter, QueueOrder},
};

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire comments export --site https://blog.example -o comments.jsonl
  siftwire comments export --site https://blog.example --format csv > comments.csv

Lines that a moderator decided on have a label, so `comments train` and `comments evaluate` take the file as it is.")]
pub(super) struct Args {
    /// Address of the blog.
    #[arg(long, value_name = "URL", value_parser = site::address)]
    site: String,
    #[arg(long, value_enum, default_value = "jsonl")]
    format: ExportFormat,
    /// File to write; standard output if none is named.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ExportFormat {
    /// JSON Lines.
    Jsonl,
    /// CSV. Texts that a spreadsheet would take for a formula get a quote before them.
    Csv,
}

/// Comments read at once.
const PAGE: u32 = 500;

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store().await?;
    let Some(site) = store.site_by_url(&args.site).await? else {
        anyhow::bail!(
            "there is no site {}; `siftwire token list` names those there are",
            args.site
        );
    };
    let out: Box<dyn Write + Send> = match &args.output {
        None => Box::new(io::stdout()),
        Some(path) => Box::new(
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
        ),
    };
    let out = BufWriter::new(out);
    let mut exporter = match args.format {
        ExportFormat::Jsonl => Exporter::jsonl(out),
        ExportFormat::Csv => Exporter::csv(out),
    };
    let filter = QueueFilter { site: Some(site.id), ..QueueFilter::default() };
    let mut after = None;
    loop {
        let page = store.queue(&filter, QueueOrder::Oldest, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(QueueCursor { id: last.id, score: last.score });
        for comment in page {
            let (decided, verdict, score) =
                (comment.decision.is_some(), comment.verdict, comment.score);
            exporter.add(&to_file(comment), decided, verdict, score)?;
        }
    }
    exporter.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn to_file(comment: CheckedComment) -> FileComment {
    let date = comment.written.unwrap_or(comment.received).to_string();
    FileComment {
        state: match comment.state {
            CommentState::Approved => State::Published,
            CommentState::Unsure => State::Waiting,
            CommentState::Spam => State::Spam,
            CommentState::Deleted => State::Deleted,
        },
        input: CommentInput {
            id: comment.guid.to_string(),
            author: comment.author,
            author_email: comment.mail.unwrap_or_default(),
            author_url: comment.author_url,
            user_ip: comment.ip.unwrap_or_default(),
            content: comment.content,
            date,
            context: comment.context,
            ..CommentInput::default()
        },
        parent: String::new(),
        page: comment.permalink,
        kind: comment.kind,
    }
}
