//! Comments we keep, as JSON Lines or CSV: what [`open`](super::open) reads again, and training takes.

use std::io::{self, Write};

use serde::Serialize;

use super::{FileComment, State};
use crate::spam::Outcome;

/// A comment on its way out.
#[derive(Debug, Serialize)]
struct Row<'a> {
    id: &'a str,
    author: &'a str,
    author_email: &'a str,
    author_url: &'a str,
    user_ip: &'a str,
    date: &'a str,
    content: &'a str,
    context: &'a str,
    page: &'a str,
    kind: &'a str,
    /// Where the comment stands.
    state: &'static str,
    /// What a moderator said, `spam` or `ham`; empty where nobody decided.
    label: &'static str,
    verdict: Outcome,
    score: f32,
}

/// Writes comments in one format.
pub enum Exporter<W: Write> {
    Jsonl(W),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Exporter<W> {
    pub fn jsonl(out: W) -> Self {
        Self::Jsonl(out)
    }

    pub fn csv(out: W) -> Self {
        Self::Csv(Box::new(csv::Writer::from_writer(out)))
    }

    /// Writes one comment with the filter's verdict; `decided` if a moderator put it where it stands.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn add(
        &mut self,
        comment: &FileComment,
        decided: bool,
        verdict: Outcome,
        score: f32,
    ) -> io::Result<()> {
        let input = &comment.input;
        let label = match comment.state.label() {
            Some(Outcome::Spam) if decided => "spam",
            Some(_) if decided => "ham",
            _ => "",
        };
        let mut row = Row {
            id: &input.id,
            author: &input.author,
            author_email: &input.author_email,
            author_url: &input.author_url,
            user_ip: &input.user_ip,
            date: &input.date,
            content: &input.content,
            context: &input.context,
            page: &comment.page,
            kind: &comment.kind,
            state: state_word(comment.state),
            label,
            verdict,
            score,
        };
        match self {
            Self::Jsonl(out) => {
                serde_json::to_writer(&mut *out, &row)?;
                out.write_all(b"\n")
            }
            Self::Csv(out) => {
                let texts = [row.author, row.content, row.context].map(harmless);
                [row.author, row.content, row.context] = texts.each_ref().map(String::as_str);
                out.serialize(&row).map_err(io::Error::other)
            }
        }
    }

    /// Hands over what is still held back.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Jsonl(mut out) => out.flush(),
            Self::Csv(mut out) => out.flush(),
        }
    }
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Published => "approved",
        State::Waiting => "unsure",
        State::Spam => "spam",
        State::Deleted => "deleted",
        State::Unknown => "",
    }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    let quote = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("{quote}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        exchange::{Part, open},
        spam::CommentInput,
    };

    fn comment() -> FileComment {
        let input = CommentInput {
            id: "7".into(),
            author: "=cmd()".into(),
            content: "a, \"b\"\nc".into(),
            ..CommentInput::default()
        };
        FileComment { input, state: State::Spam, ..FileComment::default() }
    }

    fn read(bytes: Vec<u8>) -> FileComment {
        let parts = open(io::Cursor::new(bytes), None).unwrap().map(Result::unwrap);
        let mut comments = parts.filter_map(|part| match part {
            Part::Comment(record) => Some(record.comment),
            _ => None,
        });
        comments.next().unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut bytes = Vec::new();
        let mut exporter = Exporter::jsonl(&mut bytes);
        exporter.add(&comment(), true, Outcome::Spam, 0.5).unwrap();
        exporter.finish().unwrap();
        assert_eq!(read(bytes), comment());

        let mut bytes = Vec::new();
        let mut exporter = Exporter::csv(&mut bytes);
        exporter.add(&comment(), false, Outcome::Spam, 0.5).unwrap();
        exporter.finish().unwrap();
        let again = read(bytes);
        assert_eq!(again.input.author, "'=cmd()", "no formula for a spreadsheet");
        assert_eq!((again.input.content, again.state), (comment().input.content, State::Spam));
    }
}
