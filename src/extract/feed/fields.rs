//! What each element of a feed means, and how it is read.

use std::borrow::Cow;

use super::{
    capture::Expect,
    markup::Tag,
    names::Ns,
    raw::{Base, Form, RawCommon, RawLink, RawPerson, RawText, resolve},
    scanner::Scanner,
};
use crate::domain::Enclosure;

/// What to do with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Begins a feed.
    Root,
    Entry,
    Person,
    /// Read its children as if they stood outside it.
    Enter,
    /// Skip it.
    Nothing,
    Field(Field),
}

/// An element that holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    DcTitle,
    MediaTitle,
    Summary,
    Description,
    Content,
    SpareSummary,
    Link,
    Id,
    Published,
    Issued,
    Updated,
    Modified,
    Created,
    Dated,
    Creator,
    ItunesAuthor,
    PersonName,
    PersonEmail,
    PersonUrl,
    Category,
    Keywords,
    Enclosure,
    Thumbnail,
    CommentsUrl,
    CommentsFeed,
    CommentCount,
    InReplyTo,
    Language,
    Ttl,
    UpdatePeriod,
    UpdateFrequency,
}

/// What an element means by its name and place.
pub(super) fn action(ns: Ns, local: &str, in_entry: bool, in_person: bool) -> Action {
    if in_person {
        return match (ns, local) {
            (Ns::Core | Ns::Itunes, "name") => Action::Field(Field::PersonName),
            (Ns::Core | Ns::Itunes, "email") => Action::Field(Field::PersonEmail),
            (Ns::Core, "uri" | "url" | "homepage") => Action::Field(Field::PersonUrl),
            _ => Action::Nothing,
        };
    }
    match (ns, local) {
        (Ns::Core, "rss" | "rdf" | "feed" | "channel") => Action::Root,
        (Ns::Core, "item" | "entry") => Action::Entry,
        (Ns::Core, "author" | "managingeditor") => Action::Person,
        (Ns::Media, "group" | "content") => Action::Enter,
        (Ns::Xhtml | Ns::Core, "html") => Action::Enter,
        _ => field(ns, local, in_entry).map_or(Action::Nothing, Action::Field),
    }
}

fn field(ns: Ns, local: &str, in_entry: bool) -> Option<Field> {
    let field = match (ns, local) {
        (Ns::Core, "title") => Field::Title,
        (Ns::Core, "link" | "a") => Field::Link,
        (Ns::Core, "language") | (Ns::DublinCore, "language") => Field::Language,
        (Ns::DublinCore, "title") => Field::DcTitle,
        (Ns::DublinCore, "creator" | "author") => Field::Creator,
        (Ns::Itunes, "author") => Field::ItunesAuthor,
        (Ns::Core, "ttl") => Field::Ttl,
        (Ns::Syndication, "updateperiod") => Field::UpdatePeriod,
        (Ns::Syndication, "updatefrequency") => Field::UpdateFrequency,
        _ if in_entry => return entry_field(ns, local),
        _ => return None,
    };
    Some(field)
}

fn entry_field(ns: Ns, local: &str) -> Option<Field> {
    let field = match (ns, local) {
        (Ns::Core, "summary" | "abstract") => Field::Summary,
        (Ns::Core, "description") => Field::Description,
        (Ns::Content, "encoded") | (Ns::Core, "content" | "fullitem" | "body") => Field::Content,
        (Ns::Xhtml, "body" | "div") => Field::Content,
        (Ns::DublinCore, "description" | "abstract") => Field::SpareSummary,
        (Ns::Itunes, "summary" | "subtitle") | (Ns::Media, "description") => Field::SpareSummary,
        (Ns::Media, "title") | (Ns::Itunes, "title") => Field::MediaTitle,
        (Ns::Core, "id" | "guid") => Field::Id,
        (Ns::DublinCore, "identifier") => Field::Id,
        (Ns::Core, "pubdate" | "published" | "pub_date" | "date") => Field::Published,
        (Ns::Core, "updated") => Field::Updated,
        (Ns::Core, "created") | (Ns::DublinCore, "created") => Field::Created,
        (Ns::Core, "issued") | (Ns::DublinCore, "issued") => Field::Issued,
        (Ns::Core, "modified" | "lastbuilddate" | "lastmod") | (Ns::DublinCore, "modified") => {
            Field::Modified
        }
        (Ns::DublinCore, "date") => Field::Dated,
        (Ns::Core, "category") | (Ns::DublinCore, "subject") | (Ns::Media, "category") => {
            Field::Category
        }
        (Ns::Itunes | Ns::Media, "keywords") => Field::Keywords,
        (Ns::Core, "enclosure") => Field::Enclosure,
        (Ns::Media, "thumbnail") => Field::Thumbnail,
        (Ns::Core, "comments") => Field::CommentsUrl,
        (Ns::CommentApi, "commentrss") => Field::CommentsFeed,
        (Ns::Slash, "comments") | (Ns::Thread, "total") => Field::CommentCount,
        (Ns::Thread, "in-reply-to") => Field::InReplyTo,
        _ => return None,
    };
    Some(field)
}

/// Whether the start of this element ends a text that was left open: HTML has no such names.
pub(super) fn is_feed_only(ns: Ns, local: &str) -> bool {
    match ns {
        Ns::Core => matches!(
            local,
            "guid"
                | "pubdate"
                | "enclosure"
                | "description"
                | "published"
                | "updated"
                | "author"
                | "category"
                | "comments"
                | "item"
                | "entry"
                | "content"
        ),
        Ns::Content | Ns::DublinCore | Ns::CommentApi | Ns::Slash | Ns::Thread => true,
        _ => false,
    }
}

/// Whether the start of this element ends a short value that was left open.
pub(super) fn is_field(ns: Ns, local: &str) -> bool {
    field(ns, local, true).is_some() && !(ns == Ns::Core && local == "a") || is_feed_only(ns, local)
}

impl<'a> Scanner<'a, '_> {
    fn common(&mut self) -> &mut RawCommon<'a> {
        match &mut self.entry {
            Some(entry) => &mut entry.common,
            None => &mut self.scan.feed.common,
        }
    }

    pub(super) fn read_root(&mut self, local: &str, tag: &Tag<'a>) {
        if let Some(language) = self.value(tag, "xml:lang") {
            self.scan.feed.language.get_or_insert(language.trim().to_owned());
        }
        self.scan.feed.authors_are_inherited |= local == "feed";
        if let Some(href) = self.address(tag, "href") {
            self.add_link(href, "", "");
        }
    }

    pub(super) fn read_entry_attributes(&mut self, tag: &Tag<'a>) {
        if let Some(href) = self.address(tag, "href") {
            self.add_link(href, "", "");
        }
        let about = self.value(tag, "rdf:about");
        let modified = self.value(tag, "lastmod");
        if let Some(entry) = &mut self.entry {
            entry.id = about;
            entry.id_is_no_link = false;
            entry.modified = modified;
        }
    }

    /// Reads an element whose children are read too, such as `media:content`.
    pub(super) fn read_attributes(&mut self, local: &str, tag: &Tag<'a>) {
        if local == "content" {
            self.add_enclosure(tag, "url", "filesize");
        }
    }

    pub(super) fn read_field(&mut self, field: Field, tag: &Tag<'a>) {
        match field {
            Field::Title | Field::DcTitle | Field::MediaTitle => self.read_title(field, tag),
            Field::Summary | Field::Description | Field::Content | Field::SpareSummary => {
                self.read_body(field, tag)
            }
            Field::Link => self.read_link(tag),
            Field::Enclosure => {
                self.add_enclosure(tag, "url", "length");
                self.capture(tag, Expect::Value);
            }
            Field::Category => self.read_category(tag),
            Field::Thumbnail => self.read_thumbnail(tag),
            Field::InReplyTo => self.read_in_reply_to(tag),
            Field::Creator | Field::ItunesAuthor => self.read_author(field, tag),
            _ => self.read_value(field, tag),
        }
    }

    fn read_title(&mut self, field: Field, tag: &Tag<'a>) {
        let text = self.text(tag);
        let slot = match (field, &mut self.entry) {
            (Field::MediaTitle, Some(entry)) => &mut entry.media_title,
            (Field::DcTitle, _) => &mut self.common().dc_title,
            _ => &mut self.common().title,
        };
        fill(slot, text);
    }

    fn read_body(&mut self, field: Field, tag: &Tag<'a>) {
        let source = self.address(tag, "src");
        let mut text = self.text(tag);
        if text.is_blank()
            && let (Field::Content, Some(href)) = (field, source)
        {
            self.add_link(href, "alternate", "");
            return;
        }
        if matches!(tag.name, "xhtml:body" | "body") {
            text.form = Form::Html;
        }
        let Some(entry) = &mut self.entry else { return };
        match field {
            Field::Summary => fill(&mut entry.summary, text),
            Field::Description => fill(&mut entry.description, text),
            Field::Content => fill(&mut entry.content, text),
            _ => fill(&mut entry.spare_summary, text),
        }
    }

    /// Reads `<link>address</link>` and `<link href="address" rel="...">` alike.
    fn read_link(&mut self, tag: &Tag<'a>) {
        let href = self.address(tag, "href");
        let rel = self.value(tag, "rel").unwrap_or_default().trim().to_ascii_lowercase();
        let media_type = self.value(tag, "type").unwrap_or_default().trim().to_ascii_lowercase();
        let count = self.value(tag, "thr:count");
        if rel == "enclosure" {
            self.add_enclosure(tag, "href", "length");
        }
        let text =
            if tag.empty { Cow::Borrowed("") } else { self.capture(tag, Expect::Value).value };
        let text = resolve(&self.base, &text);
        match href {
            Some(href) => self.add_link(href, &rel, &media_type),
            None if text.is_empty() => {}
            None => {
                // RSS: the element's own text is the link, and of several the last.
                self.common().links.retain(|link| !link.is_text);
                self.add_link(text, &rel, &media_type);
                if let Some(link) = self.common().links.last_mut() {
                    link.is_text = true;
                }
            }
        }
        if let (Some(count), Some(entry)) = (count, &mut self.entry) {
            entry.comment_count = entry.comment_count.or_else(|| number(&count));
        }
    }

    fn add_link(&mut self, href: String, rel: &str, media_type: &str) {
        let limit = self.limits.max_attributes;
        let links = &mut self.common().links;
        if links.len() < limit {
            let (rel, media_type) = (rel.to_owned(), media_type.to_owned());
            links.push(RawLink { href, rel, media_type, is_text: false });
        }
    }

    fn add_enclosure(&mut self, tag: &Tag<'a>, address: &str, length: &str) {
        let Some(url) = self.address(tag, address) else { return };
        let media_type = self.value(tag, "type").map(|value| value.trim().to_owned());
        let length = self.value(tag, length).and_then(|value| value.trim().parse().ok());
        let limit = self.limits.max_attributes;
        let Some(entry) = &mut self.entry else { return };
        if entry.enclosures.len() < limit {
            entry.enclosures.push(Enclosure { url, media_type, length });
        }
    }

    fn read_category(&mut self, tag: &Tag<'a>) {
        let scheme = self.value(tag, "scheme");
        let term = self.value(tag, "term");
        let label = self.value(tag, "label").or_else(|| self.value(tag, "text"));
        let text = self.capture(tag, Expect::Value).value;
        // Google's feeds say by a category what kind of entry it is.
        if scheme.is_some_and(|scheme| scheme.ends_with("#kind")) {
            return;
        }
        let is_name = |term: &Cow<'a, str>| !term.contains("://") || label.is_none();
        let name = term.filter(is_name).or(label).unwrap_or(text);
        self.add_category(&name);
    }

    fn add_category(&mut self, name: &str) {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let limit = self.limits.max_attributes;
        let Some(entry) = &mut self.entry else { return };
        if !name.is_empty() && entry.categories.len() < limit && !entry.categories.contains(&name) {
            entry.categories.push(name);
        }
    }

    fn read_thumbnail(&mut self, tag: &Tag<'a>) {
        let url = self.address(tag, "url");
        self.capture(tag, Expect::Value);
        let limit = self.limits.max_attributes;
        if let (Some(url), Some(entry)) = (url, &mut self.entry)
            && entry.thumbnails.len() < limit
        {
            entry.thumbnails.push(url);
        }
    }

    fn read_in_reply_to(&mut self, tag: &Tag<'a>) {
        let target = self.value(tag, "ref").or_else(|| self.value(tag, "href"));
        self.capture(tag, Expect::Value);
        if let (Some(target), Some(entry)) = (target, &mut self.entry) {
            entry.in_reply_to.get_or_insert(target.trim().to_owned());
        }
    }

    fn read_author(&mut self, field: Field, tag: &Tag<'a>) {
        let text = self.capture(tag, Expect::Value).value;
        let person = person_from_text(&super::plain::plain_text(&text, Form::Html));
        if person.is_empty() {
            return;
        }
        let limit = self.limits.max_attributes;
        let common = self.common();
        let list = match field {
            Field::ItunesAuthor => &mut common.itunes_authors,
            _ => &mut common.creators,
        };
        if list.len() < limit {
            list.push(person);
        }
    }

    fn read_value(&mut self, field: Field, tag: &Tag<'a>) {
        let id_is_no_link = self
            .value(tag, "ispermalink")
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
        let captured = self.capture(tag, Expect::Value).value;
        let Some(value) = trimmed(captured) else { return };
        match field {
            Field::Language => {
                self.scan.feed.language = Some(value.into_owned());
                return;
            }
            Field::Ttl => return self.scan.feed.ttl_minutes = number(&value),
            Field::UpdatePeriod => return self.scan.feed.update_period = Some(value),
            Field::UpdateFrequency => return self.scan.feed.update_frequency = number(&value),
            Field::Keywords => {
                value.split(',').for_each(|word| self.add_category(word));
                return;
            }
            Field::PersonName | Field::PersonEmail | Field::PersonUrl => {
                return self.read_person_part(field, value);
            }
            _ => {}
        }
        let base = &self.base;
        let Some(entry) = &mut self.entry else { return };
        match field {
            Field::Id => {
                // `rdf:about` was only a stand-in.
                entry.id = Some(absolute_id(base, value));
                entry.id_is_no_link = id_is_no_link;
            }
            // Of a date given twice the last one counts; it corrects the first.
            Field::Published => entry.published = Some(value),
            Field::Updated => entry.updated = Some(value),
            Field::Issued => entry.issued = Some(value),
            Field::Modified => entry.modified = Some(value),
            Field::Created => _ = entry.created.get_or_insert(value),
            Field::Dated => _ = entry.dated.get_or_insert(value),
            Field::CommentsUrl => _ = entry.comments_url.get_or_insert(resolve(base, &value)),
            Field::CommentsFeed => _ = entry.comments_feed.get_or_insert(resolve(base, &value)),
            Field::CommentCount => entry.comment_count = number(&value).or(entry.comment_count),
            _ => {}
        }
    }

    fn read_person_part(&mut self, field: Field, value: Cow<'a, str>) {
        let url = (field == Field::PersonUrl).then(|| resolve(&self.base, &value));
        let Some(person) = &mut self.person else { return };
        match field {
            Field::PersonUrl => person.url = url,
            Field::PersonEmail => person.email = Some(value.into_owned()),
            _ => {
                let name = super::plain::plain_text(&value, Form::Unsaid);
                person.name = (!name.is_empty()).then_some(name);
            }
        }
    }

    /// Text directly inside `<author>`: RSS has `mail (Name)` there.
    pub(super) fn person_text(&mut self, text: &'a str) {
        if self.person.is_none() || text.trim().is_empty() {
            return;
        }
        let text = self.entities.decode(text, "author", self.repairs);
        let found = person_from_text(&super::plain::plain_text(&text, Form::Html));
        if let Some(person) = &mut self.person {
            person.name = person.name.take().or(found.name);
            person.email = person.email.take().or(found.email);
        }
    }

    pub(super) fn close_person(&mut self) {
        let limit = self.limits.max_attributes;
        if let Some(person) = self.person.take().filter(|person| !person.is_empty()) {
            let authors = &mut self.common().authors;
            if authors.len() < limit {
                authors.push(person);
            }
        }
    }
}

/// Takes a text unless a better one is there already.
fn fill<'a>(slot: &mut Option<RawText<'a>>, text: RawText<'a>) {
    if !text.is_blank() && slot.as_ref().is_none_or(RawText::is_blank) {
        *slot = Some(text);
    }
}

fn trimmed(value: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let value = match value {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    (!value.is_empty()).then_some(value)
}

/// A relative path as an id is meant as an address (Atom 1.0 allows only absolute ones).
fn absolute_id<'a>(base: &Base, id: Cow<'a, str>) -> Cow<'a, str> {
    let is_relative = id.contains('/') && !id.contains([':', ' ']);
    if is_relative { Cow::Owned(resolve(base, &id)) } else { id }
}

fn number(text: &str) -> Option<u32> {
    text.trim().parse().ok()
}

/// Reads `name`, `mail`, `mail (name)` and `name <mail>`.
pub(super) fn person_from_text(text: &str) -> RawPerson {
    let text = text.trim().trim_start_matches("mailto:");
    let person = |name: &str, email: &str| {
        let part = |part: &str| {
            let part = part.trim().trim_matches(['"', '\'']).trim();
            (!part.is_empty()).then(|| part.to_owned())
        };
        RawPerson { name: part(name), email: part(email), url: None }
    };
    for (open, close) in [('(', ')'), ('<', '>'), ('[', ']')] {
        let Some((before, rest)) = text.split_once(open) else { continue };
        let (inside, after) = rest.split_once(close).unwrap_or((rest, ""));
        if before.contains('@') {
            return person(inside, before);
        }
        if inside.contains('@') {
            let name = if before.trim().is_empty() { after } else { before };
            return person(name, inside.trim_start_matches("mailto:"));
        }
    }
    let is_mail = text.contains('@') && !text.contains(char::is_whitespace);
    if is_mail { person("", text) } else { person(text, "") }
}
