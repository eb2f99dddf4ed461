//! A page of the web to an article: title, authors, dates, text.

mod body;
mod html;
mod kind;
mod meta;
mod names;
mod parse;
mod text;
mod tree;

use scraper::{Html, Node};
use url::Url;

use crate::domain::{ArticleKind, Extracted};

use super::charset;
use tree::Tree;

/// How much of a page is read.
#[derive(Debug, Clone)]
pub struct PageLimits {
    /// Bytes of the page as fetched.
    pub bytes: usize,
    /// Nesting of elements; deeper tags are dropped, their text stays.
    pub depth: usize,
    /// Nodes of the tree; the page is cut there.
    pub nodes: usize,
    /// Bytes of extracted text.
    pub text: usize,
}

impl Default for PageLimits {
    fn default() -> Self {
        Self { bytes: 10 << 20, depth: 512, nodes: 500_000, text: 10 << 20 }
    }
}

/// A limit that cut a page short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Attributes,
    Depth,
    Nodes,
}

/// Why a page could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// Larger than the limit.
    #[error("the page has {bytes} bytes, more than the {limit} allowed")]
    TooLarge { bytes: usize, limit: usize },
    /// Nothing in it.
    #[error("the page is empty")]
    Empty,
}

impl ExtractError {
    /// Stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "page-too-large",
            Self::Empty => "page-empty",
        }
    }
}

/// Reads a page. `url` is where it was fetched, `content_type` the HTTP header.
pub fn extract(
    bytes: &[u8],
    url: Option<&Url>,
    content_type: Option<&str>,
    limits: &PageLimits,
) -> Result<Extracted, ExtractError> {
    if bytes.len() > limits.bytes {
        return Err(ExtractError::TooLarge { bytes: bytes.len(), limit: limits.bytes });
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ExtractError::Empty);
    }
    let decoded = charset::decode_html(bytes, content_type);
    let parsed = parse::parse(&decoded.text, limits);
    for limit in &parsed.reached {
        tracing::debug!(?limit, url = url.map(Url::as_str), "page cut at a limit");
    }
    let head = meta::Head::of(&parsed.html);
    let without_script = without_script(&parsed.html).map(|text| parse::parse(text, limits).html);
    let tree = Tree::of(without_script.as_ref().unwrap_or(&parsed.html));
    let title = meta::title(&head, &tree);
    let discussion = kind::is_discussion(&head, &tree, url);
    let hints = body::Hints {
        title: title.as_deref(),
        claim: head.article_body(),
        comments: &[],
        discussion,
    };
    let body = body::find(&tree, &hints);
    let text = text::render(&tree, &body.roots, |index| body.alive[index], limits.text);
    let html = html::render(&tree, &body.roots, |index| body.alive[index], limits.text);
    let mut extracted = Extracted {
        kind: if discussion { ArticleKind::Thread } else { ArticleKind::Article },
        text,
        html,
        confidence: body.confidence,
        title,
        ..Extracted::default()
    };
    meta::fill(&mut extracted, &head, &tree, &body, url);
    Ok(extracted)
}

/// What a page built by scripts shows to readers without them (`<noscript>`), if that is most of it.
fn without_script(html: &Html) -> Option<&str> {
    let mut fallback = "";
    let mut shown = 0;
    for node in html.tree.nodes() {
        let Node::Text(text) = node.value() else { continue };
        let parent = node.parent().and_then(|parent| parent.value().as_element());
        match parent.map_or("", |element| element.name()) {
            "noscript" if text.len() > fallback.len() => fallback = text,
            "script" | "style" | "noscript" => {}
            _ => shown += text.trim().len(),
        }
    }
    (fallback.len() > 2_000 && fallback.len() > 4 * shown).then_some(fallback)
}
