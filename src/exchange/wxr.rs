//! WordPress eXtended RSS: `<wp:comment>` inside `<item>`.

use encoding_rs::{Encoding, UTF_8};

use super::{
    record::{FileComment, Form, State},
    source::Adapter,
    xml::{Element, Watch},
};
use crate::spam::{CommentInput, Outcome};

/// Bytes of an article that are kept as context for its comments.
const CONTEXT: usize = 4 << 10;

/// Remembers the article that comments stand under.
#[derive(Debug, Default)]
pub(super) struct Wxr {
    title: String,
    link: String,
    text: String,
}

impl Adapter for Wxr {
    const WATCH: &'static [Watch] = &[
        Watch::Whole("comment"),
        Watch::Whole("title"),
        Watch::Whole("link"),
        Watch::Whole("encoded"),
        Watch::Start("item"),
        Watch::Frame("item"),
        Watch::Frame("channel"),
    ];
    const FORM: Form = Form::Wxr;

    fn take(
        &mut self,
        name: &str,
        raw: &[u8],
        encoding: &'static Encoding,
    ) -> Result<Option<FileComment>, String> {
        if name == "item" {
            *self = Self::default();
            return Ok(None);
        }
        let element = Element::parse(raw, encoding)?;
        match name {
            "title" => element.get("").clone_into(&mut self.title),
            "link" => element.get("").clone_into(&mut self.link),
            // The excerpt has the same local name and comes after the text.
            "encoded" if self.text.is_empty() => {
                let text = element.get("");
                self.text = text[..text.floor_char_boundary(CONTEXT)].to_owned();
            }
            "comment" => return Ok(Some(self.comment(&element))),
            _ => {}
        }
        Ok(None)
    }
}

impl Wxr {
    fn comment(&self, element: &Element) -> FileComment {
        let get = |path| element.get(path).to_owned();
        let date = match element.get("comment_date_gmt") {
            "" | "0000-00-00 00:00:00" => get("comment_date"),
            date => date.to_owned(),
        };
        FileComment {
            input: CommentInput {
                id: get("comment_id"),
                author: get("comment_author"),
                author_email: get("comment_author_email"),
                author_url: get("comment_author_url"),
                user_ip: get("comment_author_IP"),
                user_agent: get("comment_agent"),
                content: get("comment_content"),
                date,
                context: self.title.clone(),
                context_text: self.text.clone(),
            },
            parent: Some(get("comment_parent")).filter(|parent| parent != "0").unwrap_or_default(),
            page: self.link.clone(),
            kind: Some(get("comment_type"))
                .filter(|kind| !kind.is_empty())
                .unwrap_or("comment".into()),
            state: State::of_approval(element.get("comment_approved")),
        }
    }
}

/// The element with `comment_approved` set.
pub(super) fn decided(raw: &[u8], outcome: Outcome) -> Vec<u8> {
    let (approved, says) = match outcome {
        Outcome::Ham => ("1", State::Published),
        Outcome::Unsure => ("0", State::Waiting),
        Outcome::Spam => ("spam", State::Spam),
    };
    // Positions do not depend on the encoding, and the words are ASCII.
    match Element::parse(raw, UTF_8) {
        Ok(element) if State::of_approval(element.get("comment_approved")) != says => {
            element.with_text(raw, "comment_approved", approved)
        }
        _ => raw.to_vec(),
    }
}
