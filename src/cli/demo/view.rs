//! What the templates of the demo's sites are given.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};
use quick_xml::escape::partial_escape;
use serde::Serialize;

use super::content::{ArticleText, CommentText, Content, Kind, Outlet, Words};

/// A site as its templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SiteView {
    pub title: String,
    pub tagline: String,
    pub language: String,
    pub url: String,
    /// For identifiers.
    pub slug: String,
    pub full_text: bool,
    /// Readers can comment.
    pub comments: bool,
}

/// An article as its templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PostView {
    pub number: usize,
    pub title: String,
    pub url: String,
    #[serde(skip)]
    pub path: String,
    pub guid: String,
    pub author: String,
    pub author_slug: String,
    pub tags: Vec<String>,
    pub summary: String,
    pub html: String,
    pub minutes: usize,
    #[serde(flatten)]
    pub when: Moment,
    pub json_ld: String,
    pub comment_feed: Option<String>,
    /// Oldest first.
    pub comments: Vec<CommentView>,
    /// The same comments, answers below what they answer.
    pub thread: Vec<CommentView>,
}

/// A comment as its templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CommentView {
    pub id: u32,
    pub parent: Option<u32>,
    pub author: String,
    pub author_url: Option<String>,
    pub text: String,
    pub html: String,
    #[serde(flatten)]
    pub when: Moment,
    pub children: Vec<CommentView>,
}

/// One moment in all the ways sites write it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Moment {
    #[serde(skip)]
    pub at: Timestamp,
    pub iso: String,
    pub date: String,
    pub clock: String,
    pub human: String,
    pub rfc2822: String,
    /// With a zone name that no standard allows.
    pub broken_date: String,
    pub epoch_ms: i64,
}

/// A month in the archive.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MonthView {
    pub path: String,
    pub name: String,
    pub count: usize,
}

impl SiteView {
    pub fn new(outlet: &Outlet, url: String) -> Self {
        Self {
            title: outlet.title.clone(),
            tagline: outlet.tagline.clone(),
            language: outlet.language.clone(),
            slug: slug(&outlet.title),
            url,
            full_text: outlet.full_text,
            comments: matches!(outlet.kind, Kind::WordPress | Kind::Blogger | Kind::Forum),
        }
    }
}

/// The articles of one site, newest first.
pub(super) fn posts(
    content: &Content,
    outlet: &Outlet,
    site: &SiteView,
    words: &Words,
    now: Timestamp,
) -> Vec<PostView> {
    let mut by_article: HashMap<&str, Vec<&CommentText>> = HashMap::new();
    for comment in &content.comments {
        by_article.entry(&comment.article).or_default().push(comment);
    }
    let own = content.articles.iter().filter(|article| article.outlet == outlet.title);
    let mut posts: Vec<PostView> = own
        .enumerate()
        .map(|(at, article)| {
            let comments = by_article.get(article.id.as_str()).cloned().unwrap_or_default();
            post(outlet.kind, site, words, now, at + 1, article, &comments)
        })
        .collect();
    posts.sort_by_key(|post| std::cmp::Reverse(post.when.at));
    posts
}

fn post(
    kind: Kind,
    site: &SiteView,
    words: &Words,
    now: Timestamp,
    number: usize,
    article: &ArticleText,
    comments: &[&CommentText],
) -> PostView {
    let when = Moment::new(minutes_before(now, article.minutes_ago), words);
    let path = path(kind, article, number, &when);
    let url = format!("{}{path}", site.url);
    let comments: Vec<CommentView> = comments.iter().map(|c| comment(c, words, now)).collect();
    let comment_feed = match kind {
        Kind::WordPress => Some(format!("{url}feed/")),
        Kind::Blogger => Some(format!("{}/feeds/{number}/comments/default", site.url)),
        _ => None,
    };
    PostView {
        number,
        title: article.title.clone(),
        guid: guid(kind, site, number, &url),
        author: article.author.clone(),
        author_slug: slug(&article.author),
        tags: article.tags.clone(),
        summary: summary(&article.text),
        html: paragraphs(&article.text),
        minutes: (article.text.split_whitespace().count() / 200).max(1),
        json_ld: json_ld(article, site, &url, &when),
        thread: thread(&comments, None),
        comments,
        comment_feed,
        when,
        path,
        url,
    }
}

fn path(kind: Kind, article: &ArticleText, number: usize, when: &Moment) -> String {
    let slug = &article.slug;
    let month = when.date[..7].replace('-', "/");
    match kind {
        _ if article.sponsored => format!("/partner/{slug}"),
        Kind::WordPress => format!("/{month}/{slug}/"),
        Kind::Blogger => format!("/{month}/{slug}.html"),
        Kind::Ghost => format!("/{slug}/"),
        Kind::Static => format!("/posts/{slug}/"),
        Kind::Portal => format!("/technology/{slug}-{}", 240_000 + number * 17),
        Kind::Json => format!("/issues/{number}"),
        Kind::Local => format!("/story.asp?id={}&cat=news", 7_000 + number * 3),
        Kind::Cert => format!("/advisories/cc-{number}"),
        Kind::Rdf => format!("/entry/{}/{}", when.date.replace('-', "/"), number),
        Kind::Forum => format!("/t/{slug}/{number}"),
    }
}

fn guid(kind: Kind, site: &SiteView, number: usize, url: &str) -> String {
    match kind {
        Kind::WordPress => format!("{}/?p={number}", site.url),
        Kind::Blogger => format!("tag:blogger.com,1999:blog-{}.post-{number}", site.slug),
        _ => url.to_owned(),
    }
}

fn comment(comment: &CommentText, words: &Words, now: Timestamp) -> CommentView {
    let as_posted = &comment.text;
    // Blogs let some HTML through in comments, after cleaning.
    let html =
        if as_posted.contains('<') { ammonia::clean(as_posted) } else { paragraphs(as_posted) };
    CommentView {
        id: comment.id,
        parent: comment.parent,
        author: comment.author.clone(),
        author_url: comment.author_url.clone(),
        text: as_posted.clone(),
        html,
        when: Moment::new(minutes_before(now, comment.minutes_ago), words),
        children: Vec::new(),
    }
}

/// Comments below `parent`, each with its answers. A comment's parent comes before it, so this ends.
fn thread(comments: &[CommentView], parent: Option<u32>) -> Vec<CommentView> {
    let here = comments.iter().filter(|comment| comment.parent == parent);
    here.map(|comment| CommentView {
        children: thread(comments, Some(comment.id)),
        ..comment.clone()
    })
    .collect()
}

/// Articles per month, newest first.
pub(super) fn months(posts: &[PostView], words: &Words) -> Vec<MonthView> {
    let mut months: Vec<MonthView> = Vec::new();
    for post in posts {
        let path = post.when.date[..7].replace('-', "/");
        match months.last_mut().filter(|month| month.path == path) {
            Some(month) => month.count += 1,
            None => {
                let zoned = post.when.at.to_zoned(TimeZone::UTC);
                let name = format!("{} {}", words.month(&zoned), zoned.year());
                months.push(MonthView { path, name, count: 1 });
            }
        }
    }
    months
}

impl Words {
    fn month(&self, when: &Zoned) -> &str {
        let at = usize::from(when.month().unsigned_abs()) - 1;
        self.months.get(at).map_or("", String::as_str)
    }
}

impl Moment {
    fn new(at: Timestamp, words: &Words) -> Self {
        let zoned = at.to_zoned(TimeZone::UTC);
        let summer = (at + SignedDuration::from_hours(2)).to_zoned(TimeZone::UTC);
        let human = words
            .date
            .replace("{d}", &zoned.day().to_string())
            .replace("{month}", words.month(&zoned))
            .replace("{y}", &zoned.year().to_string());
        Self {
            at,
            iso: zoned.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
            date: zoned.strftime("%Y-%m-%d").to_string(),
            clock: zoned.strftime("%H:%M").to_string(),
            human,
            rfc2822: zoned.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
            broken_date: summer.strftime("%a, %d %b %Y %H:%M CEST").to_string(),
            epoch_ms: at.as_millisecond(),
        }
    }
}

fn minutes_before(now: Timestamp, minutes: i64) -> Timestamp {
    now - SignedDuration::from_mins(minutes)
}

/// Whole sentences from the start, about two hundred characters.
fn summary(text: &str) -> String {
    const ENOUGH: usize = 140;
    let first = text.split("\n\n").next().unwrap_or_default();
    let mut summary = String::new();
    for sentence in first.split_inclusive(['.', '?', '!', '。']) {
        summary.push_str(sentence);
        if summary.len() >= ENOUGH {
            break;
        }
    }
    summary.trim().to_owned()
}

fn paragraphs(text: &str) -> String {
    text.split("\n\n")
        .map(|paragraph| paragraph.trim())
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| {
            format!("<p>{}</p>\n", partial_escape(paragraph).replace('\n', "<br />\n"))
        })
        .collect()
}

/// Words joined by dashes, in lower case.
pub(super) fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}

/// schema.org metadata, safe inside a `<script>`.
fn json_ld(article: &ArticleText, site: &SiteView, url: &str, when: &Moment) -> String {
    let data = serde_json::json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "url": url,
        "mainEntityOfPage": url,
        "datePublished": when.iso,
        "inLanguage": site.language,
        "author": {"@type": "Person", "name": article.author},
        "publisher": {"@type": "Organization", "name": site.title},
        "keywords": article.tags,
    });
    data.to_string().replace('<', "\\u003c")
}
