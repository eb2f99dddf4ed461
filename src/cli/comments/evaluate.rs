use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::ValueEnum;

use super::train::read_labelled;
use crate::spam::{
    evaluate::{self, Report},
    train::{Corpus, Settings},
};

/// Arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Labelled comments: files, or folders of them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder of the model; the one that ships with siftwire if not given.
    #[arg(long, value_name = "DIR", conflicts_with = "method")]
    model: Option<PathBuf>,
    /// Train on part of the comments and measure on the rest, instead of measuring a model.
    #[arg(long, value_enum)]
    method: Option<Method>,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Method {
    /// Four parts by campaign, each measured with a model that saw the other three.
    CrossValidation,
    /// Each source measured with a model that saw the others.
    LeaveOneSourceOut,
}

/// Measures, per source and per language.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (comments, bad_lines) = read_labelled(&args.files)?;
    let settings = Settings::default();
    let corpus = Corpus::new(comments, settings.seed);
    let scored = match args.method {
        None => {
            let filter = super::filter(args.model.as_deref())?;
            let model =
                filter.model().context("no model could be loaded: name one with --model")?;
            evaluate::score(model, corpus.examples.iter().filter(|e| !e.made))
        }
        Some(Method::CrossValidation) => evaluate::cross_validate(&corpus.examples, &settings, 4)?,
        Some(Method::LeaveOneSourceOut) => {
            let mut all = Vec::new();
            for source in corpus.sources() {
                all.extend(evaluate::leave_out(&corpus.examples, &settings, source)?);
            }
            all
        }
    };
    let report = Report::of(&scored);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(if bad_lines == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
