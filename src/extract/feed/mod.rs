//! Stand-in until the real reader arrives.
use url::Url;

use crate::domain::{ExtractedComment, FeedEntry, ParsedFeed};

#[derive(Debug, Clone, Default)]
pub struct FeedLimits {}

#[derive(Debug, thiserror::Error)]
#[error("not a feed: {0}")]
pub struct FeedError(String);

impl FeedError {
    pub fn code(&self) -> &'static str {
        "feed-unreadable"
    }
}

pub fn parse(
    bytes: &[u8],
    url: Option<&Url>,
    _content_type: Option<&str>,
    _limits: &FeedLimits,
) -> Result<ParsedFeed, FeedError> {
    let mut builder = feed_rs::parser::Builder::new();
    if let Some(url) = url {
        builder = builder.base_uri(Some(url.as_str()));
    }
    let feed = builder.build().parse(bytes).map_err(|error| FeedError(error.to_string()))?;
    macro_rules! time {
        ($date:expr) => {
            $date.and_then(|date| jiff::Timestamp::from_second(date.timestamp()).ok())
        };
    }
    Ok(ParsedFeed {
        title: feed.title.map(|title| title.content),
        entries: feed
            .entries
            .into_iter()
            .map(|entry| FeedEntry {
                id: entry.id,
                title: entry.title.map(|title| title.content),
                link: entry.links.first().map(|link| link.href.clone()),
                published: time!(entry.published),
                updated: time!(entry.updated),
                summary: entry.summary.map(|summary| summary.content),
                content: entry.content.and_then(|content| content.body),
                ..FeedEntry::default()
            })
            .collect(),
        ..ParsedFeed::default()
    })
}

pub fn comments_from_feed(_feed: &ParsedFeed) -> Vec<ExtractedComment> {
    Vec::new()
}
