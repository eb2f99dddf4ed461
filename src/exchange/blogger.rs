//! Blogger's Atom files: posts and comments are entries alike. The classic backup marks comments by category and
//! holds them back as drafts; Takeout names type and status.

use encoding_rs::{Encoding, UTF_8};

use super::{
    articles::Articles,
    record::{FileComment, Form, State},
    source::Adapter,
    xml::{Element, Watch},
};
use crate::spam::{CommentInput, Outcome};

/// Remembers posts by id.
#[derive(Debug, Default)]
pub(super) struct Blogger {
    posts: Articles,
}

impl Adapter for Blogger {
    const WATCH: &'static [Watch] = &[Watch::Whole("entry"), Watch::Frame("feed")];
    const FORM: Form = Form::Blogger;

    fn take(
        &mut self,
        _name: &str,
        raw: &[u8],
        encoding: &'static Encoding,
    ) -> Result<Option<FileComment>, String> {
        let element = Element::parse(raw, encoding)?;
        if is_comment(&element) {
            return Ok(Some(self.comment(&element)));
        }
        let link = element.all("link@href").last().unwrap_or_default();
        let link = if link.is_empty() { element.get("filename") } else { link };
        self.posts.remember(element.get("id"), element.get("title"), link);
        Ok(None)
    }
}

fn is_comment(element: &Element) -> bool {
    element.get("type").eq_ignore_ascii_case("comment")
        || element.all("category@term").any(|term| term.ends_with("kind#comment"))
}

impl Blogger {
    fn comment(&self, element: &Element) -> FileComment {
        let get = |path| element.get(path).to_owned();
        let post = match element.get("in-reply-to@ref") {
            "" => element.get("parent"),
            post => post,
        };
        let (title, link) = self.posts.find(post);
        FileComment {
            input: CommentInput {
                id: get("id"),
                author: get("author/name"),
                author_email: author_email(element),
                author_url: get("author/uri"),
                content: get("content"),
                date: get("published"),
                context: title.to_owned(),
                ..CommentInput::default()
            },
            parent: get("inReplyTo"),
            page: link.to_owned(),
            kind: "comment".into(),
            state: state(element),
        }
    }
}

/// Blogger writes the same address for everyone who gave none.
fn author_email(element: &Element) -> String {
    let email = element.get("author/email");
    if email == "noreply@blogger.com" { String::new() } else { email.to_owned() }
}

fn state(element: &Element) -> State {
    if !element.get("trashed").is_empty() {
        return State::Deleted;
    }
    match element.get("status") {
        "" if element.get("control/draft").eq_ignore_ascii_case("yes") => State::Waiting,
        "" | "LIVE" => State::Published,
        status if status.contains("SPAM") => State::Spam,
        "EMPTIED" | "SOFT_TRASHED" | "DELETED" => State::Deleted,
        _ => State::Waiting,
    }
}

/// The entry with its status set, or where it has none, with the draft mark: the classic format has no word for
/// spam, so spam is held back as a draft too.
pub(super) fn decided(raw: &[u8], outcome: Outcome) -> Vec<u8> {
    let Ok(element) = Element::parse(raw, UTF_8) else { return raw.to_vec() };
    let has_status = element.all("status").next().is_some();
    let (word, says) = match outcome {
        Outcome::Ham => ("LIVE", State::Published),
        Outcome::Spam if has_status => ("SPAM", State::Spam),
        Outcome::Unsure | Outcome::Spam => ("PENDING", State::Waiting),
    };
    if state(&element) == says {
        return raw.to_vec();
    }
    if has_status {
        return element.with_text(raw, "status", word);
    }
    let draft = if outcome == Outcome::Ham { "no" } else { "yes" };
    if element.all("control/draft").next().is_some() {
        return element.with_text(raw, "control/draft", draft);
    }
    let control = format!(
        "<app:control xmlns:app=\"http://purl.org/atom/app#\"><app:draft>{draft}</app:draft></app:control>"
    );
    super::xml::with_markup(raw, &control)
}
