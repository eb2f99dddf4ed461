//! Progress of a crawl: bars on a terminal, plain lines in a pipe. All on standard error.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::crawl::{CrawlObserver, Progress, SourceSummary};

/// The observer that suits where standard error goes.
pub(in crate::cli) fn observer() -> Box<dyn CrawlObserver> {
    if io::stderr().is_terminal() { Box::new(Bars::new()) } else { Box::new(Lines) }
}

/// One line for each source that is done, and for each entry that failed.
pub(super) struct Lines;

impl CrawlObserver for Lines {
    fn source_done(&self, source: &SourceSummary) {
        say(&line(source));
    }

    fn entry_failed(&self, url: &str, message: &str) {
        say(&format!("{url}: {message}"));
    }
}

/// A bar for sources and one for entries; errors scroll above them.
struct Bars {
    all: MultiProgress,
    sources: ProgressBar,
    entries: ProgressBar,
}

impl Bars {
    fn new() -> Self {
        let all = MultiProgress::new();
        let bar = |name: &'static str| {
            let bar = all.add(ProgressBar::new(0)).with_prefix(name);
            let template = "{prefix:>8} {bar:30} {pos}/{len} {msg}";
            bar.set_style(
                ProgressStyle::with_template(template)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        };
        let (sources, entries) = (bar("sources"), bar("articles"));
        Self { all, sources, entries }
    }
}

impl CrawlObserver for Bars {
    fn progress(&self, progress: &Progress) {
        self.sources.set_length(progress.sources_total);
        self.sources.set_position(progress.sources_done);
        self.entries.set_length(progress.entries_total);
        self.entries.set_position(progress.entries_done);
        if progress.errors > 0 {
            self.entries.set_message(format!("{} errors", progress.errors));
        }
    }

    fn source_done(&self, source: &SourceSummary) {
        if !source.is_well() {
            let _ = self.all.println(line(source));
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.sources.finish_and_clear();
        self.entries.finish_and_clear();
    }
}

fn line(source: &SourceSummary) -> String {
    match &source.health.error {
        Some(error) => format!("{}: {error}", source.url),
        None if source.unchanged => format!("{}: unchanged", source.url),
        None => format!("{}: {} new, {} changed", source.url, source.new, source.changed),
    }
}

/// Progress is no result: where nobody reads it, it is lost.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
