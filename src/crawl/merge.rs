//! An entry and its page, made into one article. Pure.
//!
//! The feed is trusted for title, date and authors, which it states plainly; the page for the text.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::drafts::{date_of, is_part};
use crate::{
    domain::{
        ArticleDraft, ArticleKey, ArticleKind, CommentDraft, Entry, Extracted, ExtractedComment,
        FeedEntry, Source, canonical_url,
    },
    extract::sanitise::plain_text,
};

/// Tags kept of one article.
const MAX_TAGS: usize = 50;
/// Characters of a description made from a summary.
const DESCRIPTION: usize = 300;
/// The feed's full text wins where the page gave less than this share of it.
const POORER: f64 = 0.75;
/// Feed text this long is taken for the article itself, not a teaser.
const FULL_TEXT: usize = 600;
/// Dates beyond this are mistakes.
const FUTURE: SignedDuration = SignedDuration::from_hours(48);

/// A page that was fetched for an entry.
pub(super) struct Page {
    /// Where it was, after redirects.
    pub(super) url: Url,
    pub(super) extracted: Extracted,
}

/// The article of an entry, from its page and what the feed said.
pub(super) fn with_page(
    entry: &Entry,
    source: &Source,
    page: Page,
    now: Timestamp,
) -> ArticleDraft {
    let Page { url, extracted } = page;
    let address = believable_address(&url, extracted.canonical_url.as_deref());
    let body = choose_body(&entry.item, &extracted);
    let item = &entry.item;
    let description = extracted.description.or_else(|| summary_text(item));
    ArticleDraft {
        source_id: source.id,
        key: ArticleKey::of(&address),
        title: title(item, extracted.title.as_deref(), &body.text),
        url: address.into(),
        authors: if item.authors.is_empty() { extracted.authors } else { item.authors.clone() },
        published: published(item, extracted.published, now),
        modified: extracted.modified.or(item.updated).filter(|time| *time <= now + FUTURE),
        language: extracted.language.or_else(|| source.language.clone()),
        site_name: extracted.site_name.or_else(|| site_name(source)),
        description,
        image: extracted.image.or_else(|| picture(item)),
        tags: tags(&item.categories, &extracted.tags),
        kind: extracted.kind,
        text: body.text,
        html: body.html,
        comment_provider: extracted.comment_provider,
        confidence: body.confidence,
    }
}

/// The article of an entry from the feed alone; `None` where the feed has no text.
pub(super) fn from_feed(entry: &Entry, source: &Source, now: Timestamp) -> Option<ArticleDraft> {
    let item = &entry.item;
    let body = feed_body(item)?;
    let url = Url::parse(&entry.url).ok()?;
    Some(ArticleDraft {
        source_id: source.id,
        key: key_of(&url),
        title: title(item, None, &body.text),
        url: url.into(),
        authors: item.authors.clone(),
        published: published(item, None, now),
        modified: item.updated.filter(|time| *time <= now + FUTURE),
        language: source.language.clone(),
        site_name: site_name(source),
        description: summary_text(item),
        image: picture(item),
        tags: tags(&item.categories, &[]),
        kind: ArticleKind::Article,
        text: body.text,
        html: body.html,
        comment_provider: None,
        confidence: body.confidence,
    })
}

/// Comments as the store takes them.
pub(super) fn comments(found: Vec<ExtractedComment>) -> Vec<CommentDraft> {
    found
        .into_iter()
        .map(|comment| CommentDraft {
            key: comment.id,
            parent_key: comment.parent,
            author: comment.author.map(without_nul),
            author_url: comment.author_url,
            published: comment.published,
            text: without_nul(comment.text),
        })
        .collect()
}

/// A redirect from an article to the front page: the site's way of saying that it is gone.
pub(super) fn leads_home(asked: &Url, final_url: &Url) -> bool {
    asked != final_url && !is_home(asked) && is_home(final_url)
}

fn is_home(url: &Url) -> bool {
    url.path() == "/" && url.query().is_none()
}

/// Parts of a page have their fragment in the key, so that each is an article of its own.
fn key_of(url: &Url) -> ArticleKey {
    let key = ArticleKey::of(url);
    match url.fragment() {
        Some(fragment) if is_part(url) => ArticleKey::from(format!("{}#{fragment}", key.as_str())),
        _ => key,
    }
}

/// The page's own claim, unless it claims to be the front page, as misconfigured sites do.
fn believable_address(fetched: &Url, claimed: Option<&str>) -> Url {
    let claimed = claimed
        .and_then(|claim| Url::parse(claim).ok())
        .filter(|claim| matches!(claim.scheme(), "http" | "https"))
        .filter(|claim| is_home(fetched) || !is_home(claim));
    canonical_url(claimed.as_ref().unwrap_or(fetched))
}

struct Body {
    text: String,
    html: String,
    confidence: f32,
}

fn choose_body(item: &FeedEntry, page: &Extracted) -> Body {
    let from_page = Body {
        text: without_nul(page.text.clone()),
        html: without_nul(page.html.clone()),
        confidence: page.confidence,
    };
    let Some(from_feed) = feed_body(item) else { return from_page };
    let is_full = item.content.is_some() && from_feed.text.len() >= FULL_TEXT;
    let is_richer = (from_page.text.len() as f64) < POORER * from_feed.text.len() as f64;
    if from_page.text.trim().is_empty() || (is_full && is_richer) { from_feed } else { from_page }
}

fn feed_body(item: &FeedEntry) -> Option<Body> {
    let body = |html: &String, confidence| {
        let text = without_nul(plain_text(html));
        (!text.trim().is_empty()).then(|| Body {
            text,
            html: without_nul(html.clone()),
            confidence,
        })
    };
    let content = item.content.as_ref().and_then(|html| body(html, 0.7));
    content.or_else(|| item.summary.as_ref().and_then(|html| body(html, 0.4)))
}

/// The feed's title; the page's where the feed has none or cut it; else the first words.
fn title(item: &FeedEntry, page: Option<&str>, text: &str) -> String {
    let feed = item.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let page = page.map(str::trim).filter(|title| !title.is_empty());
    let chosen = match (feed, page) {
        (Some(feed), Some(page)) if is_cut(feed, page) => page,
        (Some(feed), _) => feed,
        (None, Some(page)) => page,
        (None, None) => return clip(text, 100),
    };
    without_nul(chosen.to_owned())
}

fn is_cut(feed: &str, page: &str) -> bool {
    let stem = feed.strip_suffix('…').or_else(|| feed.strip_suffix("..."));
    stem.is_some_and(|stem| page.starts_with(stem.trim_end()))
}

fn published(item: &FeedEntry, page: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let believable = |time: &Timestamp| *time <= now + FUTURE;
    item.published
        .filter(believable)
        .or(page.filter(believable))
        .or(date_of(item).filter(believable))
}

fn site_name(source: &Source) -> Option<String> {
    Some(source.title.clone()).filter(|title| !title.is_empty())
}

fn summary_text(item: &FeedEntry) -> Option<String> {
    let text = plain_text(item.summary.as_deref()?);
    (!text.trim().is_empty()).then(|| clip(&text, DESCRIPTION))
}

fn picture(item: &FeedEntry) -> Option<String> {
    let is_picture =
        |kind: &Option<String>| kind.as_deref().is_some_and(|kind| kind.starts_with("image/"));
    item.enclosures.iter().find(|file| is_picture(&file.media_type)).map(|file| file.url.clone())
}

fn tags(feed: &[String], page: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in feed.iter().chain(page).map(|tag| tag.trim()) {
        let known = tags.iter().any(|other| other.eq_ignore_ascii_case(tag));
        if !tag.is_empty() && !known && tags.len() < MAX_TAGS {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// The beginning of a text on one line, ended at a word.
fn clip(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= max {
        return line;
    }
    let cut = &line[..line.floor_char_boundary(max)];
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", &cut[..end])
}

/// NUL cannot be stored as text everywhere, and means nothing.
fn without_nul(mut text: String) -> String {
    text.retain(|c| c != '\0');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EntryId, EntryState, Health, PageFetch, SourceId, SourceKind};

    const NOW: i64 = 1_800_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    fn source() -> Source {
        Source {
            id: SourceId(1),
            url: "https://ex.org/feed".to_owned(),
            title: "Example".to_owned(),
            site_url: None,
            kind: SourceKind::Feed,
            groups: Vec::new(),
            language: Some("en".to_owned()),
            enabled: true,
            respect_robots: true,
            fetch_pages: PageFetch::Always,
            added: at(0),
            health: Health::default(),
        }
    }

    fn entry(item: FeedEntry) -> Entry {
        Entry {
            id: EntryId(1),
            source_id: SourceId(1),
            key: "1".to_owned(),
            url: "https://ex.org/a".to_owned(),
            state: EntryState::Pending,
            attempts: 1,
            error: None,
            article_id: None,
            item,
        }
    }

    fn page(extracted: Extracted) -> Page {
        Page { url: url("https://ex.org/a"), extracted }
    }

    fn merged(item: FeedEntry, extracted: Extracted) -> ArticleDraft {
        with_page(&entry(item), &source(), page(extracted), at(NOW))
    }

    fn text(text: &str) -> Extracted {
        Extracted { text: text.to_owned(), confidence: 0.9, ..Extracted::default() }
    }

    #[test]
    fn the_feed_states_title_and_date_and_the_page_the_text() {
        let item = FeedEntry {
            title: Some("Feed title".to_owned()),
            published: Some(at(5)),
            summary: Some("<p>teaser</p>".to_owned()),
            ..FeedEntry::default()
        };
        let extracted = Extracted {
            title: Some("Page title".to_owned()),
            published: Some(at(9)),
            authors: vec!["Ann".to_owned()],
            ..text("The whole text.")
        };
        let article = merged(item, extracted);
        assert_eq!((article.title.as_str(), article.published), ("Feed title", Some(at(5))));
        assert_eq!(article.text, "The whole text.");
        assert_eq!(article.authors, ["Ann"]);
        assert_eq!(article.description.as_deref(), Some("teaser"));
    }

    #[test]
    fn the_feeds_full_text_replaces_a_poor_extraction() {
        let long = format!("<p>{}</p>", "words and words ".repeat(100));
        let item = FeedEntry { content: Some(long), ..FeedEntry::default() };
        assert!(merged(item.clone(), text("Subscribe to read on.")).text.starts_with("words"));
        let whole = "words and words ".repeat(95);
        assert_eq!(merged(item, text(&whole)).text, whole);
        let teaser = FeedEntry { summary: Some("teaser ".repeat(200)), ..FeedEntry::default() };
        assert_eq!(merged(teaser.clone(), text("Short but true.")).text, "Short but true.");
        assert!(merged(teaser, text(" ")).text.starts_with("teaser"));
    }

    #[test]
    fn impossible_dates_are_not_believed() {
        let item = FeedEntry { published: Some(at(NOW + 9_999_999)), ..FeedEntry::default() };
        let extracted = Extracted { published: Some(at(7)), ..text("a") };
        assert_eq!(merged(item.clone(), extracted).published, Some(at(7)));
        assert_eq!(merged(item, text("a")).published, None);
    }

    #[test]
    fn a_cut_title_is_completed() {
        let item = FeedEntry { title: Some("Breach at the…".to_owned()), ..FeedEntry::default() };
        let extracted = Extracted { title: Some("Breach at the mill".to_owned()), ..text("a") };
        assert_eq!(merged(item, extracted).title, "Breach at the mill");
        assert_eq!(merged(FeedEntry::default(), text("First words.")).title, "First words.");
    }

    #[test]
    fn the_pages_address_is_believed_unless_it_is_the_front_page() {
        let claim = |claim: &str| {
            let extracted = Extracted { canonical_url: Some(claim.to_owned()), ..text("a") };
            merged(FeedEntry::default(), extracted).url
        };
        assert_eq!(claim("https://ex.org/2026/a?utm_source=x"), "https://ex.org/2026/a");
        assert_eq!(claim("https://ex.org/"), "https://ex.org/a");
        assert_eq!(claim("ftp://ex.org/b"), "https://ex.org/a");
        assert!(leads_home(&url("https://ex.org/a"), &url("https://ex.org/")));
        assert!(!leads_home(&url("https://ex.org/"), &url("https://www.ex.org/")));
    }

    #[test]
    fn parts_of_one_page_are_articles_of_their_own() {
        let part = |fragment: &str| {
            let item = FeedEntry { summary: Some("text".to_owned()), ..FeedEntry::default() };
            let entry = Entry { url: format!("https://ex.org/changes#{fragment}"), ..entry(item) };
            from_feed(&entry, &source(), at(NOW)).expect("an article").key
        };
        assert_ne!(part("entry-1"), part("entry-2"));
        assert_eq!(from_feed(&entry(FeedEntry::default()), &source(), at(NOW)), None);
    }

    #[test]
    fn nul_bytes_go() {
        let item = FeedEntry { title: Some("a\0b".to_owned()), ..FeedEntry::default() };
        let article = merged(item, text("c\0d"));
        assert_eq!((article.title.as_str(), article.text.as_str()), ("ab", "cd"));
    }
}
