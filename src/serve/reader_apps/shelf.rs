//! Sources as apps show them: feeds in folders.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::{
    domain::{Article, Source, SourceId},
    serve::{body, state::AppState},
    store::{StoreError, UnreadCount},
};

/// Everything that is watched.
pub(super) struct Shelf {
    pub sources: Vec<Source>,
}

impl Shelf {
    pub async fn of(state: &AppState) -> Result<Self, StoreError> {
        Ok(Self { sources: state.store.sources().await? })
    }

    /// The folders with their sources, by name.
    pub fn folders(&self) -> BTreeMap<String, Vec<SourceId>> {
        let mut folders: BTreeMap<String, Vec<SourceId>> = BTreeMap::new();
        for source in &self.sources {
            if let Some(name) = folder_of(source) {
                folders.entry(name).or_default().push(source.id);
            }
        }
        folders
    }

    /// Sources in a folder; none where there is no such folder.
    pub fn in_folder(&self, name: &str) -> Vec<SourceId> {
        let inside =
            self.sources.iter().filter(|source| folder_of(source).as_deref() == Some(name));
        inside.map(|source| source.id).collect()
    }

    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }
}

/// The folder of a source: its path of groups in one name, since apps know no folders in folders.
pub(super) fn folder_of(source: &Source) -> Option<String> {
    (!source.groups.is_empty()).then(|| source.groups.join("/"))
}

/// The number that Fever apps know a folder by: of its name, so that it stays the same. From 1 to 2³¹ - 1.
pub(super) fn folder_number(name: &str) -> i64 {
    const LARGEST: u64 = 0x7fff_ffff;
    (xxh3_64(name.as_bytes()) % LARGEST).cast_signed() + 1
}

/// A title to show, also where the source has none.
pub(super) fn title_of(source: &Source) -> &str {
    if source.title.trim().is_empty() { &source.url } else { &source.title }
}

/// What an app shows of an article.
pub(super) fn content_of(article: &Article) -> String {
    if !article.html.trim().is_empty() {
        return article.html.clone();
    }
    let text = article.description.as_deref().unwrap_or_default();
    if text.is_empty() { String::new() } else { format!("<p>{}</p>", body::escaped(text)) }
}

/// All unread articles of sources in `wanted`, and when the newest article of any arrived, in seconds.
pub(super) fn total_of<'a>(
    counts: impl IntoIterator<Item = &'a UnreadCount>,
    wanted: impl Fn(SourceId) -> bool,
) -> (u64, i64) {
    let counts = counts.into_iter().filter(|count| wanted(count.source));
    counts.fold((0, 0), |(unread, newest), count| {
        let seconds = count.newest.map_or(0, |moment| moment.as_second());
        (unread + count.unread, newest.max(seconds))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_have_numbers_that_stay() {
        assert_eq!(folder_number("Security/News"), folder_number("Security/News"));
        assert_ne!(folder_number("Security"), folder_number("News"));
        for name in ["", "a", "Ünal", &"x".repeat(1_000)] {
            assert!((1..=0x7fff_ffff).contains(&folder_number(name)), "{name}");
        }
    }
}
