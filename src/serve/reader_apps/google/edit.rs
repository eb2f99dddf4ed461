//! Marks on articles, and changes to what is watched.

use axum::response::Response;
use serde_json::json;
use url::Url;

use super::{
    Asked,
    answer::{self, Refusal, text},
    names::{READING_LIST, Stream, article_named, folder_named, moment},
};
use crate::{
    domain::{ArticleId, NewSource, SourceEdit, SourceId},
    serve::reader_apps::shelf::Shelf,
    store::{MarkEdit, ReaderList, Role},
};

/// Starred articles that are marked as read at once.
const MOST_STARRED: u32 = 10_000;
/// Characters of a title or folder.
const MAX_NAME: usize = 300;

fn done() -> Response {
    text("OK")
}

/// `edit-tag`: adds `a` to and removes `r` from the articles `i`.
pub(super) async fn tags(asked: &Asked) -> Result<Response, Refusal> {
    let ids: Vec<ArticleId> = asked.fields.all("i").filter_map(article_named).collect();
    let shelf = Shelf { sources: Vec::new() };
    let mut edit = MarkEdit::default();
    for (field, on) in [("a", true), ("r", false)] {
        for name in asked.fields.all(field) {
            let stream = Stream::read(name, &shelf);
            match stream.ok_or(Refusal::Bad("articles have no labels here"))? {
                Stream::Read => edit.read = Some(on),
                Stream::Unread => edit.read = Some(!on),
                Stream::Starred => edit.starred = Some(on),
                Stream::All | Stream::Other | Stream::Sources(_) => {}
            }
        }
    }
    if edit != MarkEdit::default() && !ids.is_empty() {
        asked.state.store.mark_articles(asked.user, &ids, edit).await?;
    }
    Ok(done())
}

/// `mark-all-as-read`: everything in the stream `s` that had arrived at `ts`.
pub(super) async fn mark_all_as_read(asked: &Asked) -> Result<Response, Refusal> {
    let shelf = Shelf::of(&asked.state).await?;
    let name = asked.fields.text("s").unwrap_or(READING_LIST);
    let stream = Stream::read(name, &shelf).ok_or(Refusal::NotFound("no such stream"))?;
    let until = asked.fields.number("ts").filter(|ts| *ts > 0).and_then(moment);
    let until = until.unwrap_or_else(|| asked.state.now());
    let store = &asked.state.store;
    let last = store.arrived_until(until).await?;
    match stream {
        Stream::All | Stream::Unread => store.mark_all_read(asked.user, None, last).await?,
        Stream::Sources(ids) => store.mark_all_read(asked.user, Some(&ids), last).await?,
        Stream::Starred => mark_starred(asked, last).await?,
        Stream::Read | Stream::Other => {}
    }
    Ok(done())
}

async fn mark_starred(asked: &Asked, last: ArticleId) -> Result<(), Refusal> {
    let list = ReaderList {
        starred: Some(true),
        read: Some(false),
        before: Some(ArticleId(last.0.saturating_add(1))),
        ..ReaderList::default()
    };
    let starred = asked.state.store.reader_items(asked.user, &list, MOST_STARRED).await?;
    let ids: Vec<ArticleId> = starred.iter().map(|item| item.id).collect();
    let edit = MarkEdit { read: Some(true), ..MarkEdit::default() };
    Ok(asked.state.store.mark_articles(asked.user, &ids, edit).await?)
}

/// `subscription/edit`: `ac` says what to do with the feeds `s`; `t` is a title, `a` a folder to put them into and `r`
/// one to take them from.
pub(super) async fn subscription(asked: &Asked) -> Result<Response, Refusal> {
    require_admin(asked)?;
    let shelf = Shelf::of(&asked.state).await?;
    for name in asked.fields.all("s") {
        match asked.fields.text("ac") {
            Some("subscribe") => {
                subscribe(asked, name.strip_prefix("feed/").unwrap_or(name)).await?;
            }
            Some("unsubscribe") => {
                asked.state.store.remove_source(watched(name, &shelf)?).await?;
            }
            Some("edit") => {
                let edit = SourceEdit {
                    title: title(asked),
                    groups: groups(asked),
                    ..SourceEdit::default()
                };
                asked.state.store.edit_source(watched(name, &shelf)?, &edit).await?;
            }
            _ => return Err(Refusal::Bad("ac: subscribe, unsubscribe or edit")),
        }
    }
    Ok(done())
}

/// `subscription/quickadd`: watches the address in `quickadd`.
pub(super) async fn quick_add(asked: &Asked) -> Result<Response, Refusal> {
    require_admin(asked)?;
    let address = asked.fields.text("quickadd").unwrap_or_default();
    let address = address.strip_prefix("feed/").unwrap_or(address);
    let id = subscribe(asked, address).await?;
    Ok(answer::json(json!({
        "query": address,
        "numResults": 1,
        "streamId": format!("feed/{}", id.0),
        "streamName": address,
    })))
}

/// The crawler looks at the address with its own guards when it comes to it.
async fn subscribe(asked: &Asked, address: &str) -> Result<SourceId, Refusal> {
    let url = Url::parse(address.trim()).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or(Refusal::Bad("s: not the address of a feed"))?;
    let source = NewSource {
        url: url.into(),
        title: title(asked).unwrap_or_default(),
        groups: groups(asked).unwrap_or_default(),
        ..NewSource::default()
    };
    let (id, _) = asked.state.store.add_source(&source, asked.state.now()).await?;
    Ok(id)
}

/// `rename-tag`: the folder `s` is called `dest` from now on.
pub(super) async fn rename_folder(asked: &Asked) -> Result<Response, Refusal> {
    require_admin(asked)?;
    let name = asked.fields.text("dest").and_then(folder_named);
    move_folder(asked, path_of(name.ok_or(Refusal::Bad("dest: not a folder"))?)).await
}

/// `disable-tag`: the sources of the folder `s` stand in none from now on.
pub(super) async fn remove_folder(asked: &Asked) -> Result<Response, Refusal> {
    require_admin(asked)?;
    move_folder(asked, Vec::new()).await
}

async fn move_folder(asked: &Asked, groups: Vec<String>) -> Result<Response, Refusal> {
    let name = asked.fields.text("s").and_then(folder_named);
    let shelf = Shelf::of(&asked.state).await?;
    for id in shelf.in_folder(name.ok_or(Refusal::Bad("s: not a folder"))?) {
        let edit = SourceEdit { groups: Some(groups.clone()), ..SourceEdit::default() };
        asked.state.store.edit_source(id, &edit).await?;
    }
    Ok(done())
}

fn require_admin(asked: &Asked) -> Result<(), Refusal> {
    if asked.person.may(Role::Admin) { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn watched(name: &str, shelf: &Shelf) -> Result<SourceId, Refusal> {
    match Stream::read(name, shelf) {
        Some(Stream::Sources(ids)) if name.starts_with("feed/") => Ok(ids[0]),
        _ => Err(Refusal::NotFound("no such feed")),
    }
}

fn title(asked: &Asked) -> Option<String> {
    let title = asked.fields.text("t").map(str::trim).filter(|title| !title.is_empty());
    title.map(|title| title.chars().take(MAX_NAME).collect())
}

/// The folder that `a` names, or none if one is taken away with `r`; `None` leaves it as it is.
fn groups(asked: &Asked) -> Option<Vec<String>> {
    match asked.fields.text("a").and_then(folder_named) {
        Some(folder) => Some(path_of(folder)),
        None => asked.fields.has("r").then(Vec::new),
    }
}

fn path_of(folder: &str) -> Vec<String> {
    let parts = folder.split('/').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.chars().take(MAX_NAME).collect()).collect()
}
