//! JSON Feed 1.0 and 1.1, and what calls itself so: any object with a list of items.
//!
//! Source: <https://www.jsonfeed.org/version/1.1/>.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    FeedLimits,
    raw::{Base, Form, RawEntry, RawFeed, RawLink, RawPerson, RawText},
    repairs::Repairs,
};
use crate::domain::Enclosure;

type Object = Map<String, Value>;

/// Reads a JSON feed; nothing if it is none.
pub(super) fn read(
    text: &str,
    base: &Base,
    limits: &FeedLimits,
    repairs: &mut Repairs,
) -> Option<RawFeed<'static>> {
    let value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) => serde_json::from_str(&mend(text, limits.max_depth, repairs)).ok()?,
    };
    let (feed, items) = match &value {
        Value::Object(feed) => (feed.clone(), items_of(feed)?),
        Value::Array(items) if items.iter().all(is_item) && !items.is_empty() => {
            repairs.note("items without a feed around them");
            (Object::new(), items)
        }
        _ => return None,
    };
    if !feed.get("version").and_then(Value::as_str).is_some_and(is_known_version) {
        repairs.note("JSON feed without a known version");
    }
    if items.len() > limits.max_entries {
        repairs.note_limit("entries", limits.max_entries);
    }
    let entries = items.iter().take(limits.max_entries).filter_map(Value::as_object);
    let mut raw = RawFeed {
        authors_are_inherited: true,
        language: string(&feed, "language"),
        next_page: string(&feed, "next_url"),
        entries: entries.map(|item| read_item(item, base)).collect(),
        ..RawFeed::default()
    };
    raw.common.title = text_of(&feed, "title", Form::Text, base);
    raw.common.authors = persons(&feed);
    raw.common.links.extend(link(&feed, "home_page_url", "alternate"));
    raw.common.links.extend(link(&feed, "feed_url", "self"));
    raw.common.links.extend(hub(&feed));
    Some(raw)
}

fn is_known_version(version: &str) -> bool {
    version.starts_with("https://jsonfeed.org/version/1")
}

fn items_of(feed: &Object) -> Option<&Vec<Value>> {
    ["items", "entries"].iter().find_map(|name| feed.get(*name)).and_then(Value::as_array)
}

fn is_item(value: &Value) -> bool {
    ["id", "url", "title", "content_html", "content_text"]
        .iter()
        .any(|name| value.get(name).is_some())
}

fn read_item(item: &Object, base: &Base) -> RawEntry<'static> {
    let mut entry = RawEntry {
        id: string(item, "id").map(Cow::Owned),
        published: string(item, "date_published").map(Cow::Owned),
        updated: string(item, "date_modified").map(Cow::Owned),
        summary: text_of(item, "summary", Form::Text, base),
        content: text_of(item, "content_html", Form::Html, base)
            .or_else(|| text_of(item, "content_text", Form::Text, base)),
        categories: strings(item, "tags"),
        enclosures: attachments(item),
        thumbnails: string(item, "image").into_iter().collect(),
        ..RawEntry::default()
    };
    entry.common.title = text_of(item, "title", Form::Text, base);
    entry.common.links.extend(link(item, "url", "alternate"));
    entry.common.links.extend(link(item, "external_url", "related"));
    entry.common.authors = persons(item);
    entry
}

/// A text, number or truth value as text; blank counts as none.
fn string(object: &Object, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn strings(object: &Object, name: &str) -> Vec<String> {
    let list = object.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect()
}

fn text_of(object: &Object, name: &str, form: Form, base: &Base) -> Option<RawText<'static>> {
    let value = Cow::Owned(string(object, name)?);
    Some(RawText { value, form, base: base.clone() })
}

fn link(object: &Object, name: &str, rel: &str) -> Option<RawLink> {
    let href = string(object, name)?;
    Some(RawLink { href, rel: rel.to_owned(), ..RawLink::default() })
}

fn hub(feed: &Object) -> Option<RawLink> {
    let hub = feed.get("hubs")?.as_array()?.first()?.as_object()?;
    link(hub, "url", "hub")
}

/// `authors` (1.1) and `author` (1.0); some write a name alone.
fn persons(object: &Object) -> Vec<RawPerson> {
    let many = object.get("authors").and_then(Value::as_array).into_iter().flatten();
    let found: Vec<RawPerson> = many.filter_map(person).collect();
    if found.is_empty() {
        object.get("author").and_then(person).into_iter().collect()
    } else {
        found
    }
}

fn person(value: &Value) -> Option<RawPerson> {
    let person = match value {
        Value::String(name) => {
            RawPerson { name: Some(name.trim().to_owned()), ..RawPerson::default() }
        }
        Value::Object(fields) => RawPerson {
            name: string(fields, "name"),
            email: string(fields, "email"),
            url: string(fields, "url"),
        },
        _ => return None,
    };
    (!person.is_empty()).then_some(person)
}

fn attachments(item: &Object) -> Vec<Enclosure> {
    let list = item.get("attachments").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_object)
        .filter_map(|attachment| {
            Some(Enclosure {
                url: string(attachment, "url")?,
                media_type: string(attachment, "mime_type"),
                length: attachment.get("size_in_bytes").and_then(Value::as_u64),
            })
        })
        .collect()
}

/// Mends what people and templates do to JSON: commas before a closing bracket, line breaks in texts, a text cut
/// off in the middle. What was open at the last complete value is closed.
fn mend(text: &str, max_depth: usize, repairs: &mut Repairs) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<char> = Vec::new();
    // Where the last complete item ended, and what was open then.
    let mut complete: Option<(usize, Vec<char>)> = None;
    let (mut in_text, mut escaped) = (false, false);
    for c in text.chars() {
        if in_text {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_text = false,
                '\n' | '\r' | '\t' => {
                    repairs.note("line break in a JSON text");
                    out.push_str(if c == '\t' { "\\t" } else { "\\n" });
                    continue;
                }
                _ => {}
            }
            out.push(c);
            continue;
        }
        match c {
            '"' => in_text = true,
            '{' | '[' => {
                if open.len() >= max_depth {
                    repairs.note_limit("depth of elements", max_depth);
                    return String::new();
                }
                open.push(if c == '{' { '}' } else { ']' });
            }
            '}' | ']' => {
                drop_trailing_comma(&mut out, repairs);
                if open.pop() != Some(c) {
                    return String::new();
                }
                out.push(c);
                if c == '}' {
                    complete = Some((out.len(), open.clone()));
                }
                if open.is_empty() {
                    return out;
                }
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    let Some((end, open)) = complete else { return String::new() };
    repairs.note("cut off JSON");
    out.truncate(end);
    out.extend(open.iter().rev());
    out
}

fn drop_trailing_comma(out: &mut String, repairs: &mut Repairs) {
    let trimmed = out.trim_end();
    if let Some(shorter) = trimmed.strip_suffix(',') {
        repairs.note("comma before a closing bracket in JSON");
        out.truncate(shorter.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        mend(text, 16, &mut Repairs::default())
    }

    #[test]
    fn careless_json_is_mended() {
        assert_eq!(mended("{\"a\":[1,2,],}x"), "{\"a\":[1,2]}");
        assert_eq!(mended("{\"a\":\"x\ny,]\"}"), "{\"a\":\"x\\ny,]\"}");
        assert_eq!(mended("{\"items\":[{\"a\":1},{\"b\":\"x"), "{\"items\":[{\"a\":1}]}");
        assert_eq!(mended("{\"a\":]"), "");
    }
}
