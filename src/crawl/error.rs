use thiserror::Error;

use super::{client::FetchError, robots_policy::Unreachable};
use crate::store::StoreError;

/// Why a source or an entry could not be read. `Display` is the sentence for people.
#[derive(Debug, Error)]
pub enum CrawlError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("robots.txt forbids this address ({rule}); leave it, or override it for this source")]
    Disallowed { rule: String },
    #[error("robots.txt could not be read, so nothing is fetched there for now: {}", .0.message)]
    RobotsUnreachable(Unreachable),
    #[error("{message}")]
    Unreadable { code: &'static str, message: String },
    #[error("this is not a page but {content_type}; nothing to do")]
    NotAPage { content_type: String },
    #[error("the address leads to the site's front page; the article may be gone")]
    LedHome,
    #[error("neither the page nor the feed has any text; nothing to do")]
    NoText,
    #[error("reading the answer crashed; please report the address to the makers of siftwire")]
    Crashed,
    #[error(
        "reading the answer took too long; please report the address to the makers of siftwire"
    )]
    TooSlow,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CrawlError {
    /// Stable kebab-case name, for the store, metrics and tests.
    pub fn code(&self) -> &str {
        match self {
            Self::Fetch(error) => error.code(),
            Self::Disallowed { .. } => "robots-disallowed",
            Self::RobotsUnreachable(reason) => &reason.code,
            Self::Unreadable { code, .. } => code,
            Self::NotAPage { .. } => "not-a-page",
            Self::LedHome => "redirected-home",
            Self::NoText => "no-text",
            Self::Crashed => "parser-crashed",
            Self::TooSlow => "parser-timeout",
            Self::Store(_) => "store-failed",
        }
    }

    /// The HTTP status, where there was an answer that failed.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Fetch(error) => error.status(),
            _ => None,
        }
    }

    /// The `Retry-After` header, where the answer had one.
    pub fn retry_after(&self) -> Option<&str> {
        match self {
            Self::Fetch(error) => error.retry_after(),
            _ => None,
        }
    }

    /// Whether asking again later can help.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_temporary(),
            Self::RobotsUnreachable(_) | Self::Store(_) => true,
            _ => false,
        }
    }
}
