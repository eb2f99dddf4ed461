//! `sources import`, `export` and `defaults`: OPML files.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use jiff::Timestamp;

use super::words::counted;
use crate::{crawl::opml, domain::NewSource, export, store::Store};

/// The bundled catalogue.
const DEFAULTS: &[u8] = include_bytes!("../../../data/sources.opml");

/// Watches all sources of a file.
pub(super) async fn import(store: &dyn Store, file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let opml = opml::read(&bytes).with_context(|| file.display().to_string())?;
    for skipped in &opml.skipped {
        eprintln!("{}, line {}: {}", file.display(), skipped.line, skipped.reason);
    }
    let words = watch(store, &opml.sources).await?;
    let skipped = match opml.skipped.len() {
        0 => String::new(),
        count => format!(", {count} skipped"),
    };
    crate::cli::print(&format!("{words}{skipped}\n"))?;
    Ok(if opml.sources.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Watches the bundled catalogue.
pub(super) async fn defaults(store: &dyn Store) -> anyhow::Result<ExitCode> {
    let opml = opml::read(DEFAULTS).context("the bundled catalogue")?;
    let words = watch(store, &opml.sources).await?;
    crate::cli::print(&format!("{words}\n"))?;
    Ok(ExitCode::SUCCESS)
}

async fn watch(store: &dyn Store, sources: &[NewSource]) -> anyhow::Result<String> {
    let now = Timestamp::now();
    let mut new = 0;
    for source in sources {
        let (_, is_new) = store.add_source(source, now).await?;
        new += usize::from(is_new);
    }
    let known = sources.len() - new;
    Ok(format!("{} added, {known} already watched", counted(new, "source", "sources")))
}

/// Writes all sources, to standard output or a file.
pub(super) async fn export(store: &dyn Store, output: Option<&Path>) -> anyhow::Result<ExitCode> {
    let sources: Vec<NewSource> = store.sources().await?.iter().map(export::opml::as_new).collect();
    let text = export::opml::write("siftwire sources", &sources);
    match output.filter(|path| *path != Path::new("-")) {
        None => crate::cli::print(&text)?,
        Some(path) => write_whole(path, &text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes beside the file first, so that a failure leaves the old one whole.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let limit = opml::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
