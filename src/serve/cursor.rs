//! Where the next part of a list begins.

use std::fmt;

use jiff::Timestamp;

use super::error::AppError;
use crate::domain::{ArticleId, ArticleSummary};

/// The last article shown, as `1764000000-42`: seconds and number. Opaque to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor(pub Timestamp, pub ArticleId);

impl Cursor {
    /// Reads what a link or an answer gave.
    pub(super) fn parse(name: &'static str, text: &str) -> Result<Self, AppError> {
        let bad = || AppError::Parameter {
            name,
            detail: "not a cursor; take it from the answer before".to_owned(),
        };
        let (seconds, id) = text.rsplit_once('-').ok_or_else(bad)?;
        let seconds = seconds.parse().map_err(|_| bad())?;
        let moment = Timestamp::from_second(seconds).map_err(|_| bad())?;
        let id = id.parse().map_err(|_| bad())?;
        Ok(Self(moment, ArticleId(id)))
    }

    /// Splits one article too many off a list: what to show, and where the next list begins.
    pub(super) fn page(
        mut articles: Vec<ArticleSummary>,
        size: usize,
    ) -> (Vec<ArticleSummary>, Option<String>) {
        let more = articles.len() > size;
        articles.truncate(size);
        let last = articles.last().filter(|_| more);
        let next = last.map(|article| Self(article.published, article.id).to_string());
        (articles, next)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.as_second(), self.1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_back_and_nonsense_is_refused() {
        for text in ["1764000000-42", "-5-1", "0-0"] {
            assert_eq!(Cursor::parse("before", text).expect(text).to_string(), text);
        }
        for text in ["", "-", "1764000000", "a-b", "99999999999999999-1", "1-2-x"] {
            assert!(Cursor::parse("before", text).is_err(), "{text}");
        }
    }
}
