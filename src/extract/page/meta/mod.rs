//! What a page says about itself, and what can be read off it.

mod authors;
mod dates;
mod json_ld;
mod title;

use std::collections::HashMap;

use scraper::{Html, Node};
use url::Url;

use self::json_ld::JsonLd;
use super::{
    body::Body,
    tree::{Tree, collapse},
};
use crate::domain::{Extracted, primary_language};

pub(super) use title::title;

/// Metadata of the page's `<head>` (and of what strayed into the body).
#[derive(Default)]
pub(super) struct Head<'a> {
    /// `<meta>` by lower-case `name`, `property` or `itemprop`; the first of a name, in page order.
    metas: HashMap<String, &'a str>,
    article_tags: Vec<&'a str>,
    title: Option<String>,
    canonical: Option<&'a str>,
    language: Option<&'a str>,
    json_ld: JsonLd,
}

/// More `<meta>` elements are not read.
const MAX_METAS: usize = 1_000;

impl<'a> Head<'a> {
    /// Collects the page's statements.
    pub fn of(html: &'a Html) -> Self {
        let mut head = Self::default();
        let mut blocks = Vec::new();
        for node in html.tree.nodes() {
            let Node::Element(element) = node.value() else { continue };
            match element.name() {
                "meta" => head.take_meta(element),
                "link" if has_token(element.attr("rel"), "canonical") => {
                    head.canonical = head.canonical.or(element.attr("href"));
                }
                "html" => head.language = element.attr("lang").or_else(|| element.attr("xml:lang")),
                "title" if head.title.is_none() && !in_svg(node) => {
                    let text: String = texts(node).collect();
                    head.title = Some(collapse(&text)).filter(|title| !title.is_empty());
                }
                "script" if element.attr("type").is_some_and(is_json_ld) => {
                    blocks.extend(texts(node));
                }
                _ => {}
            }
        }
        head.json_ld = JsonLd::of(blocks.into_iter());
        head
    }

    fn take_meta(&mut self, element: &'a scraper::node::Element) {
        let Some(content) = element.attr("content").map(str::trim).filter(|text| !text.is_empty())
        else {
            return;
        };
        for key in ["name", "property", "itemprop", "http-equiv"] {
            let Some(names) = element.attr(key) else { continue };
            for name in names.split_ascii_whitespace() {
                let name = name.to_ascii_lowercase();
                if name == "article:tag" {
                    self.article_tags.push(content);
                }
                if self.metas.len() < MAX_METAS {
                    self.metas.entry(name).or_insert(content);
                }
            }
        }
    }

    /// The first of the named `<meta>` statements that is there.
    fn meta(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.metas.get(*name).copied())
    }

    /// The article's text as stated for machines, where it is long enough to mean something.
    pub fn article_body(&self) -> Option<&str> {
        self.json_ld.body.as_deref().filter(|body| body.len() >= 200)
    }

    /// True if the page states that it is a forum thread or a question with answers.
    pub fn states_discussion(&self) -> bool {
        self.json_ld.is_discussion && !self.json_ld.is_article
    }

    /// True if the page states that it is an article.
    pub fn states_article(&self) -> bool {
        self.json_ld.is_article
    }

    /// The software that made the page.
    pub fn generator(&self) -> Option<&'a str> {
        self.meta(&["generator"])
    }
}

fn has_token(value: Option<&str>, token: &str) -> bool {
    value.is_some_and(|value| {
        value.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(token))
    })
}

fn is_json_ld(kind: &str) -> bool {
    kind.trim().to_ascii_lowercase().starts_with("application/ld+json")
}

fn texts(node: ego_tree::NodeRef<'_, Node>) -> impl Iterator<Item = &str> {
    node.children().filter_map(|child| match child.value() {
        Node::Text(text) => Some(&**text),
        _ => None,
    })
}

fn in_svg(node: ego_tree::NodeRef<'_, Node>) -> bool {
    node.parent()
        .and_then(|parent| {
            parent.value().as_element().map(|element| {
                element.name() != "head" && element.name() != "html" && element.name() != "body"
            })
        })
        .unwrap_or(false)
}

/// Fills in everything but title, text and comments.
pub(super) fn fill(
    extracted: &mut Extracted,
    head: &Head<'_>,
    tree: &Tree<'_>,
    body: &Body,
    url: Option<&Url>,
) {
    extracted.site_name = site_name(head);
    extracted.authors = authors::find(head, tree, body, extracted.site_name.as_deref());
    extracted.published = dates::published(head, tree, body, url);
    extracted.modified = dates::modified(head);
    extracted.language = language(head, &extracted.text);
    extracted.description = head
        .meta(&[
            "og:description",
            "description",
            "twitter:description",
            "dc.description",
            "dcterms.description",
        ])
        .map(collapse)
        .or_else(|| head.json_ld.description.as_deref().map(collapse));
    extracted.canonical_url = canonical(head, url);
    extracted.image = image(head, url);
    extracted.tags = tags(head, tree);
}

fn site_name(head: &Head<'_>) -> Option<String> {
    head.meta(&["og:site_name", "application-name", "dc.publisher", "publisher", "copyright"])
        .map(collapse)
        .or_else(|| head.json_ld.site_name.clone())
}

/// The page's own claim, checked against the text where it is long enough to tell.
fn language(head: &Head<'_>, text: &str) -> Option<String> {
    let claim = head
        .language
        .or_else(|| head.meta(&["content-language", "og:locale", "language", "dc.language"]))
        .or(head.json_ld.language.as_deref())
        .and_then(primary_language);
    let end = text.floor_char_boundary(4_000.min(text.len()));
    let guess = (end > 200)
        .then(|| whatlang::detect(&text[..end]))
        .flatten()
        .filter(|info| info.is_reliable() && info.confidence() > 0.9)
        .and_then(|info| two_letters(info.lang()));
    guess.map(str::to_owned).or(claim)
}

/// The BCP 47 primary language of a detected one; none for those the detector often confuses.
fn two_letters(language: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang;
    Some(match language {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Cmn => "zh",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Tur => "tr",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Ell => "el",
        Lang::Hin => "hi",
        Lang::Vie => "vi",
        Lang::Tha => "th",
        _ => return None,
    })
}

fn absolute(address: &str, url: Option<&Url>) -> Option<Url> {
    let address = address.trim();
    let absolute = match url {
        Some(base) => base.join(address).ok()?,
        None => Url::parse(address).ok()?,
    };
    matches!(absolute.scheme(), "http" | "https").then_some(absolute)
}

/// The page's own address for itself: believed on the same registrable domain, and not if it points home.
fn canonical(head: &Head<'_>, url: Option<&Url>) -> Option<String> {
    let believable = |claim: &Url| {
        url.is_none_or(|url| {
            let same_site = registrable(claim) == registrable(url);
            let points_home = claim.path().trim_matches('/').is_empty() && claim.query().is_none();
            let is_home = url.path().trim_matches('/').is_empty() && url.query().is_none();
            same_site && (!points_home || is_home)
        })
    };
    [head.canonical, head.meta(&["og:url"])]
        .into_iter()
        .flatten()
        .filter_map(|claim| absolute(claim, url))
        .find(believable)
        .or_else(|| url.cloned())
        .map(String::from)
}

fn registrable(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    Some(psl::domain_str(host).unwrap_or(host))
}

fn image(head: &Head<'_>, url: Option<&Url>) -> Option<String> {
    let stated = head
        .meta(&[
            "og:image",
            "og:image:url",
            "og:image:secure_url",
            "twitter:image",
            "twitter:image:src",
            "thumbnail",
            "image",
        ])
        .or(head.json_ld.image.as_deref())?;
    absolute(stated, url).map(String::from)
}

/// Most pages have fewer; more is stuffing.
const MAX_TAGS: usize = 50;

fn tags(head: &Head<'_>, tree: &Tree<'_>) -> Vec<String> {
    let mut tags: Vec<String> = head.article_tags.iter().map(|tag| collapse(tag)).collect();
    if tags.is_empty() {
        tags = head.json_ld.keywords.iter().map(|tag| collapse(tag)).collect();
    }
    if tags.is_empty()
        && let Some(list) =
            head.meta(&["news_keywords", "keywords", "parsely-tags", "sailthru.tags"])
    {
        tags = list.split([',', ';']).map(collapse).collect();
    }
    if tags.is_empty() {
        tags = linked_tags(tree);
    }
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag| !tag.is_empty() && tag.len() < 100 && seen.insert(tag.to_lowercase()));
    tags.truncate(MAX_TAGS);
    tags
}

/// Links the page marks as its tags (`rel=tag`).
fn linked_tags(tree: &Tree<'_>) -> Vec<String> {
    (0..tree.nodes.len())
        .filter(|&index| has_token(tree.nodes[index].attr("rel"), "tag"))
        .map(|index| tree.plain(index, 100))
        .take(MAX_TAGS)
        .collect()
}
