//! What is the case: looked up without changing anything.

use std::{fs, io, net::TcpListener, path::Path};

use crate::{
    cli::Context,
    config,
    domain::{Sequence, Source},
    search::SearchIndex,
    store::{Counts, SqliteStore, Store as _},
};

/// Where Linux distributions and others keep the certificates of authorities.
const CERTIFICATES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/share/ca-certificates",
];

/// What was found. An `Err` holds the reason in words.
pub(super) struct Facts {
    /// The settings file that is read without `--config`, if there is one.
    pub(super) settings_file: Option<String>,
    pub(super) folder: Folder,
    pub(super) store: Found<StoreFacts>,
    pub(super) index: Found<IndexFacts>,
    /// Whether something listens on the address of the service.
    pub(super) port_in_use: bool,
    pub(super) certificates: bool,
}

/// The data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Folder {
    Missing,
    Writable,
    Refused(String),
}

/// A thing on disk that may not be there yet.
#[derive(Debug)]
pub(super) enum Found<T> {
    Absent,
    Broken(String),
    There(T),
}

#[derive(Debug)]
pub(super) struct StoreFacts {
    pub(super) counts: Counts,
    pub(super) sources: Vec<Source>,
}

#[derive(Debug)]
pub(super) struct IndexFacts {
    pub(super) sound: bool,
    pub(super) sequence: Sequence,
    pub(super) articles: u64,
}

/// Looks everything up.
pub(super) async fn gather(context: &Context) -> Facts {
    let default_file = config::default_file().filter(|file| file.is_file());
    Facts {
        settings_file: default_file.map(|file| file.display().to_string()),
        folder: look_at_folder(&context.config.data_dir),
        store: look_at_store(&context.store_file()).await,
        index: look_at_index(&context.index_dir()),
        port_in_use: is_in_use(TcpListener::bind(context.config.serve.listen)),
        certificates: CERTIFICATES.iter().any(|path| Path::new(path).exists()),
    }
}

/// Writing is tried with a file that is removed at once.
fn look_at_folder(folder: &Path) -> Folder {
    if !folder.exists() {
        return Folder::Missing;
    }
    let probe = folder.join(".doctor");
    match fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)) {
        Ok(()) => Folder::Writable,
        Err(error) => Folder::Refused(error.to_string()),
    }
}

async fn look_at_store(file: &Path) -> Found<StoreFacts> {
    if !file.exists() {
        return Found::Absent;
    }
    match read_store(file).await {
        Ok(facts) => Found::There(facts),
        Err(error) => Found::Broken(format!("{error:#}")),
    }
}

async fn read_store(file: &Path) -> anyhow::Result<StoreFacts> {
    let store = SqliteStore::open(file).await?;
    store.verify().await?;
    let facts = StoreFacts { counts: store.counts().await?, sources: store.sources().await? };
    store.close().await;
    Ok(facts)
}

/// An index that was never begun is not begun here.
fn look_at_index(folder: &Path) -> Found<IndexFacts> {
    if !folder.exists() {
        return Found::Absent;
    }
    let look = || {
        let index = SearchIndex::open(folder)?;
        Ok(IndexFacts {
            sound: index.is_sound()?,
            sequence: index.sequence(),
            articles: index.doc_count(),
        })
    };
    look().map_or_else(
        |error: crate::search::SearchError| Found::Broken(error.to_string()),
        Found::There,
    )
}

fn is_in_use(bound: io::Result<TcpListener>) -> bool {
    bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}
