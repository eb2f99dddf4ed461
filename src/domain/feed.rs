use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A feed after decoding and repair. The output of `siftwire parse-feed`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ParsedFeed {
    /// Plain text.
    pub title: Option<String>,
    /// The site the feed belongs to.
    pub link: Option<String>,
    pub language: Option<String>,
    pub entries: Vec<FeedEntry>,
    /// What had to be mended to read it, in plain words; empty for a sound feed.
    pub repairs: Vec<String>,
    /// Minutes the feed asks to be left alone (RSS `ttl`, `sy:updatePeriod`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_minutes: Option<u32>,
    /// WebSub hub, if the feed names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
    /// Where the feed says it lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_link: Option<String>,
    /// Next (older) page of a paged feed (RFC 5005, JSON Feed `next_url`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page: Option<String>,
}

/// One item of a feed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FeedEntry {
    /// The feed's own id, else the link, else a digest of the content: the same on every read.
    pub id: String,
    /// Plain text.
    pub title: Option<String>,
    /// Absolute address of the article.
    pub link: Option<String>,
    pub published: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// Sanitised HTML.
    pub summary: Option<String>,
    /// Sanitised HTML.
    pub content: Option<String>,
    pub authors: Vec<String>,
    pub categories: Vec<String>,
    pub enclosures: Vec<Enclosure>,
    /// Page with the comments.
    pub comments_url: Option<String>,
    /// Feed with the comments (`wfw:commentRss`, Atom `link rel=replies`).
    pub comments_feed: Option<String>,
    /// `slash:comments`, `thr:total`.
    pub comment_count: Option<u32>,
    /// What this item answers, in a comment feed (`thr:in-reply-to`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// The first author's own address, which comment feeds give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_url: Option<String>,
}

/// A file that comes with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Enclosure {
    pub url: String,
    #[serde(rename = "type")]
    pub media_type: Option<String>,
    /// Bytes, as the feed claims.
    pub length: Option<u64>,
}
