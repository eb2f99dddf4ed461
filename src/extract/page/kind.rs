//! What sort of page it is: a forum thread's posts are its text, under an article they are comments.

use url::Url;

use super::{
    meta::Head,
    tree::{Tag, Tree},
};

/// Forum software by its `<meta name=generator>`.
const GENERATORS: &[&str] = &[
    "discourse",
    "phpbb",
    "xenforo",
    "vbulletin",
    "mybb",
    "smf",
    "flarum",
    "nodebb",
    "vanilla",
    "fluxbb",
    "punbb",
    "invision",
    "ubb.threads",
    "lemmy",
    "woltlab",
    "burning board",
];
/// First labels of host names.
const HOSTS: &[&str] = &[
    "forum",
    "forums",
    "community",
    "discuss",
    "discussion",
    "discussions",
    "boards",
    "bbs",
    "answers",
];
/// Segments of paths that lead to threads.
const PATHS: &[&str] = &[
    "forum",
    "forums",
    "thread",
    "threads",
    "topic",
    "topics",
    "discussion",
    "discussions",
    "viewtopic.php",
    "showthread.php",
    "questions",
    "boards",
    "ubbthreads.php",
    "topic_show.pl",
    "forumdisplay.php",
];
/// Classes that forum software puts on the page's outermost elements.
const CLASSES: &[&str] = &[
    "phpbb",
    "vbulletin",
    "xenforo",
    "bbpress",
    "ipsapp",
    "mybb",
    "discourse",
    "question-page",
    "thread-view",
];

/// True if the page is a discussion by what it states, by its software or by its address.
pub(super) fn is_discussion(head: &Head<'_>, tree: &Tree<'_>, url: Option<&Url>) -> bool {
    if head.states_discussion() {
        return true;
    }
    if head.states_article() {
        return false;
    }
    let software = head.generator().map(str::to_ascii_lowercase).unwrap_or_default();
    GENERATORS.iter().any(|name| software.starts_with(name))
        || has_forum_class(tree)
        || states_by_type(tree)
        || url.is_some_and(is_forum_address)
}

fn has_forum_class(tree: &Tree<'_>) -> bool {
    tree.nodes.iter().take(4).any(|node| {
        let names = [node.attr("id"), node.attr("class")].into_iter().flatten();
        names.flat_map(str::split_ascii_whitespace).any(|name| {
            let name = name.to_ascii_lowercase();
            CLASSES.iter().any(|class| name.starts_with(class))
        })
    })
}

fn states_by_type(tree: &Tree<'_>) -> bool {
    tree.nodes.iter().filter(|node| node.tag != Tag::Text).any(|node| {
        node.attr("itemtype").is_some_and(|kind| {
            kind.ends_with("/DiscussionForumPosting")
                || kind.ends_with("/QAPage")
                || kind.ends_with("/Question")
        })
    })
}

fn is_forum_address(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let label = host.trim_start_matches("www.").split('.').next().unwrap_or_default();
    let is_thread = |segment: &str| PATHS.contains(&segment);
    let mut segments: Vec<&str> =
        url.path_segments().into_iter().flatten().filter(|s| !s.is_empty()).collect();
    // A section of that name is not a thread yet.
    let last = segments.pop().unwrap_or_default();
    (HOSTS.contains(&label) && !last.is_empty())
        || segments.iter().any(|segment| is_thread(segment))
        || (is_thread(last) && url.query().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_threads_are_known() {
        for address in [
            "https://forum.ex.org/t/a/1",
            "https://ex.org/threads/a.12/",
            "https://ex.org/viewtopic.php?t=1",
        ] {
            assert!(is_forum_address(&Url::parse(address).expect("an address")), "{address}");
        }
        for address in [
            "https://ex.org/2024/05/forum-hacked/",
            "https://ex.org/forum/",
            "https://forum.ex.org/",
        ] {
            assert!(!is_forum_address(&Url::parse(address).expect("an address")), "{address}");
        }
    }
}
