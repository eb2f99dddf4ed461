//! Which comments a moderator asks for, in the address and back.

use serde::Deserialize;
use url::form_urlencoded;

use crate::{
    domain::{ArticleId, CheckedId, CommentState, Pseudonym, SiteId},
    serve::error::AppError,
    store::{QueueCursor, QueueFilter, QueueOrder},
};

/// The parameters of the queue. Empty ones are as good as none, since forms send those too.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Ask {
    pub state: String,
    pub site: String,
    pub reason: String,
    pub campaign: String,
    pub author: String,
    pub host: String,
    pub language: String,
    pub article: String,
    /// Words to search for.
    pub q: String,
    pub order: String,
    /// Where the page begins: number and score of the last comment of the page before.
    pub after: String,
    /// The comment in the middle.
    pub c: String,
}

/// Orders by the name they have in addresses, with words.
pub(super) const ORDERS: [(&str, &str); 3] =
    [("newest", "Newest"), ("oldest", "Oldest"), ("uncertain", "Least certain")];

impl Ask {
    /// The queue asked for; unsure comments where none is named.
    ///
    /// # Errors
    /// [`AppError::Parameter`] for a name that means nothing.
    pub fn state(&self) -> Result<CommentState, AppError> {
        match self.state.as_str() {
            "" => Ok(CommentState::Unsure),
            name => CommentState::from_name(name)
                .ok_or_else(|| bad("state", "write one of unsure, spam, approved, deleted")),
        }
    }

    /// What the store is asked for.
    ///
    /// # Errors
    /// [`AppError::Parameter`] for values that make no sense.
    pub fn filter(&self) -> Result<QueueFilter, AppError> {
        Ok(QueueFilter {
            site: number("site", &self.site)?.map(SiteId),
            state: Some(self.state()?),
            reason: text(&self.reason),
            campaign: text(&self.campaign)
                .map(|text| text.parse().map_err(|_| bad("campaign", "not a number")))
                .transpose()?,
            author: text(&self.author).map(|hex| pseudonym(&hex)).transpose()?,
            host: text(&self.host),
            language: text(&self.language),
            article: number("article", &self.article)?.map(ArticleId),
            text: text(&self.q),
            received: None,
        })
    }

    /// # Errors
    /// [`AppError::Parameter`] for an order that does not exist.
    pub fn order(&self) -> Result<QueueOrder, AppError> {
        match self.order.as_str() {
            "" | "newest" => Ok(QueueOrder::Newest),
            "oldest" => Ok(QueueOrder::Oldest),
            "uncertain" => Ok(QueueOrder::LeastCertain),
            _ => Err(bad("order", "write one of newest, oldest, uncertain")),
        }
    }

    /// # Errors
    /// [`AppError::Parameter`] for what no page gave.
    pub fn cursor(&self) -> Result<Option<QueueCursor>, AppError> {
        let Some(text) = text(&self.after) else { return Ok(None) };
        let parts = text.split_once('~').and_then(|(id, score)| {
            Some(QueueCursor { id: CheckedId(id.parse().ok()?), score: score.parse().ok()? })
        });
        let cursor = parts.filter(|cursor| cursor.score.is_finite());
        cursor.map(Some).ok_or_else(|| bad("after", "not a place in the queue"))
    }

    /// # Errors
    /// [`AppError::Parameter`] for what is no number.
    pub fn chosen(&self) -> Result<Option<CheckedId>, AppError> {
        Ok(number("c", &self.c)?.map(CheckedId))
    }

    /// Whether more than the queue itself is asked for.
    pub fn is_narrowed(&self) -> bool {
        let narrowing = [
            &self.site,
            &self.reason,
            &self.campaign,
            &self.author,
            &self.host,
            &self.language,
            &self.article,
            &self.q,
        ];
        narrowing.iter().any(|value| !value.trim().is_empty())
    }

    /// The list alone: without a comment chosen and from its beginning.
    pub fn list(&self) -> Self {
        Self { after: String::new(), c: String::new(), ..self.clone() }
    }

    /// The same page with a comment chosen.
    pub fn with_comment(&self, id: CheckedId) -> Self {
        Self { c: id.0.to_string(), ..self.clone() }
    }

    /// The page that begins behind a place.
    pub fn behind(&self, cursor: QueueCursor) -> Self {
        Self { after: format!("{}~{}", cursor.id.0, cursor.score), ..self.list() }
    }

    /// The parameters that are not empty, by name.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("state", self.state.as_str()),
            ("site", &self.site),
            ("reason", &self.reason),
            ("campaign", &self.campaign),
            ("author", &self.author),
            ("host", &self.host),
            ("language", &self.language),
            ("article", &self.article),
            ("q", &self.q),
            ("order", &self.order),
            ("after", &self.after),
            ("c", &self.c),
        ];
        all.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()
    }

    /// The address.
    pub fn href(&self) -> String {
        self.href_at("/moderation")
    }

    /// The address of the page that decides about all of the list.
    pub fn href_of_all(&self) -> String {
        self.href_at("/moderation/all")
    }

    fn href_at(&self, path: &str) -> String {
        let pairs = self.pairs();
        if pairs.is_empty() {
            return path.to_owned();
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("{path}?{query}")
    }
}

/// A digest in the address.
pub(super) fn hex(pseudonym: &Pseudonym) -> String {
    pseudonym.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pseudonym(hex: &str) -> Result<Pseudonym, AppError> {
    let fine = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = fine.then(|| u128::from_str_radix(hex, 16).ok()).flatten();
    number.map(u128::to_be_bytes).ok_or_else(|| bad("author", "not the digest of an author"))
}

fn text(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn number(name: &'static str, value: &str) -> Result<Option<i64>, AppError> {
    text(value).map(|text| text.parse().map_err(|_| bad(name, "not a number"))).transpose()
}

fn bad(name: &'static str, detail: &str) -> AppError {
    AppError::Parameter { name, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_back() {
        let ask = Ask {
            state: "spam".into(),
            author: hex(&[0xab; 16]),
            q: "a b&c".into(),
            ..Ask::default()
        };
        assert_eq!(
            ask.href(),
            "/moderation?state=spam&author=abababababababababababababababab&q=a+b%26c"
        );
        let filter = ask.filter().expect("a filter");
        assert_eq!(filter.author, Some([0xab; 16]));
        assert_eq!(filter.text.as_deref(), Some("a b&c"));
        let cursor = QueueCursor { id: CheckedId(7), score: 0.25 };
        assert_eq!(ask.behind(cursor).cursor().expect("a place"), Some(cursor));
    }

    #[test]
    fn nonsense_is_named() {
        let with = |change: fn(&mut Ask)| {
            let mut ask = Ask::default();
            change(&mut ask);
            ask.filter().is_err() || ask.order().is_err() || ask.cursor().is_err()
        };
        assert!(!with(|_| {}));
        assert!(with(|ask| ask.state = "gone".into()));
        assert!(with(|ask| ask.site = "x".into()));
        assert!(with(|ask| ask.author = "+b".into()));
        assert!(with(|ask| ask.campaign = "-1".into()));
        assert!(with(|ask| ask.after = "1~NaN".into()));
        assert!(with(|ask| ask.order = "size".into()));
    }
}
