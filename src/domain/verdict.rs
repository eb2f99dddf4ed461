use serde::{Deserialize, Serialize};

/// What is to be done with a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Publish.
    Ham,
    /// Hold for the moderator.
    Unsure,
    /// Block.
    Spam,
}

impl Outcome {
    pub const ALL: [Outcome; 3] = [Outcome::Ham, Outcome::Unsure, Outcome::Spam];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ham => "ham",
            Self::Unsure => "unsure",
            Self::Spam => "spam",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// One reason of a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedSignal {
    /// Stable name.
    pub name: String,
    /// What it adds to the score's log-odds; negative speaks for the comment.
    pub weight: f32,
    /// The signal in words, with the matched text.
    pub evidence: String,
}
