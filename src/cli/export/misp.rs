//! A MISP feed as static files.

use std::{collections::HashSet, fs, path::Path};

use anyhow::Context as _;

use super::{Exporter, files::Progress};
use crate::export::{
    Item,
    misp::{Event, Lists},
};

/// Writes the feed of the newest `limit` incidents. Events first and the manifest last, so that whoever
/// reads meanwhile finds every event that the manifest names. Events of earlier runs that are in it no more go.
pub(super) async fn write(exporter: &Exporter, folder: &Path, limit: usize) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let progress = Progress::start();
    let mut lists = Lists::default();
    let mut names = HashSet::new();
    let mut walk = exporter.gatherer.walk(exporter.selection.clone(), None);
    'all: while let Some(items) = walk.next().await? {
        for item in items {
            let Item::Incident(item) = item else { continue };
            if names.len() >= limit {
                break 'all;
            }
            let event = Event::of(&exporter.publisher, &item);
            let name = format!("{}.json", event.uuid());
            put(folder, &name, &event.json())?;
            lists.add(&event);
            names.insert(name);
            progress.written(names.len());
        }
    }
    put(folder, "hashes.csv", lists.hashes())?;
    put(folder, "manifest.json", &lists.manifest())?;
    remove_others(folder, &names)
}

/// Writes a file beside and puts it in place, so that nobody reads half of it.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    let beside = folder.join(format!("{name}.part"));
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, &path))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Removes events of earlier runs: files that are named like one and that the manifest does not name.
fn remove_others(folder: &Path, names: &HashSet<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_event =
            name.strip_suffix(".json").is_some_and(|stem| stem.parse::<uuid::Uuid>().is_ok());
        if is_event && !names.contains(&name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
