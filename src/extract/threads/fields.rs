//! Author, time and text of one comment.

use std::ops::Range;

use ego_tree::iter::Edge;
use jiff::Timestamp;
use scraper::{Node, node::Element as Tag};
use url::Url;

use super::{
    author::clean_author,
    page::{Page, is_silent},
    words::Word,
};
use crate::extract::{
    dates,
    sanitise::{BlockText, is_block},
};

/// Longest text kept of one comment, in bytes.
const MAX_TEXT: usize = 100_000;
/// Longest thing that can be a name or a date, in letters.
const MAX_FIELD: usize = 120;
/// Elements looked at for a line with name and date.
const MAX_HEADER_TRIES: usize = 40;

/// What an element is within a comment.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    author: bool,
    time: bool,
    text: bool,
    action: bool,
    meta: bool,
}

/// A comment's element without the comments in it.
pub(super) struct Region<'p, 'a> {
    page: &'p Page<'a>,
    index: usize,
    /// The own elements, in runs.
    runs: Vec<Range<usize>>,
    letters: usize,
}

impl<'p, 'a> Region<'p, 'a> {
    /// `nested` are the outermost other comments within, in document order.
    pub(super) fn new(page: &'p Page<'a>, index: usize, nested: &[usize]) -> Self {
        let mut runs = Vec::with_capacity(nested.len() + 1);
        let mut from = index;
        let mut letters = page.text_len(index);
        for &inner in nested {
            runs.push(from..inner);
            from = page.elements[inner].end;
            letters = letters.saturating_sub(page.text_len(inner));
        }
        runs.push(from..page.elements[index].end);
        for tail in definitions(page, index) {
            runs.push(page.subtree(tail));
            letters += page.text_len(tail);
        }
        Self { page, index, runs, letters }
    }

    pub(super) fn letters(&self) -> usize {
        self.letters
    }

    fn indices(&self) -> impl Iterator<Item = usize> + '_ {
        self.runs.iter().cloned().flatten()
    }

    pub(super) fn has_author_or_time(&self) -> bool {
        self.indices().skip(1).any(|index| {
            let tag = self.page.elements[index].tag;
            let role = self.page.elements[index].role();
            tag.name() == "time"
                || ((role.author || role.time) && !role.action && self.fits_field(index))
                || tag.attr("href").is_some_and(|href| href.contains("showComment="))
        })
    }

    /// A line such as `Ada, 5 May 2020` where nothing is marked as author or time: the name in it, and when.
    pub(super) fn header(&self) -> Option<(Option<String>, Timestamp)> {
        let fits = |index: &usize| {
            let element = &self.page.elements[*index];
            let line = matches!(
                element.tag.name(),
                "small"
                    | "strong"
                    | "b"
                    | "em"
                    | "i"
                    | "span"
                    | "p"
                    | "div"
                    | "h4"
                    | "h5"
                    | "dt"
                    | "header"
            );
            line && !element.mark.text && (6..=MAX_FIELD).contains(&self.page.text_len(*index))
        };
        self.indices().skip(1).take(MAX_HEADER_TRIES).filter(fits).find_map(|index| {
            let text = self.field_text(index);
            let date = dates::scan(&text)?;
            Some((clean_author(before_date(&text)), date.timestamp))
        })
    }

    fn fits_field(&self, index: usize) -> bool {
        (1..=MAX_FIELD).contains(&self.page.text_len(index))
    }

    /// Name and own site of who wrote it.
    pub(super) fn author(&self, base: Option<&Url>) -> (Option<String>, Option<String>) {
        let Some((index, name)) = self.author_element() else {
            return (self.header().and_then(|(name, _)| name), None);
        };
        (Some(name), self.author_url(index, base))
    }

    fn author_element(&self) -> Option<(usize, String)> {
        let mut best: Option<(u8, usize, String)> = None;
        for index in self.indices() {
            let Some(rank) = self.author_rank(index) else {
                continue;
            };
            if best.as_ref().is_some_and(|(known, ..)| *known <= rank) {
                continue;
            }
            let text = self.field_text(index);
            if let Some(name) = clean_author(before_date(&text)) {
                best = Some((rank, index, name));
            }
        }
        best.map(|(_, index, name)| (index, name))
    }

    /// How well an element names the author; less is better.
    fn author_rank(&self, index: usize) -> Option<u8> {
        let tag = self.page.elements[index].tag;
        let itself = index == self.index && tag.name() != "dt";
        if itself || !self.fits_field(index) {
            return None;
        }
        let property = tag.attr("itemprop").unwrap_or_default();
        if property == "name" || has_class(tag, "fn") || has_class(tag, "p-name") {
            return Some(0);
        }
        if matches!(property, "author" | "creator") || has_class(tag, "p-author") {
            return Some(1);
        }
        let role = self.page.elements[index].role();
        if role.author && !role.action && !role.text && !role.time {
            return Some(if role.meta { 4 } else { 2 });
        }
        if role.author && !role.text && !role.action {
            return Some(5);
        }
        match tag.name() {
            "cite" => Some(3),
            "h3" | "h4" | "h5" | "h6" | "strong" | "b" => Some(6),
            _ => None,
        }
    }

    fn author_url(&self, index: usize, base: Option<&Url>) -> Option<String> {
        let page = self.page;
        let inside = page.subtree(index);
        let outside = page.ancestors(index).take_while(|&up| up > self.index).take(3);
        inside.chain(outside).find_map(|at| {
            let tag = page.elements[at].tag;
            (tag.name() == "a").then(|| address(tag.attr("href")?, base)).flatten()
        })
    }

    /// When it was written.
    pub(super) fn published(&self) -> Option<Timestamp> {
        self.indices()
            .find_map(|index| exact_time(self.page.elements[index].tag))
            .or_else(|| self.indices().find_map(|index| self.written_time(index)))
            .or_else(|| self.header().map(|(_, published)| published))
    }

    fn written_time(&self, index: usize) -> Option<Timestamp> {
        let tag = self.page.elements[index].tag;
        let role = self.page.elements[index].role();
        let links_here =
            tag.attr("href").is_some_and(|href| href.contains('#') && !href.ends_with("#respond"));
        if !(role.time || role.meta || tag.name() == "time" || links_here) || index == self.index {
            return None;
        }
        let titled = tag.attr("title").and_then(dates::scan);
        let text = || {
            let length = self.page.text_len(index);
            (6..=2 * MAX_FIELD).contains(&length).then(|| self.field_text(index))
        };
        titled.or_else(|| text().and_then(|text| dates::scan(&text))).map(|date| date.timestamp)
    }

    fn field_text(&self, index: usize) -> String {
        let mut out = BlockText::default();
        render(self.page, index, &mut out, |_| false);
        out.finish().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What the comment says.
    pub(super) fn text(&self) -> String {
        let texts = self.text_elements();
        let nested = self.nested_starts();
        let is_nested = |index: usize| nested.binary_search(&index).is_ok();
        let mut out = BlockText::default();
        for &index in &texts {
            render(self.page, index, &mut out, |at| is_nested(at) || self.is_furniture(at));
            out.paragraph();
        }
        if !out.is_empty() {
            return out.finish();
        }
        let author = self.author_element().map(|(index, _)| index);
        let is_author = |index: usize| Some(index) == author;
        render(self.page, self.index, &mut out, |at| {
            is_nested(at) || is_author(at) || self.is_not_text(at)
        });
        if out.is_empty() {
            // Some themes put all of a comment into what they call its author or head.
            render(self.page, self.index, &mut out, |at| {
                is_nested(at) || is_author(at) || self.is_furniture(at)
            });
        }
        out.finish()
    }

    fn nested_starts(&self) -> Vec<usize> {
        self.runs
            .iter()
            .map(|run| run.end)
            .filter(|&end| end < self.page.elements[self.index].end)
            .collect()
    }

    /// The outermost elements that are the text and hold neither author nor time.
    fn text_elements(&self) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        let mut end = 0;
        for index in self.indices().skip(1) {
            if index < end {
                continue;
            }
            let element = &self.page.elements[index];
            let role = element.role();
            if role.action && !role.text {
                end = element.end;
            } else if (role.text || element.mark.text || element.mark.item)
                && !role.author
                && !role.time
                && !role.meta
                && self.page.text_len(index) > 0
                && !self.holds_fields(index)
            {
                found.push(index);
                end = element.end;
            }
        }
        found
    }

    fn holds_fields(&self, index: usize) -> bool {
        self.page.subtree(index).skip(1).any(|inner| {
            let role = self.page.elements[inner].role();
            (role.author || role.time) && !role.text && self.fits_field(inner)
        })
    }

    /// Whether the element is no part of the text, where no element is marked as text.
    fn is_not_text(&self, index: usize) -> bool {
        let role = self.page.elements[index].role();
        let field = (role.author || role.time || role.meta)
            && !role.text
            && self.page.text_len(index) <= 2 * MAX_FIELD;
        index != self.index && (field || self.is_furniture(index))
    }

    /// Whether the element is a reply link, a vote, a form and the like.
    fn is_furniture(&self, index: usize) -> bool {
        let tag = self.page.elements[index].tag;
        let role = self.page.elements[index].role();
        matches!(
            tag.name(),
            "form" | "button" | "time" | "nav" | "footer" | "input" | "label" | "details"
        ) || (role.action && !role.text && index != self.index && self.page.text_len(index) < 200)
    }
}

/// The `dd` that follow a `dt`: there the term is the author and the rest stands beside it.
fn definitions(page: &Page<'_>, index: usize) -> Vec<usize> {
    let name = |at: usize| page.elements.get(at).map(|element| element.tag.name());
    let mut found = Vec::new();
    let mut next = page.elements[index].end;
    while name(index) == Some("dt") && name(next) == Some("dd") {
        found.push(next);
        next = page.elements[next].end;
    }
    found
}

fn has_class(tag: &Tag, class: &str) -> bool {
    tag.has_class(class, scraper::CaseSensitivity::CaseSensitive)
}

impl Role {
    /// What an element's names say of it within a comment.
    pub(super) fn of(tag: &Tag) -> Self {
        let mut role = Self::default();
        let names = tag.classes().take(20).chain(tag.attr("itemprop")).chain(tag.id());
        for name in names {
            let word = Word::of(name);
            role.author |= word.author && !word.action && !word.text;
            role.time |= word.time && !word.action && !word.text;
            role.text |= word.text && !word.author && !word.action && !word.meta && !word.time;
            role.action |= word.action && !word.text;
            role.meta |= word.meta;
        }
        role
    }
}

fn exact_time(tag: &Tag) -> Option<Timestamp> {
    let stated = [
        "datetime",
        "data-datetime",
        "data-timestamp",
        "data-time",
        "data-created",
        "data-date",
        "data-utime",
    ]
    .into_iter()
    .find_map(|name| tag.attr(name));
    let property = tag.attr("itemprop").unwrap_or_default();
    let dated = (property.starts_with("date") || property == "commentTime")
        .then(|| tag.attr("content"))
        .flatten();
    stated
        .or(dated)
        .and_then(dates::parse)
        .map(|date| date.timestamp)
        .or_else(|| blogger_time(tag.attr("href")?))
}

/// `Ada` in `Ada - 22/01/2020 12:01`, `Ada Oct 8, 2024`.
fn before_date(text: &str) -> &str {
    let Some(date) = dates::scan(text) else {
        return text;
    };
    // The date begins with the last word from which on it still reads the same.
    let starts = text.match_indices(' ').map(|(at, _)| at + 1).take(12);
    let start = starts.take_while(|&at| dates::scan(&text[at..]).as_ref() == Some(&date)).last();
    &text[..start.unwrap_or(0)]
}

/// Blogger's links to comments say when: `?showComment=<milliseconds since 1970>#c<id>`.
fn blogger_time(href: &str) -> Option<Timestamp> {
    let (_, after) = href.split_once("showComment=")?;
    let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
    Timestamp::from_millisecond(digits.parse().ok()?).ok()
}

/// An absolute address on the web, unless it only points into the page.
fn address(href: &str, base: Option<&Url>) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let url = match base {
        Some(base) => base.join(href).ok()?,
        None => Url::parse(href).ok()?,
    };
    let here = base.is_some_and(|base| base.host() == url.host() && base.path() == url.path());
    (matches!(url.scheme(), "http" | "https") && !here).then(|| url.to_string())
}

/// Writes the text of a subtree, without what `leave_out` names.
fn render(page: &Page<'_>, root: usize, out: &mut BlockText, leave_out: impl Fn(usize) -> bool) {
    let mut index = root;
    let mut silent = 0_usize;
    for edge in page.elements[root].node.traverse() {
        if out.len() > MAX_TEXT {
            return;
        }
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) if silent == 0 => out.push(text),
                Node::Element(_) if index >= page.elements.len() => return,
                Node::Element(tag) => {
                    let hidden = is_silent(tag.name()) || (index != root && leave_out(index));
                    silent += usize::from(silent > 0 || hidden);
                    if silent == 0 {
                        separate(out, tag.name());
                    }
                    index += 1;
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(tag) = node.value() {
                    silent = silent.saturating_sub(1);
                    if silent == 0 && tag.name() != "br" {
                        separate(out, tag.name());
                    }
                }
            }
        }
    }
}

fn separate(out: &mut BlockText, name: &str) {
    match name {
        "br" => out.line_break(),
        "p" | "blockquote" | "ul" | "ol" | "pre" | "h1" | "h2" | "h3" | "h4" => out.paragraph(),
        name if is_block(name) => out.line(),
        "td" | "th" => out.push(" "),
        _ => {}
    }
}
