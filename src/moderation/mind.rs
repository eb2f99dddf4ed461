//! What a site has learnt from its moderators. Made from the journal, so that it can be made again at any
//! time: after a restart, and when a decision is taken back.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::learner::{Learner, Row};
use crate::{
    domain::{CheckedId, Pseudonym},
    spam::{CommentInput, Examined, Filter, Memory},
    store::Lesson,
};

/// The newest decisions a mind is made from.
pub(super) const LESSONS: u32 = 5_000;
/// Texts with fewer words are written by many people.
const OWN_WORDS: usize = 8;

/// What decisions taught one site.
#[derive(Default)]
pub(super) struct Mind {
    /// Texts that were decided, also recognised when numbers and addresses in them change.
    memory: Memory,
    /// Decided contents, word for word.
    exact: HashMap<u64, bool>,
    learner: Learner,
    /// Per author: comments approved by a moderator, and comments called spam.
    authors: HashMap<Pseudonym, [u32; 2]>,
    taught_by: HashSet<CheckedId>,
}

impl Mind {
    /// Learns all lessons, oldest first.
    pub fn of(lessons: &[Lesson], filter: &Filter) -> Self {
        let mut mind = Self::default();
        for lesson in lessons {
            mind.learn(lesson, filter);
        }
        mind
    }

    /// Learns one lesson. A comment whose decision changed must be unlearnt first, by making the mind anew.
    pub fn learn(&mut self, lesson: &Lesson, filter: &Filter) {
        let comment = &lesson.comment;
        self.taught_by.insert(comment.id);
        if let Some(author) = comment.author_key {
            self.authors.entry(author).or_default()[usize::from(lesson.spam)] += 1;
        }
        if let Some(print) = comment.fingerprint {
            self.memory.remember(print, lesson.spam);
        }
        // Expired comments have no words left to learn from.
        if comment.content.is_empty() {
            return;
        }
        let input = CommentInput {
            author: comment.author.clone(),
            author_email: comment.mail.clone().unwrap_or_default(),
            author_url: comment.author_url.clone(),
            content: comment.content.clone(),
            context: comment.context.clone(),
            ..CommentInput::default()
        };
        self.exact.insert(content_key(&input), lesson.spam);
        let text = comment.campaign.unwrap_or_else(|| xxh3_64(comment.content.as_bytes()));
        filter.examine(&input, &Memory::default(), |examined| {
            let row = row_of(&examined);
            self.learner.learn(&row, examined.verdict.log_odds, text, lesson.spam);
        });
    }

    /// Whether a decision on this comment is part of what was learnt.
    pub fn knows(&self, comment: CheckedId) -> bool {
        self.taught_by.contains(&comment)
    }

    /// Texts that were decided.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What was decided about this very content.
    pub fn decided(&self, input: &CommentInput) -> Option<bool> {
        if self.exact.is_empty() {
            return None;
        }
        self.exact.get(&content_key(input)).copied()
    }

    /// Comments of an author that moderators approved, if they called none spam.
    pub fn approved(&self, author: Option<Pseudonym>) -> u32 {
        match author.and_then(|author| self.authors.get(&author)) {
            Some([approved, 0]) => *approved,
            _ => 0,
        }
    }

    /// What the learner adds to the log-odds, and the named value that moves it most.
    pub fn correction(&self, examined: &Examined<'_>) -> (f32, Option<usize>) {
        let row = row_of(examined);
        let correction = self.learner.correction(&row);
        (correction, self.learner.strongest(&row, correction > 0.0))
    }

    /// Whether nothing was learnt, so that there is nothing to ask.
    pub fn is_blank(&self) -> bool {
        self.taught_by.is_empty()
    }
}

fn row_of(examined: &Examined<'_>) -> Row {
    Row::of(examined.values, &examined.analysis.view.text)
}

/// Names a content with the address it advertises. A short text belongs to its author too: the same three words
/// from somebody else are another comment.
fn content_key(input: &CommentInput) -> u64 {
    let mut hasher = Xxh3::new();
    let mut words = 0;
    for word in input.content.split_whitespace() {
        hasher.update(word.as_bytes());
        hasher.update(b" ");
        words += 1;
    }
    hasher.update(b"\0");
    hasher.update(input.author_url.trim().to_lowercase().as_bytes());
    if words < OWN_WORDS {
        hasher.update(b"\0");
        hasher.update(input.author.trim().to_lowercase().as_bytes());
    }
    hasher.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(author: &str, url: &str, content: &str) -> CommentInput {
        CommentInput {
            author: author.into(),
            author_url: url.into(),
            content: content.into(),
            ..CommentInput::default()
        }
    }

    #[test]
    fn a_content_is_known_by_its_words_and_its_address() {
        let long = "one two three four five six seven eight nine";
        let key = content_key(&input("a", "https://x.example", long));
        assert_eq!(key, content_key(&input("b", "https://X.example ", &long.replace(' ', "\n "))));
        assert_ne!(key, content_key(&input("a", "https://y.example", long)));
        let short = content_key(&input("a", "", "nice post"));
        assert_ne!(short, content_key(&input("b", "", "nice post")));
    }
}
