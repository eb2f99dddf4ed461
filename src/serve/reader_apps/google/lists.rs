//! What is watched, its folders, and how much of it is unread.

use axum::response::Response;
use serde_json::{Value, json};

use super::{
    Asked,
    answer::{self, Refusal, text},
    names::{READING_LIST, STARRED, label},
};
use crate::{
    domain::Source,
    serve::reader_apps::shelf::{Shelf, folder_of, title_of, total_of},
};

/// Apps read this as "so many or more"; counts here are exact.
const MOST_UNREAD: u32 = 1_000_000;

/// A token for forms, of the length apps expect. It guards nothing: no request here rests on a cookie alone, since
/// the key is sent in a header.
pub(super) fn token() -> Response {
    text(&"siftwire".repeat(8)[..57])
}

pub(super) fn user_info(asked: &Asked) -> Response {
    let id = asked.user.0.to_string();
    let name = &asked.person.name;
    answer::json(json!({
        "userId": id,
        "userName": name,
        "userProfileId": id,
        "userEmail": name,
    }))
}

pub(super) async fn tags(asked: &Asked) -> Result<Response, Refusal> {
    let shelf = Shelf::of(&asked.state).await?;
    let counts = asked.state.store.unread_counts(asked.user).await?;
    let mut tags = vec![json!({ "id": STARRED, "sortid": "00000001" })];
    for (folder, sources) in shelf.folders() {
        let (unread, _) = total_of(&counts, |id| sources.contains(&id));
        tags.push(json!({ "id": label(&folder), "type": "folder", "unread_count": unread }));
    }
    Ok(answer::json(json!({ "tags": tags })))
}

pub(super) async fn subscriptions(asked: &Asked) -> Result<Response, Refusal> {
    let shelf = Shelf::of(&asked.state).await?;
    let subscriptions: Vec<Value> = shelf.sources.iter().map(subscription).collect();
    Ok(answer::json(json!({ "subscriptions": subscriptions })))
}

fn subscription(source: &Source) -> Value {
    let folder = folder_of(source);
    let categories = folder.map(|folder| json!({ "id": label(&folder), "label": folder }));
    json!({
        "id": format!("feed/{}", source.id.0),
        "title": title_of(source),
        "categories": categories.into_iter().collect::<Vec<_>>(),
        "sortid": format!("{:08X}", source.id.0),
        "firstitemmsec": (source.added.as_second() * 1_000).to_string(),
        "url": source.url,
        "htmlUrl": source.site_url.as_deref().unwrap_or_default(),
        "iconUrl": "",
    })
}

pub(super) async fn unread_counts(asked: &Asked) -> Result<Response, Refusal> {
    let shelf = Shelf::of(&asked.state).await?;
    let counts = asked.state.store.unread_counts(asked.user).await?;
    let line = |id: String, (unread, newest): (u64, i64)| {
        json!({
            "id": id,
            "count": unread,
            "newestItemTimestampUsec": (newest * 1_000_000).to_string(),
        })
    };
    let mut lines = vec![line(READING_LIST.to_owned(), total_of(&counts, |_| true))];
    for (folder, sources) in shelf.folders() {
        lines.push(line(label(&folder), total_of(&counts, |id| sources.contains(&id))));
    }
    for count in &counts {
        let newest = count.newest.map_or(0, |moment| moment.as_second());
        lines.push(line(format!("feed/{}", count.source.0), (count.unread, newest)));
    }
    Ok(answer::json(json!({ "max": MOST_UNREAD, "unreadcounts": lines })))
}

pub(super) fn preferences() -> Response {
    answer::json(json!({ "prefs": [] }))
}

pub(super) fn stream_preferences() -> Response {
    answer::json(json!({ "streamprefs": {} }))
}

pub(super) fn friends() -> Response {
    answer::json(json!({ "friends": [] }))
}
