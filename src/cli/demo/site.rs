//! One site of the demo: every address it answers, rendered.

use std::{collections::HashMap, io::Write};

use anyhow::Context as _;
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use minijinja::{Environment, UndefinedBehavior, Value, context, value::Serde};

use super::{
    content::{Content, Files, Kind, Outlet, text},
    view::{PostView, SiteView, months, posts, slug},
};

/// Pages in "most read" and "recent" boxes.
const RECENT: usize = 5;
/// Pages in "related" boxes.
const RELATED: usize = 3;

/// An answer of a site.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub etag: String,
    /// Of the newest article on it.
    pub modified: Option<Timestamp>,
}

/// Pages by path, with the query where it matters.
pub(super) type Pages = HashMap<String, Page>;

/// Templates of all sites.
pub(super) fn templates() -> anyhow::Result<Environment<'static>> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("slug", |text: String| slug(&text));
    for file in Files::iter() {
        if let Some(name) = file.strip_prefix("templates/") {
            environment.add_template_owned(name.to_owned(), text(&file)?)?;
        }
    }
    Ok(environment)
}

/// Renders everything `outlet` serves at `url` (no trailing slash).
pub(super) fn render(
    content: &Content,
    templates: &Environment<'static>,
    outlet: &Outlet,
    url: &str,
    now: Timestamp,
) -> anyhow::Result<Pages> {
    let words = content
        .words
        .get(&outlet.language)
        .with_context(|| format!("no words for language {}", outlet.language))?;
    let site = SiteView::new(outlet, url.to_owned());
    let posts = posts(content, outlet, &site, words, now);
    let builder = Builder {
        kind: outlet.kind,
        feed_items: outlet.feed_items,
        words: Value::from(Serde(words)),
        months: Value::from(Serde(months(&posts, words))),
        values: posts.iter().map(|post| Value::from(Serde(post))).collect(),
        site_value: Value::from(Serde(&site)),
        templates,
        site,
        posts,
        pages: Pages::new(),
    };
    builder.build().with_context(|| format!("cannot render {}", outlet.title))
}

/// Where a kind of site keeps its feed.
struct Feed {
    path: &'static str,
    template: &'static str,
    content_type: &'static str,
}

/// Where a kind of site keeps its sitemap.
struct SitemapPlace {
    /// What robots.txt names.
    path: &'static str,
    template: &'static str,
    /// The sitemap behind it, where it is an index.
    child: Option<&'static str>,
}

const HTML: &str = "text/html; charset=utf-8";
const XML: &str = "text/xml; charset=utf-8";

impl Kind {
    /// Folder of the page templates.
    fn folder(self) -> &'static str {
        match self {
            Self::WordPress => "wordpress",
            Self::Blogger => "blogger",
            Self::Ghost => "ghost",
            Self::Static => "static",
            Self::Portal => "portal",
            Self::Json => "json",
            Self::Local => "local",
            Self::Cert => "cert",
            Self::Rdf => "rdf",
            Self::Forum => "forum",
        }
    }

    fn feed(self) -> Option<Feed> {
        let (path, template, content_type) = match self {
            Self::WordPress => ("/feed/", "rss.xml", "application/rss+xml; charset=UTF-8"),
            Self::Blogger => {
                ("/feeds/posts/default", "blogger.xml", "application/atom+xml; charset=UTF-8")
            }
            Self::Ghost => ("/rss/", "rss.xml", "application/rss+xml; charset=utf-8"),
            Self::Static => ("/index.xml", "atom.xml", "application/xml"),
            Self::Portal => ("/rss.xml", "rss.xml", XML),
            Self::Local => ("/rss/news.rss", "broken.xml", "text/xml"),
            Self::Rdf => ("/index.rdf", "rdf.xml", "application/rdf+xml"),
            Self::Forum => ("/latest.rss", "rss.xml", XML),
            Self::Json | Self::Cert => return None,
        };
        Some(Feed { path, template, content_type })
    }

    fn sitemap(self) -> Option<SitemapPlace> {
        let (path, child) = match self {
            Self::WordPress => ("/wp-sitemap.xml", Some("/wp-sitemap-posts-post-1.xml")),
            Self::Blogger => ("/sitemap.xml", Some("/sitemap.xml?page=1")),
            Self::Ghost => ("/sitemap.xml", Some("/sitemap-posts.xml")),
            Self::Static => ("/sitemap.xml", None),
            Self::Portal => ("/news-sitemap.xml", None),
            Self::Cert => ("/sitemap_index.xml", Some("/sitemap-advisories.xml.gz")),
            Self::Json | Self::Local | Self::Rdf | Self::Forum => return None,
        };
        let template = if self == Self::Portal { "sitemap-news.xml" } else { "sitemap.xml" };
        Some(SitemapPlace { path, template, child })
    }

    /// What robots.txt closes.
    fn closed_folder(self) -> Option<&'static str> {
        match self {
            Self::WordPress => Some("/wp-admin/"),
            Self::Blogger => Some("/search"),
            Self::Ghost => Some("/ghost/"),
            Self::Portal => Some("/partner/"),
            Self::Forum => Some("/u/"),
            Self::Cert => Some("/internal/"),
            Self::Static | Self::Json | Self::Local | Self::Rdf => None,
        }
    }
}

struct Builder<'a> {
    kind: Kind,
    feed_items: usize,
    templates: &'a Environment<'static>,
    words: Value,
    months: Value,
    site: SiteView,
    site_value: Value,
    /// Newest first.
    posts: Vec<PostView>,
    /// The same, for templates.
    values: Vec<Value>,
    pages: Pages,
}

impl Builder<'_> {
    fn build(mut self) -> anyhow::Result<Pages> {
        self.home()?;
        for at in 0..self.posts.len() {
            self.post(at)?;
        }
        self.feeds()?;
        self.sitemaps()?;
        self.robots();
        let cover = text("cover.svg")?.into_bytes();
        self.add("/cover.svg", "image/svg+xml", cover);
        Ok(self.pages)
    }

    fn home(&mut self) -> anyhow::Result<()> {
        let name = format!("{}/index.html", self.kind.folder());
        let html = self.render(&name, context! {})?;
        self.add_page("/", html);
        Ok(())
    }

    fn post(&mut self, at: usize) -> anyhow::Result<()> {
        let folder = self.kind.folder();
        let others = self.values[at + 1..].iter().chain(&self.values[..at]);
        let related: Vec<Value> = others.take(RELATED).cloned().collect();
        let values = context! { post => self.values[at].clone(), related };
        let html = self.render(&format!("{folder}/post.html"), values)?;
        let (path, comment_feed) =
            (self.posts[at].path.clone(), self.posts[at].comment_feed.clone());
        if let Some(url) = comment_feed {
            let template = match self.kind {
                Kind::Blogger => "feeds/blogger-comments.xml",
                _ => "feeds/comments.xml",
            };
            let feed = self.render(template, context! { post => self.values[at].clone() })?;
            let place = url.strip_prefix(&self.site.url).unwrap_or(&url).to_owned();
            self.add(&place, XML, feed.into_bytes());
        }
        self.add_page(&path, html);
        Ok(())
    }

    fn feeds(&mut self) -> anyhow::Result<()> {
        let count = self.posts.len().min(self.feed_items);
        if self.kind == Kind::Json {
            let feed = json_feed(&self.site, &self.posts[..count]);
            self.add("/feed.json", "application/feed+json", feed);
        } else if let Some(feed) = self.kind.feed() {
            let values =
                context! { posts => self.values[..count].to_vec(), feed_path => feed.path };
            let xml = self.render(&format!("feeds/{}", feed.template), values)?;
            let body = self.encode(xml);
            self.add(feed.path, feed.content_type, body);
        }
        Ok(())
    }

    fn sitemaps(&mut self) -> anyhow::Result<()> {
        let Some(place) = self.kind.sitemap() else { return Ok(()) };
        let template = format!("feeds/{}", place.template);
        let list = self.render(&template, context! {})?.into_bytes();
        let Some(child) = place.child else {
            self.add(place.path, XML, list);
            return Ok(());
        };
        if child.ends_with(".gz") {
            self.add(child, "application/gzip", gzip(&list)?);
        } else {
            self.add(child, XML, list);
        }
        let index = context! { child };
        let index = self.render("feeds/sitemap-index.xml", index)?.into_bytes();
        self.add(place.path, XML, index);
        Ok(())
    }

    fn robots(&mut self) {
        let Some(folder) = self.kind.closed_folder() else { return };
        let mut text = format!("User-agent: *\nDisallow: {folder}\n");
        if let Some(place) = self.kind.sitemap() {
            text.push_str(&format!("\nSitemap: {}{}\n", self.site.url, place.path));
        }
        self.add("/robots.txt", "text/plain", text.into_bytes());
    }

    fn render(&self, template: &str, values: Value) -> anyhow::Result<String> {
        let recent: Vec<Value> = self.values.iter().take(RECENT).cloned().collect();
        let everywhere = context! {
            posts => self.values.clone(),
            ..context! {
                site => self.site_value.clone(),
                t => self.words.clone(),
                months => self.months.clone(),
                recent,
            }
        };
        let values = context! { ..values, ..everywhere };
        Ok(self.templates.get_template(template)?.render(values)?)
    }

    fn add_page(&mut self, path: &str, html: String) {
        let content_type = if self.kind == Kind::Local { "text/html" } else { HTML };
        let body = self.encode(html);
        self.add(path, content_type, body);
    }

    /// The hand-made site never heard of UTF-8.
    fn encode(&self, text: String) -> Vec<u8> {
        match self.kind {
            Kind::Local => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
            _ => text.into_bytes(),
        }
    }

    fn add(&mut self, path: &str, content_type: &'static str, body: Vec<u8>) {
        let digest = blake3::hash(&body).to_hex();
        let etag = format!("\"{}\"", &digest[..16]);
        let modified = self.posts.first().map(|post| post.when.at);
        self.pages.insert(path.to_owned(), Page { content_type, body, etag, modified });
    }
}

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

/// JSON Feed 1.1 (jsonfeed.org).
fn json_feed(site: &SiteView, posts: &[PostView]) -> Vec<u8> {
    let items: Vec<_> = posts
        .iter()
        .map(|post| {
            serde_json::json!({
                "id": post.guid,
                "url": post.url,
                "title": post.title,
                "summary": post.summary,
                "content_html": post.html,
                "date_published": post.when.iso,
                "authors": [{"name": post.author}],
                "tags": post.tags,
            })
        })
        .collect();
    let feed = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "description": site.tagline,
        "home_page_url": format!("{}/", site.url),
        "feed_url": format!("{}/feed.json", site.url),
        "language": site.language,
        "items": items,
    });
    feed.to_string().into_bytes()
}
