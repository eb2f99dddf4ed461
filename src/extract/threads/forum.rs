//! Forum threads: pages whose posts are the content.

use super::{items::Item, page::Page};

/// Types of schema.org for such pages.
const THREAD_TYPES: &[&str] = &["/DiscussionForumPosting", "/QAPage"];

/// Whether the page's markup calls it a thread.
pub(super) fn is_thread(page: &Page<'_>) -> bool {
    page.elements.iter().any(|element| {
        let typed = element
            .tag
            .attr("itemtype")
            .is_some_and(|types| THREAD_TYPES.iter().any(|kind| types.trim_end().ends_with(kind)));
        typed || element.tag.classes().any(|class| class == "crawler-post")
    })
}

/// The place of the thread's first post among the items, where it is one.
pub(super) fn opening_post(page: &Page<'_>, items: &[Item]) -> Option<usize> {
    let first = items.first()?;
    let is_first = page.elements[first.index].tag.id() == Some("post_1");
    is_first.then_some(0)
}
