//! Comments from the feeds that blogs publish of them.

use url::Url;

use crate::{
    domain::{ExtractedComment, FeedEntry, ParsedFeed},
    extract::sanitise::plain_text,
};

/// The comments in a comment feed: WordPress (`<post>/feed/`, `/comments/feed/`), Blogger
/// (`/feeds/<post>/comments/default`) and others of their kind. Entries without a text are left out.
pub fn comments_from_feed(feed: &ParsedFeed) -> Vec<ExtractedComment> {
    feed.entries.iter().filter_map(comment).collect()
}

fn comment(entry: &FeedEntry) -> Option<ExtractedComment> {
    let html = entry.content.as_ref().or(entry.summary.as_ref())?;
    let text = plain_text(html).trim().to_owned();
    if text.is_empty() {
        return None;
    }
    let author =
        entry.authors.first().cloned().or_else(|| author_in_title(entry.title.as_deref()?));
    Some(ExtractedComment {
        id: comment_id(&entry.id)
            .or_else(|| comment_id(entry.link.as_deref()?))
            .unwrap_or_else(|| entry.id.clone()),
        parent: entry.in_reply_to.as_deref().and_then(comment_id),
        author,
        author_url: entry.author_url.clone(),
        published: entry.published.or(entry.updated),
        text,
    })
}

/// The id a page gives the comment: the fragment of its address, or the number in a Blogger tag.
fn comment_id(id: &str) -> Option<String> {
    if let Ok(url) = Url::parse(id)
        && let Some(fragment) = url.fragment().filter(|fragment| !fragment.is_empty())
    {
        return Some(fragment.to_owned());
    }
    let (_, number) = id.rsplit_once(".comment-").or_else(|| id.rsplit_once("?c="))?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("comment-{number}"))
}

/// The author in WordPress's `By: Name` and `Comment on POST by Name`, in the languages it is written in.
fn author_in_title(title: &str) -> Option<String> {
    const OPENINGS: [&str; 10] =
        ["By: ", "Von: ", "Par : ", "Par: ", "Por: ", "Di: ", "Door: ", "Av: ", "Autor: ", "От: "];
    const JOINTS: [&str; 10] =
        [" by: ", " by ", " von ", " par ", " por ", " di ", " door ", " av ", " von: ", " par : "];
    const BEGINNINGS: [&str; 9] = [
        "Comment on ",
        "Comments on ",
        "Kommentar zu ",
        "Commentaires sur ",
        "Comentario en ",
        "Commenti su ",
        "Comentários sobre ",
        "Reactie op ",
        "Kommentar till ",
    ];
    let by_opening = OPENINGS.iter().find_map(|opening| title.strip_prefix(opening));
    let by_joint = || {
        BEGINNINGS.iter().any(|beginning| title.starts_with(beginning)).then_some(())?;
        JOINTS
            .iter()
            .filter_map(|joint| title.rsplit_once(joint))
            .map(|(_, name)| name)
            .min_by_key(|name| name.len())
    };
    let name = by_opening.or_else(by_joint)?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_titles() {
        for (title, name) in [
            ("By: Ann Lee", Some("Ann Lee")),
            ("Von: Max", Some("Max")),
            ("Comment on Attack by night by: Bob", Some("Bob")),
            ("Kommentar zu Angriff von Eva", Some("Eva")),
            ("A title by somebody", None),
        ] {
            assert_eq!(author_in_title(title).as_deref(), name, "{title}");
        }
    }

    #[test]
    fn ids_are_those_of_the_page() {
        assert_eq!(comment_id("https://ex.org/a/#comment-17").as_deref(), Some("comment-17"));
        assert_eq!(
            comment_id("tag:blogger.com,1999:blog-1.post-2.comment-3").as_deref(),
            Some("comment-3")
        );
        assert_eq!(comment_id("tag:blogger.com,1999:blog-1.post-2"), None);
    }
}
