//! The Fever API, version 3: everything at one address, what is wanted as names in the query. A wrong key is an answer
//! with status 200 and `auth: 0`, as its apps expect.

use std::collections::HashMap;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    fields::Fields,
    shelf::{Shelf, content_of, folder_number, title_of},
};
use crate::{
    accounts::Refused,
    domain::{Article, ArticleId, Source, SourceId},
    serve::{state::AppState, visitor::ClientAddress},
    store::{MarkEdit, ReaderList, ReaderMark, Role, StoreError, UserId},
};

const VERSION: u8 = 3;
/// Articles in one answer, by agreement.
const PAGE: u32 = 50;
/// Unread or starred articles that are named; the newest, where there are more.
const MOST_IDS: u32 = 100_000;
/// Feeds have no icons of their own here: an empty picture.
const ICON: &str = "image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
const ICON_ID: u8 = 1;

pub(super) fn routes() -> Router<AppState> {
    let mut router = Router::new();
    for path in ["/fever", "/fever/", "/api/fever.php"] {
        router = router.route(path, get(answer).post(answer));
    }
    router
}

async fn answer(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let fields = Fields::read(query.as_deref(), &body);
    let key = fields.text("api_key").unwrap_or_default();
    let person = match state.accounts.by_fever_key(key, address, state.now()).await {
        Ok(person) => Some(person).filter(|person| person.may(Role::Reader)),
        Err(refused) => return stranger(&refused),
    };
    let Some(user) = person.and_then(|person| person.user()) else {
        return json(json!({ "api_version": VERSION, "auth": 0 }));
    };
    match (Asked { state, user, fields }).answer().await {
        Ok(answer) => json(Value::Object(answer)),
        Err(error) => {
            tracing::error!(%error, "a reader app could not be answered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn stranger(refused: &Refused) -> Response {
    let mut response = json(json!({ "api_version": VERSION, "auth": 0 }));
    if let Refused::TooMany { retry_after_s } = refused {
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_s).into());
    }
    response
}

fn json(value: Value) -> Response {
    let mut response = Json(value).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Somebody who asks, with what they ask.
struct Asked {
    state: AppState,
    user: UserId,
    fields: Fields,
}

impl Asked {
    async fn answer(&self) -> Result<Map<String, Value>, StoreError> {
        let shelf = Shelf::of(&self.state).await?;
        let mut answer = Map::new();
        let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        put("api_version", VERSION.into());
        put("auth", 1.into());
        put("last_refreshed_on_time", refreshed(&shelf).into());
        let marked = self.mark(&shelf).await?;
        if self.fields.has("groups") {
            put("groups", groups(&shelf));
        }
        if self.fields.has("feeds") {
            put("feeds", shelf.sources.iter().map(feed).collect());
        }
        if self.fields.has("groups") || self.fields.has("feeds") {
            put("feeds_groups", feeds_groups(&shelf));
        }
        if self.fields.has("favicons") {
            put("favicons", json!([{ "id": ICON_ID, "data": ICON }]));
        }
        if self.fields.has("links") {
            put("links", json!([]));
        }
        if self.fields.has("items") {
            put("total_items", self.state.store.counts().await?.articles.into());
            put("items", self.items().await?);
        }
        if self.fields.has("unread_item_ids") || marked == Some(Marked::Read) {
            let unread = ReaderList { read: Some(false), ..ReaderList::default() };
            put("unread_item_ids", self.ids(&unread).await?.into());
        }
        if self.fields.has("saved_item_ids") || marked == Some(Marked::Saved) {
            let saved = ReaderList { starred: Some(true), ..ReaderList::default() };
            put("saved_item_ids", self.ids(&saved).await?.into());
        }
        Ok(answer)
    }

    /// Numbers in a list, with commas between.
    async fn ids(&self, list: &ReaderList) -> Result<String, StoreError> {
        let items = self.state.store.reader_items(self.user, list, MOST_IDS).await?;
        let ids: Vec<String> = items.iter().map(|item| item.id.0.to_string()).collect();
        Ok(ids.join(","))
    }

    /// A page of articles: those named, those after `since_id`, or those before `max_id`.
    async fn items(&self) -> Result<Value, StoreError> {
        let ids = match self.fields.text("with_ids") {
            Some(ids) => {
                let ids = ids.split(',').filter_map(|id| id.trim().parse().ok().map(ArticleId));
                ids.take(PAGE as usize).collect()
            }
            None => self.page().await?,
        };
        let articles = self.state.store.articles(&ids).await?;
        let marks = self.state.store.reader_marks(self.user, &ids).await?;
        let marks: HashMap<ArticleId, ReaderMark> =
            marks.into_iter().map(|mark| (mark.id, mark)).collect();
        Ok(articles.iter().map(|article| item(article, marks.get(&article.id))).collect())
    }

    async fn page(&self) -> Result<Vec<ArticleId>, StoreError> {
        let before = self.fields.number("max_id");
        let list = match before {
            Some(before) => ReaderList {
                before: Some(before).filter(|id| *id > 0).map(ArticleId),
                ..ReaderList::default()
            },
            None => ReaderList {
                after: self.fields.number("since_id").map(ArticleId),
                oldest_first: true,
                ..ReaderList::default()
            },
        };
        let items = self.state.store.reader_items(self.user, &list, PAGE).await?;
        Ok(items.iter().map(|item| item.id).collect())
    }

    /// Does what `mark`, `as` and `id` say; tells which list that changed.
    async fn mark(&self, shelf: &Shelf) -> Result<Option<Marked>, StoreError> {
        let id = self.fields.text("id").and_then(|id| id.trim().parse::<i64>().ok());
        let (Some(id), Some(mark)) = (id, self.fields.text("mark")) else { return Ok(None) };
        let as_read = self.fields.text("as") == Some("read");
        let sources = match mark {
            "item" => return self.mark_item(ArticleId(id)).await,
            "feed" if as_read => Some(vec![SourceId(id)]),
            "group" if as_read && id == 0 => None,
            "group" if as_read => Some(in_group(shelf, id)),
            _ => return Ok(None),
        };
        let before = self.fields.number("before").filter(|before| *before > 0);
        let until = before.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let until = until.unwrap_or_else(|| self.state.now());
        let last = self.state.store.arrived_until(until).await?;
        self.state.store.mark_all_read(self.user, sources.as_deref(), last).await?;
        Ok(Some(Marked::Read))
    }

    async fn mark_item(&self, id: ArticleId) -> Result<Option<Marked>, StoreError> {
        let (edit, marked) = match self.fields.text("as") {
            Some("read") => (MarkEdit { read: Some(true), ..MarkEdit::default() }, Marked::Read),
            Some("unread") => (MarkEdit { read: Some(false), ..MarkEdit::default() }, Marked::Read),
            Some("saved") => {
                (MarkEdit { starred: Some(true), ..MarkEdit::default() }, Marked::Saved)
            }
            Some("unsaved") => {
                (MarkEdit { starred: Some(false), ..MarkEdit::default() }, Marked::Saved)
            }
            _ => return Ok(None),
        };
        self.state.store.mark_articles(self.user, &[id], edit).await?;
        Ok(Some(marked))
    }
}

/// Which list a mark changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marked {
    Read,
    Saved,
}

fn refreshed(shelf: &Shelf) -> i64 {
    let times = shelf.sources.iter().filter_map(|source| source.health.last_success);
    times.max().map_or(0, Timestamp::as_second)
}

fn groups(shelf: &Shelf) -> Value {
    let names = shelf.folders().into_keys();
    names.map(|name| json!({ "id": folder_number(&name), "title": name })).collect()
}

fn feeds_groups(shelf: &Shelf) -> Value {
    let line = |(name, ids): (String, Vec<SourceId>)| {
        let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        json!({ "group_id": folder_number(&name), "feed_ids": ids.join(",") })
    };
    shelf.folders().into_iter().map(line).collect()
}

fn in_group(shelf: &Shelf, number: i64) -> Vec<SourceId> {
    let groups = shelf.folders().into_iter();
    groups.filter(|(name, _)| folder_number(name) == number).flat_map(|(_, ids)| ids).collect()
}

fn feed(source: &Source) -> Value {
    json!({
        "id": source.id.0,
        "favicon_id": ICON_ID,
        "title": title_of(source),
        "url": source.url,
        "site_url": source.site_url.as_deref().unwrap_or_default(),
        "is_spark": 0,
        "last_updated_on_time": source.health.newest_entry.map_or(0, Timestamp::as_second),
    })
}

fn item(article: &Article, mark: Option<&ReaderMark>) -> Value {
    json!({
        "id": article.id.0,
        "feed_id": article.source_id.0,
        "title": article.title,
        "author": article.authors.join(", "),
        "html": content_of(article),
        "url": article.url,
        "is_saved": u8::from(mark.is_some_and(|mark| mark.starred)),
        "is_read": u8::from(mark.is_some_and(|mark| mark.read)),
        "created_on_time": article.published.as_second(),
    })
}
