//! Kept nodes to plain text. The contract:
//!
//! - each block stands on a line of its own; paragraphs, headings, lists, tables and quotes are separated by a blank line;
//! - list items follow each other line by line, marked `- `; table rows likewise, cells separated by ` | `;
//! - `<br>` is a line break, two of them a new paragraph;
//! - white space inside a block is one space; `<pre>` keeps its own;
//! - soft hyphens, zero-width and control characters are left out.

use super::tree::{Node, Tag, Tree};

/// Plain text under construction.
#[derive(Default)]
struct Writer {
    text: String,
    pending: Gap,
    /// The marker of a list item waits for the item's first word.
    marker: &'static str,
    limit: usize,
}

/// What has to be written before the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Gap {
    #[default]
    None,
    Space,
    Cell,
    Line,
    Paragraph,
}

/// Renders the nodes of `roots` (in document order) for which `keep` is true; at most about `limit` bytes.
pub(super) fn render(
    tree: &Tree<'_>,
    roots: &[usize],
    keep: impl Fn(usize) -> bool,
    limit: usize,
) -> String {
    let mut writer = Writer { limit, ..Writer::default() };
    for &root in roots {
        render_subtree(tree, root, &keep, &mut writer);
    }
    writer.text
}

fn render_subtree(
    tree: &Tree<'_>,
    root: usize,
    keep: &impl Fn(usize) -> bool,
    writer: &mut Writer,
) {
    let mut open: Vec<usize> = Vec::new();
    let mut preformatted = 0usize;
    let mut at = root;
    let end = tree.nodes[root].end;
    while at < end && writer.text.len() < writer.limit {
        while let Some(&last) = open.last()
            && tree.nodes[last].end <= at
        {
            open.pop();
            preformatted -= usize::from(tree.nodes[last].tag == Tag::Preformatted);
            close(tree, last, writer);
        }
        let node = &tree.nodes[at];
        if !keep(at) {
            // An image or a dropped box between two words still parts them.
            writer.gap(if node.tag.is_block() { Gap::Line } else { Gap::None });
            at = node.end;
            continue;
        }
        match node.text() {
            Some(text) if preformatted > 0 => writer.verbatim(text),
            Some(text) => writer.words(text),
            None => {
                begin(tree, at, writer);
                open.push(at);
                preformatted += usize::from(node.tag == Tag::Preformatted);
            }
        }
        at += 1;
    }
    while let Some(last) = open.pop() {
        close(tree, last, writer);
    }
}

fn begin(tree: &Tree<'_>, index: usize, writer: &mut Writer) {
    let node = &tree.nodes[index];
    match node.tag {
        Tag::Break => writer.break_line(),
        Tag::Item if is_list_item(tree, node) => {
            writer.gap(Gap::Line);
            writer.marker = "- ";
        }
        Tag::Cell if is_data_cell(tree, index) => {}
        tag => writer.gap(gap_around(tree, node, tag)),
    }
}

fn close(tree: &Tree<'_>, index: usize, writer: &mut Writer) {
    let node = &tree.nodes[index];
    match node.tag {
        Tag::Break => {}
        Tag::Cell if is_data_cell(tree, index) => writer.gap(Gap::Cell),
        tag => writer.gap(gap_around(tree, node, tag)),
    }
}

fn gap_around(tree: &Tree<'_>, node: &Node<'_>, tag: Tag) -> Gap {
    match tag {
        Tag::Paragraph if tree.nodes[node.parent].tag == Tag::Item => Gap::Line,
        Tag::List if tree.nodes[node.parent].tag == Tag::Item => Gap::Line,
        Tag::Paragraph
        | Tag::Heading(_)
        | Tag::List
        | Tag::Quote
        | Tag::Preformatted
        | Tag::Table
        | Tag::Figure
        | Tag::Article
        | Tag::Section => Gap::Paragraph,
        tag if tag.is_block() => Gap::Line,
        _ => Gap::None,
    }
}

fn is_list_item(tree: &Tree<'_>, node: &Node<'_>) -> bool {
    tree.nodes[node.parent].tag == Tag::List && node.name() == "li"
}

/// A cell of text; a cell that holds blocks belongs to a layout table.
fn is_data_cell(tree: &Tree<'_>, index: usize) -> bool {
    let holds_block = |child: usize| {
        let tag = tree.nodes[child].tag;
        tag.is_block() && !matches!(tag, Tag::Paragraph | Tag::Block)
    };
    let mut blocks = 0;
    for child in tree.children(index) {
        if holds_block(child) {
            return false;
        }
        blocks += usize::from(tree.nodes[child].tag.is_block());
    }
    blocks <= 1
}

impl Writer {
    fn gap(&mut self, gap: Gap) {
        self.pending = self.pending.max(gap);
    }

    fn break_line(&mut self) {
        let gap = if self.pending >= Gap::Line { Gap::Paragraph } else { Gap::Line };
        self.gap(gap);
    }

    fn words(&mut self, text: &str) {
        let mut word_open = false;
        for character in text.chars() {
            if character.is_whitespace() {
                self.gap(Gap::Space);
                word_open = false;
            } else if !is_invisible(character) {
                if !word_open {
                    self.fill_gap();
                    word_open = true;
                }
                self.text.push(character);
            }
        }
    }

    fn verbatim(&mut self, text: &str) {
        let text =
            if self.pending >= Gap::Line { text.trim_start_matches(['\r', '\n']) } else { text };
        if text.is_empty() {
            return;
        }
        self.fill_gap();
        self.text
            .extend(text.chars().filter(|&c| c != '\r' && (c.is_whitespace() || !is_invisible(c))));
    }

    fn fill_gap(&mut self) {
        let gap = std::mem::take(&mut self.pending);
        if !self.text.is_empty() {
            let trimmed = self.text.trim_end().len();
            if gap >= Gap::Line {
                self.text.truncate(trimmed);
            }
            self.text.push_str(match gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Cell => " | ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.text.push_str(std::mem::take(&mut self.marker));
    }
}

/// Characters a reader does not see and a search must not stumble over.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
    ) || character.is_control()
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn rendered(page: &str) -> String {
        let html = Html::parse_document(page);
        render(&Tree::of(&html), &[0], |_| true, 1 << 20)
    }

    #[test]
    fn paragraphs_are_separated_by_a_blank_line() {
        assert_eq!(
            rendered("<h2>Head</h2><p>One\n two</p>\n<p>three</p>"),
            "Head\n\nOne two\n\nthree"
        );
    }

    #[test]
    fn inline_elements_do_not_part_words() {
        assert_eq!(rendered("<p>a<b>b</b>c <i> d</i> e</p>"), "abc d e");
        assert_eq!(rendered("<p>a <img src=x> b</p>"), "a b");
    }

    #[test]
    fn divs_are_lines() {
        assert_eq!(rendered("<div>a<div>b</div>c</div>"), "a\nb\nc");
    }

    #[test]
    fn breaks_are_lines_and_two_are_a_paragraph() {
        assert_eq!(rendered("a<br>b<br><br>c<br> <br>d"), "a\nb\n\nc\n\nd");
    }

    #[test]
    fn list_items_are_marked() {
        assert_eq!(
            rendered("x<ul><li>a<li><p>b</p><ul><li>c</ul></ul>y"),
            "x\n\n- a\n- b\n- c\n\ny"
        );
        assert_eq!(rendered("<ul><li></li><li>b</li></ul>"), "- b");
    }

    #[test]
    fn cells_are_separated_and_rows_are_lines() {
        let table =
            "<table><tr><th>k</th><th>v</th></tr><tr><td>a</td><td><p>1</p></td></tr></table>";
        assert_eq!(rendered(table), "k | v\na | 1");
    }

    #[test]
    fn layout_tables_are_blocks() {
        let table = "<table><tr><td><h1>t</h1><p>a</p><p>b</p></td><td>c</td></tr></table>";
        assert_eq!(rendered(table), "t\n\na\n\nb\n\nc");
    }

    #[test]
    fn preformatted_text_keeps_its_white_space() {
        assert_eq!(rendered("<p>x</p><pre>\n  a\n    b\n</pre><p>y</p>"), "x\n\n  a\n    b\n\ny");
    }

    #[test]
    fn invisible_characters_are_left_out() {
        assert_eq!(
            rendered("<p>Ver\u{ad}schlüs\u{200b}selt&nbsp;ist\u{feff}</p>"),
            "Verschlüsselt ist"
        );
    }

    #[test]
    fn the_length_is_bounded() {
        let html = Html::parse_document(&"<p>word</p>".repeat(1_000));
        assert!(render(&Tree::of(&html), &[0], |_| true, 100).len() < 120);
    }
}
