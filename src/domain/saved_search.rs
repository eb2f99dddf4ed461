//! Searches that are kept under a name, to be read as feeds, collections and alerts.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use uuid::Uuid;

use super::slug;

/// Longest slug, in bytes.
const MAX_SLUG: usize = 64;

/// Identity of a saved search, which never changes; also that of its TAXII collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SavedSearchId(pub Uuid);

impl fmt::Display for SavedSearchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SavedSearchId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// A query with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    pub id: SavedSearchId,
    /// Its name in addresses, see [`search_slug`]. Stays when the name changes.
    pub slug: String,
    pub name: String,
    /// In canonical form.
    pub query: String,
    pub view: SearchView,
    /// Number of the user it belongs to; `None` where a program made it with a token.
    pub owner: Option<i64>,
    /// What its maker was called.
    pub made_by: String,
    pub visibility: Visibility,
    pub created: Timestamp,
    /// When query, view, name, slug or visibility changed last.
    pub changed: Timestamp,
}

/// Whether a search gives articles one by one, or what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchView {
    #[default]
    Articles,
    Incidents,
}

impl SearchView {
    pub const ALL: [Self; 2] = [Self::Articles, Self::Incidents];

    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Articles => "articles",
            Self::Incidents => "incidents",
        }
    }

    /// Reads what [`SearchView::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == name)
    }
}

/// Who may read a saved search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Its owner and analysts; others by an address with a token.
    #[default]
    Private,
    /// Whoever may read articles.
    Public,
}

impl Visibility {
    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }

    /// Reads what [`Visibility::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Private, Self::Public].into_iter().find(|one| one.as_str() == name)
    }
}

/// What a name becomes in addresses that are copied into other tools: lower case ASCII letters, digits and hyphens,
/// at most 64 of them. Letters lose their accents; a name without any Latin letter becomes `search`.
pub fn search_slug(name: &str) -> String {
    let plain: String = name.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
    let plain: String = plain.chars().map(|c| if c.is_ascii() { c } else { ' ' }).collect();
    let mut slug = slug(&plain);
    slug.truncate(MAX_SLUG);
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() || Uuid::parse_str(&slug).is_ok() { "search".to_owned() } else { slug }
}

/// Whether a text can be a slug: [`search_slug`] leaves it as it is.
pub fn is_search_slug(text: &str) -> bool {
    search_slug(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_fit_for_any_tool() {
        for (name, slug) in [
            ("Our vendors", "our-vendors"),
            ("Müller & Söhne", "muller-sohne"),
            ("../../etc", "etc"),
            ("病院", "search"),
            ("", "search"),
            ("8c1f5d0e-5a0b-4c43-9f2e-0a77d1b3c6aa", "search"),
        ] {
            assert_eq!(search_slug(name), slug, "{name}");
            assert!(is_search_slug(slug), "{slug}");
        }
        let long = search_slug(&"ab ".repeat(60));
        assert!(long.len() <= MAX_SLUG && !long.ends_with('-'), "{long}");
        for text in ["A", "a b", "-a", "a/", "ä"] {
            assert!(!is_search_slug(text), "{text}");
        }
    }
}
