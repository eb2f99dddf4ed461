//! Bounds on the nesting of foreign HTML, before a parser sees it.
//!
//! HTML's tree construction takes quadratic time and memory on markup made for it: each tag may look through all
//! open elements, and unclosed formatting elements are made anew in every block. [`tame`] follows the tags as
//! tree construction does (HTML, section 13.2.6) and leaves out those beyond the limits. Where the two could
//! differ, it holds elements open for longer than a parser would, so the limits hold.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::tag::picture;

/// Open elements at once.
const MAX_DEPTH: usize = 256;
/// Open formatting elements (`b`, `font`, `a` ...) at once.
const MAX_FORMATTING: usize = 16;
/// Attributes of one element.
const MAX_ATTRIBUTES: usize = 256;
/// Nodes a parser may make of it; the input is cut there.
const MAX_NODES: usize = 500_000;
/// Bytes of one text node that is to be written again.
const MAX_TEXT_NODE: usize = 4096;
/// Bytes of the longest named character reference, and some.
const MAX_REFERENCE: usize = 40;
/// How far an end tag looks for its start tag.
const MAX_LOOK: usize = 2 * MAX_DEPTH;

/// The same HTML with what passes the limits left out: 256 open elements, 16 open formatting elements,
/// 256 attributes an element, 500,000 nodes. Borrowed where nothing had to go, as in all but hostile pages.
pub fn tame(html: &str) -> Cow<'_, str> {
    Tamer::new(html, false).run()
}

/// As [`tame`], with pictures given their real address and tracking pixels left out.
pub(super) fn tame_with_pictures(html: &str) -> Cow<'_, str> {
    Tamer::new(html, true).run()
}

struct Tamer<'a> {
    html: &'a str,
    /// Next byte to read.
    at: usize,
    /// Everything before is in `out` or left out.
    copied: usize,
    out: String,
    pictures: bool,
    open: Vec<Cow<'a, str>>,
    formatting: Vec<Formatting<'a>>,
    nodes: usize,
}

struct Formatting<'a> {
    name: Cow<'a, str>,
    /// Length of `open` when it started.
    height: usize,
}

impl<'a> Tamer<'a> {
    fn new(html: &'a str, pictures: bool) -> Self {
        Self {
            html,
            at: 0,
            copied: 0,
            out: String::new(),
            pictures,
            open: Vec::new(),
            formatting: Vec::new(),
            nodes: 0,
        }
    }

    fn run(mut self) -> Cow<'a, str> {
        while let Some(offset) = memchr(b'<', &self.html.as_bytes()[self.at..]) {
            let start = self.at + offset;
            self.part_text(start);
            self.nodes += 1;
            if self.nodes > MAX_NODES {
                self.leave_out(start, self.html.len());
                break;
            }
            self.markup(start);
        }
        self.part_text(self.html.len());
        if self.copied == 0 {
            return Cow::Borrowed(self.html);
        }
        self.out.push_str(&self.html[self.copied..]);
        Cow::Owned(self.out)
    }

    /// Puts empty comments into long text up to `end`: for each `&`, html5ever's serializer looks through the
    /// rest of the text node. Comments do not survive sanitising.
    fn part_text(&mut self, end: usize) {
        while self.pictures && end.saturating_sub(self.at) > MAX_TEXT_NODE {
            let limit = self.html.floor_char_boundary(self.at + MAX_TEXT_NODE);
            let last = self.html.floor_char_boundary(limit - MAX_REFERENCE);
            // Not inside of a character reference.
            let cut = self.html[last..limit].rfind('&').map_or(limit, |found| last + found);
            self.write(cut, cut, "<!---->");
        }
    }

    fn markup(&mut self, start: usize) {
        let rest = &self.html[start + 1..];
        let bytes = rest.as_bytes();
        match bytes.first() {
            Some(b'!') if rest.starts_with("!--") => {
                self.at = start + 1 + comment_end(rest);
            }
            Some(b'!' | b'?') => {
                self.at = start + 1 + past(rest, ">");
                // In SVG a parser would look for `]]>`, in HTML for `>`.
                if rest.starts_with("![CDATA[") {
                    self.leave_out(start, self.at);
                }
            }
            Some(b'/') if bytes.get(1).is_some_and(u8::is_ascii_alphabetic) => {
                let tag = Tag::read(&rest[1..]);
                self.at = start + 2 + tag.len;
                if !self.end_tag(&tag.name) {
                    self.leave_out(start, self.at);
                }
            }
            Some(b'/') => self.at = start + 1 + past(rest, ">"),
            Some(letter) if letter.is_ascii_alphabetic() => {
                let tag = Tag::read(rest);
                self.at = start + 1 + tag.len;
                self.start_tag(start, &tag);
            }
            _ => self.at = start + 1,
        }
    }

    fn leave_out(&mut self, from: usize, to: usize) {
        self.write(from, to, "");
    }

    fn write(&mut self, from: usize, to: usize, instead: &str) {
        self.out.push_str(&self.html[self.copied..from]);
        self.out.push_str(instead);
        self.copied = to;
        self.at = to;
    }

    fn start_tag(&mut self, start: usize, tag: &Tag<'a>) {
        if tag.attributes > MAX_ATTRIBUTES {
            return self.leave_out(start, self.at);
        }
        if self.pictures && matches!(&*tag.name, "img" | "image") {
            let instead = picture(tag.text).unwrap_or_default();
            return self.write(start, self.at, &instead);
        }
        let foreign = self.has_open(|name| matches!(name, "svg" | "math"));
        if is_raw(&tag.name) {
            return self.raw_text(start, tag, foreign);
        }
        if foreign {
            // Self-closing counts here, and only here.
            if !tag.self_closing && !self.push(tag.name.clone()) {
                self.leave_out(start, self.at);
            }
            return;
        }
        if is_void(&tag.name) || is_scaffold(&tag.name) {
            return;
        }
        let kept = if is_formatting(&tag.name) {
            self.push_formatting(tag.name.clone())
        } else if &*tag.name == "form" && !self.has_open(|name| name == "template") {
            // At most one is open, and its end tag closes nothing else.
            true
        } else {
            // Beyond the limit the tag goes anyway.
            if self.open.len() < MAX_DEPTH {
                self.close_implied(&tag.name);
            }
            self.push(tag.name.clone())
        };
        if !kept {
            self.leave_out(start, self.at);
        }
    }

    /// Whether the parser has such an element open.
    fn has_open(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.open.iter().take(MAX_DEPTH).any(|name| wanted(name))
    }

    /// Steps over the text of `script`, `style` and the like.
    fn raw_text(&mut self, start: usize, tag: &Tag<'a>, foreign: bool) {
        let end = raw_text_end(&self.html[self.at..], &tag.name).map(|end| self.at + end);
        if foreign {
            // Whether it is raw there depends on the parser's place: leave it out.
            let end = if tag.self_closing { None } else { end };
            return self.leave_out(start, end.unwrap_or(self.at));
        }
        self.at = end.unwrap_or(self.html.len());
    }

    fn push(&mut self, name: Cow<'a, str>) -> bool {
        self.open.push(name);
        self.open.len() <= MAX_DEPTH
    }

    fn push_formatting(&mut self, name: Cow<'a, str>) -> bool {
        if matches!(&*name, "a" | "nobr") {
            self.end_formatting(&name);
        }
        if self.formatting.len() >= MAX_FORMATTING {
            return false;
        }
        self.formatting.push(Formatting { name, height: self.open.len() });
        true
    }

    /// Closes what the start tag `name` ends by itself.
    fn close_implied(&mut self, name: &str) {
        if closes_paragraph(name) {
            let stop = |open: &str| is_scope(open) || matches!(open, "button" | "svg" | "math");
            self.close_above(stop, |open| open == "p");
        }
        let in_cell = |open: &str| matches!(open, "table" | "template" | "svg" | "math");
        match name {
            "li" => self.close_above(ends_list_item, |open| open == "li"),
            "dd" | "dt" => self.close_above(ends_list_item, |open| matches!(open, "dd" | "dt")),
            "td" | "th" => self.close_above(in_cell, |open| matches!(open, "td" | "th")),
            "tr" => self.close_above(in_cell, |open| open == "tr"),
            "tbody" | "thead" | "tfoot" => {
                self.close_above(in_cell, |open| matches!(open, "tbody" | "thead" | "tfoot"));
            }
            "option" if self.open.last().is_some_and(|open| open == "option") => {
                self.open.pop();
            }
            _ => {}
        }
    }

    fn close_above(&mut self, stop: impl Fn(&str) -> bool, wanted: impl Fn(&str) -> bool) {
        if let Some(index) = self.find(stop, wanted) {
            self.truncate(index);
        }
    }

    /// The innermost open element that is `wanted`, looking no further than one where to `stop`.
    fn find(&self, stop: impl Fn(&str) -> bool, wanted: impl Fn(&str) -> bool) -> Option<usize> {
        let lowest = self.open.len().saturating_sub(MAX_LOOK);
        for index in (lowest..self.open.len()).rev() {
            if wanted(&self.open[index]) {
                return Some(index);
            }
            if stop(&self.open[index]) {
                return None;
            }
        }
        None
    }

    /// Closes the open element `index` and all within.
    fn truncate(&mut self, index: usize) {
        // Formatting elements that were closed with it are made anew after it.
        let anew = self.formatting.iter().filter(|formatting| formatting.height >= index);
        self.nodes += anew.count();
        if matches!(&*self.open[index], "td" | "th" | "table" | "caption") {
            self.formatting.retain(|formatting| formatting.height <= index);
        }
        self.open.truncate(index);
    }

    /// Whether the end tag stays.
    fn end_tag(&mut self, name: &str) -> bool {
        if is_formatting(name) && self.end_formatting(name) {
            return true;
        }
        let table_part =
            matches!(name, "table" | "td" | "th" | "tr" | "tbody" | "thead" | "tfoot" | "caption");
        let found = if table_part {
            self.find(
                |open| open == "template" || (name != "table" && open == "table"),
                |open| open == name,
            )
        } else {
            self.find(is_scope, |open| open == name || (is_heading(open) && is_heading(name)))
        };
        let Some(index) = found else {
            return self.open.len() <= MAX_DEPTH;
        };
        self.truncate(index);
        index < MAX_DEPTH
    }

    fn end_formatting(&mut self, name: &str) -> bool {
        let Some(index) = self.formatting.iter().rposition(|open| open.name == name) else {
            return false;
        };
        let height = self.formatting[index].height.min(self.open.len());
        if self.open[height..].iter().any(|open| is_scope(open)) {
            return false;
        }
        self.formatting.remove(index);
        true
    }
}

/// A tag as it stands in the source.
struct Tag<'a> {
    /// Lower case.
    name: Cow<'a, str>,
    /// What stands between name and `>`.
    text: &'a str,
    /// Bytes from the name to after the `>`.
    len: usize,
    attributes: usize,
    self_closing: bool,
}

impl<'a> Tag<'a> {
    /// `rest` begins with the name.
    fn read(rest: &'a str) -> Self {
        let name_len = rest
            .bytes()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
            .unwrap_or(rest.len());
        let (end, attributes) = tag_end(&rest.as_bytes()[name_len..]);
        let text = &rest[name_len..name_len + end];
        let name = &rest[..name_len];
        Self {
            name: if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Cow::Owned(name.to_ascii_lowercase())
            } else {
                Cow::Borrowed(name)
            },
            text,
            len: (name_len + end + 1).min(rest.len()),
            attributes,
            self_closing: text.ends_with('/'),
        }
    }
}

/// Where the `>` of a tag stands, and how many attributes come before it. `bytes` begins after the name.
fn tag_end(bytes: &[u8]) -> (usize, usize) {
    let mut at = 0;
    let mut attributes = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return (at, attributes),
            byte if byte.is_ascii_whitespace() || byte == b'/' => at += 1,
            _ => {
                attributes += 1;
                at = attribute_end(bytes, at);
            }
        }
    }
    (bytes.len(), attributes)
}

fn attribute_end(bytes: &[u8], start: usize) -> usize {
    let skip = |mut at: usize, stop: &dyn Fn(u8) -> bool| {
        while at < bytes.len() && !stop(bytes[at]) {
            at += 1;
        }
        at
    };
    // A leading `=` belongs to the name.
    let name_end =
        skip(start + 1, &|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'='));
    let equals = skip(name_end, &|byte| !byte.is_ascii_whitespace());
    if bytes.get(equals) != Some(&b'=') {
        return name_end;
    }
    let value = skip(equals + 1, &|byte| !byte.is_ascii_whitespace());
    match bytes.get(value) {
        Some(quote @ (b'"' | b'\'')) => {
            memchr(*quote, &bytes[value + 1..]).map_or(bytes.len(), |length| value + 1 + length + 1)
        }
        Some(_) => skip(value, &|byte| byte.is_ascii_whitespace() || byte == b'>'),
        None => bytes.len(),
    }
}

/// Bytes to after the end of a comment; `rest` begins with `!--`.
fn comment_end(rest: &str) -> usize {
    for short in ["!-->", "!--->"] {
        if rest.starts_with(short) {
            return short.len();
        }
    }
    let ends = ["-->", "--!>"].map(|end| {
        memmem::find(&rest.as_bytes()[3..], end.as_bytes()).map(|at| 3 + at + end.len())
    });
    ends.into_iter().flatten().min().unwrap_or(rest.len())
}

fn past(rest: &str, mark: &str) -> usize {
    rest.find(mark).map_or(rest.len(), |at| at + mark.len())
}

/// Bytes to after the end tag of a raw text element.
fn raw_text_end(text: &str, name: &str) -> Option<usize> {
    if name == "plaintext" {
        return None;
    }
    let mut at = 0;
    while let Some(found) = memmem::find(&text.as_bytes()[at..], b"</") {
        let start = at + found + 2;
        let end = start + name.len();
        let after = text.as_bytes().get(end);
        if text.get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(name))
            && after.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
        {
            return Some((end + past(&text[end..], ">")).min(text.len()));
        }
        at = start;
    }
    None
}

fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "title"
            | "textarea"
            | "xmp"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "plaintext"
    )
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "image"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements of which a document has one, whatever the tags say.
fn is_scaffold(name: &str) -> bool {
    matches!(name, "html" | "head" | "body" | "frameset")
}

fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "big"
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

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Elements through which an end tag does not reach.
fn is_scope(name: &str) -> bool {
    matches!(
        name,
        "applet"
            | "caption"
            | "table"
            | "td"
            | "th"
            | "marquee"
            | "object"
            | "select"
            | "template"
            | "foreignobject"
            | "desc"
            | "title"
            | "mi"
            | "mo"
            | "mn"
            | "ms"
            | "mtext"
            | "annotation-xml"
    )
}

/// Whether the start tag of a list item leaves items outside of this element open.
fn ends_list_item(name: &str) -> bool {
    !matches!(name, "div" | "p" | "address" | "span")
}

fn closes_paragraph(name: &str) -> bool {
    is_heading(name)
        || matches!(
            name,
            "address"
                | "article"
                | "aside"
                | "blockquote"
                | "center"
                | "details"
                | "dialog"
                | "dir"
                | "div"
                | "dl"
                | "dd"
                | "dt"
                | "fieldset"
                | "figcaption"
                | "figure"
                | "footer"
                | "header"
                | "hgroup"
                | "li"
                | "main"
                | "menu"
                | "nav"
                | "ol"
                | "p"
                | "pre"
                | "section"
                | "summary"
                | "ul"
        )
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn depth(html: &str) -> usize {
        let document = Html::parse_document(&tame(html));
        document.tree.nodes().map(|node| node.ancestors().count()).max().unwrap_or(0)
    }

    #[test]
    fn sound_markup_is_untouched() {
        for html in [
            "<!doctype html><ul><li>a<li>b</ul><p>x<p>y<br><table><tr><td>1<td>2</table>",
            "<script>if (a<b) '<div>'</script><!-- <div> --><style>a>b{}</style>",
            "<a href='x>y' title=\"<div>\">z</a> 1 < 2 </> <?php ?>",
            "<div><svg viewBox='0 0 1 1'><path d=''/></svg></div>",
        ] {
            assert!(matches!(tame(html), Cow::Borrowed(_)), "{html}");
        }
        let rows = "<tr><td><div><b>x</td><td><font>y</td></tr>".repeat(1000);
        assert!(matches!(tame(&format!("<table>{rows}</table>")), Cow::Borrowed(_)));
        assert!(matches!(tame(&"<p><span>x</p>".repeat(1000)), Cow::Borrowed(_)));
    }

    #[test]
    fn markup_made_to_nest_is_held_flat() {
        for unit in [
            "<div>",
            "<b>",
            "<font size=1>",
            "<div><b>x</div>",
            "<form><div></form>",
            "<div><svg><foreignObject></div>",
            "<div><table></div>",
            "<b><table></b></table>",
            "<svg><style><g>",
            "<svg><g><![CDATA[ > </g></svg> ]]>",
            "<svg><foreignObject><style></foreignObject></svg></style>",
            "<div><select></div>",
            "<template><form><form>",
            "<rt>",
            "<svg><td>",
            "<math><mi><p>",
            "<li><p><blockquote>",
            "<div><object></div>",
            "<option><b>",
            "<dd><section><dt>",
            "<button><p>",
            "<a href=x><div></a>",
        ] {
            let html = unit.repeat(3000);
            assert!(depth(&html) < 700, "{unit}: {}", depth(&html));
        }
    }

    #[test]
    fn what_goes_takes_its_end_tag_along() {
        let html = "<div>".repeat(300) + "x" + &"</div>".repeat(300) + "<p>y</p>";
        let document = Html::parse_document(&tame(&html));
        let body = document.root_element().children().nth(1).expect("a body");
        assert_eq!(body.children().count(), 2);
    }

    #[test]
    fn the_number_of_nodes_is_bounded() {
        let html = "<p>x".repeat(MAX_NODES * 2);
        assert!(tame(&html).len() < html.len() * 2 / 3);
    }

    #[test]
    fn broken_markup_is_read_to_its_end() {
        for html in [
            "<",
            "</",
            "<a",
            "<a href='",
            "<!--",
            "<!",
            "<![CDATA[",
            "<é>",
            "<a é",
            "<script",
            "<script>é</scr",
            "</é>",
        ] {
            tame(html);
            tame(&format!("{html}é"));
        }
    }
}
