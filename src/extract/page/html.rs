//! Kept nodes to HTML: the elements a reader needs, their links and pictures, nothing of the page's layout.
//!
//! The result still goes through the sanitiser, which resolves links and has the last word on what is safe.

use super::tree::{Node, Tag, Tree};

/// Renders the nodes of `roots` (in document order) for which `keep` is true; at most about `limit` bytes.
pub(super) fn render(
    tree: &Tree<'_>,
    roots: &[usize],
    keep: impl Fn(usize) -> bool,
    limit: usize,
) -> String {
    let mut html = String::new();
    for &root in roots {
        render_subtree(tree, root, &keep, limit, &mut html);
    }
    html
}

fn render_subtree(
    tree: &Tree<'_>,
    root: usize,
    keep: &impl Fn(usize) -> bool,
    limit: usize,
    html: &mut String,
) {
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut at = root;
    while at < tree.nodes[root].end && html.len() < limit {
        close_before(&mut open, at, html);
        let node = &tree.nodes[at];
        if !keep(at) {
            at = node.end;
            continue;
        }
        if let Some(text) = node.text() {
            push_escaped(html, text);
        } else if let Some(name) = output_name(tree, at) {
            push_start(html, node, name);
            if !matches!(name, "br" | "img" | "hr") {
                open.push((node.end, name));
            }
        }
        at += 1;
    }
    close_before(&mut open, usize::MAX, html);
}

fn close_before(open: &mut Vec<(usize, &str)>, at: usize, html: &mut String) {
    while let Some(&(end, name)) = open.last()
        && end <= at
    {
        html.push_str("</");
        html.push_str(name);
        html.push('>');
        open.pop();
    }
}

/// The element to write for a node; none for wrappers, whose children stand for themselves.
fn output_name<'a>(tree: &Tree<'a>, index: usize) -> Option<&'a str> {
    let node = &tree.nodes[index];
    let name = node.name();
    match node.tag {
        Tag::Paragraph
        | Tag::Break
        | Tag::Heading(_)
        | Tag::List
        | Tag::Item
        | Tag::Quote
        | Tag::Preformatted
        | Tag::Table
        | Tag::Row
        | Tag::Cell
        | Tag::Figure
        | Tag::Caption
        | Tag::Image
        | Tag::Link => Some(name),
        Tag::Inline => is_meaningful_inline(name).then_some(name),
        Tag::Block if matches!(name, "hr" | "tbody" | "thead" | "tfoot") => Some(name),
        tag if tag.is_block() => has_own_text(tree, index).then_some("div"),
        _ => None,
    }
}

fn is_meaningful_inline(name: &str) -> bool {
    matches!(
        name,
        "b" | "strong"
            | "i"
            | "em"
            | "u"
            | "s"
            | "del"
            | "ins"
            | "code"
            | "kbd"
            | "samp"
            | "var"
            | "sub"
            | "sup"
            | "q"
            | "cite"
            | "abbr"
            | "mark"
            | "small"
            | "ruby"
            | "rt"
            | "rp"
    )
}

fn has_own_text(tree: &Tree<'_>, index: usize) -> bool {
    tree.children(index).any(|child| {
        let node = &tree.nodes[child];
        node.text().is_some_and(|text| !text.trim().is_empty())
            || matches!(node.tag, Tag::Link | Tag::Inline | Tag::Image)
    })
}

fn push_start(html: &mut String, node: &Node<'_>, name: &str) {
    html.push('<');
    html.push_str(name);
    match node.tag {
        Tag::Link => push_attribute(html, "href", node.attr("href")),
        Tag::Image => {
            push_attribute(html, "src", picture(node));
            push_attribute(html, "alt", node.attr("alt"));
        }
        Tag::Cell => {
            push_attribute(html, "colspan", node.attr("colspan"));
            push_attribute(html, "rowspan", node.attr("rowspan"));
        }
        _ => {}
    }
    html.push('>');
}

/// The picture's address; scripts load it later from another attribute on many pages.
fn picture<'a>(node: &Node<'a>) -> Option<&'a str> {
    let lazy = ["data-src", "data-lazy-src", "data-original", "data-orig-file"];
    let later = lazy.iter().find_map(|name| node.attr(name)).filter(|value| !value.is_empty());
    let now = node.attr("src").filter(|value| !value.starts_with("data:"));
    now.filter(|value| !value.is_empty() && later.is_none()).or(later)
}

fn push_attribute(html: &mut String, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    html.push(' ');
    html.push_str(name);
    html.push_str("=\"");
    push_escaped(html, value);
    html.push('"');
}

fn push_escaped(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(character),
        }
    }
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
    fn layout_is_left_out_and_structure_kept() {
        assert_eq!(
            rendered(
                "<div class=x><div id=y><h2>T</h2><p>a <a href='/b?x=1&y' onclick=z>b</a></div>loose</div>"
            ),
            "<div><h2>T</h2><p>a <a href=\"/b?x=1&amp;y\">b</a></p>loose</div>"
        );
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(rendered("<p>1 &lt;script&gt; &amp; 2"), "<p>1 &lt;script&gt; &amp; 2</p>");
    }

    #[test]
    fn lazy_pictures_get_their_address() {
        assert_eq!(
            rendered("<p><img src='data:image/gif;base64,x' data-src='/p.jpg' alt='A'></p>"),
            "<p><img src=\"/p.jpg\" alt=\"A\"></p>"
        );
    }
}
