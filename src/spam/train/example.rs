//! Labelled comments, and what is kept of them for training.

use serde::Deserialize;

use crate::spam::{
    CommentInput,
    analysis::Analysis,
    memory::fingerprint,
    ngrams::{Features, Ngrams},
    signals::{self, Values},
};

/// A comment with the label somebody gave it.
#[derive(Debug, Clone, Deserialize)]
pub struct Labelled {
    #[serde(flatten)]
    pub comment: CommentInput,
    pub label: Label,
    /// Where it comes from; comments of one source share habits.
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub lang: String,
    /// Members of one campaign share it, and never stand on both sides of a split.
    #[serde(default)]
    pub near_dup_group: String,
    /// Comments under one article share it.
    #[serde(default)]
    pub thread: String,
    /// How many expansions of the `{one|other}` choices in the content to train on.
    #[serde(default)]
    pub spin: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    Spam,
    Ham,
}

impl Labelled {
    /// What must stay on one side of a split.
    pub fn group(&self) -> String {
        let own = [&self.near_dup_group, &self.thread, &self.comment.id];
        let key = own
            .into_iter()
            .find(|key| !key.is_empty())
            .map_or(self.comment.content.as_str(), |k| k);
        format!("{}/{key}", if self.near_dup_group.is_empty() { &self.source } else { "" })
    }
}

/// A labelled comment as numbers.
#[derive(Debug, Clone)]
pub struct Example {
    pub id: String,
    pub source: String,
    pub lang: String,
    /// Hash of the group.
    pub group: u64,
    pub spam: bool,
    /// Made from another comment; trained on, never measured.
    pub made: bool,
    /// SimHash of the text, if it is long enough to be remembered.
    pub fingerprint: Option<u64>,
    pub features: Features,
    pub values: Values,
}

/// Reads comments into numbers with buffers of its own.
#[derive(Debug, Default)]
pub struct Reader {
    analysis: Analysis,
    ngrams: Ngrams,
}

impl Reader {
    pub fn read(&mut self, labelled: &Labelled, made: bool) -> Example {
        self.analysis.read(&labelled.comment);
        let mut features = Features::default();
        self.ngrams.read(&self.analysis, &mut features);
        Example {
            id: labelled.comment.id.clone(),
            source: labelled.source.clone(),
            lang: labelled.lang.clone(),
            group: xxhash_rust::xxh3::xxh3_64(labelled.group().as_bytes()),
            spam: labelled.label == Label::Spam,
            made,
            fingerprint: fingerprint(&self.analysis.view.text),
            features,
            values: signals::measure(&labelled.comment, &self.analysis),
        }
    }
}
