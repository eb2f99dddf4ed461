//! A feed as read, before addresses are resolved, dates understood and HTML made safe. Both the XML scanner and
//! the JSON reader fill it.

use std::{borrow::Cow, rc::Rc};

use url::Url;

use crate::domain::Enclosure;

/// What relative addresses count from.
pub(super) type Base = Option<Rc<Url>>;

/// How a text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// The feed says that it is plain text.
    Text,
    /// HTML, or what is HTML in practice.
    #[default]
    Html,
    /// Plain by the letter of Atom's default, but HTML in careless feeds.
    Unsaid,
}

#[derive(Debug, Clone, Default)]
pub(super) struct RawText<'a> {
    pub value: Cow<'a, str>,
    pub form: Form,
    pub base: Base,
}

impl RawText<'_> {
    pub fn is_blank(&self) -> bool {
        self.value.trim().is_empty()
    }
}

/// A link with its attributes, already absolute where a base was known.
#[derive(Debug, Clone, Default)]
pub(super) struct RawLink {
    pub href: String,
    /// Lower case; empty if not given.
    pub rel: String,
    /// Lower case; empty if not given.
    pub media_type: String,
    /// RSS `<link>address</link>`, which goes before links in attributes.
    pub is_text: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RawPerson {
    pub name: Option<String>,
    pub email: Option<String>,
    pub url: Option<String>,
}

impl RawPerson {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What feed and entry have in common.
#[derive(Debug, Default)]
pub(super) struct RawCommon<'a> {
    pub title: Option<RawText<'a>>,
    pub dc_title: Option<RawText<'a>>,
    pub links: Vec<RawLink>,
    /// Persons by source, the better ones first.
    pub creators: Vec<RawPerson>,
    pub authors: Vec<RawPerson>,
    pub itunes_authors: Vec<RawPerson>,
}

#[derive(Debug, Default)]
pub(super) struct RawFeed<'a> {
    pub common: RawCommon<'a>,
    /// Atom and JSON Feed: entries without an author have the feed's.
    pub authors_are_inherited: bool,
    pub language: Option<String>,
    pub ttl_minutes: Option<u32>,
    pub update_period: Option<Cow<'a, str>>,
    pub update_frequency: Option<u32>,
    pub next_page: Option<String>,
    pub entries: Vec<RawEntry<'a>>,
}

#[derive(Debug, Default)]
pub(super) struct RawEntry<'a> {
    pub common: RawCommon<'a>,
    pub id: Option<Cow<'a, str>>,
    /// The id is an address, unless it says otherwise (RSS `isPermaLink`).
    pub id_is_no_link: bool,
    pub published: Option<Cow<'a, str>>,
    /// Atom 0.3 and Dublin Core.
    pub issued: Option<Cow<'a, str>>,
    pub updated: Option<Cow<'a, str>>,
    /// Atom 0.3 and Dublin Core.
    pub modified: Option<Cow<'a, str>>,
    pub created: Option<Cow<'a, str>>,
    /// `dc:date`, which says not what happened then.
    pub dated: Option<Cow<'a, str>>,
    pub summary: Option<RawText<'a>>,
    /// RSS: a summary, unless there is one beside it.
    pub description: Option<RawText<'a>>,
    pub content: Option<RawText<'a>>,
    /// `itunes:summary`, `media:description`: used if there is no other text.
    pub spare_summary: Option<RawText<'a>>,
    pub media_title: Option<RawText<'a>>,
    pub categories: Vec<String>,
    pub enclosures: Vec<Enclosure>,
    pub thumbnails: Vec<String>,
    pub comments_url: Option<String>,
    pub comments_feed: Option<String>,
    pub comment_count: Option<u32>,
    pub in_reply_to: Option<String>,
}

/// Resolves an address against a base; as written if there is none or it is no address.
pub(super) fn resolve(base: &Base, href: &str) -> String {
    let href = href.trim();
    match base {
        Some(base) if !href.is_empty() => {
            base.join(href).map_or_else(|_| href.to_owned(), String::from)
        }
        _ => href.to_owned(),
    }
}
