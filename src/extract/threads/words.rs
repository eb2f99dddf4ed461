//! What the names in `class` and `id` say about an element.

/// Words for a reader's comment. Compared as stems: `comments`, `kommentare` count too.
pub(super) const COMMENT_STEMS: &[&str] = &[
    "comment",
    "commment",
    "kommentar",
    "kommentti",
    "coment",
    "komentar",
    "komentár",
    "commento",
    "commenti",
    "reactie",
    "leserbrief",
    "lesermeinung",
    "leserkommentar",
    "usercomment",
    "opmerking",
    "hozzaszolas",
    "yorum",
    "cmnt",
    "cmt",
];

/// Parts of names that hold all comments, not one.
const CONTAINER_WORDS: &[&str] = &[
    "area",
    "block",
    "box",
    "con",
    "container",
    "content",
    "feed",
    "group",
    "holder",
    "inner",
    "items",
    "list",
    "liste",
    "module",
    "ol",
    "outer",
    "page",
    "panel",
    "root",
    "section",
    "stream",
    "template",
    "thread",
    "threads",
    "tree",
    "ul",
    "view",
    "widget",
    "wrap",
    "wrapper",
    "zone",
];
const ITEM_WORDS: &[&str] =
    &["item", "card", "entry", "single", "row", "node", "element", "li", "unit", "post", "parent"];
const AUTHOR_WORDS: &[&str] = &[
    "author",
    "autor",
    "auteur",
    "autore",
    "fn",
    "name",
    "username",
    "user",
    "nickname",
    "nick",
    "poster",
    "vcard",
    "commenter",
    "commentator",
    "commentor",
    "kommentator",
    "byline",
    "by",
    "screenname",
    "fullname",
    "displayname",
    "verfasser",
    "writer",
    "owner",
    "sender",
    "handle",
    "pseudo",
    "member",
    "screen",
];
const TIME_WORDS: &[&str] = &[
    "date",
    "time",
    "datetime",
    "timestamp",
    "published",
    "posted",
    "ago",
    "datum",
    "created",
    "fecha",
    "data",
    "when",
    "day",
    "pubdate",
    "uhrzeit",
    "zeit",
    "dateline",
    "permalink",
];
const TEXT_WORDS: &[&str] = &[
    "text",
    "content",
    "body",
    "message",
    "msg",
    "story",
    "description",
    "copy",
    "markdown",
    "inhalt",
    "texto",
    "texte",
    "contents",
    "txt",
    "contenu",
    "bodytext",
    "entry",
    "paragraph",
    "detail",
    "details",
    "cooked",
    "post",
];
const ACTION_WORDS: &[&str] = &[
    "action",
    "actions",
    "admin",
    "alert",
    "anchor",
    "answer",
    "approve",
    "avatar",
    "await",
    "awaiting",
    "badge",
    "badges",
    "btn",
    "button",
    "buttons",
    "cancel",
    "close",
    "control",
    "controls",
    "count",
    "delete",
    "dislike",
    "edit",
    "editor",
    "emoji",
    "expand",
    "flag",
    "foot",
    "footer",
    "form",
    "gravatar",
    "icon",
    "image",
    "img",
    "input",
    "karma",
    "label",
    "like",
    "liked",
    "likes",
    "link",
    "links",
    "login",
    "melden",
    "menu",
    "mod",
    "moderate",
    "moderation",
    "more",
    "nav",
    "number",
    "paging",
    "pagination",
    "photo",
    "pic",
    "picture",
    "points",
    "rank",
    "rate",
    "rating",
    "reaction",
    "reactions",
    "recommend",
    "replies",
    "reply",
    "replybox",
    "report",
    "respond",
    "score",
    "select",
    "share",
    "signature",
    "social",
    "stars",
    "submit",
    "thumb",
    "thumbs",
    "toggle",
    "toolbar",
    "tools",
    "upvote",
    "view",
    "vote",
    "votecount",
    "votes",
    "voting",
    "widget",
    "hidden",
    "says",
    "visually",
    "sr",
    "screen",
];
const META_WORDS: &[&str] = &[
    "head",
    "header",
    "heading",
    "info",
    "information",
    "infos",
    "meta",
    "metadata",
    "profile",
    "submitted",
    "title",
];
/// Widgets that list the latest comments of a whole site.
const ELSEWHERE: &[&str] = &[
    "recent",
    "latest",
    "newest",
    "letzte",
    "neueste",
    "derniers",
    "recientes",
    "sidebar",
    "related",
    "teaser",
    "popular",
];

/// What one name (a class or an id) says. All `false` for a name without meaning here.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// It names comments.
    pub comment: bool,
    /// In the plural, or with a word for a container.
    pub container: bool,
    pub item: bool,
    pub author: bool,
    pub time: bool,
    pub text: bool,
    pub action: bool,
    pub meta: bool,
    pub elsewhere: bool,
}

impl Word {
    /// Reads a name such as `comment-body` or `MtnCommentText`.
    pub(super) fn of(name: &str) -> Self {
        let mut word = Self::default();
        for part in parts(name) {
            word.add(&part);
        }
        word
    }

    fn add(&mut self, part: &str) {
        if let Some(rest) = after_comment(part) {
            self.comment = true;
            self.container |= is_plural(rest);
            if !rest.is_empty() {
                self.add_role(rest);
            }
            return;
        }
        self.add_role(part);
    }

    fn add_role(&mut self, part: &str) {
        self.container |= CONTAINER_WORDS.contains(&part);
        self.item |= ITEM_WORDS.contains(&part);
        self.author |= AUTHOR_WORDS.contains(&part);
        self.time |= TIME_WORDS.contains(&part);
        self.text |= TEXT_WORDS.contains(&part);
        self.action |= ACTION_WORDS.contains(&part);
        self.meta |= META_WORDS.contains(&part);
        self.elsewhere |= ELSEWHERE.iter().any(|stem| part.starts_with(stem));
    }

    /// Whether it may name one comment: nothing but a word for it and words of no meaning.
    pub(super) fn names_item(self) -> bool {
        self.comment
            && !(self.author || self.time || self.action || self.meta || self.elsewhere)
            && (self.item || !(self.text || self.container))
    }

    /// Whether it names the text of one comment.
    pub(super) fn names_text(self) -> bool {
        self.comment
            && self.text
            && !(self.author || self.time || self.action || self.meta || self.elsewhere)
    }
}

/// What follows the word for comment: `s`, `text` in `commenttext`.
fn after_comment(part: &str) -> Option<&str> {
    COMMENT_STEMS.iter().find_map(|stem| {
        let at = part.find(stem)?;
        // `recentcomments`, but not `incommensurable`.
        (at == 0 || part.len() > stem.len() + 2).then(|| &part[at + stem.len()..])
    })
}

fn is_plural(rest: &str) -> bool {
    matches!(
        rest,
        "s" | "e" | "er" | "aires" | "arios" | "ari" | "arze" | "i" | "n" | "en" | "lar" | "ek"
    )
}

/// Splits at everything but letters, and where lower case meets upper case.
fn parts(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(|c: char| !c.is_alphabetic()).flat_map(split_camel).filter(|part| !part.is_empty())
}

fn split_camel(word: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before_lower = false;
    for letter in word.chars() {
        if letter.is_uppercase() && before_lower {
            parts.push(String::new());
        }
        before_lower = letter.is_lowercase();
        if let Some(part) = parts.last_mut() {
            part.extend(letter.to_lowercase());
        }
    }
    parts
}

/// The comment's own id in an element's `id`: `comment-17` in `comment-17`, `li-comment-17`, `div-comment-17`.
pub(super) fn comment_id(id: &str) -> Option<String> {
    let digits_at = id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (stem, digits) = id.split_at(digits_at);
    if digits.is_empty() {
        return None;
    }
    let stem = stem.strip_prefix("li-").or_else(|| stem.strip_prefix("div-")).unwrap_or(stem);
    let last = stem.trim_end_matches(['-', '_']).rsplit(['-', '_']).next().unwrap_or_default();
    let names_comment = matches!(
        last.to_ascii_lowercase().as_str(),
        "comment" | "cmt" | "kommentar" | "commentaire" | "comentario" | "usercomment"
    );
    names_comment.then(|| format!("{stem}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_comments_are_known() {
        for name in [
            "comment",
            "comment-item",
            "mo-comment-card",
            "MtnComment",
            "leserbrief",
            "thecomment",
            "comment_default",
            "c-comment-card",
        ] {
            assert!(Word::of(name).names_item(), "{name}");
        }
        for name in [
            "comments",
            "comment-list",
            "commentlist",
            "commentmetadata",
            "comment-author",
            "commentAuthor",
            "comment-reply-link",
            "recentcomments",
            "comments-link",
            "post",
            "comment-form",
            "commentform",
            "kommentare",
        ] {
            assert!(!Word::of(name).names_item(), "{name}");
        }
        for name in [
            "commentText",
            "comment-content",
            "MtnCommentText",
            "c-comment-card__text",
            "comment_body",
        ] {
            assert!(Word::of(name).names_text(), "{name}");
        }
    }

    #[test]
    fn ids_are_those_of_the_page() {
        assert_eq!(comment_id("comment-17").as_deref(), Some("comment-17"));
        assert_eq!(comment_id("li-comment-17").as_deref(), Some("comment-17"));
        assert_eq!(comment_id("div-comment-17").as_deref(), Some("comment-17"));
        assert_eq!(comment_id("dsq-comment-17").as_deref(), Some("dsq-comment-17"));
        assert_eq!(comment_id("Comment6702399").as_deref(), Some("Comment6702399"));
        for id in ["post-17", "comment-form", "comments", "comment-author-3x", "comment-image-4"] {
            assert_eq!(comment_id(id), None, "{id}");
        }
    }
}
