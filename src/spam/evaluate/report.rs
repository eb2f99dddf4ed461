use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::metrics::{Scored, auc, expected_calibration_error, recall_at};

/// Figures of a set of comments.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    pub comments: usize,
    pub spam: usize,
    /// Area under the ROC curve; none without both classes.
    pub auc: Option<f64>,
    /// Share of spam found when 0.1 % and 1 % of the genuine comments are lost.
    pub recall_at_01: Option<f64>,
    pub recall_at_1: Option<f64>,
    /// Expected calibration error.
    pub ece: f64,
    /// At the model's own thresholds: spam called spam, spam not called ham.
    pub spam_blocked: f64,
    pub spam_caught: f64,
    /// Genuine comments called spam, and called unsure.
    pub ham_blocked: f64,
    pub ham_held: f64,
}

impl Figures {
    fn of(scored: &[&Scored]) -> Figures {
        let spam = scored.iter().filter(|s| s.spam).count();
        let both = spam > 0 && spam < scored.len();
        let share = |is_spam: bool, wanted: &dyn Fn(&Scored) -> bool| {
            let all = scored.iter().filter(|s| s.spam == is_spam);
            let hits = all.clone().filter(|s| wanted(s)).count();
            hits as f64 / all.count().max(1) as f64
        };
        let blocked = |s: &Scored| s.probability >= s.thresholds.spam;
        let caught = |s: &Scored| s.probability >= s.thresholds.unsure;
        Figures {
            comments: scored.len(),
            spam,
            auc: auc(scored),
            recall_at_01: both.then(|| recall_at(scored, 0.001)),
            recall_at_1: both.then(|| recall_at(scored, 0.01)),
            ece: expected_calibration_error(scored),
            spam_blocked: share(true, &blocked),
            spam_caught: share(true, &caught),
            ham_blocked: share(false, &blocked),
            ham_held: share(false, &|s| caught(s) && !blocked(s)),
        }
    }
}

/// Figures of all comments, of each source and of each language.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub all: Figures,
    pub sources: BTreeMap<String, Figures>,
    pub languages: BTreeMap<String, Figures>,
}

impl Report {
    pub fn of(scored: &[Scored]) -> Report {
        let all: Vec<&Scored> = scored.iter().collect();
        Report {
            all: Figures::of(&all),
            sources: by(scored, |s| &s.source),
            languages: by(scored, |s| if s.lang.is_empty() { "unknown" } else { &s.lang }),
        }
    }
}

fn by(scored: &[Scored], key: impl Fn(&Scored) -> &str) -> BTreeMap<String, Figures> {
    let mut parts: BTreeMap<&str, Vec<&Scored>> = BTreeMap::new();
    for s in scored {
        parts.entry(key(s)).or_default().push(s);
    }
    parts.into_iter().map(|(name, part)| (name.to_owned(), Figures::of(&part))).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:22} {:>6} {:>6} {:>7} {:>6} {:>6} {:>6} | {:>7} {:>7} | {:>7} {:>7}",
            "",
            "all",
            "spam",
            "AUC",
            "R@0.1%",
            "R@1%",
            "ECE",
            "blocked",
            "caught",
            "ham: blk",
            "held"
        )?;
        line(f, "all", &self.all)?;
        for (name, figures) in self.sources.iter().chain(&self.languages) {
            line(f, name, figures)?;
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, figures: &Figures) -> fmt::Result {
    let or_dash = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.3}"));
    writeln!(
        f,
        "{name:22} {:>6} {:>6} {:>7} {:>6} {:>6} {:>6.3} | {:>7.3} {:>7.3} | {:>8.4} {:>7.4}",
        figures.comments,
        figures.spam,
        figures.auc.map_or("-".to_owned(), |v| format!("{v:.4}")),
        or_dash(figures.recall_at_01),
        or_dash(figures.recall_at_1),
        figures.ece,
        figures.spam_blocked,
        figures.spam_caught,
        figures.ham_blocked,
        figures.ham_held,
    )
}
