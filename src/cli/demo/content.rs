//! What the demo's sites say: outlets, articles and comments, all written for this project.

use std::collections::HashMap;

use anyhow::Context as _;
use rust_embed::RustEmbed;
use serde::{Deserialize, de::DeserializeOwned};

/// `data/demo` of the repository.
#[derive(RustEmbed)]
#[folder = "data/demo"]
pub(super) struct Files;

/// Everything the sites are made from.
pub(super) struct Content {
    pub outlets: Vec<Outlet>,
    /// Oldest first.
    pub articles: Vec<ArticleText>,
    /// By the number of their article, oldest first.
    pub comments: Vec<CommentText>,
    /// Words of the page furniture by language.
    pub words: HashMap<String, Words>,
}

/// A blog, paper, agency or forum.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Outlet {
    pub title: String,
    pub kind: Kind,
    pub language: String,
    pub tagline: String,
    /// The feed carries whole articles.
    pub full_text: bool,
    /// Articles the feed holds.
    pub feed_items: usize,
}

/// The software a site looks as if it ran on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    WordPress,
    Blogger,
    Ghost,
    /// A generator of static pages, with Atom.
    Static,
    /// A news site with RSS of summaries and a news sitemap.
    Portal,
    /// A newsletter archive with JSON Feed.
    Json,
    /// A hand-made site with a broken feed.
    Local,
    /// A CERT with nothing but a sitemap.
    Cert,
    /// A diary host with RSS 1.0.
    Rdf,
    Forum,
}

/// An article, or the first post of a forum thread.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ArticleText {
    pub id: String,
    pub outlet: String,
    /// Label shared by the articles about one incident.
    pub incident: Option<String>,
    /// Age at the start of the demo.
    pub minutes_ago: i64,
    pub author: String,
    pub tags: Vec<String>,
    pub slug: String,
    pub title: String,
    /// Paragraphs separated by a blank line.
    pub text: String,
    /// Lies in a folder that robots.txt closes.
    #[serde(default)]
    pub sponsored: bool,
}

/// A reader's comment.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CommentText {
    pub id: u32,
    pub article: String,
    pub parent: Option<u32>,
    pub minutes_ago: i64,
    pub author: String,
    pub author_url: Option<String>,
    pub label: Label,
    /// As posted; may hold HTML.
    pub text: String,
}

/// What a comment is by construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Label {
    Ham,
    Spam,
}

/// Page furniture in one language.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
pub(super) struct Words {
    pub months: Vec<String>,
    /// With `{d}`, `{month}` and `{y}`.
    pub date: String,
    #[serde(flatten)]
    pub other: HashMap<String, String>,
}

impl Content {
    /// Reads the embedded files.
    pub fn load() -> anyhow::Result<Self> {
        Ok(Self {
            outlets: serde_json::from_str(&text("outlets.json")?).context("outlets.json")?,
            articles: lines("articles.jsonl")?,
            comments: lines("comments.jsonl")?,
            words: serde_json::from_str(&text("words.json")?).context("words.json")?,
        })
    }
}

/// An embedded text file.
pub(super) fn text(name: &str) -> anyhow::Result<String> {
    let file = Files::get(name).with_context(|| format!("data/demo/{name} is missing"))?;
    String::from_utf8(file.data.into_owned()).with_context(|| format!("{name} is not UTF-8"))
}

fn lines<T: DeserializeOwned>(name: &str) -> anyhow::Result<Vec<T>> {
    text(name)?
        .lines()
        .enumerate()
        .map(|(at, line)| {
            serde_json::from_str(line).with_context(|| format!("{name}, line {}", at + 1))
        })
        .collect()
}
