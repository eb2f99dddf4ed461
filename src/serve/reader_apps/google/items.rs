//! Lists of articles, by number or whole, in pages.

use std::collections::HashMap;

use axum::response::Response;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::{
    Asked,
    answer::{self, Refusal, text},
    names::{READ, READING_LIST, STARRED, Stream, article_named, label, long_name, moment},
};
use crate::{
    domain::{Article, ArticleId},
    serve::reader_apps::shelf::{Shelf, content_of, folder_of},
    store::{ReaderItem, ReaderList, ReaderMark},
};

/// Articles on a page where the app does not say.
const USUAL: i64 = 20;
/// Numbers on a page, and whole articles; what an app asks beyond goes onto the next page.
const MOST_IDS: i64 = 10_000;
const MOST_CONTENTS: i64 = 250;
/// Articles that are asked for by number at once.
const MOST_NAMED: usize = 1_000;
/// Where counting ends.
const MOST_COUNTED: u32 = 100_000;

/// A page of a list, with the mark where the next one goes on.
struct Page {
    items: Vec<ReaderItem>,
    continuation: Option<String>,
}

pub(super) async fn ids(asked: &Asked) -> Result<Response, Refusal> {
    let shelf = Shelf::of(&asked.state).await?;
    let stream = asked.fields.text("s").unwrap_or(READING_LIST);
    let page = page(asked, stream, &shelf, MOST_IDS).await?;
    let refs = page.items.iter().map(|item| {
        json!({
            "id": item.id.0.to_string(),
            "directStreamIds": [],
            "timestampUsec": microseconds(item.first_seen),
        })
    });
    let refs: Vec<Value> = refs.collect();
    Ok(answer::json(with_continuation(json!({ "itemRefs": refs }), page.continuation)))
}

pub(super) async fn count(asked: &Asked) -> Result<Response, Refusal> {
    let shelf = Shelf::of(&asked.state).await?;
    let stream = asked.fields.text("s").unwrap_or(READING_LIST);
    let Some(list) = list(asked, stream, &shelf).await? else { return Ok(text("0")) };
    let items = asked.state.store.reader_items(asked.user, &list, MOST_COUNTED).await?;
    Ok(text(&items.len().to_string()))
}

pub(super) async fn contents(asked: &Asked, stream: &str) -> Result<Response, Refusal> {
    let shelf = Shelf::of(&asked.state).await?;
    let in_field = asked.fields.text("s").unwrap_or(READING_LIST);
    let stream = if stream.is_empty() { in_field } else { stream };
    let page = page(asked, stream, &shelf, MOST_CONTENTS).await?;
    let ids: Vec<ArticleId> = page.items.iter().map(|item| item.id).collect();
    let items = whole(asked, &ids, &shelf).await?;
    let answer = json!({
        "direction": "ltr",
        "id": stream,
        "title": stream.rsplit('/').next().unwrap_or(stream),
        "updated": asked.state.now().as_second(),
        "items": items,
    });
    Ok(answer::json(with_continuation(answer, page.continuation)))
}

pub(super) async fn contents_of_ids(asked: &Asked) -> Result<Response, Refusal> {
    let ids: Vec<ArticleId> = asked.fields.all("i").filter_map(article_named).collect();
    if ids.len() > MOST_NAMED {
        return Err(Refusal::Bad("ask for at most 1,000 articles at once"));
    }
    let shelf = Shelf::of(&asked.state).await?;
    let items = whole(asked, &ids, &shelf).await?;
    Ok(answer::json(json!({
        "direction": "ltr",
        "id": READING_LIST,
        "updated": asked.state.now().as_second(),
        "items": items,
    })))
}

fn with_continuation(mut answer: Value, continuation: Option<String>) -> Value {
    if let Some(continuation) = continuation {
        answer["continuation"] = continuation.into();
    }
    answer
}

/// A page of what the fields ask for: `n` articles, newest first or with `r=o` oldest first, from `c` on.
async fn page(asked: &Asked, stream: &str, shelf: &Shelf, most: i64) -> Result<Page, Refusal> {
    let wanted = asked.fields.number("n").filter(|n| *n > 0).unwrap_or(USUAL).min(most) as usize;
    let Some(list) = list(asked, stream, shelf).await? else {
        return Ok(Page { items: Vec::new(), continuation: None });
    };
    // One more than wanted tells whether there is a next page.
    let mut items = asked.state.store.reader_items(asked.user, &list, wanted as u32 + 1).await?;
    let has_more = items.len() > wanted;
    items.truncate(wanted);
    let last = items.last().filter(|_| has_more);
    Ok(Page { continuation: last.map(|item| item.id.0.to_string()), items })
}

/// What the fields ask for; `None` for what is surely empty.
async fn list(asked: &Asked, stream: &str, shelf: &Shelf) -> Result<Option<ReaderList>, Refusal> {
    let mut list =
        ReaderList { oldest_first: asked.fields.text("r") == Some("o"), ..ReaderList::default() };
    let stream = Stream::read(stream, shelf).ok_or(Refusal::NotFound("no such stream"))?;
    if !include(&mut list, stream) {
        return Ok(None);
    }
    for name in asked.fields.all("it") {
        if !Stream::read(name, shelf).is_some_and(|stream| include(&mut list, stream)) {
            return Ok(None);
        }
    }
    for stream in asked.fields.all("xt").filter_map(|name| Stream::read(name, shelf)) {
        exclude(&mut list, stream, shelf);
    }
    if list.sources.as_ref().is_some_and(Vec::is_empty) {
        return Ok(None);
    }
    bound(asked, &mut list).await?;
    Ok(Some(list))
}

/// Narrows a list to what a stream holds; `false` if that is nothing.
fn include(list: &mut ReaderList, stream: Stream) -> bool {
    match stream {
        Stream::All => {}
        Stream::Read => list.read = Some(true),
        Stream::Unread => list.read = Some(false),
        Stream::Starred => list.starred = Some(true),
        Stream::Other => return false,
        Stream::Sources(ids) => match &mut list.sources {
            Some(sources) => sources.retain(|id| ids.contains(id)),
            None => list.sources = Some(ids),
        },
    }
    true
}

/// Takes from a list what a stream holds.
fn exclude(list: &mut ReaderList, stream: Stream, shelf: &Shelf) {
    match stream {
        Stream::All => list.sources = Some(Vec::new()),
        Stream::Read => list.read = Some(false),
        Stream::Unread => list.read = Some(true),
        Stream::Starred => list.starred = Some(false),
        Stream::Other => {}
        Stream::Sources(ids) => {
            let all = || shelf.sources.iter().map(|source| source.id).collect();
            list.sources.get_or_insert_with(all).retain(|id| !ids.contains(id));
        }
    }
}

/// `ot` and `nt` are moments of arrival; `c` is the last article of the page before.
async fn bound(asked: &Asked, list: &mut ReaderList) -> Result<(), Refusal> {
    if let Some(oldest) = asked.fields.number("ot").and_then(moment) {
        let before = oldest.checked_sub(1.second()).unwrap_or(oldest);
        list.after = Some(asked.state.store.arrived_until(before).await?);
    }
    if let Some(newest) = asked.fields.number("nt").and_then(moment) {
        let last = asked.state.store.arrived_until(newest).await?;
        list.before = Some(ArticleId(last.0.saturating_add(1)));
    }
    let Some(text) = asked.fields.text("c").filter(|text| !text.is_empty()) else { return Ok(()) };
    let last = text.parse().map(ArticleId);
    let last = last.map_err(|_| Refusal::Bad("c: not a continuation of ours"))?;
    if list.oldest_first {
        list.after = list.after.max(Some(last));
    } else {
        list.before = Some(list.before.map_or(last, |before| before.min(last)));
    }
    Ok(())
}

/// Articles with their texts, in the order of `ids`; those that are gone are left out.
async fn whole(asked: &Asked, ids: &[ArticleId], shelf: &Shelf) -> Result<Vec<Value>, Refusal> {
    let articles = asked.state.store.articles(ids).await?;
    let marks = asked.state.store.reader_marks(asked.user, ids).await?;
    let marks: HashMap<ArticleId, ReaderMark> =
        marks.into_iter().map(|mark| (mark.id, mark)).collect();
    let items = articles.iter().map(|article| item(article, marks.get(&article.id), shelf));
    Ok(items.collect())
}

fn item(article: &Article, mark: Option<&ReaderMark>, shelf: &Shelf) -> Value {
    let source = shelf.source(article.source_id);
    let mut categories = vec![READING_LIST.to_owned()];
    categories.extend(mark.filter(|mark| mark.read).map(|_| READ.to_owned()));
    categories.extend(mark.filter(|mark| mark.starred).map(|_| STARRED.to_owned()));
    categories.extend(source.and_then(folder_of).map(|folder| label(&folder)));
    let mut item = json!({
        "id": long_name(article.id),
        "crawlTimeMsec": (article.first_seen.as_second() * 1_000).to_string(),
        "timestampUsec": microseconds(article.first_seen),
        "published": article.published.as_second(),
        "title": article.title,
        "author": article.authors.join(", "),
        "canonical": [{ "href": article.url }],
        "alternate": [{ "href": article.url, "type": "text/html" }],
        "summary": { "direction": "ltr", "content": content_of(article) },
        "categories": categories,
        "origin": {
            "streamId": format!("feed/{}", article.source_id.0),
            "title": article.source,
            "htmlUrl": source.and_then(|source| source.site_url.as_deref()).unwrap_or_default(),
        },
    });
    if article.revision > 1 {
        item["updated"] = article.last_changed.as_second().into();
    }
    item
}

fn microseconds(moment: Timestamp) -> String {
    (moment.as_second() * 1_000_000).to_string()
}
