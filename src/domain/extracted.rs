use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ArticleKind;

/// What a page was found to hold. The output of `siftwire extract`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Extracted {
    pub title: Option<String>,
    pub authors: Vec<String>,
    pub published: Option<Timestamp>,
    pub modified: Option<Timestamp>,
    /// BCP 47 primary language, lower case.
    pub language: Option<String>,
    pub site_name: Option<String>,
    pub description: Option<String>,
    /// Absolute address of the lead picture.
    pub image: Option<String>,
    /// Absolute; the page's own claim where it is believable.
    pub canonical_url: Option<String>,
    pub tags: Vec<String>,
    pub kind: ArticleKind,
    /// Plain text, one block a line, paragraphs separated by a blank line.
    pub text: String,
    /// Sanitised HTML of the same content.
    pub html: String,
    /// In page order.
    pub comments: Vec<ExtractedComment>,
    /// `wordpress`, `blogger`, `discourse`, `drupal`, `disqus` ...
    pub comment_provider: Option<String>,
    /// 0 (a guess) to 1 (sure) that `text` is the article.
    pub confidence: f32,
}

/// A reader comment as found in a page or a comment feed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ExtractedComment {
    /// The page's own id of the comment, such as `comment-17`; made from the content where it has none.
    pub id: String,
    /// `id` of the comment this one answers.
    pub parent: Option<String>,
    pub author: Option<String>,
    pub author_url: Option<String>,
    pub published: Option<Timestamp>,
    /// Plain text.
    pub text: String,
}
