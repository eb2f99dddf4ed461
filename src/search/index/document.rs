use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;
use url::Url;

use super::{
    marks::{self, NAMED},
    schema::Fields,
};
use crate::{
    domain::{Article, ArticleId, Attack, EntityKind, detect_language, primary_language},
    search::text::{BREAK, Language, mark_language},
    store::Enriched,
};

/// Most of an article's text that is indexed, in bytes: longer than any book chapter.
const MAX_INDEXED_BYTES: usize = 1 << 20;
/// Most of an article's text that is kept for snippets, in bytes.
const MAX_STORED_BYTES: usize = 64 << 10;
/// A text shorter than this, in bytes, is helped out by the description.
const SHORT_TEXT_BYTES: usize = 500;
/// A word in the title counts as often as this many in the text.
const TITLE_WEIGHT: usize = 3;
/// Names that results show of an article, and of one kind.
const MAX_NAMES: usize = 6;
const MAX_NAMES_OF_A_KIND: usize = 2;

/// What results show of an article, so that a search never asks the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub url: String,
    pub title: String,
    pub authors: Vec<String>,
    pub source: String,
    pub site: String,
    pub language: Option<String>,
    pub published_s: i64,
    pub comment_count: u32,
    pub found: StoredFound,
    pub text: String,
}

/// What results show of what the desk found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct StoredFound {
    pub main_attack: Option<Attack>,
    /// Kind and name, those told first; at most [`MAX_NAMES`].
    pub names: Vec<(EntityKind, String)>,
    pub incident: Option<i64>,
    pub duplicate_of: Option<i64>,
}

/// A borrowed [`Stored`], so that indexing need not copy texts. Must have the same fields.
#[derive(Serialize)]
struct StoredRef<'a> {
    url: &'a str,
    title: &'a str,
    authors: &'a [String],
    source: &'a str,
    site: &'a str,
    language: Option<&'a str>,
    published_s: i64,
    comment_count: u32,
    found: StoredFound,
    text: &'a str,
}

impl Stored {
    /// When the article was published.
    pub fn published(&self) -> Timestamp {
        Timestamp::from_second(self.published_s).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Reads what [`document`] stored.
pub(super) fn read_stored(bytes: &[u8]) -> Result<Stored, postcard::Error> {
    postcard::from_bytes(bytes)
}

/// The index document of an article, with what the desk found if it has read it.
pub(crate) fn document(
    article: &Article,
    enriched: Option<&Enriched>,
    fields: &Fields,
) -> Result<TantivyDocument, postcard::Error> {
    let language = article_language(article);
    let stemming = language.as_deref().and_then(Language::from_tag);
    let site = site_of(&article.url);
    let mut doc = TantivyDocument::new();
    doc.add_i64(fields.id, article.id.0);
    doc.add_i64(fields.published, article.published.as_second());
    let text = full_text(article, stemming);
    doc.add_text(fields.text, &text);
    doc.add_text(fields.stems, &text);
    doc.add_text(fields.title, marked(&article.title, stemming));
    doc.add_text(fields.title_words, &article.title);
    doc.add_text(fields.source, &article.source);
    doc.add_text(fields.source_words, &article.source);
    doc.add_text(fields.url, &article.url);
    doc.add_text(fields.language, language.as_deref().unwrap_or_default());
    for author in &article.authors {
        doc.add_text(fields.author, author);
    }
    for tag in &article.tags {
        doc.add_text(fields.tag, tag);
    }
    for domain in domains(&site) {
        doc.add_text(fields.site, domain);
    }
    if let Some(enriched) = enriched {
        add_found(&mut doc, enriched, fields);
    }
    let stored = StoredRef {
        url: &article.url,
        title: &article.title,
        authors: &article.authors,
        source: &article.source,
        site: &site,
        language: language.as_deref(),
        published_s: article.published.as_second(),
        comment_count: article.comment_count,
        found: enriched.map(stored_found).unwrap_or_default(),
        text: cut(&article.text, MAX_STORED_BYTES),
    };
    doc.add_bytes(fields.stored, &postcard::to_stdvec(&stored)?);
    Ok(doc)
}

/// Everything under which an article is found and counted.
fn add_found(doc: &mut TantivyDocument, enriched: &Enriched, fields: &Fields) {
    for mark in marks::marks(enriched) {
        doc.add_text(fields.marks, mark);
    }
    for term in marks::counted(enriched) {
        doc.add_text(fields.counted, term);
    }
    for (kind, field) in NAMED.into_iter().zip(fields.names) {
        for entity in enriched.enrichment.of_kind(kind) {
            doc.add_text(field, &entity.name);
        }
    }
    if let Some(incident) = enriched.incident {
        doc.add_i64(fields.incident, incident.0);
    }
}

fn stored_found(enriched: &Enriched) -> StoredFound {
    let found = &enriched.enrichment;
    let of_kind = |kind| found.of_kind(kind).map(move |entity| (kind, entity.name.clone()));
    let names = EntityKind::ALL
        .into_iter()
        .filter(|kind| *kind != EntityKind::Technique)
        .flat_map(|kind| of_kind(kind).take(MAX_NAMES_OF_A_KIND))
        .take(MAX_NAMES);
    StoredFound {
        main_attack: found.main_attack,
        names: names.collect(),
        incident: enriched.incident.map(|id| id.0),
        duplicate_of: enriched.duplicate_of.map(|ArticleId(id)| id),
    }
}

fn marked(text: &str, language: Option<Language>) -> String {
    let mut marked = String::with_capacity(text.len() + 3);
    mark_language(language, &mut marked);
    marked.push_str(text);
    marked
}

/// Everything that plain words of a query look at. The title stands there several times, which is how
/// BM25F weighs a field.
fn full_text(article: &Article, language: Option<Language>) -> String {
    let body = cut(&article.text, MAX_INDEXED_BYTES);
    let mut text = String::with_capacity(TITLE_WEIGHT * article.title.len() + body.len() + 64);
    mark_language(language, &mut text);
    for _ in 0..TITLE_WEIGHT {
        text.push_str(&article.title);
        text.push(BREAK);
    }
    text.push_str(body);
    let description = article.description.as_deref().filter(|_| body.len() < SHORT_TEXT_BYTES);
    for extra in description.into_iter().chain(article.tags.iter().map(String::as_str)) {
        text.push(BREAK);
        text.push_str(extra);
    }
    text
}

/// The primary subtag the article states, else what its text looks like.
fn article_language(article: &Article) -> Option<String> {
    let stated = article.language.as_deref().and_then(primary_language);
    stated.or_else(|| detect_language(&article.text).map(str::to_owned))
}

/// The host, without `www.`.
fn site_of(url: &str) -> String {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_default();
    host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
}

/// A host and the domains above it that have a dot of their own: `a.b.org`, `b.org`.
fn domains(host: &str) -> impl Iterator<Item = &str> {
    let is_name = host.parse::<std::net::Ipv4Addr>().is_err();
    std::iter::successors(Some(host).filter(|host| !host.is_empty()), move |domain| {
        let parent = domain.split_once('.').filter(|_| is_name)?.1;
        parent.contains('.').then_some(parent)
    })
}

/// The first `limit` bytes of a text, at a character boundary.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use super::{cut, domains, site_of};

    #[test]
    fn a_site_is_found_under_each_of_its_domains() {
        assert_eq!(site_of("https://www.news.example.co.uk/a"), "news.example.co.uk");
        let all: Vec<_> = domains("news.example.co.uk").collect();
        assert_eq!(all, ["news.example.co.uk", "example.co.uk", "co.uk"]);
        assert_eq!(domains("localhost").collect::<Vec<_>>(), ["localhost"]);
        assert_eq!(domains("127.0.0.1").collect::<Vec<_>>(), ["127.0.0.1"]);
        assert_eq!(domains(&site_of("not an address")).count(), 0);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 9), "aé");
    }
}
