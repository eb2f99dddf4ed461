//! `siftwire comments retrain`: a new model from what moderators decided, used only if it is better.

use std::{fs, path::Path, path::PathBuf, process::ExitCode};

use anyhow::Context as _;

use super::{filter_of, model_dir, train::read_labelled};
use crate::{
    cli::{self, Context},
    domain::CheckedComment,
    spam::{
        CommentInput, MODEL_FILE,
        evaluate::{self, Report, Scored},
        model::Model,
        train::{self, Corpus, Example, Label, Labelled, Settings, card},
    },
    store::Lesson,
};

/// Decisions that are learnt from; the newest.
const MAX_LESSONS: u32 = 200_000;
/// One in so many groups is for measuring. A group is always on the same side.
const TEST_SHARE: u64 = 5;
/// Test comments of each class without which nothing can be said.
const LEAST: usize = 25;
const JOURNAL: &str = "journal";

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The model is written to the data folder, where `serve` and `comments check` find it when they \
    start next.\nDelete the folder models/comments there to return to the model that ships with siftwire.\n
Examples:
  siftwire comments retrain --corpus corpus/
  siftwire comments retrain --corpus corpus/ --dry-run"
)]
pub(super) struct Args {
    /// Folder (or file) of labelled comments to learn from beside the journal; may be given more than once.
    #[arg(long, value_name = "DIR")]
    corpus: Vec<PathBuf>,
    /// Factor on the cost of errors in the journal.
    #[arg(long, default_value_t = 2.0, value_name = "FACTOR")]
    journal_weight: f32,
    /// Measure, and leave the model as it is.
    #[arg(long)]
    dry_run: bool,
}

/// Trains, measures and, if the new model is better, puts it in place.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store().await?;
    let lessons = store.lessons(None, MAX_LESSONS).await?;
    let data = context.config.data_dir.clone();
    tokio::task::spawn_blocking(move || retrain(&args, &data, &lessons)).await?
}

fn retrain(args: &Args, data: &Path, lessons: &[Lesson]) -> anyhow::Result<ExitCode> {
    let (mut comments, _) =
        if args.corpus.is_empty() { (Vec::new(), 0) } else { read_labelled(&args.corpus)? };
    comments.extend(lessons.iter().filter_map(labelled));
    eprintln!("{} decisions in the journal, {} comments in all", lessons.len(), comments.len());
    let settings = Settings {
        source_weights: [(JOURNAL.to_owned(), args.journal_weight)].into(),
        ..Settings::default()
    };
    let corpus = Corpus::new(comments, settings.seed);
    let is_test = |example: &&Example| example.group.is_multiple_of(TEST_SHARE);
    let test: Vec<&Example> =
        corpus.examples.iter().filter(|example| is_test(example) && !example.made).collect();
    let spam = test.iter().filter(|example| example.spam).count();
    if spam < LEAST || test.len() - spam < LEAST {
        anyhow::bail!(
            "too little to measure on: {spam} spam and {} genuine comments, at least {LEAST} of each are needed; \
             decide more comments, or add labelled ones with --corpus DIR",
            test.len() - spam
        );
    }
    let training: Vec<&Example> = corpus.examples.iter().filter(|e| !is_test(e)).collect();
    let trained = train::fit(&training, &settings, &corpus.digest)?;
    let champion = filter_of(data);
    let champion = champion.model().context("the current model cannot be used")?;
    let comparison = Comparison::of(champion, &trained.model, &test);
    cli::print(&comparison.table())?;
    if !comparison.is_better() {
        cli::print("The current model stays: the new one is not better.\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.dry_run {
        cli::print("The new model is better; nothing was written.\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = model_dir(data);
    let card = card::write(&corpus, &trained, &settings, "siftwire comments retrain");
    promote(&trained.model, &card, &folder)?;
    cli::print(&format!(
        "The new model is in {}; serve uses it from its next start.\n",
        folder.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn labelled(lesson: &Lesson) -> Option<Labelled> {
    let comment: &CheckedComment = &lesson.comment;
    // Expired: the words are gone.
    if comment.content.is_empty() {
        return None;
    }
    Some(Labelled {
        comment: CommentInput {
            id: comment.guid.to_string(),
            author: comment.author.clone(),
            author_url: comment.author_url.clone(),
            content: comment.content.clone(),
            context: comment.context.clone(),
            ..CommentInput::default()
        },
        label: if lesson.spam { Label::Spam } else { Label::Ham },
        source: JOURNAL.to_owned(),
        lang: comment.language.clone().unwrap_or_default(),
        near_dup_group: comment.campaign.map(|c| format!("{c:016x}")).unwrap_or_default(),
        thread: String::new(),
        spin: 0,
    })
}

/// Both models on the same comments, none of which the new one was trained on.
struct Comparison {
    champion: Measured,
    challenger: Measured,
}

struct Measured {
    comments: usize,
    spam: usize,
    log_loss: f64,
    auc: f64,
    /// Share of spam found when 1 % of the genuine comments are lost.
    recall: f64,
    /// At the model's own thresholds.
    spam_blocked: f64,
    ham_blocked: f64,
    ham_held: f64,
}

impl Comparison {
    fn of(champion: &Model, challenger: &Model, test: &[&Example]) -> Self {
        Self { champion: Measured::of(champion, test), challenger: Measured::of(challenger, test) }
    }

    /// Better is what is surer of the right answer, finds no less, and loses no more genuine comments.
    fn is_better(&self) -> bool {
        let (old, new) = (&self.champion, &self.challenger);
        new.log_loss < old.log_loss
            && new.recall >= old.recall
            && new.ham_blocked <= old.ham_blocked
    }

    fn table(&self) -> String {
        let line = |name: &str, read: &dyn Fn(&Measured) -> f64| {
            format!("{name:<40}{:>10.4}{:>10.4}\n", read(&self.champion), read(&self.challenger))
        };
        let mut table = format!(
            "On {} comments kept for measuring, {} of them spam:\n{:<40}{:>10}{:>10}\n",
            self.champion.comments, self.champion.spam, "", "current", "new"
        );
        table.push_str(&line("log loss (less is better)", &|m| m.log_loss));
        table.push_str(&line("AUC", &|m| m.auc));
        table.push_str(&line("spam found at 1 % of ham lost", &|m| m.recall));
        table.push_str(&line("spam called spam", &|m| m.spam_blocked));
        table.push_str(&line("genuine comments called spam", &|m| m.ham_blocked));
        table.push_str(&line("genuine comments held", &|m| m.ham_held));
        table
    }
}

impl Measured {
    fn of(model: &Model, test: &[&Example]) -> Self {
        let scored = evaluate::score(model, test.iter().copied());
        let figures = Report::of(&scored).all;
        Self {
            comments: figures.comments,
            spam: figures.spam,
            log_loss: log_loss(&scored),
            auc: figures.auc.unwrap_or_default(),
            recall: figures.recall_at_1.unwrap_or_default(),
            spam_blocked: figures.spam_blocked,
            ham_blocked: figures.ham_blocked,
            ham_held: figures.ham_held,
        }
    }
}

fn log_loss(scored: &[Scored]) -> f64 {
    let loss = |scored: &Scored| {
        let right = if scored.spam { scored.probability } else { 1.0 - scored.probability };
        -f64::from(right.max(1e-6)).ln()
    };
    scored.iter().map(loss).sum::<f64>() / scored.len().max(1) as f64
}

/// Writes the model beside the one in use and puts it in its place in one step; the earlier one is kept.
fn promote(model: &Model, card: &str, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    let file = folder.join(MODEL_FILE);
    let fresh = folder.join("model.new");
    fs::write(&fresh, model.to_bytes()?)
        .with_context(|| format!("cannot write {}", fresh.display()))?;
    if file.exists() {
        fs::copy(&file, folder.join("model.before")).context("cannot keep the earlier model")?;
    }
    fs::rename(&fresh, &file).with_context(|| format!("cannot replace {}", file.display()))?;
    fs::write(folder.join("README.md"), card).context("cannot write the model card")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(log_loss: f64, recall: f64, ham_blocked: f64) -> Measured {
        Measured {
            comments: 200,
            spam: 100,
            log_loss,
            auc: 0.9,
            recall,
            spam_blocked: 0.5,
            ham_blocked,
            ham_held: 0.1,
        }
    }

    #[test]
    fn only_what_is_better_in_every_way_takes_the_place() {
        let better = |challenger| {
            let champion = measured(0.3, 0.7, 0.01);
            Comparison { champion, challenger }.is_better()
        };
        assert!(better(measured(0.2, 0.7, 0.01)));
        assert!(!better(measured(0.3, 0.9, 0.0)), "no surer");
        assert!(!better(measured(0.2, 0.6, 0.0)), "finds less");
        assert!(!better(measured(0.2, 0.9, 0.02)), "loses more genuine comments");
    }
}
