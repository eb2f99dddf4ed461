//! `sources remove`, `enable`, `disable` and `edit`.

use std::process::ExitCode;

use super::{EditArgs, Robots, group_path, named};
use crate::{crawl::discover::read_address, domain::SourceEdit, store::Store};

/// Stops watching.
pub(super) async fn remove(store: &dyn Store, names: &[String]) -> anyhow::Result<ExitCode> {
    let mut failed = false;
    for name in names {
        match named(store, name).await {
            Ok(source) => {
                store.remove_source(source.id).await?;
                crate::cli::print(&format!("removed {}: {}\n", source.id.0, source.title))?;
            }
            Err(error) => {
                failed = true;
                eprintln!("error: {error:#}");
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Enables or disables.
pub(super) async fn switch(
    store: &dyn Store,
    names: &[String],
    enabled: bool,
) -> anyhow::Result<ExitCode> {
    let edit = SourceEdit { enabled: Some(enabled), ..SourceEdit::default() };
    let verb = if enabled { "enabled" } else { "disabled" };
    let mut failed = false;
    for name in names {
        match named(store, name).await {
            Ok(source) => {
                store.edit_source(source.id, &edit).await?;
                crate::cli::print(&format!("{verb} {}: {}\n", source.id.0, source.title))?;
            }
            Err(error) => {
                failed = true;
                eprintln!("error: {error:#}");
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Changes the fields that are named.
pub(super) async fn edit(store: &dyn Store, args: EditArgs) -> anyhow::Result<ExitCode> {
    let source = named(store, &args.source).await?;
    let url = args.url.as_deref().map(read_address).transpose()?;
    let edit = SourceEdit {
        url: url.map(String::from),
        title: args.title,
        groups: args.group.as_deref().map(group_path),
        language: args.language,
        enabled: None,
        respect_robots: args.robots.map(|choice| choice == Robots::Obey),
        fetch_pages: args.fetch_pages.map(Into::into),
    };
    if edit == SourceEdit::default() {
        eprintln!("error: say what to change; see `siftwire sources edit --help`");
        return Ok(crate::cli::WRONG_USAGE.into());
    }
    store.edit_source(source.id, &edit).await?;
    crate::cli::print(&format!("changed {}: {}\n", source.id.0, source.title))?;
    Ok(ExitCode::SUCCESS)
}
