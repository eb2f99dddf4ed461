//! Which elements are comments.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeRef;
use scraper::{Node, node::Element as Tag};

use super::{fields, page::Page, words::comment_id};

/// One comment's element, and those within that belong to other comments.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub index: usize,
    /// The page's id, where it has one.
    pub id: Option<String>,
    /// Nearest enclosing comment, as an index into the list of items.
    pub within: Option<usize>,
    pub ping: bool,
}

/// The comments of a page in document order.
pub(super) fn find(page: &Page<'_>) -> Vec<Item> {
    let marked = marked(page);
    let found = if marked.is_empty() { by_text(page) } else { marked };
    enclose(page, found)
}

/// Elements whose own names say that they are a comment.
fn marked(page: &Page<'_>) -> Vec<Item> {
    let candidates = candidates(page);
    let mut absorbed: HashSet<usize> = HashSet::new();
    let mut kept: Vec<Item> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (place, &index) in candidates.iter().enumerate() {
        if absorbed.contains(&index) {
            continue;
        }
        while open.last().is_some_and(|&outer| !page.contains(kept[outer].index, index)) {
            open.pop();
        }
        let around = open.last().map(|&outer| &kept[outer]);
        let nested = inner_candidates(page, &candidates[place + 1..], index);
        let id = own_id(page, index);
        let mut others = nested.clone();
        if let [first, rest @ ..] = &nested[..]
            && is_body_of(page, index, &nested, id.as_deref())
        {
            absorbed.insert(*first);
            let body = candidates[place + 1..].partition_point(|&at| at <= *first) + place + 1;
            others = inner_candidates(page, &candidates[body..], *first);
            others.extend(rest);
        }
        let region = fields::Region::new(page, index, &others);
        if is_comment(page, index, id.as_deref(), &region, around) {
            open.push(kept.len());
            kept.push(Item { index, id, within: None, ping: page.elements[index].mark.ping });
        }
    }
    kept
}

/// Whether the first of `nested` is the body of the comment `outer`, as `div.the-comment` in `li#comment-5`.
fn is_body_of(page: &Page<'_>, outer: usize, nested: &[usize], id: Option<&str>) -> bool {
    let inner_id = nested.first().and_then(|&first| own_id(page, first));
    let same_comment = inner_id.is_none() || inner_id.as_deref() == id;
    id.is_some() && same_comment && !fields::Region::new(page, outer, nested).has_author_or_time()
}

fn is_comment(
    page: &Page<'_>,
    index: usize,
    id: Option<&str>,
    own: &fields::Region<'_, '_>,
    around: Option<&Item>,
) -> bool {
    // `div#div-comment-5` in `li#comment-5`.
    if own.letters() == 0 || (id.is_some() && around.is_some_and(|outer| outer.id.as_deref() == id))
    {
        return false;
    }
    // Without author, time and id, it is a wrapper, or the text of the comment around it.
    id.is_some() || own.has_author_or_time() || (is_placed(page, index) && own.header().is_some())
}

/// Whether the element stands in a box for comments.
fn is_placed(page: &Page<'_>, index: usize) -> bool {
    page.ancestors(index).any(|up| page.is_thread_box(up))
}

/// The page's id of the comment at `index`: on it, on an empty anchor before or in it, or in its data.
fn own_id(page: &Page<'_>, index: usize) -> Option<String> {
    let element = &page.elements[index];
    if let Some(id) = &element.mark.id {
        return Some(id.clone());
    }
    let anchored = |tag: &Tag| tag.id().or_else(|| tag.attr("name")).and_then(comment_id);
    let before = element
        .node
        .prev_siblings()
        .find(|node| node.value().is_element() || has_text(*node))
        .and_then(|node| node.value().as_element())
        .filter(|tag| matches!(tag.name(), "a" | "span"))
        .and_then(anchored);
    let inside = || {
        let first = index + 1..element.end.min(index + 6);
        let mut empty = first.filter(|&at| page.text_len(at) == 0);
        empty.find_map(|at| anchored(page.elements[at].tag))
    };
    before.or_else(inside).or_else(|| data_id(element.tag))
}

fn has_text(node: NodeRef<'_, Node>) -> bool {
    node.value().as_text().is_some_and(|text| !text.trim().is_empty())
}

fn data_id(tag: &Tag) -> Option<String> {
    let value = ["data-comment-id", "data-commentid", "data-cid", "data-post-id"]
        .into_iter()
        .find_map(|name| tag.attr(name))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (!value.is_empty() && value.len() <= 64 && value.chars().all(plain)).then(|| value.to_owned())
}

fn candidates(page: &Page<'_>) -> Vec<usize> {
    let mut skip_to = 0;
    let mut candidates = Vec::new();
    for (index, element) in page.elements.iter().enumerate() {
        if index < skip_to {
            continue;
        }
        if element.mark.elsewhere
            || matches!(element.tag.name(), "pre" | "code" | "form" | "head" | "nav")
        {
            skip_to = element.end;
        } else if element.mark.item {
            candidates.push(index);
        }
    }
    candidates
}

/// The outermost candidates within `index`.
fn inner_candidates(page: &Page<'_>, later: &[usize], index: usize) -> Vec<usize> {
    let mut inner = Vec::new();
    let mut end = 0;
    for &candidate in later.iter().take_while(|&&candidate| page.contains(index, candidate)) {
        if candidate >= end {
            inner.push(candidate);
            end = page.elements[candidate].end;
        }
    }
    inner
}

/// Comments of which only the text is marked: each is what is around one text and no other.
fn by_text(page: &Page<'_>) -> Vec<Item> {
    let mut texts: Vec<usize> = Vec::new();
    let mut end = 0;
    for (index, element) in page.elements.iter().enumerate() {
        if index >= end
            && (element.mark.text || element.mark.item)
            && page.text_len(index) > 0
            && !element.mark.elsewhere
        {
            texts.push(index);
            end = element.end;
        }
    }
    let mut items = Vec::new();
    for (place, &text) in texts.iter().enumerate() {
        let before = place.checked_sub(1).map(|at| texts[at]);
        let after = texts.get(place + 1).copied();
        if let Some(index) = around_text(page, text, before, after) {
            items.push(Item { index, id: own_id(page, index), within: None, ping: false });
        }
    }
    // One alone may be the article's own byline and text.
    if items.len() == 1 && !is_placed(page, items[0].index) {
        items.clear();
    }
    items
}

/// The smallest element around `text` with author or time that holds no other text.
fn around_text(
    page: &Page<'_>,
    text: usize,
    before: Option<usize>,
    after: Option<usize>,
) -> Option<usize> {
    page.ancestors(text)
        .take(6)
        .take_while(|&up| {
            let alone = |other: Option<usize>| other.is_none_or(|other| !page.contains(up, other));
            alone(before)
                && alone(after)
                && !matches!(page.elements[up].tag.name(), "body" | "main" | "html")
        })
        .find(|&up| {
            let around = fields::Region::new(page, up, &[]);
            let placed = page.elements[text].mark.item || is_placed(page, up);
            around.has_author_or_time() || (placed && around.header().is_some())
        })
        .filter(|&up| page.text_len(up) < 2 * page.text_len(text) + 300)
}

/// Fills in which comment each one stands in.
fn enclose(page: &Page<'_>, mut items: Vec<Item>) -> Vec<Item> {
    let mut open: Vec<usize> = Vec::new();
    for place in 0..items.len() {
        let index = items[place].index;
        while open.last().is_some_and(|&outer| !page.contains(items[outer].index, index)) {
            open.pop();
        }
        items[place].within = open.last().copied();
        open.push(place);
    }
    drop_repeats(items)
}

/// Keeps the first of several with the same id.
fn drop_repeats(items: Vec<Item>) -> Vec<Item> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut places: Vec<usize> = Vec::with_capacity(items.len());
    let mut kept: Vec<Item> = Vec::with_capacity(items.len());
    for mut item in items {
        let known = item.id.as_ref().and_then(|id| seen.get(id).copied());
        let place = known.unwrap_or(kept.len());
        places.push(place);
        if known.is_some() {
            continue;
        }
        if let Some(id) = &item.id {
            seen.insert(id.clone(), place);
        }
        item.within = item.within.map(|outer| places[outer]).filter(|&outer| outer != place);
        kept.push(item);
    }
    kept
}
