//! Disqus' XML export: threads first, then posts that name their thread.

use encoding_rs::{Encoding, UTF_8};

use super::{
    articles::Articles,
    record::{FileComment, Form, State},
    source::Adapter,
    xml::{Element, Watch},
};
use crate::spam::{CommentInput, Outcome};

/// Remembers threads by id.
#[derive(Debug, Default)]
pub(super) struct Disqus {
    threads: Articles,
}

impl Adapter for Disqus {
    const WATCH: &'static [Watch] =
        &[Watch::Whole("thread"), Watch::Whole("post"), Watch::Frame("disqus")];
    const FORM: Form = Form::Disqus;

    fn take(
        &mut self,
        name: &str,
        raw: &[u8],
        encoding: &'static Encoding,
    ) -> Result<Option<FileComment>, String> {
        let element = Element::parse(raw, encoding)?;
        if name == "thread" {
            self.threads.remember(element.get("@id"), element.get("title"), element.get("link"));
            return Ok(None);
        }
        Ok(Some(self.comment(&element)))
    }
}

impl Disqus {
    fn comment(&self, element: &Element) -> FileComment {
        let get = |path| element.get(path).to_owned();
        let (title, link) = self.threads.find(element.get("thread@id"));
        FileComment {
            input: CommentInput {
                id: get("@id"),
                author: get("author/name"),
                author_email: get("author/email"),
                author_url: get("author/link"),
                user_ip: get("ipAddress"),
                content: get("message"),
                date: get("createdAt"),
                context: title.to_owned(),
                ..CommentInput::default()
            },
            parent: get("parent@id"),
            page: link.to_owned(),
            kind: "comment".into(),
            state: state(element),
        }
    }
}

fn state(element: &Element) -> State {
    if is_true(element, "isDeleted") {
        State::Deleted
    } else if is_true(element, "isSpam") {
        State::Spam
    } else if element.get("isApproved").eq_ignore_ascii_case("false") {
        State::Waiting
    } else {
        State::Published
    }
}

fn is_true(element: &Element, path: &str) -> bool {
    let text = element.get(path);
    text.eq_ignore_ascii_case("true") || text == "1"
}

/// The element with `isSpam` set. Disqus' own files have no word for "hold": an unsure post keeps what it has, unless
/// the file says `isApproved`.
pub(super) fn decided(raw: &[u8], outcome: Outcome) -> Vec<u8> {
    let Ok(element) = Element::parse(raw, UTF_8) else { return raw.to_vec() };
    let approves = element.all("isApproved").next().is_some();
    let set = |raw: &[u8], path: &'static str, value: bool| match Element::parse(raw, UTF_8) {
        Ok(element)
            if is_true(&element, path) != value || element.get(path).is_empty() && value =>
        {
            element.with_text(raw, path, if value { "true" } else { "false" })
        }
        _ => raw.to_vec(),
    };
    match outcome {
        Outcome::Spam => set(raw, "isSpam", true),
        Outcome::Unsure if approves => set(&set(raw, "isSpam", false), "isApproved", false),
        Outcome::Unsure => raw.to_vec(),
        Outcome::Ham if approves => set(&set(raw, "isSpam", false), "isApproved", true),
        Outcome::Ham => set(raw, "isSpam", false),
    }
}
