mod output;

use std::{
    io::{IsTerminal as _, Write as _, stdout},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::{
    ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use jiff::Timestamp;

use super::{Context, names::KnownNames};
use crate::{
    export,
    search::{
        Follower, FollowerOptions, MAX_HITS, Query, QueryError, SearchError, SearchIndex,
        SearchOptions, SearchResults, SortOrder, parse_query,
    },
};
use output::{Output, columns, plain};

const EXAMPLES: &str = "\
Query language:
  ransomware hospital            both words
  \"supply chain\"                 words next to each other, as written
  hospital OR clinic             either; binds weaker than words side by side
  breach -sponsored              without a word (also NOT)
  (acme OR globex) leak          parentheses group
  ransom*                        words that begin so
  CVE-2026-1234  evil[.]example  identifiers and defanged addresses, whole or in part
  title:breach author:roe        fields: title author source site url tag lang
  source:(\"Daily Patch\" OR cert) several values for a field
  after:7d  before:2026-11       dates: 2026-11-23, 2026-11, 2026, 24h, 7d, 2w, 3m, 1y, today, yesterday
  date:2026-10..2026-11          published within
  sort:date                      newest first

Examples:
  siftwire search 'ransomware lang:de after:3m'
  siftwire search --facets '\"zero day\" sort:date'
  siftwire search --format ndjson --limit 100 'site:example.org' | jq .url";

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// What to search for; several arguments are joined by spaces. Empty: the latest articles.
    /// Quote a query that has `-word` in it, or put `--` before it.
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Hits to show.
    #[arg(long, short = 'n', default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Hits to skip.
    #[arg(long, default_value_t = 0, value_name = "N")]
    offset: usize,
    /// Order of the hits, in place of the query's own.
    #[arg(long, value_enum)]
    sort: Option<Sort>,
    /// How to print the hits.
    #[arg(long, value_parser = Form::parser(), default_value = "table")]
    format: Form,
    /// Also count all matches by source, language and month (table and json).
    #[arg(long)]
    facets: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    Relevance,
    Date,
}

/// How hits are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Table,
    /// One JSON object per hit and line.
    Ndjson,
    /// One JSON object with all results.
    Json,
    /// Comma-separated values with a header line.
    Csv,
    /// Tab-separated values with a header line.
    Tsv,
}

/// What `--format` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Printed(Format),
    /// As `siftwire export` writes it.
    Document(export::Format),
}

impl Form {
    fn from_name(name: &str) -> Option<Self> {
        let printed = Format::from_str(name, false).ok().map(Self::Printed);
        printed.or_else(|| export::Format::from_name(name).map(Self::Document))
    }

    fn parser() -> impl TypedValueParser<Value = Self> {
        let printed = Format::value_variants().iter().filter_map(Format::to_possible_value);
        let documents = export::Format::documents()
            .filter(|format| !matches!(format, export::Format::Csv | export::Format::Ndjson));
        let documents = documents.map(|format| {
            PossibleValue::new(format.as_str())
                .help(format!("{}, as siftwire export writes it", format.label()))
        });
        let names = PossibleValuesParser::new(printed.chain(documents).collect::<Vec<_>>());
        names.try_map(|name| Self::from_name(&name).ok_or("no such format"))
    }
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let text = args.query.join(" ");
    let query = match parsed(&text) {
        Ok(query) => query,
        Err(code) => return Ok(code),
    };
    let format = match args.format {
        Form::Printed(format) => format,
        Form::Document(format) => {
            let (view, limit) = (export::View::Articles, Some(args.limit));
            return super::export::document(context, query, view, format, limit, None).await;
        }
    };
    if args.offset.saturating_add(args.limit) > MAX_HITS {
        eprintln!(
            "error: --offset and --limit reach beyond the first {MAX_HITS} hits; narrow the search"
        );
        return Ok(ExitCode::from(2));
    }
    let enricher = Arc::new(context.enricher()?.enricher);
    let index = open_caught_up(context).await?.with_names(Arc::new(KnownNames(enricher)));
    let options = SearchOptions {
        limit: args.limit,
        offset: args.offset,
        sort: args.sort.map(|sort| match sort {
            Sort::Relevance => SortOrder::Relevance,
            Sort::Date => SortOrder::Date,
        }),
        facets: args.facets,
        ..SearchOptions::new(Timestamp::now())
    };
    let results = tokio::task::spawn_blocking(move || index.search(&query, &options)).await??;
    print(&results, &text, format, args.offset)?;
    Ok(ExitCode::SUCCESS)
}

/// The query; where it makes no sense, that is told on standard error.
pub(super) fn parsed(text: &str) -> Result<Query, ExitCode> {
    parse_query(text).map_err(|error| {
        eprintln!("{}", under_caret(text, &error));
        ExitCode::from(2)
    })
}

/// The index, brought up to date unless another process is at it.
pub(super) async fn open_caught_up(context: &Context) -> anyhow::Result<SearchIndex> {
    let store = context.open_store().await?;
    let folder = context.index_dir();
    let index = SearchIndex::open(&folder).context("cannot open the search index")?;
    let options = FollowerOptions {
        writer_memory_bytes: (context.config.search.writer_memory_mb as usize) << 20,
        ..FollowerOptions::default()
    };
    let mut follower = match Follower::start(store, index.clone(), options) {
        Ok(follower) => follower,
        Err(SearchError::Locked { .. }) => return Ok(index),
        Err(error) => return Err(error).context("cannot write the search index"),
    };
    let behind = "cannot bring the search index up to date";
    follower.catch_up().await.context(behind)?;
    follower.finish().await.context(behind)?;
    Ok(index)
}

fn print(results: &SearchResults, text: &str, format: Format, offset: usize) -> anyhow::Result<()> {
    let to_terminal = stdout().is_terminal();
    let colour = to_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let output = Output { results, query: text, offset, colour, width: width() };
    let mut out = std::io::BufWriter::new(stdout().lock());
    let written = output.write(format, &mut out).and_then(|()| out.flush());
    match written {
        // `siftwire search … | head` is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write the results"),
    }
}

/// Columns of the terminal; 100 where there is none.
fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}

/// The query with a caret under what is wrong.
fn under_caret(text: &str, error: &QueryError) -> String {
    let shown = plain(text);
    let before: String = shown.chars().take(error.start_char).collect();
    let marked: String =
        shown.chars().skip(error.start_char).take(error.end_char - error.start_char).collect();
    let indent = " ".repeat(columns(&before));
    let carets = "^".repeat(columns(&marked).max(1));
    format!("error: {error}\n\n  {shown}\n  {indent}{carets}")
}
