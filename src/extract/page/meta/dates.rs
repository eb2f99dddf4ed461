//! When it was published: stated for machines, else in the address, else read near the headline.

use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;
use url::Url;

use super::{
    super::{
        body::Body,
        names::Marks,
        tree::{Tag, Tree},
    },
    Head,
};
use crate::extract::dates;

const PUBLISHED: &[&str] = &[
    "article:published_time",
    "datepublished",
    "og:article:published_time",
    "og:published_time",
    "article:published",
    "publication_date",
    "publish_date",
    "pubdate",
    "publishdate",
    "publish-date",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dcterms.date",
    "dc.date",
    "date",
    "article.published",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "bt:pubdate",
    "pdate",
    "originalpublicationdate",
    "article_date_original",
    "citation_publication_date",
    "citation_date",
    "datecreated",
    "rnews:datepublished",
    "last-published",
    "displaydate",
    "dat",
    "created",
    "date.created",
    "article:post_date",
    "mediator_published_time",
    "published_at",
    "timestamp",
];
const MODIFIED: &[&str] = &[
    "article:modified_time",
    "datemodified",
    "og:updated_time",
    "og:article:modified_time",
    "lastmod",
    "last-modified",
    "dcterms.modified",
    "dc.date.modified",
    "article:updated",
    "revised",
    "updated",
];

/// The date of publication.
pub(super) fn published(
    head: &Head<'_>,
    tree: &Tree<'_>,
    body: &Body,
    url: Option<&Url>,
) -> Option<Timestamp> {
    stated(head.json_ld.published.as_deref())
        .or_else(|| PUBLISHED.iter().find_map(|name| stated(head.meta(&[name]))))
        .or_else(|| marked(tree, body))
        .or_else(|| url.and_then(in_address))
        .or_else(|| visible(tree, body))
        .or_else(|| modified(head))
}

/// The date of the last change, as stated.
pub(super) fn modified(head: &Head<'_>) -> Option<Timestamp> {
    stated(head.json_ld.modified.as_deref())
        .or_else(|| MODIFIED.iter().find_map(|name| stated(head.meta(&[name]))))
}

fn stated(text: Option<&str>) -> Option<Timestamp> {
    plausible(dates::parse(text?)?.timestamp)
}

/// Before the web and in the far future there are no articles.
fn plausible(date: Timestamp) -> Option<Timestamp> {
    const FIRST: i64 = 631_152_000; // 1990-01-01
    const LAST: i64 = 4_102_444_800; // 2100-01-01
    (FIRST..LAST).contains(&date.as_second()).then_some(date)
}

/// `itemprop=datePublished` or `<time>`, inside the article or just above it.
fn marked(tree: &Tree<'_>, body: &Body) -> Option<Timestamp> {
    let by_property = (0..tree.nodes.len())
        .filter(|&index| super::has_token(tree.nodes[index].attr("itemprop"), "datepublished"))
        .find_map(|index| date_of(tree, index));
    if by_property.is_some() {
        return by_property;
    }
    let times: Vec<usize> =
        near(tree, body).filter(|&index| tree.nodes[index].tag == Tag::Time).collect();
    let is_publication = |&&index: &&usize| {
        tree.nodes[index].attr("pubdate").is_some() || tree.nodes[index].marks.has(Marks::DATE)
    };
    let first = times.iter().filter(is_publication).chain(&times).copied();
    first.filter(|&index| !is_update(tree, index)).find_map(|index| date_of(tree, index))
}

fn is_update(tree: &Tree<'_>, index: usize) -> bool {
    tree.nodes[index]
        .attr("class")
        .is_some_and(|class| class.contains("updated") && !class.contains("published"))
}

fn date_of(tree: &Tree<'_>, index: usize) -> Option<Timestamp> {
    let node = &tree.nodes[index];
    stated(node.attr("content"))
        .or_else(|| stated(node.attr("datetime")))
        .or_else(|| stated(node.attr("title")))
        .or_else(|| plausible(dates::scan(&tree.plain(index, 100))?.timestamp))
}

/// Nodes around headline and text: from a little above the headline to the end of the article's parent.
fn near(tree: &Tree<'_>, body: &Body) -> impl Iterator<Item = usize> {
    const ABOVE: usize = 40;
    let first = body.roots.first().copied().unwrap_or(0);
    let start = body.headline.map_or(first, |headline| headline.min(first)).saturating_sub(ABOVE);
    let end =
        body.roots.last().map_or(tree.nodes.len(), |&root| tree.nodes[tree.nodes[root].parent].end);
    start..end.max(start)
}

fn in_address(url: &Url) -> Option<Timestamp> {
    static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[/\-_.])((?:19|20)\d\d)[/\-_]?(0[1-9]|1[0-2])[/\-_]?(0[1-9]|[12]\d|3[01])(?:[/\-_.]|$)").ok()
    });
    let found = DATE.as_ref()?.captures(url.path())?;
    stated(Some(&format!("{}-{}-{}", &found[1], &found[2], &found[3])))
}

/// A date in the text of elements marked as date or byline, then anywhere just around the headline.
fn visible(tree: &Tree<'_>, body: &Body) -> Option<Timestamp> {
    let scan = |index: usize| plausible(dates::scan(&tree.plain(index, 200))?.timestamp);
    let is_short = |&index: &usize| tree.plain(index, 300).len() < 250;
    let marked = near(tree, body)
        .filter(|&index| tree.nodes[index].marks.has(Marks::DATE.with(Marks::AUTHOR)))
        .filter(is_short)
        .find_map(scan);
    if marked.is_some() {
        return marked;
    }
    let lines = near(tree, body).take(400).filter(|&index| {
        tree.nodes[index]
            .text()
            .is_some_and(|text| text.len() < 150 && text.bytes().any(|byte| byte.is_ascii_digit()))
    });
    lines.take(100).find_map(scan)
}
