//! The second opinion: feed-rs, which reads by the letter. It fills what the scanner left empty in a sound feed.
//!
//! It runs on text that is already decoded and measured, because it panics on some encodings and recurses.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::{model, parser};
use jiff::Timestamp;
use url::Url;

use super::{plain::plain_text, raw::Form};
use crate::{
    domain::{FeedEntry, ParsedFeed},
    extract::sanitise::sanitise,
};

/// Larger feeds are not read twice.
const MAX_BYTES: usize = 4 << 20;

/// Fills titles, links, texts and dates the scanner did not find, entry by entry; takes all entries if it found none.
pub(super) fn fill_gaps(feed: &mut ParsedFeed, text: &str, base: Option<&Url>) {
    if text.len() > MAX_BYTES || !has_gaps(feed) {
        return;
    }
    let Some(strict) = read(text, base) else { return };
    feed.title = feed.title.take().or_else(|| strict.title.as_ref().and_then(title));
    if feed.entries.is_empty() {
        feed.entries = strict.entries.iter().map(|entry| to_entry(entry, base)).collect();
    } else if feed.entries.len() == strict.entries.len() {
        for (entry, other) in feed.entries.iter_mut().zip(&strict.entries) {
            fill_entry(entry, to_entry(other, base));
        }
    }
}

fn has_gaps(feed: &ParsedFeed) -> bool {
    feed.entries.is_empty()
        || feed.entries.iter().any(|entry| {
            entry.title.is_none()
                || entry.link.is_none()
                || (entry.summary.is_none() && entry.content.is_none())
        })
}

fn read(text: &str, base: Option<&Url>) -> Option<model::Feed> {
    // The text is UTF-8 now, whatever its declaration says.
    let text = match text.trim_start().strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>")?.1,
        None => text,
    };
    let parser = parser::Builder::new()
        .base_uri(base.map(Url::as_str))
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .build();
    catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes()).ok())).ok().flatten()
}

fn fill_entry(entry: &mut FeedEntry, other: FeedEntry) {
    entry.title = entry.title.take().or(other.title);
    entry.link = entry.link.take().or(other.link);
    entry.published = entry.published.or(other.published);
    if entry.summary.is_none() && entry.content.is_none() {
        entry.summary = other.summary;
        entry.content = other.content;
    }
}

fn to_entry(entry: &model::Entry, base: Option<&Url>) -> FeedEntry {
    let link =
        entry.links.iter().find(|link| !matches!(link.rel.as_deref(), Some("self" | "enclosure")));
    let html = |html: &str| Some(sanitise(html, base)).filter(|html| !html.trim().is_empty());
    FeedEntry {
        id: entry.id.clone(),
        title: entry.title.as_ref().and_then(title),
        link: link.and_then(|link| Url::parse(&link.href).ok()).map(String::from),
        published: entry.published.and_then(|date| Timestamp::from_second(date.timestamp()).ok()),
        updated: entry.updated.and_then(|date| Timestamp::from_second(date.timestamp()).ok()),
        summary: entry.summary.as_ref().and_then(|text| html(&text.content)),
        content: entry.content.as_ref().and_then(|content| html(content.body.as_deref()?)),
        authors: entry.authors.iter().filter_map(|author| author.name.clone()).collect(),
        ..FeedEntry::default()
    }
}

fn title(text: &model::Text) -> Option<String> {
    Some(plain_text(&text.content, Form::Html)).filter(|title| !title.is_empty())
}
