//! Where an export goes, and what is said meanwhile.

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal as _, Stdout, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

/// Standard output, or a file that is put in place when it is whole.
pub(super) enum Output {
    Standard(BufWriter<Stdout>),
    File { part: BufWriter<File>, beside: PathBuf, path: PathBuf },
}

impl Output {
    pub(super) fn create(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self::Standard(BufWriter::new(io::stdout())));
        };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let file =
            File::create(&beside).with_context(|| format!("cannot write {}", beside.display()))?;
        Ok(Self::File { part: BufWriter::new(file), beside, path: path.to_owned() })
    }

    /// Puts the file in place.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Standard(mut out) => out.flush().context("cannot write the export"),
            Self::File { mut part, beside, path } => part
                .flush()
                .and_then(|()| std::fs::rename(&beside, &path))
                .with_context(|| format!("cannot write {}", path.display())),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(out) => out.write(bytes),
            Self::File { part, .. } => part.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush(),
            Self::File { part, .. } => part.flush(),
        }
    }
}

/// How far an export has come, on standard error; silent where that is no terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn start() -> Self {
        if !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("{spinner} {human_pos} written, {per_sec}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::no_length().with_style(style);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    pub(super) fn written(&self, count: usize) {
        self.0.set_position(count as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
