//! Which elements are comments.

use std::collections::HashMap;

use super::{fields, page::Page};

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
    let mut kept: Vec<Item> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (place, &index) in candidates.iter().enumerate() {
        while open.last().is_some_and(|&outer| !page.contains(kept[outer].index, index)) {
            open.pop();
        }
        let around = open.last().map(|&outer| &kept[outer]);
        let nested = inner_candidates(page, &candidates[place + 1..], index);
        if let Some(item) = judge(page, index, &nested, around) {
            open.push(kept.len());
            kept.push(item);
        }
    }
    kept
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

fn judge(page: &Page<'_>, index: usize, nested: &[usize], around: Option<&Item>) -> Option<Item> {
    let mark = &page.elements[index].mark;
    // `div#div-comment-5` in `li#comment-5`.
    if mark.id.is_some() && around.is_some_and(|outer| outer.id == mark.id) {
        return None;
    }
    let own = fields::Region::new(page, index, nested);
    let has_fields = own.has_author_or_time();
    // Without any, it is a wrapper or the text of the comment around it.
    let believable = has_fields || mark.id.is_some();
    if !believable || own.letters() == 0 {
        return None;
    }
    Some(Item { index, id: mark.id.clone(), within: None, ping: mark.ping })
}

/// Comments of which only the text is marked: each is what is around one text and no other.
fn by_text(page: &Page<'_>) -> Vec<Item> {
    let mut texts: Vec<usize> = Vec::new();
    let mut end = 0;
    for (index, element) in page.elements.iter().enumerate() {
        if index >= end && (element.mark.text || element.mark.item) && page.text_len(index) > 0 {
            texts.push(index);
            end = element.end;
        }
    }
    let mut items = Vec::new();
    for (place, &text) in texts.iter().enumerate() {
        let before = place.checked_sub(1).map(|at| texts[at]);
        let after = texts.get(place + 1).copied();
        if let Some(index) = around_text(page, text, before, after) {
            items.push(Item {
                index,
                id: page.elements[index].mark.id.clone(),
                within: None,
                ping: false,
            });
        }
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
        .find(|&up| fields::Region::new(page, up, &[]).has_author_or_time())
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
