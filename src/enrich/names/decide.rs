//! Which candidates name malware or an actor.

use std::collections::HashMap;

use super::{
    candidates::Candidate,
    features::Page,
    model::{Model, Score},
};

/// How much the mean over all places of a name counts against the place itself: a name has one sense in an article.
const SAME_NAME: f32 = 0.5;
/// For a listed name of five letters and more that is no ordinary word, in its own spelling.
const LISTED: f32 = 1.0;
/// For `UNC2452` and the like, which name nothing else.
const DESIGNATOR: f32 = 3.0;
/// For a name that looks like nothing else and is introduced as one: `dubbed QuillLocker`.
const INTRODUCED: f32 = 1.5;
/// A listed name that is also a word counts at all its places once one place is as clear as this ...
const CLEAR: f32 = 0.5;
/// ... unless a place speaks as clearly against it.
const AGAINST: f32 = -3.0;

/// The score of each candidate after all places of its name are weighed; above zero it names malware or an actor.
pub fn decide(page: &Page<'_>, candidates: &[Candidate], model: &Model) -> Vec<Score> {
    let scores: Vec<Score> = candidates.iter().map(|one| model.score(page, one)).collect();
    let names = by_name(page, candidates, &scores);
    let weigh = |(candidate, score): (&Candidate, &Score)| {
        let all = &names[page.reading.at(candidate.span).to_lowercase().as_str()];
        weighed(page, candidate, *score, all)
    };
    candidates.iter().zip(&scores).map(weigh).collect()
}

/// What the places of one name say together.
#[derive(Default)]
struct Places {
    count: f32,
    hostile: f32,
    actor: f32,
    clearest: f32,
}

fn by_name(page: &Page<'_>, candidates: &[Candidate], scores: &[Score]) -> HashMap<String, Places> {
    let mut names: HashMap<String, Places> = HashMap::new();
    for (candidate, score) in candidates.iter().zip(scores) {
        let name = page.reading.at(candidate.span).to_lowercase();
        let all = names.entry(name).or_insert(Places { clearest: f32::MIN, ..Places::default() });
        all.count += 1.0;
        all.hostile += score.hostile;
        all.actor += score.actor;
        all.clearest = all.clearest.max(score.hostile);
    }
    names
}

fn weighed(page: &Page<'_>, candidate: &Candidate, score: Score, all: &Places) -> Score {
    let mut hostile = (1.0 - SAME_NAME) * score.hostile + SAME_NAME * all.hostile / all.count;
    let mut actor = all.actor / all.count;
    if page.is_distinct(candidate) {
        hostile += LISTED;
    }
    if page.is_ambiguous(candidate) && all.clearest > CLEAR && score.hostile > AGAINST {
        hostile = hostile.max(f32::EPSILON);
    }
    if candidate.mention.is_none() && page.is_introduced(candidate) {
        hostile += INTRODUCED;
    }
    if page.is_designator(candidate) {
        hostile += DESIGNATOR;
        actor = actor.max(f32::EPSILON);
    }
    if page.is_own(candidate) {
        hostile = hostile.max(f32::EPSILON);
    }
    Score { hostile, actor }
}
