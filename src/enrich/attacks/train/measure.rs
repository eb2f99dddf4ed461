//! How well attacks are told, on articles that were not trained on.

use rayon::prelude::*;

use super::{
    Corpus, Example, TrainError,
    corpora::{CASIE_TYPES, VERIS_ACTIONS, hackmageddon_class},
    fold_of, place, train,
};
use crate::{
    domain::Attack,
    enrich::attacks::{Scores, model::Model},
};

const FOLDS: usize = 4;

/// Figures of one kind of tag: how many were given, how many should have been, how many were right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub given: u32,
    pub wanted: u32,
    pub right: u32,
}

impl Counts {
    pub fn f1(self) -> f64 {
        2.0 * f64::from(self.right) / f64::from((self.given + self.wanted).max(1))
    }

    fn count(&mut self, given: bool, wanted: bool) {
        self.given += u32::from(given);
        self.wanted += u32::from(wanted);
        self.right += u32::from(given && wanted);
    }

    fn add(&mut self, other: Counts) {
        self.given += other.given;
        self.wanted += other.wanted;
        self.right += other.right;
    }
}

/// What the sets measure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Each event type of CASIE, and all together.
    pub casie: Vec<(&'static str, Counts)>,
    /// Each VERIS action, and all together.
    pub vcdb: Vec<(&'static str, Counts)>,
    /// Hackmageddon's rows with the right class, and all.
    pub hackmageddon: (u32, u32),
    /// Each tag of the newsroom, and all together.
    pub newsroom: Vec<(&'static str, Counts)>,
    /// Newsroom articles with the right main attack, and all that have one.
    pub newsroom_main: (u32, u32),
}

/// Judges each example by a model that saw none of its group, calibration and thresholds included.
pub fn cross_validate(examples: &[Example]) -> Result<Figures, TrainError> {
    let judged: Vec<Vec<Judged>> = (0..FOLDS)
        .into_par_iter()
        .map(|fold| {
            // Another fold than the one inside training.
            let held = |example: &&Example| fold_of(example.group.rotate_left(32), FOLDS) == fold;
            let (test, rest): (Vec<&Example>, Vec<&Example>) = examples.iter().partition(held);
            let model = train(&rest)?;
            Ok(test.into_iter().map(|example| Judged::of(example, &model)).collect())
        })
        .collect::<Result<_, TrainError>>()?;
    Ok(figures(&judged.concat()))
}

/// Judges examples by a model that may have seen them.
pub fn measure(examples: &[Example], model: &Model) -> Figures {
    let judged: Vec<Judged> = examples.iter().map(|example| Judged::of(example, model)).collect();
    figures(&judged)
}

#[derive(Clone)]
struct Judged<'a> {
    example: &'a Example,
    tags: Vec<Attack>,
    main: Option<Attack>,
}

impl Judged<'_> {
    fn of<'a>(example: &'a Example, model: &Model) -> Judged<'a> {
        let scores: Scores = model.scores(&example.features);
        let tags: Vec<Attack> = Attack::ALL
            .into_iter()
            .filter(|attack| model.is_tag(*attack, example.features.form, &scores))
            .collect();
        let main = model.main(&example.features, &scores);
        Judged { example, tags, main }
    }

    fn label(&self, attack: Attack) -> Option<bool> {
        self.example.labels[place(attack)]
    }
}

fn figures(judged: &[Judged]) -> Figures {
    let of = |corpus| judged.iter().filter(move |one: &&Judged| one.example.corpus == corpus);
    let casie = CASIE_TYPES.map(|(name, attack)| {
        let mut counts = Counts::default();
        for one in of(Corpus::Casie) {
            counts.count(one.tags.contains(&attack), one.label(attack) == Some(true));
        }
        (name, counts)
    });
    let vcdb = VERIS_ACTIONS.map(|(action, attacks)| {
        let mut counts = Counts::default();
        for one in of(Corpus::Vcdb).filter(|one| one.label(Attack::Intrusion).is_some()) {
            let given = attacks.iter().any(|attack| one.tags.contains(attack));
            counts.count(given, one.example.veris.contains(&action));
        }
        (action, counts)
    });
    let newsroom = Attack::ALL.map(|attack| {
        let mut counts = Counts::default();
        for one in of(Corpus::Newsroom) {
            counts.count(one.tags.contains(&attack), one.label(attack) == Some(true));
        }
        (attack.as_str(), counts)
    });
    let class = |one: &&Judged| hackmageddon_class(one.main) == one.example.class;
    let with_main = || of(Corpus::Newsroom).filter(|one| !one.example.main.is_empty());
    Figures {
        casie: with_total(casie.to_vec()),
        vcdb: with_total(vcdb.to_vec()),
        hackmageddon: (
            of(Corpus::Hackmageddon).filter(class).count() as u32,
            of(Corpus::Hackmageddon).count() as u32,
        ),
        newsroom: with_total(newsroom.to_vec()),
        newsroom_main: (
            with_main().filter(|one| one.main == one.example.main.first().copied()).count() as u32,
            with_main().count() as u32,
        ),
    }
}

fn with_total(mut rows: Vec<(&'static str, Counts)>) -> Vec<(&'static str, Counts)> {
    let mut total = Counts::default();
    for (_, counts) in &rows {
        total.add(*counts);
    }
    rows.push(("all", total));
    rows
}
