//! What a source announced, as entries to be fetched. Pure.

use std::collections::HashMap;

use jiff::Timestamp;
use url::Url;

use super::sitemap::SitemapPage;
use crate::domain::{EntryDraft, FeedEntry, canonical_url};

/// Turns feed items into entries, newest first and at most `max`; says how many there were.
pub(super) fn from_items(
    items: Vec<FeedEntry>,
    source_url: &Url,
    max: usize,
    now: Timestamp,
) -> (Vec<EntryDraft>, usize) {
    let total = items.len();
    let items = newest(items, max);
    let links: Vec<Option<Url>> = items.iter().map(|item| link_of(item, source_url)).collect();
    let mut uses: HashMap<&Url, u32> = HashMap::new();
    for link in links.iter().flatten() {
        *uses.entry(link).or_default() += 1;
    }
    let urls: Vec<String> = items
        .iter()
        .zip(&links)
        .map(|(item, link)| match link {
            Some(link) if uses[link] == 1 => link.to_string(),
            Some(link) => part_of(link, item),
            None => part_of(source_url, item),
        })
        .collect();
    let drafts = items.into_iter().zip(urls).map(|(item, url)| draft(item, url, now)).collect();
    (drafts, total)
}

/// Sitemap pages as feed items, which then go the same way.
pub(super) fn item_of(page: SitemapPage) -> FeedEntry {
    FeedEntry {
        id: page.url.to_string(),
        link: Some(page.url.into()),
        title: page.title,
        published: page.published,
        updated: page.lastmod,
        ..FeedEntry::default()
    }
}

/// Whether an entry's address stands for a part of a page: several items share the page, or an item has no
/// page of its own. Its text is then what the feed says.
pub(super) fn is_part(url: &Url) -> bool {
    url.fragment().is_some()
}

/// The newest `max`, where all are dated; else the first, as feeds begin with the newest.
fn newest(mut items: Vec<FeedEntry>, max: usize) -> Vec<FeedEntry> {
    if items.len() > max {
        if items.iter().all(|item| date_of(item).is_some()) {
            items.sort_by_key(|item| std::cmp::Reverse(date_of(item)));
        }
        items.truncate(max);
    }
    items
}

/// When an item appeared.
pub(super) fn date_of(item: &FeedEntry) -> Option<Timestamp> {
    item.published.or(item.updated)
}

fn link_of(item: &FeedEntry, source_url: &Url) -> Option<Url> {
    let link = source_url.join(item.link.as_deref()?).ok()?;
    matches!(link.scheme(), "http" | "https").then(|| canonical_url(&link))
}

fn part_of(page: &Url, item: &FeedEntry) -> String {
    let mut part = page.clone();
    let digest = blake3::hash(item.id.as_bytes()).to_hex();
    part.set_fragment(Some(&format!("entry-{}", &digest[..16])));
    part.into()
}

fn draft(item: FeedEntry, url: String, now: Timestamp) -> EntryDraft {
    EntryDraft { key: item.id.clone(), url, digest: digest(&item), not_before: now, item }
}

/// Digest of what a reader would see change: words, date of the last edit, number of comments.
fn digest(item: &FeedEntry) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in [&item.title, &item.summary, &item.content] {
        hasher.update(text.as_deref().unwrap_or_default().as_bytes());
        hasher.update(&[0]);
    }
    let updated = item.updated.map_or(0, Timestamp::as_second);
    hasher.update(&updated.to_le_bytes());
    hasher.update(&item.comment_count.unwrap_or(0).to_le_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, link: Option<&str>) -> FeedEntry {
        FeedEntry {
            id: id.to_owned(),
            link: link.map(str::to_owned),
            title: Some(id.to_owned()),
            ..FeedEntry::default()
        }
    }

    fn drafts(items: Vec<FeedEntry>, max: usize) -> Vec<EntryDraft> {
        let url = Url::parse("https://ex.org/feed").expect("an address");
        from_items(items, &url, max, Timestamp::UNIX_EPOCH).0
    }

    #[test]
    fn addresses_are_canonical_and_absolute() {
        let all = drafts(vec![item("1", Some("/a/?utm_source=rss#top")), item("2", Some("b"))], 9);
        assert_eq!([&all[0].url, &all[1].url], ["https://ex.org/a/", "https://ex.org/b"]);
        assert_eq!([&all[0].key, &all[1].key], ["1", "2"]);
    }

    #[test]
    fn items_that_share_a_page_or_have_none_are_parts() {
        let all = drafts(
            vec![
                item("1", Some("/changes#v2")),
                item("2", Some("/changes#v1")),
                item("3", None),
                item("4", Some("mailto:a@ex.org")),
            ],
            9,
        );
        let urls: Vec<Url> = all.iter().map(|draft| Url::parse(&draft.url).unwrap()).collect();
        assert!(urls.iter().all(is_part));
        assert_eq!(urls[0].path(), "/changes");
        assert_eq!(urls[2].path(), "/feed");
        assert_eq!(
            all.iter().map(|draft| &draft.url).collect::<std::collections::HashSet<_>>().len(),
            4
        );
    }

    #[test]
    fn the_newest_are_kept() {
        let dated = |id: &str, second| FeedEntry {
            published: Timestamp::from_second(second).ok(),
            ..item(id, None)
        };
        let keys = |items| drafts(items, 2).into_iter().map(|draft| draft.key).collect::<Vec<_>>();
        assert_eq!(keys(vec![dated("a", 1), dated("b", 3), dated("c", 2)]), ["b", "c"]);
        assert_eq!(keys(vec![item("a", None), dated("b", 3), dated("c", 2)]), ["a", "b"]);
    }

    #[test]
    fn the_digest_follows_what_readers_see() {
        let base = item("1", Some("/a"));
        let same = FeedEntry { categories: vec!["x".to_owned()], ..base.clone() };
        let edited = FeedEntry { content: Some("new".to_owned()), ..base.clone() };
        let discussed = FeedEntry { comment_count: Some(2), ..base.clone() };
        assert_eq!(digest(&base), digest(&same));
        assert_ne!(digest(&base), digest(&edited));
        assert_ne!(digest(&base), digest(&discussed));
    }
}
