//! `siftwire export`: everything that a query finds, in any format.

mod files;
mod misp;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use jiff::Timestamp;

use super::{Context, names::KnownNames, search::open_caught_up};
use crate::{
    export::{
        Format, Publisher, Rows, View, atom,
        feed::{Feed, Post},
        json_feed, opml, rss,
    },
    gather::{Gatherer, Selection},
    search::{Finder, Query, query::Field},
};
use files::{Output, Progress};

const EXAMPLES: &str = "\
Formats:
  csv, ndjson            a table, or one JSON object per line; any number of articles in the memory of a few
  rss, atom, json-feed   a feed, the newest 50 unless --limit says otherwise
  opml                   the sources of what is found
  stix                   a STIX 2.1 bundle: a report per article, a grouping per incident, and what they name
  misp                   a MISP feed in the folder -o: manifest.json, hashes.csv, a file for each incident

Examples:
  siftwire export --format csv -o all.csv
  siftwire export 'attack:ransomware country:JP after:30d' --format ndjson | jq -r .title
  siftwire export 'victim:canon' --view incidents --format stix -o canon.json
  siftwire export 'lang:de' --format opml -o german-sources.opml
  siftwire export --format misp -o /srv/www/misp                 the incidents of the last 90 days";

/// Posts of a feed, where nothing else is asked for.
const POSTS: usize = 50;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// What to export; several arguments are joined by spaces. Empty: everything. See siftwire search --help.
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// In which form.
    #[arg(long, value_parser = format_parser())]
    format: Format,
    /// Articles, or the incidents that they tell of.
    #[arg(long, value_parser = view_parser(), default_value = "articles")]
    view: View,
    /// Newest articles or incidents to export. All, if not given; 50 of a feed.
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<usize>,
    /// Days of news in a MISP feed; 0 for all there is.
    #[arg(long, value_name = "N", default_value_t = 90)]
    days: u32,
    /// Where to write: a file, or a folder for misp; standard output if not given, or -.
    #[arg(long, short = 'o', value_name = "PATH")]
    output: Option<PathBuf>,
}

fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::ALL.map(Format::as_str));
    names.try_map(|name| Format::from_name(&name).ok_or("no such format"))
}

fn view_parser() -> impl clap::builder::TypedValueParser<Value = View> {
    let names = PossibleValuesParser::new(View::ALL.map(View::as_str));
    names.try_map(|name| View::from_name(&name).ok_or("no such view"))
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let text = args.query.join(" ");
    let query = match super::search::parsed(&text) {
        Ok(query) => query,
        Err(code) => return Ok(code),
    };
    if args.format == Format::Misp {
        let Some(folder) = args.output.as_deref().filter(|path| *path != Path::new("-")) else {
            eprintln!("error: a MISP feed is a folder of files; say where with -o DIR");
            return Ok(ExitCode::from(2));
        };
        let query = within(query, args.days)?;
        let exporter = Exporter::open(context, query, View::Incidents).await?;
        misp::write(&exporter, folder, args.limit.unwrap_or(usize::MAX)).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let output = args.output.as_deref();
    document(context, query, args.view, args.format, args.limit, output).await
}

/// The query within the last `days`, unless it says itself since when. 0 is for ever.
fn within(query: Query, days: u32) -> anyhow::Result<Query> {
    let is_dated =
        query.filters().iter().any(|filter| matches!(filter.field, Field::After | Field::Date));
    if days == 0 || is_dated {
        return Ok(query);
    }
    query.with_filter("after", &format!("{days}d")).context("--days has no such time")
}

/// Writes one document, to standard output or a file.
pub(super) async fn document(
    context: &Context,
    query: Query,
    view: View,
    format: Format,
    limit: Option<usize>,
    path: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let exporter = Exporter::open(context, query, view).await?;
    let mut output = Output::create(path)?;
    let written = exporter.write(format, limit, &mut output).await;
    match written.and_then(|count| output.finish().map(|()| count)) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        // `siftwire export … | head` is no failure.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Reads what is to be exported.
struct Exporter {
    gatherer: Gatherer,
    selection: Selection,
    publisher: Publisher,
}

impl Exporter {
    async fn open(context: &Context, query: Query, view: View) -> anyhow::Result<Self> {
        let enricher = Arc::new(context.enricher()?.enricher);
        let names = KnownNames(enricher);
        let index = open_caught_up(context).await?.with_names(Arc::new(names));
        let finder = Finder::new(index);
        let url = Some(context.config.serve.public_url.as_str()).filter(|url| !url.is_empty());
        let known = finder.clone();
        let aliases = move |kind, name: &str| known.names().aliases(kind, name);
        Ok(Self {
            gatherer: Gatherer::new(context.open_store().await?, finder),
            selection: Selection { query, view, now: Timestamp::now() },
            publisher: Publisher::new(url.unwrap_or(Publisher::LOCAL))
                .with_aliases(Arc::new(aliases)),
        })
    }

    /// Writes the document and says how many items are in it.
    async fn write(
        &self,
        format: Format,
        limit: Option<usize>,
        out: &mut impl Write,
    ) -> anyhow::Result<usize> {
        if let Some(rows) = Rows::new(format, self.selection.view, &self.publisher) {
            return self.rows(rows, limit.unwrap_or(usize::MAX), out).await;
        }
        if format == Format::Opml {
            let sources =
                self.gatherer.sources(&self.selection, limit.unwrap_or(usize::MAX)).await?;
            let list: Vec<_> = sources.iter().map(opml::as_new).collect();
            out.write_all(opml::write(&self.title(), &list).as_bytes())?;
            return Ok(list.len());
        }
        let feed = self.feed(format, limit.unwrap_or(POSTS)).await?;
        let bytes = match format {
            Format::Rss => rss::write(&feed),
            Format::JsonFeed => json_feed::write(&feed),
            _ => atom::write(&feed),
        };
        out.write_all(&bytes)?;
        Ok(feed.posts.len())
    }

    async fn rows(
        &self,
        mut rows: Rows,
        limit: usize,
        out: &mut impl Write,
    ) -> anyhow::Result<usize> {
        let progress = Progress::start();
        let mut walk = self.gatherer.walk(self.selection.clone(), None);
        let mut written = 0;
        let mut bytes = Vec::new();
        rows.begin(&mut bytes);
        while written < limit {
            let Some(items) = walk.next().await? else { break };
            let items = &items[..items.len().min(limit - written)];
            items.iter().for_each(|item| rows.item(item, &mut bytes));
            out.write_all(&bytes).context("cannot write the export")?;
            bytes.clear();
            written += items.len();
            progress.written(written);
        }
        rows.end(&mut bytes);
        out.write_all(&bytes).context("cannot write the export")?;
        Ok(written)
    }

    async fn feed(&self, format: Format, limit: usize) -> anyhow::Result<Feed> {
        let part = self.gatherer.part(&self.selection, None, limit).await?;
        let base = &self.publisher.url;
        let Selection { query, view, .. } = &self.selection;
        let address = |path: &str| {
            let mut parts = url::form_urlencoded::Serializer::new(String::new());
            parts.append_pair("q", &query.to_string()).append_pair("view", view.as_str());
            format!("{base}{path}?{}", parts.finish())
        };
        let own = address(&format!("/search.{}", format.extension()));
        Ok(Feed {
            id: own.clone(),
            title: self.title(),
            description: "Found in the security newswire".to_owned(),
            self_url: own,
            home_url: address("/search"),
            next_url: None,
            posts: part.items.iter().map(|item| Post::of(item, base)).collect(),
        })
    }

    fn title(&self) -> String {
        let asked = self.selection.query.to_string();
        if asked.is_empty() { "siftwire".to_owned() } else { format!("{asked} · siftwire") }
    }
}
