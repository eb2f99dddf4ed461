//! The page as a flat list of its elements in document order, with what their names say.

use std::{cell::OnceCell, sync::LazyLock};

use aho_corasick::AhoCorasick;
use ego_tree::{NodeRef, iter::Edge};
use scraper::{CaseSensitivity, Html, Node, node::Element as Tag};

use super::fields::Role;
use super::words::{COMMENT_STEMS, Word, comment_id};

/// Elements read of a page; what follows is left alone.
const MAX_ELEMENTS: usize = 200_000;

pub(super) struct Page<'a> {
    pub elements: Vec<Element<'a>>,
    /// Where the `h1` are, which belong to the article.
    titles: Vec<usize>,
}

pub(super) struct Element<'a> {
    pub node: NodeRef<'a, Node>,
    pub tag: &'a Tag,
    pub parent: Option<usize>,
    /// Index after its last descendant.
    pub end: usize,
    /// Letters of text before and up to its end; the difference is its text.
    text_from: usize,
    text_to: usize,
    pub mark: Mark,
    role: OnceCell<Role>,
}

impl Element<'_> {
    /// What the element is within a comment.
    pub(super) fn role(&self) -> Role {
        *self.role.get_or_init(|| Role::of(self.tag))
    }
}

const CASE: CaseSensitivity = CaseSensitivity::CaseSensitive;

/// Stems without which no name says anything about comments.
static STEMS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(COMMENT_STEMS.iter().chain(&[
            "ping",
            "trackback",
            "respond",
            "disqus",
            "crawler-post",
        ]))
        .ok()
});

fn speaks_of_comments(tag: &Tag) -> bool {
    let names =
        ["class", "id", "itemtype", "itemprop"].into_iter().filter_map(|name| tag.attr(name));
    let Some(stems) = &*STEMS else { return true };
    names.into_iter().any(|names| stems.is_match(names)) || tag.name().contains("comment")
}

/// Blogger's ids: `c` and many digits.
fn is_blogger_id(id: &str) -> bool {
    id.strip_prefix('c')
        .is_some_and(|digits| digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What an element is in a thread, as far as its own names tell.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// It may be one comment.
    pub item: bool,
    /// It may be the text of one comment.
    pub text: bool,
    /// It holds comments, a form for them, or a widget with them.
    pub container: bool,
    /// Some name speaks of comments.
    pub comment: bool,
    /// A widget with comments of other pages.
    pub elsewhere: bool,
    /// A pingback or trackback.
    pub ping: bool,
    /// Vocabulary of schema.org or microformats says it is a comment.
    pub typed: bool,
    /// The page's id of the comment.
    pub id: Option<String>,
}

impl<'a> Page<'a> {
    pub(super) fn read(document: &'a Html) -> Self {
        let mut elements: Vec<Element<'a>> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut silent = 0_usize;
        let mut letters = 0_usize;
        for edge in document.tree.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Text(text) if silent == 0 => letters += count_letters(text),
                    Node::Element(tag) => {
                        if elements.len() >= MAX_ELEMENTS {
                            break;
                        }
                        silent += usize::from(is_silent(tag.name()));
                        let parent = open.last().copied();
                        open.push(elements.len());
                        elements.push(Element {
                            node,
                            tag,
                            parent,
                            end: 0,
                            text_from: letters,
                            text_to: 0,
                            mark: Mark::of(tag),
                            role: OnceCell::new(),
                        });
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if let Node::Element(tag) = node.value()
                        && let Some(index) = open.pop()
                    {
                        silent -= usize::from(is_silent(tag.name()));
                        let end = elements.len();
                        elements[index].end = end;
                        elements[index].text_to = letters;
                    }
                }
            }
        }
        let end = elements.len();
        for index in open {
            elements[index].end = end;
            elements[index].text_to = letters;
        }
        let is_title = |index: &usize| elements[*index].tag.name() == "h1";
        let titles = (0..elements.len()).filter(is_title).collect();
        Self { elements, titles }
    }

    /// The element and all within, as indices.
    pub(super) fn subtree(&self, index: usize) -> std::ops::Range<usize> {
        index..self.elements[index].end
    }

    pub(super) fn contains(&self, outer: usize, inner: usize) -> bool {
        self.subtree(outer).contains(&inner)
    }

    /// Letters of visible text in the subtree.
    pub(super) fn text_len(&self, index: usize) -> usize {
        let element = &self.elements[index];
        element.text_to - element.text_from
    }

    fn has_title(&self, index: usize) -> bool {
        let first = self.titles.partition_point(|&title| title < index);
        self.titles.get(first).is_some_and(|&title| self.contains(index, title))
    }

    /// Whether the element holds comments or a form for them and nothing of the article.
    pub(super) fn is_thread_box(&self, index: usize) -> bool {
        let element = &self.elements[index];
        let scaffold = matches!(
            element.tag.name(),
            "html" | "body" | "main" | "head" | "header" | "a" | "span" | "p" | "button"
        );
        element.mark.container && !scaffold && !self.has_title(index)
    }

    pub(super) fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.elements[index].parent, |&up| self.elements[up].parent)
    }
}

fn count_letters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

pub(super) fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "svg"
            | "textarea"
            | "select"
            | "button"
            | "iframe"
            | "head"
    )
}

impl Mark {
    fn of(tag: &Tag) -> Self {
        let mut mark = Self::default();
        if !speaks_of_comments(tag) {
            return mark;
        }
        let may_be_item = is_item_tag(tag.name());
        let mut classed_container = false;
        for name in tag.classes().take(40) {
            let word = Word::of(name);
            mark.comment |= word.comment;
            mark.item |= may_be_item && word.names_item();
            mark.text |= word.names_text();
            classed_container |= word.comment && word.container;
            mark.elsewhere |= word.comment && word.elsewhere;
            mark.ping |= matches!(name, "pingback" | "trackback" | "pings" | "trackbacks");
        }
        if let Some(id) = tag.id() {
            let word = Word::of(id);
            mark.id = comment_id(id);
            mark.comment |= word.comment;
            mark.container |=
                (word.comment && word.container) || matches!(id, "respond" | "disqus_thread");
            mark.elsewhere |= word.comment && word.elsewhere;
            if (mark.comment && is_blogger_id(id))
                || (tag.has_class("crawler-post", CASE) && id.starts_with("post_"))
            {
                mark.id = Some(id.to_owned());
                mark.item = true;
            }
            mark.item |= may_be_item && mark.id.is_some();
        }
        mark.container |= classed_container;
        mark.take_vocabulary(tag);
        // `class="comment-list has-comment"` is a list.
        mark.item &= !mark.elsewhere && (!classed_container || mark.id.is_some() || mark.typed);
        mark
    }

    fn take_vocabulary(&mut self, tag: &Tag) {
        let types = tag.attr("itemtype").unwrap_or_default();
        let typed = types.split_ascii_whitespace().any(|kind| {
            kind.ends_with("schema.org/Comment") || kind.ends_with("schema.org/UserComments")
        });
        let property = tag.attr("itemprop") == Some("comment");
        let micro = tag.has_class("u-comment", CASE) || tag.has_class("p-comment", CASE);
        if (typed || property || micro) && tag.name() != "meta" {
            self.typed = true;
            self.item = true;
            self.comment = true;
        }
    }
}

fn is_item_tag(name: &str) -> bool {
    matches!(
        name,
        "li" | "div"
            | "article"
            | "section"
            | "tr"
            | "blockquote"
            | "dl"
            | "dt"
            | "dd"
            | "table"
            | "p"
    ) || name.contains("comment")
}
