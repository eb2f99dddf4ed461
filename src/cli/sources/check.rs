//! `sources check`: a dry run. The same crawler works on a store that is thrown away.

use std::{process::ExitCode, sync::Arc};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    add::{Added, Wanted, add_site, describe, explain},
    words::{counted, shortened},
};
use crate::{
    cli::scratch::Scratch,
    config::CrawlConfig,
    crawl::{Crawler, Fetcher, SourceSummary},
    domain::{Article, Comment},
    store::{SqliteStore, Store},
};

/// Characters of a text that are shown.
const EXCERPT: usize = 320;
/// Comments that are shown of one article.
const COMMENTS: usize = 3;

/// Runs the command.
pub(super) async fn run(
    address: &str,
    entries: u32,
    config: &CrawlConfig,
) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new("check")?;
    let store = Arc::new(SqliteStore::open(&scratch.path().join("check.db")).await?);
    let outcome = check(store.clone(), address, entries, config).await;
    store.close().await;
    match outcome {
        Ok(code) => Ok(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            explain(&error);
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn check(
    store: Arc<dyn Store>,
    address: &str,
    entries: u32,
    config: &CrawlConfig,
) -> anyhow::Result<ExitCode> {
    let now = Timestamp::now();
    let fetcher = Fetcher::new(store.clone(), config)?;
    let found = add_site(store.as_ref(), &fetcher, address, &Wanted::default()).await?;
    let Some(Added { id, candidate, .. }) = found.added.first() else {
        anyhow::bail!("nothing found at {address}");
    };
    print_lines(&["source", &format!("  {}", describe(candidate, now))])?;
    for other in &found.others {
        print_lines(&[&format!("  also: {}", describe(other, now))])?;
    }
    let decision = fetcher.robots(&candidate.url).await?;
    print_lines(&["robots.txt", &format!("  {}", robots_words(&decision))])?;

    let few = CrawlConfig { max_entries: entries, ..config.clone() };
    let crawler = Crawler::new(store.clone(), &few)?;
    let summary = crawler.run_once(&[*id], &(), &CancellationToken::new()).await?;
    let Some(source) = summary.sources.first() else {
        anyhow::bail!("the source was not fetched; try again");
    };
    print_lines(&["fetch", &format!("  {}", fetch_words(source))])?;
    let articles = store.latest_articles(entries, None, Some(*id)).await?;
    let ids: Vec<_> = articles.iter().map(|article| article.id).collect();
    for article in store.articles(&ids).await? {
        let comments = store.comments(article.id).await?;
        crate::cli::print(&article_words(&article, &comments))?;
    }
    let shown = counted(ids.len(), "article", "articles");
    print_lines(&[&format!("would store {shown} like these; nothing was stored")])?;
    let is_good = source.is_well() && !ids.is_empty();
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn robots_words(decision: &crate::crawl::robots_policy::Decision) -> String {
    let delay = decision.crawl_delay.map(|delay| format!("; asks for a pause of {delay:?}"));
    let verdict = match (&decision.unreachable, decision.allowed, &decision.rule) {
        (Some(reason), ..) => format!("could not be read: {}", reason.message),
        (None, true, None) => "allows this address (no rule names it)".to_owned(),
        (None, true, Some(rule)) => format!("allows this address ({rule})"),
        (None, false, rule) => {
            format!("forbids this address ({})", rule.as_deref().unwrap_or("no rule given"))
        }
    };
    format!("{verdict}{}", delay.unwrap_or_default())
}

fn fetch_words(source: &SourceSummary) -> String {
    if let Some(error) = &source.health.error {
        return format!("failed: {error}");
    }
    let repairs: Vec<_> =
        source.health.repairs.iter().filter(|r| !r.starts_with("only ")).cloned().collect();
    let soundness = match repairs.is_empty() {
        true => "sound".to_owned(),
        false => format!("repaired: {}", repairs.join("; ")),
    };
    let bytes = source.health.body_bytes;
    let failed = match source.entry_errors {
        0 => String::new(),
        count => format!("; {} without article", counted(count as usize, "entry", "entries")),
    };
    format!("{bytes} bytes, {soundness}{failed}")
}

fn article_words(article: &Article, comments: &[Comment]) -> String {
    let date = if article.published_stated {
        article.published.to_string()
    } else {
        "not stated".to_owned()
    };
    let excerpt = article.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut lines = vec![
        format!("article: {}", article.title),
        format!("  address   {}", article.url),
        format!("  published {date}"),
        format!("  authors   {}", article.authors.join(", ")),
        format!("  language  {}", article.language.as_deref().unwrap_or("unknown")),
        format!("  tags      {}", article.tags.join(", ")),
        format!("  sure      {:.0} %", article.confidence * 100.0),
        format!(
            "  text      {} characters: {}",
            article.text.chars().count(),
            shortened(&excerpt, EXCERPT)
        ),
        format!("  comments  {}", comments.len()),
    ];
    for comment in comments.iter().take(COMMENTS) {
        let who = comment.author.as_deref().unwrap_or("somebody");
        let said = comment.text.split_whitespace().collect::<Vec<_>>().join(" ");
        lines.push(format!("    {who}: {}", shortened(&said, 70)));
    }
    lines.join("\n") + "\n"
}

fn print_lines(lines: &[&str]) -> std::io::Result<()> {
    crate::cli::print(&format!("{}\n", lines.join("\n")))
}
