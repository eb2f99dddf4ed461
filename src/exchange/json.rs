//! JSON Lines, and Remark42's backup, which is JSON Lines in words of its own.

use std::io::{self, Read};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};

use super::{
    lines::{Cut, Fault, Line, Lines},
    record::{Damage, FileComment, Form, Part, Record, State},
    source::Parts,
};
use crate::spam::{CommentInput, Outcome, Verdict};

/// Lines of JSON to comments.
pub(super) struct JsonParts<R> {
    lines: Lines<R>,
    form: Form,
}

impl<R: Read> JsonParts<R> {
    pub fn new(source: R, form: Form) -> Self {
        Self { lines: Lines::new(source, Cut::Line), form }
    }
}

impl<R: Read + Send> Parts for JsonParts<R> {
    fn next(&mut self) -> io::Result<Option<Part>> {
        Ok(self.lines.next()?.map(|line| part(line, self.form)))
    }
}

fn part(line: Line, form: Form) -> Part {
    let Line { raw, place, fault } = line;
    let damaged = |raw, reason: &str| Part::Damaged(Damage { place, reason: reason.into(), raw });
    match fault {
        Some(Fault::Rest) => return Part::Verbatim(raw),
        Some(_) => return damaged(raw, "the line is longer than 16 MiB"),
        None => {}
    }
    // Comments come in every encoding there is; broken bytes are no reason to leave one unread.
    let text = String::from_utf8_lossy(&raw);
    let text = text.trim_start_matches('\u{FEFF}').trim();
    if text.is_empty() {
        return Part::Verbatim(raw);
    }
    let read = match form {
        Form::Remark42 => remark42(text),
        _ => plain(text).map(Some),
    };
    match read {
        Ok(None) => Part::Verbatim(raw),
        Ok(Some(comment)) => Part::Comment(Box::new(Record { comment, place, raw, form })),
        // The line is ours to name; the parser counts from its own first.
        Err(error) => damaged(raw, &error.to_string().replace(" at line 1 column", ", column")),
    }
}

/// What a line may say besides what the filter looks at.
#[derive(Deserialize)]
struct Extra {
    #[serde(default)]
    label: Value,
    #[serde(default)]
    state: Value,
    #[serde(default)]
    parent: Value,
    #[serde(default, alias = "permalink")]
    page: Value,
    #[serde(default, alias = "comment_type")]
    kind: Value,
}

fn plain(text: &str) -> serde_json::Result<FileComment> {
    let input: CommentInput = serde_json::from_str(text)?;
    let extra: Extra = serde_json::from_str(text)?;
    let state = match State::of_label(&shown(extra.label)) {
        State::Unknown => State::of_approval(&shown(extra.state)),
        labelled => labelled,
    };
    Ok(FileComment {
        state,
        input,
        parent: shown(extra.parent),
        page: shown(extra.page),
        kind: shown(extra.kind),
    })
}

fn shown(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[derive(Deserialize)]
struct Remark {
    id: String,
    #[serde(default)]
    pid: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    user: RemarkUser,
    #[serde(default)]
    locator: Locator,
    #[serde(default)]
    time: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    delete: bool,
}

/// `ip` is a digest of the address, and so no address.
#[derive(Deserialize, Default)]
struct RemarkUser {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize, Default)]
struct Locator {
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "users")]
    _users: IgnoredAny,
    #[serde(rename = "posts")]
    _posts: IgnoredAny,
}

/// A comment, or `None` for the line about users and posts.
fn remark42(text: &str) -> serde_json::Result<Option<FileComment>> {
    let remark: Remark = match serde_json::from_str(text) {
        Ok(remark) => remark,
        Err(_) if serde_json::from_str::<Meta>(text).is_ok() => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(FileComment {
        input: CommentInput {
            id: remark.id,
            author: remark.user.name,
            content: remark.text,
            date: remark.time,
            context: remark.title,
            ..CommentInput::default()
        },
        parent: remark.pid,
        page: remark.locator.url,
        kind: "comment".into(),
        state: if remark.delete { State::Deleted } else { State::Published },
    }))
}

/// The line with `verdict` and `score`.
pub(super) fn decided(raw: &[u8], verdict: &Verdict) -> Vec<u8> {
    with_members(raw, &[("verdict", json!(verdict.outcome)), ("score", json!(verdict.score))])
}

/// The line with `delete` for spam. Remark42 knows no comment that waits: an unsure one stays published.
pub(super) fn decided_remark42(raw: &[u8], outcome: Outcome) -> Vec<u8> {
    match outcome {
        Outcome::Spam => with_members(raw, &[("delete", Value::Bool(true))]),
        Outcome::Ham | Outcome::Unsure => raw.to_vec(),
    }
}

/// A JSON object with members set. They are put at its end, which leaves the rest as it was; only where one is
/// there already is the object written anew.
fn with_members(raw: &[u8], members: &[(&str, Value)]) -> Vec<u8> {
    let Some(end) = memchr::memrchr(b'}', raw) else { return raw.to_vec() };
    let text = String::from_utf8_lossy(&raw[..=end]);
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let Ok(mut object) = serde_json::from_str::<Map<String, Value>>(text) else {
        return raw.to_vec();
    };
    let mut out;
    if members.iter().any(|(key, _)| object.contains_key(*key)) {
        for (key, value) in members {
            object.insert((*key).to_owned(), value.clone());
        }
        out = Value::Object(object).to_string().into_bytes();
    } else {
        out = raw[..end].to_vec();
        for (key, value) in members {
            let comma = if object.is_empty() && out.ends_with(b"{") { "" } else { "," };
            out.extend_from_slice(format!("{comma}\"{key}\":{value}").as_bytes());
        }
        out.push(b'}');
    }
    out.extend_from_slice(&raw[end + 1..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(raw: &str) -> String {
        String::from_utf8(with_members(raw.as_bytes(), &[("delete", Value::Bool(true))])).unwrap()
    }

    #[test]
    fn members_are_added_at_the_end_or_replaced() {
        assert_eq!(set("{\"b\":1, \"a\":2}\r\n"), "{\"b\":1, \"a\":2,\"delete\":true}\r\n");
        assert_eq!(set("{\"delete\":false}\n"), "{\"delete\":true}\n");
        assert_eq!(set("{}"), "{\"delete\":true}");
        assert_eq!(set("{oops"), "{oops");
    }
}
