//! What Atom, RSS and JSON Feed have in common.

use jiff::Timestamp;

use super::{
    ArticleItem, IncidentItem, Item,
    text::{names_in, shown, summary, tame, told},
};
use crate::domain::EntityKind;

/// A feed. Addresses are absolute.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// Never changes, even if the feed moves.
    pub id: String,
    pub title: String,
    pub description: String,
    /// Where the feed lives.
    pub self_url: String,
    /// The same for people.
    pub home_url: String,
    /// Where older posts are, if there are any.
    pub next_url: Option<String>,
    /// Newest first.
    pub posts: Vec<Post>,
}

/// An article or an incident in a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// Never changes; an absolute address.
    pub id: String,
    pub title: String,
    /// The original article, or the incident's page.
    pub url: String,
    pub published: Timestamp,
    pub updated: Timestamp,
    pub authors: Vec<String>,
    /// Title of the source; stands for the author where none is known.
    pub source: String,
    pub language: Option<String>,
    /// Plain text.
    pub summary: Option<String>,
    pub tags: Vec<String>,
    /// Title and address of what it rests on: the coverage of an incident.
    pub related: Vec<(String, String)>,
}

impl Feed {
    /// When a post last changed; `None` without posts.
    pub fn updated(&self) -> Option<Timestamp> {
        self.posts.iter().map(|post| post.updated).max()
    }
}

impl Post {
    /// The item as a post. `base` is where incidents have their pages, without a slash at the end.
    pub fn of(item: &Item, base: &str) -> Self {
        match item {
            Item::Article(item) => of_article(item),
            Item::Incident(item) => of_incident(item, base),
        }
    }

    /// The title; the address where there is none.
    pub(super) fn shown_title(&self) -> &str {
        if self.title.trim().is_empty() { &self.url } else { &self.title }
    }
}

fn of_article(item: &ArticleItem) -> Post {
    let article = &item.article;
    let attacks = item.found.attacks.iter().map(|tag| tag.attack.as_str().to_owned());
    let mut tags: Vec<String> = attacks.collect();
    tags.extend(article.tags.iter().cloned());
    Post {
        id: article.url.clone(),
        title: shown(&article.title, &article.url),
        url: article.url.clone(),
        published: article.published,
        updated: article.last_changed,
        authors: article.authors.iter().map(|name| tame(name).into_owned()).collect(),
        source: shown(&article.source, &article.url),
        language: article.language.clone(),
        summary: summary(item),
        tags: unique(tags),
        related: Vec::new(),
    }
}

fn of_incident(item: &IncidentItem, base: &str) -> Post {
    let incident = &item.incident;
    let url = format!("{base}/incidents/{}", incident.id.0);
    let mut tags: Vec<String> =
        incident.attacks.iter().map(|attack| attack.as_str().to_owned()).collect();
    for kind in EntityKind::ALL {
        tags.extend(names_in(incident, kind).into_iter().map(str::to_owned));
    }
    let covered = item.coverage.iter().map(|item| &item.article);
    Post {
        id: url.clone(),
        title: shown(&incident.title, &url),
        url,
        published: incident.first_seen,
        updated: item.last_changed(),
        authors: Vec::new(),
        source: "siftwire".to_owned(),
        language: None,
        summary: told(incident),
        tags: unique(tags),
        related: covered
            .map(|article| (shown(&article.title, &article.url), article.url.clone()))
            .collect(),
    }
}

/// Each tag once, in order; empty ones left out.
fn unique(tags: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let new = |tag: &String| !tag.trim().is_empty() && seen.insert(tag.to_lowercase());
    tags.into_iter().filter(new).collect()
}
