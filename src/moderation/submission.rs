use jiff::Timestamp;

use crate::{
    domain::{ArticleId, CommentId},
    spam::CommentInput,
};

/// Longest texts that are kept, in bytes. What is longer is cut, and judged by what is kept.
const MAX_FIELD: usize = 1_000;
const MAX_CONTENT: usize = 64 << 10;
const MAX_CONTEXT: usize = 4_000;

/// A comment as it comes in, with what the site says about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Submission {
    /// The comment, its author and the article it answers.
    pub input: CommentInput,
    /// `comment`, `trackback`, `signup` and so on.
    pub kind: String,
    pub permalink: String,
    /// The language the site is written in, as an ISO 639-1 code.
    pub site_language: Option<String>,
    pub written: Option<Timestamp>,
    /// Somebody who runs the site wrote it.
    pub by_administrator: bool,
    /// A field that people do not see was filled in.
    pub honeypot_filled: bool,
    /// Answered like any other, but neither stored nor counted.
    pub is_test: bool,
    /// The site asks again about a comment it asked about before: not counted a second time.
    pub is_recheck: bool,
    /// The crawled comment this is.
    pub crawled: Option<(CommentId, ArticleId)>,
}

impl Submission {
    /// The same with every field within its limit and without characters no text needs.
    pub(super) fn limited(mut self) -> Self {
        let input = &mut self.input;
        for field in [
            &mut input.author,
            &mut input.author_email,
            &mut input.author_url,
            &mut input.user_ip,
            &mut input.user_agent,
            &mut self.kind,
            &mut self.permalink,
        ] {
            limit(field, MAX_FIELD);
        }
        limit(&mut input.content, MAX_CONTENT);
        limit(&mut input.context, MAX_FIELD);
        limit(&mut input.context_text, MAX_CONTEXT);
        self
    }
}

fn limit(field: &mut String, bytes: usize) {
    if field.contains('\0') {
        field.retain(|letter| letter != '\0');
    }
    field.truncate(field.floor_char_boundary(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_cut_between_letters() {
        let input = CommentInput {
            author: "ü".repeat(MAX_FIELD),
            content: "a\0b".into(),
            ..CommentInput::default()
        };
        let limited = Submission { input, ..Submission::default() }.limited();
        assert_eq!(limited.input.author, "ü".repeat(MAX_FIELD / 2));
        assert_eq!(limited.input.content, "ab");
    }
}
