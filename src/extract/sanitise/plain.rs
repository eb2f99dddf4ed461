//! HTML to plain text: a line per block, paragraphs separated by a blank line.

use scraper::{Html, Node};

use super::tame;

/// Writes plain text block by block. White space collapses; blank lines never double.
#[derive(Debug, Default)]
pub struct BlockText {
    text: String,
    pending: Break,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Break {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

impl BlockText {
    /// Adds running text.
    pub fn push(&mut self, text: &str) {
        for (index, word) in text.split(is_space).enumerate() {
            if index > 0 {
                self.want(Break::Space);
            }
            self.push_word(word);
        }
    }

    /// Adds text whose line breaks count, as in `pre`.
    pub fn push_lines(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.line_break();
            }
            self.push_word(line.trim_end());
        }
    }

    /// Ends the line, as small blocks do.
    pub fn line(&mut self) {
        self.want(Break::Line);
    }

    /// Ends the line, as `br` does: twice is a paragraph.
    pub fn line_break(&mut self) {
        let wanted = if self.pending >= Break::Line { Break::Paragraph } else { Break::Line };
        self.want(wanted);
    }

    /// Ends the paragraph.
    pub fn paragraph(&mut self) {
        self.want(Break::Paragraph);
    }

    /// The text so far, in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text, without white space at its ends.
    pub fn finish(self) -> String {
        self.text
    }

    fn want(&mut self, wanted: Break) {
        self.pending = self.pending.max(wanted);
    }

    fn push_word(&mut self, word: &str) {
        let mut letters = word.chars().filter(|c| !is_invisible(*c)).peekable();
        if letters.peek().is_none() {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        if !self.text.is_empty() {
            self.text.push_str(match pending {
                Break::None => "",
                Break::Space => " ",
                Break::Line => "\n",
                Break::Paragraph => "\n\n",
            });
        }
        self.text.extend(letters);
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Soft hyphens, zero-width characters and controls, which readers never see. Joiners stay: scripts need them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}') || (c.is_control() && c != '\t')
}

/// Whether an element starts a new line.
pub fn is_block(name: &str) -> bool {
    separation(name) != Break::None
}

fn separation(name: &str) -> Break {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "ul" | "ol" | "dl"
        | "table" | "pre" | "figure" | "hr" | "section" | "article" => Break::Paragraph,
        "div" | "li" | "dt" | "dd" | "tr" | "figcaption" | "header" | "footer" | "aside"
        | "main" | "nav" | "form" | "fieldset" | "address" | "details" | "summary" | "caption"
        | "center" | "br" | "option" | "body" | "thead" | "tbody" | "tfoot" => Break::Line,
        _ => Break::None,
    }
}

fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "iframe"
            | "svg"
            | "math"
            | "object"
            | "textarea"
            | "select"
            | "title"
            | "head"
            | "noembed"
            | "noframes"
    )
}

/// The text of an HTML fragment as a reader sees it.
pub fn plain_text(html: &str) -> String {
    let fragment = Html::parse_fragment(&tame(html));
    let mut out = BlockText::default();
    let mut preformatted = 0_usize;
    let mut silent = 0_usize;
    for edge in fragment.tree.root().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) => match node.value() {
                Node::Text(text) if silent == 0 && preformatted > 0 => out.push_lines(text),
                Node::Text(text) if silent == 0 => out.push(text),
                Node::Element(element) => {
                    silent += usize::from(is_silent(element.name()));
                    preformatted += usize::from(element.name() == "pre");
                    open(&mut out, element.name());
                }
                _ => {}
            },
            ego_tree::iter::Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    silent -= usize::from(is_silent(element.name()));
                    preformatted -= usize::from(element.name() == "pre");
                    close(&mut out, element.name());
                }
            }
        }
    }
    out.finish()
}

fn open(out: &mut BlockText, name: &str) {
    match name {
        "br" => out.line_break(),
        "td" | "th" => out.want(Break::Space),
        _ => out.want(separation(name)),
    }
}

fn close(out: &mut BlockText, name: &str) {
    match name {
        "br" => {}
        "td" | "th" => out.want(Break::Space),
        _ => out.want(separation(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_lines_and_paragraphs() {
        assert_eq!(
            plain_text("<p>One\n  <b>two</b>three.</p><p>Four<br>five</p><div>six</div>seven"),
            "One twothree.\n\nFour\nfive\n\nsix\nseven"
        );
        assert_eq!(
            plain_text("<ul><li>a<li>b</ul><table><tr><td>c<td>d<tr><td>e</table>"),
            "a\nb\n\nc d\ne"
        );
    }

    #[test]
    fn two_line_breaks_are_a_paragraph() {
        assert_eq!(plain_text("a<br><br>b<br>c"), "a\n\nb\nc");
    }

    #[test]
    fn what_is_not_shown_is_not_text() {
        assert_eq!(
            plain_text(
                "a<script>x</script><style>y</style>&nbsp;&amp; so\u{ad}ft\u{200b}<!-- z -->"
            ),
            "a & soft"
        );
    }

    #[test]
    fn preformatted_lines_stay() {
        assert_eq!(plain_text("<pre>fn a() {\n    b\n}</pre>after"), "fn a() {\n    b\n}\n\nafter");
    }

    #[test]
    fn deep_nesting_is_read() {
        assert_eq!(plain_text(&("<div>".repeat(100_000) + "x")), "x");
    }
}
