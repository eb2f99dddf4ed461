//! The reader of record: walks through a feed of any XML kind, sound or broken, and keeps what it understands.
//!
//! It knows which element it is in, not which format: an `<item>` or `<entry>` is an entry wherever it stands. An
//! end tag closes everything up to its start; an entry that was never closed ends where the next one begins.

use std::{borrow::Cow, rc::Rc};

use url::Url;

use super::{
    FeedLimits,
    entities::Entities,
    fields::{self, Action},
    markup::{Lexer, Tag, Token},
    names::{self, Ns},
    raw::{Base, RawEntry, RawFeed, RawPerson, resolve},
    repairs::Repairs,
};

/// What the scanner found.
pub(super) struct Scan<'a> {
    pub feed: RawFeed<'a>,
    /// Name of the first element that belongs to a feed, if there was one.
    pub root: Option<&'a str>,
    /// Name of the first element.
    pub first: Option<&'a str>,
}

/// Reads a feed from text.
pub(super) fn scan<'a>(
    text: &'a str,
    base: Base,
    limits: &FeedLimits,
    repairs: &mut Repairs,
) -> Scan<'a> {
    let mut scanner = Scanner {
        lexer: Lexer::new(text, limits.max_attributes),
        entities: Entities::new(limits.max_entity_bytes),
        frames: Vec::new(),
        namespaces: Vec::new(),
        scan: Scan { feed: RawFeed::default(), root: None, first: None },
        entry: None,
        person: None,
        base,
        limits,
        repairs,
    };
    scanner.run();
    scanner.scan
}

/// What an open element means for its children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Children belong to the feed or entry around it.
    Transparent,
    Entry,
    Person,
    /// Children mean nothing, except a new entry.
    Opaque,
}

struct Frame<'a> {
    name: &'a str,
    role: Role,
    /// Namespace declarations to forget at its end.
    namespaces: usize,
    /// The base outside it, where it changed the base.
    outer_base: Option<Base>,
}

pub(super) struct Scanner<'a, 's> {
    pub(super) lexer: Lexer<'a>,
    pub(super) entities: Entities<'a>,
    frames: Vec<Frame<'a>>,
    namespaces: Vec<(&'a str, Ns)>,
    pub(super) scan: Scan<'a>,
    /// The entry that is being read.
    pub(super) entry: Option<RawEntry<'a>>,
    /// The author that is being read, with the list it goes to.
    pub(super) person: Option<RawPerson>,
    pub(super) base: Base,
    pub(super) limits: &'s FeedLimits,
    pub(super) repairs: &'s mut Repairs,
}

impl<'a> Scanner<'a, '_> {
    fn run(&mut self) {
        while let Some(token) = self.next_token() {
            match token {
                Token::Start(tag) => self.start(&tag),
                Token::End(name) => self.end(name),
                Token::Text(text) => self.person_text(text),
                Token::CData(_) => {}
                Token::Doctype(doctype) => self.entities.declare(doctype, self.repairs),
            }
            if self.scan.feed.entries.len() >= self.limits.max_entries {
                self.repairs.note_limit("entries", self.limits.max_entries);
                return;
            }
        }
        self.finish();
    }

    pub(super) fn next_token(&mut self) -> Option<Token<'a>> {
        let open = self.frames.last().map_or("", |frame| frame.name);
        self.lexer.next(open, self.repairs)
    }

    /// The text ended: keeps what a cut-off entry has, if that is enough to find its article.
    fn finish(&mut self) {
        let open = self.frames.iter().any(|frame| frame.role != Role::Opaque);
        if self.lexer.cut_off || (open && self.entry.is_some()) {
            let complete = self.scan.feed.entries.len();
            self.repairs.note(format!("cut off after {complete} entries"));
        } else if open {
            self.repairs.note("unclosed elements at the end");
        }
        self.close_person();
        if let Some(entry) = self.entry.take()
            && entry.common.title.is_some()
            && (entry.id.is_some() || !entry.common.links.is_empty())
        {
            self.scan.feed.entries.push(entry);
        }
    }

    fn start(&mut self, tag: &Tag<'a>) {
        self.scan.first.get_or_insert(tag.name);
        let outer_namespaces = self.namespaces.len();
        self.declare_namespaces(tag);
        let outer_base = self.enter_base(tag);
        let (ns, local) = self.resolve_name(tag.name);
        if ns == Ns::Core && matches!(&*local, "item" | "entry") {
            self.begin_entry(tag, &local);
        }
        let action = if self.is_opaque() {
            Action::Nothing
        } else {
            fields::action(ns, &local, self.entry.is_some(), self.person.is_some())
        };
        let role = self.act(action, ns, &local, tag);
        let Some(role) = role.filter(|_| !tag.empty) else {
            self.namespaces.truncate(outer_namespaces);
            self.restore_base(outer_base);
            if tag.empty && ns == Ns::Core && matches!(&*local, "item" | "entry") {
                self.close_entry();
            }
            return;
        };
        if self.frames.len() >= self.limits.max_depth {
            self.repairs.note_limit("depth of elements", self.limits.max_depth);
            return;
        }
        self.frames.push(Frame { name: tag.name, role, namespaces: outer_namespaces, outer_base });
    }

    /// Applies an action; gives the role of the element's frame, or nothing if the element is already read.
    fn act(&mut self, action: Action, ns: Ns, local: &str, tag: &Tag<'a>) -> Option<Role> {
        match action {
            Action::Root => {
                self.scan.root.get_or_insert(tag.name);
                self.read_root(local, tag);
                Some(Role::Transparent)
            }
            Action::Entry => Some(Role::Entry),
            Action::Person => {
                self.close_person();
                self.person = Some(RawPerson::default());
                Some(Role::Person)
            }
            Action::Enter => {
                self.read_attributes(local, tag);
                Some(Role::Transparent)
            }
            Action::Nothing if is_void(ns, local) => None,
            Action::Nothing => Some(Role::Opaque),
            Action::Field(field) => {
                self.read_field(field, tag);
                None
            }
        }
    }

    fn begin_entry(&mut self, tag: &Tag<'a>, local: &str) {
        if self.entry.is_some() {
            self.repairs.note(format!("unclosed {local}"));
            self.close_to_entry();
        }
        self.scan.root.get_or_insert(tag.name);
        self.entry = Some(RawEntry::default());
        // An entry inside an element that was left open still counts.
        while self.frames.last().is_some_and(|frame| frame.role == Role::Opaque) {
            self.pop_frame();
        }
        self.read_entry_attributes(tag);
    }

    fn close_to_entry(&mut self) {
        while let Some(frame) = self.frames.last() {
            let is_entry = frame.role == Role::Entry;
            self.pop_frame();
            if is_entry {
                return;
            }
        }
        self.close_entry();
    }

    fn end(&mut self, name: &'a str) {
        let Some(at) = self.frames.iter().rposition(|frame| same_name(frame.name, name)) else {
            if !is_html_name(names::split(name).1) {
                self.repairs.note(format!("end tag without a start: {}", shown(name)));
            }
            return;
        };
        if at + 1 < self.frames.len() {
            let unclosed = self.frames[self.frames.len() - 1].name;
            self.repairs.note(format!("unclosed {}", shown(unclosed)));
        }
        while self.frames.len() > at {
            self.pop_frame();
        }
    }

    fn pop_frame(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.namespaces.truncate(frame.namespaces);
        self.restore_base(frame.outer_base);
        match frame.role {
            Role::Entry => self.close_entry(),
            Role::Person => self.close_person(),
            Role::Transparent | Role::Opaque => {}
        }
    }

    fn close_entry(&mut self) {
        self.close_person();
        self.scan.feed.entries.extend(self.entry.take());
    }

    fn is_opaque(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.role == Role::Opaque)
    }

    /// Whether an end tag of this name would close an open element.
    pub(super) fn closes_a_frame(&self, name: &str) -> bool {
        self.frames.iter().any(|frame| same_name(frame.name, name))
    }

    fn declare_namespaces(&mut self, tag: &Tag<'a>) {
        for (name, value) in &tag.attributes {
            let prefix = match names::split(name) {
                ("", "xmlns") => "",
                ("xmlns", prefix) => prefix,
                _ => continue,
            };
            let is_root = self.frames.iter().all(|frame| frame.role == Role::Transparent)
                && self.entry.is_none();
            let ns = match names::of_uri(value) {
                // A feed's own root in an unheard-of namespace is still a feed.
                Ns::Other if prefix.is_empty() && is_root => Ns::Core,
                Ns::Other if names::of_prefix(prefix) == Ns::Core => Ns::Other,
                ns => ns,
            };
            if self.namespaces.len() < self.limits.max_depth * 4 {
                self.namespaces.push((prefix, ns));
            }
        }
    }

    /// Vocabulary and lower-case local name of an element or attribute.
    pub(super) fn resolve_name<'n>(&self, name: &'n str) -> (Ns, Cow<'n, str>) {
        let (prefix, local) = names::split(name);
        let declared = self.namespaces.iter().rev().find(|(known, _)| *known == prefix);
        let ns = declared.map_or_else(|| names::of_prefix(prefix), |(_, ns)| *ns);
        (ns, lower(local))
    }

    /// Follows `xml:base`; gives the base to go back to if it changed.
    pub(super) fn enter_base(&mut self, tag: &Tag<'a>) -> Option<Base> {
        let value = attribute(tag, "xml:base")?;
        let href = self.entities.decode(value, "xml:base", self.repairs);
        let new = match &self.base {
            Some(base) => base.join(href.trim()).ok(),
            None => Url::parse(href.trim()).ok(),
        };
        Some(std::mem::replace(&mut self.base, new.map(Rc::new)))
    }

    pub(super) fn restore_base(&mut self, outer: Option<Base>) {
        if let Some(base) = outer {
            self.base = base;
        }
    }

    /// An attribute's value with references resolved.
    pub(super) fn value(&mut self, tag: &Tag<'a>, name: &str) -> Option<Cow<'a, str>> {
        let raw = attribute(tag, name)?;
        let value = self.entities.decode(raw, name, self.repairs);
        (!value.trim().is_empty()).then_some(value)
    }

    /// An attribute that is an address, made absolute.
    pub(super) fn address(&mut self, tag: &Tag<'a>, name: &str) -> Option<String> {
        let value = self.value(tag, name)?;
        Some(resolve(&self.base, &value))
    }
}

/// An attribute as written, by its name in any case.
pub(super) fn attribute<'a>(tag: &Tag<'a>, name: &str) -> Option<&'a str> {
    tag.attributes
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| *value)
}

pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

pub(super) fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// A foreign name, short enough for a message.
pub(super) fn shown(name: &str) -> &str {
    &name[..name.floor_char_boundary(40)]
}

/// HTML elements without an end tag, which stand naked in some feeds.
fn is_void(ns: Ns, local: &str) -> bool {
    matches!(ns, Ns::Core | Ns::Xhtml)
        && matches!(local, "br" | "hr" | "img" | "p" | "meta" | "input" | "wbr")
}

/// HTML elements whose stray end tags close nothing of a feed.
pub(super) fn is_html_name(local: &str) -> bool {
    const NAMES: [&str; 40] = [
        "a",
        "abbr",
        "article",
        "aside",
        "b",
        "big",
        "blockquote",
        "body",
        "br",
        "center",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "figure",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "html",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "script",
        "section",
        "small",
        "span",
        "strong",
        "table",
        "td",
        "tr",
        "tt",
        "u",
        "ul",
    ];
    NAMES.binary_search(&&*lower(local)).is_ok()
}
