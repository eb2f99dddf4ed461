//! `siftwire backup` and `siftwire restore`: the store as one file. The index is not part of it: it is rebuilt.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};

use super::{Context, print};
use crate::store::{SqliteStore, Store as _};

/// Arguments of `siftwire backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire backup siftwire-2026-11-23.db     while the service runs, too")]
pub(super) struct BackupArgs {
    /// File to write; it must not exist.
    file: PathBuf,
}

/// Arguments of `siftwire restore`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire restore siftwire-2026-11-23.db --data /srv/siftwire
  siftwire restore siftwire-2026-11-23.db --replace     keep the present store beside it as siftwire.db.before")]
pub(super) struct RestoreArgs {
    /// A file that `siftwire backup` wrote.
    file: PathBuf,
    /// Put it in the place of the present store, which is kept as siftwire.db.before.
    #[arg(long)]
    replace: bool,
}

/// Writes a consistent copy of the store.
pub(super) async fn backup(args: BackupArgs, context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store().await?;
    store.backup(&args.file).await?;
    let counts = store.counts().await?;
    print(&format!(
        "wrote {} ({} sources, {} articles, {} comments)\n",
        args.file.display(),
        counts.sources,
        counts.articles,
        counts.comments
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Checks a copy and puts it into the data folder.
pub(super) async fn restore(args: RestoreArgs, context: &Context) -> anyhow::Result<ExitCode> {
    ensure!(args.file.is_file(), "there is no file {}", args.file.display());
    let target = context.store_file();
    if target.exists() && !args.replace {
        bail!(
            "{} exists; stop the service and add --replace to put the copy in its place",
            target.display()
        );
    }
    fs::create_dir_all(&context.config.data_dir)?;
    let incoming = target.with_extension("db.incoming");
    remove_with_log(&incoming)?;
    fs::copy(&args.file, &incoming)
        .with_context(|| format!("cannot copy {}", args.file.display()))?;
    let counts = match checked_counts(&incoming).await {
        Ok(counts) => counts,
        Err(error) => {
            remove_with_log(&incoming)?;
            return Err(error.context(format!("{} is not a usable copy", args.file.display())));
        }
    };
    move_with_log(&target, &target.with_extension("db.before"))?;
    fs::rename(&incoming, &target)?;
    if context.index_dir().exists() {
        fs::remove_dir_all(context.index_dir()).context("cannot remove the old search index")?;
    }
    print(&format!("restored {counts}; the search index is rebuilt at the next start\n"))?;
    Ok(ExitCode::SUCCESS)
}

async fn checked_counts(file: &Path) -> anyhow::Result<String> {
    let store = SqliteStore::open(file).await?;
    store.verify().await?;
    let counts = store.counts().await?;
    store.close().await;
    Ok(format!(
        "{} sources, {} articles, {} comments",
        counts.sources, counts.articles, counts.comments
    ))
}

/// A database file, its write-ahead log and the log's index.
fn parts(file: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}

fn remove_with_log(file: &Path) -> anyhow::Result<()> {
    for part in parts(file).iter().filter(|part| part.exists()) {
        fs::remove_file(part).with_context(|| format!("cannot remove {}", part.display()))?;
    }
    Ok(())
}

/// Moves a database with what its log still holds, in place of an older copy.
fn move_with_log(from: &Path, to: &Path) -> anyhow::Result<()> {
    remove_with_log(to)?;
    for (from, to) in parts(from).iter().zip(parts(to)).filter(|(from, _)| from.exists()) {
        fs::rename(from, to).with_context(|| format!("cannot move {}", from.display()))?;
    }
    Ok(())
}
