use std::{collections::BTreeMap, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::Context as _;

use super::{input, progress};
use crate::spam::{
    MODEL_FILE,
    train::{self, Corpus, Label, Labelled, Settings, card},
};

/// Arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder (or file) of labelled comments; may be given more than once.
    #[arg(long, required = true, value_name = "DIR")]
    corpus: Vec<PathBuf>,
    /// Folder the model and its card are written to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seed of everything that is drawn.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Factor on the cost of errors in a source, as `SOURCE=FACTOR`; may be given more than once.
    #[arg(long, value_name = "SOURCE=FACTOR", value_parser = source_weight)]
    weight: Vec<(String, f32)>,
    /// Source whose genuine comments set the thresholds; all of them if not given. May be given more than once.
    #[arg(long, value_name = "SOURCE")]
    threshold_source: Vec<String>,
}

fn source_weight(written: &str) -> Result<(String, f32), String> {
    let (source, factor) = written.split_once('=').ok_or("write SOURCE=FACTOR, as in chat=0.3")?;
    let factor: f32 = factor.parse().map_err(|_| format!("\"{factor}\" is not a number"))?;
    if !(0.0..=100.0).contains(&factor) || factor == 0.0 {
        return Err("the factor must be above 0 and at most 100".into());
    }
    Ok((source.to_owned(), factor))
}

/// Trains a model and writes it with its card. Lines without a readable label are reported and left out.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let start = Instant::now();
    let (comments, bad_lines) = read_labelled(&args.corpus)?;
    let settings = Settings {
        seed: args.seed,
        source_weights: args.weight.iter().cloned().collect(),
        threshold_sources: args.threshold_source.clone(),
        ..Settings::default()
    };
    let corpus = Corpus::new(comments, settings.seed);
    eprintln!(
        "training on {} comments, {} of them made by the augmenter",
        corpus.examples.len(),
        corpus.made()
    );
    let trained = train::fit(&corpus.all(), &settings, &corpus.digest)?;
    let bytes = trained.model.to_bytes()?;
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot create the folder {}", args.out.display()))?;
    let path = args.out.join(MODEL_FILE);
    std::fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    let command = command_line(args);
    let card = card::write(&corpus, &trained, &settings, &command);
    std::fs::write(args.out.join("README.md"), card).context("cannot write the model card")?;
    eprintln!(
        "{} ({:.1} MB) written after {:.0} s",
        path.display(),
        bytes.len() as f64 / 1e6,
        start.elapsed().as_secs_f64()
    );
    Ok(if bad_lines == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The command as it can be typed again.
fn command_line(args: &Args) -> String {
    let corpora = args.corpus.iter().map(|c| format!(" --corpus {}", c.display()));
    let weights: BTreeMap<_, _> = args.weight.iter().cloned().collect();
    let weights = weights.iter().map(|(source, factor)| format!(" --weight {source}={factor}"));
    let thresholds = args.threshold_source.iter().map(|s| format!(" --threshold-source {s}"));
    let options: String = corpora.chain(weights).chain(thresholds).collect();
    format!("siftwire comments train{options} --seed {} --out {}", args.seed, args.out.display())
}

/// Labelled comments of files and folders, and how many lines could not be read.
pub(super) fn read_labelled(paths: &[PathBuf]) -> anyhow::Result<(Vec<Labelled>, u64)> {
    let files = input::files(paths)?;
    if files.is_empty() {
        anyhow::bail!("no .jsonl or .csv file found: name a folder that holds labelled comments");
    }
    let bar = progress::counter("labelled comments read");
    let mut comments = Vec::new();
    let mut bad_lines = 0;
    for file in files {
        let name = file.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        input::read::<Labelled>(&file, |line, labelled| {
            match labelled {
                Ok(mut labelled) => {
                    if labelled.source.is_empty() {
                        labelled.source.clone_from(&name);
                    }
                    comments.push(labelled);
                }
                Err(reason) => {
                    bad_lines += 1;
                    bar.suspend(|| eprintln!("{}: line {line}: {reason}", file.display()));
                }
            }
            bar.inc(1);
            Ok(())
        })?;
    }
    bar.finish_and_clear();
    let spam = comments.iter().filter(|c| c.label == Label::Spam).count();
    eprintln!("{} labelled comments, {spam} of them spam", comments.len());
    Ok((comments, bad_lines))
}
