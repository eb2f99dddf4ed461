//! `siftwire doctor`: what is wrong with an installation, and what to do about it.

mod facts;
mod judge;

use std::{fmt::Write as _, process::ExitCode};

use clap::ValueEnum;
use jiff::Timestamp;
use serde::Serialize;

use super::{Context, print};

/// Arguments of `siftwire doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire doctor
  siftwire doctor --data /srv/siftwire --format ndjson | jq 'select(.verdict != \"ok\")'

Changes nothing. Exit code 1 if anything is a problem.")]
pub(super) struct Args {
    /// How to print the findings.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object per finding and line.
    Ndjson,
}

/// How a finding is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// Works, and could be better.
    Note,
    /// Does not work, or soon will not.
    Problem,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Problem => "problem",
        }
    }
}

/// One thing looked at.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Finding {
    verdict: Verdict,
    /// What was looked at.
    subject: &'static str,
    /// What was found.
    finding: String,
    /// What to do about it; empty where nothing need be done.
    #[serde(skip_serializing_if = "str::is_empty")]
    remedy: String,
}

/// Looks at everything and prints the findings.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let facts = facts::gather(context).await;
    let findings = judge::findings(&facts, &context.config, Timestamp::now());
    match args.format {
        Format::Text => print(&for_people(&findings))?,
        Format::Ndjson => print(&as_lines(&findings)?)?,
    }
    let healthy = findings.iter().all(|finding| finding.verdict != Verdict::Problem);
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn for_people(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { verdict, subject, finding, remedy } in findings {
        let _ = writeln!(text, "{:<8} {subject}: {finding}", verdict.word());
        if !remedy.is_empty() {
            let _ = writeln!(text, "{:<8} -> {remedy}", "");
        }
    }
    let count = |wanted| findings.iter().filter(|finding| finding.verdict == wanted).count();
    let _ = match (count(Verdict::Problem), count(Verdict::Note)) {
        (0, 0) => writeln!(text, "\neverything is well"),
        (problems, notes) => writeln!(text, "\nproblems: {problems}, notes: {notes}"),
    };
    text
}

fn as_lines(findings: &[Finding]) -> anyhow::Result<String> {
    let mut text = String::new();
    for finding in findings {
        text.push_str(&serde_json::to_string(finding)?);
        text.push('\n');
    }
    Ok(text)
}
