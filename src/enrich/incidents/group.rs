use serde::{Deserialize, Serialize};

use super::{
    Signature,
    facts::{self, Fact},
    terms::keep_heaviest,
    words::Term,
};
use crate::domain::{Attack, EntityKind};

/// Words kept of an incident.
const MOST_WORDS: usize = 512;
/// Articles of which the words are kept apart.
const MOST_TOLD: usize = 4;
/// Facts kept of an incident.
const MOST_FACTS: usize = 160;
/// Numbers and indicators kept of an incident.
const MOST_MARKS: usize = 256;

/// What is known of an incident: its articles' signatures, added up. Rebuilt from them when one leaves.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Group {
    pub(super) articles: u32,
    /// Articles about security.
    pub(super) secure: u32,
    /// Seconds since 1970.
    pub(super) first: i64,
    pub(super) last: i64,
    /// Sums of the articles' unit vectors, ascending by hash.
    pub(super) words: Vec<Term>,
    pub(super) title: Vec<Term>,
    pub(super) names: Vec<Term>,
    /// Words of the first article and of the latest ones, each of unit length.
    pub(super) told: Vec<Vec<Term>>,
    pub(super) numbers: Vec<u32>,
    pub(super) years: Vec<u16>,
    pub(super) indicators: Vec<u32>,
    pub(super) facts: Vec<GroupFact>,
    /// Articles per attack, in the order of [`Attack::ALL`].
    pub(super) attacks: Vec<u16>,
    pub(super) languages: Vec<String>,
}

/// A fact with how much of the coverage states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct GroupFact {
    /// As stated most prominently.
    pub fact: Fact,
    /// Sum of the salience over the articles.
    pub salience: f32,
    pub articles: u32,
}

impl Group {
    /// The group of these articles, in this order.
    pub fn of<'a>(members: impl IntoIterator<Item = &'a Signature>) -> Group {
        let mut group = Group::default();
        members.into_iter().for_each(|member| group.add(member));
        group
    }

    /// Adds an article.
    pub fn add(&mut self, article: &Signature) {
        if self.articles == 0 {
            (self.first, self.last) = (article.published, article.published);
        }
        self.articles += 1;
        self.secure += u32::from(article.security);
        self.first = self.first.min(article.published);
        self.last = self.last.max(article.published);
        add_terms(&mut self.words, &article.words);
        if self.told.len() == MOST_TOLD {
            self.told.remove(1);
        }
        self.told.push(article.words.clone());
        add_terms(&mut self.title, &article.title);
        add_terms(&mut self.names, &article.names);
        add_marks(&mut self.numbers, &article.numbers);
        add_marks(&mut self.indicators, &article.indicators);
        add_marks(&mut self.years, &article.years);
        article.facts.iter().for_each(|fact| self.add_fact(fact));
        self.attacks.resize(Attack::ALL.len(), 0);
        for (at, count) in self.attacks.iter_mut().enumerate() {
            *count = count.saturating_add(u16::from(article.attacks & (1 << at) != 0));
        }
        if let Some(language) = &article.language
            && !self.languages.contains(language)
        {
            self.languages.push(language.clone());
        }
    }

    /// How many articles it has.
    pub fn articles(&self) -> u32 {
        self.articles
    }

    pub(super) fn facts_of(&self, kind: EntityKind) -> impl Iterator<Item = &GroupFact> {
        self.facts.iter().filter(move |one| one.fact.kind == kind)
    }

    fn add_fact(&mut self, fact: &Fact) {
        let known = self
            .facts
            .iter()
            .position(|known| known.fact.kind == fact.kind && facts::same(&known.fact, fact));
        let Some(at) = known else {
            if self.facts.len() < MOST_FACTS {
                let (fact, salience) = (fact.clone(), fact.salience);
                self.facts.push(GroupFact { fact, salience, articles: 1 });
            }
            return;
        };
        let known = &mut self.facts[at];
        known.salience += fact.salience;
        known.articles += 1;
        if fact.words.len() > known.fact.words.len() {
            known.fact = fact.clone();
        }
    }
}

fn add_terms(sum: &mut Vec<Term>, terms: &[Term]) {
    for term in terms {
        match sum.binary_search_by_key(&term.hash, |one| one.hash) {
            Ok(at) => sum[at].weight += term.weight,
            Err(at) => sum.insert(at, *term),
        }
    }
    if sum.len() > MOST_WORDS {
        keep_heaviest(sum, MOST_WORDS);
    }
}

fn add_marks<T: Ord + Copy>(marks: &mut Vec<T>, more: &[T]) {
    for mark in more {
        if let Err(at) = marks.binary_search(mark)
            && marks.len() < MOST_MARKS
        {
            marks.insert(at, *mark);
        }
    }
}
