//! Sites, the comments checked for them, and what moderators decided.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ArticleId, CommentId, NamedSignal, Outcome, SourceId};

/// Number of a site in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteId(pub i64);

/// Number of a checked comment in the store. Later comments have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckedId(pub i64);

/// Number of a decision in the journal. Later decisions have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecisionId(pub i64);

/// A keyed digest of a mail address, a name or an IP address: the same for the same, and no way back.
pub type Pseudonym = [u8; 16];

/// A blog we moderate, or a source whose crawled comments we judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    pub id: SiteId,
    /// Address without trailing slash; identity of the site.
    pub url: String,
    pub name: String,
    /// The source whose comments are crawled; `None` for a blog that asks us.
    pub source: Option<SourceId>,
    pub created: Timestamp,
    pub policy: SitePolicy,
}

/// What a site wants done with its comments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SitePolicy {
    /// What the blog is told about a comment that is held here.
    pub unsure: UnsureAction,
    /// From this probability on a comment is held; `None` for the model's own threshold.
    pub unsure_from: Option<f32>,
    /// From this probability on a comment is spam; `None` for the model's own threshold.
    pub spam_from: Option<f32>,
    /// From this probability on the blog is told that it may discard; `None` for never.
    pub discard_from: Option<f32>,
    /// Allow rules are asked first, then block rules.
    pub rules: Vec<PolicyRule>,
    /// Comments of an author that must have been approved here before the author is trusted; 0 for never.
    pub trust_after: u32,
    /// Keep mail addresses as they are, not only hashed.
    pub keep_mail: bool,
    /// Keep IP addresses as they are, not only hashed.
    pub keep_ip: bool,
    /// Days until spam and deleted comments are removed; 0 for never.
    pub keep_days: u32,
}

impl Default for SitePolicy {
    fn default() -> Self {
        Self {
            unsure: UnsureAction::Hold,
            unsure_from: None,
            spam_from: None,
            discard_from: Some(0.998),
            rules: Vec::new(),
            trust_after: 3,
            keep_mail: false,
            keep_ip: false,
            keep_days: 90,
        }
    }
}

/// What a blog that knows only yes and no is told about an unsure comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnsureAction {
    /// Told "spam", never "discard": the blog keeps it in its own spam folder, we in the queue.
    #[default]
    Hold,
    /// Told "not spam": the blog publishes it, we keep it in the queue.
    Publish,
}

/// A rule of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRule {
    pub action: RuleAction,
    pub field: RuleField,
    /// What the field is compared with: a name, an address, a host (and those below it), a network such as
    /// `192.0.2.0/24`, a word or phrase, a language such as `de`.
    pub value: String,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleAction {
    Allow,
    Block,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleField {
    Author,
    Mail,
    Host,
    Network,
    Word,
    /// A blocked language holds a comment for the moderator; language alone is never spam.
    Language,
}

impl RuleField {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Mail => "mail",
            Self::Host => "host",
            Self::Network => "network",
            Self::Word => "word",
            Self::Language => "language",
        }
    }
}

/// Where a checked comment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommentState {
    /// Waits for a moderator.
    Unsure,
    Spam,
    Approved,
    Deleted,
}

impl CommentState {
    pub const ALL: [CommentState; 4] = [Self::Unsure, Self::Spam, Self::Approved, Self::Deleted];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsure => "unsure",
            Self::Spam => "spam",
            Self::Approved => "approved",
            Self::Deleted => "deleted",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Where a verdict puts a comment nobody decided on.
    pub fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Ham => Self::Approved,
            Outcome::Unsure => Self::Unsure,
            Outcome::Spam => Self::Spam,
        }
    }

    /// What a decision for this state teaches: spam, ham or nothing.
    pub fn label(self) -> Option<bool> {
        match self {
            Self::Spam => Some(true),
            Self::Approved => Some(false),
            Self::Unsure | Self::Deleted => None,
        }
    }
}

/// A comment that was checked for a site.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedComment {
    pub id: CheckedId,
    /// Ours; the same whenever the same content of the same site is checked again.
    pub guid: Uuid,
    pub site: SiteId,
    /// The crawled comment this is; `None` for one a blog asked about.
    pub crawled: Option<CommentId>,
    /// The article it stands under, where we have it.
    pub article: Option<ArticleId>,
    pub author: String,
    /// Digest of the author's mail address, or of the name where there is none.
    pub author_key: Option<Pseudonym>,
    /// Plain mail address, where the site's policy keeps it.
    pub mail: Option<String>,
    pub mail_key: Option<Pseudonym>,
    /// Plain IP address, where the site's policy keeps it.
    pub ip: Option<String>,
    pub ip_key: Option<Pseudonym>,
    pub author_url: String,
    /// Registrable host of the author's address or of the first link.
    pub host: Option<String>,
    /// `comment`, `trackback`, `signup` and so on, as the blog named it.
    pub kind: String,
    pub permalink: String,
    /// Title of the article, or what the blog gave as context.
    pub context: String,
    pub language: Option<String>,
    /// When the author wrote it, as the blog says.
    pub written: Option<Timestamp>,
    pub received: Timestamp,
    pub content: String,
    pub verdict: Outcome,
    /// Probability of spam.
    pub score: f32,
    pub signals: Vec<NamedSignal>,
    /// Fingerprint of the text; `None` for a short one.
    pub fingerprint: Option<u64>,
    /// Comments with nearly the same text share this.
    pub campaign: Option<u64>,
    pub state: CommentState,
    /// Rises with every change of state or content; a decision names the version it has seen.
    pub version: u32,
    /// The decision that put it into its state; `None` if the verdict did.
    pub decision: Option<DecisionId>,
}

/// A line of the journal. Lines are only added; undoing adds one too.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub id: DecisionId,
    pub site: SiteId,
    pub comment: CheckedId,
    pub at: Timestamp,
    /// Name of the moderator, or of the site that reported.
    pub actor: String,
    pub via: DecisionVia,
    pub from: CommentState,
    pub to: CommentState,
    /// In the moderator's words or from a list.
    pub reason: Option<String>,
    /// Decisions taken together share the number of the first.
    pub batch: DecisionId,
    /// The comment's version afterwards.
    pub version: u32,
    /// The decision that this one takes back.
    pub undoes: Option<DecisionId>,
    /// The decision that took this one back.
    pub undone_by: Option<DecisionId>,
}

/// How a decision came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionVia {
    /// The moderation pages.
    Page,
    /// The JSON API.
    Api,
    /// submit-spam or submit-ham of the Akismet API.
    Akismet,
    /// A comment export that was read in.
    Import,
}

impl DecisionVia {
    pub const ALL: [DecisionVia; 4] = [Self::Page, Self::Api, Self::Akismet, Self::Import];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::Akismet => "akismet",
            Self::Import => "import",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|via| via.as_str() == name)
    }
}
