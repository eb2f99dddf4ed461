//! The summary of a crawl as a table.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::{
    crawl::{SourceSummary, Summary},
    domain::HealthState,
};

const HEAD: [&str; 6] = ["source", "new", "changed", "articles", "next", "status"];
/// Columns that hold numbers or times, and stand to the right.
const RIGHT: [bool; 6] = [false, true, true, true, true, false];
const MAX_NAME: usize = 48;

/// The table, and a line with the totals.
pub(super) fn render(summary: &Summary, now: Timestamp) -> String {
    let mut text = String::new();
    if !summary.sources.is_empty() {
        let rows: Vec<_> = summary.sources.iter().map(|source| row(source, now)).collect();
        text.push_str(&table(&rows));
        text.push('\n');
    }
    text.push_str(&totals(summary));
    text
}

fn row(source: &SourceSummary, now: Timestamp) -> [String; 6] {
    [
        shortened(&source.url),
        source.new.to_string(),
        source.changed.to_string(),
        source.articles.to_string(),
        source.next_try().map_or("never".to_owned(), |next| span(next, now)),
        status(source),
    ]
}

fn status(source: &SourceSummary) -> String {
    let health = &source.health;
    if let Some(error) = &health.error {
        return format!("failed: {error}");
    }
    let mut words = match (health.state, source.unchanged) {
        (HealthState::Gone, _) => "gone".to_owned(),
        (_, true) => "unchanged".to_owned(),
        _ => "ok".to_owned(),
    };
    if !health.repairs.is_empty() {
        let _ = write!(words, ", repaired: {}", health.repairs.join("; "));
    }
    if source.entry_errors > 0 {
        let _ = write!(
            words,
            ", {} without article",
            counted(source.entry_errors.into(), "entry", "entries")
        );
    }
    words
}

fn totals(summary: &Summary) -> String {
    let mut line = format!(
        "{}: {} new, {} revised; {} in {:.1} s",
        counted(summary.sources.len() as u64, "source", "sources"),
        counted(summary.articles_new, "article", "articles"),
        summary.articles_revised,
        counted(summary.comments_new, "new comment", "new comments"),
        summary.elapsed.as_secs_f64(),
    );
    if summary.entries_postponed > 0 {
        let _ = write!(line, "; {} tried again later", summary.entries_postponed);
    }
    if summary.entries_failed > 0 {
        let _ = write!(line, "; {} given up", summary.entries_failed);
    }
    if summary.interrupted {
        line.push_str("; interrupted");
    }
    line.push('\n');
    line
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn span(time: Timestamp, now: Timestamp) -> String {
    let minutes = (time.as_second() - now.as_second()).max(0) / 60;
    match minutes {
        0 => "now".to_owned(),
        1..120 => format!("{minutes} min"),
        _ => format!("{} h", minutes / 60),
    }
}

fn shortened(url: &str) -> String {
    let plain = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    if plain.chars().count() <= MAX_NAME {
        return plain.to_owned();
    }
    plain.chars().take(MAX_NAME - 1).chain(['…']).collect()
}

fn table(rows: &[[String; 6]]) -> String {
    let head = HEAD.map(str::to_owned);
    let lines = || std::iter::once(&head).chain(rows);
    let widths: [usize; 6] = std::array::from_fn(|column| {
        lines().map(|line| line[column].chars().count()).max().unwrap_or(0)
    });
    let mut text = String::new();
    for line in lines() {
        let mut out = String::new();
        for (column, cell) in line.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            let (before, after) =
                if RIGHT[column] { (pad.as_str(), "") } else { ("", pad.as_str()) };
            let _ = write!(out, "{before}{cell}{after}  ");
        }
        text.push_str(out.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{Health, SourceId};

    fn line(url: &str, health: Health) -> SourceSummary {
        SourceSummary {
            id: SourceId(1),
            url: url.to_owned(),
            title: String::new(),
            unchanged: false,
            new: 0,
            changed: 0,
            articles: 0,
            entry_errors: 0,
            health,
        }
    }

    #[test]
    fn the_summary_is_a_table_with_totals() {
        let now = Timestamp::UNIX_EPOCH;
        let next = Timestamp::from_second(5_400).ok();
        let well = Health { next_try: next, ..Health::default() };
        let broken = Health {
            error: Some("the server answered 404: check it".to_owned()),
            error_code: Some("http-error".to_owned()),
            ..Health::default()
        };
        let repaired = Health { repairs: vec!["date zone CEST".to_owned()], ..well.clone() };
        let summary = Summary {
            sources: vec![
                SourceSummary {
                    new: 12,
                    articles: 12,
                    ..line("https://ex.org/feed.xml", well.clone())
                },
                SourceSummary { unchanged: true, ..line("https://b.ex.org/", well) },
                SourceSummary {
                    changed: 1,
                    articles: 1,
                    entry_errors: 1,
                    ..line("https://c.ex.org/a", repaired)
                },
                line(&format!("https://d.ex.org/{}", "x".repeat(60)), broken),
            ],
            articles_new: 12,
            articles_revised: 1,
            comments_new: 1,
            entries_failed: 1,
            elapsed: Duration::from_millis(1_500),
            ..Summary::default()
        };
        insta::assert_snapshot!(render(&summary, now));
    }

    #[test]
    fn nothing_due_is_one_line() {
        assert_eq!(
            render(&Summary::default(), Timestamp::UNIX_EPOCH),
            "0 sources: 0 articles new, 0 revised; 0 new comments in 0.0 s\n"
        );
    }
}
