//! The page as flat arrays: nodes in document order, each knowing where its subtree ends, so that any sum over
//! a subtree is the difference of two prefix sums and no walk is recursive.

use std::{collections::HashSet, ops::Range};

use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{Html, Node as Source};

use super::names::{Marks, Names};

/// What an element is to the extractor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Text,
    /// `<br>`
    Break,
    Paragraph,
    Heading(u8),
    List,
    /// `<li>`, `<dt>`, `<dd>`
    Item,
    Quote,
    Preformatted,
    Table,
    Row,
    Cell,
    Figure,
    Caption,
    Image,
    Link,
    Article,
    Main,
    Section,
    Header,
    Footer,
    Nav,
    Aside,
    Form,
    Time,
    /// `<div>` and every other block.
    Block,
    /// Every other inline element.
    Inline,
    /// Not text: script, style, controls, embedded objects. Its children are not in the tree.
    Skipped,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name {
            "p" => Self::Paragraph,
            "br" => Self::Break,
            "a" => Self::Link,
            "img" => Self::Image,
            "h1" => Self::Heading(1),
            "h2" => Self::Heading(2),
            "h3" => Self::Heading(3),
            "h4" => Self::Heading(4),
            "h5" => Self::Heading(5),
            "h6" => Self::Heading(6),
            "ul" | "ol" | "dl" | "menu" => Self::List,
            "li" | "dt" | "dd" => Self::Item,
            "blockquote" => Self::Quote,
            "pre" | "listing" | "xmp" | "plaintext" => Self::Preformatted,
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "figure" => Self::Figure,
            "figcaption" | "caption" => Self::Caption,
            "article" => Self::Article,
            "main" => Self::Main,
            "section" => Self::Section,
            "header" => Self::Header,
            "footer" => Self::Footer,
            "nav" => Self::Nav,
            "aside" => Self::Aside,
            "form" => Self::Form,
            "time" => Self::Time,
            "div" | "body" | "html" | "address" | "center" | "details" | "summary" | "fieldset"
            | "hr" | "hgroup" | "legend" | "search" | "tbody" | "thead" | "tfoot" | "colgroup"
            | "dir" | "frameset" | "amp-story" => Self::Block,
            "script" | "style" | "noscript" | "template" | "svg" | "math" | "iframe" | "object"
            | "embed" | "applet" | "audio" | "video" | "canvas" | "map" | "button" | "select"
            | "input" | "textarea" | "option" | "datalist" | "progress" | "meter" | "dialog"
            | "head" | "title" | "meta" | "link" | "base" | "noframes" | "noembed" | "frame"
            | "amp-ad" | "amp-iframe" | "amp-analytics" => Self::Skipped,
            _ => Self::Inline,
        }
    }

    /// True if the text inside stands apart from the text before and after.
    pub fn is_block(self) -> bool {
        !matches!(
            self,
            Self::Text
                | Self::Break
                | Self::Image
                | Self::Link
                | Self::Time
                | Self::Inline
                | Self::Skipped
        )
    }
}

/// A node in document order.
pub(super) struct Node<'a> {
    pub source: NodeRef<'a, Source>,
    pub tag: Tag,
    /// Index of the parent; the root is its own.
    pub parent: usize,
    /// Index of the nearest block around it (itself for a block).
    pub block: usize,
    /// One past the last node of the subtree.
    pub end: usize,
    pub marks: Marks,
    /// True inside `<a>`.
    pub linked: bool,
}

impl<'a> Node<'a> {
    /// The text of a text node.
    pub fn text(&self) -> Option<&'a str> {
        match self.source.value() {
            Source::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An attribute of an element.
    pub fn attr(&self, name: &str) -> Option<&'a str> {
        self.source.value().as_element()?.attr(name)
    }

    /// Name of an element; empty for text.
    pub fn name(&self) -> &'a str {
        self.source.value().as_element().map_or("", |element| element.name())
    }
}

/// The nodes of a page below `<body>`, in document order. Never empty.
pub(super) struct Tree<'a> {
    pub nodes: Vec<Node<'a>>,
}

impl<'a> Tree<'a> {
    /// Flattens the page.
    pub fn of(html: &'a Html) -> Self {
        let root = body_of(html);
        let mut tree = Self { nodes: Vec::with_capacity(html.tree.values().len()) };
        let mut names = Names::default();
        let mut open: Vec<usize> = Vec::new();
        let mut skipped = 0usize;
        for edge in root.traverse() {
            match edge {
                Edge::Open(source) if skipped > 0 => skipped += usize::from(source.has_children()),
                Edge::Open(source) => {
                    let Some(index) = tree.push(source, open.last().copied(), &mut names) else {
                        skipped += usize::from(source.has_children());
                        continue;
                    };
                    if source.has_children() {
                        open.push(index);
                    }
                }
                Edge::Close(source) if !source.has_children() => {}
                Edge::Close(_) if skipped > 0 => skipped -= 1,
                Edge::Close(_) => {
                    let end = tree.nodes.len();
                    if let Some(index) = open.pop() {
                        tree.nodes[index].end = end;
                    }
                }
            }
        }
        tree
    }

    fn push(
        &mut self,
        source: NodeRef<'a, Source>,
        parent: Option<usize>,
        names: &mut Names<'a>,
    ) -> Option<usize> {
        let index = self.nodes.len();
        let parent_index = parent.unwrap_or(index);
        let (tag, marks) = match source.value() {
            Source::Text(_) => (Tag::Text, Marks::default()),
            Source::Element(element) => {
                let tag = Tag::of(element.name());
                if tag == Tag::Skipped && parent.is_some() {
                    return None;
                }
                (tag, marks_of(element, names))
            }
            _ if parent.is_none() => (Tag::Block, Marks::default()),
            _ => return None,
        };
        let above = parent.map(|parent| &self.nodes[parent]);
        let block = if tag.is_block() { index } else { above.map_or(index, |node| node.block) };
        let linked = tag == Tag::Link || above.is_some_and(|node| node.linked);
        self.nodes.push(Node {
            source,
            tag,
            parent: parent_index,
            block,
            end: index + 1,
            marks,
            linked,
        });
        Some(index)
    }

    /// Indices of a subtree, its root included.
    pub fn subtree(&self, index: usize) -> Range<usize> {
        index..self.nodes[index].end
    }

    /// The children of a node.
    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes[index].end;
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.nodes[child].end;
            Some(child)
        })
    }

    /// The node's ancestors, nearest first.
    pub fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> {
        let mut at = index;
        std::iter::from_fn(move || {
            let parent = self.nodes[at].parent;
            if parent == at {
                return None;
            }
            at = parent;
            Some(at)
        })
    }

    /// True if `inner` lies in the subtree of `outer`.
    pub fn contains(&self, outer: usize, inner: usize) -> bool {
        self.subtree(outer).contains(&inner)
    }

    /// The text of a subtree with white space collapsed; at most about `max` bytes.
    pub fn plain(&self, index: usize, max: usize) -> String {
        let mut plain = String::new();
        for node in &self.nodes[self.subtree(index)] {
            if plain.len() > max {
                break;
            }
            if node.tag.is_block() || node.tag == Tag::Break {
                plain.push(' ');
            }
            plain.push_str(node.text().unwrap_or_default());
        }
        collapse(&plain)
    }

    /// Marks, by index, the subtrees of the given source nodes.
    pub fn indices_of(&self, sources: &HashSet<NodeId>) -> Vec<usize> {
        if sources.is_empty() {
            return Vec::new();
        }
        let is_one = |index: &usize| sources.contains(&self.nodes[*index].source.id());
        (0..self.nodes.len()).filter(is_one).collect()
    }
}

/// White space runs become one space; none at the ends.
pub(super) fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

fn body_of(html: &Html) -> NodeRef<'_, Source> {
    let root = html.tree.root();
    let is = |node: &NodeRef<'_, Source>, name: &str| {
        node.value().as_element().is_some_and(|element| element.name() == name)
    };
    let Some(document) = root.children().find(|node| is(node, "html")) else { return root };
    document.children().find(|node| is(node, "body")).unwrap_or(document)
}

fn marks_of<'a>(element: &'a scraper::node::Element, names: &mut Names<'a>) -> Marks {
    let mut marks = Marks::default();
    for (name, value) in element.attrs() {
        marks = marks.with(match name {
            "class" | "id" => names.classify(value),
            "data-component"
            | "data-testid"
            | "data-qa"
            | "data-test"
            | "data-type"
            | "data-component-name"
            | "data-block" => names.classify(value),
            "hidden" => Marks::HIDDEN,
            "aria-hidden" if value == "true" => Marks::HIDDEN,
            "style" if hides(value) => Marks::HIDDEN,
            "itemprop" if value.eq_ignore_ascii_case("articlebody") => Marks::BODY,
            "role" => match value {
                "main" | "article" => Marks::GOOD,
                "navigation" | "search" | "contentinfo" | "dialog" | "menu" | "menubar"
                | "tooltip" | "toolbar" | "alertdialog" => Marks::FURNITURE,
                "complementary" | "banner" => Marks::WEAK,
                _ => continue,
            },
            _ => continue,
        });
    }
    marks
}

fn hides(style: &str) -> bool {
    let mut declarations = style.split(';').filter_map(|declaration| declaration.split_once(':'));
    declarations.any(|(property, value)| {
        let value = value.trim();
        match property.trim() {
            "display" => value.starts_with("none"),
            "visibility" => value.starts_with("hidden"),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stand_in_document_order_with_their_ends() {
        let html = Html::parse_document(
            "<div id=a><p>one <b>two</b></p><script>no<!-- x --></script>three</div><p>four",
        );
        let tree = Tree::of(&html);
        let names: Vec<_> = tree.nodes.iter().map(|n| n.text().unwrap_or(n.name())).collect();
        assert_eq!(names, ["body", "div", "p", "one ", "b", "two", "three", "p", "four"]);
        let ends: Vec<_> = tree.nodes.iter().map(|n| n.end).collect();
        assert_eq!(ends, [9, 7, 6, 4, 6, 6, 7, 9, 9]);
        assert_eq!(tree.children(0).collect::<Vec<_>>(), [1, 7]);
        assert_eq!(tree.ancestors(5).collect::<Vec<_>>(), [4, 2, 1, 0]);
        assert_eq!(tree.plain(1, 100), "one two three");
    }

    #[test]
    fn a_frameset_or_empty_page_has_a_root() {
        for page in ["", "<frameset><frame src=a></frameset>", "<html>"] {
            assert!(!Tree::of(&Html::parse_document(page)).nodes.is_empty());
        }
    }
}
