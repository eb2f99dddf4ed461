//! Isso's database: no stream, so it is read through the store, in slices.

use std::{fs, path::Path};

use anyhow::Context as _;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use tokio::runtime::Handle;

use super::{Judged, Session, copy::part_of};
use crate::{
    cli::comments::isso::to_comment,
    exchange::{FileComment, Format, State},
    spam::Outcome,
    store::{IssoFile, IssoMode},
};

/// Comments read at once.
const SLICE: u32 = 1024;

/// Checks every comment and, if asked for, writes a copy of the database with the decisions in its `mode` column.
pub(super) fn check(session: &mut Session, path: &Path, copy: Option<&Path>) -> anyhow::Result<()> {
    let runtime = Handle::current();
    let cannot_read = || format!("cannot read {}", path.display());
    let file = runtime.block_on(IssoFile::open(path)).with_context(cannot_read)?;
    if let Some(report) = &mut session.report {
        report.begin(path, Format::Isso);
    }
    let written = match copy {
        Some(to) => Some(runtime.block_on(begin_copy(&file, to))?),
        None => None,
    };
    let mut after = i64::MIN;
    loop {
        let slice = runtime.block_on(file.comments(after, SLICE)).with_context(cannot_read)?;
        let Some(last) = slice.last() else { break };
        after = last.id;
        let comments: Vec<FileComment> = slice.into_iter().map(to_comment).collect();
        let judge = session.judge;
        let judged: Vec<Judged> = comments.par_iter().map(|c| judge.check(c)).collect();
        let mut modes = Vec::new();
        for (comment, judged) in comments.iter().zip(&judged) {
            session.comment(comment, judged)?;
            if !session.is_decided(comment.state)
                && let Some(mode) = mode(comment.state, judged.verdict.outcome)
                && let Ok(id) = comment.input.id.parse()
            {
                modes.push((id, mode));
            }
        }
        if let Some(written) = &written {
            runtime.block_on(written.set_modes(&modes))?;
        }
    }
    if let (Some(written), Some(to)) = (written, copy) {
        runtime.block_on(written.close());
        fs::rename(part_of(to), to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

async fn begin_copy(file: &IssoFile, to: &Path) -> anyhow::Result<IssoFile> {
    let part = part_of(to);
    match fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", part.display()));
        }
        _ => {}
    }
    file.copy(&part).await.with_context(|| format!("cannot write {}", part.display()))
}

/// The mode that a verdict asks for, `None` to leave the comment as it is.
fn mode(state: State, outcome: Outcome) -> Option<IssoMode> {
    match (state, outcome) {
        (State::Deleted, _) => None,
        (_, Outcome::Ham) => Some(IssoMode::Published),
        (_, Outcome::Unsure) => Some(IssoMode::Pending),
        (_, Outcome::Spam) => Some(IssoMode::Deleted),
    }
}
