//! Text to tree, with html5ever kept away from the inputs that make it slow or large.
//!
//! html5ever follows the standard, and the standard has super-linear corners: scope checks walk the whole
//! stack of open elements, unclosed formatting elements are opened again in every paragraph, and each
//! attribute of a tag is compared with all before it. A guard between tokenizer and tree builder bounds all three.

use std::cell::{Cell, RefCell};

use ego_tree::NodeId;
use html5ever::{
    LocalName,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
    },
    tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink},
};
use scraper::{Html, HtmlTreeSink};

use super::{Limit, PageLimits};

/// Unclosed formatting elements (`<b>`, `<font>` ...) beyond this are dropped: each is opened again in every block.
const MAX_OPEN_FORMATTING: usize = 32;
/// No real tag has more attributes.
const MAX_ATTRIBUTES: usize = 2_000;
/// Bytes given to the parser between two looks at the number of nodes.
const CHUNK: usize = 16 * 1024;

/// A parsed page and the limits that were reached on the way.
pub(super) struct Parsed {
    pub html: Html,
    pub reached: Vec<Limit>,
}

/// Parses `text`; what lies beyond a limit is left out.
pub(super) fn parse(text: &str, limits: &PageLimits) -> Parsed {
    let mut reached = Vec::new();
    let sound = before_attribute_flood(text);
    if sound.len() < text.len() {
        reached.push(Limit::Attributes);
    }
    let builder =
        TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), TreeBuilderOpts::default());
    let guard = Guard {
        builder,
        open: RefCell::new(OpenTags::new(limits.depth)),
        too_deep: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = sound;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.floor_char_boundary(CHUNK.min(rest.len())));
        rest = after;
        input.push_back(StrTendril::from_slice(chunk));
        // It returns early at each end of a script.
        while !input.is_empty() {
            let _ = tokenizer.feed(&input);
        }
        if tokenizer.sink.node_count() > limits.nodes {
            reached.push(Limit::Nodes);
            break;
        }
    }
    tokenizer.end();
    if tokenizer.sink.too_deep.get() {
        reached.push(Limit::Depth);
    }
    Parsed { html: tokenizer.sink.builder.sink.finish(), reached }
}

/// Stands between tokenizer and tree builder.
struct Guard {
    builder: TreeBuilder<NodeId, HtmlTreeSink>,
    open: RefCell<OpenTags>,
    too_deep: Cell<bool>,
}

impl Guard {
    fn node_count(&self) -> usize {
        self.builder.sink.0.borrow().tree.values().len()
    }
}

impl TokenSink for Guard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        match &token {
            Token::TagToken(tag) if !self.open.borrow_mut().admits(tag) => {
                self.too_deep.set(true);
                TokenSinkResult::Continue
            }
            Token::CommentToken(_) | Token::ParseError(_) => TokenSinkResult::Continue,
            _ => self.builder.process_token(token, line),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// An estimate of the tree builder's stack of open elements, good enough to bound it.
struct OpenTags {
    names: Vec<LocalName>,
    formatting: usize,
    limit: usize,
}

impl OpenTags {
    fn new(limit: usize) -> Self {
        Self { names: Vec::with_capacity(64), formatting: 0, limit }
    }

    /// Notes the tag; false if it would nest too deep and has to be dropped.
    fn admits(&mut self, tag: &Tag) -> bool {
        match tag.kind {
            TagKind::EndTag => {
                self.close(&tag.name);
                true
            }
            TagKind::StartTag => self.opens(tag),
        }
    }

    fn opens(&mut self, tag: &Tag) -> bool {
        if is_void(&tag.name) || tag.self_closing {
            return self.names.len() < self.limit || is_void(&tag.name);
        }
        self.close_implied(&tag.name);
        // The tokenizer must switch state for these, and their end is never missed.
        if self.names.len() >= self.limit && !is_raw_text(&tag.name) {
            return false;
        }
        if is_formatting(&tag.name) {
            if self.formatting >= MAX_OPEN_FORMATTING {
                return false;
            }
            self.formatting += 1;
        }
        self.names.push(tag.name.clone());
        true
    }

    fn close(&mut self, name: &LocalName) {
        let Some(at) = self.names.iter().rposition(|open| open == name) else { return };
        let behind_cell = self.names[at..].iter().any(|open| matches!(&**open, "td" | "th"));
        if is_formatting(name) && !behind_cell {
            self.formatting = self.formatting.saturating_sub(1);
        }
        self.names.truncate(at);
    }

    /// `<li>` closes an open `<li>` of the same list, and so on.
    fn close_implied(&mut self, name: &LocalName) {
        if !has_optional_end(name) {
            return;
        }
        let scope = self.names.iter().rposition(|open| is_scope_for_optional_end(open));
        let from = scope.map_or(0, |at| at + 1);
        if let Some(at) = self.names[from..].iter().position(|open| open == name) {
            self.names.truncate(from + at);
        }
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

fn is_raw_text(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "title"
            | "textarea"
            | "noscript"
            | "iframe"
            | "noembed"
            | "noframes"
            | "xmp"
            | "plaintext"
    )
}

fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "b" | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

fn has_optional_end(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "dt"
            | "dd"
            | "option"
            | "tr"
            | "td"
            | "th"
            | "tbody"
            | "thead"
            | "tfoot"
            | "a"
    )
}

fn is_scope_for_optional_end(name: &str) -> bool {
    matches!(name, "ul" | "ol" | "dl" | "table" | "select" | "div" | "svg" | "math")
}

/// The text up to the first tag with an absurd number of attributes.
fn before_attribute_flood(text: &str) -> &str {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(start) = memchr::memchr(b'<', &bytes[at..]).map(|found| at + found) {
        at = start + 1;
        if bytes[at..].starts_with(b"!--") {
            at = after(bytes, at, b"-->");
        } else if bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            let Some(end) = tag_end(bytes, at) else { return &text[..start] };
            let tag = &bytes[at..end];
            at = end;
            for name in [b"script".as_slice(), b"style"] {
                if tag.len() >= name.len() && tag[..name.len()].eq_ignore_ascii_case(name) {
                    at = after(bytes, at, b"</");
                }
            }
        }
    }
    text
}

fn after(bytes: &[u8], from: usize, mark: &[u8]) -> usize {
    memchr::memmem::find(&bytes[from..], mark).map_or(bytes.len(), |found| from + found)
}

/// Where the tag whose name starts at `from` ends (at `>` or the end of the text); none if it has too many attributes.
fn tag_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut attributes = 0;
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return Some(at),
            b'=' => {
                let value = at + 1 + spaces(&bytes[at + 1..]);
                at = match bytes.get(value) {
                    Some(quote @ (b'"' | b'\'')) => memchr::memchr(*quote, &bytes[value + 1..])
                        .map_or(bytes.len(), |found| value + 1 + found),
                    _ => at,
                };
            }
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' | b'"' | b'\'' => {
                attributes += 1;
                at += spaces(&bytes[at + 1..]);
            }
            _ => {}
        }
        if attributes > MAX_ATTRIBUTES {
            return None;
        }
        at += 1;
    }
    Some(bytes.len())
}

fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth_of(html: &Html) -> usize {
        let mut deepest = 0;
        let mut depth = 0;
        for edge in html.tree.root().traverse() {
            match edge {
                ego_tree::iter::Edge::Open(_) => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                ego_tree::iter::Edge::Close(_) => depth -= 1,
            }
        }
        deepest
    }

    #[test]
    fn an_ordinary_page_is_left_as_it_is() {
        let page = "<title>t</title><ul><li>a<li>b</ul><p>one<p>two <b>bold</b><table><tr><td>x<td>y</table>";
        let parsed = parse(page, &PageLimits::default());
        assert_eq!(parsed.reached, []);
        assert_eq!(parsed.html.html(), Html::parse_document(page).html());
    }

    #[test]
    fn hostile_nesting_is_cut_at_the_limit() {
        let limits = PageLimits::default();
        for tag in [
            "div",
            "b",
            "blockquote",
            "ul><li",
            "table><tr><td",
            "svg><td",
            "span",
            "p><b",
            "a",
            "font size=1",
        ] {
            let page = format!("<{tag}>").repeat(50_000) + "the end";
            let parsed = parse(&page, &limits);
            assert!(
                depth_of(&parsed.html) <= 2 * limits.depth + 8,
                "{tag}: {}",
                depth_of(&parsed.html)
            );
            let text: String = parsed.html.root_element().text().collect();
            assert!(text.contains("the end") || parsed.reached.contains(&Limit::Nodes), "{tag}");
        }
    }

    #[test]
    fn unclosed_formatting_does_not_multiply() {
        let page: String = (0..20_000).map(|n| format!("<p><b id={n}>x")).collect();
        let parsed = parse(&page, &PageLimits::default());
        assert!(parsed.html.tree.values().len() < 1_000_000);
    }

    #[test]
    fn a_tag_with_endless_attributes_ends_the_page() {
        let flood: String = (0..100_000).map(|n| format!(" a{n}")).collect();
        let parsed = parse(&format!("<p>before</p><div{flood}>after"), &PageLimits::default());
        assert_eq!(parsed.reached, [Limit::Attributes]);
        let text: String = parsed.html.root_element().text().collect();
        assert_eq!(text, "before");
    }

    #[test]
    fn quoted_values_and_scripts_are_no_attributes() {
        let words = "w ".repeat(10_000);
        let page = format!(
            "<div data-x='{words}' title=\"{words}\">a</div><script>if (1<b {words})</script><p>z"
        );
        assert_eq!(parse(&page, &PageLimits::default()).reached, []);
    }
}
