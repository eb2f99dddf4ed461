//! What class and id names say about an element, as a table.

use std::{collections::HashMap, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};

/// A set of hints, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks(u32);

impl Marks {
    /// The wrapper a publishing system puts around the text of an article and nothing else.
    pub const BODY: Self = Self(1);
    /// Speaks for content.
    pub const GOOD: Self = Self(1 << 1);
    /// Navigation, side bars, page furniture.
    pub const FURNITURE: Self = Self(1 << 2);
    /// Share and follow buttons.
    pub const SHARE: Self = Self(1 << 3);
    /// Teasers of other articles.
    pub const RELATED: Self = Self(1 << 4);
    /// Advertising, sign-up boxes, cookie notes.
    pub const PROMOTION: Self = Self(1 << 5);
    /// Byline or author box.
    pub const AUTHOR: Self = Self(1 << 6);
    /// Publication date.
    pub const DATE: Self = Self(1 << 7);
    /// Reader comments.
    pub const COMMENT: Self = Self(1 << 8);
    /// Tag and category lists.
    pub const TAGS: Self = Self(1 << 9);
    /// Picture captions and credits.
    pub const CAPTION: Self = Self(1 << 10);
    /// Not shown to readers.
    pub const HIDDEN: Self = Self(1 << 11);
    /// Headline.
    pub const HEADLINE: Self = Self(1 << 12);
    /// A post of a discussion.
    pub const POST: Self = Self(1 << 13);
    /// Weakly against content: drop only where the text agrees.
    pub const WEAK: Self = Self(1 << 14);

    /// True if any bit of `other` is set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Names and what they stand for. `~` at an end: the class name begins or ends there; `|`: a word of it does.
const NAMES: &[(Marks, &[&str])] = &[
    (
        Marks::BODY,
        &[
            "~entry-content~",
            "~entry_content~",
            "~entrycontent~",
            "~post-content~",
            "~post_content~",
            "~postcontent~",
            "~post-body~",
            "~post_body~",
            "~postbody~",
            "~post-entry~",
            "~post-text~",
            "~entry-body~",
            "~entrytext~",
            "~entry-text~",
            "~storycontent~",
            "~article-body",
            "|article__body",
            "~article_body",
            "~articlebody",
            "|article-body~",
            "|articlebody~",
            "~article-content~",
            "~article__content~",
            "~article_content~",
            "~articlecontent~",
            "~article-text",
            "~article_text",
            "~article__text",
            "~articletext",
            "~story-body",
            "~storybody",
            "~story__body",
            "~story_body",
            "~story-content~",
            "~story-text",
            "~td-post-content~",
            "~wp-block-post-content~",
            "~blog-post-content",
            "~blog-content~",
            "~blog-body",
            "~blog-post-body",
            "~post__content",
            "~post__body",
            "~single-content~",
            "~single-post-content",
            "~the-content~",
            "~the_content~",
            "~thecontent~",
            "~content-body~",
            "~content__body",
            "~body-content~",
            "~body-text~",
            "~bodytext~",
            "~body-copy",
            "~main-text~",
            "~maintext~",
            "~rte~",
            "~richtext~",
            "~rich-text",
            "~rich_text",
            "~w-richtext~",
            "~markdown-body~",
            "~markdown~",
            "~prose~",
            "~mw-parser-output~",
            "~mw-content-text~",
            "~gh-content~",
            "~kg-canvas~",
            "~available-content~",
            "~body markup~",
            "~field--name-body~",
            "~field-name-body~",
            "~field-body~",
            "~news-text-wrap~",
            "~ce-bodytext~",
            "~tinymce",
            "~wysiwyg",
            "~article-detail__body",
            "~article-page__body",
            "~article-copy",
            "~articlecopy",
            "~page-content~",
            "~post-full-content~",
            "~theme-doc-markdown~",
            "~rst-content~",
            "~md-content__inner~",
            "~entry-content-",
            "~post-article",
            "~paragraph--type--text",
        ],
    ),
    (
        Marks::GOOD,
        &[
            "|article",
            "|content",
            "|entry",
            "|main",
            "|post|",
            "|posts|",
            "|text|",
            "|story",
            "|body|",
            "|blog",
            "|hentry",
            "|copy|",
            "|detail",
            "|beitrag",
            "|artikel",
            "|inhalt",
            "|noticia",
            "|contenido",
            "|contenu",
            "|texte|",
            "|texto|",
            "|testo|",
            "|articolo",
            "|section|",
            "|document",
        ],
    ),
    (
        Marks::FURNITURE,
        &[
            "|sidebar",
            "|side-bar",
            "~widget~",
            "~widget-area~",
            "|footer",
            "|foot~",
            "|breadcrumb",
            "|nav~",
            "~nav~",
            "|navbar",
            "|navigation",
            "~menu~",
            "|menu~",
            "|submenu",
            "|pagination",
            "|pager|",
            "|paginate",
            "|masthead",
            "|skip-link",
            "|screen-reader",
            "|sr-only",
            "|visually-hidden",
            "|visuallyhidden",
            "|topbar",
            "|top-bar",
            "|toolbar",
            "|copyright",
            "|disclaimer~",
            "|print-only",
            "|noprint",
            "|no-print",
            "|mw-editsection",
            "|navbox",
            "|catlinks",
            "|printfooter",
            "|toc~",
            "~toc-",
            "|table-of-contents",
            "|table-contents",
            "|tableofcontents",
            "|ez-toc",
            "|lwptoc",
            "|reflist-skip",
            "|login",
            "|logout",
            "|signin",
            "|search-form",
            "|searchform",
            "|jump-link",
            "|back-to-top",
            "|backtotop",
            "|scroll-top",
            "|tooltip",
            "|dropdown",
            "|modal",
            "|lightbox",
            "|overlay~",
            "|popup",
            "|hatnote",
            "|sitemap",
            "|language-switch",
            "|lang-switch",
            "|site-header",
            "|site-footer",
            "|page-footer",
            "|post-footer",
            "|entry-footer",
            "|article-footer",
            "|article__footer",
            "|post-nav",
            "|nav-links",
            "|navi~",
            "|prev-next",
            "|next-prev",
            "|prevnext",
            "|post-navigation",
            "|wp-pagenavi",
            "|linkbox",
            "|toplink",
            "|rubrik~",
            "|kicker",
            "|audio-player",
            "|video-player",
            "|player-",
            "|transcript-button",
            "|read-time",
            "|reading-time",
            "|readtime",
            "|word-count",
            "|views~",
            "|post-views",
            "|rating",
            "|vote",
            "|poll~",
            "|infobox-skip",
            "|playlist",
            "|slick-",
            "|carousel",
            "|swiper",
        ],
    ),
    (
        Marks::SHARE,
        &[
            "|share|",
            "|shares|",
            "|sharing",
            "|sharebar",
            "|sharedaddy",
            "|share-",
            "|sharethis",
            "|addthis",
            "|addtoany",
            "|a2a_",
            "|social",
            "|follow-us",
            "|followus",
            "|heateor",
            "|ssba",
            "|shariff",
            "|sociable",
            "|jetpack-likes",
            "|jp-relatedposts-like",
            "|like-button",
            "|reactions~",
            "|bookmark-button",
            "|tweet-button",
            "|teilen",
            "|compartir",
            "|partager",
            "|condividi",
            "|whatsapp",
            "|toolbox",
            "|article-tools",
            "|article-actions",
            "|post-actions",
        ],
    ),
    (
        Marks::RELATED,
        &[
            "|related",
            "|relacionad",
            "|recommend",
            "|read-more",
            "|readmore",
            "|read-also",
            "|readalso",
            "|more-stories",
            "|more-news",
            "|more-from",
            "|more-on",
            "|morefrom",
            "|most-read",
            "|mostread",
            "|most-popular",
            "|popular",
            "|trending",
            "|latest-",
            "|recent-",
            "|you-may",
            "|youmay",
            "|also-like",
            "|alsolike",
            "|yarpp",
            "|jp-relatedposts",
            "|crp_related",
            "|outbrain",
            "|taboola",
            "|teaser",
            "|next-article",
            "|next-post",
            "|nextpost",
            "|prev-post",
            "|up-next",
            "|upnext",
            "|see-also",
            "|seealso",
            "|similar-",
            "|suggested",
            "|zergnet",
            "|plista",
            "|topstories",
            "|top-stories",
            "|further-reading",
            "|lire-aussi",
            "|leia-mais",
            "|leiamais",
            "|leggi-anche",
            "|lees-ook",
            "|mehr-zum",
            "|weitere-",
            "|onward",
            "|story-card",
            "|post-card",
            "|article-card",
            "|inline-article-link",
            "|internal-link-box",
            "|context-links",
            "|link-list",
            "|linklist",
            "|series-nav",
            "|post-list",
            "|posts-list",
            "|article-list",
        ],
    ),
    (
        Marks::PROMOTION,
        &[
            "|ad~",
            "~ad-",
            "~ads~",
            "|ads~",
            "~ads-",
            "|advert",
            "|adsense",
            "|adslot",
            "|ad-slot",
            "|ad-container",
            "|ad-wrapper",
            "|adwrapper",
            "|ad_",
            "|adsbygoogle",
            "|dfp",
            "|gpt-ad",
            "|sponsor",
            "|promo",
            "|newsletter",
            "|subscribe",
            "|subscription",
            "|signup",
            "|sign-up",
            "|sign_up",
            "|optin",
            "|opt-in",
            "|mailchimp",
            "|mc4wp",
            "|cookie",
            "|consent",
            "|gdpr",
            "|paywall",
            "|donate",
            "|donation",
            "|cta|",
            "|call-to-action",
            "|banner~",
            "|anzeige",
            "|werbung",
            "|publicidad",
            "|publicite",
            "|pubblicita",
            "|reklam",
            "|affiliate-dis",
            "|affiliate_dis",
            "|affiliate-box",
            "|product-box",
            "|hubspot-form",
            "|hs-form",
            "|wpforms",
            "|wpcf7",
            "|gform",
            "|ninja-forms",
            "|contact-form",
            "|lead-form",
            "|download-app",
            "|app-download",
            "|app-promo",
            "|registration",
            "|piano-",
        ],
    ),
    (
        Marks::AUTHOR,
        &[
            "|author",
            "|byline",
            "|by-line",
            "|about-the-author",
            "|writer|",
            "|contributor",
            "|autor|",
            "|auteur|",
            "|verfasser",
            "|postedby",
            "|posted-by",
            "|biography",
            "|profile-card",
            "|abh_box",
            "|abh_",
            "|saboxplugin",
            "|vcard",
            "|m-a-box",
            "|ab-author",
        ],
    ),
    (
        Marks::DATE,
        &[
            "|date|",
            "|dateline",
            "|timestamp",
            "|published|",
            "|pubdate",
            "|posted-on",
            "|postmetadata",
            "|post-meta",
            "|entry-meta",
            "|postmeta",
            "|article-meta",
            "|article__meta",
            "|meta-info",
            "|post-info",
            "|article-info",
            "|entry-info",
            "|post_meta",
            "|entry_meta",
            "|blog-meta",
            "|meta-data",
            "|metadata|",
            "|publish-date",
            "|pub-date",
            "|post-date",
            "|entry-date",
            "|entry-header-meta",
            "|byline-date",
            "|last-updated",
            "|lastmod",
            "|datum|",
        ],
    ),
    (
        Marks::COMMENT,
        &[
            "|comment",
            "|disqus",
            "|respond|",
            "|replies",
            "|reply",
            "|livefyre",
            "|fb-comments",
            "|kommentar",
            "|coral-",
            "|openweb",
            "|spot-im",
            "|viafoura",
            "|trackback",
            "|pingback",
        ],
    ),
    (
        Marks::TAGS,
        &[
            "~tags~",
            "|tags~",
            "|taglist",
            "|tag-list",
            "|tag-cloud",
            "|tagcloud",
            "|post-tags",
            "|entry-tags",
            "|tags-links",
            "|cat-links",
            "|categories~",
            "|post-categories",
            "|post-category",
            "|article-tags",
            "|topics~",
            "|keywords~",
            "|tag-links",
            "|article__tags",
            "|schlagwort",
        ],
    ),
    (
        Marks::CAPTION,
        &[
            "|caption",
            "|credit",
            "|figcaption",
            "|copyright-image",
            "|photo-info",
            "|image-source",
            "|wp-caption-text",
            "|bildunterschrift",
            "|photographer",
        ],
    ),
    (Marks::HIDDEN, &["~hidden~", "~hide~", "~d-none~", "~invisible~", "~print~"]),
    (
        Marks::HEADLINE,
        &[
            "|headline",
            "|entry-title",
            "|post-title",
            "|article-title",
            "|article__title",
            "|page-title",
            "|posttitle",
            "|entry_title",
        ],
    ),
    (
        Marks::POST,
        &[
            "~post~",
            "|message~",
            "|message-body",
            "|message-content",
            "|messagetext",
            "|postbody",
            "|post-content",
            "|post_body",
            "|postcontent",
            "|topic-body",
            "|crawler-post",
            "|answer",
            "|question",
            "|reply",
            "|thread",
            "|topic",
        ],
    ),
    (
        Marks::WEAK,
        &[
            "|header",
            "|widget",
            "|module",
            "|aside",
            "|banner",
            "|extra",
            "|complementary",
            "|tools",
            "|links|",
            "|list|",
            "|bio",
            "|info-box",
            "|infobox",
            "|bottom",
            "|gallery",
            "|slider",
            "|source|",
            "|note|",
            "|notice",
            "|alert",
        ],
    ),
];

struct Table {
    automaton: AhoCorasick,
    rules: Vec<Rule>,
}

#[derive(Clone, Copy)]
struct Rule {
    marks: Marks,
    start: Edge,
    end: Edge,
}

#[derive(Clone, Copy, PartialEq)]
enum Edge {
    Any,
    Word,
    Name,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut words = Vec::new();
    let mut rules = Vec::new();
    for (marks, names) in NAMES {
        for name in *names {
            let start = edge(name.chars().next());
            let end = edge(name.chars().next_back());
            words.push(name.trim_matches(['~', '|']).to_owned());
            rules.push(Rule { marks: *marks, start, end });
        }
    }
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(&words)
        .expect("the table of names is small");
    Table { automaton, rules }
});

fn edge(mark: Option<char>) -> Edge {
    match mark {
        Some('~') => Edge::Name,
        Some('|') => Edge::Word,
        _ => Edge::Any,
    }
}

/// Classifies attribute values, each distinct one once.
#[derive(Default)]
pub(super) struct Names<'a> {
    known: HashMap<&'a str, Marks>,
}

impl<'a> Names<'a> {
    /// What a `class` or `id` attribute says.
    pub fn classify(&mut self, value: &'a str) -> Marks {
        *self.known.entry(value).or_insert_with(|| classify(value))
    }
}

/// Longer values are generated, not written to say something.
const MAX_NAME_BYTES: usize = 1_000;

fn classify(value: &str) -> Marks {
    let bytes = value.as_bytes();
    let bytes = &bytes[..bytes.len().min(MAX_NAME_BYTES)];
    let mut marks = Marks::default();
    for found in TABLE.automaton.find_overlapping_iter(bytes) {
        let rule = TABLE.rules[found.pattern().as_usize()];
        if starts(bytes, found.start(), rule.start) && ends(bytes, found.end(), rule.end) {
            marks = marks.with(rule.marks);
        }
    }
    marks
}

fn starts(bytes: &[u8], at: usize, edge: Edge) -> bool {
    let Some(before) = at.checked_sub(1).map(|index| bytes[index]) else { return true };
    match edge {
        Edge::Any => true,
        Edge::Word => {
            !before.is_ascii_alphanumeric()
                || (before.is_ascii_lowercase() && bytes[at].is_ascii_uppercase())
        }
        Edge::Name => before.is_ascii_whitespace(),
    }
}

fn ends(bytes: &[u8], at: usize, edge: Edge) -> bool {
    let Some(next) = bytes.get(at) else { return true };
    match edge {
        Edge::Any => true,
        Edge::Word => !next.is_ascii_lowercase(),
        Edge::Name => next.is_ascii_whitespace(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_all_spellings() {
        assert!(classify("col-8 entry-content clearfix").has(Marks::BODY));
        assert!(classify("ArticleBody-articleBody").has(Marks::BODY));
        assert!(classify("postSocialShare").has(Marks::SHARE));
        assert!(classify("c-related__list").has(Marks::RELATED));
        assert!(!classify("uncontented").has(Marks::GOOD));
        assert!(!classify("shareholder").has(Marks::SHARE));
        assert!(!classify("elementor-widget-text-editor").has(Marks::FURNITURE));
        assert_eq!(classify("x1 y2"), Marks::default());
    }
}
